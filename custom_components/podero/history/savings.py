"""What Podero's optimization saved, as statistics by the day and as totals of month and year. Pure.

In which zone Podero's days and months begin is not documented: see SavingsPeriod.first_day.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from operator import itemgetter

from homeassistant.generated.currencies import ACTIVE_CURRENCIES

from ..api import PriceZone, Savings, SavingsPeriod
from .hours import HOUR, Hours, total
from .statistics import EURO

SAVINGS = "savings"
"""The kind of statistic."""

EURO_ZONES = frozenset(
    {
        PriceZone.AT,
        PriceZone.AT_HOURLY,
        PriceZone.BE,
        PriceZone.DE_LU,
        PriceZone.EE,
        PriceZone.IT_CNOR,
        PriceZone.IT_CSUD,
        PriceZone.IT_NORD,
        PriceZone.IT_PUN,
        PriceZone.IT_SARD,
        PriceZone.IT_SICI,
        PriceZone.IT_SUD,
        PriceZone.PT,
    }
)
"""The price zones that pay in EUR."""


@dataclass(frozen=True, kw_only=True)
class SavingsReading:
    """What a device saved this month and this year, in Home Assistant's time zone.

    Attributes:
        unit: The currency, ISO 4217.
        month: This month's savings; None where Podero does not say.
        month_start: The beginning of the month.
        percentage: This month's savings in percent, as Podero says it.
        year: The sum of this year's months; None where Podero says none of them.
        year_start: The beginning of the year.
    """

    unit: str
    month: float | None
    month_start: datetime
    percentage: float | None
    year: float | None
    year_start: datetime


def savings_currency(unit: str | None, price_zone: PriceZone | None) -> str | None:
    """Return the currency of savings, ISO 4217; None where it is not known.

    Args:
        unit: The unit that Podero names.
        price_zone: The device's price zone, which counts where the unit is no currency.

    """
    if unit is not None and (code := unit.strip().upper()) in ACTIVE_CURRENCIES:
        return code
    return EURO if price_zone in EURO_ZONES else None


def savings_hours(
    savings: Savings,
    start: datetime,
    end: datetime,
    *,
    zone: tzinfo,
    price_zone: PriceZone | None,
) -> Hours:
    """Return the savings of a span's days, each at the first hour of the local day.

    Args:
        savings: Days, in any order, with any duplicates; what comes outside of the
            span is left out.
        start: The first hour.
        end: The hour after the last; it is not over yet, or not wanted.
        zone: Home Assistant's time zone.
        price_zone: The device's price zone.

    """
    unit = savings_currency(savings.unit, price_zone)
    if unit is None:
        return Hours()
    first, after = start.timestamp(), end.timestamp()
    by_hour = defaultdict[int, list[float]](list)
    for period in _unique(savings):
        hour = _first_hour(period.first_day(zone), zone)
        if period.total is not None and first <= hour < after:
            by_hour[hour].append(period.total)
    sums = {
        hour: amount
        for hour, amounts in by_hour.items()
        if (amount := total(amounts)) is not None
    }
    return Hours(sums={SAVINGS: sums}, units={SAVINGS: unit}) if sums else Hours()


def savings_reading(
    savings: Savings, now: datetime, *, zone: tzinfo, price_zone: PriceZone | None
) -> SavingsReading | None:
    """Return this month's and this year's savings; None without a known currency.

    Args:
        savings: The months since the beginning of the year (see year_start), in any
            order, with any duplicates.
        now: The time.
        zone: Home Assistant's time zone.
        price_zone: The device's price zone.

    """
    unit = savings_currency(savings.unit, price_zone)
    if unit is None:
        return None
    this_year = year_start(now, zone)
    this_month = month_start(now, zone)
    of_year = [
        (day, period)
        for period in _unique(savings)
        if (day := period.first_day(zone)).year == this_year.year
        and day <= now.astimezone(zone).date()
    ]
    of_month = [(day, period) for day, period in of_year if day >= this_month.date()]
    newest = max(of_month, key=itemgetter(0), default=None)
    return SavingsReading(
        unit=unit,
        month=_sum(period for _, period in of_month),
        month_start=this_month,
        percentage=newest[1].percentage if newest else None,
        year=_sum(period for _, period in of_year),
        year_start=this_year,
    )


def month_start(now: datetime, zone: tzinfo) -> datetime:
    """Return the beginning of the month in a time zone."""
    return _midnight(now.astimezone(zone).date().replace(day=1), zone)


def year_start(now: datetime, zone: tzinfo) -> datetime:
    """Return the beginning of the year in a time zone."""
    return _midnight(now.astimezone(zone).date().replace(month=1, day=1), zone)


def day_start(moment: datetime, zone: tzinfo) -> datetime:
    """Return the beginning of the day in a time zone."""
    return _midnight(moment.astimezone(zone).date(), zone)


def _unique(savings: Savings) -> Iterable[SavingsPeriod]:
    """Return the periods; of several that begin at the same time the last counts."""
    return {period.start: period for period in savings.periods}.values()


def _sum(periods: Iterable[SavingsPeriod]) -> float | None:
    known = [period.total for period in periods if period.total is not None]
    return total(known) if known else None


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _first_hour(day: date, zone: tzinfo) -> int:
    """Return the first hour, in seconds since 1970, that begins in a local day."""
    return -int(-_midnight(day, zone).timestamp() // HOUR) * HOUR
