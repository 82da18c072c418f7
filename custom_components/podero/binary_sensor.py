"""Binary sensors."""

from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoBinarySensorDescription
from .entity import PoderoEntity, async_add_device_entities

# Entities only read from their coordinator, so updates need no limit.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of all devices."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.BINARY_SENSOR, PoderoBinarySensor
    )


class PoderoBinarySensor(PoderoEntity, BinarySensorEntity):
    """A state of a device that is on or off."""

    entity_description: PoderoBinarySensorDescription[Any]

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is so; None where Podero does not say."""
        return self.entity_description.value_fn(self.coordinator.data)
