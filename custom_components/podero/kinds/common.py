"""What all devices that Podero steers have in common, and the entities that several kinds describe alike."""

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory

from ..api import Device, PriceZone, Status
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoSensorDescription,
    PoderoSwitchDescription,
)
from ..history import History
from . import sensors
from .kind import SteeredData, put

# Podero's unknown is Home Assistant's unknown.
STATUSES: dict[Status | None, str] = {
    status: status.value for status in Status if status is not Status.UNKNOWN
}


def known(text: str | None) -> str | None:
    """Return a text unless it is Podero's word for not knowing."""
    return None if text is None or text.casefold() == "unknown" else text


def _status[DataT](
    key: str, value_fn: sensors.Read[DataT, Status]
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
    sensors.moment(
        "last_update", lambda data: data.device.current_state_last_updated_at
    ),
    sensors.moment(
        "last_monitoring", lambda data: data.device.last_monitoring_executed_at
    ),
    sensors.moment("pause_until", lambda data: data.device.pause_power_until),
    sensors.moment(
        "forced_mode_since", lambda data: data.device.inverter_forced_mode_since
    ),
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
