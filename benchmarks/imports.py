"""What importing all modules of an integration costs, once Home Assistant is there.

Each import is a process of its own; the integrations take turns. Home Assistant itself,
the components whose platforms they all use, and the recorder are loaded before: so
they are in a Home Assistant that starts.
"""

import subprocess
import sys

from .figures import Contest, Figure, hand_over, is_short

ROUNDS = 21
BAR = 1.2
INTEGRATIONS = {
    "podero": "custom_components.podero",
    "ohme": "homeassistant.components.ohme",
    "tessie": "homeassistant.components.tessie",
    "peblar": "homeassistant.components.peblar",
}

PROGRAM = """
import importlib, pkgutil, sys, time
import homeassistant.bootstrap
import homeassistant.components.recorder.statistics
import homeassistant.components.energy.data
import homeassistant.components.diagnostics
import homeassistant.components.repairs
import homeassistant.components.system_health
import homeassistant.components.http
import homeassistant.helpers.config_entry_oauth2_flow
import orjson
for name in (
    "binary_sensor button calendar climate cover device_tracker event lock media_player"
    " number select sensor switch text time update"
).split():
    importlib.import_module("homeassistant.components." + name)
start = time.process_time()
package = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
print(time.process_time() - start)
"""


def measure() -> list[Figure]:
    """Measure all in turns."""
    contest = Contest()
    # The first import of each writes the compiled files.
    for number in range(1 + (5 if is_short() else ROUNDS)):
        for name, package in INTEGRATIONS.items():
            done = subprocess.run(
                [sys.executable, "-c", PROGRAM, package],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            if number:
                contest.add(name, float(done.stdout))
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
