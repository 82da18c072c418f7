"""What a refresh costs: nothing changed, one value, all of them; and warm set-up.

A refresh asks for the models, which are ready made, and ends with the written states.
"""

import asyncio
import gc
import time
from typing import Any
from unittest.mock import patch

from custom_components.podero.api import ElectricVehicle, HeatPump, Inverter, Wallbox
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms

from .figures import Contest, Figure, hand_over, is_short
from .home import home_assistant
from .peers import Charger, Tesla, peblar_entry, peers_known, tessie_entry
from .podero import Client, ask_simulator, clients_known, make_entry

PODERO = {
    "podero inverter": Inverter,
    "podero car": ElectricVehicle,
    "podero heat pump": HeatPump,
    "podero wallbox": Wallbox,
}
PEERS = ("tessie", "peblar")
FLOOR = "hass.states.async_set"
FLOOR_STATES = 40
SIZES = (1, 10, 100, 500)
SHORT_SIZES = (10,)
# So many refreshes of one device are enough for a steady median.
REFRESHES = 4000

type Side = tuple[list[Any], list[Any]]


class Floor:
    """States that are written without anything around them: what Home Assistant itself takes.

    Attributes:
        at: Which of two values they have.
    """

    at = 0

    def __init__(self, hass: HomeAssistant, number: int) -> None:
        """Prepare the states of a device."""
        self._hass = hass
        self._attributes = {
            f"sensor.floor_{number}_{each}": {
                "state_class": "measurement",
                "unit_of_measurement": "W",
                "device_class": "power",
                "friendly_name": f"Floor {number} {each}",
            }
            for each in range(FLOOR_STATES)
        }

    async def async_refresh(self) -> None:
        """Write all states."""
        for entity_id, attributes in self._attributes.items():
            self._hass.states.async_set(entity_id, str(self.at), attributes)


def followers(hass: HomeAssistant, side: Side) -> int:
    """Return how many entities follow the coordinators of a contestant."""
    followed = set(side[0])
    return sum(
        getattr(entity, "coordinator", None) in followed
        for domain in ("podero", *PEERS)
        for platform in async_get_platforms(hass, domain)
        for entity in platform.entities.values()
    )


def written(hass: HomeAssistant, since: float) -> int:
    """Return how many states were written since a time, changed or not."""
    return sum(
        state.last_reported_timestamp >= since for state in hass.states.async_all()
    )


async def measure(devices: int) -> list[Figure]:
    """Measure with so many devices of each contestant."""
    answers = await ask_simulator()
    clients = {
        name: Client(kind, answers[kind], devices) for name, kind in PODERO.items()
    }
    cars = {f"VIN{number:05}": Tesla(f"VIN{number:05}") for number in range(devices)}
    chargers = {f"192.0.2.{number}": Charger(number) for number in range(devices)}
    async with home_assistant() as hass, clients_known(clients):
        # All entities that there are: what is shared by few weighs more on each.
        with (
            peers_known(cars, chargers),
            patch.object(Entity, "entity_registry_enabled_default", new=True),
        ):
            entries = {name: [make_entry(org_id=name)] for name in clients}
            entries["tessie"] = [tessie_entry()]
            entries["peblar"] = [peblar_entry(host) for host in chargers]
            for each in entries.values():
                for entry in each:
                    entry.add_to_hass(hass)
                    await hass.config_entries.async_setup(entry.entry_id)
                    await hass.async_block_till_done()
                    assert entry.state.value == "loaded", entry.reason
            sides: dict[str, Side] = {
                name: (
                    [
                        device.coordinator
                        for entry in entries[name]
                        for household in entry.runtime_data.households.values()
                        for device in household.data.values()
                    ],
                    [client],
                )
                for name, client in clients.items()
            }
            sides["tessie"] = (
                [
                    vehicle.data_coordinator
                    for entry in entries["tessie"]
                    for vehicle in entry.runtime_data.vehicles
                ],
                list(cars.values()),
            )
            sides["peblar"] = (
                [entry.runtime_data.data_coordinator for entry in entries["peblar"]],
                list(chargers.values()),
            )
            assert all(len(each) == devices for each, _ in sides.values())
            figures = await _refreshes(hass, sides, devices)
    return figures


def _set(side: Side, state: int) -> None:
    for source in side[1]:
        if isinstance(source, Client):
            source.state = state
        else:
            source.at = state


async def _refresh(side: Side) -> float:
    start = time.process_time()
    for coordinator in side[0]:
        await coordinator.async_refresh()
    return time.process_time() - start


async def _refreshes(
    hass: HomeAssistant, sides: dict[str, Side], devices: int
) -> list[Figure]:
    shares = {name: followers(hass, side) for name, side in sides.items()}
    figures = []
    rounds = max(6, min(400, REFRESHES // devices))
    for row, state, title, bar in (
        (
            "refresh-nothing",
            0,
            "a refresh that brings nothing new, per listener",
            1 / 8,
        ),
        ("refresh-one", 1, "a refresh that changes one value, per listener", 1 / 8),
        (
            "refresh-all",
            2,
            "a refresh that changes all values, per written state",
            1.15,
        ),
    ):
        for side in sides.values():
            _set(side, 0)
            await _refresh(side)
        if state == 2:
            floors = [Floor(hass, number) for number in range(devices)]
            sides[FLOOR] = floors, floors
            await _refresh(sides[FLOOR])
            await asyncio.sleep(0.01)
            for name, side in sides.items():
                since = time.time()
                _set(side, state)
                await _refresh(side)
                shares[name] = written(hass, since)
        contest = Contest()
        gc.collect()
        gc.freeze()
        for number in range(rounds):
            for name, side in sides.items():
                _set(side, 0 if number % 2 else state)
                contest.add(name, await _refresh(side))
        values = contest.medians(scale=1e6, shares=shares)
        peers = PEERS if state != 2 else ("peblar",)
        least = min(values[name] for name in peers)
        most = max(values[name] for name in PODERO)
        figures.append(
            Figure(
                row=row,
                title=title,
                unit="µs",
                values=values,
                result=most / least,
                bar=bar,
                of="the slowest of Podero's / the faster peer"
                if state != 2
                else "the slowest of Podero's / peblar",
                devices=devices,
            )
        )
    return figures


async def main() -> None:
    """Measure with each number of devices."""
    found = []
    for devices in SHORT_SIZES if is_short() else SIZES:
        found += await measure(devices)
    hand_over(found)


if __name__ == "__main__":
    asyncio.run(main())
