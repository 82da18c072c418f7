"""What all entities have in common: which there are, when they write, when they are there."""

from collections.abc import Mapping
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    EntityCategory,
)
from homeassistant.core import Event, EventStateReportedData, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from simulator import Simulator

from .common import device_entry, entity_id, make_entry, pass_time, set_up, state

POLL = timedelta(minutes=5)

# The contract: keys by platform. "D" is diagnostic, "-" is disabled by default.
COMMON = {
    "sensor": """
        connection_status:D monitoring_status:D steering_status:D lifecycle_state:D
        steering_state:D current_mode optimization_score price_zone:D- last_update:D
        last_monitoring:D- pause_until:D forced_mode_since:D-""",
    "binary_sensor": """
        smart_optimization power_paused forced_mode_enabled:D- forced_mode trading:D
        authenticated:D action_needed notification""",
}
INVERTER = {
    "sensor": """
        solar_power grid_power grid_import_power:- grid_export_power:- home_power
        solar_surplus battery_power battery_charge_power:- battery_discharge_power:-
        battery_level battery_policy production_last_day production_last_week
        production_last_month solar_rating:D battery_capacity:D battery_min_level:D
        battery_max_level:D information_updated:D- battery_policy_updated:D-
        production_updated:D- inferred_max_charge_power:D-
        inferred_max_discharge_power:D- inferred_min_battery_level:D-
        inferred_battery_capacity:D- inferred_updated:D- ev_inferred_at:D-
        ev_inference_confidence:D-""",
    "binary_sensor": """
        curtailment battery_charging battery_connected:D user_limits:D
        needs_gateway:D- ev_in_household:D-""",
}
VEHICLE = {
    "sensor": """
        battery_level charge_power charge_time_remaining driving_range boost_state
        battery_at_plug_in consumption_last_day consumption_last_week
        consumption_last_month charge_deadline minimum_charge_limit battery_capacity:D
        charge_target_min:D charge_target_max:D expected_max_charge_power:D
        last_boost_triggered:D last_boost_ended:D last_boost_end_reason:D
        charge_policy_updated:D- charge_state_updated:D- consumption_updated:D-
        location_updated:D- geofence_distance:D- minimum_solar_coverage:D-
        hems_min_export_to_start:D- hems_max_import_before_stopping:D-
        hems_min_production_to_start:D- hems_min_production_before_stopping:D-
        session_energy session_cost session_savings last_session_energy
        last_session_cost last_session_savings last_session_start last_session_end
        last_session_initial_level last_session_final_level
        last_session_average_power last_session_peak_power last_session_outcome
        month_energy month_cost month_savings month_sessions""",
    "binary_sensor": """
        plugged_in charging fully_charged boost_next_session charge_policy
        boost_enabled:D over_charge_allowed:D last_session_at_home""",
    # All trackers are diagnostic in Home Assistant.
    "device_tracker": "location:D-",
    "calendar": "charging_sessions",
}
BATTERY = (
    "battery_power",
    "battery_charge_power",
    "battery_discharge_power",
    "battery_level",
    "battery_policy",
    "battery_capacity",
    "battery_min_level",
    "battery_max_level",
    "inferred_max_charge_power",
    "inferred_max_discharge_power",
    "inferred_min_battery_level",
    "inferred_battery_capacity",
    "battery_charging",
)


def contract(*parts: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """Return the marks by platform and key."""
    return {
        (platform, key): marks
        for part in parts
        for platform, words in part.items()
        for key, _, marks in (word.partition(":") for word in words.split())
    }


def registered(
    hass: HomeAssistant, entry: MockConfigEntry, device_id: str
) -> dict[tuple[str, str], str]:
    """Return the same of what the registry has."""
    device = device_entry(hass, entry, device_id)
    assert device is not None
    found = {}
    for each in er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    ):
        key = each.unique_id.removeprefix(f"{device_id}_")
        assert each.translation_key == key
        assert each.has_entity_name
        diagnostic = each.entity_category is EntityCategory.DIAGNOSTIC
        off = each.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        found[each.domain, key] = "D" * diagnostic + "-" * off
    return found


async def test_entities_of_an_inverter(
    hass: HomeAssistant, loaded: MockConfigEntry, inverter: str
) -> None:
    """An inverter with a battery has the entities that are promised, no more and no less."""
    assert registered(hass, loaded, inverter) == contract(COMMON, INVERTER)


async def test_entities_of_a_vehicle(
    hass: HomeAssistant, loaded: MockConfigEntry, car: str
) -> None:
    """So has a car."""
    assert registered(hass, loaded, car) == contract(COMMON, VEHICLE)


# When states are written


@pytest.fixture
def written(hass: HomeAssistant) -> list[str]:
    """Return the entities that wrote a state, changed or not, as it happens."""
    seen: list[str] = []

    @callback
    def note(event: Event[EventStateReportedData]) -> None:
        seen.append(event.data["entity_id"])

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    hass.bus.async_listen(
        EVENT_STATE_REPORTED, note, event_filter=callback(lambda _: True)
    )
    return seen


