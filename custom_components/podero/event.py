"""What happened to a car, from the difference of two polls."""

from typing import Any, override

from homeassistant.components.event import EventEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .charging_events import Snapshot
from .coordinator import DeviceCoordinator
from .data import PoderoConfigEntry
from .descriptions import PoderoEventDescription
from .entity import PoderoEntity, async_add_device_entities

# Entities only read from their coordinator, so updates need no limit.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the events of all electric vehicles."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.EVENT, PoderoEvent
    )


class PoderoEvent(PoderoEntity, EventEntity):
    """The events of a device."""

    entity_description: PoderoEventDescription[Any]

    def __init__(
        self,
        coordinator: DeviceCoordinator[Any],
        description: PoderoEventDescription[Any],
    ) -> None:
        """Initialize without anything to compare the next poll with."""
        super().__init__(coordinator, description)
        self._before: Snapshot | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Look at every poll, also at those that fail."""
        await super().async_added_to_hass()
        self.async_on_remove(self.coordinator.async_add_listener(self._look))

    @callback
    def _look(self) -> None:
        """Show what happened since the last poll."""
        description, before = self.entity_description, self._before
        self._before = None
        if self.coordinator.last_update_success:
            self._before = description.snapshot_fn(before, self.coordinator.data)
            for event in description.events_fn(before, self._before):
                self._trigger_event(event.type, dict(event.attributes))
                self.async_write_ha_state()
