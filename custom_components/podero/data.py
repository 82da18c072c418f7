"""What a loaded config entry holds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import callback

from .api import PoderoClient
from .coordinator import PoderoDevice
from .household import HouseholdCoordinator

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
    """Call back for each device there is, and for each to come."""

    def follow_household(household: HouseholdCoordinator) -> None:
        followed: set[PoderoDevice] = set()

        @callback
        def follow_new() -> None:
            devices = set(household.data.values())
            followed.intersection_update(devices)
            if household.is_removed:
                return
            for device in household.data.values():
                if device not in followed:
                    followed.add(device)
                    follow(household, device)

        follow_new()
        entry.async_on_unload(household.async_add_listener(follow_new))

    for household in entry.runtime_data.households.values():
        follow_household(household)
