"""The recorder's side of a device's past: what it has, and writing what is new.

Nothing but this module knows the recorder's internals. Three are needed:

- `Statistics`, the table itself. The public functions return a span, but neither the row
  before it nor the one after it nor a number of rows, and they log a traceback of their
  own while a database is locked.
- The statistics' metadata by way of the same session, for the same reason.
- `RecorderTask`, to wait until everything was done that the recorder was asked for. Its
  own `SynchronizeTask` is lost where the commit before it fails: whoever waits for it
  waits for ever.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
import math
from typing import override

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import Statistics
from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata_with_session,
)
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from .costs import keep_costs
from .hours import Hours, Mean, SumRow, rebase
from .progress import BUCKET, Recorded
from .statistics import STATISTICS, async_statistic_names, metadata, statistic_id

# What the recorder could not write at once it puts at the end of its queue.
LOOKS = 3


class DatabaseNotReadyError(HomeAssistantError):
    """The database does not take, or does not give, statistics now."""

    def __init__(self) -> None:
        """Initialize with the message for a person."""
        super().__init__(
            translation_domain=DOMAIN, translation_key="database_not_ready"
        )


@dataclass(slots=True)
class _ReachedTask(RecorderTask):
    """Says that the recorder has come so far."""

    future: asyncio.Future[None]

    commit_before = False

    @override
    def run(self, instance: Recorder) -> None:
        """Say so; runs in the recorder's thread."""
        instance.hass.loop.call_soon_threadsafe(self._set_result)

    def _set_result(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """What the recorder has of one statistic in and around a span.

    Attributes:
        base: The running sum before the span.
        sums: The rows in the span, of a running sum.
        means: The rows in the span, of a mean.
        unit: The unit; None without any rows.
        continued: The sum that the first row after the span goes on from; None
            where there is no such row.
    """

    base: float = 0.0
    sums: Mapping[int, SumRow] = field(default_factory=dict)
    means: Mapping[int, Mean] = field(default_factory=dict)
    unit: str | None = None
    continued: float | None = None


@dataclass(kw_only=True)
class _Changes:
    """What has to be done so that the recorder has what an answer says.

    Attributes:
        hours: The answer, without what is to stay as it is.
        counts: The number of rows in the span as it is, by bucket.
        rows: The rows to write, by statistic.
        moves: By how much the sums after the span have to move: id, amount and unit.
        other_units: Statistics whose rows are left out, and the unit of these.
    """

    hours: Hours
    counts: Counter[int] = field(default_factory=Counter)
    rows: list[tuple[StatisticMetaData, list[StatisticData]]] = field(
        default_factory=list
    )
    moves: list[tuple[str, float, str | None]] = field(default_factory=list)
    other_units: set[tuple[str, str]] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Return whether there is anything to do."""
        return bool(self.rows or self.moves)


class DeviceStatistics:
    """A device's statistics."""

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        device_id: str,
        device_name: Callable[[], str],
        kinds: Collection[str],
    ) -> None:
        """Initialize.

        Args:
            hass: Home Assistant, with a recorder.
            device_id: Podero's id of the device.
            device_name: What the statistics are named after.
            kinds: The statistics that it may have, keys of STATISTICS.

        """
        self._hass = hass
        self._device_id = device_id
        self._device_name = device_name
        self.ids = {kind: statistic_id(device_id, kind) for kind in kinds}
        self._left_out: set[tuple[str, str]] = set()

    async def async_write(
        self,
        hours: Hours,
        start: datetime,
        end: datetime,
        *,
        priced_from: datetime | None = None,
    ) -> Mapping[int, int]:
        """Bring the recorder's rows of a span in line with an answer, and read them back.

        Sums run on from the row before the span, and those after it move along. Rows
        that stay the same are not written. Rows in another unit than the statistic's
        are left out.

        Args:
            hours: What Podero gave; corrections may reach back before the span.
            start: The first hour of the span.
            end: The hour after its last.
            priced_from: The first hour that was imported with the household's prices;
                those before keep what they cost. None to price all of the span.

        Returns:
            How many rows more there are now, by bucket.

        Raises:
            DatabaseNotReadyError: the recorder does not have all of it in the end.

        """
        names = await async_statistic_names(self._hass)
        name = self._device_name()

        async def changes(hours: Hours, priced_from: datetime | None) -> _Changes:
            await self._async_reached()
            return await self._async_run(
                lambda session: self._changes(
                    session,
                    hours,
                    start,
                    end,
                    priced_from=priced_from,
                    described={
                        kind: metadata(self._device_id, name, kind, names=names)
                        for kind in self.ids
                    },
                )
            )

        wanted = await changes(hours, priced_from)
        for kind, unit in wanted.other_units - self._left_out:
            LOGGER.info(
                "%s %s is now in %s: left out, as what is recorded is in another unit",
                name,
                names[kind],
                unit,
            )
        self._left_out |= wanted.other_units
        if not wanted:
            return {}
        for described, rows in wanted.rows:
            async_add_external_statistics(self._hass, described, rows)
        for each, amount, unit_of_sum in wanted.moves:
            get_instance(self._hass).async_adjust_statistics(
                each, end, amount, unit_of_sum
            )
        for _ in range(LOOKS):
            if not (now := await changes(wanted.hours, None)):
                now.counts.subtract(wanted.counts)
                return {bucket: rows for bucket, rows in now.counts.items() if rows}
        raise DatabaseNotReadyError

    async def async_clear(self) -> list[str]:
        """Delete the statistics, and return the ids of those that there were.

        Raises:
            DatabaseNotReadyError: they are still there.
        """
        await self._async_reached()
        known = await self._async_run(self._known)
        found = [each for each in self.ids.values() if each in known]
        if found:
            get_instance(self._hass).async_clear_statistics(found)
            await self._async_reached()
            if await self._async_run(self._known):
                raise DatabaseNotReadyError
        return found

    async def async_recorded(self) -> Recorded:
        """Return how much there is.

        Raises:
            DatabaseNotReadyError: nothing can be read.
        """
        await self._async_reached()
        return await self._async_run(self._recorded)

    async def async_amounts(
        self, kinds: Collection[str], start: datetime
    ) -> Mapping[str, Mapping[int, float]]:
        """Return the amounts of the hours since a time, of those statistics that there are.

        Raises:
            DatabaseNotReadyError: nothing can be read.
        """
        return await self._async_run(
            lambda session: self._amounts(session, kinds, start.timestamp())
        )

    async def _async_reached(self) -> None:
        """Wait until the recorder has done everything that was asked of it before."""
        future = self._hass.loop.create_future()
        get_instance(self._hass).queue_task(_ReachedTask(future))
        await future

    async def _async_run[T](self, job: Callable[[Session], T]) -> T:
        """Do something with the database, in the recorder's executor."""
        instance = get_instance(self._hass)

        def run() -> T:
            with instance.get_session() as session:
                return job(session)

        try:
            return await instance.async_add_executor_job(run)
        except SQLAlchemyError as err:
            raise DatabaseNotReadyError from err

    # What follows runs in the recorder's executor.

    def _known(self, session: Session) -> dict[str, tuple[int, StatisticMetaData]]:
        """Return the numbers and metadata of the statistics that there are, by their ids."""
        return get_metadata_with_session(
            get_instance(self._hass), session, statistic_ids={*self.ids.values()}
        )

    def _recorded(self, session: Session) -> Recorded:
        bucket = cast(Statistics.start_ts, BigInteger) // BUCKET
        numbers = [number for number, _ in self._known(session).values()]
        found = session.execute(
            select(bucket, func.count(), func.max(Statistics.start_ts))
            .where(Statistics.metadata_id.in_(numbers))
            .group_by(bucket)
        ).all()
        newest = max((row[2] for row in found), default=None)
        return Recorded(
            counts={int(row[0]): row[1] for row in found},
            newest=None if newest is None else dt_util.utc_from_timestamp(newest),
        )

    def _amounts(
        self, session: Session, kinds: Collection[str], first: float
    ) -> dict[str, dict[int, float]]:
        known = self._known(session)
        return {
            kind: {
                int(row.start_ts): row.state or 0.0
                for row in session.execute(
                    select(Statistics.start_ts, Statistics.state).where(
                        Statistics.metadata_id == known[self.ids[kind]][0],
                        Statistics.start_ts >= first,
                    )
                )
            }
            for kind in kinds
            if self.ids.get(kind) in known
        }

    def _changes(
        self,
        session: Session,
        hours: Hours,
        start: datetime,
        end: datetime,
        *,
        priced_from: datetime | None,
        described: Mapping[str, StatisticMetaData],
    ) -> _Changes:
        """Return what has to be done so that the recorder has what an answer says."""
        known = self._known(session)
        recorded: dict[str, _Rows] = {}
        for kind, each in self.ids.items():
            if each in known:
                number, metadata_ = known[each]
                found = hours.sums.get(kind, hours.means.get(kind, {}))
                first = min((start.timestamp(), *found))
                recorded[kind] = _read(session, number, metadata_, first, end)
        if priced_from is not None:
            hours = keep_costs(
                hours,
                {kind: rows.sums for kind, rows in recorded.items()},
                int(priced_from.timestamp()),
            )
        changes = _Changes(hours=hours)
        for kind, wanted in described.items():
            rows = recorded.get(kind, _Rows())
            changes.counts.update(hour // BUCKET for hour in (*rows.sums, *rows.means))
            unit = hours.units.get(kind) or rows.unit
            if rows.unit not in {None, unit}:
                changes.other_units.add((kind, str(unit)))
                continue
            if unit is not None:
                wanted["unit_of_measurement"] = unit
            if STATISTICS[kind].is_sum:
                self._change_sums(changes, wanted, rows, hours.sums.get(kind, {}))
            elif changed := [
                _mean_data(hour, row)
                for hour, row in sorted(hours.means.get(kind, {}).items())
                if not _same_mean(rows.means.get(hour), row)
            ]:
                changes.rows.append((wanted, changed))
        return changes

    def _change_sums(
        self,
        changes: _Changes,
        wanted: StatisticMetaData,
        recorded: _Rows,
        found: Mapping[int, float],
    ) -> None:
        rows = rebase(
            recorded.base, recorded.sums, found, is_whole=changes.hours.is_whole
        )
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
                    wanted["unit_of_measurement"],
                )
            )


