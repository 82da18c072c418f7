"""An inverter's series as hours of statistics. Pure arithmetic.

A point is the mean power of the quarter of an hour that starts at its time. A
quarter that is missing is a gap: an hour's energy is that of the quarters that
are there, and an hour without any has no row. Each quarter is judged by itself,
so that the result does not depend on how the past is cut into spans; what the grid
gave is judged by the hour.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
import math

from ..api import Series, SeriesPoint
from ..power import (
    imports,
    positive,
    reverse,
    series_grid_export_power,
    series_grid_import_power,
)
from .hours import HOUR, Hours, mean_of

QUARTER = 900

# What is drawn from the grid depends on its neighbours too: see series_hours.
GRID_IMPORT = "grid_import_energy"
ENERGIES: Mapping[str, Callable[[SeriesPoint], float | None]] = {
    "solar_energy": lambda point: positive(point.solar_production_w),
    "grid_export_energy": series_grid_export_power,
    "home_energy": lambda point: positive(point.household_consumption_w),
    "battery_charge_energy": lambda point: positive(
        reverse(point.battery_charge_discharge_power_w)
    ),
    "battery_discharge_energy": lambda point: positive(
        point.battery_charge_discharge_power_w
    ),
}
LEVELS: Mapping[str, Callable[[SeriesPoint], float | None]] = {
    "battery_level": lambda point: point.battery_charge_level_percent,
    "price": lambda point: point.price,
}
BATTERY_KINDS = frozenset(
    {"battery_charge_energy", "battery_discharge_energy", "battery_level"}
)


def has_values(series: Series) -> bool:
    """Return whether a series says anything at all."""
    return any(
        read(point) is not None
        for read in (*ENERGIES.values(), *LEVELS.values())
        for point in series.points
    )


def price_unit(series: Series) -> str | None:
    """Return the unit that the answer names for prices, wherever it does."""
    for places in (series.metadata.get("units"), series.metadata):
        if isinstance(places, Mapping):
            for name in ("price", "price_unit"):
                if isinstance(unit := places.get(name), str) and unit.strip():
                    return unit.strip()
    return None


def series_hours(
    series: Series, start: datetime, end: datetime, *, has_battery: bool
) -> Hours:
    """Return the hours of a span.

    Args:
        series: Points in any order, with any duplicates.
        start: The first hour.
        end: The hour after the last; it is not over yet, or not wanted.
        has_battery: Whether nothing but zeros from the battery means anything.

    """
    first, after = start.timestamp(), end.timestamp()
    points = [
        (moment, point)
        for point in set(series.points)
        if first <= (moment := point.time.timestamp()) < after
    ]
    hours = Hours()
    signed_hours = {_hour(moment) for moment, point in points if imports(point)}
    columns = {
        kind: [(moment, read(point)) for moment, point in points]
        for kind, read in (*ENERGIES.items(), *LEVELS.items())
    }
    columns[GRID_IMPORT] = [
        (
            moment,
            series_grid_import_power(point, is_signed=_hour(moment) in signed_hours),
        )
        for moment, point in points
    ]
    for kind, values in columns.items():
        grouped = defaultdict[int, list[float]](list)
        for quarter, value in _quarters(values).items():
            grouped[_hour(quarter)].append(value)
        by_hour = {
            hour: found
            for hour, found in grouped.items()
            if has_battery or kind not in BATTERY_KINDS or any(found)
        }
        if not by_hour:
            continue
        if kind not in LEVELS:
            hours.sums[kind] = {
                hour: math.fsum(powers) * QUARTER / HOUR / 1000
                for hour, powers in by_hour.items()
            }
        else:
            hours.means[kind] = {
                hour: mean_of(levels) for hour, levels in by_hour.items()
            }
    if "price" in hours.means and (unit := price_unit(series)):
        hours.units["price"] = unit
    return hours


def _hour(moment: float) -> int:
    return int(moment // HOUR) * HOUR


def _quarters(values: Iterable[tuple[float, float | None]]) -> dict[int, float]:
    """Return the value of each quarter that has one: the mean of all that fell into it."""
    found = defaultdict[int, set[tuple[float, float]]](set)
    for moment, value in values:
        if value is not None:
            found[int(moment // QUARTER) * QUARTER].add((moment, value))
    return {
        quarter: math.fsum(value for _, value in values) / len(values)
        for quarter, values in found.items()
    }
