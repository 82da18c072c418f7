"""Show Podero in a real Home Assistant, with a simulated household behind it.

Starts the simulator and Home Assistant, both on this machine's loopback
interface only, sets everything up as a person would, and stays until Ctrl-C.
With --check it compares what Home Assistant shows with what the simulator says
instead, and ends with 0 when they agree and the log is clean, otherwise with 1.
"""

import argparse
import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
import shutil
import signal
import sys
import time

import aiohttp

from scripts.demonstration import check, dashboard, household, show
from scripts.demonstration.home_assistant import (
    ROOT,
    HomeAssistant,
    HomeAssistantError,
    configure,
)
from scripts.demonstration.podero import Podero
from scripts.demonstration.processes import Server, ServerError, free_port

FOLDER = ROOT / ".demo"
HOME_ASSISTANT_PORT = 8123
SIMULATOR_PORT = 8765
CHECK_SECONDS = 170


class Steps:
    """Tells what is being done, with the time since the start."""

    def __init__(self) -> None:
        """Start the clock."""
        self._start = time.monotonic()

    def __call__(self, words: str) -> None:
        """Tell one step."""
        print(f"[{time.monotonic() - self._start:5.1f} s] {words}", flush=True)


def ports(folder: Path, *, fixed: bool) -> tuple[int, int]:
    """Return the two ports to listen on.

    Home Assistant remembers the simulator's, so a kept one needs the same again.
    """
    kept = folder / "ports"
    if kept.exists():
        home, simulator = map(int, kept.read_text().split())
        if free_port(simulator) != simulator:
            raise ServerError(f"port {simulator}, which the last run used, is taken")
        return free_port(home), simulator
    home = free_port(HOME_ASSISTANT_PORT if fixed else None)
    simulator = free_port(SIMULATOR_PORT if fixed else None)
    kept.write_text(f"{home} {simulator}")
    return home, simulator


async def demonstrate(folder: Path, arguments: argparse.Namespace) -> bool:
    """Run the whole demo; return whether it went well."""
    step = Steps()
    fresh = not (folder / "configuration.yaml").exists()
    configure(folder)
    home_port, simulator_port = ports(folder, fixed=not arguments.check)

    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        )
        podero = Podero(session, f"http://127.0.0.1:{simulator_port}")
        home = HomeAssistant(session, f"http://127.0.0.1:{home_port}")

        # Both start at the same time.
        simulator = Server(
            "the simulator",
            folder / "simulator.log",
            "simulator",
            *("--port", str(simulator_port), "--days", str(arguments.days + 10)),
        )
        server = Server(
            "Home Assistant",
            folder / "output.log",
            *("home_assistant", str(folder), str(home_port)),
            environment=home.environment,
        )
        await stack.enter_async_context(simulator)
        await stack.enter_async_context(server)
        await stack.enter_async_context(home)
        await podero.wait_until_up(simulator)
        if arguments.check:
            await podero.freeze()
        step(f"the simulated Podero cloud is up at {podero.url}")
        await home.wait_until_up(server)
        step(f"Home Assistant is up at {home.url}")

        if fresh:
            await home.onboard()
            step("the owner exists")
            entry = await household.set_up(home, podero, arguments.days)
            step(f"the integration is set up: {entry['title']}")
        else:
            await home.sign_in()
            step("the kept Home Assistant goes on")
        devices = await household.wait_for_devices(home, podero)
        step(f"its devices are there: {', '.join(d.name for d in devices)}")
        await household.wait_for_history(home, await podero.now())
        step(f"{arguments.days} days of the past are on the Energy dashboard")
        if fresh:
            await household.arrange(home, devices)
            await dashboard.show(home, devices)

        print()
        print(show.table(devices, await home.entities(), await home.states()))
        print()
        if arguments.check:
            differences = await check.run(home, podero, devices, folder, step)
            for difference in differences:
                print(f"  DIFFERS  {difference}")
            return not differences
        step("Ctrl-C ends the demo. This link signs you in:")
        print(f"\n  {home.link}\n", flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            step("stopping")
    raise AssertionError("only a signal ends the demo")


async def run(arguments: argparse.Namespace) -> int:
    """Run the demo until it is done or told to stop; return the exit status."""
    folder = FOLDER / ("check" if arguments.check else "home")
    if not arguments.keep:
        shutil.rmtree(folder, ignore_errors=True)

    task = asyncio.ensure_future(demonstrate(folder, arguments))
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(name, task.cancel)
    try:
        async with asyncio.timeout(CHECK_SECONDS if arguments.check else None):
            return 0 if await task else 1
    except asyncio.CancelledError:
        return 1 if arguments.check else 0
    except (
        aiohttp.ClientError,
        HomeAssistantError,
        ServerError,
        TimeoutError,
        household.HouseholdError,
    ) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        print(f"The logs are in {folder.relative_to(ROOT)}", file=sys.stderr)
        return 1


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--check", action="store_true", help="compare, print, and exit 0 or 1"
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="go on with the Home Assistant of the last run instead of a new one",
    )
    parser.add_argument(
        "--days",
        type=int,
        default=30,
        help="how much history to import (default: %(default)s)",
    )
    arguments = parser.parse_args()
    if arguments.check and arguments.keep:
        parser.error("--check always starts anew")
    return asyncio.run(run(arguments))


if __name__ == "__main__":
    sys.exit(main())
