"""What an entity costs: the memory that it takes, and its part of a warm set-up.

Each measurement is done in a child of one process that has loaded Home Assistant. A
device of each contestant is set up and removed before, so that nothing is counted that
comes once.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager
import gc
import importlib
import json
import os
from statistics import median
import time
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import async_get_platforms

from .figures import Contest, Figure, hand_over, is_short
from .home import home_assistant, memory
from .imports import THERE
from .peers import Charger, Tesla, peblar_entry, peers_known, tessie_entry
from .podero import Answers, Client, ask_simulator, clients_known, make_entry

ROUNDS = 7
SHORT_ROUNDS = 2
# So many that each contestant has about a thousand entities.
DEVICES = {"podero": 5, "tessie": 11, "peblar": 50}


@asynccontextmanager
async def prepared(
    name: str, devices: int, answers: dict[Any, Answers]
) -> AsyncGenerator[list[Any]]:
    """Prepare a contestant's entries, and the clouds that they ask."""
    clients = {kind.__name__: Client(kind, answers[kind], devices) for kind in answers}
    cars = {f"VIN{number:05}": Tesla(f"VIN{number:05}") for number in range(devices)}
    chargers = {f"192.0.2.{number}": Charger(number) for number in range(devices)}
    async with clients_known(clients):
        with ExitStack() as stack:
            stack.enter_context(peers_known(cars, chargers))
            stack.enter_context(
                patch.object(Entity, "entity_registry_enabled_default", new=True)
            )
            match name:
                case "podero":
                    yield [make_entry(org_id=kind) for kind in clients]
                case "tessie":
                    yield [tessie_entry()]
                case _:
                    yield [peblar_entry(host) for host in chargers]


async def set_up(hass: HomeAssistant, entries: list[Any]) -> int:
    """Set entries up; returns how many entities there are."""
    for entry in entries:
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
    # Peblar's stream of events goes on for ever.
    await hass.async_block_till_done()
    return sum(
        len(platform.entities)
        for platform in async_get_platforms(hass, entries[0].domain)
    )


async def remove(hass: HomeAssistant, entries: list[Any]) -> None:
    """Remove entries with all that they have."""
    for entry in entries:
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


async def measure(name: str) -> tuple[float, float]:
    """Measure a contestant; returns bytes and seconds of one entity."""
    answers = await ask_simulator() if name == "podero" else {}
    async with home_assistant() as hass:
        async with prepared(name, 1, answers) as entries:
            await set_up(hass, entries)
            await remove(hass, entries)
        async with prepared(name, DEVICES[name], answers) as entries:
            gc.collect()
            before, start = memory("VmRSS"), time.process_time()
            entities = await set_up(hass, entries)
            seconds = time.process_time() - start
            gc.collect()
            return (memory("VmRSS") - before) / entities, seconds / entities


def measure_in_child(name: str) -> tuple[float, float]:
    """Measure in a child of this process."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.write(writer, json.dumps(asyncio.run(measure(name))).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        size, seconds = json.loads(answer.read())
    os.waitpid(child, 0)
    return size, seconds


def compare() -> list[Figure]:
    """Measure all in turns."""
    for module in THERE:
        importlib.import_module(f"homeassistant.{module}")
    contest = Contest()
    sizes: dict[str, list[float]] = {name: [] for name in DEVICES}
    for _ in range(SHORT_ROUNDS if is_short() else ROUNDS):
        for name in DEVICES:
            size, seconds = measure_in_child(name)
            sizes[name].append(size)
            contest.add(name, seconds)
    kib = {name: median(each) / 1024 for name, each in sizes.items()}
    costs = contest.medians(scale=1e6)
    return [
        Figure(
            row="memory",
            title="memory, per entity",
            unit="KiB",
            values=kib,
            result=kib["podero"] / kib["tessie"],
            bar=1,
            of="Podero / tessie",
        ),
        Figure(
            row="set-up",
            title="warm set-up, per entity",
            unit="µs",
            values=costs,
            result=costs["podero"] / costs["peblar"],
            bar=1,
            of="Podero / peblar",
        ),
    ]


if __name__ == "__main__":
    hand_over(compare())
