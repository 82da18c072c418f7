"""What all polling has in common."""

from abc import abstractmethod
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .api import PoderoClient
from .const import LOGGER

# Of a device that is polled every five minutes: the last hour.
REMEMBERED_POLLS = 12


@dataclass(frozen=True, kw_only=True)
class Poll:
    """How a poll went: when it ended, and what went wrong, if anything did."""

    at: datetime
    error: str | None


class PoderoCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """A coordinator that tells once, at info level, that it lost Podero or is back."""

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: PoderoClient,
        *,
        name: str,
        update_interval: timedelta,
    ) -> None:
        """Initialize; nothing is asked for yet."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=name,
            update_interval=update_interval,
            always_update=False,
        )
        self.client = client
        self.polls: deque[Poll] = deque(maxlen=REMEMBERED_POLLS)
        self._closers: list[CALLBACK_TYPE] = []

    @callback
    def async_on_shutdown(self, closer: CALLBACK_TYPE) -> None:
        """Call back when polling ends: its device is gone, or its entry unloads."""
        self._closers.append(closer)

    @override
    async def async_shutdown(self) -> None:
        """Stop polling, and whatever else was done beside it."""
        while self._closers:
            self._closers.pop()()
        await super().async_shutdown()

    @callback
    @override
    def _schedule_refresh(self) -> None:
        """Plan the next poll, but not after one that was under way when polling ended."""
        if not self._shutdown_requested:
            super()._schedule_refresh()

    @override
    async def _async_refresh(
        self,
        log_failures: bool = True,
        raise_on_auth_failed: bool = False,
        scheduled: bool = False,
        raise_on_entry_error: bool = False,
    ) -> None:
        # The base class would log an outage of the cloud as an error of ours.
        before = self.last_update_success
        await super()._async_refresh(
            log_failures=False,
            raise_on_auth_failed=raise_on_auth_failed,
            scheduled=scheduled,
            raise_on_entry_error=raise_on_entry_error,
        )
        error = None if self.last_update_success else str(self.last_exception)
        self.polls.append(Poll(at=dt_util.utcnow(), error=error))
        if log_failures and before and not self.last_update_success:
            LOGGER.info("Lost %s: %s", self.name, self.last_exception)


class DeviceDataCoordinator[DataT](PoderoCoordinator[DataT]):
    """Polls something that belongs to one device.

    Attributes:
        user_id: The user that the device belongs to.
        device_id: Podero's id of it.
    """

    user_id: str
    device_id: str

    @property
    @abstractmethod
    def device_info(self) -> DeviceInfo:
        """Return the device as the registry shows it."""

    @callback
    @override
    def async_update_listeners(self) -> None:
        """Tell what is new, but not of a device that was let go while Podero answered."""
        if not self._shutdown_requested:
            super().async_update_listeners()
