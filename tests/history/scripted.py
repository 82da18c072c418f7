"""An importer by itself, with a source that does as it is told."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import override

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from custom_components.podero.history import HistoryStore, Importer, Source
from custom_components.podero.history.hours import Hours
from homeassistant.core import HomeAssistant

DEVICE = "01234567-89ab-cdef-0123-456789abcdef"
SOLAR = "podero:0123456789abcdef0123456789abcdef_solar_energy"


class ScriptedSource(Source):
    """A device that gives one kWh an hour.

    Attributes:
        asked: The spans that were asked for.
        errors: What goes wrong with the next requests.
        waiting: What a request waits for.
        kwh: What an hour comes to.
        is_partial: Whether a part of the answer is missing.
    """

    kinds = ("solar_energy", "price")
    longest = timedelta(days=31)
    overlap = timedelta(hours=48)

    def __init__(self) -> None:
        """Begin without errors."""
        self.asked: list[tuple[datetime, datetime]] = []
        self.errors: list[Exception] = []
        self.kwh = 1.0
        self.is_partial = False

    @override
    async def async_hours(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> Hours:
        """Return the hours of a span, or raise what is to go wrong."""
        self.asked.append((start, end))
        if self.errors:
            raise self.errors.pop(0)
        hours = range(int(start.timestamp()), int(end.timestamp()), 3600)
        return Hours(
            sums={"solar_energy": dict.fromkeys(hours, self.kwh)},
            is_partial=self.is_partial,
        )


def make_importer(
    hass: HomeAssistant,
    source: Source,
    *,
    days: int = 2,
    entry: MockConfigEntry | None = None,
    store: HistoryStore | None = None,
    on_complete: Callable[[], None] = lambda: None,
) -> Importer:
    """Return an importer that has not started."""
    entry = entry or MockConfigEntry(domain=DOMAIN, title="Podero", entry_id="scripted")
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        entry.add_to_hass(hass)
    return Importer(
        hass,
        entry,
        device_id=DEVICE,
        name="the history of a roof",
        device_name=lambda: "Roof",
        source=source,
        store=store or HistoryStore(hass, entry.entry_id),
        days=days,
        on_complete=on_complete,
    )
