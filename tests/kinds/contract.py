"""Which entities a device has: section 5 of the design as data.

A word is a key and its marks: D diagnostic, C configuration, - disabled by default.
"""

from collections.abc import Mapping
import json
from pathlib import Path

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import podero
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from tests.common import device_entry

type Contract = Mapping[str, str]

COMMON: Contract = {
    "sensor": """
        connection_status:D monitoring_status:D steering_status:D lifecycle_state:D
        steering_state:D optimization_score:D price_zone:D- last_update:D-
        last_monitoring:D- pause_until:D- forced_mode_since:D-""",
    "binary_sensor": """
        smart_optimization power_paused:D forced_mode_enabled:D- forced_mode:D-
        trading:D- authenticated:D data_outdated:D action_needed notification:D""",
}
# A heat pump's is `heating_mode`: it is not made twice.
MODE: Contract = {"sensor": "current_mode:D"}
# Of the kinds that have long-term statistics.
HISTORY: Contract = {"sensor": "history_imported_until:D-"}
SAVINGS: Contract = {"sensor": "savings_month savings_year:-"}

INVERTER: Contract = {
    "sensor": """
        solar_power grid_power grid_import_power:- grid_export_power:- home_power
        solar_surplus production_last_day:- production_last_week:-
        production_last_month:- solar_rating:D information_updated:D-
        battery_policy_updated:D- production_updated:D- inferred_updated:D-
        ev_inferred_at:D- ev_inference_confidence:D-""",
    "binary_sensor": """
        curtailment battery_connected:D user_limits:D- needs_gateway:D-
        ev_in_household:D-""",
}
BATTERY: Contract = {
    "sensor": """
        battery_power battery_charge_power:- battery_discharge_power:- battery_level
        battery_policy:D battery_capacity:D battery_min_level:D battery_max_level:D
        inferred_max_charge_power:D- inferred_max_discharge_power:D-
        inferred_min_battery_level:D- inferred_battery_capacity:D-""",
    "binary_sensor": "battery_charging",
}
TODAY: Contract = {
    "sensor": """
        solar_energy_today home_energy_today grid_import_energy_today
        grid_export_energy_today self_sufficiency_today self_consumption_today
        self_sufficiency_month:- self_consumption_month:-""",
}
VEHICLE: Contract = {
    "sensor": """
        battery_level charge_power charging_status planned_start planned_end
        charge_time_remaining driving_range boost_state battery_at_plug_in:-
        consumption_last_day:- consumption_last_week:- consumption_last_month:-
        charge_deadline:D minimum_charge_limit:D battery_capacity:D
        charge_target_min:D charge_target_max:D expected_max_charge_power:D
        planned_target:D- last_boost_triggered:D- last_boost_ended:D-
        last_boost_end_reason:D- charge_policy_updated:D- charge_state_updated:D-
        consumption_updated:D- location_updated:D- geofence_distance:D-
        minimum_solar_coverage:D- hems_min_export_to_start:D-
        hems_max_import_before_stopping:D- hems_min_production_to_start:D-
        hems_min_production_before_stopping:D-
        session_energy session_cost session_savings:- last_session_energy
        last_session_cost last_session_savings:- last_session_start:-
        last_session_end:- last_session_initial_level:- last_session_final_level:-
        last_session_average_power:- last_session_peak_power:-
        last_session_outcome:- month_energy month_cost month_savings
        month_sessions:-""",
    "binary_sensor": """
        plugged_in charging charging_problem fully_charged:- boost_next_session:D
        charge_policy:D boost_enabled:D- over_charge_allowed:D-
        last_session_at_home:-""",
    # All trackers are diagnostic in Home Assistant.
    "device_tracker": "location:D-",
    "event": "charging_event",
    "calendar": "charging_sessions",
}
WEEKLY: Contract = {"sensor": "next_deadline next_target:-"}
HEAT_PUMP: Contract = {
    "sensor": """
        power heating_mode outdoor_temperature indoor_temperature
        indoor_target_temperature hot_water_temperature inlet_temperature:D
        outlet_temperature:D hot_water_target_temperature:D optimization_level
        indoor_target_offset:D- operational_mode:D- consumption_last_day:D-
        consumption_last_week:D- consumption_last_month:D- consumption_updated:D-""",
    "binary_sensor": """
        space_heating:D- hot_water_heating:D- pool_heating:D- space_cooling:D-
        away_mode:D-""",
}
WALLBOX: Contract = {
    "sensor": """
        charging_status boost_state minimum_charge_limit charge_power_max:D
        charge_target_min:D charge_target_max:D solar_session_energy
        last_solar_session_energy last_solar_session_savings steering_reason:D
        steering_power:D-""",
    "binary_sensor": """
        plugged_in charging online:D boost_next_session:D charge_policy:D""",
}
HOUSEHOLD: Contract = {
    "sensor": """
        charging_mode solar_charging_power solar_charging_today
        hems_min_export_to_start:D- hems_max_import_before_stopping:D-""",
    "binary_sensor": "solar_charging_possible:D charging_warning mode_conflict:D",
}

