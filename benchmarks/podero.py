"""Podero's side: what the simulated cloud answers, and a client that knows it beforehand."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import aiohttp
import orjson

from custom_components.podero.api import (
    ClientCredentialsAuth,
    Device,
    ElectricVehicle,
    HeatPump,
    Inverter,
    PoderoClient,
    PoderoNotFoundError,
    Wallbox,
)
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Simulator

# After Home Assistant: it wants to be the first to import its libraries.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
)

# A value of each kind that changes often.
ONE_VALUE: Mapping[type[Device], str] = {
    Inverter: "current_solar_production_w",
    ElectricVehicle: "driving_range",
    HeatPump: "current_power_consumption_w",
    Wallbox: "minimum_charge_limit",
}


@dataclass(kw_only=True)
class Answers:
    """What the cloud says of one device of a kind: ready made, as a client returns it.

    Attributes:
        detail: Its detail, as JSON.
        beside: What the client's other methods return, by their names.
    """

    detail: dict[str, Any]
    beside: dict[str, Any] = field(default_factory=dict)

    def with_id(self, device_id: str) -> dict[str, Any]:
        """Return the detail of another device that is in the same state."""
        return self.detail | {"id": device_id}


async def ask_simulator() -> dict[type[Device], Answers]:
    """Ask the simulated cloud for a device of each kind; the car is plugged in and has a plan."""
    simulator = Simulator(seed=1, days=40, households=5)
    await simulator.start()
    try:
        async with aiohttp.ClientSession() as session:
            auth = ClientCredentialsAuth(
                session,
                simulator.url,
                client_id="demo-client",
                client_secret="demo-secret",
            )
            client = PoderoClient(
                session, simulator.url, simulator.organization_id, auth
            )
            for _ in range(72):
                found = await _ask(client, simulator)
                if found[ElectricVehicle].beside["current_session"] is not None:
                    return found
                simulator.clock.advance(-3600)
    finally:
        await simulator.stop()
    raise LookupError("the car is never plugged in")


async def _ask(
    client: PoderoClient, simulator: Simulator
) -> dict[type[Device], Answers]:
    found: dict[type[Device], Answers] = {}
    now = dt_util.utcnow()
    month = dt_util.start_of_local_day().replace(day=1)
    for family in simulator.households:
        for kind in ONE_VALUE:
            if kind in found:
                continue
            devices = await client.devices(kind, family.user_id)
            if not devices:
                continue
            user_id, device_id = family.user_id, devices[0].id
            device = await client.device(kind, user_id, device_id)
            beside: dict[str, Any] = {}
            if kind is not Wallbox:
                beside["savings"] = await client.savings(
                    kind, user_id, device_id, start=month, end=now
                )
            if kind is ElectricVehicle:
                beside["current_session"] = await client.current_session(
                    user_id, device_id
                )
                beside["sessions"] = await client.sessions(
                    user_id,
                    device_id,
                    start=(now - timedelta(days=60)).date(),
                    end=now.date(),
                )
                beside["charge_policy"] = await client.charge_policy(user_id, device_id)
            if kind is Wallbox:
                beside["current_solar_session"] = await client.current_solar_session(
                    user_id, device_id
                )
                beside["solar_sessions"] = await client.solar_sessions(
                    user_id,
                    device_id,
                    start=(now - timedelta(days=60)).date(),
                    end=now.date(),
                )
            found[kind] = Answers(detail=device.raw, beside=beside)
    return found


def all_changed(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detail in which each number, flag and time is another one."""
    changed = {}
    for name, value in detail.items():
        match value:
            case bool() if name.startswith(("is_plugged", "is_authenticated")):
                changed[name] = value
            case bool():
                changed[name] = not value
            case int() | float():
                changed[name] = value + 1
            case str() if name.endswith(("_at", "_update", "_since")):
                try:
                    moment = datetime.fromisoformat(value) + timedelta(minutes=1)
                except ValueError, OverflowError:
                    changed[name] = value
                else:
                    changed[name] = moment.isoformat()
            case _:
                changed[name] = value
    return changed


def one_changed(kind: type[Device], detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detail in which one number is another one."""
    name = ONE_VALUE[kind]
    return {**detail, name: float(detail[name] or 0) + 1}


class Auth:
    """A sign-in that needs none."""

    async def settle(self) -> None:
        """Wait for nothing."""


class Client:
    """A client of one household with devices of one kind; its answers take no time.

    Attributes:
        state: Which of a device's details it answers with.
        entry_id: Of the entry that uses it.
    """

    host = "https://app.podero.com"
    auth = Auth()

    def __init__(self, kind: type[Device], answers: Answers, devices: int) -> None:
        """Prepare the answers."""
        self.kind = kind
        self.state = 0
        self.beside = answers.beside
        self.details: dict[str, tuple[Device, Device, Device]] = {}
        for number in range(devices):
            # A device belongs to one household only.
            device_id = str(UUID(int=list(ONE_VALUE).index(kind) << 32 | number))
            detail = answers.with_id(device_id)
            # Each is an answer of its own: what stays the same is equal, not identical.
            found = [
                kind.parse(orjson.loads(orjson.dumps(each)))
                for each in (detail, one_changed(kind, detail), all_changed(detail))
            ]
            self.details[device_id] = tuple(found)  # type: ignore[assignment]

    async def devices(self, kind: type[Device], user_id: str) -> list[Device]:
        """Return the devices, if they are of this kind."""
        if kind is not self.kind:
            return []
        return [details[0] for details in self.details.values()]

    async def device(self, kind: type[Device], user_id: str, device_id: str) -> Device:
        """Return the detail that it is in the state for."""
        return self.details[device_id][self.state]

    async def charging_config(self, user_id: str) -> Any:
        """There is none."""
        raise PoderoNotFoundError("GET charging-config", "not there", status=404)

    def __getattr__(self, name: str) -> Any:
        """Return a method that answers what the cloud said."""
        if name not in self.beside:
            raise AttributeError(name)
        answer = self.beside[name]

        async def method(*_: object, **__: object) -> Any:
            return answer

        # From now on it is found without this.
        setattr(self, name, method)
        return method


def make_entry(
    *,
    org_id: str,
    host: str = Client.host,
    subentries: Sequence[ConfigSubentryData] | None = None,
) -> MockConfigEntry:
    """Return an entry as the config flow makes it, with one household unless others are given."""
    return MockConfigEntry(
        domain="podero",
        unique_id=org_id,
        data={
            "host": host,
            "org_id": org_id,
            "client_id": "demo-client",
            "client_secret": "demo-secret",
        },
        subentries_data=[household(org_id)] if subentries is None else subentries,
    )


def household(user_id: str, history_days: int = 0) -> ConfigSubentryData:
    """Return a household as the config flow makes it."""
    return ConfigSubentryData(
        data={
            "user_id": user_id,
            "history_days": history_days,
            "energy_dashboard": False,
            "allow_control": False,
        },
        subentry_type="household",
        title="Home",
        unique_id=user_id,
    )


@asynccontextmanager
async def clients_known(
    clients: Mapping[str, Client],
) -> AsyncGenerator[None]:
    """Let entries use clients, by the organization's id."""

    async def get(hass: HomeAssistant, entry: MockConfigEntry) -> Client:
        return clients[entry.data["org_id"]]

    with patch("custom_components.podero.async_get_client", get):
        yield
