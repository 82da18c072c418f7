"""What all devices that Podero steers have in common, and the entities that several kinds describe alike."""

from collections.abc import Callable
from datetime import datetime

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy, UnitOfPower

from ..api import Device, PriceZone, Status
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoSensorDescription,
    PoderoSwitchDescription,
)
from ..history import History
from .kind import SteeredData, put

# Podero's unknown is Home Assistant's.
STATUSES: dict[Status | None, str] = {
    status: status.value for status in Status if status is not Status.UNKNOWN
}

type Read[DataT, T] = Callable[[DataT], T | None]


def known(text: str | None) -> str | None:
    """Return a text unless it is Podero's word for not knowing."""
    return None if text is None or text.casefold() == "unknown" else text


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
    """Describe a point in time for those who look closer."""
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


def _status[DataT](
    key: str, value_fn: Read[DataT, Status]
) -> PoderoSensorDescription[DataT]:
    """Describe how well one part of Podero's service works."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENUM,
        options=list(STATUSES.values()),
        value_fn=lambda data: STATUSES.get(value_fn(data)),
        entity_category=EntityCategory.DIAGNOSTIC,
    )


type Steered = SteeredData[Device]

_CURRENT_MODE = PoderoSensorDescription[Steered](
    key="current_mode",
    value_fn=lambda data: known(data.device.current_mode),
    entity_category=EntityCategory.DIAGNOSTIC,
)

SENSORS_WITHOUT_MODE: tuple[PoderoSensorDescription[Steered], ...] = (
    _status("connection_status", lambda data: data.device.connection_status),
    _status("monitoring_status", lambda data: data.device.monitoring_status),
    _status("steering_status", lambda data: data.device.steering_status),
    PoderoSensorDescription(
        key="lifecycle_state",
        value_fn=lambda data: data.device.lifecycle_state,
        attributes_fn=lambda data: {"lifecycle_error": data.device.lifecycle_error},
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="steering_state",
        value_fn=lambda data: known(data.device.actual_steering_state),
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="optimization_score",
        state_class=SensorStateClass.MEASUREMENT,
        value_fn=lambda data: data.device.optimization_score,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="price_zone",
        device_class=SensorDeviceClass.ENUM,
        options=[zone.value.lower() for zone in PriceZone],
        value_fn=lambda data: data.device.price_zone and data.device.price_zone.lower(),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    moment("last_update", lambda data: data.device.current_state_last_updated_at),
    moment("last_monitoring", lambda data: data.device.last_monitoring_executed_at),
    moment("pause_until", lambda data: data.device.pause_power_until),
    moment("forced_mode_since", lambda data: data.device.inverter_forced_mode_since),
)
SENSORS = (*SENSORS_WITHOUT_MODE, _CURRENT_MODE)

BINARY_SENSORS: tuple[PoderoBinarySensorDescription[Steered], ...] = (
    PoderoBinarySensorDescription(
        key="smart_optimization",
        value_fn=lambda data: data.device.is_smart_optimization_active,
    ),
    PoderoBinarySensorDescription(
        key="power_paused",
        value_fn=lambda data: data.device.is_pause_power_active,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="forced_mode_enabled",
        value_fn=lambda data: data.device.is_inverter_forced_mode_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="forced_mode",
        value_fn=lambda data: data.device.is_inverter_forced_mode_active,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="trading",
        value_fn=lambda data: data.device.is_trading_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="authenticated",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        value_fn=lambda data: data.device.is_authenticated,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="data_outdated",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.is_outdated,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="action_needed",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.device.action_needed,
    ),
    PoderoBinarySensorDescription(
        key="notification",
        value_fn=lambda data: data.device.has_notification,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

SWITCHES: tuple[PoderoSwitchDescription[Steered], ...] = (
    PoderoSwitchDescription(
        key="smart_optimization",
        value_fn=lambda data: data.device.is_smart_optimization_active,
        set_fn=put("is_smart_optimization_active"),
    ),
)


HISTORY: tuple[PoderoSensorDescription[History], ...] = (
    PoderoSensorDescription(
        key="history_imported_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda history: history.imported_until,
        attributes_fn=lambda history: {
            "start": history.start,
            "percent": history.percent,
            "last_error": history.last_error,
        },
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)
