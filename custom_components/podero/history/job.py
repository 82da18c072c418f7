"""A job that is done at once, then hourly, and by hand in between; one at a time."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
import random
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import (
    CALLBACK_TYPE,
    DOMAIN as HOMEASSISTANT_DOMAIN,
    HassJob,
    HomeAssistant,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.event import async_call_later

from ..api import PoderoError
from ..const import DOMAIN, LOGGER
from ..errors import translation_key
from .recorder import DatabaseNotReadyError

INTERVAL = timedelta(hours=1)
RETRY = timedelta(minutes=5)
# After 5, 10, 20 and 40 minutes, then hourly.
DOUBLINGS = 4
# The minimum pause after an error, even if Podero allows an earlier request.
SHORTEST_PAUSE = timedelta(minutes=1)
# So that not all devices retry in the same second.
JITTER = timedelta(minutes=1)


class HourlyJob:
    """Does something hourly, and sooner after a failure.

    A request by hand waits for the running import, but goes before an hourly
    run that waits. An error of the hourly run is logged once, and so is its end.

    Attributes:
        is_stopped: Whether it was stopped.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        *,
        name: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        on_end: Callable[[str | None], None],
    ) -> None:
        """Initialize without starting.

        Args:
            hass: Home Assistant.
            entry: The entry whose tasks these are.
            name: What logs call it.
            work: What is done hourly.
            on_end: Called after it, with what went wrong: kind and status.

        """
        self._hass = hass
        self._entry = entry
        self._name = name
        self._work = work
        self._on_end = on_end
        self._lock = asyncio.Lock()
        self._waiting_by_hand = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._hourly: asyncio.Task[None] | None = None
        self._cancel_timer: CALLBACK_TYPE | None = None
        self._failures = 0
        self.is_stopped = False

    async def async_stop(self) -> None:
        """Stop, also in the middle of something."""
        self.is_stopped = True
        self._unset_timer()
        for task in (running := [*self._tasks]):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    @callback
    def async_run_now(self) -> asyncio.Task[None]:
        """Return the hourly run that is under way, or has begun with this."""
        self._unset_timer()
        if self._hourly is None or self._hourly.done():
            self._hourly = self.async_create_task(self._async_run())
        return self._hourly

    @callback
    def async_create_task[T](self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Do something in the background until this is stopped."""
        task = self._entry.async_create_background_task(self._hass, work, self._name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def async_by_hand[T](self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Do something for a caller, when it is its turn.

        Raises:
            HomeAssistantError: it was stopped before the end.
        """

        async def in_turn() -> T:
            self._waiting_by_hand += 1
            try:
                await self._lock.acquire()
            finally:
                self._waiting_by_hand -= 1
            try:
                return await work()
            finally:
                self._lock.release()

        if not self.is_stopped:
            try:
                return await self.async_create_task(in_turn())
            except asyncio.CancelledError:
                if not self.is_stopped:
                    raise
        raise HomeAssistantError(
            translation_domain=HOMEASSISTANT_DOMAIN,
            translation_key="service_config_entry_not_loaded",
            translation_placeholders={
                "domain": DOMAIN,
                "entry_title": self._entry.title,
            },
        )

    async def _async_run(self) -> None:
        """Do it, and plan the next time."""
        error = None
        try:
            await self._async_when_free()
        except PoderoError as err:
            error = translation_key(err)
            if err.status is not None:
                error = f"{error} ({err.status})"
            delay = self._retry_delay(err, err.retry_after)
        except DatabaseNotReadyError as err:
            error = str(err.translation_key)
            delay = self._retry_delay(err.reason, None)
        except Exception:  # noqa: BLE001
            error = "unknown"
            LOGGER.exception("Unexpected error in %s", self._name)
            delay = self._retry_delay(None, None)
        else:
            if self._failures:
                LOGGER.info("Importing %s again", self._name)
            self._failures = 0
            delay = INTERVAL * random.uniform(0.92, 1)
        self._on_end(error)
        self._cancel_timer = async_call_later(
            self._hass, delay, HassJob(self._time_came, cancel_on_shutdown=True)
        )

    async def _async_when_free(self) -> None:
        while True:
            async with self._lock:
                if not self._waiting_by_hand:
                    await self._work()
                    return

    def _retry_delay(self, reason: object, retry_after: float | None) -> timedelta:
        """Return after how long to try again."""
        if not self._failures and reason is not None:
            LOGGER.info("Lost %s: %s", self._name, reason)
        delay: timedelta = min(RETRY * 2 ** min(self._failures, DOUBLINGS), INTERVAL)
        self._failures += 1
        if retry_after is None:
            return delay * random.uniform(0.92, 1)
        pause = max(timedelta(seconds=retry_after), SHORTEST_PAUSE)
        return pause + JITTER * random.random()

    @callback
    def _time_came(self, _: datetime) -> None:
        self.async_run_now()

    @callback
    def _unset_timer(self) -> None:
        if self._cancel_timer is not None:
            self._cancel_timer()
            self._cancel_timer = None
