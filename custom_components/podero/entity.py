"""What all entities have in common: a line of a kind's table, and a state written only when it changed."""

from collections.abc import Callable, Mapping
from typing import Any, override

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .api import PoderoBadRequestError, PoderoConflictError, PoderoError
from .const import DOMAIN
from .coordinator import DeviceCoordinator, PoderoDevice
from .data import PoderoConfigEntry, async_follow_devices_in_turns
from .descriptions import PoderoControlDescription, PoderoEntityDescription
from .errors import command_failed, error_text
from .household import HouseholdCoordinator
from .registry import is_closed


class PoderoEntity(CoordinatorEntity[DeviceCoordinator[Any]]):
    """An entity of a device, which reads all that it shows from the coordinator's data."""

    _attr_has_entity_name = True
    entity_description: PoderoEntityDescription[Any]

    def __init__(
        self,
        coordinator: DeviceCoordinator[Any],
        description: PoderoEntityDescription[Any],
    ) -> None:
        """Initialize from what is known of the device now."""
        # Its state is written only when one of these reads something else.
        super().__init__(coordinator, description.reads)
        self.entity_description = description
        self._attr_translation_key = description.key
        self._attr_unique_id = f"{coordinator.api.device_id}_{description.key}"

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device; read once, so an entity does not keep it."""
        return self.coordinator.device_info

    @property
    @override
    def available(self) -> bool:
        """Return whether Podero answers for the device, and the device has this."""
        coordinator, exists_fn = self.coordinator, self.entity_description.exists_fn
        return coordinator.last_update_success and (
            exists_fn is None or exists_fn(coordinator.data)
        )

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what is shown beside the value."""
        attributes_fn = self.entity_description.attributes_fn
        return None if attributes_fn is None else attributes_fn(self.coordinator.data)


class PoderoControl(PoderoEntity):
    """An entity that changes something at Podero."""

    entity_description: PoderoControlDescription[Any]

    async def async_send(self, value: Any) -> None:
        """Send a value, and show the device as Podero has it then.

        Raises:
            ServiceValidationError: the state of the device does not allow it, or Podero
                did not accept it.
            HomeAssistantError: Podero could not be reached.
        """
        coordinator, description = self.coordinator, self.entity_description
        if description.refused_fn is not None and (
            key := description.refused_fn(coordinator.data, value)
        ):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
        try:
            await coordinator.async_command(
                description.set_fn(coordinator.api, value),
                watch_boost=description.starts_boost and value is not False,
            )
        except PoderoConflictError as err:
            raise _refused("boost_refused", err.reason or error_text(err)) from err
        except PoderoBadRequestError as err:
            raise _refused("setting_refused", err.detail or str(err)) from err
        except PoderoError as err:
            raise command_failed(err) from err


def _refused(key: str, reason: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"reason": reason},
    )


async def async_add_device_entities(
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    make: Callable[[DeviceCoordinator[Any], Any], Entity],
) -> None:
    """Add a platform's entities of the devices there are, and of those to come.

    An entity of something that a device does not have yet, such as a battery, is
    made by the poll that has it.
    """

    def follow(household: HouseholdCoordinator, device: PoderoDevice) -> None:
        coordinator = device.coordinator
        waiting = list(coordinator.tables.get(platform, ()))

        @callback
        def add() -> None:
            ready = [
                each
                for each in waiting
                if each.exists_fn is None or each.exists_fn(coordinator.data)
            ]
            for description in ready:
                waiting.remove(description)
            if ready and not is_closed(entry, household.subentry):
                async_add_entities(
                    [make(coordinator, description) for description in ready],
                    config_subentry_id=household.subentry.subentry_id,
                )

        add()
        if waiting:
            coordinator.async_add_listener(
                add, [each.exists_fn for each in waiting if each.exists_fn is not None]
            )

    await async_follow_devices_in_turns(entry, follow)
