"""Switches that change what Podero does with a device."""

from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import Device, ElectricVehicle, Inverter
from .control import PoderoSetting, PoderoSettingDescription
from .coordinator import PoderoConfigEntry
from .entity import async_add_controls

# Podero's rate limits are not known: one command after the other.
PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class PoderoSwitchDescription[DeviceT: Device](
    PoderoSettingDescription[DeviceT], SwitchEntityDescription
):
    """A switch for one field."""


COMMON: tuple[PoderoSwitchDescription[Device], ...] = (
    PoderoSwitchDescription(
        key="smart_optimization_control",
        field="is_smart_optimization_active",
        value=lambda device: device.is_smart_optimization_active,
        entity_category=EntityCategory.CONFIG,
    ),
)

VEHICLE: tuple[PoderoSwitchDescription[ElectricVehicle], ...] = (
    PoderoSwitchDescription(
        key="charge_policy_control",
        field="is_charge_policy_enabled",
        value=lambda vehicle: vehicle.is_charge_policy_enabled,
        entity_category=EntityCategory.CONFIG,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the switches of the households that allow control."""
    async_add_controls(
        entry,
        async_add_entities,
        PoderoSwitch,
        {Inverter: COMMON, ElectricVehicle: COMMON + VEHICLE},
    )


class PoderoSwitch[DeviceT: Device](PoderoSetting[DeviceT], SwitchEntity):
    """A setting that is on or off."""

    entity_description: PoderoSwitchDescription[DeviceT]

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is on."""
        value: bool | None = self.reading.value
        return value

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Turn it on at Podero."""
        await self.async_change(True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Turn it off at Podero."""
        await self.async_change(False)
