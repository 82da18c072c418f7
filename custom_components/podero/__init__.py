"""Podero: solar inverters, home batteries and electric cars that an energy supplier steers."""

import asyncio
from collections.abc import Sequence

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import device_registry as dr

from .account import create_client
from .const import DOMAIN, SUBENTRY_HOUSEHOLD
from .coordinator import HouseholdCoordinator, PoderoConfigEntry, PoderoData
from .repairs import async_track_issues

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.DEVICE_TRACKER,
    Platform.NUMBER,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]


async def async_setup_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Set up the households of one organization.

    Raises:
        ConfigEntryAuthFailed: Podero refused the credentials.
        ConfigEntryNotReady: no household could be reached.
    """
    client = create_client(hass, entry)
    households = {
        subentry.subentry_id: HouseholdCoordinator(hass, entry, subentry, client)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_HOUSEHOLD
    }
    entry.runtime_data = PoderoData(client=client, households=households)
    _raise_unless_some_work(
        await asyncio.gather(
            *(
                household.async_config_entry_first_refresh()
                for household in households.values()
            ),
            return_exceptions=True,
        )
    )
    for household in households.values():
        # Without a listener nobody would look for new devices.
        entry.async_on_unload(household.async_add_listener(lambda: None))
        entry.async_on_unload(household.async_on_device(async_track_issues))
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Unload the entry; polling stops with it."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PoderoConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow removing a device by hand once Podero no longer has it."""
    return not any(
        domain == DOMAIN and entry.runtime_data.device(device_id)
        for domain, device_id in device.identifiers
    )


def _raise_unless_some_work(outcomes: Sequence[BaseException | None]) -> None:
    """Fail only for what concerns all households; one that is gone leaves the others alone."""
    failures = [outcome for outcome in outcomes if outcome is not None]
    for failure in failures:
        if isinstance(failure, ConfigEntryAuthFailed):
            raise failure
    if failures and len(failures) == len(outcomes):
        raise failures[0]


async def _async_entry_updated(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Reload when a household came, went or changed; a new token alone changes nothing."""
    if {
        key: household.settings
        for key, household in entry.runtime_data.households.items()
    } != {key: subentry.data for key, subentry in entry.subentries.items()}:
        await hass.config_entries.async_reload(entry.entry_id)
