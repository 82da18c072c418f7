"""What all entities have in common: which there are, when they write, when they are there."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import (
    EVENT_STATE_CHANGED,
    EVENT_STATE_REPORTED,
    STATE_OFF,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import (
    Event,
    EventStateChangedData,
    EventStateReportedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Simulator

from .common import device_entry, entity_id, make_entry, pass_time, set_up, state
from .kinds.contract import (
    BATTERY,
    CONTROLS,
    HEAT_PUMP,
    HISTORY,
    TODAY,
    expected,
    read,
    registered,
)

POLL = timedelta(minutes=5)

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
    simulator.override(car, driving_range=77)
    await pass_time(hass, now, POLL)
    assert written == [entity_id(hass, "sensor", car, "driving_range")]


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


async def test_quiet_hours(
    hass: HomeAssistant, now: FrozenDateTimeFactory, entry: MockConfigEntry
) -> None:
    """Six quiet hours leave few lines in the Activity, which has no place for what is measured."""
    now.move_to(datetime(2026, 5, 20, 22, 7, tzinfo=UTC))
    await set_up(hass, entry)
    lines: list[str] = []

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        before, after = event.data["old_state"], event.data["new_state"]
        if before is None or after is None or before.state == after.state:
            return
        if not {"unit_of_measurement", "state_class"} & after.attributes.keys():
            lines.append(f"{after.entity_id}: {after.state}")

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    for _ in range(6 * 12):
        await pass_time(hass, now, POLL)
    assert len(lines) <= 8, lines


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
    of_battery = read(BATTERY).keys()
    assert not of_battery & registered(hass, entry, device.id).keys()
    connected = state(hass, device.id, "battery_connected", "binary_sensor")
    assert connected.state == "off"
    simulator.connect_battery(device.id, 7.5)
    await pass_time(hass, now, POLL)
    assert of_battery <= registered(hass, entry, device.id).keys()
    assert state(hass, device.id, "battery_capacity").state == "7.5"
    for platform, key in of_battery:
        assert state(hass, device.id, key, platform).state != STATE_UNAVAILABLE


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
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
    lost = {
        (platform, key)
        for platform, key in registered(hass, loaded, inverter)
        if state(hass, inverter, key, platform).state == STATE_UNAVAILABLE
    }
    assert lost == read(BATTERY).keys()
    simulator.override(inverter, is_battery_connected=True)
    await pass_time(hass, now, POLL)
    for platform, key in lost:
        assert state(hass, inverter, key, platform).state != STATE_UNAVAILABLE


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


# Whether a setting is shown or can be changed


async def test_control_takes_the_place_of_the_reading(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Allowing control and forbidding it again swaps entities and leaves none behind."""
    (family, _) = simulator.households
    devices = {
        "inverter": family.inverters[0].id,
        "car": family.vehicles[0].id,
        "heat_pump": family.heat_pumps[0].id,
        "wallbox": family.wallboxes[0].id,
        "household": family.user_id,
    }
    (subentry,) = loaded.subentries.values()
    # Without a recorder there is no imported past to show.
    past = read(HISTORY, TODAY).keys()
    for allow_control in (True, False, True):
        hass.config_entries.async_update_subentry(
            loaded, subentry, data={**subentry.data, "allow_control": allow_control}
        )
        await hass.async_block_till_done(wait_background_tasks=True)
        for kind, device_id in devices.items():
            promised = expected(kind, allow_control=allow_control).keys() - past
            assert registered(hass, loaded, device_id).keys() == promised, kind
            for platform, key in read(CONTROLS[kind]).keys() & promised:
                shown = state(hass, device_id, key, platform)
                assert shown.state != STATE_UNAVAILABLE, key


async def test_controls_of_their_own_are_removed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """What an earlier version registered beside the reading goes; another device's entity stays."""
    entry.add_to_hass(hass)
    registry, devices = er.async_get(hass), dr.async_get(hass)
    (subentry_id,) = entry.subentries
    old = [
        registry.async_get_or_create(
            platform,
            "podero",
            f"{device_id}_{key}",
            config_entry=entry,
            device_id=devices.async_get_or_create(
                config_entry_id=entry.entry_id,
                config_subentry_id=subentry_id,
                identifiers={("podero", device_id)},
            ).id,
        ).entity_id
        for platform, device_id, key in (
            ("switch", inverter, "smart_optimization_control"),
            ("number", inverter, "battery_min_level_control"),
            ("time", car, "charge_deadline_control"),
        )
    ]
    other = registry.async_get_or_create(
        "sensor", "podero", "00000000-0000-4000-8000-000000000000_power"
    )
    await set_up(hass, entry)
    for entity in old:
        assert registry.async_get(entity) is None
    assert registry.async_get(other.entity_id) is not None
    assert state(hass, inverter, "smart_optimization", "binary_sensor")


# What cannot be understood


def fields_of(simulator: Simulator, device_id: str) -> set[str]:
    """Return what Podero says of a device, but for what makes it the device that it is."""
    detail = simulator.detail(simulator.device(device_id), simulator.url)
    return detail.keys() - {"id", "is_battery_connected", "device_model"}


# What is read from elsewhere than the detail.
ELSEWHERE = (
    "charging_sessions",
    "last_session_",
    "last_solar_session_",
    "month_",
    "next_",
    "savings_",
    "session_",
)
# Texts are shown as they are, whatever they say.
TEXTS = (
    "battery_policy",
    "current_mode",
    "last_boost_end_reason",
    "lifecycle_state",
    "operational_mode",
    "steering_state",
)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
@pytest.mark.parametrize("junk", [None, "", "n/a", [], {}, float("nan")])
async def test_nothing_but_junk(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    junk: object,
) -> None:
    """Whatever stands in a field that is not what it should be, the entity is unknown, and the log is quiet."""
    (family, _) = simulator.households
    config = simulator.charging_config(family.user_id)
    simulator.override_charging(
        family.user_id, **dict.fromkeys(config.keys() - {"health_warning"}, junk)
    )
    heat_pump = family.heat_pumps[0].id
    devices = family.inverters + family.vehicles + family.heat_pumps + family.wallboxes
    for device in devices:
        simulator.override(
            device.id, **dict.fromkeys(fields_of(simulator, device.id), junk)
        )
    caplog.clear()
    await pass_time(hass, now, POLL)
    for device_id in (family.user_id, *(device.id for device in devices)):
        for platform, key in registered(hass, loaded, device_id):
            if key.startswith(ELSEWHERE) or key == "battery_connected":
                continue
            wanted: object = STATE_UNKNOWN
            if key in TEXTS and junk == "n/a":
                wanted = junk
            elif key in ("charging_problem", "charging_warning"):
                # Without a verdict there is no problem.
                wanted = STATE_OFF
            elif device_id == heat_pump and (platform, key) in read(HEAT_PUMP):
                wanted = STATE_UNAVAILABLE
            assert state(hass, device_id, key, platform).state == wanted, key
    assert not [
        record
        for record in caplog.records
        if record.levelname in ("WARNING", "ERROR") and record.name != "asyncio"
    ]
