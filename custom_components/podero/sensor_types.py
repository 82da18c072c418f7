"""How sensors of a sort are described: what the tables in sensor.py are made of."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower
from homeassistant.helpers.typing import StateType

from .api import Status
from .entity import PoderoEntityDescription

CURRENCY_EURO = "EUR"

# Podero's unknown is Home Assistant's.
STATUSES: dict[Status | None, str] = {
    status: status.value for status in Status if status is not Status.UNKNOWN
}


@dataclass(frozen=True, kw_only=True)
class PoderoSensorDescription[DataT](
    PoderoEntityDescription[DataT], SensorEntityDescription
):
    """A sensor."""

    value: Callable[[DataT], StateType | datetime]


def diagnostic_sensor[DataT](
    key: str, value: Callable[[DataT], StateType | datetime], *, enabled: bool = True
) -> PoderoSensorDescription[DataT]:
    """Describe a text or number without a unit, for those who look closer."""
    return PoderoSensorDescription(
        key=key,
        value=value,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def status_sensor[DataT](
    key: str, value: Callable[[DataT], Status | None]
) -> PoderoSensorDescription[DataT]:
    """Describe how well one part of Podero's service works."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENUM,
        options=list(STATUSES.values()),
        value=lambda device: STATUSES.get(value(device)),
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def time_sensor[DataT](
    key: str, value: Callable[[DataT], datetime | None], *, enabled: bool = False
) -> PoderoSensorDescription[DataT]:
    """Describe a point in time."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.TIMESTAMP,
        value=value,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def power_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    applies: Callable[[DataT], bool] = lambda _: True,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe a power that flows now."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value=value,
        applies=applies,
        entity_registry_enabled_default=enabled,
    )


def power_setting_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    applies: Callable[[DataT], bool] = lambda _: True,
    enabled: bool = False,
) -> PoderoSensorDescription[DataT]:
    """Describe a power that is a limit or an assumption; it has no history worth keeping."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value=value,
        applies=applies,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def energy_window_sensor[DataT](
    key: str, value: Callable[[DataT], float | None]
) -> PoderoSensorDescription[DataT]:
    """Describe the energy of the last day, week or month.

    Such a sum falls as often as it rises, so it has no state class: statistics
    of it would be nonsense.
    """
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value=value,
    )


def battery_level_sensor[DataT](
    value: Callable[[DataT], float | None],
    *,
    applies: Callable[[DataT], bool] = lambda _: True,
) -> PoderoSensorDescription[DataT]:
    """Describe a battery's state of charge."""
    return PoderoSensorDescription(
        key="battery_level",
        device_class=SensorDeviceClass.BATTERY,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value=value,
        applies=applies,
    )


def level_setting_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    applies: Callable[[DataT], bool] = lambda _: True,
    category: EntityCategory | None = EntityCategory.DIAGNOSTIC,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe a state of charge that is a limit, not a level.

    Without the battery device class, or a limit of 20 % would be a flat battery.
    """
    return PoderoSensorDescription(
        key=key,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value=value,
        applies=applies,
        entity_category=category,
        entity_registry_enabled_default=enabled,
    )


def capacity_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    applies: Callable[[DataT], bool] = lambda _: True,
    enabled: bool = True,
) -> PoderoSensorDescription[DataT]:
    """Describe how much energy a battery holds when full."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value=value,
        applies=applies,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def money_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    reset: Callable[[DataT], datetime | None] | None = None,
) -> PoderoSensorDescription[DataT]:
    """Describe an amount in EUR; a total if it says since when it counts."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL if reset else None,
        native_unit_of_measurement=CURRENCY_EURO,
        suggested_display_precision=2,
        value=value,
        reset=reset or (lambda _: None),
    )


def energy_sensor[DataT](
    key: str,
    value: Callable[[DataT], float | None],
    *,
    reset: Callable[[DataT], datetime | None] | None = None,
) -> PoderoSensorDescription[DataT]:
    """Describe an energy in kWh; a total if it says since when it counts."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL if reset else None,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=2,
        value=value,
        reset=reset or (lambda _: None),
    )
