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
        units: Units that the answer names.
        is_whole: Whether an hour that is not here came to nothing. Else nothing
            is known of it, and what was known before stays.
    """

    sums: dict[str, dict[int, float]] = field(default_factory=dict)
    means: dict[str, dict[int, Mean]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    is_whole: bool = False

    @property
    def found(self) -> set[int]:
        """Return the hours that have anything."""
        hours: set[int] = set()
        for sums in self.sums.values():
            hours.update(sums)
        for means in self.means.values():
            hours.update(means)
        return hours


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
    is_whole: bool,
) -> dict[int, SumRow]:
    """Return the rows of a span after an import, the sums running on from before it.

    Args:
        base: The sum before the span.
        there: The rows that the recorder holds in the span.
        found: What the hours come to by the newest answer.
        is_whole: Whether a row that the answer lacks came to nothing, such as one
            of a session that was corrected. Else it is still the best knowledge.

    """
    rows: dict[int, SumRow] = {}
    running = base
    for hour in sorted(there.keys() | found.keys()):
        if hour in found:
            state = found[hour]
        else:
            state = 0.0 if is_whole else there[hour].state
        running += state
        rows[hour] = SumRow(state=state, sum=running)
    return rows
