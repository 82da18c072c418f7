"""Polling: one coordinator finds a household's devices, one per device polls its detail."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
import random
from typing import Any, cast, override

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util

from .api import (
    BoostState,
    Device,
    ElectricVehicle,
    Inverter,
    PoderoAuthenticationError,
    PoderoClient,
    PoderoError,
    PoderoNotFoundError,
)
from .const import CONF_USER_ID, DOMAIN, LOGGER
from .errors import update_failed
from .history import (
    HistoryCoordinator,
    HistoryStore,
    InverterSource,
    Prices,
    Source,
    VehicleSource,
)
from .polling import DeviceDataCoordinator, PoderoCoordinator
from .power import has_battery
from .sessions import SessionsCoordinator

LIST_INTERVAL = timedelta(hours=1)
DETAIL_INTERVAL = timedelta(minutes=5)
CHARGING_INTERVAL = timedelta(minutes=1)
BOOST_INTERVAL = timedelta(seconds=10)
BOOST_WATCH = timedelta(minutes=3)

# Lists that have to lack a device, one after the other, before it is let go.
MISSES = 2

KINDS: tuple[type[Device], ...] = (Inverter, ElectricVehicle)
FALLBACK_NAMES: dict[type[Device], str] = {
    Inverter: "Podero inverter",
    ElectricVehicle: "Podero electric vehicle",
}

type PoderoConfigEntry = ConfigEntry[PoderoData]


@dataclass(frozen=True, kw_only=True)
class PoderoData:
    """What a loaded config entry holds."""

    client: PoderoClient
    households: dict[str, HouseholdCoordinator]
    """By the id of their config subentry."""
    history: HistoryStore | None
    """None without a recorder."""

    def device(self, device_id: str) -> DeviceCoordinator[Any] | None:
        """Return the coordinator of a device, by Podero's id."""
        for household in self.households.values():
            if coordinator := household.devices.get(device_id):
                return coordinator
        return None


class DeviceCoordinator[DeviceT: Device](DeviceDataCoordinator[DeviceT]):
    """Polls the detail of one device."""

    def __init__(
        self, household: HouseholdCoordinator, kind: type[DeviceT], device: DeviceT
    ) -> None:
        """Initialize from what the household's list said of the device."""
        super().__init__(
            household.hass,
            household.config_entry,
            household.client,
            name=f"{device_name(kind, device)} ({device.id[:8]})",
            # Devices that were found together are not polled together.
            update_interval=DETAIL_INTERVAL * random.uniform(0.5, 1),
        )
        self.household = household
        self.user_id = household.user_id
        self.kind = kind
        self.device_id = device.id
        self.data = device
        self._boost_watched_until = dt_util.utcnow()
        # Made by those who set the entry up; None without a recorder.
        self.history: HistoryCoordinator | None = None
        # A car has charging sessions, other devices have none.
        self.sessions = (
            SessionsCoordinator(self) if isinstance(device, ElectricVehicle) else None
        )
        self.source: Source = (
            InverterSource(
                self.client,
                self.user_id,
                self.device_id,
                has_battery=lambda: has_battery(cast("Inverter", self.data)),
                price_zone=lambda: self.data.price_zone,
                currency=lambda: self.hass.config.currency,
                prices=Prices.of(household.settings),
            )
            if self.sessions is None
            else VehicleSource(self.sessions.async_sessions)
        )

    @property
    def device_name(self) -> str:
        """Return the name that the device has at Podero: its manufacturer and model."""
        return device_name(self.kind, self.data)

    @property
    @override
    def device_info(self) -> dr.DeviceInfo:
        """Return the device as the registry shows it."""
        model = self.data.device_model
        return dr.DeviceInfo(
            identifiers={(DOMAIN, self.device_id)},
            name=self.device_name,
            manufacturer=model.manufacturer if model else None,
            model=model.model if model else None,
            hw_version=str(model.year) if model and model.year else None,
            configuration_url=self.client.host,
        )

    @override
    async def _async_update_data(self) -> DeviceT:
        """Fetch the detail.

        Raises:
            ConfigEntryAuthFailed: Podero refused the credentials.
            UpdateFailed: anything else; the device is unavailable until it answers.
        """
        try:
            device = await self.client.device(self.kind, self.user_id, self.device_id)
        except PoderoError as err:
            raise update_failed(err) from err
        if self.sessions is not None and isinstance(device, ElectricVehicle):
            await self.sessions.async_follow(device)
        self.update_interval = self._interval(device) * random.uniform(0.98, 1)
        return device

    @override
    async def async_shutdown(self) -> None:
        """Stop polling, the sessions included."""
        await super().async_shutdown()
        for coordinator in (self.sessions, self.history):
            if coordinator is not None:
                await coordinator.async_shutdown()

    async def async_refresh_all(self) -> None:
        """Fetch everything there is to know of the device."""
        await self.async_refresh()
        if self.sessions is not None:
            await self.sessions.async_refresh()

    def _interval(self, device: DeviceT) -> timedelta:
        """Return how long a detail is good for."""
        if not isinstance(device, ElectricVehicle):
            return DETAIL_INTERVAL
        requested = device.boost_state is BoostState.REQUESTED
        if requested and dt_util.utcnow() < self._boost_watched_until:
            return BOOST_INTERVAL
        return CHARGING_INTERVAL if requested or device.is_charging else DETAIL_INTERVAL

    async def async_watch_boost(self) -> None:
        """Look at once, and often for a while: a boost was just asked for."""
        self._boost_watched_until = dt_util.utcnow() + BOOST_WATCH
        await self.async_refresh()


