"""Importing a device's past: all of it once, then what is new or was corrected, hourly."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
import math
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..api import PoderoAuthenticationError, PoderoBadRequestError, PoderoError
from ..const import LOGGER
from ..errors import update_failed
from ..polling import DeviceDataCoordinator
from . import statistics
from .hours import Hours
from .kinds import statistic_id
from .sources import Source
from .store import HistoryStore, Progress

IMPORT_INTERVAL = timedelta(hours=1)
SHORTEST_SPAN = timedelta(days=1)
# A span that was too long will be again: growing back costs a request each time.
SUCCESSES_TO_GROW = 4


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
        self.hours += hours.count
        for kind, values in hours.sums.items():
            if kind.endswith("_energy"):
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
        on_complete: Callable[[], None],
    ) -> None:
        """Initialize; an earlier run's progress is taken up.

        Args:
            device: Whose past it is.
            source: Where it comes from.
            store: Where its progress is kept.
            days: How far back the household wants it.
            on_complete: Called once, when the first import has come to its end.

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
        self._on_complete = on_complete
        self._lock = asyncio.Lock()
        self._span = source.longest
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
            async with self._lock:
                await self._async_catch_up()
        except PoderoAuthenticationError as err:
            raise update_failed(err) from err
        except PoderoError as err:
            if self.data.last_error is None:
                LOGGER.info("Lost %s: %s", self.name, err)
            if err.retry_after is not None:
                self.update_interval = timedelta(seconds=err.retry_after)
            return replace(self.data, target=None, last_error=str(err))
        if self.data.last_error is not None:
            LOGGER.info("Importing %s goes on", self.name)
        return replace(self.data, target=None, last_error=None)

    async def async_import(self, start: datetime, end: datetime) -> Imported:
        """Import a span again, and from its start on keep it up to date.

        Raises:
            PoderoError: Podero could not be asked; what came before is kept.
        """
        async with self._lock:
            progress = await self._async_progress()
            start, end = _hour(start), min(_hour(end), _hour(dt_util.utcnow()))
            imported = Imported()
            await self._async_spans(start, end, imported.add)
            if start < progress.start:
                # What lies between, if anything, is fetched by the next hourly import.
                until = min(progress.until, end)
                self._note(replace(progress, start=start, until=until))
        return imported

    async def async_clear(self) -> list[str]:
        """Remove the device's statistics; from now on new ones begin."""
        async with self._lock:
            cleared = await statistics.async_clear(self.hass, self.statistic_ids)
            now = _hour(dt_util.utcnow())
            self._note(replace(await self._async_progress(), start=now, until=now))
        return cleared

    async def _async_catch_up(self) -> None:
        """Import from where the last import ended, with the overlap."""
        progress = await self._async_progress()
        end = _hour(dt_util.utcnow())
        start = max(progress.start, min(progress.until, end - self.source.overlap))

        @callback
        def imported_until(stop: datetime) -> None:
            nonlocal progress
            if stop > progress.until:
                progress = replace(progress, until=stop)
                self._note(progress)

        self._async_show(replace(self.data, target=end))
        await self._async_spans(start, end, on_span=imported_until)
        if not progress.complete:
            self._note(replace(progress, complete=True))
            self._on_complete()

    async def _async_spans(
        self,
        start: datetime,
        end: datetime,
        on_hours: Callable[[Hours], None] = lambda _: None,
        on_span: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """Import a stretch of the past, oldest first, in spans that Podero allows.

        Args:
            start: The first hour.
            end: The hour after the last.
            on_hours: Called with what each span came to.
            on_span: Called with each span's end once it is committed.

        Raises:
            PoderoError: Podero could not be asked, or refused even the last short span.

        """
        refusal: PoderoBadRequestError | None = None
        successes = 0
        while start < end:
            stop = min(start + self._span, end)
            try:
                hours = await self.source.async_hours(start, stop)
            except PoderoBadRequestError as err:
                successes = 0
                if stop - start > SHORTEST_SPAN:
                    self._span = max(_whole_hours((stop - start) / 2), SHORTEST_SPAN)
                else:
                    # Before the device's first day, perhaps: what comes next will tell.
                    refusal, start = err, stop
                continue
            await statistics.async_write(
                self.hass,
                hours,
                device_id=self.device_id,
                device_name=str(self.device_info["name"]),
                kinds=self.source.kinds,
                start=start,
                end=stop,
                absent_is_nothing=self.source.absent_is_nothing,
            )
            on_hours(hours)
            on_span(stop)
            refusal, start = None, stop
            successes += 1
            if successes >= SUCCESSES_TO_GROW:
                successes = 0
                self._span = min(self._span * 2, self.source.longest)
        if refusal is not None:
            raise refusal

    async def _async_progress(self) -> Progress:
        """Return how far the device has come, begun anew where the recorder lost it."""
        now = dt_util.utcnow()
        wanted = _hour(now - timedelta(days=self._days))
        progress = self._store.get(self.device_id)
        if progress is None:
            progress = Progress(days=self._days, start=wanted, until=wanted)
            self._note(progress)
        elif progress.days != self._days:
            start = min(progress.start, wanted)
            until = start if start < progress.start else progress.until
            progress = replace(progress, days=self._days, start=start, until=until)
            self._note(progress)
        elif not await self._async_is_held(progress):
            progress = replace(progress, until=progress.start)
            self._note(progress)
        return progress

    async def _async_is_held(self, progress: Progress) -> bool:
        """Return whether the recorder has what was imported; asked once a run.

        It may have a new database, or the device may never have had any data.
        """
        if self._is_recorder_checked or progress.until == progress.start:
            return True
        self._is_recorder_checked = True
        return bool(await statistics.async_held_ids(self.hass, self.statistic_ids))

    @callback
    def _note(self, progress: Progress) -> None:
        """Keep how far the device has come, and show it."""
        self._store.set(self.device_id, progress)
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


def _whole_hours(span: timedelta) -> timedelta:
    return timedelta(hours=span // timedelta(hours=1))
