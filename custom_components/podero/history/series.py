"""An inverter's series as hours of statistics. Pure arithmetic.

A point is the mean power of the quarter of an hour that starts at its time. A
quarter that is missing is a gap: an hour's energy is that of the quarters that
are there, and an hour without any has no row. Each quarter is judged by itself,
and the sign of the grid's power by the hour, so that the result does not depend on how
the past is cut into spans.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
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
from .costs import Prices
from .hours import HOUR, Hours, Mean, mean_of, total
from .statistics import STATISTICS

QUARTER = 900
"""Seconds."""
KWH_PER_W = QUARTER / HOUR / 1000
"""The kWh of one W in a quarter of an hour."""

type Reader = Callable[[SeriesPoint, bool], float | None]

READERS: Mapping[str, Reader] = {
    "solar_energy": lambda point, _: positive(point.solar_production_w),
    "grid_import_energy": lambda point, is_signed: series_grid_import_power(
        point, is_signed=is_signed
    ),
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
"""What a point says of each kind of statistic (W, %, or the price); whether its hour is signed."""


def has_values(series: Series) -> bool:
    """Return whether a series says anything at all."""
    return any(
        read(point, False) is not None
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
    by_hour = defaultdict[int, list[list[SeriesPoint]]](list)
    for quarter, points in quarters.items():
        by_hour[quarter // HOUR * HOUR].append(points)
    unit = series.price_unit or prices.price_unit
    tariffs = prices.tariffs(unit=unit, currency=currency)
    sums = defaultdict[str, dict[int, float]](dict)
    means = defaultdict[str, dict[int, Mean]](dict)
    for hour, points_of in by_hour.items():
        is_signed = hour in signed
        values = {
            kind: [
                read(points[0], is_signed)
                if len(points) == 1
                else _mean(points, read, is_signed)
                for points in points_of
            ]
            for kind, read in READERS.items()
        }
        for kind, of_quarters in values.items():
            statistic = STATISTICS[kind]
            known = [value for value in of_quarters if value is not None]
            if not known or (
                statistic.is_battery and not has_battery and not any(known)
            ):
                continue
            if not statistic.is_sum:
                if (mean := mean_of(known)) is not None:
                    means[kind][hour] = mean
            elif (power := total(known)) is not None:
                sums[kind][hour] = power * KWH_PER_W
        for kind, tariff in tariffs.items():
            powers = values[STATISTICS[kind].priced or kind]
            # The sum of W x price, as exact as that of W.
            if (cost := tariff.cost(powers, values["price"])) is not None:
                sums[kind][hour] = cost * KWH_PER_W
    units = {kind: currency for kind in tariffs if kind in sums}
    if unit and "price" in means:
        units["price"] = unit
    return Hours(sums=dict(sums), means=dict(means), units=units)


def _quarters(
    points: Iterable[SeriesPoint], first: float, after: float
) -> dict[int, list[SeriesPoint]]:
    """Return the points of a span by quarter of an hour."""
    found = defaultdict[int, list[SeriesPoint]](list)
    for point in points:
        if first <= (moment := point.time.timestamp()) < after:
            found[int(moment // QUARTER) * QUARTER].append(point)
    return found


def _mean(points: list[SeriesPoint], read: Reader, is_signed: bool) -> float | None:
    """Return the value of a quarter that several points fell into: their mean."""
    # What comes twice counts once.
    values = {
        (point.time, value)
        for point in points
        if (value := read(point, is_signed)) is not None
    }
    whole = total(value for _, value in values)
    return whole / len(values) if values and whole is not None else None
