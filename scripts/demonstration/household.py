"""The demo's household in Home Assistant: set up, waited for, put into rooms."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.podero import CLIENT_ID, CLIENT_SECRET, Podero

type Json = Any  # whatever a JSON answer holds

CAR = "electric-vehicles"
DEVICES_SECONDS = 30
HISTORY_SECONDS = 90
ROOMS = {
    "inverters": ("Utility room", "mdi:home-lightning-bolt"),
    "electric-vehicles": ("Garage", "mdi:garage"),
}


class HouseholdError(Exception):
    """The household does not show up."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """One of the household's devices, as Podero and Home Assistant know it."""

    kind: str
    id: str
    path: str
    name: str
    registry_id: str


async def set_up(home: HomeAssistant, podero: Podero, days: int) -> Json:
    """Go through the integration's own dialogs; return the new config entry."""
    household = await podero.household()
    flow = await home.flow_step(None, "user", {"handler": "podero"})
    flow = await home.flow_step(
        flow, "client_credentials", {"next_step_id": "client_credentials"}
    )
    flow = await home.flow_step(
        flow,
        "household",
        {
            "host": podero.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "org_id": household.organization_id,
        },
    )
    done = await home.flow_step(
        flow,
        "create_entry",
        {
            "user_id": household.user_id,
            "history_days": days,
            "energy_dashboard": True,
            "allow_control": True,
        },
    )
    return done["result"]


async def wait_for_devices(home: HomeAssistant, podero: Podero) -> list[Device]:
    """Wait until Home Assistant has every device that Podero lists."""
    paths = (await podero.household()).paths
    try:
        async with asyncio.timeout(DEVICES_SECONDS):
            while True:
                registry = {
                    identifier: device
                    for device in await home.call("config/device_registry/list")
                    for domain, identifier in device["identifiers"]
                    if domain == "podero"
                }
                states = await home.states()
                entities = await home.entities()
                if all(
                    device_id in registry
                    and (entry := entities.get(f"{device_id}_last_update"))
                    and entry["entity_id"] in states
                    for device_id in paths
                ):
                    break
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        missing = ", ".join(set(paths) - set(registry)) or "their states"
        raise HouseholdError(f"Home Assistant does not show {missing}") from error
    return [
        Device(
            kind=path.split("/")[-2],
            id=device_id,
            path=path,
            name=registry[device_id]["name_by_user"] or registry[device_id]["name"],
            registry_id=registry[device_id]["id"],
        )
        for device_id, path in paths.items()
    ]


async def wait_for_history(
    home: HomeAssistant, devices: list[Device], now: datetime
) -> None:
    """Wait until the past is imported and the Energy dashboard set up from it."""
    # The hour may have turned since the import began.
    wanted = (now - timedelta(minutes=10)).replace(minute=0, second=0, microsecond=0)

    def is_imported(state: Json) -> bool:
        try:
            return datetime.fromisoformat(state["state"]) >= wanted
        except ValueError:
            return False

    entities = await home.entities()
    until = [
        entities[f"{device.id}_history_imported_until"]["entity_id"]
        for device in devices
    ]
    try:
        async with asyncio.timeout(HISTORY_SECONDS):
            while True:
                states = await home.states()
                if all(is_imported(states[entity_id]) for entity_id in until):
                    if await home.has_energy_dashboard():
                        return
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        said = ", ".join(states[entity_id]["state"] for entity_id in until)
        raise HouseholdError(
            f"the history or the Energy dashboard is not complete: {said}"
        ) from error


async def arrange(home: HomeAssistant, devices: list[Device]) -> None:
    """Give the devices rooms, instead of the empty ones of a new Home Assistant."""
    for area in await home.call("config/area_registry/list"):
        await home.call("config/area_registry/delete", area_id=area["area_id"])
    rooms: dict[str, str] = {}
    for device in devices:
        if device.kind not in rooms:
            name, icon = ROOMS[device.kind]
            area = await home.call("config/area_registry/create", name=name, icon=icon)
            rooms[device.kind] = area["area_id"]
        await home.call(
            "config/device_registry/update",
            device_id=device.registry_id,
            area_id=rooms[device.kind],
        )
