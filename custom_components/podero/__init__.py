"""Podero: inverters, batteries, electric cars, heat pumps and wallboxes that an energy supplier steers."""

import asyncio
from collections.abc import Collection, Iterable
from functools import partial

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv, device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account import async_forget_account, async_get_client, async_settle_tokens
from .const import DOMAIN, SUBENTRY_HOUSEHOLD
from .coordinator import PoderoDevice
from .data import PoderoConfigEntry, PoderoData, async_follow_devices
from .energy_dashboard import async_show_imported
from .history import HistoryStore
from .household import HouseholdCoordinator
from .issues import async_delete_issues, async_track_issues
from .services import async_setup_services

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.DEVICE_TRACKER,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]

# How long, in s, the start waits for the rest of a household's lists at a time.
PATIENCE = 0.5


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions, which do not depend on an entry."""
    async_setup_services(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Set up the households of one organization.

    One household that answers is enough; the others are added when they answer.

    Raises:
        ConfigEntryNotReady: no household could be reached.
    """
    client = await async_get_client(hass, entry)
    async_settle_tokens(hass, entry, client)
    store = await _async_history_store(hass, entry)

    def show_imported(household: HouseholdCoordinator) -> None:
        entry.async_create_task(
            hass, async_show_imported(hass, household), "energy dashboard"
        )

    households = {
        subentry.subentry_id: HouseholdCoordinator(
            hass,
            entry,
            subentry,
            client,
            households=partial(_loaded_households, hass, entry),
            store=store,
            on_imported=show_imported,
        )
        for subentry in entry.subentries.values()
        if subentry.subentry_type == SUBENTRY_HOUSEHOLD
    }
    entry.runtime_data = PoderoData(client=client, households=households)
    # A household may also come or go while these are being set up.
    entry.async_on_unload(entry.add_update_listener(_async_entry_updated))
    await _async_find_first(hass, entry, households.values())
    async_track_issues(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)

    def start_import(household: HouseholdCoordinator, device: PoderoDevice) -> None:
        if device.importer is not None:
            device.importer.async_start()

    # The Energy dashboard shows the entities of what was imported, so they come first.
    async_follow_devices(entry, start_import)
    return True


async def async_unload_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> bool:
    """Unload the entry; polling stops with it."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Forget how far the history was imported; the statistics stay."""
    async_delete_issues(hass, entry)
    async_forget_account(hass, entry.entry_id)
    await HistoryStore(hass, entry.entry_id).async_remove()


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: PoderoConfigEntry, device: dr.DeviceEntry
) -> bool:
    """Allow removing a device by hand once Podero no longer has it."""
    if not hasattr(entry, "runtime_data"):
        # Unknown while the entry is not loaded; a device that Podero still has is added
        # again.
        return True
    return not any(
        domain == DOMAIN and entry.runtime_data.device(device_id)
        for domain, device_id in device.identifiers
    )


def _loaded_households(
    hass: HomeAssistant, entry: PoderoConfigEntry
) -> Iterable[HouseholdCoordinator]:
    """Return all households of the domain, those of an entry that is being set up included."""
    for loaded in {entry, *hass.config_entries.async_loaded_entries(DOMAIN)}:
        yield from loaded.runtime_data.households.values()


async def _async_find_first(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    households: Collection[HouseholdCoordinator],
) -> None:
    """Wait until one household's devices are known; the others are looked for meanwhile.

    A cloud that is slow does not hold up Home Assistant once a list has shown that it
    answers: the devices come when they come.

    Raises:
        ConfigEntryNotReady: no household could be reached.
    """
    pending = {
        entry.async_create_background_task(
            hass,
            household.async_refresh(),
            f"{household.name} - first lists",
            eager_start=True,
        )
        for household in households
    }
    while pending:
        _, pending = await asyncio.wait(
            pending, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        if any(household.has_answered for household in households):
            return
    for household in households:
        error = household.last_exception
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN,
            translation_key=getattr(error, "translation_key", None),
            translation_placeholders=getattr(error, "translation_placeholders", None),
        ) from error


async def _async_entry_updated(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Reload when a household was added, removed or changed, but not for a new token."""
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
