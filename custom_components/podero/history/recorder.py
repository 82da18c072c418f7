"""The recorder's side: reading what it holds of a device, and writing what is new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
import math

from sqlalchemy import func

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.db_schema import Statistics
from homeassistant.components.recorder.models import StatisticData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.components.recorder.util import session_scope
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from .costs import keep_costs
from .hours import Hours, Mean, SumRow, rebase
from .statistics import STATISTICS, async_statistic_names, metadata, statistic_id


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the recorder holds of one kind in and around a span.

    Attributes:
        base: The running sum before the span.
        sums: The rows in the span, of a running sum.
        means: The rows in the span, of a mean.
        unit: What they are counted in; None without any.
        continued: The sum that the first row after the span goes on from; None
            where there is no such row.
    """

    base: float = 0.0
    sums: Mapping[int, SumRow]
    means: Mapping[int, Mean]
    unit: str | None = None
    continued: float | None = None


NOTHING = Held(sums={}, means={})


async def async_write(
    hass: HomeAssistant,
    hours: Hours,
    *,
    device_id: str,
    device_name: str,
    kinds: Iterable[str],
    start: datetime,
    end: datetime,
    priced_from: datetime | None = None,
) -> bool:
    """Bring the recorder's rows of a span in line with an answer, and wait for the commit.

    Sums run on from what is held before the span, and those after it move along.
    Rows that stay the same are not written.

    Args:
        hass: Home Assistant, with a recorder.
        hours: What the span came to, by the answer.
        device_id: Podero's id of the device.
        device_name: What the statistics are named after.
        kinds: The kinds that the device may have.
        start: The first hour of the span.
        end: The hour after its last.
        priced_from: The first hour that was imported with the household's prices;
            those before keep what they cost. None to price all of the span.

    Returns:
        Whether a statistic is in another unit than before: hours in two of them do
        not go together, so it begins anew with this span.

    """
    await async_commit(hass)
    # Corrections may reach back before the span.
    first = min(hours.found, default=None)
    if first is not None:
        start = min(start, dt_util.utc_from_timestamp(first))
    begins_anew = False
    names = await async_statistic_names(hass)
    held = await get_instance(hass).async_add_executor_job(
        _read, hass, {statistic_id(device_id, kind): kind for kind in kinds}, start, end
    )
    if priced_from is not None:
        hours = keep_costs(
            hours,
            {kind: there.sums for kind, there in held.items()},
            int(priced_from.timestamp()),
        )
    for kind in kinds:
        there = held.get(kind, NOTHING)
        unit = hours.units.get(kind) or there.unit
        described = metadata(device_id, device_name, kind, names=names, unit=unit)
        if not STATISTICS[kind].is_sum:
            if there.unit not in {None, unit}:
                LOGGER.info("%s is now in %s: begun anew", described["name"], unit)
                await async_clear(hass, [described["statistic_id"]])
                there, begins_anew = NOTHING, True
            changed = [
                _mean_data(hour, row)
                for hour, row in sorted(hours.means.get(kind, {}).items())
                if there.means.get(hour) != row
            ]
            if changed:
                async_add_external_statistics(hass, described, changed)
            continue
        rows = rebase(
            there.base,
            there.sums,
            hours.sums.get(kind, {}),
            is_whole=hours.is_whole,
        )
        changed = [
            _sum_data(hour, row)
            for hour, row in rows.items()
            if not _is_held(there.sums.get(hour), row)
        ]
        if changed:
            async_add_external_statistics(hass, described, changed)
        total = rows[max(rows)].sum if rows else there.base
        if there.continued is not None and not _same(there.continued, total):
            get_instance(hass).async_adjust_statistics(
                described["statistic_id"],
                end,
                total - there.continued,
                STATISTICS[kind].unit,
            )
    await async_commit(hass)
    return begins_anew


async def async_commit(hass: HomeAssistant) -> None:
    """Wait until the recorder has done everything that was asked of it."""
    # Its own async_block_till_done overlooks the task that it is just working on.
    done = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