READINGS: Mapping[str, tuple[Contract, ...]] = {
    "inverter": (COMMON, MODE, HISTORY, SAVINGS, INVERTER, BATTERY, TODAY),
    "car": (COMMON, MODE, HISTORY, SAVINGS, VEHICLE, WEEKLY),
    "heat_pump": (COMMON, HISTORY, SAVINGS, HEAT_PUMP),
    "wallbox": (COMMON, MODE, WALLBOX),
    "household": (HOUSEHOLD,),
}
CONTROLS: Mapping[str, Contract] = {
    "inverter": {
        "switch": "smart_optimization",
        "number": "battery_min_level:C battery_max_level:C",
    },
    "car": {
        "button": "boost cancel_boost",
        "switch": "smart_optimization charge_policy",
        "number": """
            minimum_charge_limit:C hems_min_production_to_start:C
            hems_min_production_before_stopping:C""",
        "time": "charge_deadline:C",
    },
    "heat_pump": {"switch": "smart_optimization", "select": "optimization_level:C"},
    "wallbox": {"switch": "smart_optimization boost"},
    "household": {
        "select": "charging_mode:C",
        "number": "hems_min_export_to_start:C hems_max_import_before_stopping:C",
    },
}
MARKS = {None: "", EntityCategory.DIAGNOSTIC: "D", EntityCategory.CONFIG: "C"}
FOLDER = Path(podero.__file__).parent
# What the car changes itself where the household's own device does not.
SHARED_CONTROLS: Contract = {
    "number": "hems_min_export_to_start:C hems_max_import_before_stopping:C"
}


def read(*parts: Contract) -> dict[tuple[str, str], str]:
    """Return the marks by platform and key."""
    return {
        (platform, key): marks
        for part in parts
        for platform, words in part.items()
        for key, _, marks in (word.partition(":") for word in words.split())
    }


def expected(kind: str, *, allow_control: bool) -> dict[tuple[str, str], str]:
    """Return all that a device of a kind has, if everything is reported of it."""
    shown = read(*READINGS[kind])
    if not allow_control:
        return shown
    controls = read(CONTROLS[kind])
    replaced = {key for _, key in controls}
    return {
        each: marks for each, marks in shown.items() if each[1] not in replaced
    } | controls


def named(file: str) -> set[tuple[str, str]]:
    """Return the platforms and keys of the entities that a file has words or icons for."""
    entities = json.loads((FOLDER / file).read_text())["entity"]
    return {(platform, key) for platform, keys in entities.items() for key in keys}


def registered(
    hass: HomeAssistant, entry: MockConfigEntry, device_id: str
) -> dict[tuple[str, str], str]:
    """Return the marks of a device's entities, by platform and key."""
    device = device_entry(hass, entry, device_id)
    assert device is not None
    found = {}
    with_icon = named("icons.json")
    for each in er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    ):
        key = each.unique_id.removeprefix(f"{device_id}_")
        assert each.translation_key == key
        assert each.has_entity_name
        assert each.original_device_class or (each.domain, key) in with_icon, key
        off = each.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        found[each.domain, key] = MARKS[each.entity_category] + "-" * off
    return found
