"""Selects."""

from typing import Any, override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoSelectDescription
from .entity import PoderoControl, async_add_device_entities

# Podero's rate limits are not known, so commands are sent one at a time.
PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the selects of the households that allow control."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.SELECT, PoderoSelect
    )


class PoderoSelect(PoderoControl, SelectEntity):
    """A setting with several options."""

    entity_description: PoderoSelectDescription[Any]

    @property
    @override
    def options(self) -> list[str]:
        """Return the words that can be chosen now."""
        options_fn = self.entity_description.options_fn
        if options_fn is not None:
            return options_fn(self.coordinator.data)
        return self.entity_description.options or []

    @property
    @override
    def current_option(self) -> str | None:
        """Return the word that is in force."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_select_option(self, option: str) -> None:
        """Change it at Podero."""
        await self.async_send(option)
