"""Sensors: of what was polled, and of the past that was imported."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, override

from homeassistant.components.sensor import SensorEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType

from .coordinator import DeviceCoordinator, PoderoDevice
from .data import PoderoConfigEntry, async_follow_devices_in_turns
from .descriptions import PoderoSensorDescription
from .entity import PoderoEntity, async_add_device_entities
from .history import History, Importer
from .household import HouseholdCoordinator

# Entities only read from their coordinator, so updates need no limit.
PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the sensors of all devices."""
    await async_add_device_entities(entry, async_add_entities, Platform.SENSOR, _make)

    def add_history(household: HouseholdCoordinator, device: PoderoDevice) -> None:
        if (importer := device.importer) is not None:
            async_add_entities(
                [
                    PoderoHistorySensor(device.coordinator, importer, description)
                    for description in device.coordinator.kind.history
                ],
                config_subentry_id=household.subentry.subentry_id,
            )

    await async_follow_devices_in_turns(entry, add_history)


def _make(
    coordinator: DeviceCoordinator[Any], description: PoderoSensorDescription[Any]
) -> PoderoSensor:
    if description.unit_fn is None:
        return PoderoSensor(coordinator, description)
    return PoderoMoneySensor(coordinator, description)


class PoderoSensor(PoderoEntity, SensorEntity):
    """A value of a device."""

    entity_description: PoderoSensorDescription[Any]

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value in its native unit."""
        return self.entity_description.value_fn(self.coordinator.data)

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return since when a total counts."""
        last_reset_fn = self.entity_description.last_reset_fn
        return None if last_reset_fn is None else last_reset_fn(self.coordinator.data)


class PoderoMoneySensor(PoderoSensor):
    """An amount in a currency that is known only at run time."""

    _currency: str | None = None

    @property
    @override
    def native_unit_of_measurement(self) -> str | None:
        """Return the currency; what is no longer known stays in the one that it was in."""
        unit_fn = self.entity_description.unit_fn
        if unit_fn is not None and (unit := unit_fn(self.coordinator.data)):
            self._currency = unit
        return self._currency


class Reading(NamedTuple):
    """All that a sensor of the past shows: two of them tell whether to write."""

    value: StateType | datetime
    attributes: Mapping[str, Any] | None
    last_reset: datetime | None


class PoderoHistorySensor(SensorEntity):
    """A value of a device's imported past."""

    _attr_has_entity_name = True
    _attr_should_poll = False
    entity_description: PoderoSensorDescription[History]

    def __init__(
        self,
        coordinator: DeviceCoordinator[Any],
        importer: Importer,
        description: PoderoSensorDescription[History],
    ) -> None:
        """Initialize from the progress of the import."""
        self.entity_description = description
        self._importer = importer
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{coordinator.api.device_id}_{description.key}"
        self._attr_device_info = coordinator.device_info
        self._reading = self._read()

    def _read(self) -> Reading:
        history, description = self._importer.data, self.entity_description
        return Reading(
            description.value_fn(history),
            None
            if description.attributes_fn is None
            else description.attributes_fn(history),
            None
            if description.last_reset_fn is None
            else description.last_reset_fn(history),
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Listen to the import."""
        self.async_on_remove(self._importer.async_add_listener(self._update))
        self._reading = self._read()

    @callback
    def _update(self) -> None:
        """Write the state if it has changed."""
        reading = self._read()
        if reading != self._reading:
            self._reading = reading
            self.async_write_ha_state()

    async def async_update(self) -> None:
        """Import new data now."""
        await self._importer.async_request_import()

    @property
    @override
    def native_value(self) -> StateType | datetime:
        """Return the value in its native unit."""
        return self._reading.value

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what is shown beside the value."""
        return self._reading.attributes

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Return since when a total counts."""
        return self._reading.last_reset
