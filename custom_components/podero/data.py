"""What a loaded config entry holds."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from .api import PoderoClient
from .coordinator import PoderoDevice
from .household import HouseholdCoordinator
from .registry import is_closed

type PoderoConfigEntry = ConfigEntry[PoderoData]


@dataclass(frozen=True, kw_only=True)
class PoderoData:
    """What a loaded config entry holds.

    Attributes:
        client: The access to the organization.
        households: By the id of their config subentry.
    """

    client: PoderoClient
    households: Mapping[str, HouseholdCoordinator]

    def device(self, device_id: str) -> PoderoDevice | None:
        """Return a device, by Podero's id of it."""
        for household in self.households.values():
            if device := household.data.get(device_id):
                return device
        return None


@callback
def async_follow_devices(
    entry: PoderoConfigEntry,
    follow: Callable[[HouseholdCoordinator, PoderoDevice], None],
) -> None:
    """Call back for each existing and each future device."""

    def follow_household(household: HouseholdCoordinator) -> None:
        followed: set[PoderoDevice] = set()

        @callback
        def follow_new() -> None:
            devices = set(household.data.values())
            followed.intersection_update(devices)
            if is_closed(entry, household.subentry):
                return
            for device in household.data.values():
                if device not in followed:
                    followed.add(device)
                    follow(household, device)

        follow_new()
        entry.async_on_unload(household.async_add_listener(follow_new))

    for household in entry.runtime_data.households.values():
        follow_household(household)


async def async_follow_devices_in_turns(
    entry: PoderoConfigEntry,
    follow: Callable[[HouseholdCoordinator, PoderoDevice], None],
) -> None:
    """Call back for each existing and each future device; between two of them the event loop is free.

    Making the entities of one device takes a few milliseconds, and there may be hundreds.
    """
    due: deque[tuple[HouseholdCoordinator, PoderoDevice]] = deque()
    is_busy = True

    async def take_turns() -> None:
        nonlocal is_busy
        while due:
            household, device = due.popleft()
            is_there = device in household.data.values()
            if is_there and not is_closed(entry, household.subentry):
                follow(household, device)
            await asyncio.sleep(0)
        is_busy = False

    def add(household: HouseholdCoordinator, device: PoderoDevice) -> None:
        nonlocal is_busy
        due.append((household, device))
        if not is_busy:
            is_busy = True
            entry.async_create_task(
                household.hass, take_turns(), "new devices", eager_start=False
            )

    async_follow_devices(entry, add)
    await take_turns()
