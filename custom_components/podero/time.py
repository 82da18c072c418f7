"""The time by which a car has to be charged."""

from dataclasses import dataclass
from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity, TimeEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import ElectricVehicle
from .control import PoderoSetting, PoderoSettingDescription
from .coordinator import PoderoConfigEntry
from .entity import async_add_controls

# Podero's rate limits are not known: one command after the other.
PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class PoderoTimeDescription(
    PoderoSettingDescription[ElectricVehicle], TimeEntityDescription
):
    """A time of day for one field."""


VEHICLE = (
    PoderoTimeDescription(
        key="charge_deadline_control",
        field="charge_deadline_at",
        value=lambda vehicle: vehicle.charge_deadline_at,
        entity_category=EntityCategory.CONFIG,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the times of the households that allow control."""
    async_add_controls(
        entry, async_add_entities, PoderoTime, {ElectricVehicle: VEHICLE}
    )


class PoderoTime(PoderoSetting[ElectricVehicle], TimeEntity):
    """A setting that is a time of day."""

    entity_description: PoderoTimeDescription

    @property
    @override
    def native_value(self) -> time | None:
        """Return the time that is in force."""
        value: time | None = self.reading.value
        return value

    @override
    async def async_set_value(self, value: time) -> None:
        """Change it at Podero, to the minute."""
        await self.async_change(value.strftime("%H:%M"))
