"""How far each device's past has been imported, on disk: where a restart continues."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from .progress import Progress

VERSION = 1
# Seconds. Progress that a crash loses is imported again, so not every span is saved at
# once.
SAVE_DELAY = 10


class HistoryStore:
    """The progress of an entry's devices."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize; nothing is read yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.history"
        )
        self._progress: dict[str, Progress] = {}
        self._is_saved = True

    async def async_load(self) -> None:
        """Read the progress of an earlier run; what cannot be read is imported again."""
        try:
            saved = await self._store.async_load()
        # A file of an older version, or one that is not a storage file.
        except (HomeAssistantError, NotImplementedError, LookupError, TypeError) as err:
            LOGGER.warning("How far the history was imported is not known: %r", err)
            return
        for device_id, progress in saved.items() if isinstance(saved, dict) else ():
            try:
                self._progress[device_id] = _from_json(progress)
            except (AttributeError, LookupError, TypeError, ValueError) as err:
                LOGGER.warning(
                    "How far the history of %s was imported is not known: %r",
                    device_id,
                    err,
                )

    async def async_remove(self) -> None:
        """Forget everything."""
        await self._store.async_remove()

    @callback
    def get(self, device_id: str) -> Progress | None:
        """Return how far a device has come."""
        return self._progress.get(device_id)

    @callback
    def async_set(self, device_id: str, progress: Progress) -> None:
        """Keep how far a device has come, and write it soon."""
        if progress == self._progress.get(device_id):
            return
        self._progress[device_id] = progress
        self._is_saved = False
        self._store.async_delay_save(self._data, SAVE_DELAY)

    async def async_save(self) -> None:
        """Write now what is not written yet."""
        if not self._is_saved:
            await self._store.async_save(self._data())

    def _data(self) -> dict[str, dict[str, Any]]:
        self._is_saved = True
        return {
            device_id: _to_json(progress)
            for device_id, progress in self._progress.items()
        }


def _to_json(progress: Progress) -> dict[str, Any]:
    saved = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in asdict(progress).items()
    }
    saved["gaps"] = [[each.isoformat() for each in gap] for gap in progress.gaps]
    saved["counts"] = {str(bucket): rows for bucket, rows in progress.counts.items()}
    return saved


def _from_json(saved: Mapping[str, Any]) -> Progress:
    """Return what was saved.

    Raises AttributeError, LookupError, TypeError or ValueError where it was not saved like this.
    """
    return Progress(
        days=_days(saved["days"]),
        reach=_days(saved["reach"]),
        since=_time(saved["since"]),
        start=_time(saved["start"]),
        until=_time(saved["until"]),
        newest=_time_or_none(saved["newest"]),
        accepted=_time_or_none(saved["accepted"]),
        gaps=tuple((_time(start), _time(end)) for start, end in saved["gaps"]),
        counts={int(bucket): int(rows) for bucket, rows in saved["counts"].items()},
        complete=saved["complete"] is True,
        shown=saved["shown"] is True,
        pricing=saved["pricing"],
        priced_from=_time_or_none(saved["priced_from"]),
    )


def _days(value: Any) -> int:
    if not 0 <= (days := int(value)) <= 10_000:
        message = f"{days} days"
        raise ValueError(message)
    return days


def _time(value: Any) -> datetime:
    time = dt_util.as_utc(datetime.fromisoformat(value))
    if not 1970 <= time.year <= 2200:
        message = f"{time} is no time of an import"
        raise ValueError(message)
    return time.replace(minute=0, second=0, microsecond=0)


def _time_or_none(value: Any) -> datetime | None:
    return None if value is None else _time(value)
