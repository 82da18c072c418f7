"""What Home Assistant's system information says of Podero."""

import asyncio
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import pass_time, set_up


@pytest.fixture(autouse=True)
async def _system_health(hass: HomeAssistant) -> None:
    """Set up what asks for it, and load the integration that is asked."""
    assert await async_setup_component(hass, "system_health", {})
    assert await async_setup_component(hass, DOMAIN, {})


async def ask(hass_ws_client: WebSocketGenerator) -> dict[str, Any]:
    """Return what the front end comes to show, once all is known."""
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "system_health/info"})
    assert (await client.receive_json())["success"]
    info: dict[str, Any] = {}
    while (event := (await client.receive_json())["event"])["type"] != "finish":
        if event["type"] == "initial":
            info = event["data"][DOMAIN]["info"]
        elif event["domain"] == DOMAIN:
            info[event["key"]] = event["data"]
    return info


async def test_two_households(
    hass: HomeAssistant,
    simulator: Simulator,
    both: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """All devices of all households are counted, and how old their data is."""
    families = simulator.households
    simulator.override(
        families[1].inverters[0].id,
        current_state_last_updated_at="2026-05-19T08:00:00Z",
    )
    simulator.override(
        families[0].vehicles[0].id, current_state_last_updated_at="0001-01-01T00:00:00Z"
    )
    await set_up(hass, both)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert await ask(hass_ws_client) == {
        "can_reach_server": "ok",
        "households": 2,
        "devices": len(simulator.devices),
        "requests_last_hour": simulator.requests.count("/users/"),
        "newest_data": {"type": "date", "value": "2026-05-20T10:00:00+00:00"},
        "oldest_data": {"type": "date", "value": "2026-05-19T08:00:00+00:00"},
    }


async def test_podero_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """A host that does not answer is told; the data it gave grows old."""
    await simulator.stop()
    await pass_time(hass, now, 600)
    info = await ask(hass_ws_client)
    assert info["can_reach_server"] == {"type": "failed", "error": "unreachable"}
    assert info["devices"] == 4
    assert info["oldest_data"]["value"] == "2026-05-20T10:00:00+00:00"


@pytest.mark.parametrize("place", ["elsewhere", "itself"])
async def test_redirect_is_not_followed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
    place: str,
) -> None:
    """A host that points elsewhere is there; nobody goes where it points, nor in circles."""
    elsewhere = Simulator(seed=1, households=1, days=1)
    await elsewhere.start()
    target = elsewhere.url if place == "elsewhere" else simulator.url
    fault = simulator.fail("^/$", redirect=f"{target}/")
    entry.add_to_hass(hass)
    assert (await ask(hass_ws_client))["can_reach_server"] == "ok"
    assert fault.struck == 1
    assert elsewhere.requests.total == 0
    await elsewhere.stop()


async def test_host_that_takes_its_time(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """After five seconds it is said that there is no answer."""
    fault = simulator.fail("^/$", delay=3600)
    entry.add_to_hass(hass)
    asking = hass.async_create_task(ask(hass_ws_client))
    while not fault.struck:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    now.tick(6)
    assert (await asking)["can_reach_server"] == {"type": "failed", "error": "timeout"}


async def test_entry_that_is_not_loaded(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """Without a loaded entry there is nothing but the host."""
    entry.add_to_hass(hass)
    assert await ask(hass_ws_client) == {
        "can_reach_server": "ok",
        "households": 0,
        "devices": 0,
        "requests_last_hour": 0,
        "newest_data": None,
        "oldest_data": None,
    }


async def test_every_line_has_a_name(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    hass_ws_client: WebSocketGenerator,
) -> None:
    """What is shown is called something, and nothing else has a name."""
    names = await async_get_translations(hass, "en", "system_health", {DOMAIN})
    prefix = f"component.{DOMAIN}.system_health.info."
    assert {name.removeprefix(prefix) for name in names} == set(
        await ask(hass_ws_client)
    )
