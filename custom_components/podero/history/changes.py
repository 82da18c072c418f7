"""What has to be written so that the recorder has what an answer says. Pure arithmetic."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
import math

from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.util import dt as dt_util

from .hours import Hours, Mean, SumRow, rebase
from .progress import BUCKET
from .statistics import STATISTICS


@dataclass(frozen=True, kw_only=True)
class RecordedRows:
    """What the recorder has of one statistic in and around a span.

    Attributes:
        base: The running sum before the span.
        sums: The rows in the span, of a running sum.
        means: The rows in the span, of a mean.
        unit: The unit; None where there is no such statistic.
        continued: The sum that the first row after the span continues; None
            where there is no such row.
    """

    base: float = 0.0
    sums: Mapping[int, SumRow] = field(default_factory=dict)
    means: Mapping[int, Mean] = field(default_factory=dict)
    unit: str | None = None
    continued: float | None = None


@dataclass(kw_only=True)
class Changes:
    """What has to be done so that the recorder has what an answer says.

    Attributes:
        hours: The answer.
        counts: The number of rows in the span before, by bucket.
        rows: The rows to write, by statistic.
        moves: By how much the sums after the span have to move: id, amount and unit.
        other_units: Statistics whose rows are left out, and the unit of these.
    """

    hours: Hours
    counts: Counter[int] = field(default_factory=Counter)
    rows: list[tuple[StatisticMetaData, list[StatisticData]]] = field(
        default_factory=list
    )
    moves: list[tuple[str, float, str]] = field(default_factory=list)
    other_units: set[tuple[str, str]] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.rows or self.moves)


def find_changes(
    hours: Hours,
    recorded: Mapping[str, RecordedRows],
    described: Mapping[str, StatisticMetaData],
) -> Changes:
    """Return what has to be done.

    Args:
        hours: What Podero gave.
        recorded: What there is, by kind.
        described: The metadata of all kinds that the device may have, in their usual
            units. Rows in another unit than the recorded ones are left out.

    """
    changes = Changes(hours=hours)
    for kind, usual in described.items():
        rows = recorded.get(kind, RecordedRows())
        changes.counts.update(hour // BUCKET for hour in (*rows.sums, *rows.means))
        unit = hours.units.get(kind) or rows.unit or usual["unit_of_measurement"]
        if rows.unit not in {None, unit}:
            changes.other_units.add((kind, str(unit)))
            continue
        wanted: StatisticMetaData = {**usual, "unit_of_measurement": unit}
        if STATISTICS[kind].is_sum:
            _change_sums(changes, wanted, rows, hours.sums.get(kind, {}))
        elif changed := [
            _mean_data(hour, row)
            for hour, row in sorted(hours.means.get(kind, {}).items())
            if not _same_mean(rows.means.get(hour), row)
        ]:
            changes.rows.append((wanted, changed))
    return changes


def _change_sums(
    changes: Changes,
    wanted: StatisticMetaData,
    recorded: RecordedRows,
    found: Mapping[int, float],
) -> None:
    rows = rebase(recorded.base, recorded.sums, found, is_whole=changes.hours.is_whole)
    if changed := [
        _sum_data(hour, row)
        for hour, row in rows.items()
        if not _same_sum(recorded.sums.get(hour), row)
    ]:
        changes.rows.append((wanted, changed))
    last = rows[max(rows)].sum if rows else recorded.base
    if recorded.continued is not None and not _same(recorded.continued, last):
        changes.moves.append(
            (
                wanted["statistic_id"],
                last - recorded.continued,
                str(wanted["unit_of_measurement"]),
            )
        )


def _same_sum(recorded: SumRow | None, row: SumRow) -> bool:
    return (
        recorded is not None
        and _same(recorded.state, row.state)
        and _same(recorded.sum, row.sum)
    )


def _same_mean(recorded: Mean | None, row: Mean) -> bool:
    return (
        recorded is not None
        and _same(recorded.mean, row.mean)
        and _same(recorded.min, row.min)
        and _same(recorded.max, row.max)
    )


def _same(one: float, other: float) -> bool:
    """Return whether two numbers differ by no more than their rounding."""
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)


def _sum_data(hour: int, row: SumRow) -> StatisticData:
    return StatisticData(
        start=dt_util.utc_from_timestamp(hour), state=row.state, sum=row.sum
    )


def _mean_data(hour: int, row: Mean) -> StatisticData:
    return StatisticData(
        start=dt_util.utc_from_timestamp(hour), mean=row.mean, min=row.min, max=row.max
    )
