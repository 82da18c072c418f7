"""Importing a device's past: all of it once, then what is new or was corrected, hourly."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import math
from typing import Any, override

from homeassistant.core import DOMAIN as HOMEASSISTANT_DOMAIN, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..api import PoderoAuthenticationError, PoderoError
from ..const import DOMAIN, LOGGER
from ..errors import update_failed
from ..polling import DeviceDataCoordinator
from . import recorder
from .hours import Hours
from .sources import Source
from .spans import Spans
from .statistics import STATISTICS, statistic_id
from .store import HistoryStore, Progress

IMPORT_INTERVAL = timedelta(hours=1)
RETRY = timedelta(minutes=5)
# However soon Podero allows to come back: it was too much just now.
SHORTEST_PAUSE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class History:
    """How far a device's past has been imported.

    Attributes:
        imported_until: The end of the last hour that was looked at.
        start: The first hour that is imported by itself.
        target: Where the import that is running will end.
        last_error: Why the last import stopped early.
    """

    imported_until: datetime | None = None
    start: datetime | None = None
    target: datetime | None = None
    last_error: str | None = None

    @property
    def percent(self) -> int | None:
        """Return how much of the running import is done."""
        if self.start is None or self.target is None or self.imported_until is None:
            return None
        whole = self.target - self.start
        return int(100 * (self.imported_until - self.start) / whole) if whole else 100


@dataclass(kw_only=True)
class Imported:
    """What an import brought.

    Attributes:
        hours: How many hours have anything.
        energy_kwh: What they come to, by kind.
    """

    hours: int = 0
    energy_kwh: dict[str, float] = field(default_factory=dict)

    def add(self, hours: Hours) -> None:
        """Count a span."""
        self.hours += len(hours.found)
        for kind, values in hours.sums.items():
            if STATISTICS[kind].is_energy:
                self.energy_kwh[kind] = math.fsum(
                    (self.energy_kwh.get(kind, 0.0), *values.values())
                )


class HistoryCoordinator(DeviceDataCoordinator[History]):
    """Keeps a device's long-term statistics up to date."""

    def __init__(
        self,
        device: DeviceDataCoordinator[Any],
        source: Source,
        store: HistoryStore,
        *,
        days: int,
        on_import: Callable[[], None],
    ) -> None:
        """Initialize; an earlier run's progress is taken up.

        Args:
            device: Whose past it is.
            source: Where it comes from.
            store: Where its progress is kept.
            days: How far back the household wants it.
            on_import: Called after each import, once the first has come to its end, until
                the device was shown to the Energy dashboard.

        """
        super().__init__(
            device.hass,
            device.config_entry,
            device.client,
            name=f"the history of {device.name}",
            update_interval=IMPORT_INTERVAL,
        )
        self.device = device
        self.user_id = device.user_id
        self.device_id = device.device_id
        self.source = source
        self._store = store
        self._days = days
        self._on_import = on_import
        self._lock = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._spans = Spans(source)
        self._failures = 0
        self._is_recorder_checked = False
        self.data = History()

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device as the registry shows it."""
        return self.device.device_info

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
        await self._async_note(replace(await self._async_progress(), shown=True))

    @property
    def statistic_ids(self) -> list[str]:
        """Return the ids of all statistics that the device may have."""
        return [statistic_id(self.device_id, kind) for kind in self.source.kinds]

    @override
    async def _async_update_data(self) -> History:
        """Import what is missing, and the overlap.

        What fails is tried again in an hour, or when Podero allows; what is known
        stays known meanwhile.

        Raises:
            ConfigEntryAuthFailed: Podero refused the credentials.
        """
        self.update_interval = IMPORT_INTERVAL
        try:
            await self._async_in_turn(self._async_catch_up())
        except PoderoAuthenticationError as err:
            raise update_failed(err) from err
        except PoderoError as err:
            if self.data.last_error is None:
                LOGGER.info("Lost %s: %s", self.name, err)
            # After 5, 10, 20 ... minutes, up to the usual hour.
            self.update_interval = min(RETRY * 2**self._failures, IMPORT_INTERVAL)
            self._failures += 1
            if err.retry_after is not None:
                self.update_interval = max(
                    timedelta(seconds=err.retry_after), SHORTEST_PAUSE
                )
            return replace(self.data, target=None, last_error=str(err))
        self._failures = 0
        if self.data.last_error is not None:
            LOGGER.info("Importing %s goes on", self.name)
        return replace(self.data, target=None, last_error=None)

    async def async_import(self, start: datetime, end: datetime) -> Imported:
        """Import a span again, and from its start on keep it up to date.

        Raises:
            PoderoError: Podero could not be asked; what came before is kept.
            HomeAssistantError: the device went away, or its entry was unloaded.
        """
        return await self._async_unless_stopped(self._async_import(start, end))

    async def async_clear(self) -> list[str]:
        """Remove the device's statistics; from now on new ones begin.

        Raises:
            HomeAssistantError: the device went away, or its entry was unloaded.
        """
        return await self._async_unless_stopped(self._async_clear())

    @override
    async def async_shutdown(self) -> None:
        """Stop, also in the middle of an import; what is committed stays."""
        await super().async_shutdown()
        for task in (running := [*self._tasks]):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _async_in_turn[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do something to the statistics: one thing at a time, and not beyond the shutdown."""

        async def in_turn() -> T:
            async with self._lock:
                return await work

        task = self.config_entry.async_create_background_task(
            self.hass, in_turn(), self.name
        )
        self._tasks.add(task)
        try:
            return await task
        finally:
            self._tasks.discard(task)
            # Its turn may never have come.
            work.close()

    async def _async_unless_stopped[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do something for a caller who is to hear of it when it was stopped."""
        try:
            return await self._async_in_turn(work)
        except asyncio.CancelledError as err:
            if not self._shutdown_requested:
                raise
            raise HomeAssistantError(
                translation_domain=HOMEASSISTANT_DOMAIN,
                translation_key="service_config_entry_not_loaded",
                translation_placeholders={
                    "domain": DOMAIN,
                    "entry_title": self.config_entry.title,
                },
            ) from err

    async def _async_import(self, start: datetime, end: datetime) -> Imported:
        progress = await self._async_progress()
        start, end = _hour(start), min(_hour(end), _hour(dt_util.utcnow()))
        imported = Imported()
        async for hours, first, stop in self._spans.async_fetch(start, end):
            if await self._async_write(hours, first, stop):
                progress = await self._async_begin_anew(progress)
            imported.add(hours)
        if progress.priced_from is not None and start < progress.priced_from <= end:
            progress = replace(progress, priced_from=start)
            await self._async_note(progress)
        if start < progress.start:
            # What lies between, if anything, is fetched by the next hourly import.
            until = min(progress.until, end)
            await self._async_note(replace(progress, start=start, until=until))
        return imported

    async def _async_clear(self) -> list[str]:
        cleared = await recorder.async_clear(self.hass, self.statistic_ids)
        now = _hour(dt_util.utcnow())
        progress = replace(
            await self._async_progress(), start=now, until=now, newest=None
        )
        await self._async_note(progress)
        return cleared

    async def _async_catch_up(self) -> None:
        """Import from where the last import ended, with the overlap."""
        progress = await self._async_progress()
        end = _hour(dt_util.utcnow())
        # What was new when the last import ended may have been corrected since.
        start = max(progress.start, progress.until - self.source.overlap)
        self._async_show(replace(self.data, target=end))
        async for hours, first, stop in self._spans.async_fetch(
            start, end, since=progress.start
        ):
            if await self._async_write(hours, first, stop, progress.priced_from):
                # Of the hours before there is none in the new unit.
                await self._async_begin_anew(progress)
                return
            newest = max(hours.found, default=None)
            progress = replace(
                progress,
                until=max(progress.until, stop),
                newest=progress.newest
                if newest is None
                else max(
                    progress.newest or progress.start,
                    dt_util.utc_from_timestamp(newest),
                ),
                # Nothing to import yet is not the end of the first import.
                complete=progress.complete or stop == end,
            )
            await self._async_note(progress)
        if progress.complete and not progress.shown:
            self._on_import()

    async def _async_write(
        self,
        hours: Hours,
        start: datetime,
        end: datetime,
        priced_from: datetime | None = None,
    ) -> bool:
        """Write a span; returns whether a statistic began anew with it, in another unit."""
        return await recorder.async_write(
            self.hass,
            hours,
            device_id=self.device_id,
            device_name=str(self.device_info["name"]),
            kinds=self.source.kinds,
            start=start,
            end=end,
            priced_from=priced_from,
        )

    async def _async_begin_anew(self, progress: Progress) -> Progress:
        """Let the next hourly import begin at the start."""
        progress = replace(progress, until=progress.start)
        await self._async_note(progress)
        return progress

    async def _async_progress(self) -> Progress:
        """Return how far the device has come, begun anew where the recorder lost it."""
        now = _hour(dt_util.utcnow())
        wanted = now - timedelta(days=self._days)
        known = self._store.get(self.device_id)
        progress = known or Progress(
            days=self._days,
            start=wanted,
            until=wanted,
            pricing=self.source.pricing,
        )
        if progress.pricing != self.source.pricing:
            # New prices hold for what is imported from now on.
            progress = replace(
                progress, pricing=self.source.pricing, priced_from=progress.until
            )
        if not self._is_recorder_checked:
            self._is_recorder_checked = True
            progress = await self._async_checked(progress, is_new=known is None)
        if progress.days != self._days:
            start = min(progress.start, wanted)
            until = start if start < progress.start else progress.until
            progress = replace(progress, days=self._days, start=start, until=until)
        if progress.until > now:
            # The clock was ahead once.
            progress = replace(progress, start=min(progress.start, now), until=now)
        if progress != known:
            await self._async_note(progress)
        else:
            self._async_show_progress(progress)
        return progress

    async def _async_checked(self, progress: Progress, *, is_new: bool) -> Progress:
        """Return the progress as far as the recorder has what it says; asked once a run.

        The database may be new or an older one, or what is known of the progress
        was lost and the recorder knows more.
        """
        held = await recorder.async_newest(self.hass, self.statistic_ids)
        if is_new:
            if held is None:
                return progress
            # No hole between what an earlier set-up imported and this one.
            start = min(progress.start, held + timedelta(hours=1))
            return replace(progress, start=start, until=start, newest=held)
        if progress.newest is None or held == progress.newest:
            return progress
        until = progress.start if held is None else held + timedelta(hours=1)
        return replace(
            progress,
            until=max(progress.start, min(progress.until, until)),
            newest=held,
        )

    async def _async_note(self, progress: Progress) -> None:
        """Keep how far the device has come, and show it."""
        await self._store.async_set(self.device_id, progress)
        self._async_show_progress(progress)

    @callback
    def _async_show_progress(self, progress: Progress) -> None:
        self._async_show(
            replace(self.data, imported_until=progress.until, start=progress.start)
        )

    @callback
    def _async_show(self, data: History) -> None:
        """Show what is new while an import runs."""
        if data != self.data:
            self.data = data
            self.async_update_listeners()


def _hour(moment: datetime) -> datetime:
    """Return the beginning of the hour."""
    return dt_util.as_utc(moment).replace(minute=0, second=0, microsecond=0)
