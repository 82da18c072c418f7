"""What Home Assistant's registries know of Podero's devices and entities."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN
from .coordinator import DeviceCoordinator
from .kinds.kind import DeviceData, Kind


def device_info(
    kind: Kind[Any], device_id: str, host: str, household: str, data: DeviceData[Any]
) -> dr.DeviceInfo:
    """Return a device as the registry shows it.

    Args:
        kind: What it is.
        device_id: Podero's id of it.
        host: Where Podero is.
        household: The name of its household.
        data: What is known of it.

    """
    info = dr.DeviceInfo(identifiers={(DOMAIN, device_id)}, configuration_url=host)
    if kind.is_steered:
        info["name"] = kind.fallback_name
    else:
        info["name"] = household
        info["entry_type"] = dr.DeviceEntryType.SERVICE
    info.update(data.model_info)
    return info


@callback
def async_owner(
    hass: HomeAssistant, device_id: str
) -> tuple[ConfigEntry, dr.DeviceEntry] | None:
    """Return who has a device in the whole of Home Assistant, by Podero's id of it: the entry, and the device's entry."""
    registry = dr.async_get(hass)
    for entry in hass.config_entries.async_entries(DOMAIN):
        device = registry.async_get_device_by_identifier(
            (DOMAIN, device_id), entry.entry_id
        )
        if device is not None:
            return entry, device
    return None


@callback
def async_hand_over(
    hass: HomeAssistant,
    owner: tuple[ConfigEntry, dr.DeviceEntry],
    entry: ConfigEntry,
    subentry: ConfigSubentry,
) -> None:
    """Hand a device's entry on to a household; another config entry has to make its own."""
    registry = dr.async_get(hass)
    if owner[0] is entry:
        registry.async_update_device(
            owner[1].id, new_config_subentry_id=subentry.subentry_id
        )
    else:
        registry.async_remove_device(owner[1].id)


@callback
def async_devices_of(
    hass: HomeAssistant, entry: ConfigEntry, subentry_id: str
) -> list[dr.DeviceEntry]:
    """Return the devices of a household."""
    return [
        device
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        if device.config_subentry_id == subentry_id
    ]


@callback
def async_remove_replaced_entities(
    hass: HomeAssistant, entry: ConfigEntry, device_id: str, made: set[tuple[str, str]]
) -> None:
    """Remove entities of a device that are no longer made, such as a reading that is a control now.

    Args:
        hass: Home Assistant.
        entry: The device's entry.
        device_id: Podero's id of the device, which is registered.
        made: Platform and key of all entities that it may have.

    """
    registered = dr.async_get_device_id_by_identifier(
        hass, (DOMAIN, device_id), config_entry_id=entry.entry_id
    )
    registry = er.async_get(hass)
    prefix = f"{device_id}_"
    for entity in er.async_entries_for_device(
        registry, registered, include_disabled_entities=True
    ):
        key = entity.unique_id.removeprefix(prefix)
        if entity.platform == DOMAIN and (entity.domain, key) not in made:
            registry.async_remove(entity.entity_id)


@callback
def async_device_name(hass: HomeAssistant, coordinator: DeviceCoordinator[Any]) -> str:
    """Return the name of a device, as the user sees it."""
    device = async_entry_device(
        hass, coordinator.config_entry, coordinator.api.device_id
    )
    return (device and device.name_by_user) or coordinator.device_name


def is_closed(entry: ConfigEntry, subentry: ConfigSubentry) -> bool:
    """Return whether nothing is to be added for a household: it was removed, or its entry unloads."""
    return (
        entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS
        or subentry.subentry_id not in entry.subentries
    )


@callback
def async_entry_device(
    hass: HomeAssistant, entry: ConfigEntry, device_id: str
) -> dr.DeviceEntry | None:
    """Return an entry's device, by Podero's id of it; a household's own has the user's id."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )
