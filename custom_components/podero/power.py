"""Where Podero's signs and units become Home Assistant's.

| quantity      | Podero says   | Home Assistant gets          |
|---------------|---------------|------------------------------|
| grid power    | + export      | + import, - export           |
| battery power | + discharging | + discharging, - charging    |
| series: grid  | + export; - import, or 0 for it | + import, - export |

Everything else (solar production, household consumption, solar surplus) has the same
sign on both sides. All powers are in watts, None is a value that Podero did not give,
and there is no -0.0.
"""

from collections.abc import Collection, Iterable
import math

from .api import ElectricVehicle, Inverter, SeriesPoint

HOUR = 3600
"""Seconds."""


def unsigned_zero(value: float | None) -> float | None:
    """Return a value; 0.0 for -0.0."""
    return None if value is None else value + 0.0


def positive(power: float | None) -> float | None:
    """Return the part of a power above zero."""
    if power is None:
        return None
    return power if power > 0 else 0.0


def reverse(power: float | None) -> float | None:
    """Return a power with the other sign."""
    # 0 - x instead of -x, which would make -0.0 of 0.0.
    return None if power is None else 0.0 - power


def grid_power(inverter: Inverter) -> float | None:
    """Return the grid power in W: + import, - export."""
    return reverse(inverter.current_power_to_grid_w)


def grid_import_power(inverter: Inverter) -> float | None:
    """Return the power drawn from the grid in W, never negative."""
    return positive(grid_power(inverter))


def grid_export_power(inverter: Inverter) -> float | None:
    """Return the power fed into the grid in W, never negative."""
    return positive(inverter.current_power_to_grid_w)


def battery_power(inverter: Inverter) -> float | None:
    """Return the battery power in W: + discharging, - charging."""
    return unsigned_zero(inverter.battery_charge_discharge_power_w)


def battery_charge_power(inverter: Inverter) -> float | None:
    """Return the power that charges the battery in W, never negative."""
    return positive(reverse(battery_power(inverter)))


def battery_discharge_power(inverter: Inverter) -> float | None:
    """Return the power that discharges the battery in W, never negative."""
    return positive(battery_power(inverter))


def is_battery_charging(inverter: Inverter) -> bool | None:
    """Return whether the battery is being charged."""
    power = battery_power(inverter)
    return None if power is None else power < 0


def has_battery(inverter: Inverter) -> bool:
    """Return whether a battery is connected, or, where Podero does not say, appears to be."""
    if inverter.is_battery_connected is not None:
        return inverter.is_battery_connected
    return any(
        value is not None and value > 0
        for value in (
            inverter.battery_capacity_kwh,
            inverter.battery_charge_level_percent,
        )
    )


def vehicle_capacity(vehicle: ElectricVehicle) -> float | None:
    """Return the capacity of a car's battery in kWh; Podero's 0 means not known."""
    return vehicle.battery_capacity_kwh or None


def signed_hours(points: Iterable[SeriesPoint]) -> frozenset[int]:
    """Return the hours, by their first second since 1970, in which the series reports imports.

    A series reports imports either as a negative export or as 0. This is determined for
    each hour, so that it does not depend on the span that was asked for: the points
    have to be those of whole hours.
    """
    return frozenset(
        _hour(point)
        for point in points
        if point.export_power_to_grid_w is not None and point.export_power_to_grid_w < 0
    )


def series_grid_export_power(point: SeriesPoint) -> float | None:
    """Return the power fed into the grid in W, never negative."""
    return positive(point.export_power_to_grid_w)


def series_grid_import_power(point: SeriesPoint, *, is_signed: bool) -> float | None:
    """Return the power drawn from the grid in W, never negative.

    Where nothing is exported, the import is calculated from the other powers, unless
    the series reports imports in this hour.

    Args:
        point: The point.
        is_signed: Whether its hour is one of signed_hours.

    """
    export = point.export_power_to_grid_w
    if export is None:
        return None
    if export != 0 or is_signed:
        return positive(reverse(export))
    solar, home = point.solar_production_w, point.household_consumption_w
    battery = point.battery_charge_discharge_power_w
    if battery is None and not point.battery_charge_level_percent:
        # A level of 0 is how Podero may say that there is no battery.
        battery = 0.0
    if solar is None or home is None or battery is None:
        return None
    drawn = home - solar - battery
    return positive(drawn) if math.isfinite(drawn) else None


def series_values(
    point: SeriesPoint, signed: Collection[int]
) -> dict[str, float | None]:
    """Return a point's values under the keys of the entities, with their signs and units.

    Args:
        point: The point.
        signed: The hours in which the series says imports, from signed_hours.

    """
    drawn = series_grid_import_power(point, is_signed=_hour(point) in signed)
    fed = series_grid_export_power(point)
    values = {
        "solar_power": point.solar_production_w,
        "grid_power": None if drawn is None or fed is None else drawn - fed,
        "home_power": point.household_consumption_w,
        "battery_power": point.battery_charge_discharge_power_w,
        "battery_level": point.battery_charge_level_percent,
        "price": point.price,
        "estimated_consumption": point.estimated_consumption,
        "unoptimized_consumption": point.unoptimized_consumption,
    }
    return {key: unsigned_zero(value) for key, value in values.items()}


def _hour(point: SeriesPoint) -> int:
    return int(point.time.timestamp() // HOUR) * HOUR