async def async_clear(hass: HomeAssistant, statistic_ids: list[str]) -> list[str]:
    """Remove statistics, and return those that there were."""
    await async_commit(hass)
    known = await get_instance(hass).async_add_executor_job(
        lambda: get_metadata(hass, statistic_ids=set(statistic_ids))
    )
    there = [each for each in statistic_ids if each in known]
    if there:
        get_instance(hass).async_clear_statistics(there)
        await async_commit(hass)
    return there


async def async_newest(
    hass: HomeAssistant, statistic_ids: list[str]
) -> datetime | None:
    """Return the last hour that the recorder holds of some statistics."""
    await async_commit(hass)
    return await get_instance(hass).async_add_executor_job(_newest, hass, statistic_ids)


def _newest(hass: HomeAssistant, statistic_ids: list[str]) -> datetime | None:
    """Return the last hour that is held. Runs in the recorder's executor."""
    known = get_metadata(hass, statistic_ids=set(statistic_ids))
    with session_scope(hass=hass, read_only=True) as session:
        found = (
            session.query(func.max(Statistics.start_ts))
            .filter(Statistics.metadata_id.in_([each for each, _ in known.values()]))
            .scalar()
        )
    return None if found is None else datetime.fromtimestamp(found, UTC)


def _read(
    hass: HomeAssistant, kinds: Mapping[str, str], start: datetime, end: datetime
) -> dict[str, Held]:
    """Return what the recorder holds, by kind. Runs in the recorder's executor."""
    known = get_metadata(hass, statistic_ids=set(kinds))
    rows = statistics_during_period(
        hass,
        start,
        end,
        set(known),
        "hour",
        None,
        {"mean", "min", "max", "state", "sum"},
    )
    held: dict[str, Held] = {}
    with session_scope(hass=hass, read_only=True) as session:
        for each, (metadata_id, described) in known.items():
            of_kind = session.query(Statistics.sum).filter(
                Statistics.metadata_id == metadata_id
            )
            before = (
                of_kind.filter(Statistics.start_ts < start.timestamp())
                .order_by(Statistics.start_ts.desc())
                .first()
            )
            after = (
                session.query(Statistics.state, Statistics.sum)
                .filter(
                    Statistics.metadata_id == metadata_id,
                    Statistics.start_ts >= end.timestamp(),
                )
                .order_by(Statistics.start_ts)
                .first()
            )
            found = rows.get(each, [])
            held[kinds[each]] = Held(
                base=(before.sum or 0.0) if before else 0.0,
                sums={
                    int(row["start"]): SumRow(
                        state=row.get("state") or 0.0, sum=row.get("sum") or 0.0
                    )
                    for row in found
                },
                means={
                    int(row["start"]): Mean(mean=mean, min=low, max=high)
                    for row in found
                    if (mean := row.get("mean")) is not None
                    and (low := row.get("min")) is not None
                    and (high := row.get("max")) is not None
                },
                unit=described["unit_of_measurement"],
                # Not what the span's last row says: a run may have ended between
                # writing a span and moving what comes after it.
                continued=(
                    (after.sum or 0.0) - (after.state or 0.0) if after else None
                ),
            )
    return held


def _is_held(held: SumRow | None, row: SumRow) -> bool:
    return (
        held is not None and _same(held.state, row.state) and _same(held.sum, row.sum)
    )


def _same(one: float, other: float) -> bool:
    """Return whether two sums differ by no more than their rounding."""
    return math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-9)


def _sum_data(hour: int, row: SumRow) -> StatisticData:
    return StatisticData(
        start=datetime.fromtimestamp(hour, UTC), state=row.state, sum=row.sum
    )


def _mean_data(hour: int, row: Mean) -> StatisticData:
    return StatisticData(
        start=datetime.fromtimestamp(hour, UTC),
        mean=row.mean,
        min=row.min,
        max=row.max,
    )
