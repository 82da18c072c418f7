"""Where an electric vehicle is."""

from dataclasses import dataclass
from typing import override

from homeassistant.components.device_tracker import (
    TrackerEntity,
    TrackerEntityDescription,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import ElectricVehicle
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntity, PoderoEntityDescription, async_add_device_entities

# Nothing is asked for by an entity: the coordinators do.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PoderoTrackerDescription(
    PoderoEntityDescription[ElectricVehicle], TrackerEntityDescription
):
    """A tracker; its value is latitude and longitude in degrees."""


def _position(vehicle: ElectricVehicle) -> tuple[float, float] | tuple[None, None]:
    """Return latitude and longitude; half a position is none."""
    if vehicle.latitude is None or vehicle.longitude is None:
        return None, None
    return vehicle.latitude, vehicle.longitude


VEHICLE = (
    PoderoTrackerDescription(
        key="location", value=_position, entity_registry_enabled_default=False
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the trackers of all electric vehicles."""
    async_add_device_entities(
        entry, async_add_entities, PoderoTracker, {ElectricVehicle: VEHICLE}
    )


class PoderoTracker(PoderoEntity[ElectricVehicle], TrackerEntity):
    """The position that a vehicle last reported to its manufacturer."""

    entity_description: PoderoTrackerDescription

    @property
    @override
    def latitude(self) -> float | None:
        """Return the latitude in degrees."""
        latitude: float | None = self.reading.value[0]
        return latitude

    @property
    @override
    def longitude(self) -> float | None:
        """Return the longitude in degrees."""
        longitude: float | None = self.reading.value[1]
        return longitude
