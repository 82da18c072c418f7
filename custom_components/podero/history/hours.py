"""Hours of statistics, and how new ones are merged with recorded ones. Pure arithmetic.

Hours are named by the second, since 1970, in which they begin.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
import math

HOUR = 3600
"""Seconds."""


@dataclass(frozen=True, kw_only=True)
class Mean:
    """The mean, the minimum and the maximum of a value in an hour."""

    mean: float
    min: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Hours:
    """The statistics of a span, hour by hour.

    Attributes:
        sums: kWh or money of each hour that has any, by kind.
        means: The same for what is not summed up.
        units: The units that the answer names, by kind.
        is_whole: Whether an hour that is not here came to 0. Else nothing is known
            of it, and what is recorded stays.
        is_partial: Whether a part could not be fetched, so that the span is to be
            asked for again.
    """

    sums: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    means: Mapping[str, Mapping[int, Mean]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False
    is_partial: bool = False

    @property
    def found(self) -> set[int]:
        """Return the hours that have anything."""
        return set().union(*self.sums.values(), *self.means.values())


@dataclass(frozen=True, kw_only=True)
class SumRow:
    """An hour of a running sum: its own amount, and the sum up to its end."""

    state: float
    sum: float


def total(amounts: Iterable[float]) -> float | None:
    """Return the exact sum; None where it, or an amount, is beyond a float."""
    try:
        whole = math.fsum(amounts)
    except OverflowError, ValueError:
        return None
    # Not -0.0, which the sum of several would be.
    return whole + 0.0 if math.isfinite(whole) else None


def mean_of(values: Iterable[float]) -> Mean | None:
    """Return mean, minimum and maximum, in any order; None where they are beyond a float."""
    found = list(values)
    if (whole := total(found)) is None:
        return None
    return Mean(mean=whole / len(found), min=min(found), max=max(found))


def rebase(
    base: float,
    recorded: Mapping[int, SumRow],
    found: Mapping[int, float],
    *,
    is_whole: bool,
) -> dict[int, SumRow]:
    """Return the rows of a span after an import, the sums running on from before it.

    Args:
        base: The sum before the span.
        recorded: The rows that the recorder holds in the span.
        found: The amounts of the hours by the newest answer.
        is_whole: Whether a row that the answer lacks came to 0, such as one of a
            session that was corrected. Else the recorded row is kept.

    """
    rows: dict[int, SumRow] = {}
    running = base
    for hour in sorted(recorded.keys() | found.keys()):
        if hour in found:
            state = found[hour]
        else:
            state = 0.0 if is_whole else recorded[hour].state
        running += state
        rows[hour] = SumRow(state=state, sum=running)
    return rows
