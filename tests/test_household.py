"""Households of all kinds of devices: who has a device, what is asked how often, what is not there."""

from datetime import UTC, datetime, timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import (
    device_entry,
    device_ids,
    entity_id,
    make_entry,
    pass_time,
    set_up,
    state,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
INTEGRATION = "custom_components.podero"


def second_entry(simulator: Simulator, *numbers: int) -> MockConfigEntry:
    """Return another entry for the same organization, as an account makes it."""
    entry = make_entry(simulator, *numbers)
    return MockConfigEntry(
        domain=DOMAIN,
        title="Podero another",
        unique_id=f"another {numbers}",
        data=dict(entry.data),
        subentries_data=[
            {
                "data": dict(subentry.data),
                "subentry_type": subentry.subentry_type,
                "title": subentry.title,
                "unique_id": subentry.unique_id,
            }
            for subentry in entry.subentries.values()
        ],
    )


def available(hass: HomeAssistant, device_id: str) -> int:
    """Return how many entities of a device are there and available."""
    return sum(
        entity.unique_id.startswith(device_id)
        and (found := hass.states.get(entity.entity_id)) is not None
        and found.state != STATE_UNAVAILABLE
        for entity in er.async_get(hass).entities.values()
    )


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    """Return what the integration logged, from a level on."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(INTEGRATION) and record.levelno >= level
    ]


# Who has a device


async def test_a_device_that_moves_between_entries(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory, car: str
) -> None:
    """A device that moves to a household of another entry has its entities there, without a reload."""
    entries = [make_entry(simulator, 0), second_entry(simulator, 1)]
    for entry in entries:
        await set_up(hass, entry)
    before = available(hass, car)
    assert before > 30
    simulator.move(car, simulator.households[1].user_id)
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert device_entry(hass, entries[0], car) is None
    assert device_entry(hass, entries[1], car) is not None
    assert available(hass, car) >= before - 2
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count(f"{simulator.households[0].user_id}.*{car}") == 0


async def test_a_device_of_two_entries(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A device that two entries can see is the first one's; the other says once that it is in use."""
    simulator.share(inverter, simulator.households[1].user_id)
    entries = [make_entry(simulator, 0), second_entry(simulator, 1)]
    for entry in entries:
        await set_up(hass, entry)
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert device_entry(hass, entries[0], inverter) is not None
    assert device_entry(hass, entries[1], inverter) is None
    in_use = [text for text in messages(caplog, logging.INFO) if "in use" in text]
    assert len(in_use) == 1
    assert inverter in in_use[0]
    # Its own devices are not touched by that.
    assert available(hass, simulator.households[1].inverters[0].id) > 10


async def test_the_other_entry_is_not_loaded(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: str,
) -> None:
    """A device stays with an entry that is not loaded, and goes to the other one with the entry's end."""
    simulator.share(inverter, simulator.households[1].user_id)
    entries = [make_entry(simulator, 0), second_entry(simulator, 1)]
    for entry in entries:
        await set_up(hass, entry)
    assert await hass.config_entries.async_unload(entries[0].entry_id)
    await pass_time(hass, now, HOUR)
    assert device_entry(hass, entries[1], inverter) is None
    await hass.config_entries.async_remove(entries[0].entry_id)
    await pass_time(hass, now, HOUR)
    assert device_entry(hass, entries[1], inverter) is not None
    assert available(hass, inverter) > 10


@pytest.mark.parametrize("late", [0, 1])
async def test_a_shared_device_after_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
    late: int,
) -> None:
    """Which household has a device of two users does not depend on which list is quicker after a restart."""
    simulator.share(inverter, simulator.households[1].user_id)
    await set_up(hass, both)
    before = device_entry(hass, both, inverter)
    assert before is not None
    for _ in range(2):
        assert await hass.config_entries.async_unload(both.entry_id)
        simulator.fail(
            f"{simulator.households[late].user_id}/inverters$", status=503, times=1
        )
        assert await hass.config_entries.async_setup(both.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        await pass_time(hass, now, timedelta(minutes=6))
        after = device_entry(hass, both, inverter)
        assert after is not None
        assert after.config_subentry_id == before.config_subentry_id
    assert available(hass, inverter) > 10


async def test_a_shared_device_leaves_nothing_behind(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
) -> None:
    """Looking at a device that is another household's, hour by hour, costs nothing."""
    simulator.share(inverter, simulator.households[1].user_id)
    await set_up(hass, both)
    await pass_time(hass, now, HOUR)
    callbacks = len(both._on_unload or [])
    for _ in range(24):
        await pass_time(hass, now, HOUR)
    assert len(both._on_unload or []) == callbacks


async def test_a_ghost(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """A device whose detail was deleted stays away, though the list goes on naming it; it may come back."""
    simulator.conventions.hides_deleted = False
    simulator.haunt(inverter)
    await pass_time(hass, now, timedelta(minutes=6))
    assert device_entry(hass, loaded, inverter) is None
    created = []
    hass.bus.async_listen(
        dr.EVENT_DEVICE_REGISTRY_UPDATED, lambda event: created.append(event.data)
    )
    simulator.requests.clear()
    for _ in range(4):
        await pass_time(hass, now, HOUR)
    assert [event for event in created if event["action"] == "create"] == []
    assert simulator.requests.count(f"{inverter}$") == 4
    simulator.restore(inverter)
    await pass_time(hass, now, HOUR)
    assert device_entry(hass, loaded, inverter) is not None
    assert available(hass, inverter) > 10


async def test_remove_a_device_while_the_entry_is_not_loaded(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    inverter: str,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A device of an entry that is not loaded can be removed by hand."""
    assert await async_setup_component(hass, "config", {})
    assert await hass.config_entries.async_unload(loaded.entry_id)
    device = device_entry(hass, loaded, inverter)
    assert device is not None
    client = await hass_ws_client(hass)
    response = await client.remove_device(device.id)
    assert response["success"]
    assert device_entry(hass, loaded, inverter) is None


# What is asked how often


async def requests_of_an_hour(
    hass: HomeAssistant, now: FrozenDateTimeFactory, simulator: Simulator
) -> None:
    """Let an hour pass, and forget what was asked before."""
    await pass_time(hass, now, HOUR)
    simulator.requests.clear()
    for _ in range(60):
        await pass_time(hass, now, MINUTE)


async def test_budgets(
    recorder_mock: object,
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """An idle hour stays within the budget of each kind of device."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    family = simulator.households[0]
    now.move_to(datetime(2026, 5, 20, 17, 3, tzinfo=UTC))
    await set_up(hass, entry)
    (car,), (wallbox,) = family.vehicles, family.wallboxes
    assert state(hass, car.id, "plugged_in", "binary_sensor").state == STATE_ON
    assert state(hass, car.id, "charging", "binary_sensor").state == STATE_OFF
    await requests_of_an_hour(hass, now, simulator)
    counts = {
        "inverter": simulator.requests.count(family.inverters[0].id),
        "heat pump": simulator.requests.count(family.heat_pumps[0].id),
        "car": simulator.requests.count(car.id),
        "wallbox": simulator.requests.count(wallbox.id),
    }
    household = simulator.requests.count(family.user_id) - sum(counts.values())
    assert 12 <= counts["inverter"] <= 16
    assert 12 <= counts["heat pump"] <= 16
    assert 24 <= counts["car"] <= 28
    assert 24 <= counts["wallbox"] <= 28
    assert 12 <= household <= 20


async def test_a_boost_that_shows_late(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
) -> None:
    """After a boost was asked for the car is looked at every ten seconds until it begins."""
    now.move_to(datetime(2026, 5, 20, 17, 3, tzinfo=UTC))
    simulator.conventions.boost_late_s = 45
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    car = simulator.households[0].vehicles[0].id
    assert state(hass, car, "boost_state").state == "available"
    simulator.requests.clear()
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, "button", car, "boost")},
        blocking=True,
    )
    assert state(hass, car, "boost_state").state == "available"
    for _ in range(12):
        await pass_time(hass, now, 5)
    assert state(hass, car, "boost_state").state in ("requested", "ongoing")
    assert simulator.requests.count(f"{car}$") >= 6


