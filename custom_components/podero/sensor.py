"""Sensors of inverters and electric vehicles."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    UnitOfEnergy,
    UnitOfLength,
    UnitOfPower,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from . import power
from .api import BoostState, Device, ElectricVehicle, Inverter, PriceZone, Status
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntity, PoderoEntityDescription, async_add_device_entities

# Nothing is asked for by an entity: the coordinators do.
PARALLEL_UPDATES = 0

# Home Assistant keeps the word "unavailable" to itself.
BOOST_STATES: dict[BoostState | None, str] = {
    BoostState.AVAILABLE: "available",
    BoostState.REQUESTED: "requested",
    BoostState.ONGOING: "ongoing",
    BoostState.UNAVAILABLE: "not_available",
}
# Podero's unknown is Home Assistant's.
STATUSES: dict[Status | None, str] = {
    status: status.value for status in Status if status is not Status.UNKNOWN
}


@dataclass(frozen=True, kw_only=True)
class PoderoSensorDescription[DataT](
    PoderoEntityDescription[DataT], SensorEntityDescription
):
    """A sensor.

    Attributes:
        reset: Reads since when a total counts.
    """

    value: Callable[[DataT], StateType | datetime]
    reset: Callable[[DataT], datetime | None] = lambda _: None


def _diagnostic[DeviceT: Device](
    key: str, value: Callable[[DeviceT], StateType | datetime], *, enabled: bool = True
) -> PoderoSensorDescription[DeviceT]:
    """Describe a text or number without a unit, for those who look closer."""
    return PoderoSensorDescription(
        key=key,
        value=value,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def _status[DeviceT: Device](
    key: str, value: Callable[[DeviceT], Status | None]
) -> PoderoSensorDescription[DeviceT]:
    """Describe how well one part of Podero's service works."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENUM,
        options=list(STATUSES.values()),
        value=lambda device: STATUSES.get(value(device)),
        entity_category=EntityCategory.DIAGNOSTIC,
    )


def _time[DeviceT: Device](
    key: str, value: Callable[[DeviceT], datetime | None], *, enabled: bool = False
) -> PoderoSensorDescription[DeviceT]:
    """Describe a point in time."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.TIMESTAMP,
        value=value,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=enabled,
    )


def _power[DeviceT: Device](
    key: str,
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
    enabled: bool = True,
) -> PoderoSensorDescription[DeviceT]:
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


def _power_setting[DeviceT: Device](
    key: str,
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
    enabled: bool = False,
) -> PoderoSensorDescription[DeviceT]:
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


def _energy_window[DeviceT: Device](
    key: str, value: Callable[[DeviceT], float | None]
) -> PoderoSensorDescription[DeviceT]:
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


def _battery_level[DeviceT: Device](
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
) -> PoderoSensorDescription[DeviceT]:
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


def _level_setting[DeviceT: Device](
    key: str,
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
    category: EntityCategory | None = EntityCategory.DIAGNOSTIC,
    enabled: bool = True,
) -> PoderoSensorDescription[DeviceT]:
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


def _capacity[DeviceT: Device](
    key: str,
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
    enabled: bool = True,
) -> PoderoSensorDescription[DeviceT]:
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


def _lower(text: PriceZone | None) -> str | None:
    return None if text is None else text.value.lower()


def _said(text: str | None) -> str | None:
    """Return a text unless it is Podero's word for saying nothing."""
    return None if text is None or text.casefold() == "unknown" else text


def _deadline(vehicle: ElectricVehicle) -> str | None:
    deadline = vehicle.charge_deadline_at
    return None if deadline is None else deadline.strftime("%H:%M")


