"""What each entity must say, given what Podero says: the check's own table.

Written from the documentation of the API and of the entities, not from the
integration, whose arithmetic it is there to question.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
import math
from typing import Any

type Json = Any  # whatever a JSON answer holds
type Value = str | float | datetime | None


def text(value: Json) -> Value:
    """Expect a text as it came; an empty one, and ``unknown``, say nothing."""
    return None if value in (None, "", "unknown") else str(value)


def lower(value: Json) -> Value:
    """Expect a text in lower case."""
    return None if value is None else str(value).lower()


def number(value: Json) -> Value:
    """Expect a number, which Podero may send as a text."""
    return None if value is None else float(value)


def reversed_sign(value: Json) -> Value:
    """Expect a number seen from the other side."""
    return None if value is None else -float(value)


def positive(value: Json) -> Value:
    """Expect a number cut off below 0."""
    return None if value is None else max(float(value), 0.0)


def negative(value: Json) -> Value:
    """Expect the size of a number's negative part."""
    return None if value is None else max(-float(value), 0.0)


def is_negative(value: Json) -> Value:
    """Expect "on" for a number below 0."""
    return None if value is None else yes_no(float(value) < 0)


def zero_is_none(value: Json) -> Value:
    """Expect a number, of which 0 means that it is not known."""
    return float(value or 0) or None


def minutes(value: Json) -> Value:
    """Expect seconds in minutes."""
    return None if value is None else float(value) / 60


def yes_no(value: Json) -> Value:
    """Expect "on" or "off"."""
    return None if value is None else "on" if value else "off"


def is_there(value: Json) -> Value:
    """Expect "on" for something, "off" for nothing."""
    return "off" if value is None else "on"


def is_online(value: Json) -> Value:
    """Expect "on" for the word online."""
    return None if value is None else yes_no(value == "online")


def moment(value: Json) -> Value:
    """Expect a time; the year 1 means never."""
    if value is None or value.startswith("0001"):
        return None
    return datetime.fromisoformat(value)


def boost(value: Json) -> Value:
    """Expect a state of boost; Home Assistant has its own ``unavailable``."""
    return "not_available" if value == "unavailable" else text(value)


type Row = tuple[str, str, Callable[[Json], Value], str | None]

# Entity key, Podero's field, what becomes of it, unit.
COMMON: tuple[Row, ...] = (
    ("connection_status", "connection_status", text, None),
    ("monitoring_status", "monitoring_status", text, None),
    ("steering_status", "steering_status", text, None),
    ("lifecycle_state", "lifecycle_state", text, None),
    ("steering_state", "actual_steering_state", text, None),
    ("optimization_score", "optimization_score", number, None),
    ("price_zone", "price_zone", lower, None),
    ("last_update", "current_state_last_updated_at", moment, None),
    ("last_monitoring", "last_monitoring_executed_at", moment, None),
    ("pause_until", "pause_power_until", moment, None),
    ("forced_mode_since", "inverter_forced_mode_since", moment, None),
    ("smart_optimization", "is_smart_optimization_active", yes_no, None),
    ("power_paused", "is_pause_power_active", yes_no, None),
    ("forced_mode_enabled", "is_inverter_forced_mode_enabled", yes_no, None),
    ("forced_mode", "is_inverter_forced_mode_active", yes_no, None),
    ("trading", "is_trading_enabled", yes_no, None),
    ("authenticated", "is_authenticated", yes_no, None),
    ("action_needed", "action_needed", yes_no, None),
    ("notification", "has_notification", yes_no, None),
)

MODE: tuple[Row, ...] = (("current_mode", "current_mode", text, None),)

INVERTER: tuple[Row, ...] = (
    ("solar_power", "current_solar_production_w", number, "W"),
    ("grid_power", "current_power_to_grid_w", reversed_sign, "W"),
    ("grid_import_power", "current_power_to_grid_w", negative, "W"),
    ("grid_export_power", "current_power_to_grid_w", positive, "W"),
    ("home_power", "household_consumption_w", number, "W"),
    ("solar_surplus", "solar_surplus_w", number, "W"),
    ("battery_power", "battery_charge_discharge_power_w", number, "W"),
    ("battery_charge_power", "battery_charge_discharge_power_w", negative, "W"),
    ("battery_discharge_power", "battery_charge_discharge_power_w", positive, "W"),
    ("battery_charging", "battery_charge_discharge_power_w", is_negative, None),
    ("battery_level", "battery_charge_level_percent", number, "%"),
    ("battery_policy", "battery_policy", text, None),
    ("production_last_day", "production_last_day_kwh", number, "kWh"),
    ("production_last_week", "production_last_week_kwh", number, "kWh"),
    ("production_last_month", "production_last_month_kwh", number, "kWh"),
    ("solar_rating", "solar_power_rating_kw", number, "kW"),
    ("battery_capacity", "battery_capacity_kwh", number, "kWh"),
    ("battery_min_level", "min_battery_charge", number, "%"),
    ("battery_max_level", "max_battery_charge", number, "%"),
    ("information_updated", "information_last_updated_at", moment, None),
    ("battery_policy_updated", "battery_policy_last_updated_at", moment, None),
    ("production_updated", "production_last_updated_at", moment, None),
    ("inferred_max_charge_power", "inferred_max_charge_power_w", number, "W"),
    ("inferred_max_discharge_power", "inferred_max_discharge_power_w", number, "W"),
    ("inferred_min_battery_level", "inferred_min_battery_soc_percent", number, "%"),
    ("inferred_battery_capacity", "inferred_battery_capacity_kwh", number, "kWh"),
    ("inferred_updated", "inferred_params_updated_at", moment, None),
    ("ev_inferred_at", "ev_inferred_at", moment, None),
    ("ev_inference_confidence", "ev_inference_confidence", number, None),
    ("curtailment", "is_curtailment_active", yes_no, None),
    ("battery_connected", "is_battery_connected", yes_no, None),
    ("user_limits", "user_limits_enabled", yes_no, None),
    ("needs_gateway", "needs_gateway", yes_no, None),
    ("ev_in_household", "has_ev_in_household", yes_no, None),
)