async def test_a_boost_that_never_begins(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
) -> None:
    """It is looked at so often for three minutes at most."""
    now.move_to(datetime(2026, 5, 20, 17, 3, tzinfo=UTC))
    simulator.conventions.boost_late_s = 3600
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    car = simulator.households[0].vehicles[0].id
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, "button", car, "boost")},
        blocking=True,
    )
    simulator.requests.clear()
    for _ in range(40):
        await pass_time(hass, now, 5)
    assert 15 <= simulator.requests.count(f"{car}$") <= 20
    simulator.requests.clear()
    for _ in range(20):
        await pass_time(hass, now, 15)
    assert simulator.requests.count(f"{car}$") <= 2


async def test_an_outage_with_a_boost_pending(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
) -> None:
    """A cloud that fails while a boost is awaited is not asked more often than usual."""
    now.move_to(datetime(2026, 5, 20, 17, 3, tzinfo=UTC))
    simulator.conventions.boost_late_s = 3600
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    car = simulator.households[0].vehicles[0].id
    simulator.override(car, boost_state="requested")
    await pass_time(hass, now, timedelta(minutes=6))
    simulator.fail(f"{car}$", status=503)
    await pass_time(hass, now, MINUTE)
    simulator.requests.clear()
    for _ in range(60 * 6):
        await pass_time(hass, now, 10)
    assert 10 <= simulator.requests.count(f"{car}$") <= 13


