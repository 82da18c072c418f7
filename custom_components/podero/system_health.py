"""What Home Assistant's system information shows of Podero."""

import asyncio
from typing import Any

from aiohttp import ClientError, ClientTimeout

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant, callback

from .account import async_get_session
from .const import DEFAULT_HOST, DOMAIN
from .data import PoderoData

TIMEOUT = ClientTimeout(total=5)


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(async_system_health_info)


async def async_system_health_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return whether Podero can be reached, and figures of all loaded entries."""
    hosts = {
        entry.data[CONF_HOST] for entry in hass.config_entries.async_entries(DOMAIN)
    }
    loaded: list[PoderoData] = [
        entry.runtime_data for entry in hass.config_entries.async_loaded_entries(DOMAIN)
    ]
    households = [
        household for data in loaded for household in data.households.values()
    ]
    coordinators = [
        device.coordinator
        for household in households
        for device in household.data.values()
        if device.coordinator.kind.is_steered
    ]
    updates = [
        updated
        for coordinator in coordinators
        if (updated := coordinator.data.device.current_state_last_updated_at)
        is not None
    ]
    return {
        # A coroutine, which the page shows when it is done.
        "can_reach_server": _async_can_reach(hass, sorted(hosts or {DEFAULT_HOST})),
        "households": len(households),
        "devices": len(coordinators),
        "requests_last_hour": sum(
            data.client.statistics.requests_last_hour for data in loaded
        ),
        "newest_data": max(updates, default=None),
        "oldest_data": min(updates, default=None),
    }


async def _async_can_reach(
    hass: HomeAssistant, hosts: list[str]
) -> str | dict[str, str]:
    """Return "ok" if all hosts can be reached, else what is wrong with the first that cannot."""
    answers = await asyncio.gather(*(_async_reach(hass, host) for host in hosts))
    return next((answer for answer in answers if answer != "ok"), "ok")


async def _async_reach(hass: HomeAssistant, host: str) -> str | dict[str, str]:
    """Return "ok" if a host answers anything at all.

    Home Assistant's own check would follow a redirect to wherever the host points.
    """
    try:
        async with async_get_session(hass).get(
            host, allow_redirects=False, timeout=TIMEOUT
        ):
            return "ok"
    except TimeoutError:
        return {"type": "failed", "error": "timeout"}
    except ClientError:
        return {"type": "failed", "error": "unreachable"}