VEHICLE: tuple[Row, ...] = (
    ("battery_level", "battery_level", number, "%"),
    ("charge_power", "charge_rate_w", number, "W"),
    ("charge_time_remaining", "charge_time_remaining", minutes, "min"),
    ("driving_range", "driving_range", number, "km"),
    ("boost_state", "boost_state", boost, None),
    ("battery_at_plug_in", "battery_at_plug_in", number, "%"),
    ("consumption_last_day", "consumption_last_day_kwh", number, "kWh"),
    ("consumption_last_week", "consumption_last_week_kwh", number, "kWh"),
    ("consumption_last_month", "consumption_last_month_kwh", number, "kWh"),
    ("charge_deadline", "charge_deadline_at", text, None),
    ("minimum_charge_limit", "minimum_charge_limit", number, "%"),
    ("battery_capacity", "battery_capacity_kwh", zero_is_none, "kWh"),
    ("charge_target_min", "charge_target_min", number, "%"),
    ("charge_target_max", "charge_target_max", number, "%"),
    ("expected_max_charge_power", "expected_max_charge_power", number, "W"),
    ("last_boost_triggered", "last_boost_triggered_at", moment, None),
    ("last_boost_ended", "last_boost_ended_at", moment, None),
    ("last_boost_end_reason", "last_boost_end_reason", text, None),
    ("charge_policy_updated", "charge_policy_last_updated_at", moment, None),
    ("charge_state_updated", "charge_state_last_updated_at", moment, None),
    ("consumption_updated", "consumption_last_updated_at", moment, None),
    ("location_updated", "coordinates_last_updated_at", moment, None),
    ("geofence_distance", "geo_fence_distance_m", number, "m"),
    ("minimum_solar_coverage", "minimum_solar_coverage", number, None),
    ("hems_min_export_to_start", "hems_min_export_to_start_w", number, "W"),
    (
        "hems_max_import_before_stopping",
        "hems_max_import_before_stopping_w",
        number,
        "W",
    ),
    ("hems_min_production_to_start", "hems_min_production_to_start_w", number, "W"),
    (
        "hems_min_production_before_stopping",
        "hems_min_production_before_stopping_w",
        number,
        "W",
    ),
    ("plugged_in", "is_plugged_in", yes_no, None),
    ("charging", "is_charging", yes_no, None),
    ("fully_charged", "is_fully_charged", yes_no, None),
    ("boost_next_session", "boost_for_next_session", yes_no, None),
    ("charge_policy", "is_charge_policy_enabled", yes_no, None),
    ("boost_enabled", "boost_feature_enabled", yes_no, None),
    ("over_charge_allowed", "is_over_charge_allowed", yes_no, None),
)

HEAT_PUMP: tuple[Row, ...] = (
    ("power", "current_power_consumption_w", number, "W"),
    ("outdoor_temperature", "outdoor_temperature", number, "°C"),
    ("indoor_temperature", "indoor_actual_temperature", number, "°C"),
    ("indoor_target_temperature", "indoor_target_temperature", number, "°C"),
    ("hot_water_temperature", "dhw_temperature", number, "°C"),
    ("hot_water_target_temperature", "dhw_standard_temperature", number, "°C"),
    ("inlet_temperature", "inlet_temperature", number, "°C"),
    ("outlet_temperature", "outlet_temperature", number, "°C"),
    ("indoor_target_offset", "indoor_target_temperature_offset", number, "K"),
    # It means nothing while the optimization is off, which the demo's never is.
    ("heating_mode", "current_mode", lower, None),
    ("optimization_level", "optimization_level", lower, None),
    ("operational_mode", "operational_mode", lower, None),
    ("consumption_last_day", "consumption_last_day_kwh", number, "kWh"),
    ("consumption_last_week", "consumption_last_week_kwh", number, "kWh"),
    ("consumption_last_month", "consumption_last_month_kwh", number, "kWh"),
    ("consumption_updated", "consumption_last_updated_at", moment, None),
    ("space_heating", "is_space_heating_enabled", yes_no, None),
    ("hot_water_heating", "is_hot_water_heating_enabled", yes_no, None),
    ("pool_heating", "is_pool_heating_enabled", yes_no, None),
    ("space_cooling", "is_space_cooling_enabled", yes_no, None),
    ("away_mode", "is_away_mode_enabled", yes_no, None),
)

