"""What reading a device's detail costs, beside `orjson.loads` of the same bytes."""

import asyncio
from functools import partial

import orjson

from custom_components.podero.api import Device

from .figures import Contest, Figure, hand_over, is_short
from .podero import ask_simulator

ROUNDS = 60
TIMES = 500
BAR = 4


def measure() -> list[Figure]:
    """Measure each kind of device."""
    details = {
        kind: orjson.dumps(answers.detail)
        for kind, answers in asyncio.run(ask_simulator()).items()
    }

    def parse(kind: type[Device], body: bytes) -> None:
        for _ in range(TIMES):
            kind.parse(orjson.loads(body))

    def floor(body: bytes) -> None:
        for _ in range(TIMES):
            orjson.loads(body)

    contestants = {}
    for kind, body in details.items():
        contestants[f"podero {kind.__name__}"] = partial(parse, kind, body)
        contestants[f"orjson {kind.__name__}"] = partial(floor, body)
    contest = Contest()
    contest.run(contestants, 10 if is_short() else ROUNDS)
    values = contest.medians(scale=1e6 / TIMES)
    return [
        Figure(
            row="parse",
            title="reading a detail",
            unit="µs",
            values=values,
            result=max(
                values[f"podero {kind.__name__}"] / values[f"orjson {kind.__name__}"]
                for kind in details
            ),
            bar=BAR,
            of="the slowest kind / orjson.loads of its bytes",
        )
    ]


if __name__ == "__main__":
    hand_over(measure())
