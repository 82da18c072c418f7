"""The truth about money: what was saved, what was paid."""

from collections.abc import Mapping
from datetime import datetime

from .car import Car
from .costs import Prices, costs_of
from .devices import Device
from .errors import not_found
from .handles_cars import CarHandles
from .heat_pump import HeatPump
from .savings import Saved, saved_by_car, saved_by_heat_pump, saved_by_site
from .site import Site
from .times import QUARTER, to_seconds


class MoneyHandles(CarHandles):
    """The cloud with the truth about money."""

    def saved(self, device: Device, start: datetime, end: datetime) -> Saved:
        """Return what a device saved in a span, as far as it is past.

        Raises:
            ApiError: 404, such devices save nothing.
        """
        now = self.clock.seconds()
        first, last = to_seconds(start), min(to_seconds(end), now)
        device.home.advance(now // QUARTER)
        if isinstance(device.source, Car):
            return saved_by_car(device.source, first, last)
        quarters = (-(-first // QUARTER), min(-(-last // QUARTER), now // QUARTER))
        if isinstance(device.source, Site):
            return saved_by_site(device.source, *quarters)
        if isinstance(device.source, HeatPump):
            return saved_by_heat_pump(device.source, *quarters)
        raise not_found()

    def savings(
        self, device_id: str, start: datetime, end: datetime
    ) -> dict[str, float]:
        """Return what a device saved, as :class:`Saved` says: EUR and Wh.

        Returns:
            ``savings``, ``percentage``, ``plain_eur``, ``actual_eur``, ``consumption_wh``.
        """
        saved = self.saved(self.device(device_id), start, end)
        return {
            "savings": saved.eur,
            "percentage": saved.percentage,
            "plain_eur": saved.plain_eur,
            "actual_eur": saved.actual_eur,
            "consumption_wh": saved.consumption_wh,
        }

    def costs(
        self,
        inverter_id: str,
        start: datetime,
        end: datetime,
        prices: Mapping[str, object],
        *,
        served: bool = False,
    ) -> dict[str, object]:
        """Return what a household paid and was paid in a span, exactly, quarter by quarter.

        Args:
            inverter_id: The inverter at whose home it is.
            start: First moment.
            end: Moment after the last; what lies ahead of the clock does not count.
            prices: What the household says it pays, by the names of :class:`Prices`.
            served: Count what the series show, distorted as it is, instead of what was.

        Returns:
            ``grid_import_cost`` and ``grid_export_compensation`` in EUR, and both by ``hours``.

        Raises:
            ApiError: 404, there is no such inverter.
            ValueError: Those are no prices.
        """
        device = self.device(inverter_id)
        if not isinstance(device.source, Site):
            raise not_found()
        rows = self.rows(device, to_seconds(start), to_seconds(end), served=served)
        if served:
            true_prices = self.rows(
                device, to_seconds(start), to_seconds(end), served=False
            )
            for index, row in rows.items():
                if row["price"] is not None:
                    # The same price, in the unit that is reckoned in.
                    row["price"] = true_prices[index]["price"]
        return costs_of(rows, Prices.of(prices))
