"""Numbers: limits of batteries, thresholds of solar charging."""

from typing import Any, override

from homeassistant.components.number import NumberEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import PoderoConfigEntry
from .descriptions import PoderoNumberDescription
from .entity import PoderoControl, async_add_device_entities

# Podero's rate limits are not known, so commands are sent one at a time.
PARALLEL_UPDATES = 1


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of the households that allow control."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.NUMBER, PoderoNumber
    )


class PoderoNumber(PoderoControl, NumberEntity):
    """A setting that is a number."""

    entity_description: PoderoNumberDescription[Any]

    @property
    @override
    def native_value(self) -> float | None:
        """Return the number that is in force; a whole one without a decimal point."""
        value = self.entity_description.value_fn(self.coordinator.data)
        return value if value is None or value % 1 else int(value)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change it at Podero, which takes whole numbers."""
        await self.async_send(round(value))
