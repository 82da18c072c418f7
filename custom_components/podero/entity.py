"""What all entities have in common: a line in a table, and a state written only when it changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import Device
from .const import CONF_ALLOW_CONTROL
from .coordinator import DeviceCoordinator, HouseholdCoordinator, PoderoConfigEntry
from .polling import DeviceDataCoordinator


@dataclass(frozen=True, kw_only=True)
class PoderoEntityDescription[DataT](EntityDescription):
    """One entity of a device.

    Attributes:
        value: Reads the entity's value from what was polled; None is unknown.
        attributes: Reads its extra attributes.
        reset: Reads since when a total counts.
        applies: Whether the device has such a thing. The entity is made once
            this is so, and unavailable while it no longer is.
    """

    value: Callable[[DataT], Any]
    attributes: Callable[[DataT], Mapping[str, Any]] = lambda _: {}
    reset: Callable[[DataT], datetime | None] = lambda _: None
    applies: Callable[[DataT], bool] = lambda _: True


@dataclass(frozen=True, kw_only=True)
class Reading:
    """All that an entity shows, so that two of them tell whether to write."""

    available: bool
    value: Any
    attributes: Mapping[str, Any]
    reset: datetime | None


class PoderoEntity[DataT](CoordinatorEntity[DeviceDataCoordinator[DataT]]):
    """An entity that shows one value of a device."""

    _attr_has_entity_name = True
    entity_description: PoderoEntityDescription[DataT]

    def __init__(
        self,
        coordinator: DeviceDataCoordinator[DataT],
        description: PoderoEntityDescription[DataT],
    ) -> None:
        """Initialize from what the coordinator knows now."""
        super().__init__(coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{coordinator.device_id}_{description.key}"
        self._attr_device_info = coordinator.device_info
        self.reading = self._read()

    def _read(self) -> Reading:
        data = self.coordinator.data
        description = self.entity_description
        return Reading(
            available=self.coordinator.last_update_success
            and description.applies(data),
            value=description.value(data),
            attributes=description.attributes(data),
            reset=description.reset(data),
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Start listening, and catch up with what was said since the beginning."""
        await super().async_added_to_hass()
        self.reading = self._read()

    @property
    @override
    def available(self) -> bool:
        """Return whether Podero answers for the device, and the device has this."""
        return self.reading.available

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return what is said beside the value."""
        return self.reading.attributes

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if it is another one."""
        reading = self._read()
        if reading != self.reading:
            self.reading = reading
            self.async_write_ha_state()


@callback
def async_add_device_entities(
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[DeviceDataCoordinator[Any], PoderoEntityDescription[Any]], Entity],
    tables: Mapping[type[Device], tuple[PoderoEntityDescription[Any], ...]],
    *,
    of: Callable[[DeviceCoordinator[Any]], DeviceDataCoordinator[Any] | None] = (
        lambda device: device
    ),
) -> None:
    """Add a platform's entities to the devices there are and to those to come.

    They show what the device's own coordinator polls, or the one that `of` names.

    A description that does not apply yet, such as those of a battery, is looked
    at again with every poll.
    """

    def follow(household: HouseholdCoordinator, device: DeviceCoordinator[Any]) -> None:
        if (coordinator := of(device)) is None:
            return
        waiting = list(tables.get(device.kind, ()))

        @callback
        def add() -> None:
            ready = [each for each in waiting if each.applies(coordinator.data)]
            for description in ready:
                waiting.remove(description)
            if ready:
                async_add_entities(
                    [make(coordinator, description) for description in ready],
                    config_subentry_id=household.subentry.subentry_id,
                )

        add()
        if waiting:
            coordinator.async_add_listener(add)

    for household in entry.runtime_data.households.values():
        entry.async_on_unload(household.async_on_device(partial(follow, household)))


@callback
def async_add_controls(
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    make: Callable[[DeviceDataCoordinator[Any], PoderoEntityDescription[Any]], Entity],
    tables: Mapping[type[Device], tuple[PoderoEntityDescription[Any], ...]],
) -> None:
    """Add a platform's entities where the household allows control."""
    async_add_device_entities(
        entry,
        async_add_entities,
        make,
        tables,
        of=lambda device: (
            device if device.household.subentry.data[CONF_ALLOW_CONTROL] else None
        ),
    )
