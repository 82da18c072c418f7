"""The coordinator of one household: finds its devices, and removes those that are gone."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from .api import (
    PoderoAuthenticationError,
    PoderoClient,
    PoderoError,
    PoderoNotFoundError,
)
from .const import CONF_ALLOW_CONTROL, CONF_HISTORY_DAYS, CONF_USER_ID, DOMAIN, LOGGER
from .coordinator import ABSENT_INTERVAL, DeviceCoordinator, PoderoDevice, is_absent
from .device_api import DeviceApi
from .history import HistoryStore, Importer
from .kinds import KINDS
from .kinds.kind import POLL_INTERVAL, DeviceData, Kind, Tables
from .polling import PoderoCoordinator
from .registry import (
    async_devices_of,
    async_entry_device,
    async_hand_over,
    async_owner,
    async_remove_replaced_entities,
    device_info,
    is_closed,
)

LIST_INTERVAL = timedelta(hours=1)
# How many lists in a row have to lack a device before it is removed.
MISSES = 2

# What is read of a device for the registry.
REGISTERED = (attrgetter("is_deleted"), attrgetter("model_info"))

type Found = dict[Kind[Any], dict[str, Any]]


class HouseholdCoordinator(PoderoCoordinator[dict[str, PoderoDevice]]):
    """Finds the devices of one household.

    Attributes:
        subentry: The household.
        settings: What it was set up with; Home Assistant changes a subentry in place.
        user_id: The Podero user.
        has_answered: Whether any of its lists could be had yet.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        subentry: ConfigSubentry,
        client: PoderoClient,
        *,
        households: Callable[[], Iterable[HouseholdCoordinator]],
        store: HistoryStore | None,
        on_imported: Callable[[HouseholdCoordinator], None],
    ) -> None:
        """Initialize a household without devices.

        Args:
            hass: Home Assistant.
            entry: The household's entry.
            subentry: The household.
            client: The access to Podero.
            households: Returns all households of Home Assistant that are loaded.
            store: Where the progress of imports is kept; None without a recorder.
            on_imported: Called when the past of a device has been imported.

        """
        super().__init__(
            hass,
            entry,
            client,
            name=f"the devices of household {subentry.subentry_id[-6:]}",
            retry_interval=POLL_INTERVAL,
            update_interval=LIST_INTERVAL,
        )
        self.subentry = subentry
        self.settings = subentry.data
        self.user_id: str = subentry.data[CONF_USER_ID]
        self.has_answered = False
        self.data = {}
        self._households = households
        self._store = store
        self._on_imported = on_imported
        self._absent_until: dict[str, datetime] = {}
        self._refused: set[Kind[Any]] = set()
        self._misses: dict[str, int] = {}
        self._deleted: set[str] = set()
        self._in_use: set[str] = set()
        self._registered_as: dict[str, dr.DeviceInfo] = {}

    @override
    async def async_shutdown(self) -> None:
        """Stop polling, the devices included."""
        await super().async_shutdown()
        await asyncio.gather(*(device.async_stop() for device in self.data.values()))

    @override
    async def _async_fetch(self) -> dict[str, PoderoDevice]:
        """Fetch the lists, and bring the devices in line with them.

        If one list fails, the devices of that kind stay as they are.

        Raises PoderoError when no list could be had.
        """
        found = await self._async_find()
        listed = {
            device_id: kind for kind, devices in found.items() for device_id in devices
        }
        gone = {
            device_id
            for device_id, kind in listed.items()
            if kind.data(device=found[kind][device_id]).is_deleted
        }
        for device_id in listed:
            self._misses.pop(device_id, None)
        for device_id in self._known() - listed.keys():
            if await self._async_is_gone(device_id, found):
                gone.add(device_id)
        # A list may still contain a device whose detail says that it was deleted.
        for device_id in self._deleted & listed.keys():
            if await self._async_is_deleted(listed[device_id], device_id):
                gone.add(device_id)
        self._deleted = self._deleted & gone
        for device_id in gone:
            self._discard(device_id)
        if is_closed(self.config_entry, self.subentry):
            return self.data
        added = {
            device_id: self._create(kind, device_id, found[kind][device_id])
            for device_id, kind in listed.items()
            if device_id not in gone | self.data.keys() and self._claim(device_id)
        }
        for device in added.values():
            self.config_entry.async_create_background_task(
                self.hass,
                device.coordinator.async_refresh(),
                f"{device.coordinator.name} - first poll",
                # It begins when the devices are known.
                eager_start=False,
            )
        devices = [device.coordinator for device in (self.data | added).values()]
        if any(each.tables != self._tables(each.kind) for each in devices):
            # The household's own device came or went, and with it what devices share.
            self.hass.config_entries.async_schedule_reload(self.config_entry.entry_id)
        return self.data | added

    async def _async_find(self) -> Found:
        """Fetch the lists that there are.

        One without access is empty, and requested again after a day, or with the next
        poll if a known device may be in it. Raises PoderoError when no list could be had.
        """
        now = dt_util.utcnow()
        asked = [kind for kind in KINDS if self._absent_until.get(kind.key, now) <= now]
        answers = await asyncio.gather(
            *map(self._async_list, asked), return_exceptions=True
        )
        found: Found = {kind: {} for kind in KINDS if kind not in asked}
        errors: dict[Kind[Any], PoderoError] = {}
        for kind, answer in zip(asked, answers, strict=True):
            if not isinstance(answer, BaseException):
                found[kind] = answer
            elif not isinstance(answer, PoderoError) or isinstance(
                answer, PoderoAuthenticationError
            ):
                raise answer
            else:
                LOGGER.debug("No list of %s: %s", kind.key, answer)
                errors[kind] = answer
        if len(errors) == len(asked):
            raise next(iter(errors.values()))
        self._refused = {kind for kind, error in errors.items() if is_absent(error)}
        others_failed = len(self._refused) < len(errors)
        self.update_interval = POLL_INTERVAL if others_failed else LIST_INTERVAL
        listed = {key for devices in found.values() for key in devices}
        for kind in self._refused:
            found[kind] = {}
            if self._known() <= listed:
                self._absent_until[kind.key] = now + ABSENT_INTERVAL
        return found

    async def _async_list(self, kind: Kind[Any]) -> dict[str, Any]:
        """Fetch one list."""
        found = await kind.find(self.client, kind.model, self.user_id)
        self.has_answered = True
        return found

    def _known(self) -> set[str]:
        """Return the ids of the household's devices, those of earlier runs included."""
        return self.data.keys() | {
            device_id
            for device in async_devices_of(
                self.hass, self.config_entry, self.subentry.subentry_id
            )
            for domain, device_id in device.identifiers
            if domain == DOMAIN
        }

    async def _async_is_gone(self, device_id: str, found: Found) -> bool:
        """Return whether a device that the lists lack is to be removed."""
        device = self.data.get(device_id)
        # A device that an earlier run left in the registry may be of any kind.
        kinds = KINDS if device is None else (device.coordinator.kind,)
        if any(kind not in found for kind in kinds):
            return False
        self._misses[device_id] = self._misses.get(device_id, 0) + 1
        if self._misses[device_id] < MISSES:
            return False
        # If all of several devices are suddenly missing, the list is more likely wrong.
        kinds_here = [known.coordinator.kind for known in self.data.values()]
        doubtful = [
            kind
            for kind in kinds
            if not found[kind]
            and (device is None or kind in self._refused or kinds_here.count(kind) > 1)
        ]
        return all([await self._async_is_deleted(kind, device_id) for kind in doubtful])

    async def _async_is_deleted(self, kind: Kind[Any], device_id: str) -> bool:
        """Request a single device to find out whether it still exists."""
        try:
            device = await kind.fetch(self._api(kind, device_id))
        except PoderoNotFoundError:
            return True
        except PoderoError:
            return False
        data: DeviceData[Any] = kind.data(device=device)
        return data.is_deleted

    def _api(self, kind: Kind[Any], device_id: str) -> DeviceApi:
        return DeviceApi(
            client=self.client,
            model=kind.model,
            user_id=self.user_id,
            device_id=device_id,
        )

    @callback
    def _claim(self, device_id: str) -> bool:
        """Return whether a device is this household's.

        In all of Home Assistant it belongs to the first household that finds it, which has
        its device entry, also after a restart, until Podero no longer knows it there.
        """
        owner = async_owner(self.hass, device_id)
        if owner is None or self.owns(owner[1]):
            self._in_use.discard(device_id)
            return True
        for household in self._households():
            if household.owns(owner[1]) and household.has_lost(device_id):
                household.async_release(device_id)
                async_hand_over(self.hass, owner, self.config_entry, self.subentry)
                return True
        if device_id not in self._in_use:
            self._in_use.add(device_id)
            LOGGER.info(
                "Device %s is in use by another household of %s: not added to %s",
                device_id,
                owner[0].title,
                self.config_entry.title,
            )
        return False

    def owns(self, device: dr.DeviceEntry) -> bool:
        """Return whether a device of the registry is this household's."""
        return (
            device.config_entry_id == self.config_entry.entry_id
            and device.config_subentry_id == self.subentry.subentry_id
        )

    def has_lost(self, device_id: str) -> bool:
        """Return whether Podero no longer knows a device here, by its last answer."""
        device = self.data.get(device_id)
        if device is None or device.coordinator.last_update_success:
            return False
        error = device.coordinator.last_exception
        return error is not None and isinstance(error.__cause__, PoderoNotFoundError)

    @callback
    def _create(self, kind: Kind[Any], device_id: str, device: Any) -> PoderoDevice:
        """Create the coordinator and the importer of a device."""
        coordinator = DeviceCoordinator(
            self.hass,
            self.config_entry,
            kind=kind,
            api=self._api(kind, device_id),
            data=kind.data(device=device),
            tables=self._tables(kind),
            device_info=partial(
                device_info, kind, device_id, self.client.host, self.subentry.title
            ),
        )
        source = kind.source and kind.source(
            coordinator.api,
            lambda: coordinator.data,
            settings=self.settings,
            currency=lambda: self.hass.config.currency,
        )
        importer = None
        if source is not None and self._store is not None:
            importer = Importer(
                self.hass,
                self.config_entry,
                device_id=device_id,
                name=f"the history of {coordinator.name}",
                device_name=lambda: coordinator.device_name,
                source=source,
                store=self._store,
                days=self.settings[CONF_HISTORY_DAYS],
                on_complete=partial(self._on_imported, self),
            )
        self._register(coordinator)
        async_remove_replaced_entities(
            self.hass, self.config_entry, device_id, coordinator.keys
        )
        coordinator.async_add_listener(
            partial(self._device_updated, coordinator), REGISTERED
        )
        return PoderoDevice(coordinator=coordinator, source=source, importer=importer)

    def _tables(self, kind: Kind[Any]) -> Tables:
        """Return the entities that a device is to have now."""
        own = async_entry_device(self.hass, self.config_entry, self.user_id)
        return kind.tables(
            allow_control=self.settings[CONF_ALLOW_CONTROL],
            has_charging_config=own is not None,
        )

    @callback
    def _device_updated(self, coordinator: DeviceCoordinator[Any]) -> None:
        """Follow a device that was deleted, or whose model changed."""
        if is_closed(self.config_entry, self.subentry):
            return
        if coordinator.data.is_deleted:
            self._deleted.add(coordinator.api.device_id)
            self._discard(coordinator.api.device_id)
        else:
            self._register(coordinator)

    @callback
    def _register(self, coordinator: DeviceCoordinator[Any]) -> None:
        """Update the registry with what Podero says of a device."""
        registry = dr.async_get(self.hass)
        info = coordinator.device_info
        own = async_entry_device(self.hass, self.config_entry, self.user_id)
        if coordinator.kind.is_steered and own is not None:
            info["via_device_id"] = own.id
        device_id = coordinator.api.device_id
        if self._registered_as.get(device_id) == info:
            return
        self._registered_as[device_id] = info
        registry.async_get_or_create(
            config_entry_id=self.config_entry.entry_id,
            config_subentry_id=self.subentry.subentry_id,
            **info,
        )
        if not coordinator.kind.is_steered:
            coordinators = [device.coordinator for device in self.data.values()]
            for each in filter(lambda each: each.kind.is_steered, coordinators):
                self._register(each)

    @callback
    def async_release(self, device_id: str) -> None:
        """Stop polling a device; its registry entries stay."""
        self._misses.pop(device_id, None)
        self._registered_as.pop(device_id, None)
        if (device := self.data.get(device_id)) is not None:
            self.data = {key: val for key, val in self.data.items() if key != device_id}
            self.config_entry.async_create_task(
                self.hass, device.async_stop(), f"{device.coordinator.name} - shutdown"
            )
            self.async_update_listeners()

    @callback
    def _discard(self, device_id: str) -> None:
        """Remove a device and its entities; its statistics stay."""
        self.async_release(device_id)
        registered = async_entry_device(self.hass, self.config_entry, device_id)
        if registered is not None and self.owns(registered):
            # The household's own device has a person's name.
            name = registered.name if registered.entry_type is None else self.name
            LOGGER.info("%s is gone from Podero", name)
            dr.async_get(self.hass).async_remove_device(registered.id)
