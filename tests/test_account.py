"""One client per account: no refresh token is lost or used twice, no pause and no refusal forgotten."""

import asyncio
from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import entity_id, make_entry, pass_time, set_up, state

TOKEN = "/auth/token$"
CLIENT_TOKEN = "/oauth2/token/$"


@pytest.fixture
def by_account(simulator: Simulator) -> MockConfigEntry:
    """Return the entry of an account, not added yet."""
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    return make_entry(simulator, data={"refresh_token": granted["refresh_token"]})


@pytest.fixture
async def waiting(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    by_account: MockConfigEntry,
) -> MockConfigEntry:
    """Return an account's entry that waits, for five seconds, for the answer to its refresh token."""
    await set_up(hass, by_account)
    simulator.tokens.revoke_access()
    simulator.fail(TOKEN, delay=5, times=1)
    now.tick(timedelta(minutes=5))
    async_fire_time_changed(hass)
    await struck(simulator)
    return by_account


async def struck(simulator: Simulator) -> None:
    """Wait until a request runs into the fault."""
    while not simulator.faults.rules[0].struck:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)


async def look(hass: HomeAssistant, inverter: str) -> None:
    """Ask for an inverter at once."""
    assert await async_setup_component(hass, "homeassistant", {})
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": entity_id(hass, "sensor", inverter, "solar_power")},
        blocking=True,
    )
    await hass.async_block_till_done(wait_background_tasks=True)


def flows(hass: HomeAssistant) -> list[Any]:
    """Return what asks to sign in again."""
    return hass.config_entries.flow.async_progress_by_handler(DOMAIN)


async def test_stop_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    waiting: MockConfigEntry,
) -> None:
    """Home Assistant does not stop before the new token is in the entry."""
    used = waiting.data["refresh_token"]
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    now.tick(6)
    await hass.async_block_till_done()
    assert waiting.data["refresh_token"] != used


async def test_reload_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    waiting: MockConfigEntry,
) -> None:
    """Nor is an entry reloaded with a token that is used up."""
    reload = hass.async_create_task(hass.config_entries.async_reload(waiting.entry_id))
    await asyncio.sleep(0)
    now.tick(6)
    assert await reload
    assert waiting.state is ConfigEntryState.LOADED
    assert not hass.config_entries.flow.async_progress()


async def test_sign_in_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    waiting: MockConfigEntry,
) -> None:
    """The late answer to an old token does not push out the one that somebody just signed in for."""
    result = await waiting.start_reauth_flow(hass)
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"username": "demo", "password": "demo"}
    )
    assert result["reason"] == "reauth_successful"
    fresh = waiting.data["refresh_token"]
    answered = simulator.requests.count(TOKEN)
    now.tick(6)
    while simulator.requests.count(TOKEN) == answered:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    # From now on the token stays the same, so that it can be recognized.
    simulator.tokens.rotates = False
    await hass.async_block_till_done(wait_background_tasks=True)
    assert waiting.data["refresh_token"] == fresh
    assert waiting.state is ConfigEntryState.LOADED
    await pass_time(hass, now, timedelta(minutes=5))
    assert not hass.config_entries.flow.async_progress()


async def test_household_is_added_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    by_account: MockConfigEntry,
) -> None:
    """A dialog that opens while the entry is being set up waits for the same token."""
    simulator.fail(TOKEN, delay=5, times=1)
    by_account.add_to_hass(hass)
    setup = hass.async_create_task(hass.config_entries.async_setup(by_account.entry_id))
    await struck(simulator)
    dialog = hass.async_create_task(
        hass.config_entries.subentries.async_init(
            (by_account.entry_id, "household"), context={"source": SOURCE_USER}
        )
    )
    await asyncio.sleep(0)
    now.tick(6)
    assert (await dialog)["errors"] == {}
    assert await setup
    assert simulator.requests.count(TOKEN) == 1
    assert by_account.state is ConfigEntryState.LOADED


async def test_household_is_added_during_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    waiting: MockConfigEntry,
) -> None:
    """Nor does a reload with a dialog beside it use any refresh token twice."""
    reload = hass.async_create_task(hass.config_entries.async_reload(waiting.entry_id))
    await asyncio.sleep(0)
    dialog = hass.async_create_task(
        hass.config_entries.subentries.async_init(
            (waiting.entry_id, "household"), context={"source": SOURCE_USER}
        )
    )
    await asyncio.sleep(0)
    now.tick(6)
    assert (await dialog)["errors"] == {}
    assert await reload
    assert simulator.requests.count(TOKEN, status=400) == 0
    assert waiting.state is ConfigEntryState.LOADED
    assert flows(hass) == []