async def test_after_a_pause_not_all_at_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """What waited for the end of a pause comes back one after the other."""
    await set_up(hass, entry)
    simulator.fail(
        "/users/", status=429, headers={"Retry-After": "600"}, times=1, after=1
    )
    while not simulator.requests.count(status=429):
        await pass_time(hass, now, 10)
    simulator.requests.clear()
    for _ in range(60 * 13):
        await pass_time(hass, now, 1)
    seconds = [item.at for item in simulator.requests.find("/users/.*/[0-9a-f-]{36}$")]
    assert len(seconds) == 4
    assert max(map(seconds.count, seconds)) <= 2


# What is not there


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_kinds_that_are_not_there(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """What an organization does not have is asked for once a day, without a word in the log, and may come."""
    simulator.conventions.absent = dict.fromkeys(
        ("heat-pumps", "wallboxes", "charging-config"), status
    )
    await set_up(hass, entry)
    assert len(device_ids(hass, entry)) == 2
    assert messages(caplog, logging.INFO) == []
    simulator.requests.clear()
    for _ in range(47):
        await pass_time(hass, now, timedelta(minutes=30))
    absent = "(heat-pumps|wallboxes|charging-config)$"
    assert simulator.requests.count(absent) == 0
    simulator.conventions.absent = {}
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert len(device_ids(hass, entry)) == 5
    heat_pump = simulator.households[0].heat_pumps[0].id
    assert float(state(hass, heat_pump, "power").state) >= 0


async def test_a_list_that_is_refused_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """A list that is refused takes no device away that was in it, after a restart either."""
    simulator.fail("/inverters$", status=403)
    for _ in range(4):
        await pass_time(hass, now, HOUR)
    assert device_entry(hass, loaded, inverter) is not None
    assert available(hass, inverter) > 10
    assert await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.heal()
    await pass_time(hass, now, HOUR)
    assert available(hass, inverter) > 10


async def test_solar_sessions_that_are_not_there(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """So with a part of a device: the rest of it is not touched."""
    now.move_to(datetime(2026, 5, 20, 17, 3, tzinfo=UTC))
    simulator.conventions.absent = {"hems-sessions": 404}
    await set_up(hass, entry)
    wallbox = simulator.households[0].wallboxes[0].id
    assert state(hass, wallbox, "plugged_in", "binary_sensor").state == STATE_ON
    simulator.requests.clear()
    for _ in range(12):
        await pass_time(hass, now, timedelta(minutes=5))
    assert simulator.requests.count("hems-sessions") <= 12
    assert simulator.requests.count(f"{wallbox}$") >= 11
    assert messages(caplog, logging.INFO) == []


# The start


async def test_a_start_does_not_wait_for_devices(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
) -> None:
    """The start waits for the first list alone; what is known by then is shown, the rest when it comes."""
    simulator.fail("/[0-9a-f-]{36}$", method="GET", hold="before")
    other = simulator.households[1]
    simulator.fail(f"{other.user_id}/inverters$", hold="before")
    both.add_to_hass(hass)
    assert await hass.config_entries.async_setup(both.entry_id)
    await hass.async_block_till_done()
    assert both.state is ConfigEntryState.LOADED
    assert float(state(hass, inverter, "solar_power").state) > 0
    assert other.inverters[0].id not in device_ids(hass, both)
    simulator.heal()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert other.inverters[0].id in device_ids(hass, both)
    assert available(hass, other.inverters[0].id) > 10


async def test_devices_hang_on_the_household(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """The household is a device of its own, and the others are connected by way of it."""
    family = simulator.households[0]
    own = device_entry(hass, loaded, family.user_id)
    assert own is not None
    assert own.entry_type is dr.DeviceEntryType.SERVICE
    assert own.name == "Household 1"
    for device in (
        *family.inverters,
        *family.vehicles,
        *family.heat_pumps,
        *family.wallboxes,
    ):
        registered = device_entry(hass, loaded, device.id)
        assert registered is not None
        assert registered.via_device_id == own.id
