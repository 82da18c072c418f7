"""Importing a device's past: all of it once, then what is new or was corrected, hourly."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from ..api import PoderoBadRequestError
from ..const import LOGGER
from .chunks import Chunk, ChunkedFetch, async_one_ahead
from .hours import Hours
from .job import HourlyJob
from .progress import Progress, Span
from .recorder import DatabaseNotReadyError, DeviceStatistics
from .savings import month_start
from .sources import Source
from .statistics import STATISTICS
from .store import HistoryStore
from .summary import Summary, summarize

CHECK_INTERVAL = timedelta(days=1)
# The maximum number of requests for gaps in one import.
GAP_REQUESTS = 8
# The energies that the summary is made of.
SUMMARIZED = frozenset(
    {"solar_energy", "home_energy", "grid_import_energy", "grid_export_energy"}
)


@dataclass(frozen=True, kw_only=True)
class History:
    """How far a device's past has been imported.

    Attributes:
        imported_until: The end of the last hour that was looked at.
        start: The first hour that is imported by itself.
        target: Where the import that is running will end.
        last_error: Why the last import stopped early: kind and status.
        summary: Totals of the imported hours of today and of this month; None for a
            device that has none of these energies.
    """

    imported_until: datetime | None = None
    start: datetime | None = None
    target: datetime | None = None
    last_error: str | None = None
    summary: Summary | None = None

    @property
    def percent(self) -> int | None:
        """Return how much of the running import is done; None while none runs."""
        if self.start is None or self.target is None or self.imported_until is None:
            return None
        if (whole := self.target - self.start) <= timedelta(0):
            return 100
        done = (self.imported_until - self.start) / whole
        return int(100 * min(max(done, 0.0), 1.0))


@dataclass(kw_only=True)
class Imported:
    """What an import brought.

    Attributes:
        hours: How many hours have anything.
        energy_kwh: Their energy, by kind.
    """

    hours: int = 0
    energy_kwh: dict[str, float] = field(default_factory=dict)

    def add(self, hours: Hours) -> None:
        """Count what was written."""
        self.hours += len(hours.found)
        for kind, amounts in hours.sums.items():
            if STATISTICS[kind].is_energy:
                before = self.energy_kwh.get(kind, 0.0)
                self.energy_kwh[kind] = before + sum(amounts.values())


class Importer:
    """Keeps a device's long-term statistics up to date.

    One thing is done at a time (see HourlyJob).

    Attributes:
        data: The progress.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        device_id: str,
        name: str,
        device_name: Callable[[], str],
        source: Source,
        store: HistoryStore,
        days: int,
        on_complete: Callable[[], None],
    ) -> None:
        """Initialize without an import.

        Args:
            hass: Home Assistant, with a recorder.
            entry: The entry whose tasks the imports are.
            device_id: Podero's id of the device.
            name: What logs call the device's history.
            device_name: What the statistics are named after.
            source: Where the past comes from.
            store: Where the progress is kept.
            days: How far back the household wants it.
            on_complete: Called after each import, once the first has come to its end,
                until the device was shown to the Energy dashboard.

        """
        self.hass = hass
        self.device_id = device_id
        self.name = name
        self.data = History()
        self._source = source
        self._store = store
        self._days = days
        self._on_complete = on_complete
        self._chunks = ChunkedFetch(source)
        self._statistics = DeviceStatistics(
            hass, device_id=device_id, device_name=device_name, kinds=source.kinds
        )
        self._listeners: list[Callable[[], None]] = []
        self._job = HourlyJob(
            hass,
            entry,
            name=name,
            work=self._async_catch_up,
            on_end=lambda error: self._show(target=None, last_error=error),
        )
        self._cancel_midnight: CALLBACK_TYPE | None = None
        self._checked_at: datetime | None = None

    @property
    def statistic_ids(self) -> list[str]:
        """Return the ids of all statistics that the device may have."""
        return [*self._statistics.ids.values()]

    @property
    def is_complete(self) -> bool:
        """Return whether the first import has come to its end."""
        progress = self._store.get(self.device_id)
        return progress is not None and progress.complete

    @property
    def is_shown(self) -> bool:
        """Return whether the Energy dashboard was offered what was imported."""
        progress = self._store.get(self.device_id)
        return progress is not None and progress.shown

    async def async_shown(self) -> None:
        """Remember that the Energy dashboard was offered what was imported."""
        if self._store.get(self.device_id) is not None:
            self._note(replace(self._progress, shown=True))

    @callback
    def async_add_listener(self, listener: Callable[[], None]) -> CALLBACK_TYPE:
        """Call back whenever the data is new; returns what ends that."""
        self._listeners.append(listener)

        def remove() -> None:
            with suppress(ValueError):
                self._listeners.remove(listener)

        return remove

    @callback
    def async_start(self) -> None:
        """Import in the background, now and then hourly."""
        self._cancel_midnight = async_track_time_change(
            self.hass, self._day_began, hour=0, minute=0, second=0
        )
        self._job.async_run_now()

    async def async_stop(self) -> None:
        """Stop, also in the middle of an import; what is committed stays."""
        self._listeners.clear()
        if self._cancel_midnight is not None:
            self._cancel_midnight()
            self._cancel_midnight = None
        await self._job.async_stop()
        await self._store.async_save()

    async def async_request_import(self) -> None:
        """Import new data, and return when that is done or has failed."""
        if not self._job.is_stopped:
            await asyncio.wait([self._job.async_run_now()])

    async def async_import(self, start: datetime, end: datetime) -> Imported:
        """Import a span again, and from its start on keep it up to date.

        Raises:
            PoderoError: Podero could not be asked; what came before is kept.
            HomeAssistantError: the database does not take it, the device went away, or
                its entry was unloaded.
        """
        return await self._job.async_by_hand(lambda: self._async_import(start, end))

    async def async_clear(self) -> list[str]:
        """Delete the device's statistics; from now on new ones begin.

        Returns the ids of those that there were.

        Raises:
            HomeAssistantError: the database does not take it, the device went away, or
                its entry was unloaded.
        """
        return await self._job.async_by_hand(self._async_clear)

    async def _async_catch_up(self) -> None:
        """Import from where the last import ended, with the overlap, and then the gaps."""
        progress = await self._async_prepare()
        end = _this_hour()
        # What was new when the last import ended may have been corrected since. The
        # clock may be behind, and what lies in its future is left alone.
        start = max(progress.start, min(progress.until, end) - self._source.overlap)
        self._show(target=end)
        for span in progress.outside_gaps(start, end):
            chunks = self._chunks.async_fetch(
                span, end=end, accepted=progress.accepted, since=progress.start
            )
            async with aclosing(async_one_ahead(chunks)) as found:
                async for chunk in found:
                    await self._async_catch_up_chunk(chunk)
        if start < end:
            # The first import is not complete while there is nothing to import.
            self._note(replace(self._progress, complete=True))
        await self._async_fill_gaps()
        await self._async_summarize()
        if self.is_complete and not self.is_shown:
            self._on_complete()

    async def _async_catch_up_chunk(self, chunk: Chunk) -> None:
        if chunk.hours is None:
            self._note_refusal(chunk.span)
        else:
            await self._async_write(chunk.span, chunk.hours)
        until = max(self._progress.until, chunk.span[1])
        self._note(replace(self._progress, until=until))

    async def _async_import(self, start: datetime, end: datetime) -> Imported:
        progress = await self._async_prepare()
        span = start, end = _hour(start), min(_hour(end), _this_hour())
        imported = Imported()
        chunks = self._chunks.async_fetch(span, end=end, accepted=progress.accepted)
        async with aclosing(async_one_ahead(chunks)) as found:
            async for chunk in found:
                if chunk.hours is None:
                    self._note_refusal(chunk.span)
                    continue
                # If this ends between writing rows and moving what comes after them,
                # no other import would look at this span again.
                self._note(self._progress.with_gap(chunk.span))
                await self._store.async_save()
                await self._async_write(chunk.span, chunk.hours, is_priced_anew=True)
                imported.add(chunk.hours)
        self._note(self._progress.imported_by_hand(start, end))
        await self._async_summarize()
        return imported

    async def _async_clear(self) -> list[str]:
        await self._async_prepare()
        cleared = await self._statistics.async_clear()
        self._note(self._progress.cleared(_this_hour()))
        await self._async_summarize()
        return cleared

    async def _async_fill_gaps(self) -> None:
        """Request each gap again once, starting with the one that waited longest."""
        asked: set[Span] = set()
        while len(asked) < GAP_REQUESTS:
            gap = next(iter(self._progress.gaps), None)
            if gap is None or gap in asked:
                return
            asked.add(gap)
            try:
                hours = await self._source.async_hours(*gap)
            except PoderoBadRequestError:
                self._note(self._progress.with_refused_gap(gap))
            else:
                await self._async_write(gap, hours)

    async def _async_write(
        self, span: Span, hours: Hours, *, is_priced_anew: bool = False
    ) -> None:
        """Write a span; only what was read back counts as imported."""
        priced_from = None if is_priced_anew else self._progress.priced_from
        rows = await self._statistics.async_write(hours, *span, priced_from=priced_from)
        self._note(self._progress.written(span, hours, rows))

    def _note_refusal(self, span: Span) -> None:
        LOGGER.info(
            "Podero refuses %s from %s to %s: asked for again until it comes",
            self.name,
            *span,
        )
        self._note(self._progress.with_gap(span))

    @property
    def _progress(self) -> Progress:
        """Return the progress as it is at this moment; other tasks read it anew."""
        progress = self._store.get(self.device_id)
        assert progress is not None
        return progress

    def _note(self, progress: Progress) -> None:
        """Keep the progress, and show it."""
        self._store.async_set(self.device_id, progress)
        self._show(imported_until=progress.until, start=progress.start)

    async def _async_prepare(self) -> Progress:
        """Return the progress, compared with the clock and, once a day, with the database."""
        now = _this_hour()
        recorded = None
        is_new = self._store.get(self.device_id) is None
        if (
            is_new
            or self._checked_at is None
            or abs(now - self._checked_at) >= CHECK_INTERVAL
        ):
            recorded = await self._statistics.async_recorded()
            self._checked_at = now
        pricing = self._source.pricing
        if (progress := self._store.get(self.device_id)) is None:
            assert recorded is not None
            progress = Progress.begin(now, self._days, pricing, recorded)
        else:
            progress = progress.at(
                now,
                self._days,
                pricing,
                has_energy=any(
                    STATISTICS[kind].is_energy for kind in self._source.kinds
                ),
            )
        if recorded is not None:
            compared = progress.compared(recorded)
            if compared.until < progress.until:
                LOGGER.info(
                    "The database lacks rows of %s: imported again from %s",
                    self.name,
                    compared.until,
                )
            progress = compared
        self._note(progress)
        return progress

    async def _async_summarize(self) -> None:
        """Read the totals of today and of this month."""
        if SUMMARIZED.isdisjoint(self._statistics.ids):
            return
        today = dt_util.start_of_local_day()
        month = month_start(dt_util.utcnow(), dt_util.get_default_time_zone())
        amounts = await self._statistics.async_amounts(SUMMARIZED, month)
        self._show(summary=summarize(amounts, today_start=today, month_start=month))

    @callback
    def _day_began(self, _: datetime) -> None:
        self._job.async_create_task(self._async_day_began())

    async def _async_day_began(self) -> None:
        # If the database does not answer, the next import will ask it.
        with suppress(DatabaseNotReadyError):
            await self._async_summarize()

    @callback
    def _show(self, **changes: Any) -> None:
        """Show what is new."""
        data = replace(self.data, **changes)
        if data != self.data:
            self.data = data
            for listener in (*self._listeners,):
                listener()


def _hour(moment: datetime) -> datetime:
    """Return the beginning of the hour."""
    return dt_util.as_utc(moment).replace(minute=0, second=0, microsecond=0)


def _this_hour() -> datetime:
    return _hour(dt_util.utcnow())
