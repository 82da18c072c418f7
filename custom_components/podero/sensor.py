"""Sensors of inverters and electric vehicles."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorStateClass,
)
from homeassistant.const import EntityCategory, UnitOfLength, UnitOfPower, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from . import power
from .api import BoostState, Device, ElectricVehicle, Inverter, PriceZone
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntity, async_add_device_entities
from .history import History
from .sensor_types import (
    PoderoSensorDescription,
    battery_level_sensor,
    capacity_sensor,
    diagnostic_sensor,
    energy_window_sensor,
    level_setting_sensor,
    power_sensor,
    power_setting_sensor,
    status_sensor,
    time_sensor,
)
from .session_sensors import SESSIONS

# Nothing is asked for by an entity: the coordinators do.
PARALLEL_UPDATES = 0

# Home Assistant keeps the word "unavailable" to itself.
BOOST_STATES: dict[BoostState | None, str] = {
    BoostState.AVAILABLE: "available",
    BoostState.REQUESTED: "requested",
    BoostState.ONGOING: "ongoing",
    BoostState.UNAVAILABLE: "not_available",
}


def _lower(text: PriceZone | None) -> str | None:
    return None if text is None else text.value.lower()


def _said(text: str | None) -> str | None:
    """Return a text unless it is Podero's word for saying nothing."""
    return None if text is None or text.casefold() == "unknown" else text


def _deadline(vehicle: ElectricVehicle) -> str | None:
    deadline = vehicle.charge_deadline_at
    return None if deadline is None else deadline.strftime("%H:%M")


