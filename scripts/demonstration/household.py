"""The demo's household in Home Assistant: set up, waited for, put into rooms."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scripts.demonstration.comparison import HOUSEHOLD
from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.podero import CLIENT_ID, CLIENT_SECRET, Podero

type Json = Any  # whatever a JSON answer holds

CAR = "electric-vehicles"
DEVICES_SECONDS = 30
HISTORY_SECONDS = 90
ROOMS = {
    "inverters": ("Utility room", "mdi:home-lightning-bolt"),
    "heat-pumps": ("Utility room", "mdi:home-lightning-bolt"),
    "electric-vehicles": ("Garage", "mdi:garage"),
    "wallboxes": ("Garage", "mdi:garage"),
}
# What the household pays for a kWh, and is paid for one.
PRICES = {
    "import_price": "podero",
    "surcharge": 0.12,
    "tax": 20.0,
    "export_price": "fixed",
    "export_fixed": 0.07,
}


class HouseholdError(Exception):
    """The household does not show up."""


@dataclass(frozen=True, kw_only=True)
class Device:
    """Something of the household, as Podero and Home Assistant know it."""

    kind: str
    id: str
    path: str
    name: str
    registry_id: str

    @property
    def probe(self) -> str:
        """The key of an entity that it always has: updating that asks for everything."""
        return "charging_mode" if self.kind == HOUSEHOLD else "connection_status"


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
            "prices": PRICES,
        },
    )
    return done["result"]


async def wait_for_devices(home: HomeAssistant, podero: Podero) -> list[Device]:
    """Wait until Home Assistant has all that Podero lists."""
    listed = (await podero.household()).listed
    try:
        async with asyncio.timeout(DEVICES_SECONDS):
            while True:
                registry = {
                    identifier: device
                    for device in await home.call("config/device_registry/list")
                    for domain, identifier in device["identifiers"]
                    if domain == "podero"
                }
                devices = [
                    Device(
                        kind=each.kind,
                        id=each.id,
                        path=each.path,
                        name=found["name_by_user"] or found["name"],
                        registry_id=found["id"],
                    )
                    for each in listed
                    if (found := registry.get(each.id)) is not None
                ]
                states = await home.states()
                entities = await home.entities()
                if len(devices) == len(listed) and all(
                    (entry := entities.get(f"{device.id}_{device.probe}"))
                    and entry["entity_id"] in states
                    for device in devices
                ):
                    return devices
                await asyncio.sleep(0.2)
    except TimeoutError as error:
        missing = {each.id for each in listed} - set(registry)
        said = ", ".join(missing) or "their states"
        raise HouseholdError(f"Home Assistant does not show {said}") from error


async def wait_for_history(home: HomeAssistant, now: datetime) -> None:
    """Wait until the past is imported and the Energy dashboard set up from it."""
    # The hour may have turned since the import began.
    wanted = (now - timedelta(minutes=10)).replace(minute=0, second=0, microsecond=0)

    def is_imported(history: Json) -> bool:
        until = history["imported_until"]
        return history["complete"] and datetime.fromisoformat(until) >= wanted

    try:
        async with asyncio.timeout(HISTORY_SECONDS):
            while True:
                histories = await imported(home)
                if histories and all(map(is_imported, histories)):
                    if await home.has_energy_dashboard():
                        return
                await asyncio.sleep(0.5)
    except TimeoutError as error:
        said = ", ".join(str(history["imported_until"]) for history in histories)
        raise HouseholdError(
            f"the history or the Energy dashboard is not complete: {said}"
        ) from error


async def imported(home: HomeAssistant) -> list[Json]:
    """Return how far the past of each device that has one is imported."""
    return [
        device["history"]
        for answer in await home.diagnostics()
        for household in answer["households"]
        for device in household["devices"]
        if device["history"] is not None
    ]


async def arrange(home: HomeAssistant, devices: list[Device]) -> None:
    """Give the devices rooms, instead of the empty ones of a new Home Assistant."""
    for area in await home.call("config/area_registry/list"):
        await home.call("config/area_registry/delete", area_id=area["area_id"])
    rooms: dict[str, str] = {}
    for device in devices:
        if device.kind not in ROOMS:
            continue
        name, icon = ROOMS[device.kind]
        if name not in rooms:
            area = await home.call("config/area_registry/create", name=name, icon=icon)
            rooms[name] = area["area_id"]
        await home.call(
            "config/device_registry/update",
            device_id=device.registry_id,
            area_id=rooms[name],
        )
