"""The recorder's side of a device's past: what it has, and writing what is new.

Nothing but this module knows the recorder's internals. Three are needed:

- `Statistics` and `StatisticsMeta`, the tables themselves. The public functions return a
  span, but neither the row before it nor the one after it nor a number of rows, and they
  log a traceback of their own while a database is locked.
- The statistics' metadata by way of the same session, for the same reason.
- `RecorderTask`, to wait until everything was done that the recorder was asked for. Its
  own `SynchronizeTask` is lost if the commit before it fails, and then never completes.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from sqlalchemy import BigInteger, Row, cast, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.db_schema import Statistics, StatisticsMeta
from homeassistant.components.recorder.models import StatisticMetaData
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata_with_session,
)
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from .changes import Changes, RecordedRows, find_changes
from .costs import keep_costs
from .hours import Hours, Mean, SumRow
from .progress import BUCKET, Recorded
from .statistics import async_statistic_names, metadata, statistic_id

# The recorder puts what it could not write at the end of its queue.
LOOKS = 3


class DatabaseNotReadyError(HomeAssistantError):
    """The database does not take, or does not give, statistics now.

    Attributes:
        reason: What the log says.
    """

    def __init__(self, reason: str) -> None:
        """Initialize with the reason for the log; the user gets a translated message."""
        super().__init__(
            translation_domain=DOMAIN, translation_key="database_not_ready"
        )
        self.reason = reason


@dataclass(slots=True)
class _ReachedTask(RecorderTask):
    """Signals that the recorder has reached this task."""

    future: asyncio.Future[None]

    commit_before = False

    @override
    def run(self, instance: Recorder) -> None:
        """Signal it; runs in the recorder's thread."""
        instance.hass.loop.call_soon_threadsafe(self._set_result)

    def _set_result(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


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

        async def changes(hours: Hours, priced_from: datetime | None) -> Changes:
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
        raise DatabaseNotReadyError("the database does not take it now")

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
                raise DatabaseNotReadyError("the database does not delete it now")
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
            kind = type(err).__name__
            raise DatabaseNotReadyError(
                f"the database cannot be read now ({kind})"
            ) from err

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
    ) -> Changes:
        """Return what has to be done so that the recorder has what an answer says."""
        known = self._known(session)
        # What is corrected far back is so for a few statistics: the others are read from
        # the span on.
        firsts: defaultdict[float, list[str]] = defaultdict(list)
        for kind, each in self.ids.items():
            if each in known:
                found = hours.sums.get(kind, hours.means.get(kind, {}))
                firsts[min((start.timestamp(), *found))].append(kind)
        recorded: dict[str, RecordedRows] = {}
        for first, kinds in firsts.items():
            described_now = {kind: known[self.ids[kind]] for kind in kinds}
            recorded |= _read(session, described_now, first, end.timestamp())
        if priced_from is not None:
            hours = keep_costs(
                hours,
                {kind: rows.sums for kind, rows in recorded.items()},
                int(priced_from.timestamp()),
            )
        return find_changes(hours, recorded, described)


def _read(
    session: Session,
    known: Mapping[str, tuple[int, StatisticMetaData]],
    first: float,
    end: float,
) -> dict[str, RecordedRows]:
    """Return what there is in and around a span, by kind of statistic; times are timestamps."""
    time = Statistics.start_ts
    numbers = [number for number, _ in known.values()]
    rows: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(
        select(
            Statistics.metadata_id,
            time,
            Statistics.mean,
            Statistics.min,
            Statistics.max,
            Statistics.state,
            Statistics.sum,
        ).where(Statistics.metadata_id.in_(numbers), time >= first, time < end)
    ):
        rows[row.metadata_id].append(row)
    is_it = Statistics.metadata_id == StatisticsMeta.id
    before = select(Statistics.sum).where(is_it, time < first).order_by(time.desc())
    # Not what the span's last row says: a run may have ended between writing a span and
    # moving what comes after it.
    after = select(
        func.coalesce(Statistics.sum, 0.0) - func.coalesce(Statistics.state, 0.0)
    )
    after = after.where(is_it, time >= end).order_by(time)
    around = {
        row.id: row
        for row in session.execute(
            select(
                StatisticsMeta.id,
                before.limit(1).scalar_subquery().label("base"),
                after.limit(1).scalar_subquery().label("continued"),
            ).where(StatisticsMeta.id.in_(numbers))
        )
    }
    return {
        kind: RecordedRows(
            base=around[number].base or 0.0,
            sums={
                int(row.start_ts): SumRow(state=row.state or 0.0, sum=row.sum or 0.0)
                for row in rows[number]
            },
            unit=described["unit_of_measurement"],
            continued=around[number].continued,
        )
        if described["has_sum"]
        else RecordedRows(
            means={
                int(row.start_ts): Mean(mean=row.mean, min=row.min, max=row.max)
                for row in rows[number]
            },
            unit=described["unit_of_measurement"],
        )
        for kind, (number, described) in known.items()
    }