async def test_one_value_one_state(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    written: list[str],
) -> None:
    """A refresh in which one value changed writes one state; one in which none did writes none."""
    simulator.clock.freeze()
    await pass_time(hass, now, POLL)
    written.clear()
    simulator.requests.clear()
    await pass_time(hass, now, POLL)
    assert simulator.requests.count(f"{inverter}$") == 1
    assert simulator.requests.count(f"{car}$") == 1
    assert written == []
    simulator.override(inverter, current_solar_production_w=77)
    await pass_time(hass, now, POLL)
    assert written == [entity_id(hass, "sensor", inverter, "solar_power")]
    written.clear()
    simulator.override(car, is_plugged_in=None)
    await pass_time(hass, now, POLL)
    assert written == [entity_id(hass, "binary_sensor", car, "plugged_in")]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_one_value_several_entities(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    written: list[str],
) -> None:
    """Only those that show the value write: going from charging to charging faster is no discharging."""
    simulator.clock.freeze()
    simulator.override(inverter, battery_charge_discharge_power_w=-500)
    await pass_time(hass, now, POLL)
    written.clear()
    simulator.override(inverter, battery_charge_discharge_power_w=-600)
    await pass_time(hass, now, POLL)
    assert sorted(written) == sorted(
        entity_id(hass, "sensor", inverter, key)
        for key in ("battery_power", "battery_charge_power")
    )


async def test_attributes_count(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    written: list[str],
) -> None:
    """A state whose attribute changed is written too."""
    simulator.clock.freeze()
    await pass_time(hass, now, POLL)
    written.clear()
    simulator.override(inverter, lifecycle_error="No answer from the manufacturer")
    await pass_time(hass, now, POLL)
    assert written == [entity_id(hass, "sensor", inverter, "lifecycle_state")]
    shown = state(hass, inverter, "lifecycle_state").attributes
    assert shown["lifecycle_error"] == "No answer from the manufacturer"


async def test_an_outage_is_written_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    written: list[str],
) -> None:
    """Each entity of a device that was lost writes once when it goes and once when it is back."""
    simulator.clock.freeze()
    await pass_time(hass, now, POLL)
    device = device_entry(hass, loaded, inverter)
    assert device is not None
    theirs = sorted(
        each.entity_id
        for each in er.async_entries_for_device(er.async_get(hass), device.id)
    )
    fault = simulator.fail(f"{inverter}$", status=500)
    written.clear()
    for _ in range(3):
        await pass_time(hass, now, POLL)
    assert sorted(written) == theirs
    simulator.faults.remove(fault)
    written.clear()
    for _ in range(2):
        await pass_time(hass, now, POLL)
    assert sorted(written) == theirs


# What a device may or may not have


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_a_battery_that_is_connected_later(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
) -> None:
    """The battery's entities appear with the battery."""
    entry = make_entry(simulator, 1)
    await set_up(hass, entry)
    (device,) = simulator.households[1].inverters
    without = contract(COMMON, INVERTER)
    for platform, key in list(without):
        if key in BATTERY:
            del without[platform, key]
    assert registered(hass, entry, device.id).keys() == without.keys()
    connected = state(hass, device.id, "battery_connected", "binary_sensor")
    assert connected.state == "off"
    simulator.connect_battery(device.id, 7.5)
    await pass_time(hass, now, POLL)
    assert (
        registered(hass, entry, device.id).keys() == contract(COMMON, INVERTER).keys()
    )
    assert state(hass, device.id, "battery_capacity").state == "7.5"
    for key in BATTERY[:-1]:
        assert state(hass, device.id, key).state != STATE_UNAVAILABLE


async def test_a_battery_that_is_disconnected(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """The battery's entities are unavailable while there is none, and no others are."""
    simulator.override(inverter, is_battery_connected=False)
    await pass_time(hass, now, POLL)
    for key in ("battery_level", "battery_power", "battery_policy", "battery_capacity"):
        assert state(hass, inverter, key).state == STATE_UNAVAILABLE
    charging = state(hass, inverter, "battery_charging", "binary_sensor")
    assert charging.state == STATE_UNAVAILABLE
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    simulator.override(inverter, is_battery_connected=True)
    await pass_time(hass, now, POLL)
    assert state(hass, inverter, "battery_level").state != STATE_UNAVAILABLE


@pytest.mark.parametrize(
    ("capacity", "level", "there"),
    [
        ("10.24", None, True),
        (None, 55, True),
        ("0", "0", False),
        (None, None, False),
        ("", "none", False),
    ],
)
async def test_a_battery_that_podero_is_silent_about(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    capacity: object,
    level: object,
    there: bool,
) -> None:
    """Where Podero does not say whether there is a battery, a capacity or a level tells."""
    simulator.override(
        inverter,
        is_battery_connected=None,
        battery_capacity_kwh=capacity,
        battery_charge_level_percent=level,
    )
    await set_up(hass, entry)
    found = er.async_get(hass).async_get_entity_id(
        "sensor", "podero", f"{inverter}_battery_level"
    )
    assert (found is not None) is there


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("junk", [None, "", "n/a", [], {}, float("nan")])
async def test_nothing_but_junk(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    caplog: pytest.LogCaptureFixture,
    junk: object,
) -> None:
    """Whatever stands in a field that is not what it should be, the entity is unknown, and the log is quiet."""
    kept = {"id", "is_battery_connected", "device_model"}
    for device_id in (inverter, car):
        fields = simulator.detail(simulator.device(device_id), simulator.url)
        simulator.override(device_id, **dict.fromkeys(fields.keys() - kept, junk))
    caplog.clear()
    await pass_time(hass, now, POLL)
    of_sessions = ("session_", "last_session_", "month_", "charging_sessions")
    # Texts are shown as they are, whatever they say.
    texts = (
        "lifecycle_state",
        "steering_state",
        "current_mode",
        "battery_policy",
        "last_boost_end_reason",
    )
    for device_id in (inverter, car):
        for platform, key in registered(hass, loaded, device_id):
            if key.startswith(of_sessions) or key == "battery_connected":
                continue
            expected = junk if junk == "n/a" and key in texts else STATE_UNKNOWN
            assert state(hass, device_id, key, platform).state == expected, key
    assert not [
        record
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR") and record.name != "asyncio"
    ]
