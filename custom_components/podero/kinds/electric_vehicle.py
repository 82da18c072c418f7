"""Electric vehicles."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, Platform, UnitOfLength, UnitOfTime
from homeassistant.util import dt as dt_util

from .. import power
from ..api import BoostState, ElectricVehicle, Session
from ..charging import ChargingStatus
from ..charging_events import ChargingEventType, Snapshot, happened
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoCalendarDescription,
    PoderoEventDescription,
    PoderoSensorDescription,
    PoderoTrackerDescription,
    only_where,
)
from ..device_api import DeviceApi
from ..history import VehicleSource
from . import common, electric_vehicle_controls as controls, savings, sensors, sessions
from .cards import bar, by_day, calendar, rows, tile, time_of_day, warning
from .electric_vehicle_data import PARTS, VehicleData, sessions_between
from .kind import ACTIVE_INTERVAL, POLL_INTERVAL, Kind, SessionLog

# Home Assistant reserves the word "unavailable".
BOOST_STATES: dict[BoostState | None, str] = {
    BoostState.AVAILABLE: "available",
    BoostState.REQUESTED: "requested",
    BoostState.ONGOING: "ongoing",
    BoostState.UNAVAILABLE: "not_available",
}


def _deadline(data: VehicleData) -> str | None:
    deadline = data.device.charge_deadline_at
    return None if deadline is None else deadline.strftime("%H:%M")


def _position(data: VehicleData) -> tuple[float, float] | None:
    latitude, longitude = data.device.latitude, data.device.longitude
    return None if latitude is None or longitude is None else (latitude, longitude)


SENSORS: tuple[PoderoSensorDescription[VehicleData], ...] = (
    sensors.battery_level(lambda data: data.device.battery_level),
    sensors.power("charge_power", lambda data: data.device.charge_rate_w),
    PoderoSensorDescription(
        key="charging_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in ChargingStatus],
        value_fn=lambda data: data.charging.status,
    ),
    PoderoSensorDescription(
        key="planned_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.charging.planned_start,
    ),
    PoderoSensorDescription(
        key="planned_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.charging.planned_end,
    ),
    sensors.level(
        "planned_target", lambda data: data.charging.planned_target, enabled=False
    ),
    PoderoSensorDescription(
        key="charge_time_remaining",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_unit_of_measurement=UnitOfTime.MINUTES,
        suggested_display_precision=0,
        value_fn=lambda data: data.device.charge_time_remaining,
    ),
    PoderoSensorDescription(
        key="driving_range",
        device_class=SensorDeviceClass.DISTANCE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfLength.KILOMETERS,
        suggested_display_precision=0,
        value_fn=lambda data: data.device.driving_range,
    ),
    PoderoSensorDescription(
        key="boost_state",
        device_class=SensorDeviceClass.ENUM,
        options=list(BOOST_STATES.values()),
        value_fn=lambda data: BOOST_STATES.get(data.device.boost_state),
    ),
    sensors.level(
        "battery_at_plug_in",
        lambda data: data.device.battery_at_plug_in,
        category=None,
        enabled=False,
    ),
    sensors.energy_window(
        "consumption_last_day", lambda data: data.device.consumption_last_day_kwh
    ),
    sensors.energy_window(
        "consumption_last_week", lambda data: data.device.consumption_last_week_kwh
    ),
    sensors.energy_window(
        "consumption_last_month", lambda data: data.device.consumption_last_month_kwh
    ),
    PoderoSensorDescription(
        key="charge_deadline",
        value_fn=_deadline,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="next_deadline",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=lambda data: data.charging.next_deadline,
        exists_fn=lambda data: data.weekly is not None,
    ),
    sensors.level(
        "next_target",
        lambda data: data.charging.next_target,
        exists_fn=lambda data: data.weekly is not None,
        category=None,
        enabled=False,
    ),
    sensors.level(
        "minimum_charge_limit", lambda data: data.device.minimum_charge_limit
    ),
    sensors.capacity(
        "battery_capacity", lambda data: power.vehicle_capacity(data.device)
    ),
    sensors.level("charge_target_min", lambda data: data.device.charge_target_min),
    sensors.level("charge_target_max", lambda data: data.device.charge_target_max),
    sensors.power_setting(
        "expected_max_charge_power",
        lambda data: data.device.expected_max_charge_power,
        enabled=True,
    ),
    sensors.moment(
        "last_boost_triggered", lambda data: data.device.last_boost_triggered_at
    ),
    sensors.moment("last_boost_ended", lambda data: data.device.last_boost_ended_at),
    PoderoSensorDescription(
        key="last_boost_end_reason",
        value_fn=lambda data: data.device.last_boost_end_reason,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    sensors.moment(
        "charge_policy_updated", lambda data: data.device.charge_policy_last_updated_at
    ),
    sensors.moment(
        "charge_state_updated", lambda data: data.device.charge_state_last_updated_at
    ),
    sensors.moment(
        "consumption_updated", lambda data: data.device.consumption_last_updated_at
    ),
    sensors.moment(
        "location_updated", lambda data: data.device.coordinates_last_updated_at
    ),
    PoderoSensorDescription(
        key="geofence_distance",
        device_class=SensorDeviceClass.DISTANCE,
        native_unit_of_measurement=UnitOfLength.METERS,
        suggested_display_precision=0,
        value_fn=lambda data: data.device.geo_fence_distance_m,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoSensorDescription(
        key="minimum_solar_coverage",
        value_fn=lambda data: data.device.minimum_solar_coverage,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    sensors.power_setting(
        "hems_min_export_to_start", lambda data: data.device.hems_min_export_to_start_w
    ),
    sensors.power_setting(
        "hems_max_import_before_stopping",
        lambda data: data.device.hems_max_import_before_stopping_w,
    ),
    sensors.power_setting(
        "hems_min_production_to_start",
        lambda data: data.device.hems_min_production_to_start_w,
    ),
    sensors.power_setting(
        "hems_min_production_before_stopping",
        lambda data: data.device.hems_min_production_before_stopping_w,
    ),
)

BINARY_SENSORS: tuple[PoderoBinarySensorDescription[VehicleData], ...] = (
    PoderoBinarySensorDescription(
        key="plugged_in",
        device_class=BinarySensorDeviceClass.PLUG,
        value_fn=lambda data: data.device.is_plugged_in,
    ),
    PoderoBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value_fn=lambda data: data.device.is_charging,
    ),
    PoderoBinarySensorDescription(
        key="charging_problem",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.charging.problem is not None,
        attributes_fn=lambda data: {"reason": data.charging.problem},
    ),
    PoderoBinarySensorDescription(
        key="fully_charged",
        value_fn=lambda data: data.device.is_fully_charged,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="boost_next_session",
        value_fn=lambda data: data.device.boost_for_next_session,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="charge_policy",
        value_fn=lambda data: data.device.is_charge_policy_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="boost_enabled",
        value_fn=lambda data: data.device.boost_feature_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="over_charge_allowed",
        value_fn=lambda data: data.device.is_over_charge_allowed,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)

CALENDARS: tuple[PoderoCalendarDescription[VehicleData], ...] = (
    PoderoCalendarDescription(
        key="charging_sessions",
        value_fn=lambda data: data.current,
        exists_fn=sessions.has_sessions,
    ),
)

TRACKERS: tuple[PoderoTrackerDescription[VehicleData], ...] = (
    PoderoTrackerDescription(
        key="location", value_fn=_position, entity_registry_enabled_default=False
    ),
)


def _snapshot(before: Snapshot | None, data: VehicleData) -> Snapshot:
    return Snapshot.take(
        before, data.device, data.current, data.completed, at=dt_util.utcnow()
    )


EVENTS: tuple[PoderoEventDescription[VehicleData], ...] = (
    PoderoEventDescription(
        key="charging_event",
        event_types=[event.value for event in ChargingEventType],
        snapshot_fn=_snapshot,
        events_fn=happened,
    ),
)


def _interval(data: VehicleData) -> timedelta:
    is_active = (
        data.device.is_charging or data.device.boost_state is BoostState.REQUESTED
    )
    return ACTIVE_INTERVAL if is_active else POLL_INTERVAL


def _boost_settled(data: VehicleData) -> bool:
    return (
        data.device.boost_state is BoostState.ONGOING
        or data.device.boost_for_next_session is True
    )


def _source(
    api: DeviceApi,
    data: Callable[[], VehicleData],
    *,
    settings: Mapping[str, Any],
    currency: Callable[[], str],
) -> VehicleSource:
    async def sessions_of(start: datetime, end: datetime) -> list[Session]:
        return await sessions_between(api, data(), start, end)

    return VehicleSource(sessions_of)


async def _sessions(api: DeviceApi, first: date, last: date) -> list[Session]:
    return await api.client.sessions(api.user_id, api.device_id, start=first, end=last)


CARDS = (
    tile("charging_status", wide=True),
    warning("charging_problem"),
    warning("action_needed"),
    bar("battery_level"),
    time_of_day("planned_start"),
    time_of_day("planned_end"),
    tile("charge_power"),
    tile("driving_range"),
    tile("boost", "boost_state"),
    tile("cancel_boost", while_on="boost_next_session"),
    tile("smart_optimization"),
    tile("charge_deadline", wide=True),
    rows(
        "minimum_charge_limit",
        "month_energy",
        "month_cost",
        "savings_month",
    ),
    by_day("charging_energy"),
    calendar("charging_sessions"),
)


ELECTRIC_VEHICLE = Kind[VehicleData](
    key="electric_vehicle",
    model=ElectricVehicle,
    fallback_name="Podero electric vehicle",
    data=VehicleData,
    icon="mdi:car-electric",
    cards=CARDS,
    interval=_interval,
    boost_settled=_boost_settled,
    parts=PARTS,
    entities={
        Platform.SENSOR: (
            *common.SENSORS,
            *SENSORS,
            *only_where(sessions.has_sessions, *sessions.SENSORS),
            *savings.SENSORS,
        ),
        Platform.BINARY_SENSOR: (
            *common.BINARY_SENSORS,
            *BINARY_SENSORS,
            *only_where(sessions.has_sessions, *sessions.BINARY_SENSORS),
        ),
        Platform.CALENDAR: CALENDARS,
        Platform.DEVICE_TRACKER: TRACKERS,
        Platform.EVENT: EVENTS,
    },
    controls=controls.CONTROLS,
    shared_controls=controls.SHARED_CONTROLS,
    history=common.HISTORY,
    source=_source,
    sessions=SessionLog(
        fetch=_sessions,
        start=lambda session: session.plug_in_time,
        totals={
            "energy_kwh": lambda session: session.energy_charged_kwh,
            "cost_eur": lambda session: session.actual_cost_eur,
            "savings_eur": lambda session: session.savings_eur,
        },
    ),
)