@pytest.mark.parametrize("token", ["", None, "no\ntoken"])
async def test_rotated_token_beside_a_bad_one(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    by_account: MockConfigEntry,
    token: str | None,
) -> None:
    """The new refresh token is in the entry although the access token is good for nothing."""
    await set_up(hass, by_account)
    inverter = simulator.households[0].inverters[0].id
    used = by_account.data["refresh_token"]
    simulator.tokens.revoke_access()
    fault = simulator.fail(TOKEN, fields={"access_token": token}, times=1)
    await pass_time(hass, now, timedelta(minutes=6))
    assert fault.struck == 1
    assert by_account.data["refresh_token"] != used
    await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert flows(hass) == []


async def test_pause_survives_failed_set_ups(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """While Podero wants a pause nothing is sent, however often Home Assistant tries."""
    simulator.fail("/users/", status=429, headers={"Retry-After": "1800"})
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    simulator.heal()
    asked = simulator.requests.total
    for _ in range(25):
        await pass_time(hass, now, 70)
    assert not await hass.config_entries.async_reload(entry.entry_id)
    assert simulator.requests.total == asked
    await pass_time(hass, now, 70)
    assert await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED
    # Along with the token that was good all the time.
    assert simulator.requests.count(CLIENT_TOKEN) == 1


async def test_pause_survives_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """Nor does a reload end the pause."""
    simulator.fail("/users/", status=429, headers={"Retry-After": "1800"})
    await pass_time(hass, now, timedelta(minutes=6))
    simulator.heal()
    asked = simulator.requests.total
    assert not await hass.config_entries.async_reload(loaded.entry_id)
    assert simulator.requests.total == asked


async def test_removal_forgets_the_account(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """An entry that is removed and made anew begins from nothing."""
    await hass.config_entries.async_remove(loaded.entry_id)
    issued = simulator.tokens.issued
    await set_up(hass, make_entry(simulator))
    assert simulator.tokens.issued == issued + 1


async def test_other_credentials(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """Whoever changes what an entry signs in with gets a client that does so."""
    simulator.tokens.client_secret = "another"
    hass.config_entries.async_update_entry(
        loaded, data={**loaded.data, "client_secret": "another"}
    )
    issued = simulator.tokens.issued
    assert await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.LOADED
    assert simulator.tokens.issued == issued + 1
    # What was learned by the former way of signing in is not mixed into it.
    assert loaded.data["client_secret"] == "another"


@pytest.mark.parametrize(
    "refusal",
    [
        {"status": 401, "body": {"error": "invalid_client"}},
        {"status": 403, "html": True},
        {"status": 400, "body": {"error": "invalid_grant"}},
    ],
)
async def test_a_passing_refusal_heals(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    refusal: dict[str, Any],
) -> None:
    """A refusal that passes, as a firewall's, asks nobody to sign in again."""
    inverter = simulator.households[0].inverters[0].id
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.tokens.revoke_access()
    fault = simulator.fail(CLIENT_TOKEN, times=1, **refusal)
    for minutes, is_available in ((0, False), (4, False), (1, True)):
        await pass_time(hass, now, timedelta(minutes=minutes))
        await look(hass, inverter)
        assert fault.struck == 1
        shown = state(hass, inverter, "solar_power").state
        assert (shown != STATE_UNAVAILABLE) is is_available
        assert flows(hass) == []


async def test_a_lasting_refusal_heals_too(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """The second refusal asks to sign in again, once; the question goes when it heals by itself."""
    inverter = simulator.households[0].inverters[0].id
    simulator.tokens.revoke_access()
    simulator.tokens.refuses_clients = True
    simulator.requests.clear()
    for _ in range(40):
        await pass_time(hass, now, timedelta(minutes=6))
    # After 5, 10, 20, 40 and 80 minutes.
    assert 4 <= simulator.requests.count(CLIENT_TOKEN) <= 6
    (flow,) = flows(hass)
    assert flow["step_id"] == "reauth_confirm"
    simulator.tokens.refuses_clients = False
    for _ in range(30):
        await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert flows(hass) == []


async def test_fresh_tokens_are_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """Resources that refuse every token ask to sign in again, too, and heal likewise."""
    inverter = simulator.households[0].inverters[0].id
    fault = simulator.fail("/users/", status=401)
    await pass_time(hass, now, timedelta(minutes=6))
    assert flows(hass) == []
    for _ in range(2):
        await pass_time(hass, now, timedelta(minutes=6))
    assert len(flows(hass)) == 1
    simulator.faults.remove(fault)
    for _ in range(4):
        await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert flows(hass) == []
