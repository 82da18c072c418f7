"""Setting up, unloading, and what a household's devices leave behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import (
    SETTINGS,
    device_entry,
    device_ids,
    entity_id,
    make_entry,
    pass_time,
    set_up,
    state,
)

TOKEN = "/oauth2/token/"


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Return the flows that ask to sign in again."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


async def test_load_and_unload(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """An unloaded entry asks nothing any more, and can be loaded again."""
    inverter = simulator.households[0].inverters[0].id
    solar = entity_id(hass, "sensor", inverter, "solar_power")
    before = hass.states.get(solar)
    assert before is not None
    assert await hass.config_entries.async_unload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.NOT_LOADED
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    simulator.requests.clear()
    for _ in range(3):
        await pass_time(hass, now, timedelta(hours=1))
    assert simulator.requests.total == 0
    assert await hass.config_entries.async_setup(loaded.entry_id)
    await hass.async_block_till_done()
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_entry_without_households(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """An organization whose last household was removed is there, and costs nothing."""
    entry = MockConfigEntry(domain=DOMAIN, data=make_entry(simulator).data)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await pass_time(hass, now, timedelta(hours=2))
    assert simulator.requests.total == 0


def no_answer(simulator: Simulator) -> None:
    """Hang up on everybody."""
    simulator.fail(".", disconnect=True)


def server_error(simulator: Simulator) -> None:
    """Let every request end in a server error."""
    simulator.fail(".", status=500)


def web_page(simulator: Simulator) -> None:
    """Answer with a web page."""
    simulator.fail(".", html=True)


def too_many(simulator: Simulator) -> None:
    """Ask for a pause."""
    simulator.fail("/users/", status=429, headers={"Retry-After": "30"})


def no_rights(simulator: Simulator) -> None:
    """Refuse the household."""
    simulator.fail("/users/", status=403)


def gone(simulator: Simulator) -> None:
    """Know nothing of the household."""
    simulator.fail("/users/", status=404)


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        (no_answer, "cannot_connect"),
        (server_error, "bad_response"),
        (web_page, "bad_response"),
        (too_many, "rate_limited"),
        (no_rights, "no_access"),
        (gone, "not_found"),
    ],
)
async def test_podero_in_trouble(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    trouble: Callable[[Simulator], None],
    reason: str,
) -> None:
    """An entry that cannot be set up says why, and is tried again; nobody is asked to sign in."""
    trouble(simulator)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == reason
    assert entry.reason
    assert "Podero" in entry.reason
    assert reauth_flows(hass) == []
    simulator.heal()
    await pass_time(hass, now, timedelta(minutes=2))
    assert entry.state is ConfigEntryState.LOADED
    assert len(device_ids(hass, entry)) == 5


@pytest.mark.parametrize(
    "fault",
    [
        None,
        {"path": TOKEN, "status": 400, "body": {"error": "invalid_scope"}},
        {"path": "/users/", "status": 401},
    ],
)
async def test_refused_at_setup(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    fault: dict[str, Any] | None,
) -> None:
    """Credentials that stay refused ask to sign in again, once for all households."""
    if fault is None:
        simulator.tokens.client_secret = "another"
    else:
        simulator.fail(**fault)
    both.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(both.entry_id)
    await hass.async_block_till_done()
    assert both.state is ConfigEntryState.SETUP_RETRY
    assert both.error_reason_translation_key == "invalid_auth"
    assert "demo-secret" not in str(both.reason)
    assert reauth_flows(hass) == []
    await pass_time(hass, now, timedelta(minutes=6))
    assert both.state is ConfigEntryState.SETUP_RETRY
    assert len(reauth_flows(hass)) == 1


async def test_refused_later(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
) -> None:
    """So do credentials that Podero takes back while everything runs, once for all devices."""
    await set_up(hass, both)
    simulator.tokens.client_secret = "another"
    simulator.tokens.revoke_access()
    await pass_time(hass, now, timedelta(minutes=6))
    assert reauth_flows(hass) == []
    await pass_time(hass, now, timedelta(minutes=7))
    assert len(reauth_flows(hass)) == 1
    for family in simulator.households:
        for device in family.inverters:
            assert state(hass, device.id, "solar_power").state == STATE_UNAVAILABLE
    flow_id = reauth_flows(hass)[0]["flow_id"]
    await hass.config_entries.flow.async_configure(
        flow_id, {"client_id": "demo-client", "client_secret": "another"}
    )
    await hass.async_block_till_done()
    assert both.state is ConfigEntryState.LOADED
    inverter = simulator.households[0].inverters[0].id
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_a_lost_token_is_replaced(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """A token that Podero forgot is nobody's business but the client's."""
    simulator.tokens.revoke_access()
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(minutes=6))
    assert simulator.requests.count(TOKEN) == 1
    assert reauth_flows(hass) == []
    inverter = simulator.households[0].inverters[0].id
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_one_household_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
) -> None:
    """A household that Podero does not know leaves the other one alone, and may come back."""
    first, second = simulator.households
    simulator.fail(first.user_id, status=404)
    await set_up(hass, both)
    assert both.state is ConfigEntryState.LOADED
    assert device_ids(hass, both) == {second.inverters[0].id}
    simulator.heal()
    await pass_time(hass, now, timedelta(minutes=6))
    assert len(device_ids(hass, both)) == 6
    assert state(hass, first.vehicles[0].id, "battery_level").state.isdecimal()


async def test_token_rotation(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A new refresh token goes into the entry, which runs on as if nothing had happened."""
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    entry = make_entry(simulator, data={"refresh_token": granted["refresh_token"]})
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    first = entry.data["refresh_token"]
    assert first != granted["refresh_token"]
    running = entry.runtime_data
    now.tick(timedelta(hours=10))
    await pass_time(hass, now, timedelta(minutes=6))
    assert entry.data["refresh_token"] != first
    assert entry.data.keys() == {"host", "org_id", "refresh_token"}
    assert entry.runtime_data is running
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_two_entries(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Two accounts live side by side, each with its own token."""
    entries = []
    for number, name in enumerate(("demo", "demo2")):
        granted = simulator.tokens.for_password(name, name)
        assert granted is not None
        entry = make_entry(
            simulator, number, data={"refresh_token": granted["refresh_token"]}
        )
        await set_up(hass, entry)
        entries.append(entry)
    assert [entry.state for entry in entries] == [ConfigEntryState.LOADED] * 2
    assert len(device_ids(hass, entries[0])) == 5
    assert len(device_ids(hass, entries[1])) == 1
    simulator.fail(simulator.households[0].user_id, status=500)
    await pass_time(hass, now, timedelta(minutes=6))
    first, second = (family.inverters[0].id for family in simulator.households)
    assert state(hass, first, "solar_power").state == STATE_UNAVAILABLE
    assert state(hass, second, "solar_power").state != STATE_UNAVAILABLE
    await hass.config_entries.async_remove(entries[0].entry_id)
    assert state(hass, second, "solar_power").state != STATE_UNAVAILABLE


async def remove_device(
    hass: HomeAssistant, ws: WebSocketGenerator, device: dr.DeviceEntry
) -> bool:
    """Press "delete" on the device's page; returns whether it was allowed."""
    assert await async_setup_component(hass, "config", {})
    client = await ws(hass)
    await client.send_json_auto_id(
        {"type": "config/device_registry/remove", "device_id": device.id}
    )
    answer = await client.receive_json()
    return bool(answer["success"])


async def test_a_device_that_is_there_stays(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A device that Podero still has cannot be removed by hand."""
    inverter = simulator.households[0].inverters[0].id
    device = device_entry(hass, loaded, inverter)
    assert device is not None
    assert not await remove_device(hass, hass_ws_client, device)
    assert device_entry(hass, loaded, inverter) == device


async def test_a_device_that_is_gone_may_go(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A device that Podero no longer has can be removed at once, without waiting for the second list."""
    entry.add_to_hass(hass)
    (household,) = entry.subentries
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id,
        config_subentry_id=household,
        identifiers={(DOMAIN, "123e4567-e89b-42d3-a456-426614174000")},
        name="Left from an earlier run",
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert len(device_ids(hass, entry)) == 6
    assert await remove_device(hass, hass_ws_client, device)
    assert len(device_ids(hass, entry)) == 5


async def test_a_renamed_household_is_not_reloaded(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A household's title is for people only."""
    running = loaded.runtime_data
    (household,) = loaded.subentries.values()
    hass.config_entries.async_update_subentry(loaded, household, title="Our home")
    await hass.async_block_till_done()
    assert loaded.runtime_data is running
    hass.config_entries.async_update_subentry(
        loaded, household, data={**household.data, **SETTINGS, "history_days": 9}
    )
    await hass.async_block_till_done()
    assert loaded.runtime_data is not running
