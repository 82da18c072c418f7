"""What a household pays for power and is paid for it, quarter by quarter."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from .series import Rows
from .times import iso_quarter

type Price = Literal["none", "fixed", "podero"]


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a household says that power costs. Money is per kWh."""

    import_price: Price = "none"
    import_fixed: float = 0
    """What is paid in all for a fixed price."""
    surcharge: float = 0
    """Added to the market's price of imports."""
    tax: float = 0
    """Percent on the market's price of imports and the surcharge."""
    export_price: Price = "none"
    export_fixed: float = 0

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Prices:
        """Return prices from their names and values; others (``price_unit``) do not matter to the truth.

        Raises:
            ValueError: A price is none of ``none``, ``fixed`` and ``podero``, or an amount is no number.
        """
        known = {field.name for field in fields(cls)}
        chosen: dict[str, Any] = {
            name: value
            for name, value in values.items()
            if name in known and value is not None
        }
        for name, value in chosen.items():
            if name.endswith("_price"):
                fine = value in {"none", "fixed", "podero"}
            else:
                fine = isinstance(value, int | float) and not isinstance(value, bool)
            if not fine:
                msg = f"not a price: {name} {value}"
                raise ValueError(msg)
        return cls(**chosen)

    def bought(self, market: float | None) -> float | None:
        """Return what an imported kWh costs, at a market's price per kWh; None if nobody knows."""
        if self.import_price == "fixed":
            return self.import_fixed
        if self.import_price == "none" or market is None:
            return None
        return (market + self.surcharge) * (1 + self.tax / 100)

    def sold(self, market: float | None) -> float | None:
        """Return what an exported kWh brings, at a market's price per kWh; None if nobody knows."""
        if self.export_price == "fixed":
            return self.export_fixed
        return None if self.export_price == "none" else market


KINDS = ("grid_import_cost", "grid_export_compensation")


def costs_of(rows: Rows, prices: Prices) -> dict[str, object]:
    """Return what quarters cost and brought.

    An hour in which a quarter has energy without a price has no money.

    Args:
        rows: The quarters of an inverter, prices in EUR/MWh.
        prices: What the household pays.

    Returns:
        Each of ``KINDS`` in all (None without a price), and ``hours``: ``start`` and each kind.
    """
    hours: dict[int, dict[str, float | None]] = {}
    for index, row in rows.items():
        hour = hours.setdefault(index - index % 4, dict.fromkeys(KINDS, 0.0))
        market = None if row["price"] is None else row["price"] / 1000
        solar, home = row["solar_production_w"], row["household_consumption_w"]
        if solar is None or home is None:
            continue
        grid = solar - home + (row["battery_charge_discharge_power_w"] or 0)
        for kind, power, price in (
            (KINDS[0], -grid, prices.bought(market)),
            (KINDS[1], grid, prices.sold(market)),
        ):
            before = hour[kind]
            if power <= 0 or before is None:
                continue
            hour[kind] = None if price is None else before + power / 4000 * price
    chosen = (prices.import_price != "none", prices.export_price != "none")
    totals: dict[str, object] = {
        kind: sum(hour[kind] or 0 for hour in hours.values()) if wanted else None
        for kind, wanted in zip(KINDS, chosen, strict=True)
    }
    return totals | {
        "hours": [
            {"start": iso_quarter(index), **hour} for index, hour in hours.items()
        ]
    }
