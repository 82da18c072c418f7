"""Buttons."""

from typing import Any, override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoButtonDescription
from .entity import PoderoControl, async_add_device_entities

# Podero's rate limits are not known, so commands are sent one at a time.
PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of the households that allow control."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.BUTTON, PoderoButton
    )


class PoderoButton(PoderoControl, ButtonEntity):
    """A command to a device."""

    entity_description: PoderoButtonDescription[Any]

    @override
    async def async_press(self) -> None:
        """Send the command."""
        await self.async_send(None)