COMMON: tuple[PoderoSensorDescription[Device], ...] = (
    _status("connection_status", lambda device: device.connection_status),
    _status("monitoring_status", lambda device: device.monitoring_status),
    _status("steering_status", lambda device: device.steering_status),
    PoderoSensorDescription(
        key="lifecycle_state",
        value=lambda device: device.lifecycle_state,
        attributes=lambda device: {"lifecycle_error": device.lifecycle_error},
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _diagnostic("steering_state", lambda device: _said(device.actual_steering_state)),
    PoderoSensorDescription(
        key="current_mode", value=lambda device: _said(device.current_mode)
    ),
    PoderoSensorDescription(
        key="optimization_score",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda device: device.optimization_score,
    ),
    PoderoSensorDescription(
        key="price_zone",
        device_class=SensorDeviceClass.ENUM,
        options=[zone.value.lower() for zone in PriceZone],
        value=lambda device: _lower(device.price_zone),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _time(
        "last_update", lambda device: device.current_state_last_updated_at, enabled=True
    ),
    _time("last_monitoring", lambda device: device.last_monitoring_executed_at),
    _time("pause_until", lambda device: device.pause_power_until, enabled=True),
    _time("forced_mode_since", lambda device: device.inverter_forced_mode_since),
)

INVERTER: tuple[PoderoSensorDescription[Inverter], ...] = (
    _power("solar_power", lambda inverter: inverter.current_solar_production_w),
    _power("grid_power", power.grid_power),
    _power("grid_import_power", power.grid_import_power, enabled=False),
    _power("grid_export_power", power.grid_export_power, enabled=False),
    _power("home_power", lambda inverter: inverter.household_consumption_w),
    _power("solar_surplus", lambda inverter: inverter.solar_surplus_w),
    _power("battery_power", power.battery_power, applies=power.has_battery),
    _power(
        "battery_charge_power",
        power.battery_charge_power,
        applies=power.has_battery,
        enabled=False,
    ),
    _power(
        "battery_discharge_power",
        power.battery_discharge_power,
        applies=power.has_battery,
        enabled=False,
    ),
    _battery_level(
        lambda inverter: inverter.battery_charge_level_percent,
        applies=power.has_battery,
    ),
    PoderoSensorDescription(
        key="battery_policy",
        value=lambda inverter: inverter.battery_policy,
        applies=power.has_battery,
    ),
    _energy_window(
        "production_last_day", lambda inverter: inverter.production_last_day_kwh
    ),
    _energy_window(
        "production_last_week", lambda inverter: inverter.production_last_week_kwh
    ),
    _energy_window(
        "production_last_month", lambda inverter: inverter.production_last_month_kwh
    ),
    PoderoSensorDescription(
        key="solar_rating",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value=lambda inverter: inverter.solar_power_rating_kw,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    _capacity(
        "battery_capacity",
        lambda inverter: inverter.battery_capacity_kwh,
        applies=power.has_battery,
    ),
    _level_setting(
        "battery_min_level",
        lambda inverter: inverter.min_battery_charge,
        applies=power.has_battery,
    ),
    _level_setting(
        "battery_max_level",
        lambda inverter: inverter.max_battery_charge,
        applies=power.has_battery,
    ),
    _time("information_updated", lambda inverter: inverter.information_last_updated_at),
    _time(
        "battery_policy_updated",
        lambda inverter: inverter.battery_policy_last_updated_at,
    ),
    _time("production_updated", lambda inverter: inverter.production_last_updated_at),
    _power_setting(
        "inferred_max_charge_power",
        lambda inverter: inverter.inferred_max_charge_power_w,
        applies=power.has_battery,
    ),
    _power_setting(
        "inferred_max_discharge_power",
        lambda inverter: inverter.inferred_max_discharge_power_w,
        applies=power.has_battery,
    ),
    _level_setting(
        "inferred_min_battery_level",
        lambda inverter: inverter.inferred_min_battery_soc_percent,
        applies=power.has_battery,
        enabled=False,
    ),
    _capacity(
        "inferred_battery_capacity",
        lambda inverter: inverter.inferred_battery_capacity_kwh,
        applies=power.has_battery,
        enabled=False,
    ),
    _time("inferred_updated", lambda inverter: inverter.inferred_params_updated_at),
    _time("ev_inferred_at", lambda inverter: inverter.ev_inferred_at),
    _diagnostic(
        "ev_inference_confidence",
        lambda inverter: inverter.ev_inference_confidence,
        enabled=False,
    ),
)

VEHICLE: tuple[PoderoSensorDescription[ElectricVehicle], ...] = (
    _battery_level(lambda vehicle: vehicle.battery_level),
    _power("charge_power", lambda vehicle: vehicle.charge_rate_w),
    PoderoSensorDescription(
        key="charge_time_remaining",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        value=lambda vehicle: vehicle.charge_time_remaining,
    ),
    PoderoSensorDescription(
        key="driving_range",
        device_class=SensorDeviceClass.DISTANCE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfLength.KILOMETERS,
        suggested_display_precision=0,
        value=lambda vehicle: vehicle.driving_range,
    ),
    PoderoSensorDescription(
        key="boost_state",
        device_class=SensorDeviceClass.ENUM,
        options=list(BOOST_STATES.values()),
        value=lambda vehicle: BOOST_STATES.get(vehicle.boost_state),
    ),
    _level_setting(
        "battery_at_plug_in", lambda vehicle: vehicle.battery_at_plug_in, category=None
    ),
    _energy_window(
        "consumption_last_day", lambda vehicle: vehicle.consumption_last_day_kwh
    ),
    _energy_window(
        "consumption_last_week", lambda vehicle: vehicle.consumption_last_week_kwh
    ),
    _energy_window(
        "consumption_last_month", lambda vehicle: vehicle.consumption_last_month_kwh
    ),
    PoderoSensorDescription(key="charge_deadline", value=_deadline),
    _level_setting(
        "minimum_charge_limit",
        lambda vehicle: vehicle.minimum_charge_limit,
        category=None,
    ),
    _capacity("battery_capacity", power.vehicle_capacity),
    _level_setting("charge_target_min", lambda vehicle: vehicle.charge_target_min),
    _level_setting("charge_target_max", lambda vehicle: vehicle.charge_target_max),
    _power_setting(
        "expected_max_charge_power",
        lambda vehicle: vehicle.expected_max_charge_power,
        enabled=True,
    ),
    _time(
        "last_boost_triggered",
        lambda vehicle: vehicle.last_boost_triggered_at,
        enabled=True,
    ),
    _time(
        "last_boost_ended", lambda vehicle: vehicle.last_boost_ended_at, enabled=True
    ),
    _diagnostic("last_boost_end_reason", lambda vehicle: vehicle.last_boost_end_reason),
    _time(
        "charge_policy_updated", lambda vehicle: vehicle.charge_policy_last_updated_at
    ),
    _time("charge_state_updated", lambda vehicle: vehicle.charge_state_last_updated_at),
    _time("consumption_updated", lambda vehicle: vehicle.consumption_last_updated_at),
    _time("location_updated", lambda vehicle: vehicle.coordinates_last_updated_at),
    PoderoSensorDescription(
        key="geofence_distance",
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.METERS,
        suggested_display_precision=0,
        value=lambda vehicle: vehicle.geo_fence_distance_m,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _diagnostic(
        "minimum_solar_coverage",
        lambda vehicle: vehicle.minimum_solar_coverage,
        enabled=False,
    ),
    _power_setting(
        "hems_min_export_to_start", lambda vehicle: vehicle.hems_min_export_to_start_w
    ),
    _power_setting(
        "hems_max_import_before_stopping",
        lambda vehicle: vehicle.hems_max_import_before_stopping_w,
    ),
    _power_setting(
        "hems_min_production_to_start",
        lambda vehicle: vehicle.hems_min_production_to_start_w,
    ),
    _power_setting(
        "hems_min_production_before_stopping",
        lambda vehicle: vehicle.hems_min_production_before_stopping_w,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of all devices."""
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoSensor,
        {Inverter: COMMON + INVERTER, ElectricVehicle: COMMON + VEHICLE},
    )


class PoderoSensor[DeviceT: Device](PoderoEntity[DeviceT], SensorEntity):
    """A value of a device."""

    entity_description: PoderoSensorDescription[DeviceT]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value in its native unit."""
        value: StateType | datetime = self.reading.value
        return value
