"""The coordinator of one device: polls its detail and the parts that its kind has beside it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
import random
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import Platform
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.util import dt as dt_util

from .api import PoderoAuthenticationError, PoderoError
from .const import LOGGER
from .device_api import DeviceApi
from .history import Importer, Source
from .kinds.kind import POLL_INTERVAL, DeviceData, Kind, Part, Tables
from .polling import PoderoCoordinator
from .views import Reads, Views

BOOST_INTERVAL = timedelta(seconds=10)
BOOST_WATCH = timedelta(minutes=3)
# Missing access may be granted later.
ABSENT_INTERVAL = timedelta(days=1)
ABSENT_STATUSES = (403, 404, 405)


def is_absent(err: PoderoError) -> bool:
    """Return whether an error means that there is no such thing for this household."""
    return err.status in ABSENT_STATUSES


class DeviceCoordinator[DataT: DeviceData[Any]](PoderoCoordinator[DataT]):
    """Polls one device.

    Attributes:
        kind: What the device is.
        api: The access to it.
        tables: Its entities by platform.
        device_info: The device as the registry shows it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        kind: Kind[DataT],
        api: DeviceApi,
        data: DataT,
        tables: Tables,
        device_info: Callable[[DataT], DeviceInfo],
    ) -> None:
        """Initialize from what the list says of the device."""
        super().__init__(
            hass,
            entry,
            api.client,
            name=f"{kind.key} {api.device_id[:8]}",
            retry_interval=POLL_INTERVAL,
            update_interval=POLL_INTERVAL,
        )
        self.kind = kind
        self.api = api
        self.tables = tables
        self.data = data.seen_at(dt_util.utcnow())
        self._device_info = device_info
        self._boost_watched_until: datetime | None = None
        self._due: dict[str, datetime] = {}
        self._commands = 0
        self._commands_under_way = 0
        self._polling = asyncio.Lock()
        self._views = Views(self.data)
        self._was_available = True
        self._waiting_until: datetime
        self._stop_waiting: CALLBACK_TYPE | None = None
        # A device is polled whoever listens.
        super().async_add_listener(self._update_views)

    @property
    def keys(self) -> set[tuple[str, str]]:
        """Return platform and key of all entities that the device may have."""
        made = {
            (str(platform), each.key)
            for platform, table in self.tables.items()
            for each in table
        }
        return made | {(str(Platform.SENSOR), each.key) for each in self.kind.history}

    @property
    def device_info(self) -> DeviceInfo:
        """Return the device as the registry shows it."""
        return self._device_info(self.data)

    @property
    def device_name(self) -> str:
        """Return the name that the device has at Podero."""
        return str(self.device_info["name"])

    @callback
    @override
    def async_add_listener(
        self, update_callback: CALLBACK_TYPE, context: Reads[DataT] | None = None
    ) -> CALLBACK_TYPE:
        """Listen for news.

        Args:
            update_callback: Called when there are some.
            context: What it shows of the data: then it is only called when one of these
                functions reads something else, or the device came or went.

        """
        if context is None:
            return super().async_add_listener(update_callback)
        return self._views.add(context, update_callback)

    @callback
    def _update_views(self) -> None:
        """Call the listeners whose values changed; none after the end, whatever still answers."""
        if self._shutdown_requested:
            return
        updates = self._views.changed(self.data)
        if self.last_update_success != self._was_available:
            self._was_available = self.last_update_success
            updates = self._views.all_listeners()
        for update in updates:
            try:
                update()
            except Exception:
                self.logger.exception("Unexpected error updating %s", self.name)

    @override
    async def async_shutdown(self) -> None:
        """Stop polling."""
        await super().async_shutdown()
        if self._stop_waiting is not None:
            self._stop_waiting()
            self._stop_waiting = None

    @override
    async def _async_fetch(self) -> DataT:
        """Poll, once at a time.

        Raises PoderoError.
        """
        async with self._polling:
            return await self._async_poll()

    async def _async_poll(self) -> DataT:
        """Fetch the detail and the parts that are due.

        A response to a request sent before a command is discarded: it may not include its effect.

        Raises PoderoError.
        """
        commands = self._commands
        before = self.data
        asked_at = dt_util.utcnow()
        device = await self.kind.fetch(self.api)
        data = before.with_facts(device=device, is_detail=True)
        now = dt_util.utcnow()
        for part in self.kind.parts:
            value = await self._async_part(part, before, data, now)
            if value is not getattr(data, part.field):
                data = data.with_facts(**{part.field: value})
        if self._commands_under_way or commands != self._commands:
            data = data.with_facts(
                device=self.data.device, is_detail=self.data.is_detail
            )
        # Derived values also change with time, for which there is a timer.
        if data is not self.data:
            data = self._seen_at(asked_at, data)
        # Devices that were found together are not polled together from then on.
        spread = random.uniform(0.98 if before.is_detail else 0.5, 1)
        self.update_interval = self._interval(data) * spread
        return data

    async def _async_part(
        self, part: Part[DataT], before: DataT, data: DataT, now: datetime
    ) -> Any:
        """Return a part: a new one if it is due, else the last good one.

        Raises PoderoAuthenticationError.
        """
        if not part.wanted(data):
            self._due.pop(part.field, None)
            return None
        known = getattr(before, part.field)
        is_due = now >= self._due.get(part.field, now)
        # What has never been there does not come with the end of something.
        if not is_due and (known is None or not part.ended(before, data)):
            return known
        try:
            value = await part.fetch(self.api)
        except PoderoAuthenticationError:
            raise
        except PoderoError as err:
            LOGGER.debug("No %s of %s: %s", part.field, self.name, err)
            # One refusal does not remove a part that existed.
            is_missing = known is None and is_absent(err)
            self._due[part.field] = now + (
                ABSENT_INTERVAL if is_missing else POLL_INTERVAL
            )
            return known
        self._due[part.field] = now + (part.interval or timedelta(0))
        return value

    def _interval(self, data: DataT) -> timedelta:
        """Return how long the data is good for."""
        if self._boost_watched_until is not None:
            if (
                not self.kind.boost_settled(data)
                and dt_util.utcnow() < self._boost_watched_until
            ):
                return BOOST_INTERVAL
            self._boost_watched_until = None
        return self.kind.interval(data)

    def _seen_at(self, moment: datetime, data: DataT) -> DataT:
        """Return data as it is to be seen at a moment, and see it anew when time changes it."""
        data = data.seen_at(moment)
        changes_at = data.changes_at()
        if changes_at is not None and not self._shutdown_requested:
            self._wait_until(changes_at)
        return data

    def _seen_now(self, data: DataT) -> DataT:
        """Return data as it is to be seen now, and see it anew when time changes it."""
        return self._seen_at(dt_util.utcnow(), data)

    def _wait_until(self, moment: datetime) -> None:
        """Update derived values at a time; a timer that fires early is cheaper than a second one."""
        if self._stop_waiting is not None:
            if self._waiting_until <= moment:
                return
            self._stop_waiting()
        self._waiting_until = moment
        self._stop_waiting = async_track_point_in_utc_time(
            self.hass, self._async_time_passed, moment
        )

    @property
    def _lacks_news(self) -> bool:
        """Return whether to poll before it is time; not in an outage, nor where a person polls by hand."""
        return (
            self.last_update_success
            and not self.config_entry.pref_disable_polling
            and self.data.needs_news(dt_util.utcnow())
        )

    @callback
    def _async_time_passed(self, now: datetime) -> None:
        """Show what is different without any news, or ask for news where it takes some."""
        self._stop_waiting = None
        if self._lacks_news:
            self.config_entry.async_create_background_task(
                self.hass, self._async_ask_now(), f"{self.name} news"
            )
        else:
            self._async_show_now()

    @callback
    def _async_show_now(self) -> None:
        """Show what is known as it is to be seen now."""
        data = self._seen_now(self.data)
        if data != self.data:
            self.data = data
            self.async_update_listeners()

    async def _async_ask_now(self) -> None:
        """Poll; where that fails show what is known, and leave the outage to the next regular poll."""
        async with self._polling:
            # A poll that was running may have brought the news, or shown an outage.
            if not self._lacks_news:
                self._async_show_now()
                return
            try:
                data = await self._async_poll()
            except PoderoError as err:
                LOGGER.debug("No news of %s: %s", self.name, err)
                self._async_show_now()
                return
        if not self._shutdown_requested:
            self.async_set_updated_data(self._seen_now(data))

    async def async_command(
        self, command: Awaitable[Any], *, watch_boost: bool = False
    ) -> None:
        """Send something to Podero, and show the device as it is then.

        Args:
            command: What is sent; its result is the device, or None where the answer
                does not say.
            watch_boost: Whether a boost was requested: poll often for a while.

        Raises PoderoError.
        """
        self._commands += 1
        self._commands_under_way += 1
        try:
            device = await command
        finally:
            self._commands_under_way -= 1
        if watch_boost:
            self._boost_watched_until = dt_util.utcnow() + BOOST_WATCH
        if device is None:
            await self.async_refresh()
        else:
            data = self.data.with_facts(device=device, is_detail=True)
            self.async_set_updated_data(self._seen_now(data))


@dataclass(frozen=True, kw_only=True)
class PoderoDevice:
    """The coordinator, source, and importer of one device.

    Attributes:
        coordinator: Polls it.
        source: Where its past comes from; None for a kind without one.
        importer: Keeps its long-term statistics; None also without a recorder.
    """

    coordinator: DeviceCoordinator[Any]
    source: Source | None
    importer: Importer | None

    async def async_stop(self) -> None:
        """Stop all of it."""
        await self.coordinator.async_shutdown()
        if self.importer is not None:
            await self.importer.async_stop()
