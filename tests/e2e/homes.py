"""Home Assistants and the Podero cloud that they talk to, each a process of its own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp

from scripts.demonstration import dashboard, household
from scripts.demonstration.home_assistant import ROOT, HomeAssistant, configure
from scripts.demonstration.household import CAR, Device
from scripts.demonstration.podero import Podero
from scripts.demonstration.processes import Server, free_port

from .clock import ENVIRONMENT

FOLDER = ROOT / ".demo" / "e2e"
# Enough for the pictures of a month and of the one before.
HISTORY_DAYS = 55
# For how long the car has been charging when the tests begin.
CHARGING_SINCE = timedelta(minutes=20)

type Json = Any  # whatever a JSON answer holds


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A simulated Podero cloud with two households.

    Attributes:
        organization_id: What the dialogs ask for.
        households: ``user_id``, ``name``, ``username``, and the ids of their
            ``inverters`` and ``vehicles``.
    """

    podero: Podero
    organization_id: str
    households: list[Json]

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.podero.url

    @property
    def inverter(self) -> str:
        """Id of the first household's inverter."""
        return str(self.households[0]["inverters"][0])

    @property
    def car(self) -> str:
        """Id of the first household's car."""
        return str(self.households[0]["vehicles"][0])

    async def tell(self, method: str, path: str, body: Json = None) -> Json:
        """Use one of the simulator's own routes, below ``/_simulator/``."""
        return await self.podero.request(method, f"/_simulator/{path}", json=body)


@dataclass(frozen=True, kw_only=True)
class Home:
    """A running Home Assistant."""

    api: HomeAssistant
    folder: Path

    async def poll(self, device_id: str) -> None:
        """Ask Podero for a device now rather than in some minutes."""
        entry = (await self.api.entities())[f"{device_id}_last_update"]
        await self.api.action(
            "homeassistant.update_entity", entity_id=[entry["entity_id"]]
        )

    async def device_page(self, device_id: str) -> str:
        """Return the path of a device's page, by Podero's id of the device."""
        for device in await self.api.call("config/device_registry/list"):
            if ["podero", device_id] in device["identifiers"]:
                return f"/config/devices/device/{device['id']}"
        raise KeyError(device_id)


@asynccontextmanager
async def run_cloud(session: aiohttp.ClientSession) -> AsyncGenerator[Cloud]:
    """Run a Podero cloud whose first car is being boosted."""
    # The pictures show its address.
    port = free_port(8765)
    podero = Podero(session, f"http://127.0.0.1:{port}")
    async with Server(
        "the simulator",
        FOLDER / "simulator.log",
        "simulator",
        *("--port", str(port), "--households", "2"),
        *("--days", str(HISTORY_DAYS + 10)),
        environment=ENVIRONMENT,
    ) as server:
        await podero.wait_until_up(server)
        # Before anything is asked for: what the simulator has told stays as it is.
        await podero.advance(-CHARGING_SINCE)
        paths = (await podero.household()).paths.values()
        car = next(path for path in paths if CAR in path)
        await podero.request("POST", f"{car}/boost")
        await podero.advance(CHARGING_SINCE)
        said = await podero.request("GET", "/_simulator/")
        yield Cloud(
            podero=podero,
            organization_id=said["organization_id"],
            households=said["households"],
        )


@asynccontextmanager
async def run_home(session: aiohttp.ClientSession, name: str) -> AsyncGenerator[Home]:
    """Run a new Home Assistant that has an owner and a copy of this checkout's integration."""
    folder = FOLDER / name
    configure(folder)
    port = free_port()
    api = HomeAssistant(session, f"http://127.0.0.1:{port}")
    async with (
        Server(
            "Home Assistant",
            folder / "output.log",
            *("home_assistant", str(folder), str(port)),
            environment=ENVIRONMENT | api.environment,
        ) as server,
        api,
    ):
        await api.wait_until_up(server)
        await api.onboard()
        # Where a manufacturer's page leads back to; the guess is no loopback address.
        await api.call("config/core/update", internal_url=api.url, external_url=api.url)
        yield Home(api=api, folder=folder)


async def fill(home: Home, cloud: Cloud) -> list[Device]:
    """Set the first household up as the demo does, and wait until its past is there."""
    await household.set_up(home.api, cloud.podero, HISTORY_DAYS)
    devices = await household.wait_for_devices(home.api, cloud.podero)
    await household.wait_for_history(home.api, devices, await cloud.podero.now())
    await household.arrange(home.api, devices)
    await dashboard.show(home.api, devices)
    return devices
