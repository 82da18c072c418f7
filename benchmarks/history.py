"""The backfill of a year, beside what the recorder alone needs for the same rows.

Each measurement is a process of its own with a new SQLite file; both kinds take
turns. One imports 365 days of quarters of an hour over HTTP from a simulator (in a
process of its own, too) until the last row is committed. The other hands the
recorder the very same rows, ready made.

Called with the name of a measurement it does that one and prints its figures as JSON.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
import json
import logging
from pathlib import Path
import pickle
import statistics
import subprocess
import sys
from tempfile import TemporaryDirectory
import time
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component

# After Home Assistant: it wants to be the first to import its libraries.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
    async_test_home_assistant,
)

DAYS = 365
ROUNDS = 3
MAX_RATIO = 1.4
MAX_GROWTH = 60 * 1024 * 1024

type Rows = list[tuple[Any, list[Any]]]


@asynccontextmanager
async def home_assistant(folder: Path) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant with nothing but a recorder."""
    async with async_test_home_assistant(config_dir=str(folder)) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS, None)
        assert await async_setup_component(hass, "network", {})
        recorder_helper.async_initialize_recorder(hass)
        assert await async_setup_component(
            hass, "recorder", {"recorder": {"db_url": f"sqlite:///{folder}/home.db"}}
        )
        await hass.async_block_till_done()
        await committed(hass)
        yield hass
        await hass.async_stop(force=True)


async def committed(hass: HomeAssistant) -> None:
    """Wait until the recorder has done everything."""
    done = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


@contextmanager
def measured() -> Iterator[dict[str, float]]:
    """Measure the time, and by how much memory grows at its peak."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = memory("VmRSS")
    figures: dict[str, float] = {}
    cpu, start = time.process_time(), time.perf_counter()
    yield figures
    figures["seconds"] = time.perf_counter() - start
    figures["cpu_seconds"] = time.process_time() - cpu
    figures["growth"] = memory("VmHWM") - before


def memory(name: str) -> int:
    """Return a figure of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


async def backfill(folder: Path, cloud: dict[str, str]) -> dict[str, float]:
    """Import a year from a cloud; leaves the rows in the folder."""
    async with home_assistant(folder) as hass:
        entry = MockConfigEntry(
            domain="podero",
            unique_id=cloud["org_id"],
            data={
                "host": cloud["host"],
                "org_id": cloud["org_id"],
                "client_id": "demo-client",
                "client_secret": "demo-secret",
            },
            subentries_data=[
                ConfigSubentryData(
                    data={
                        "user_id": cloud["user_id"],
                        "history_days": DAYS,
                        "energy_dashboard": False,
                        "allow_control": False,
                    },
                    subentry_type="household",
                    title="Home",
                    unique_id=cloud["user_id"],
                )
            ],
        )
        entry.add_to_hass(hass)
        with measured() as figures:
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
            await committed(hass)
        found = await get_instance(hass).async_add_executor_job(read, hass)
        figures["rows"] = sum(len(rows) for _, rows in found)
        (folder / "rows").write_bytes(pickle.dumps(found))
        assert await hass.config_entries.async_unload(entry.entry_id)
        return figures


def read(hass: HomeAssistant) -> Rows:
    """Return all of Podero's statistics, as they are handed to the recorder."""
    known = {
        each: described
        for each, (_, described) in get_metadata(
            hass, statistic_source="podero"
        ).items()
    }
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    types: Any = {"mean", "min", "max", "state", "sum"}
    found = statistics_during_period(hass, begin, None, set(known), "hour", None, types)
    return [
        (
            described,
            [
                {
                    name: value
                    for name, value in row.items()
                    if name in types and value is not None
                }
                | {"start": datetime.fromtimestamp(row["start"], UTC)}
                for row in found[each]
            ],
        )
        for each, described in known.items()
    ]


async def recorder_alone(folder: Path, ready: Rows) -> dict[str, float]:
    """Hand the recorder rows that are ready made."""
    async with home_assistant(folder) as hass:
        with measured() as figures:
            for described, rows in ready:
                async_add_external_statistics(hass, described, rows)
            await committed(hass)
        figures["rows"] = sum(len(rows) for _, rows in ready)
        return figures


def run(name: str, folder: Path, argument: str) -> dict[str, float]:
    """Do one measurement in a process of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.history", name, str(folder), argument],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare() -> bool:
    """Measure in turns, print the figures, and return whether they are good enough."""
    found: dict[str, list[dict[str, float]]] = {"backfill": [], "recorder": []}
    with (
        TemporaryDirectory() as temporary,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.cloud", str(DAYS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        cloud = process.stdout.readline()
        try:
            for number in range(ROUNDS):
                folder = Path(temporary) / f"backfill{number}"
                found["backfill"].append(run("backfill", folder, cloud))
                ready = str(folder / "rows")
                folder = Path(temporary) / f"recorder{number}"
                found["recorder"].append(run("recorder", folder, ready))
        finally:
            process.terminate()
    print(f"{DAYS} days x 15 minutes of one inverter, {ROUNDS} rounds in turns")
    for name, rounds in found.items():
        seconds = [each["seconds"] for each in rounds]
        print(
            f"  {name:9} {rounds[0]['rows']:.0f} rows "
            f"{statistics.median(seconds):6.2f} s ({min(seconds):.2f} to {max(seconds):.2f}), "
            f"CPU {statistics.median(each['cpu_seconds'] for each in rounds):.2f} s, "
            f"memory grows by {max(each['growth'] for each in rounds) / 2**20:.1f} MiB"
        )
    ratio = statistics.median(
        whole["seconds"] / floor["seconds"]
        for whole, floor in zip(*found.values(), strict=True)
    )
    growth = max(each["growth"] for each in found["backfill"])
    print(f"  ratio {ratio:.2f} (at most {MAX_RATIO})")
    return ratio <= MAX_RATIO and growth <= MAX_GROWTH


def main() -> None:
    """Compare, or do the measurement that is asked for."""
    logging.disable(logging.WARNING)
    match sys.argv[1:]:
        case []:
            sys.exit(not compare())
        case ["backfill", folder, cloud]:
            figures = asyncio.run(backfill(Path(folder), json.loads(cloud)))
        case ["recorder", folder, ready]:
            rows = pickle.loads(Path(ready).read_bytes())
            figures = asyncio.run(recorder_alone(Path(folder), rows))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