COMMON: tuple[PoderoSensorDescription[Device], ...] = (
    status_sensor("connection_status", lambda device: device.connection_status),
    status_sensor("monitoring_status", lambda device: device.monitoring_status),
    status_sensor("steering_status", lambda device: device.steering_status),
    PoderoSensorDescription(
        key="lifecycle_state",
        value=lambda device: device.lifecycle_state,
        attributes=lambda device: {"lifecycle_error": device.lifecycle_error},
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    diagnostic_sensor(
        "steering_state", lambda device: _said(device.actual_steering_state)
    ),
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
    time_sensor(
        "last_update", lambda device: device.current_state_last_updated_at, enabled=True
    ),
    time_sensor("last_monitoring", lambda device: device.last_monitoring_executed_at),
    time_sensor("pause_until", lambda device: device.pause_power_until, enabled=True),
    time_sensor("forced_mode_since", lambda device: device.inverter_forced_mode_since),
)

INVERTER: tuple[PoderoSensorDescription[Inverter], ...] = (
    power_sensor("solar_power", lambda inverter: inverter.current_solar_production_w),
    power_sensor("grid_power", power.grid_power),
    power_sensor("grid_import_power", power.grid_import_power, enabled=False),
    power_sensor("grid_export_power", power.grid_export_power, enabled=False),
    power_sensor("home_power", lambda inverter: inverter.household_consumption_w),
    power_sensor("solar_surplus", lambda inverter: inverter.solar_surplus_w),
    power_sensor("battery_power", power.battery_power, applies=power.has_battery),
    power_sensor(
        "battery_charge_power",
        power.battery_charge_power,
        applies=power.has_battery,
        enabled=False,
    ),
    power_sensor(
        "battery_discharge_power",
        power.battery_discharge_power,
        applies=power.has_battery,
        enabled=False,
    ),
    battery_level_sensor(
        lambda inverter: inverter.battery_charge_level_percent,
        applies=power.has_battery,
    ),
    PoderoSensorDescription(
        key="battery_policy",
        value=lambda inverter: inverter.battery_policy,
        applies=power.has_battery,
    ),
    energy_window_sensor(
        "production_last_day", lambda inverter: inverter.production_last_day_kwh
    ),
    energy_window_sensor(
        "production_last_week", lambda inverter: inverter.production_last_week_kwh
    ),
    energy_window_sensor(
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
    capacity_sensor(
        "battery_capacity",
        lambda inverter: inverter.battery_capacity_kwh,
        applies=power.has_battery,
    ),
    level_setting_sensor(
        "battery_min_level",
        lambda inverter: inverter.min_battery_charge,
        applies=power.has_battery,
    ),
    level_setting_sensor(
        "battery_max_level",
        lambda inverter: inverter.max_battery_charge,
        applies=power.has_battery,
    ),
    time_sensor(
        "information_updated", lambda inverter: inverter.information_last_updated_at
    ),
    time_sensor(
        "battery_policy_updated",
        lambda inverter: inverter.battery_policy_last_updated_at,
    ),
    time_sensor(
        "production_updated", lambda inverter: inverter.production_last_updated_at
    ),
    power_setting_sensor(
        "inferred_max_charge_power",
        lambda inverter: inverter.inferred_max_charge_power_w,
        applies=power.has_battery,
    ),
    power_setting_sensor(
        "inferred_max_discharge_power",
        lambda inverter: inverter.inferred_max_discharge_power_w,
        applies=power.has_battery,
    ),
    level_setting_sensor(
        "inferred_min_battery_level",
        lambda inverter: inverter.inferred_min_battery_soc_percent,
        applies=power.has_battery,
        enabled=False,
    ),
    capacity_sensor(
        "inferred_battery_capacity",
        lambda inverter: inverter.inferred_battery_capacity_kwh,
        applies=power.has_battery,
        enabled=False,
    ),
    time_sensor(
        "inferred_updated", lambda inverter: inverter.inferred_params_updated_at
    ),
    time_sensor("ev_inferred_at", lambda inverter: inverter.ev_inferred_at),
    diagnostic_sensor(
        "ev_inference_confidence",
        lambda inverter: inverter.ev_inference_confidence,
        enabled=False,
    ),
)

VEHICLE: tuple[PoderoSensorDescription[ElectricVehicle], ...] = (
    battery_level_sensor(lambda vehicle: vehicle.battery_level),
    power_sensor("charge_power", lambda vehicle: vehicle.charge_rate_w),
    PoderoSensorDescription(
        key="charge_time_remaining",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=0,
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
    level_setting_sensor(
        "battery_at_plug_in", lambda vehicle: vehicle.battery_at_plug_in, category=None
    ),
    energy_window_sensor(
        "consumption_last_day", lambda vehicle: vehicle.consumption_last_day_kwh
    ),
    energy_window_sensor(
        "consumption_last_week", lambda vehicle: vehicle.consumption_last_week_kwh
    ),
    energy_window_sensor(
        "consumption_last_month", lambda vehicle: vehicle.consumption_last_month_kwh
    ),
    PoderoSensorDescription(key="charge_deadline", value=_deadline),
    level_setting_sensor(
        "minimum_charge_limit",
        lambda vehicle: vehicle.minimum_charge_limit,
        category=None,
    ),
    capacity_sensor("battery_capacity", power.vehicle_capacity),
    level_setting_sensor(
        "charge_target_min", lambda vehicle: vehicle.charge_target_min
    ),
    level_setting_sensor(
        "charge_target_max", lambda vehicle: vehicle.charge_target_max
    ),
    power_setting_sensor(
        "expected_max_charge_power",
        lambda vehicle: vehicle.expected_max_charge_power,
        enabled=True,
    ),
    time_sensor(
        "last_boost_triggered",
        lambda vehicle: vehicle.last_boost_triggered_at,
        enabled=True,
    ),
    time_sensor(
        "last_boost_ended", lambda vehicle: vehicle.last_boost_ended_at, enabled=True
    ),
    diagnostic_sensor(
        "last_boost_end_reason", lambda vehicle: vehicle.last_boost_end_reason
    ),
    time_sensor(
        "charge_policy_updated", lambda vehicle: vehicle.charge_policy_last_updated_at
    ),
    time_sensor(
        "charge_state_updated", lambda vehicle: vehicle.charge_state_last_updated_at
    ),
    time_sensor(
        "consumption_updated", lambda vehicle: vehicle.consumption_last_updated_at
    ),
    time_sensor(
        "location_updated", lambda vehicle: vehicle.coordinates_last_updated_at
    ),
    PoderoSensorDescription(
        key="geofence_distance",
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.METERS,
        suggested_display_precision=0,
        value=lambda vehicle: vehicle.geo_fence_distance_m,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    diagnostic_sensor(
        "minimum_solar_coverage",
        lambda vehicle: vehicle.minimum_solar_coverage,
        enabled=False,
    ),
    power_setting_sensor(
        "hems_min_export_to_start", lambda vehicle: vehicle.hems_min_export_to_start_w
    ),
    power_setting_sensor(
        "hems_max_import_before_stopping",
        lambda vehicle: vehicle.hems_max_import_before_stopping_w,
    ),
    power_setting_sensor(
        "hems_min_production_to_start",
        lambda vehicle: vehicle.hems_min_production_to_start_w,
    ),
    power_setting_sensor(
        "hems_min_production_before_stopping",
        lambda vehicle: vehicle.hems_min_production_before_stopping_w,
    ),
)


HISTORY: tuple[PoderoSensorDescription[History], ...] = (
    PoderoSensorDescription(
        key="history_imported_until",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda history: history.imported_until,
        attributes=lambda history: {
            "start": history.start,
            "percent": history.percent,
            "last_error": history.last_error,
        },
        entity_category=EntityCategory.DIAGNOSTIC,
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
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoSensor,
        {ElectricVehicle: SESSIONS},
        of=lambda device: device.sessions,
    )
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoSensor,
        {Inverter: HISTORY, ElectricVehicle: HISTORY},
        of=lambda device: device.history,
    )


class PoderoSensor[DataT](PoderoEntity[DataT], SensorEntity):
    """A value of a device."""

    entity_description: PoderoSensorDescription[DataT]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value in its native unit."""
        value: StateType | datetime = self.reading.value
        return value

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return since when a total counts."""
        return self.reading.reset
