"""The backfill of a year, beside what the recorder alone needs for the same rows.

Each measurement is a process of its own with a new SQLite file; both kinds take
turns. One imports 365 days of quarters of an hour over HTTP from a simulator (in a
process of its own, too) until the last row is committed. The other hands the
recorder the very same rows, ready made.

Called with the name of a measurement it does that one and prints its figures as JSON.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
import json
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
from homeassistant.core import HomeAssistant

from .figures import Figure, hand_over, is_short
from .home import committed, home_assistant, longest_hold, memory
from .podero import household, make_entry

DAYS = 365
SHORT_DAYS = 60
ROUNDS = 5
SHORT_ROUNDS = 1
RATIO_BAR = 1.15
GROWTH_BAR = 40
HELD_BAR = 0.05

type Rows = list[tuple[Any, list[Any]]]


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


async def backfill(
    folder: Path, cloud: dict[str, Any], *, days: int, watch: bool
) -> dict[str, float]:
    """Import the past from a cloud; leaves the rows in the folder."""
    async with home_assistant(folder, recorder=True) as hass:
        entry = make_entry(
            host=cloud["host"],
            org_id=cloud["org_id"],
            subentries=[household(cloud["user_id"], days)],
        )
        entry.add_to_hass(hass)
        with (
            longest_hold() if watch else nullcontext() as longest,
            measured() as figures,
        ):
            assert await hass.config_entries.async_setup(entry.entry_id)
            await hass.async_block_till_done(wait_background_tasks=True)
            await committed(hass)
        if longest is not None:
            figures["held"] = longest.seconds
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
    async with home_assistant(folder, recorder=True) as hass:
        with measured() as figures:
            for described, rows in ready:
                async_add_external_statistics(hass, described, rows)
            await committed(hass)
        figures["rows"] = sum(len(rows) for _, rows in ready)
        return figures


def run(name: str, folder: Path, *arguments: str) -> dict[str, float]:
    """Do one measurement in a process of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.history", name, str(folder), *arguments],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare() -> list[Figure]:
    """Measure in turns."""
    days = SHORT_DAYS if is_short() else DAYS
    found: dict[str, list[dict[str, float]]] = {"podero": [], "recorder alone": []}
    with (
        TemporaryDirectory() as temporary,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.cloud", "--days", str(days + 2)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        cloud = process.stdout.readline()
        try:
            for number in range(SHORT_ROUNDS if is_short() else ROUNDS):
                folder = Path(temporary) / f"backfill{number}"
                found["podero"].append(run("backfill", folder, str(days), cloud))
                ready = str(folder / "rows")
                folder = Path(temporary) / f"recorder{number}"
                found["recorder alone"].append(run("recorder", folder, ready))
            held = run("watch", Path(temporary) / "watch", str(days), cloud)["held"]
        finally:
            process.terminate()
    values = {
        name: statistics.median(each["cpu_seconds"] for each in rounds)
        for name, rounds in found.items()
    }
    growth = statistics.median(each["growth"] for each in found["podero"]) / 2**20
    title = f"backfill of {days} days x 15 minutes"
    return [
        Figure(
            row="backfill",
            title=title,
            unit="s",
            values=values,
            result=values["podero"] / values["recorder alone"],
            bar=RATIO_BAR,
            of="Podero / the recorder fed the same rows",
        ),
        Figure(
            row="backfill-memory",
            title=f"{title}: growth of memory",
            unit="MiB",
            values={"podero": growth},
            result=growth,
            bar=GROWTH_BAR,
            of="Podero",
            is_ratio=False,
        ),
        Figure(
            row="backfill-held",
            title=f"{title}: the longest that anything held the event loop",
            unit="s",
            values={"podero": held},
            result=held,
            bar=HELD_BAR,
            of="Podero",
            is_ratio=False,
        ),
    ]


def main() -> None:
    """Compare, or do the measurement that is asked for."""
    match sys.argv[1:]:
        case ["backfill" | "watch" as name, folder, days, cloud]:
            figures = asyncio.run(
                backfill(
                    Path(folder),
                    json.loads(cloud),
                    days=int(days),
                    watch=name == "watch",
                )
            )
            print(json.dumps(figures))
        case ["recorder", folder, ready]:
            rows = pickle.loads(Path(ready).read_bytes())
            print(json.dumps(asyncio.run(recorder_alone(Path(folder), rows))))
        case _:
            hand_over(compare())


if __name__ == "__main__":
    main()
