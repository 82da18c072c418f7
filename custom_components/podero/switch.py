"""Switches."""

from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoSwitchDescription
from .entity import PoderoControl, async_add_device_entities

# Podero's rate limits are not known, so commands are sent one at a time.
PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of the households that allow control."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.SWITCH, PoderoSwitch
    )


class PoderoSwitch(PoderoControl, SwitchEntity):
    """A setting that is on or off."""

    entity_description: PoderoSwitchDescription[Any]

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on."""
        return self.entity_description.value_fn(self.coordinator.data)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn it on at Podero."""
        await self.async_send(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn it off at Podero."""
        await self.async_send(False)
