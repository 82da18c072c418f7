"""Descriptions of common sensors, which the tables of several kinds use."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower

from ..descriptions import PoderoSensorDescription

type Read[DataT, T] = Callable[[DataT], T | None]


def power[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe a power that flows now, in W."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_registry_enabled_default=enabled,
    )


def power_setting[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
    enabled: bool = False,
) -> PoderoSensorDescription[DataT]:
    """Describe a power in W that is a limit or an assumption; it has no history worth keeping."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def energy_window[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
    category: EntityCategory | None = None,
) -> PoderoSensorDescription[DataT]:
    """Describe the energy of the last day, week or month, in kWh.

    Such a sum falls as often as it rises, so it has no state class. Which days it
    covers is not documented, so it is disabled.
    """
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_category=category,
        entity_registry_enabled_default=False,
    )


def battery_level[DataT](
    value_fn: Read[DataT, float], *, exists_fn: Callable[[DataT], bool] | None = None
) -> PoderoSensorDescription[DataT]:
    """Describe a battery's state of charge."""
    return PoderoSensorDescription(
        key="battery_level",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=value_fn,
        exists_fn=exists_fn,
    )


def level[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
    category: EntityCategory | None = EntityCategory.DIAGNOSTIC,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe a state of charge that is a limit, not a level.

    Without the battery device class, or a limit of 20 % would be a low battery.
    """
    return PoderoSensorDescription(
        key=key,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_category=category,
        entity_registry_enabled_default=enabled,
    )


def capacity[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe how much energy a full battery holds, in kWh."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def moment[DataT](
    key: str,
    value_fn: Read[DataT, datetime],
    *,
    exists_fn: Callable[[DataT], bool] | None = None,
) -> PoderoSensorDescription[DataT]:
    """Describe a point in time, disabled by default."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=value_fn,
        exists_fn=exists_fn,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    )


def money[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    last_reset_fn: Callable[[DataT], datetime | None] | None = None,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe an amount in EUR; a total if it has a time from which it counts."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL if last_reset_fn else None,
        native_unit_of_measurement="EUR",
        suggested_display_precision=2,
        value_fn=value_fn,
        last_reset_fn=last_reset_fn,
        entity_registry_enabled_default=enabled,
    )


def energy[DataT](
    key: str,
    value_fn: Read[DataT, float],
    *,
    last_reset_fn: Callable[[DataT], datetime | None] | None = None,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe an energy in kWh; a total if it has a time from which it counts."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL if last_reset_fn else None,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value_fn=value_fn,
        last_reset_fn=last_reset_fn,
        entity_registry_enabled_default=enabled,
    )
