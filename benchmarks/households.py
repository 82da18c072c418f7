"""One entry with 500 devices in 170 households, beside one with 10 devices.

The cloud is the simulator, in a process of its own, over HTTP. Measured are set-up, the
first polls of all devices and another round; and for how long anything held the loop.

Called with a number of households it measures with those and prints the figures.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping
import json
from statistics import median
import subprocess
import sys
import time
from typing import Any, Self

import aiohttp

from custom_components.podero.coordinator import DeviceCoordinator
from homeassistant.core import HomeAssistant

from .figures import Figure, hand_over, is_short
from .home import home_assistant, longest_hold
from .podero import household, make_entry

# Households with three devices each, or a few more.
FEW, MANY = 4, 170
SHORT_MANY = 40
DEVICES = 3
PER_DEVICE_BAR = 1.2
AT_ONCE_BAR = 4
SECOND_BAR = 0.05
HELD_BAR = 0.05
START_BAR = 5.0
ANSWER_SECONDS = 2
ROUND = 300


class Cloud:
    """A simulated cloud in a process of its own."""

    def __init__(self, households: int) -> None:
        """Start it, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.cloud"),
                *("--households", str(households)),
                *("--devices", str(households * DEVICES)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.about: dict[str, Any] = json.loads(self.process.stdout.readline())

    def __enter__(self) -> Self:
        """Return it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait()

    async def call(self, method: str, path: str, body: object = None) -> Any:
        """Use one of its own routes."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, f"{self.about['host']}/_simulator/{path}", json=body
            ) as response,
        ):
            response.raise_for_status()
            return await response.json() if response.status != 204 else None

    def entry(self) -> Any:
        """Return an entry with all its households."""
        return make_entry(
            host=self.about["host"],
            org_id=self.about["org_id"],
            subentries=[household(user_id) for user_id in self.about["user_ids"]],
        )


def coordinators(entry: Any) -> list[DeviceCoordinator[Any]]:
    """Return the coordinators of an entry's devices, without those of the households themselves."""
    return [
        device.coordinator
        for household in entry.runtime_data.households.values()
        for device in household.data.values()
        if device.coordinator.kind.is_steered
    ]


async def settle(hass: HomeAssistant) -> None:
    """Wait until all first polls are over."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def measure(households: int) -> dict[str, float]:
    """Measure with so many households."""
    with Cloud(households) as cloud:
        async with home_assistant() as hass:
            entry = cloud.entry()
            entry.add_to_hass(hass)
            # What the first of all set-ups costs besides, such as imports, is no device's.
            assert await hass.config_entries.async_setup(entry.entry_id)
            await settle(hass)
            assert await hass.config_entries.async_unload(entry.entry_id)
            with longest_hold() as longest:
                start = time.process_time()
                assert await hass.config_entries.async_setup(entry.entry_id)
                await settle(hass)
                for coordinator in coordinators(entry):
                    assert coordinator.data.is_detail
                spread = scheduled(hass)
                await asyncio.gather(
                    *(each.async_refresh() for each in coordinators(entry))
                )
                await settle(hass)
                seconds = time.process_time() - start
            asked = await cloud.call("GET", "requests?path=token")
            return {
                "devices": len(coordinators(entry)),
                "seconds": seconds,
                "held": longest.seconds,
                "held_by": longest.what,
                "tokens": asked["matching"],
                "second": max(spread.values()) / sum(spread.values()),
            }


def scheduled(hass: HomeAssistant) -> Counter[int]:
    """Return how many devices are going to be polled in each second of the next round."""
    return Counter(
        int(handle.when())
        for handle in hass.loop._scheduled  # type: ignore[attr-defined]
        if not handle.cancelled()
        and isinstance(getattr(handle._callback, "__self__", None), DeviceCoordinator)
    )


async def start_up(households: int) -> dict[str, float]:
    """Measure how long a slow cloud holds up the start."""
    with Cloud(households) as cloud:
        await cloud.call("POST", "faults", {"path": "", "delay": ANSWER_SECONDS})
        async with home_assistant() as hass:
            entry = cloud.entry()
            entry.add_to_hass(hass)
            start = time.perf_counter()
            assert await hass.config_entries.async_setup(entry.entry_id)
            seconds = time.perf_counter() - start
            asked = await cloud.call("GET", "requests")
            return {"seconds": seconds, "at_once": asked["most_at_once"]}


def run(name: str, households: int) -> dict[str, float]:
    """Do one measurement in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.households", name, str(households)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare() -> list[Figure]:
    """Measure few and many in turns."""
    many = SHORT_MANY if is_short() else MANY
    rounds = 1 if is_short() else 3
    found: Mapping[str, list[dict[str, float]]] = {"few": [], "many": []}
    for _ in range(rounds):
        found["few"].append(run("measure", FEW))
        found["many"].append(run("measure", many))
    costs = {
        f"{each[0]['devices']:.0f} devices": min(
            one["seconds"] / one["devices"] * 1000 for one in each
        )
        for each in found.values()
    }
    few, most = costs.values()
    last = found["many"][-1]
    devices = int(last["devices"])
    slow = {
        f"{households} households": run("start_up", households)
        for households in (1, many)
    }
    starts = {name: each["seconds"] for name, each in slow.items()}

    def figure(row: str, title: str, unit: str, result: float, bar: float) -> Figure:
        return Figure(
            row=row,
            title=title,
            unit=unit,
            values={"podero": result},
            result=result,
            bar=bar,
            of=title,
            devices=devices,
            is_ratio=False,
        )

    return [
        Figure(
            row="households",
            title="set-up and two polls, per device",
            unit="ms",
            values=costs,
            result=most / few,
            bar=PER_DEVICE_BAR,
            of="many / few",
            devices=devices,
        ),
        figure("households-tokens", "tokens asked for", "", last["tokens"], 1),
        figure(
            "households-at-once",
            "most requests at once",
            "",
            max(each["at_once"] for each in slow.values()),
            AT_ONCE_BAR,
        ),
        figure(
            "households-second",
            "the busiest second's part of a round",
            "",
            max(each["second"] for each in found["many"]),
            SECOND_BAR,
        ),
        figure(
            "held",
            "the longest that anything held the event loop",
            "s",
            median(each["held"] for each in found["many"]),
            HELD_BAR,
        ),
        Figure(
            row="start",
            title="start held by a cloud that answers in 2 s",
            unit="s",
            values=starts,
            result=max(starts.values()),
            bar=START_BAR,
            of="the longest",
            devices=devices,
            is_ratio=False,
        ),
    ]


def main() -> None:
    """Compare, or do the measurement that is asked for."""
    match sys.argv[1:]:
        case ["measure", households]:
            print(json.dumps(asyncio.run(measure(int(households)))))
        case ["start_up", households]:
            print(json.dumps(asyncio.run(start_up(int(households)))))
        case _:
            hand_over(compare())


if __name__ == "__main__":
    main()
