"""What all controls have in common: one field changed at Podero, and its answer shown at once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .api import Device, PoderoAuthenticationError, PoderoError
from .coordinator import DeviceCoordinator
from .entity import PoderoEntity, PoderoEntityDescription
from .errors import command_failed


@dataclass(frozen=True, kw_only=True)
class PoderoSettingDescription[DeviceT: Device](PoderoEntityDescription[DeviceT]):
    """A setting of a device.

    Attributes:
        field: The one field that is sent.
    """

    field: str


class PoderoControl[DeviceT: Device](PoderoEntity[DeviceT]):
    """An entity that changes something at Podero."""

    if TYPE_CHECKING:
        coordinator: DeviceCoordinator[DeviceT]

    def failed(self, err: PoderoError) -> Exception:
        """Return what to raise for a command that failed; asks to sign in again if need be."""
        if isinstance(err, PoderoAuthenticationError):
            self.coordinator.config_entry.async_start_reauth(self.hass)
        return command_failed(err)


class PoderoSetting[DeviceT: Device](PoderoControl[DeviceT]):
    """An entity that changes one field of a device."""

    if TYPE_CHECKING:
        entity_description: PoderoSettingDescription[DeviceT]

    async def async_change(self, value: bool | int | str) -> None:
        """Send the new value, and show the device as Podero has it then.

        Raises:
            HomeAssistantError: Podero did not take it.
        """
        coordinator = self.coordinator
        try:
            device = await coordinator.client.update(
                coordinator.kind,
                coordinator.user_id,
                coordinator.device_id,
                self.entity_description.field,
                value,
            )
        except PoderoError as err:
            raise self.failed(err) from err
        coordinator.async_set_updated_data(device)
