"""Times of day."""

from datetime import time
from typing import Any, override

from homeassistant.components.time import TimeEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoTimeDescription
from .entity import PoderoControl, async_add_device_entities

# Podero's rate limits are not known, so commands are sent one at a time.
PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the times of the households that allow control."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.TIME, PoderoTime
    )


class PoderoTime(PoderoControl, TimeEntity):
    """A setting that is a time of day."""

    entity_description: PoderoTimeDescription[Any]

    @property
    @override
    def native_value(self) -> time | None:
        """Return the time that is in force."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_set_value(self, value: time) -> None:
        """Change it at Podero."""
        await self.async_send(value)
