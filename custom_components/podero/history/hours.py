"""Hours of statistics, and how new ones go together with those that are there. Pure arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import math

HOUR = 3600
"""Seconds. Hours are named by the second, since 1970, in which they begin."""


@dataclass(frozen=True, kw_only=True)
class Mean:
    """What a value did in an hour."""

    mean: float
    min: float
    max: float


@dataclass(kw_only=True)
class Hours:
    """What a span of the past came to.

    Attributes:
        sums: kWh or EUR of each hour that has any, by kind.
        means: The same for what is not summed up.
        units: Units that differ from the kind's own.
    """

    sums: dict[str, dict[int, float]] = field(default_factory=dict)
    means: dict[str, dict[int, Mean]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return how many hours have anything."""
        found: set[int] = set()
        for sums in self.sums.values():
            found.update(sums)
        for means in self.means.values():
            found.update(means)
        return len(found)


@dataclass(frozen=True, kw_only=True)
class SumRow:
    """An hour of a running sum: what it came to, and the sum up to its end."""

    state: float
    sum: float


def mean_of(values: Iterable[float]) -> Mean:
    """Return mean, minimum and maximum, whatever the order."""
    found = list(values)
    return Mean(mean=math.fsum(found) / len(found), min=min(found), max=max(found))


def rebase(
    base: float,
    there: Mapping[int, SumRow],
    found: Mapping[int, float],
    *,
    absent_is_nothing: bool,
) -> dict[int, SumRow]:
    """Return the rows of a span after an import, the sums running on from before it.

    Args:
        base: The sum before the span.
        there: The rows that the recorder holds in the span.
        found: What the hours come to by the newest answer.
        absent_is_nothing: What a row means that the answer lacks: that the hour
            came to nothing (it belonged to a session that was corrected), or
            that the answer has a gap and the row is still the best knowledge.

    """
    rows: dict[int, SumRow] = {}
    running = base
    for hour in sorted(there.keys() | found.keys()):
        if hour in found:
            state = found[hour]
        else:
            state = 0.0 if absent_is_nothing else there[hour].state
        running += state
        rows[hour] = SumRow(state=state, sum=running)
    return rows
