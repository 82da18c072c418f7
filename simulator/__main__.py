"""``python -m simulator``: run the cloud until interrupted."""

import argparse
import asyncio
from contextlib import suppress
from datetime import UTC, datetime
import signal

from .charging import CHARGING_MODES
from .server import Simulator


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="A Podero cloud on this machine."
    )
    parser.add_argument("--port", type=int, default=8765, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--households", type=int, default=1)
    parser.add_argument("--days", type=int, default=30, help="how much past there is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--now",
        type=datetime.fromisoformat,
        help="start at this time instead of the real one",
    )
    parser.add_argument(
        "--charging-mode",
        choices=CHARGING_MODES,
        help="how cars have charged since their past began, instead of by price",
    )
    parser.add_argument(
        "--speed", type=float, default=1.0, help="simulated seconds in a real one"
    )
    return parser.parse_args()


async def _run(arguments: argparse.Namespace) -> None:
    now = arguments.now or datetime.now(UTC)
    start = datetime.fromtimestamp(now.timestamp() - arguments.days * 86_400, UTC)
    simulator = Simulator(
        seed=arguments.seed,
        households=arguments.households,
        start=start,
        charging_mode=arguments.charging_mode,
    )
    if arguments.now:
        simulator.clock.set(arguments.now)
    simulator.clock.run(arguments.speed)
    url = await simulator.start(arguments.port, arguments.host)
    print(f"Podero simulator at {url}", flush=True)
    print(f"organization {simulator.organization_id}")
    print("client demo-client / demo-secret")
    for family in simulator.households:
        person = family.household.template.person
        print(
            f"user {family.user_id} {person.first_name} {person.last_name}: "
            f"{len(family.inverters)} inverters, {len(family.vehicles)} electric vehicles, "
            f"{len(family.heat_pumps)} heat pumps, {len(family.wallboxes)} wallboxes, "
            f"account {family.username} / {family.username}",
            flush=True,
        )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await simulator.stop()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(_arguments()))