WALLBOX: tuple[Row, ...] = (
    ("boost_state", "boost_state", boost, None),
    ("minimum_charge_limit", "minimum_charge_limit", number, "%"),
    ("charge_power_max", "charge_power_max_w", number, "W"),
    ("charge_target_min", "charge_target_min", number, "%"),
    ("charge_target_max", "charge_target_max", number, "%"),
    ("plugged_in", "is_plugged_in", yes_no, None),
    ("charging", "is_charging", yes_no, None),
    ("online", "connection", is_online, None),
    ("boost_next_session", "boost_for_next_session", yes_no, None),
    ("charge_policy", "is_charge_policy_enabled", yes_no, None),
)

ITSELF: tuple[Row, ...] = (
    ("charging_mode", "smart_charging_mode", text, None),
    ("solar_charging_power", "status.charge_power_w", number, "W"),
    ("solar_charging_today", "status.solar_kwh_today", number, "kWh"),
    (
        "hems_min_export_to_start",
        "thresholds.hems_min_export_to_start_w",
        number,
        "W",
    ),
    (
        "hems_max_import_before_stopping",
        "thresholds.hems_max_import_before_stopping_w",
        number,
        "W",
    ),
    ("solar_charging_possible", "hems_eligible", yes_no, None),
    ("charging_warning", "health_warning", is_there, None),
    ("mode_conflict", "mode_conflict", yes_no, None),
)

# The household itself among its devices.
HOUSEHOLD = "charging-config"

TABLES = {
    "inverters": COMMON + MODE + INVERTER,
    "electric-vehicles": COMMON + MODE + VEHICLE,
    "heat-pumps": COMMON + HEAT_PUMP,
    "wallboxes": COMMON + MODE + WALLBOX,
    HOUSEHOLD: ITSELF,
}
# How many values, unknown ones not counted, must agree.
ENOUGH = {
    "inverters": 45,
    "electric-vehicles": 50,
    "heat-pumps": 30,
    "wallboxes": 20,
    HOUSEHOLD: 7,
}


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What an entity must say.

    Attributes:
        key: The entity's key.
        value: Its state; None for unknown.
        unit: Its unit.
        because: What of Podero's makes it so, for the message.
    """

    key: str
    value: Value
    unit: str | None
    because: str


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What came of comparing one device."""

    agreed: int
    differences: tuple[str, ...]


def agree(state: str, expected: Value) -> bool:
    """Return whether a state says what is expected."""
    match expected:
        case None:
            return state == "unknown"
        case str():
            return state == expected
        case datetime():
            try:
                # States have no fractions of a second.
                return datetime.fromisoformat(state) == expected.replace(microsecond=0)
            except ValueError:
                return False
        case _:
            try:
                return math.isclose(float(state), expected, rel_tol=1e-6, abs_tol=1e-9)
            except ValueError:
                return False


def expected_of_detail(kind: str, detail: Json) -> list[Expected]:
    """Return what the entities must say, given Podero's answer about a device."""

    def field(path: str) -> Json:
        value = detail
        for name in path.split("."):
            value = value[name]
        return value

    return [
        Expected(
            key=key,
            value=expect(field(path)),
            unit=unit,
            because=f"{path} {field(path)!r}",
        )
        for key, path, expect, unit in TABLES[kind]
    ]


def compare(
    device_id: str,
    expectations: list[Expected],
    entities: dict[str, Json],
    states: dict[str, Json],
) -> Comparison:
    """Compare a device's states with what they must be.

    ``entities`` is the registry by unique id, ``states`` all states by entity
    id. A disabled entity has no state and is passed over.
    """
    agreed = 0
    differences = []
    for wanted in expectations:
        entry = entities.get(f"{device_id}_{wanted.key}")
        if entry is None:
            differences.append(f"{wanted.key}: there is no such entity")
            continue
        if entry["disabled_by"] is not None:
            continue
        state = states.get(entry["entity_id"])
        if state is None:
            differences.append(f"{entry['entity_id']}: has no state")
            continue
        unit = state["attributes"].get("unit_of_measurement")
        if not agree(state["state"], wanted.value):
            differences.append(
                f"{entry['entity_id']} is {state['state']},"
                f" but {wanted.because} makes {wanted.value}"
            )
        elif unit != wanted.unit:
            differences.append(f"{entry['entity_id']} is in {unit}, not {wanted.unit}")
        elif wanted.value is not None:
            agreed += 1
    return Comparison(agreed=agreed, differences=tuple(differences))
