"""A simulated cloud of its own process: a year of one inverter, or many households."""

import argparse
import asyncio
from datetime import UTC, datetime, timedelta
import json
import sys

from simulator import Simulator


async def serve(days: int, households: int, devices: int) -> None:
    """Serve until the standard input closes; tells the address and the ids in one line."""
    simulator = Simulator(seed=1, days=days, households=households)
    family = simulator.households[0]
    if households == 1:
        # Nobody is to wait for what the simulator works out only when asked.
        for car in family.vehicles:
            simulator.remove(car.id)
        now = datetime.now(UTC)
        simulator.energy(family.inverters[0].id, now - timedelta(days=days - 2), now)
    while len(simulator.devices) < devices:
        simulator.add_wallbox(
            simulator.households[len(simulator.devices) % households].user_id
        )
    await simulator.start()
    print(
        json.dumps(
            {
                "host": simulator.url,
                "org_id": simulator.organization_id,
                "user_id": family.user_id,
                "user_ids": [each.user_id for each in simulator.households],
                "device_id": family.inverters[0].id,
            }
        ),
        flush=True,
    )
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--households", type=int, default=1)
    parser.add_argument("--devices", type=int, default=0)
    asked = parser.parse_args()
    asyncio.run(serve(asked.days, asked.households, asked.devices))
