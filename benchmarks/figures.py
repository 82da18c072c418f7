"""What a measurement comes to, and the bars that it has to stay under."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
import json
from statistics import median
import sys
import time

# A short run, in CI, fails only where a ratio is so many times its bar.
SHORT_MARGIN = 2
# Where a bar is known to be missed, the result is at most so many times what was reached.
REACHED_MARGIN, SHORT_REACHED_MARGIN = 1.15, 1.5

# The bars that are missed, and what was reached; docs/performance.md has the profiles.
MISSED: Mapping[str, float] = {
    "refresh-one": 0.14,
    "refresh-all": 1.3,
    "import": 4.9,
}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement.

    Attributes:
        row: The name by which it can be asked for.
        title: What was measured.
        unit: Of the values.
        values: By contestant, medians.
        result: What is judged.
        bar: The most that it may be.
        of: What the result is, such as the ratio of two contestants.
        devices: With how many devices, where that matters.
        is_ratio: Whether the result is one: others depend on the machine.
        is_floor: Whether the bar compares with the least that is possible.
    """

    row: str
    title: str
    unit: str
    values: Mapping[str, float]
    result: float
    bar: float
    of: str
    devices: int | None = None
    is_ratio: bool = True

    @property
    def is_met(self) -> bool:
        """Return whether the bar is met."""
        return self.result <= self.bar

    @property
    def reached(self) -> float | None:
        """Return what was reached where the bar is known to be missed."""
        return MISSED.get(self.row)

    @property
    def verdict(self) -> str:
        """Return how the result compares with the bar, for the table."""
        if self.is_met:
            return "met"
        if self.reached is None:
            return "**not met**"
        return f"**not met**, documented: {self.reached:g} was reached"

    def is_passed(self, *, short: bool) -> bool:
        """Return whether a check lets the result pass.

        A short run on a busy machine is judged by ratios only, and more kindly.
        """
        if short and not self.is_ratio:
            return True
        limit = self.bar * (SHORT_MARGIN if short else 1)
        if self.reached is not None:
            margin = SHORT_REACHED_MARGIN if short else REACHED_MARGIN
            limit = max(limit, margin * self.reached)
        return self.result <= limit


@dataclass(kw_only=True)
class Contest:
    """Contestants that take turns, so that whatever else the machine does slows all of them.

    Attributes:
        rounds: CPU time by contestant in s, a value for each round.
    """

    rounds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, seconds: float) -> None:
        """Take note of a round."""
        self.rounds.setdefault(name, []).append(seconds)

    def run(
        self, contestants: Mapping[str, Callable[[], object]], rounds: int
    ) -> Contest:
        """Let functions take turns."""
        for _ in range(rounds):
            for name, function in contestants.items():
                start = time.process_time()
                function()
                self.add(name, time.process_time() - start)
        return self

    def medians(
        self, *, scale: float = 1, shares: Mapping[str, float] | None = None
    ) -> dict[str, float]:
        """Return the median of each contestant, scaled, and divided by its share."""
        return {
            name: median(seconds) * scale / (shares or {}).get(name, 1)
            for name, seconds in self.rounds.items()
        }


def is_short() -> bool:
    """Return whether a measurement's process was asked for the short form."""
    return "--short" in sys.argv


def hand_over(figures: Iterable[Figure]) -> None:
    """Hand figures to the process that asked for them."""
    print(json.dumps([asdict(figure) for figure in figures]))


def taken_over(output: str) -> list[Figure]:
    """Return the figures that a measurement's process handed over."""
    return [Figure(**each) for each in json.loads(output.splitlines()[-1])]
