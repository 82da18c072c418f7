"""Refresh tokens that are good for one use only: none is lost, none comes back."""

import asyncio
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from simulator import Simulator

from .common import make_entry, pass_time, set_up

TOKEN = "/auth/token$"


@pytest.fixture
async def waiting(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an account's entry that waits, for five seconds, for the answer to its refresh token."""
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    entry = make_entry(simulator, data={"refresh_token": granted["refresh_token"]})
    await set_up(hass, entry)
    simulator.tokens.revoke_access()
    simulator.fail(TOKEN, delay=5, times=1)
    now.tick(timedelta(minutes=5))
    async_fire_time_changed(hass)
    fault = simulator.faults.rules[0]
    while not fault.struck:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    return entry


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
