"""Starting and stopping, from Python and from the command line."""

import asyncio
from pathlib import Path
import re
import signal
import sys

from aiohttp import ClientSession
import pytest

from simulator import Simulator

from .conftest import Caller

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.2", "example.com"])
async def test_loopback_only(host: str) -> None:
    """It never listens where others could reach it."""
    with pytest.raises(ValueError, match="not a loopback address"):
        await Simulator().start(host=host)


async def test_started_again(caller: Caller, simulator: Simulator) -> None:
    """The world survives a stop, and is found at the same port."""
    port = int(simulator.url.rpartition(":")[2])
    device_id = simulator.households[0].inverters[0].id
    simulator.override(device_id, comment="kept")
    await simulator.stop()
    await simulator.stop()
    assert await simulator.start(port) == simulator.url
    overview = await caller.own("GET", f"devices/{device_id}")
    assert overview.body["fields"] == {"comment": "kept"}
    (await caller.get("users")).check("users")


async def test_two_of_a_kind() -> None:
    """More than five households repeat the kinds, with names and ids of their own."""
    simulator = Simulator(seed=3, households=7, days=1)
    users = [family.user_id for family in simulator.households]
    emails = [family.household.email for family in simulator.households]
    assert len(set(users)) == len(set(emails)) == 7
    assert emails[5] == "lena.brandner2@example.com"
    assert Simulator(households=0).households == []


def test_many_households_start_without_a_past() -> None:
    """Nothing is computed before somebody asks, and then only for that household."""
    simulator = Simulator(seed=1, households=170)
    households = [family.household for family in simulator.households]
    assert len(simulator.devices) > 300
    assert all(item.next == item.first for item in households)
    simulator.detail(simulator.households[7].inverters[0], "http://127.0.0.1")
    assert [item.number for item in households if item.next > item.first] == [7]


async def test_command_line(socket_enabled: None) -> None:
    """It says where it is and who lives there, and ends when asked to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator", "--port", "0", "--households", "2", "--days", "3",
        "--seed", "4", "--now", "2026-03-01T12:00:00+00:00", "--speed", "2",
        "--charging-mode", "hems",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(5)]
    found = re.fullmatch(r"Podero simulator at (http://127\.0\.0\.1:\d+)", lines[0])
    assert found is not None
    expected = Simulator(seed=4, households=2)
    assert lines[1] == f"organization {expected.organization_id}"
    assert lines[3] == (
        f"user {expected.households[0].user_id} Lena Brandner: "
        "1 inverters, 1 electric vehicles, 1 heat pumps, 1 wallboxes, account demo / demo"
    )
    async with ClientSession() as session:
        async with session.get(f"{found[1]}/_simulator/") as response:
            overview = await response.json()
        async with session.get(f"{found[1]}/_simulator/clock") as response:
            clock = await response.json()
        own = f"{found[1]}/_simulator/charging/{expected.households[0].user_id}"
        async with session.patch(own, json={}) as response:
            config = await response.json()
    assert config["smart_charging_mode"] == "hems"
    assert overview["start"] == "2026-02-26T00:00:00Z"
    assert clock["now"].startswith("2026-03-01T12:0")
    assert clock["speed"] == 2
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
