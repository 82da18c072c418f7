"""A simulated cloud of its own process: a year of one inverter, computed before anybody asks."""

import asyncio
from datetime import UTC, datetime, timedelta
import json
import sys

from simulator import Simulator


async def serve(days: int) -> None:
    """Serve until the standard input closes; tells the address and the ids in one line."""
    simulator = Simulator(seed=1, days=days + 2)
    family = simulator.households[0]
    for car in family.vehicles:
        simulator.remove(car.id)
    now = datetime.now(UTC)
    simulator.energy(family.inverters[0].id, now - timedelta(days=days), now)
    await simulator.start()
    print(
        json.dumps(
            {
                "host": simulator.url,
                "org_id": simulator.organization_id,
                "user_id": family.user_id,
                "device_id": family.inverters[0].id,
            }
        ),
        flush=True,
    )
    await asyncio.to_thread(sys.stdin.read)
    await simulator.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
