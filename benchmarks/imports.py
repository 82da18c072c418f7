"""What importing all modules of an integration costs, once Home Assistant is there.

Each import is done in a child of one process that has loaded what a Home Assistant that
starts has: itself, the components whose platforms integrations use, the recorder.
"""

import importlib
import os
import pkgutil
import sys
import time

from .figures import Contest, Figure, hand_over, is_short

ROUNDS = 25
SHORT_ROUNDS = 7
BAR = 1.2
INTEGRATIONS = {
    "podero": "custom_components.podero",
    "ohme": "homeassistant.components.ohme",
    "tessie": "homeassistant.components.tessie",
    "peblar": "homeassistant.components.peblar",
}
THERE = (
    "bootstrap",
    "helpers.update_coordinator",
    *(
        f"components.{name}"
        for name in (
            "binary_sensor",
            "button",
            "calendar",
            "climate",
            "cover",
            "device_tracker",
            "diagnostics",
            "energy.data",
            "event",
            "http",
            "lock",
            "media_player",
            "number",
            "recorder.statistics",
            "repairs",
            "select",
            "sensor",
            "switch",
            "system_health",
            "text",
            "time",
            "update",
        )
    ),
)


def import_all(name: str) -> float:
    """Import a package with all its modules; returns the CPU time in s."""
    start = time.process_time()
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}."):
        importlib.import_module(module.name)
    return time.process_time() - start


def import_in_child(name: str) -> float:
    """Import a package in a child of this process; returns the CPU time in s."""
    reader, writer = os.pipe()
    if not (child := os.fork()):
        os.write(writer, str(import_all(name)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        seconds = float(answer.read())
    os.waitpid(child, 0)
    return seconds


def measure() -> list[Figure]:
    """Measure all in turns."""
    for name in THERE:
        importlib.import_module(f"homeassistant.{name}")
    # The first import of each writes the compiled files, as Home Assistant's does.
    sys.dont_write_bytecode = False
    contest = Contest()
    for number in range(1 + (SHORT_ROUNDS if is_short() else ROUNDS)):
        for name, package in INTEGRATIONS.items():
            seconds = import_in_child(package)
            if number:
                contest.add(name, seconds)
    values = contest.medians(scale=1000)
    return [
        Figure(
            row="import",
            title="importing all modules",
            unit="ms",
            values=values,
            result=values["podero"] / values["ohme"],
            bar=BAR,
            of="Podero / ohme",
        )
    ]


if __name__ == "__main__":
    hand_over(measure())
