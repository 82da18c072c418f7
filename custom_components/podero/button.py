"""Buttons that charge a car at once."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .api import (
    BoostState,
    ElectricVehicle,
    PoderoClient,
    PoderoConflictError,
    PoderoError,
)
from .const import DOMAIN
from .control import PoderoControl
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntityDescription, async_add_controls

# Podero's rate limits are not known: one command after the other.
PARALLEL_UPDATES = 1

UNDER_WAY = (BoostState.REQUESTED, BoostState.ONGOING)


@dataclass(frozen=True, kw_only=True)
class PoderoButtonDescription(
    PoderoEntityDescription[ElectricVehicle], ButtonEntityDescription
):
    """A button.

    Attributes:
        press: What it asks Podero for, with the kind and the ids of user and vehicle.
        refused: The exception's key when the car's state makes it pointless, or None.
    """

    press: Callable[
        [PoderoClient, type[ElectricVehicle], str, str], Coroutine[Any, Any, None]
    ]
    refused: Callable[[ElectricVehicle], str | None]


def _boost_refused(vehicle: ElectricVehicle) -> str | None:
    return "boost_under_way" if vehicle.boost_state in UNDER_WAY else None


def _cancel_refused(vehicle: ElectricVehicle) -> str | None:
    """Tell that nothing but unplugging stops a boost; cancelling disarms the next session."""
    if vehicle.boost_state in UNDER_WAY and not vehicle.boost_for_next_session:
        return "boost_not_stoppable"
    return None


VEHICLE = (
    PoderoButtonDescription(
        key="boost",
        value=lambda _: None,
        applies=lambda vehicle: vehicle.boost_feature_enabled is not False,
        press=PoderoClient.boost,
        refused=_boost_refused,
    ),
    PoderoButtonDescription(
        key="cancel_boost",
        value=lambda _: None,
        applies=lambda vehicle: vehicle.boost_feature_enabled is not False,
        press=PoderoClient.cancel_boost,
        refused=_cancel_refused,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the buttons of the households that allow control."""
    async_add_controls(
        entry, async_add_entities, PoderoButton, {ElectricVehicle: VEHICLE}
    )


class PoderoButton(PoderoControl[ElectricVehicle], ButtonEntity):
    """Something that can be asked of a car."""

    entity_description: PoderoButtonDescription

    @override
    async def async_press(self) -> None:
        """Ask for it, and look often whether it happens.

        Raises:
            ServiceValidationError: the car's state does not allow it.
            HomeAssistantError: Podero did not take it.
        """
        coordinator = self.coordinator
        if key := self.entity_description.refused(coordinator.data):
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=key)
        try:
            await self.entity_description.press(
                coordinator.client,
                ElectricVehicle,
                coordinator.user_id,
                coordinator.device_id,
            )
        except PoderoConflictError as err:
            raise ServiceValidationError(
                translation_domain=DOMAIN,
                translation_key="boost_refused",
                translation_placeholders={"reason": err.reason or str(err)},
            ) from err
        except PoderoError as err:
            raise self.failed(err) from err
        await coordinator.async_watch_boost()
