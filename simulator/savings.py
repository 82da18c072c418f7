"""What the optimization was worth: each device against its own life without it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .car import Car
from .heat_pump import HeatPump
from .site import Site
from .times import QUARTER, QUARTERS_A_DAY

RESOLUTIONS = ("1DAY", "1WEEK", "1MONTH", "1QUARTER", "1YEAR")


@dataclass(frozen=True, kw_only=True)
class Saved:
    """Money and energy of a span. Two spans side by side add up to the one that holds both."""

    plain_eur: float
    """What it would have cost without the optimization."""
    actual_eur: float
    consumption_wh: float
    """From the grid at home, or at the plug of the car."""
    solar_wh: float = 0.0
    """What the sun brought, at a home with an inverter."""
    export_wh: float = 0.0
    """What went into the grid from there."""

    @property
    def eur(self) -> float:
        """What was saved; negative where the optimization was the dearer way."""
        return self.plain_eur - self.actual_eur

    @property
    def percentage(self) -> float:
        """Savings in percent of what it would have cost; 0 where that was nothing."""
        return 100 * self.eur / self.plain_eur if self.plain_eur > 0 else 0.0


def saved_by_site(site: Site, first: int, last: int) -> Saved:
    """Compare a home with the same one without a battery and without curtailment.

    Each quarter's import and export count at the market's price.

    Args:
        site: The home.
        first: Index of the first quarter.
        last: Index after the last quarter.
    """
    plain = actual = 0.0
    produced = imported = exported = 0
    first = max(first, site.first)
    span = slice(first - site.first, max(first, last) - site.first)
    columns = (site.solar, site.home, site.power, site.price, site.curtailed)
    for index, (solar, home, power, price, curtailed) in enumerate(
        zip(*(column[span] for column in columns), strict=True), first
    ):
        eur_per_w = price / 100 / 4_000_000
        grid = solar - home + power
        produced += max(0, solar)
        if grid > 0:
            exported += grid
        else:
            imported -= grid
        if curtailed:
            day, quarter = divmod(index, QUARTERS_A_DAY)
            solar = site.roof.potential(day)[quarter]
        plain += (home - solar) * eur_per_w
        actual -= grid * eur_per_w
    return Saved(
        plain_eur=plain,
        actual_eur=actual,
        consumption_wh=imported / 4,
        solar_wh=produced / 4,
        export_wh=exported / 4,
    )


def saved_by_car(car: Car, start: int, end: int) -> Saved:
    """Compare a car's sessions at home with charging the same energy from plugging in, at full power.

    A session counts as a whole when it ends, as only then both are known. Each quarter counts at what the
    household pays: the market's price and its tariff.

    Args:
        car: The car.
        start: First second.
        end: Second after the last.
    """
    sessions = [
        item for item in car.sessions if item.at_home and start <= (item.end or 0) < end
    ]
    first = max(0, -(-start // QUARTER) - car.first)
    last = max(first, -(-end // QUARTER) - car.first)
    return Saved(
        plain_eur=sum(item.plain_cost_eur for item in sessions),
        actual_eur=sum(item.cost_eur for item in sessions),
        consumption_wh=sum(car.power[first:last]) / 4,
    )


def saved_by_heat_pump(pump: HeatPump, first: int, last: int) -> Saved:
    """Compare a heat pump with the same one that heats as the weather asks, at the market's prices.

    Args:
        pump: The heat pump.
        first: Index of the first quarter.
        last: Index after the last quarter.
    """
    plain = actual = consumption = 0.0
    for index in range(max(first, pump.first), min(last, pump.first + len(pump.power))):
        row = index - pump.first
        eur_per_w = pump.prices.at(index) / 100 / 4_000_000
        plain += pump.plain_power[row] * eur_per_w
        actual += pump.power[row] * eur_per_w
        consumption += pump.power[row] / 4
    return Saved(plain_eur=plain, actual_eur=actual, consumption_wh=consumption)


def periods(
    start: datetime, end: datetime, resolution: str, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Return the calendar periods of a zone that lie in a span, the first and the last cut to it.

    Args:
        start: First moment.
        end: Moment after the last.
        resolution: One of ``RESOLUTIONS``.
        zone: Name of the time zone.
    """
    place = ZoneInfo(zone)
    begin = start
    while begin < end:
        day = begin.astimezone(place).date()
        if resolution == "1DAY":
            following = day + timedelta(days=1)
        elif resolution == "1WEEK":
            following = day + timedelta(days=7 - day.weekday())
        else:
            months = {"1MONTH": 1, "1QUARTER": 3, "1YEAR": 12}[resolution]
            month = (day.month - 1) // months * months + months
            following = day.replace(
                year=day.year + month // 12, month=month % 12 + 1, day=1
            )
        finish = datetime.combine(following, time(), place).astimezone(UTC)
        yield begin, min(finish, end)
        begin = finish
