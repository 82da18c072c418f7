"""The life of an entry over years: restarts, reloads, credentials that change, and what is left behind."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import timedelta
import gc
import json
import logging
from traceback import FrameSummary, StackSummary
from typing import Any

import aiohttp
from awesomeversion import AwesomeVersion
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    async_test_home_assistant,
)
from pytest_homeassistant_custom_component.plugins import get_scheduled_timer_handles

from custom_components.podero.account import async_get_session
from custom_components.podero.api import Inverter
from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_CLOSE, __version__
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    device_registry as dr,
    entity_registry as er,
    floor_registry as fr,
    issue_registry as ir,
    label_registry as lr,
    restore_state as rs,
)
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import make_entry, pass_time, set_up, state

POLL = timedelta(minutes=6)
# What Home Assistant itself keeps of each reload: its entity platforms, before 2026.10.
KEPT = 0 if AwesomeVersion(__version__) >= "2026.10" else 33
TOKEN = "token"


def make_account(simulator: Simulator) -> MockConfigEntry:
    """Return an entry that signs in as a person, whose refresh token is good once."""
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    return make_entry(simulator, data={"refresh_token": granted["refresh_token"]})


def reauth_flows(hass: HomeAssistant) -> list[Any]:
    """Return the flows that ask to sign in again."""
    return [
        flow
        for flow in hass.config_entries.flow.async_progress()
        if flow["context"]["source"] == SOURCE_REAUTH
    ]


async def until(condition: Callable[[], bool]) -> None:
    """Let everything else go on until something is so; the clock stands still meanwhile."""
    for _ in range(10_000):
        if condition():
            return
        await asyncio.sleep(0)
    pytest.fail("It never came to that")


@asynccontextmanager
async def home_assistant(
    now: FrozenDateTimeFactory,
) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant that begins with what the last one stored, and ends as one does that is stopped."""
    async with async_test_home_assistant(load_registries=False) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        dr.async_setup(hass)
        for registry in (ar, cr, dr, er, fr, ir, lr, rs):
            await registry.async_load(hass)
        await hass.config_entries.async_initialize()
        if hass.config_entries.async_entries(DOMAIN):
            assert await async_setup_component(hass, DOMAIN, {})
            await hass.async_block_till_done(wait_background_tasks=True)
        try:
            yield hass
        finally:
            stopping = asyncio.create_task(hass.async_stop(force=True))
            await until(lambda: hass.is_stopping)
            # Time enough for what is on its way.
            now.tick(1)
            await stopping
            # A process that ends takes its timers along.
            for handle in get_scheduled_timer_handles(hass.loop):
                handle.cancel()