def _read(
    session: Session,
    number: int,
    described: StatisticMetaData,
    first: float,
    end: datetime,
) -> _Rows:
    """Return what there is of a statistic in and around a span."""
    time, is_it = Statistics.start_ts, Statistics.metadata_id == number
    found = session.execute(
        select(
            time,
            Statistics.mean,
            Statistics.min,
            Statistics.max,
            Statistics.state,
            Statistics.sum,
        ).where(is_it, time >= first, time < end.timestamp())
    ).all()
    unit = described["unit_of_measurement"]
    if not described["has_sum"]:
        return _Rows(
            means={
                int(row.start_ts): Mean(mean=row.mean, min=row.min, max=row.max)
                for row in found
            },
            unit=unit,
        )
    before = session.execute(
        select(Statistics.sum).where(is_it, time < first).order_by(time.desc()).limit(1)
    ).scalar()
    after = session.execute(
        select(Statistics.state, Statistics.sum)
        .where(is_it, time >= end.timestamp())
        .order_by(time)
        .limit(1)
    ).first()
    return _Rows(
        base=before or 0.0,
        sums={
            int(row.start_ts): SumRow(state=row.state or 0.0, sum=row.sum or 0.0)
            for row in found
        },
        unit=unit,
        # Not what the span's last row says: a run may have ended between writing a
        # span and moving what comes after it.
        continued=(after.sum or 0.0) - (after.state or 0.0) if after else None,
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
