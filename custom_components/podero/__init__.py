"""Podero: solar inverters, home batteries and electric cars that an energy supplier steers."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account import async_forget_account, async_get_client, async_settle_tokens
from .const import CONF_HISTORY_DAYS, DOMAIN, SUBENTRY_HOUSEHOLD
from .coordinator import (
    DeviceCoordinator,
    HouseholdCoordinator,
    PoderoConfigEntry,
    PoderoData,
)
from .energy_dashboard import async_show_imported
from .history import HistoryCoordinator, HistoryStore, source_of
from .issues import async_forget_issues, async_track_issues
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

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


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions, which are there without any entry."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Set up the households of one organization.

    Raises:
        ConfigEntryNotReady: no household could be reached.
    """
    client = await async_get_client(hass, entry)
    async_settle_tokens(hass, entry, client)
    households = {
        subentry.subentry_id: HouseholdCoordinator(hass, entry, subentry, client)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_HOUSEHOLD
    }
    history = await _async_history_store(hass, entry)
    entry.runtime_data = PoderoData(
        client=client, households=households, history=history
    )
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
        if history is not None:
            entry.async_on_unload(
                household.async_on_device(partial(_keep_history, history))
            )
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    for household in households.values():
        # Last: the Energy dashboard wants the entities of what was imported.
        entry.async_on_unload(household.async_on_device(_start_import))
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    return True


async def async_unload_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Unload the entry; polling stops with it."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Forget how far the history was imported; the statistics stay."""
    async_forget_account(hass, entry.entry_id)
    async_forget_issues(hass, entry)
    await HistoryStore(hass, entry.entry_id).async_remove()


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
    if failures and len(failures) == len(outcomes):
        raise failures[0]


async def _async_entry_updated(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Reload when a household came, went or changed; a new token alone changes nothing."""
    if {
        key: household.settings
        for key, household in entry.runtime_data.households.items()
    } != {key: subentry.data for key, subentry in entry.subentries.items()}:
        await hass.config_entries.async_reload(entry.entry_id)


async def _async_history_store(
    hass: HomeAssistant, entry: PoderoConfigEntry
) -> HistoryStore | None:
    """Return where the progress of imports is kept, if there is a recorder to import into."""
    if "recorder" not in hass.config.components:
        return None
    store = HistoryStore(hass, entry.entry_id)
    await store.async_load()
    return store


def _keep_history(store: HistoryStore, device: DeviceCoordinator[Any]) -> None:
    """Give a device what keeps its long-term statistics."""
    device.history = HistoryCoordinator(
        device,
        source_of(device, device.sessions),
        store,
        days=device.household.subentry.data[CONF_HISTORY_DAYS],
        on_import=partial(_show_imported, device.household),
    )


def _start_import(device: DeviceCoordinator[Any]) -> None:
    """Import in the background, now and then hourly."""
    if (history := device.history) is not None:
        history.async_add_listener(lambda: None)
        device.config_entry.async_create_background_task(
            device.hass, history.async_refresh(), history.name
        )


def _show_imported(household: HouseholdCoordinator) -> None:
    """Let the Energy dashboard know of what was imported."""
    household.config_entry.async_create_task(
        household.hass,
        async_show_imported(household.hass, household),
        "energy dashboard",
    )
