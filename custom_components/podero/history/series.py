"""An inverter's series as hours of statistics. Pure arithmetic.

A point is the mean power of the quarter of an hour that starts at its time. A
quarter that is missing is a gap: an hour's energy is that of the quarters that
are there, and an hour without any has no row. Each quarter is judged by itself,
and the sign of the grid's power by the hour, so that the result does not depend on how
the past is cut into spans.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from ..api import Series, SeriesPoint
from ..power import (
    positive,
    reverse,
    series_grid_export_power,
    series_grid_import_power,
    signed_hours,
    unsigned_zero,
)
from .costs import Prices, priced_hours
from .hours import HOUR, Hours, Mean, mean_of, total
from .statistics import STATISTICS

QUARTER = 900
"""Seconds."""
KWH_PER_W = QUARTER / HOUR / 1000
"""What a watt comes to in a quarter of an hour."""

type Reader = Callable[[SeriesPoint, Collection[int]], float | None]

READERS: Mapping[str, Reader] = {
    "solar_energy": lambda point, _: positive(point.solar_production_w),
    "grid_import_energy": series_grid_import_power,
    "grid_export_energy": lambda point, _: series_grid_export_power(point),
    "home_energy": lambda point, _: positive(point.household_consumption_w),
    "battery_charge_energy": lambda point, _: positive(
        reverse(point.battery_charge_discharge_power_w)
    ),
    "battery_discharge_energy": lambda point, _: positive(
        point.battery_charge_discharge_power_w
    ),
    "battery_level": lambda point, _: unsigned_zero(point.battery_charge_level_percent),
    "price": lambda point, _: unsigned_zero(point.price),
}
"""What a point says of each kind of statistic (W, %, or the price), given the signed hours."""


def has_values(series: Series) -> bool:
    """Return whether a series says anything at all."""
    return any(
        read(point, ()) is not None
        for point in series.points
        for read in READERS.values()
    )


def series_hours(
    series: Series,
    start: datetime,
    end: datetime,
    *,
    has_battery: bool,
    prices: Prices,
    currency: str,
) -> Hours:
    """Return the hours of a span.

    Args:
        series: Points in any order, with any duplicates.
        start: The first hour.
        end: The hour after the last; it is not over yet, or not wanted.
        has_battery: Whether nothing but zeros from the battery means anything.
        prices: What the household says of its prices.
        currency: Home Assistant's currency, ISO 4217.

    """
    quarters = _quarters(series.points, start.timestamp(), end.timestamp())
    signed = signed_hours(point for points in quarters.values() for point in points)
    columns = {kind: _column(quarters, read, signed) for kind, read in READERS.items()}
    sums: dict[str, dict[int, float]] = {}
    means: dict[str, dict[int, Mean]] = {}
    units: dict[str, str] = {}
    for kind, column in columns.items():
        statistic = STATISTICS[kind]
        by_hour = defaultdict[int, list[float]](list)
        for quarter, value in column.items():
            by_hour[quarter // HOUR * HOUR].append(value)
        for hour, values in by_hour.items():
            if statistic.is_battery and not has_battery and not any(values):
                continue
            if not statistic.is_sum:
                if (mean := mean_of(values)) is not None:
                    means.setdefault(kind, {})[hour] = mean
            elif (power := total(values)) is not None:
                sums.setdefault(kind, {})[hour] = power * KWH_PER_W
    unit = series.price_unit
    if unit and "price" in means:
        units["price"] = unit
    costs = priced_hours(
        {
            kind: {quarter: power * KWH_PER_W for quarter, power in column.items()}
            for kind, column in columns.items()
            if kind in prices.tariffs
        },
        columns["price"],
        prices,
        unit=unit,
        currency=currency,
    )
    units |= dict.fromkeys(costs, currency)
    return Hours(sums=sums | costs, means=means, units=units)


def _quarters(
    points: Iterable[SeriesPoint], first: float, after: float
) -> dict[int, list[SeriesPoint]]:
    """Return the points of a span by quarter of an hour."""
    found = defaultdict[int, list[SeriesPoint]](list)
    for point in points:
        if first <= (moment := point.time.timestamp()) < after:
            found[int(moment // QUARTER) * QUARTER].append(point)
    return found


def _column(
    quarters: Mapping[int, list[SeriesPoint]], read: Reader, signed: Collection[int]
) -> dict[int, float]:
    """Return the value of each quarter that has one: the mean of all that fell into it."""
    column: dict[int, float] = {}
    for quarter, points in quarters.items():
        if len(points) == 1:
            value = read(points[0], signed)
        else:
            # What comes twice counts once.
            values = {
                (point.time, value)
                for point in points
                if (value := read(point, signed)) is not None
            }
            whole = total(value for _, value in values)
            value = whole / len(values) if values and whole is not None else None
        if value is not None:
            column[quarter] = value
    return column