class HouseholdCoordinator(PoderoCoordinator[dict[str, Device]]):
    """Finds the devices of one household and lets go of those that are gone."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: PoderoConfigEntry,
        subentry: ConfigSubentry,
        client: PoderoClient,
    ) -> None:
        """Initialize a household without devices."""
        super().__init__(
            hass,
            entry,
            client,
            name=f"the devices of household {subentry.subentry_id[-6:]}",
            update_interval=LIST_INTERVAL,
        )
        self.subentry = subentry
        # Home Assistant changes a subentry in place, and puts new data into it.
        self.settings = subentry.data
        self.user_id: str = subentry.data[CONF_USER_ID]
        self.devices: dict[str, DeviceCoordinator[Any]] = {}
        self.data = {}
        self._misses: dict[str, int] = {}
        self._device_listeners: list[Callable[[DeviceCoordinator[Any]], None]] = []

    @callback
    def async_on_device(
        self, listener: Callable[[DeviceCoordinator[Any]], None]
    ) -> CALLBACK_TYPE:
        """Tell a listener of every device there is and of every one to come."""
        self._device_listeners.append(listener)
        for coordinator in self.devices.values():
            listener(coordinator)
        return lambda: self._device_listeners.remove(listener)

    @override
    async def _async_update_data(self) -> dict[str, Device]:
        """Fetch both lists, and bring the devices in line with them.

        One list failing leaves the devices of that kind as they are.

        Raises:
            ConfigEntryAuthFailed: Podero refused the credentials.
            UpdateFailed: no list could be had.
        """
        answers = await asyncio.gather(
            *(self._async_list(kind) for kind in KINDS), return_exceptions=True
        )
        errors = [answer for answer in answers if isinstance(answer, BaseException)]
        self.update_interval = DETAIL_INTERVAL if errors else LIST_INTERVAL
        for error in errors:
            if not isinstance(error, PoderoError):
                raise error
            if isinstance(error, PoderoAuthenticationError) or len(errors) == len(
                KINDS
            ):
                raise update_failed(error) from error
            LOGGER.debug("One list of %s failed: %s", self.name, error)

        lists = {
            kind: {device.id: device for device in answer}
            for kind, answer in zip(KINDS, answers, strict=True)
            if not isinstance(answer, BaseException)
        }
        listed = {
            key: val for devices in lists.values() for key, val in devices.items()
        }
        found = {key: val for key, val in listed.items() if val.deleted_at is None}
        gone = listed.keys() - found.keys()
        for device_id in listed:
            self._misses.pop(device_id, None)
        for device_id in self._known() - listed.keys():
            if await self._async_is_gone(device_id, lists):
                gone.add(device_id)
            elif device_id in self.data:
                found[device_id] = self.data[device_id]
        for device_id in gone:
            self._remove(device_id)
        await self._async_add(
            [device for key, device in found.items() if key not in self.devices]
        )
        return found

    async def _async_list(self, kind: type[Device]) -> list[Device]:
        """Fetch the list of one kind."""
        return await self.client.devices(kind, self.user_id)

    def _known(self) -> set[str]:
        """Return the ids of the household's devices, those of earlier runs included."""
        return self.data.keys() | {
            device_id
            for device in self._registered()
            for domain, device_id in device.identifiers
            if domain == DOMAIN
        }

    def _registered(self) -> list[dr.DeviceEntry]:
        """Return the household's devices in the registry."""
        return [
            device
            for device in dr.async_entries_for_config_entry(
                dr.async_get(self.hass), self.config_entry.entry_id
            )
            if device.config_subentry_id == self.subentry.subentry_id
        ]

    async def _async_is_gone(
        self, device_id: str, lists: dict[type[Device], dict[str, Device]]
    ) -> bool:
        """Return whether a device that the lists lack is to be let go."""
        device = self.data.get(device_id)
        # What an earlier run left behind in the registry may be of either kind.
        kinds = KINDS if device is None else (type(device),)
        if any(kind not in lists for kind in kinds):
            return False
        self._misses[device_id] = self._misses.get(device_id, 0) + 1
        if self._misses[device_id] < MISSES:
            return False
        # A cloud that suddenly knows none of several devices is more often wrong than right.
        doubtful = [
            kind
            for kind in kinds
            if not lists[kind]
            and (
                device is None
                or sum(type(val) is kind for val in self.data.values()) > 1
            )
        ]
        return all([await self._async_is_deleted(kind, device_id) for kind in doubtful])

    async def _async_is_deleted(self, kind: type[Device], device_id: str) -> bool:
        """Ask for a device by itself whether it is still there."""
        try:
            device = await self.client.device(
                kind, self.user_id, device_id, include_deleted=True
            )
        except PoderoNotFoundError:
            return True
        except PoderoError:
            return False
        return device.deleted_at is not None

    async def _async_add(self, devices: list[Device]) -> None:
        """Take up the devices that appeared, and tell the platforms."""
        added = [DeviceCoordinator(self, type(device), device) for device in devices]
        # A device that does not answer now is there all the same, and unavailable.
        await asyncio.gather(
            *(coordinator.async_refresh_all() for coordinator in added)
        )
        for coordinator in added:
            if not self._take_over(coordinator.device_id):
                await coordinator.async_shutdown()
                continue
            self.devices[coordinator.device_id] = coordinator
            self._register(coordinator)
            coordinator.async_add_listener(partial(self._device_updated, coordinator))
            for listener in self._device_listeners:
                listener(coordinator)

    @callback
    def _take_over(self, device_id: str) -> bool:
        """Take a device from the entry's other households, with its page in the registry.

        One that another household still reaches is left there.
        """
        for household in self.config_entry.runtime_data.households.values():
            if household is self:
                continue
            other = household.devices.get(device_id)
            if other is not None and other.last_update_success:
                return False
            household.let_go(device_id)
        registry = dr.async_get(self.hass)
        device = registry.async_get_device_by_identifier(
            (DOMAIN, device_id), self.config_entry.entry_id
        )
        if (
            device is not None
            and device.config_subentry_id != self.subentry.subentry_id
        ):
            registry.async_update_device(
                device.id, new_config_subentry_id=self.subentry.subentry_id
            )
        return True

    @callback
    def _device_updated(self, coordinator: DeviceCoordinator[Any]) -> None:
        """Follow a device that was deleted, or whose model changed."""
        if coordinator.data.deleted_at is None:
            self._register(coordinator)
        else:
            self._remove(coordinator.device_id)

    @callback
    def _register(self, coordinator: DeviceCoordinator[Any]) -> None:
        """Make the registry agree with what Podero says of a device."""
        dr.async_get(self.hass).async_get_or_create(
            config_entry_id=self.config_entry.entry_id,
            config_subentry_id=self.subentry.subentry_id,
            **coordinator.device_info,
        )

    @callback
    def let_go(self, device_id: str) -> None:
        """Stop polling a device; what the registry knows of it stays."""
        self._misses.pop(device_id, None)
        self.data = {key: val for key, val in self.data.items() if key != device_id}
        if coordinator := self.devices.pop(device_id, None):
            self.config_entry.async_create_task(
                self.hass,
                coordinator.async_shutdown(),
                f"{coordinator.name} - shutdown",
            )

    @callback
    def _remove(self, device_id: str) -> None:
        """Let go of a device and its entities; its statistics stay."""
        self.let_go(device_id)
        for device in self._registered():
            if (DOMAIN, device_id) in device.identifiers:
                LOGGER.info("%s is gone from Podero", device.name)
                dr.async_get(self.hass).async_remove_device(device.id)


def device_name(kind: type[Device], device: Device) -> str:
    """Return a device's name: Podero has none but manufacturer and model."""
    model = device.device_model
    words = [model.manufacturer, model.model] if model else []
    return " ".join(word for word in words if word) or FALLBACK_NAMES[kind]
