"""How far each device's past has been imported: what a restart goes on from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a device's past has been imported.

    Attributes:
        days: The days of history that its household asked for.
        start: Nothing earlier is imported by itself.
        until: Everything up to here has been imported.
        newest: The last hour that the recorder was given; a database that knows
            less was restored, or is new.
        complete: Whether the first import has come to its end.
        shown: Whether the Energy dashboard was offered what was imported.
        pricing: What the source says of the household's prices.
        priced_from: The first hour that was imported with them.
    """

    days: int
    start: datetime
    until: datetime
    newest: datetime | None = None
    complete: bool = False
    shown: bool = False
    pricing: str | None = None
    priced_from: datetime | None = None


class HistoryStore:
    """The progress of an entry's devices, on disk."""

    def __init__(self, hass: HomeAssistant, entry_id: str) -> None:
        """Initialize; nothing is read yet."""
        self._store: Store[dict[str, Any]] = Store(
            hass, VERSION, f"{DOMAIN}.{entry_id}.history"
        )
        self._progress: dict[str, Progress] = {}

    async def async_load(self) -> None:
        """Read what an earlier run left; what cannot be read is begun anew."""
        try:
            saved = await self._store.async_load()
        except HomeAssistantError as err:
            LOGGER.warning("How far the history was imported is not known: %s", err)
            return
        for device_id, progress in (saved or {}).items():
            if (restored := _restore(progress)) is not None:
                self._progress[device_id] = restored

    async def async_remove(self) -> None:
        """Forget everything."""
        await self._store.async_remove()

    @callback
    def get(self, device_id: str) -> Progress | None:
        """Return how far a device has come."""
        return self._progress.get(device_id)

    async def async_set(self, device_id: str, progress: Progress) -> None:
        """Keep how far a device has come, so that a restart goes on from there."""
        self._progress[device_id] = progress
        await self._store.async_save(self._data())

    def _data(self) -> dict[str, dict[str, Any]]:
        return {
            device_id: {
                name: value.isoformat() if isinstance(value, datetime) else value
                for name, value in asdict(progress).items()
            }
            for device_id, progress in self._progress.items()
        }


def _restore(saved: Any) -> Progress | None:
    if not isinstance(saved, Mapping):
        return None
    start = dt_util.parse_datetime(str(saved.get("start")))
    until = dt_util.parse_datetime(str(saved.get("until")))
    days = saved.get("days")
    if start is None or until is None or not isinstance(days, int):
        return None
    return Progress(
        days=days,
        start=start,
        until=until,
        newest=dt_util.parse_datetime(str(saved.get("newest"))),
        complete=saved.get("complete") is True,
        shown=saved.get("shown") is True,
        pricing=saved.get("pricing"),
        priced_from=dt_util.parse_datetime(str(saved.get("priced_from"))),
    )
