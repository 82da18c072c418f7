"""The location of an electric vehicle."""

from typing import Any, override

from homeassistant.components.device_tracker import TrackerEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoTrackerDescription
from .entity import PoderoEntity, async_add_device_entities

# Entities only read from their coordinator, so updates need no limit.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the trackers of all electric vehicles."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.DEVICE_TRACKER, PoderoTracker
    )


class PoderoTracker(PoderoEntity, TrackerEntity):
    """The position that a vehicle last reported to its manufacturer."""

    entity_description: PoderoTrackerDescription[Any]

    @property
    @override
    def latitude(self) -> float | None:
        """Return the latitude in degrees."""
        position = self.entity_description.value_fn(self.coordinator.data)
        return None if position is None else position[0]

    @property
    @override
    def longitude(self) -> float | None:
        """Return the longitude in degrees."""
        position = self.entity_description.value_fn(self.coordinator.data)
        return None if position is None else position[1]