async def add(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add an entry as the config flow does, and wait until it is set up."""
    await hass.config_entries.async_add(entry)
    await hass.async_block_till_done(wait_background_tasks=True)


def only_entry(hass: HomeAssistant) -> ConfigEntry:
    """Return the one entry, which is loaded."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert entry.state is ConfigEntryState.LOADED
    return entry


# Restarts


@pytest.mark.parametrize("is_lost_on_the_way", [False, True])
async def test_restart_in_a_token_request(
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    is_lost_on_the_way: bool,
) -> None:
    """The refresh token that comes back while Home Assistant stops is not lost."""
    async with home_assistant(now) as hass:
        await add(hass, make_account(simulator))
        before = only_entry(hass).data["refresh_token"]
        now.tick(timedelta(hours=11))
        simulator.fail(TOKEN, delay=0.2, times=1, cut=is_lost_on_the_way)
        poll = hass.async_create_background_task(
            only_entry(hass).runtime_data.client.users(), "poll"
        )
        await until(lambda: simulator.requests.running > 0)
    assert poll.done()
    async with home_assistant(now) as hass:
        if is_lost_on_the_way:
            # Nobody can know a token that never came: the one way out is to sign in.
            (entry,) = hass.config_entries.async_entries(DOMAIN)
            assert entry.state is ConfigEntryState.SETUP_RETRY
            await pass_time(hass, now, POLL)
            assert len(reauth_flows(hass)) == 1
        else:
            assert only_entry(hass).data["refresh_token"] != before
            assert not reauth_flows(hass)


async def test_restart_in_a_fix_flow(
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    inverter: str,
) -> None:
    """The issue is there again, a page that was given stays good, and signing in there closes the issue."""
    issue_id = f"reauthenticate_{inverter}"
    simulator.add_action(inverter)
    async with home_assistant(now) as hass:
        assert await async_setup_component(hass, "repairs", {})
        await add(hass, make_entry(simulator))
        flows = hass.data["repairs"]["flow_manager"]
        flow = await flows.async_init(DOMAIN, data={"issue_id": issue_id})
        page = await flows.async_configure(flow["flow_id"], {})
        url = page["description_placeholders"]["url"]
    stored = json.dumps(hass_storage)
    assert issue_id in stored
    assert "/provider/" not in stored
    assert "secret=" not in stored

    async with home_assistant(now) as hass:
        issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.active
        async with (
            aiohttp.ClientSession() as browser,
            browser.post(
                url, data={"outcome": "success"}, allow_redirects=False
            ) as answer,
        ):
            assert answer.status == 303
        await pass_time(hass, now, POLL)
        assert ir.async_get(hass).async_get_issue(DOMAIN, issue_id) is None
        assert state(hass, inverter, "authenticated", "binary_sensor").state == "on"


async def test_restart_with_an_ignored_issue(
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    hass_storage: dict[str, Any],
    inverter: str,
) -> None:
    """What was ignored is ignored after a restart, too."""
    issue_id = f"reauthenticate_{inverter}"
    simulator.add_action(inverter)
    async with home_assistant(now) as hass:
        await add(hass, make_entry(simulator))
        ir.async_ignore_issue(hass, DOMAIN, issue_id, True)
    async with home_assistant(now) as hass:
        issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
        assert issue is not None
        assert issue.active
        assert issue.dismissed_version is not None


async def test_restart_keeps_devices_and_entities(
    simulator: Simulator, now: FrozenDateTimeFactory, hass_storage: dict[str, Any]
) -> None:
    """After a restart there is what there was, once."""
    found: list[tuple[set[str], set[str]]] = []
    entry = make_entry(simulator)
    for is_first in (True, False):
        async with home_assistant(now) as hass:
            if is_first:
                await add(hass, entry)
            entry_id = only_entry(hass).entry_id
            found.append(
                (
                    {
                        device.id
                        for device in dr.async_entries_for_config_entry(
                            dr.async_get(hass), entry_id
                        )
                    },
                    {
                        each.entity_id
                        for each in er.async_entries_for_config_entry(
                            er.async_get(hass), entry_id
                        )
                    },
                )
            )
    assert found[0] == found[1]
    assert len(found[0][0]) == 5


# Reloads


async def test_reload_in_a_token_request(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A reload waits for the refresh token that is on its way, instead of using the old one twice."""
    entry = make_account(simulator)
    await set_up(hass, entry)
    now.tick(timedelta(hours=11))
    simulator.requests.clear()
    simulator.fail(TOKEN, delay=0.2, times=1)
    client = entry.runtime_data.client
    poll = entry.async_create_background_task(hass, client.users(), "poll")
    await until(lambda: simulator.requests.running > 0)
    reload = asyncio.create_task(hass.config_entries.async_reload(entry.entry_id))
    for _ in range(1000):
        await asyncio.sleep(0)
    assert entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS
    now.tick(1)
    assert await reload
    assert entry.state is ConfigEntryState.LOADED
    assert poll.cancelled()
    # The account goes on with what it has.
    assert simulator.requests.count(TOKEN, status=200) == 1
    assert simulator.requests.count(TOKEN) == 1
    assert not reauth_flows(hass)


async def test_new_sign_in_during_a_token_request(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A token that comes late does not undo the sign-in that was made meanwhile."""
    entry = make_account(simulator)
    await set_up(hass, entry)
    now.tick(timedelta(hours=11))
    simulator.fail(TOKEN, delay=0.2, times=1)
    client = entry.runtime_data.client
    poll = asyncio.create_task(client.user(simulator.households[0].user_id))
    await until(lambda: simulator.requests.running > 0)
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    new = {**entry.data, "refresh_token": granted["refresh_token"]}
    hass.config_entries.async_update_entry(entry, data=new)
    now.tick(1)
    await poll
    assert entry.data == new


async def test_fifty_reloads(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Reloads leave no task, timer, listener, session or object behind."""
    # What the test itself would remember of each reload.
    caplog.set_level(logging.WARNING)
    simulator.add_action(inverter)
    await set_up(hass, both)

    async def reload() -> None:
        assert await hass.config_entries.async_reload(both.entry_id)
        await hass.async_block_till_done(wait_background_tasks=True)
        simulator.requests.clear()
        simulator.tokens.revoke_access()

    def count() -> dict[str, Any]:
        gc.collect()
        kinds = Counter(
            type(each).__qualname__
            for each in gc.get_objects()
            if type(each).__module__.startswith("custom_components.podero")
            or isinstance(each, aiohttp.ClientSession | asyncio.Task)
        )
        timers = get_scheduled_timer_handles(hass.loop)
        return {
            "objects": kinds,
            "tasks": len(asyncio.all_tasks()),
            "timers": sum(not timer.cancelled() for timer in timers),
            "listeners": dict(hass.bus.async_listeners()),
            "on unload": len(both._on_unload or ()),
            "update listeners": len(both.update_listeners),
            "state listeners": len(both._on_state_change or ()),
            "data": len(hass.data),
            "issues": len(ir.async_get(hass).issues),
        }

    def count_objects() -> int:
        # A timer that was cancelled stays in the loop's heap for a while, with where it
        # was made.
        timers = asyncio.TimerHandle | Context | StackSummary | FrameSummary
        return sum(not isinstance(each, timers) for each in gc.get_objects())

    for _ in range(3):
        await reload()
    before, size = count(), count_objects()
    for _ in range(50):
        await reload()
    assert count() == before
    # The interpreter and Home Assistant keep a cache or two; a single entity left behind
    # per reload would be hundreds of objects.
    assert count_objects() - size - 50 * KEPT < 50


async def test_unloaded_in_the_middle_of_a_poll(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """A poll that ends after its entry was unloaded is the last one: no timer is left."""
    simulator.fail("inverters/[^/]+$", delay=5, times=1)
    now.tick(timedelta(minutes=5))
    async_fire_time_changed(hass)
    fault = simulator.faults.rules[0]
    await until(lambda: bool(fault.struck))
    assert await hass.config_entries.async_unload(loaded.entry_id)
    now.tick(6)
    await hass.async_block_till_done(wait_background_tasks=True)
    coordinators = [
        handle
        for handle in get_scheduled_timer_handles(hass.loop)
        if not handle.cancelled() and "DataUpdateCoordinator" in repr(handle)
    ]
    assert coordinators == []


async def test_unloaded_entry_leaves_nothing(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """An entry that was loaded and removed leaves only the session, until Home Assistant ends."""
    warm_up = make_entry(simulator, 1)
    await set_up(hass, warm_up)
    assert await hass.config_entries.async_remove(warm_up.entry_id)
    await hass.async_block_till_done()
    before = dict(hass.bus.async_listeners())
    for _ in range(3):
        entry = make_entry(simulator)
        await set_up(hass, entry)
        assert await hass.config_entries.async_remove(entry.entry_id)
        await hass.async_block_till_done()
    assert dict(hass.bus.async_listeners()) == before
    session = async_get_session(hass)
    assert not session.closed
    hass.bus.async_fire(EVENT_HOMEASSISTANT_CLOSE)
    await hass.async_block_till_done()
    assert session.closed


@pytest.mark.filterwarnings("ignore:A test tried to use socket")
@pytest.mark.usefixtures("disable_mock_zeroconf_resolver", "mock_async_zeroconf")
async def test_cookies_are_not_kept(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A cookie of Podero's gets neither into later requests nor into Home Assistant's own session."""
    simulator.fail("/", headers={"Set-Cookie": "sessionid=1; Path=/"})
    entry = make_entry(simulator)
    # By name: no session would keep a cookie of a bare address.
    host = simulator.url.replace("127.0.0.1", "localhost")
    entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(entry, data={**entry.data, "host": host})
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert list(async_get_session(hass).cookie_jar) == []
    assert list(async_get_clientsession(hass).cookie_jar) == []


# Credentials


async def test_twenty_calls_with_an_expired_token(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """All of them wait for one and the same new token, expired or revoked."""
    user_id = simulator.households[0].user_id
    client = loaded.runtime_data.client
    for spoil in (
        lambda: now.tick(timedelta(hours=11)),
        simulator.tokens.revoke_access,
    ):
        spoil()
        simulator.requests.clear()
        answers = await asyncio.gather(
            *(client.devices(Inverter, user_id) for _ in range(20))
        )
        assert all(answers)
        assert simulator.requests.count(TOKEN) == 1


async def test_rotated_secret(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """A new secret is asked for once, and with it all goes on as it was."""
    before = {each.entity_id for each in hass.states.async_all()}
    simulator.tokens.client_secret = "rotated"
    await pass_time(hass, now, POLL)
    assert not reauth_flows(hass)
    simulator.tokens.revoke_access()
    for _ in range(3):
        await pass_time(hass, now, POLL)
    (flow,) = reauth_flows(hass)
    assert state(hass, inverter, "solar_power").state == "unavailable"

    result = await hass.config_entries.flow.async_configure(
        flow["flow_id"], {"client_id": "demo-client", "client_secret": "rotated"}
    )
    assert result["reason"] == "reauth_successful"
    await hass.async_block_till_done()
    assert state(hass, inverter, "solar_power").state != "unavailable"
    assert {each.entity_id for each in hass.states.async_all()} == before
    assert not reauth_flows(hass)


@pytest.mark.parametrize("status", [403, 404])
async def test_organization_access_lost(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Who may no longer see the organization is told so; signing in again would not help."""
    simulator.conventions.unknown_org_status = status
    organization, simulator.organization_id = (
        simulator.organization_id,
        "0d2f3c1e-1111-4222-8333-444455556666",
    )
    simulator.tokens.revoke_access()
    for _ in range(13):
        await pass_time(hass, now, POLL)
    assert state(hass, inverter, "solar_power").state == "unavailable"
    assert not reauth_flows(hass)
    told = {403: "has no access at Podero", 404: "Podero did not find it"}[status]
    lost = [
        each
        for each in caplog.messages
        if each.startswith(f"Error fetching inverter {inverter[:8]}")
    ]
    assert len(lost) == 1
    assert told in lost[0]
    # Nothing is thrown away for it.
    assert len(dr.async_get(hass).devices) == 5

    assert not await hass.config_entries.async_reload(loaded.entry_id)
    assert loaded.state is ConfigEntryState.SETUP_RETRY
    assert told in str(loaded.reason)
    assert not reauth_flows(hass)
    simulator.organization_id = organization
    await pass_time(hass, now, POLL)
    assert loaded.state is ConfigEntryState.LOADED
    assert state(hass, inverter, "solar_power").state != "unavailable"


async def test_refused_refresh_token(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A refresh token that Podero no longer takes starts one flow, however many devices poll."""
    entry = make_account(simulator)
    await set_up(hass, entry)
    simulator.tokens.revoke_access()
    simulator.tokens.revoke_refresh()
    for _ in range(12):
        await pass_time(hass, now, POLL)
    assert len(reauth_flows(hass)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503, "html": True},
        {"status": 429},
        {"disconnect": True},
        {"cut": True},
        {"status": 404},
        {"redirect": "https://podero.example/login"},
    ],
)
@pytest.mark.parametrize("where", [TOKEN, "/users/"])
async def test_outage_asks_nobody_to_sign_in(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    fault: dict[str, Any],
    where: str,
) -> None:
    """Whatever Podero's servers do, the credentials are not to blame, and all comes back by itself."""
    simulator.tokens.revoke_access()
    simulator.fail(where, **fault)
    for _ in range(4):
        await pass_time(hass, now, POLL)
    assert state(hass, inverter, "solar_power").state == "unavailable"
    assert not reauth_flows(hass)
    simulator.heal()
    await pass_time(hass, now, timedelta(hours=1))
    assert state(hass, inverter, "solar_power").state != "unavailable"
