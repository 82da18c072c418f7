"""What the polling of lists and of details has in common."""

from abc import abstractmethod
from collections import deque
from datetime import datetime, timedelta
import logging
from typing import NamedTuple, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util

from .api import PoderoClient, PoderoError
from .const import LOGGER
from .errors import update_failed

# Of a device that is polled every five minutes: the last hour.
REMEMBERED_POLLS = 12

POLL_LOGGER = LOGGER.getChild("polling")


def _as_information(record: logging.LogRecord) -> bool:
    """Log an outage at info level, as the rule log-when-unavailable asks; the coordinator of Home Assistant has errors."""
    if record.levelno == logging.ERROR and not record.exc_info:
        record.levelno, record.levelname = logging.INFO, "INFO"
    return POLL_LOGGER.isEnabledFor(record.levelno)


POLL_LOGGER.addFilter(_as_information)


class Poll(NamedTuple):
    """The result of a poll: when it ended, and the error, if any."""

    at: datetime
    error: str | None


class PoderoCoordinator[DataT](DataUpdateCoordinator[DataT]):
    """Polls Podero; after an error it tries again when Podero allows, and never more often than usual.

    Attributes:
        client: The access to Podero.
        polls: The results of the last polls, for diagnostics.
    """

    config_entry: ConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        client: PoderoClient,
        *,
        name: str,
        retry_interval: timedelta,
        update_interval: timedelta,
    ) -> None:
        """Initialize without a request.

        Args:
            hass: Home Assistant.
            entry: The entry that polls.
            client: The access to Podero.
            name: What logs call it.
            retry_interval: When to try again after a failure.
            update_interval: When to poll first.

        """
        super().__init__(
            hass,
            POLL_LOGGER,
            config_entry=entry,
            name=name,
            update_interval=update_interval,
            always_update=False,
        )
        self.client = client
        self.polls: deque[Poll] = deque(maxlen=REMEMBERED_POLLS)
        self._retry_interval = retry_interval

    @abstractmethod
    async def _async_fetch(self) -> DataT:
        """Fetch the data.

        Raises PoderoError.
        """

    @override
    async def async_shutdown(self) -> None:
        """Stop polling."""
        await super().async_shutdown()
        self.update_interval = None

    @override
    async def _async_update_data(self) -> DataT:
        """Fetch the data, and record the result.

        Raises:
            UpdateFailed: Podero could not be asked, or refused.
        """
        try:
            data = await self._async_fetch()
        except PoderoError as err:
            self.polls.append(Poll(at=dt_util.utcnow(), error=str(err)))
            self.update_interval = self._retry_interval
            raise update_failed(err) from err
        finally:
            if self._shutdown_requested:
                # A poll that was under way when polling stopped is the last one.
                self.update_interval = None
        self.polls.append(Poll(at=dt_util.utcnow(), error=None))
        return data
