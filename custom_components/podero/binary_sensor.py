"""Binary sensors of inverters and electric vehicles."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import power
from .api import Device, ElectricVehicle, Inverter
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntity, PoderoEntityDescription, async_add_device_entities
from .sessions import Sessions

# Nothing is asked for by an entity: the coordinators do.
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class PoderoBinarySensorDescription[DataT](
    PoderoEntityDescription[DataT], BinarySensorEntityDescription
):
    """A binary sensor."""

    value: Callable[[DataT], bool | None]


COMMON: tuple[PoderoBinarySensorDescription[Device], ...] = (
    PoderoBinarySensorDescription(
        key="smart_optimization",
        value=lambda device: device.is_smart_optimization_active,
    ),
    PoderoBinarySensorDescription(
        key="power_paused", value=lambda device: device.is_pause_power_active
    ),
    PoderoBinarySensorDescription(
        key="forced_mode_enabled",
        value=lambda device: device.is_inverter_forced_mode_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="forced_mode", value=lambda device: device.is_inverter_forced_mode_active
    ),
    PoderoBinarySensorDescription(
        key="trading",
        value=lambda device: device.is_trading_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="authenticated",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        value=lambda device: device.is_authenticated,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="action_needed",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value=lambda device: device.action_needed,
    ),
    PoderoBinarySensorDescription(
        key="notification", value=lambda device: device.has_notification
    ),
)

INVERTER: tuple[PoderoBinarySensorDescription[Inverter], ...] = (
    PoderoBinarySensorDescription(
        key="curtailment", value=lambda inverter: inverter.is_curtailment_active
    ),
    PoderoBinarySensorDescription(
        key="battery_charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value=power.is_battery_charging,
        applies=power.has_battery,
    ),
    PoderoBinarySensorDescription(
        key="battery_connected",
        value=lambda inverter: inverter.is_battery_connected,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="user_limits",
        value=lambda inverter: inverter.user_limits_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="needs_gateway",
        value=lambda inverter: inverter.needs_gateway,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="ev_in_household",
        value=lambda inverter: inverter.has_ev_in_household,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)

VEHICLE: tuple[PoderoBinarySensorDescription[ElectricVehicle], ...] = (
    PoderoBinarySensorDescription(
        key="plugged_in",
        device_class=BinarySensorDeviceClass.PLUG,
        value=lambda vehicle: vehicle.is_plugged_in,
    ),
    PoderoBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value=lambda vehicle: vehicle.is_charging,
    ),
    PoderoBinarySensorDescription(
        key="fully_charged", value=lambda vehicle: vehicle.is_fully_charged
    ),
    PoderoBinarySensorDescription(
        key="boost_next_session", value=lambda vehicle: vehicle.boost_for_next_session
    ),
    PoderoBinarySensorDescription(
        key="charge_policy", value=lambda vehicle: vehicle.is_charge_policy_enabled
    ),
    PoderoBinarySensorDescription(
        key="boost_enabled",
        value=lambda vehicle: vehicle.boost_feature_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="over_charge_allowed",
        value=lambda vehicle: vehicle.is_over_charge_allowed,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

SESSIONS: tuple[PoderoBinarySensorDescription[Sessions], ...] = (
    PoderoBinarySensorDescription(
        key="last_session_at_home",
        value=lambda sessions: (
            None if sessions.last is None else sessions.last.is_at_home
        ),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the binary sensors of all devices."""
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoBinarySensor,
        {Inverter: COMMON + INVERTER, ElectricVehicle: COMMON + VEHICLE},
    )
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoBinarySensor,
        {ElectricVehicle: SESSIONS},
        of=lambda device: device.sessions,
    )


class PoderoBinarySensor[DataT](PoderoEntity[DataT], BinarySensorEntity):
    """Something about a device that is so or not so."""

    entity_description: PoderoBinarySensorDescription[DataT]

    @property
    @override
    def is_on(self) -> bool | None:
        """Return whether it is so; None where Podero does not say."""
        value: bool | None = self.reading.value
        return value
