"""Home Assistants and the Podero cloud that they talk to, each a process of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from scripts.demonstration import dashboard, household
from scripts.demonstration.home_assistant import ROOT, HomeAssistant, configure
from scripts.demonstration.household import Device
from scripts.demonstration.podero import Podero
from scripts.demonstration.processes import Server, free_port

from .clock import ENVIRONMENT

FOLDER = ROOT / ".demo" / "e2e"
# Enough for the pictures of a month and of the one before.
HISTORY_DAYS = 55

type Json = Any  # whatever a JSON answer holds


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A simulated Podero cloud with two households.

    Attributes:
        organization_id: What the dialogs ask for.
        households: ``user_id``, ``name``, ``username``, and the ids of their
            ``inverters``, ``vehicles``, ``heat_pumps`` and ``wallboxes``.
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

    @property
    def heat_pump(self) -> str:
        """Id of the first household's heat pump."""
        return str(self.households[0]["heat_pumps"][0])

    @property
    def wallbox(self) -> str:
        """Id of the first household's wallbox."""
        return str(self.households[0]["wallboxes"][0])

    @property
    def household(self) -> str:
        """Id of the first household's user."""
        return str(self.households[0]["user_id"])

    @property
    def first(self) -> set[str]:
        """All ids of the first household."""
        return {self.inverter, self.car, self.heat_pump, self.wallbox, self.household}

    async def until_charging_by_the_sun(self, *, seconds: float) -> None:
        """Wait until the wallbox charges as the sun shines."""
        async with asyncio.timeout(seconds):
            power = 0
            while not power:
                # The cloud is a process of its own, and tells nobody.
                await asyncio.sleep(1)
                wallbox = await self.tell("GET", f"wallboxes/{self.wallbox}")
                power = wallbox["solar_power_w"]

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
        entities = await self.api.entities()
        entry = next(
            found
            for key in ("connection_status", "charging_mode")
            if (found := entities.get(f"{device_id}_{key}"))
        )
        await self.api.action(
            "homeassistant.update_entity", entity_id=[entry["entity_id"]]
        )

    async def poll_until_asked(self, device_id: str, *, seconds: float) -> None:
        """Ask Podero for a device again and again, until the person has to sign in."""
        async with asyncio.timeout(seconds):
            while not await self.api.call("config_entries/flow/progress"):
                await self.poll(device_id)
                # Podero refuses a while before Home Assistant asks a person.
                await asyncio.sleep(5)

    async def device_page(self, device_id: str) -> str:
        """Return the path of a device's page, by Podero's id of the device."""
        for device in await self.api.call("config/device_registry/list"):
            if ["podero", device_id] in device["identifiers"]:
                return f"/config/devices/device/{device['id']}"
        raise KeyError(device_id)


@asynccontextmanager
async def run_cloud(session: aiohttp.ClientSession) -> AsyncGenerator[Cloud]:
    """Run a Podero cloud."""
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
    await household.wait_for_history(home.api, await cloud.podero.now())
    await household.arrange(home.api, devices)
    await dashboard.show(home.api, devices)
    return devices
