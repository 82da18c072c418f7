"""A ready view of a household: built-in cards with its own entities, to paste into a dashboard."""

from typing import Any

from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er

from .const import DOMAIN
from .coordinator import PoderoDevice
from .household import HouseholdCoordinator
from .kinds import KINDS
from .kinds.kind import Card


@callback
def household_view(
    hass: HomeAssistant, household: HouseholdCoordinator
) -> dict[str, Any]:
    """Return a view of a household, as a dashboard's configuration has it.

    A card shows what there is: an entity that a device does not have, or that is
    disabled or hidden, is left out, and so are a card and a section without any.
    """
    order = {kind.key: number for number, kind in enumerate(KINDS)}
    devices = sorted(
        household.data.values(),
        key=lambda device: (
            # What the household has in common comes last: it changes least.
            not device.coordinator.kind.is_steered,
            order[device.coordinator.kind.key],
            device.coordinator.api.device_id,
        ),
    )
    return {
        "title": household.subentry.title,
        "type": "sections",
        "max_columns": 3,
        "sections": [
            section
            for device in devices
            if (section := _section(hass, device)) is not None
        ],
    }


def _section(hass: HomeAssistant, device: PoderoDevice) -> dict[str, Any] | None:
    """Return the cards of a device below its name; None without any."""
    coordinator = device.coordinator
    registered = dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, coordinator.api.device_id), coordinator.config_entry.entry_id
    )
    name = coordinator.device_name
    entities: dict[str, str] = {}
    if registered is not None:
        name = registered.name_by_user or name
        prefix = f"{coordinator.api.device_id}_"
        entities = {
            entity.unique_id.removeprefix(prefix): entity.entity_id
            for entity in er.async_entries_for_device(er.async_get(hass), registered.id)
            if entity.hidden_by is None and _is_there(hass, entity.entity_id)
        }
    cards = [
        made
        for card in coordinator.kind.cards
        if (made := _card(card, entities)) is not None
    ]
    if not cards:
        return None
    heading = {
        "type": "heading",
        "heading": name,
        "icon": coordinator.kind.icon,
    }
    return {"type": "grid", "cards": [heading, *cards]}


def _is_there(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity is made now; the registry also knows those of former days."""
    state = hass.states.get(entity_id)
    return state is not None and ATTR_RESTORED not in state.attributes


def _card(card: Card, entities: dict[str, str]) -> dict[str, Any] | None:
    """Return a card with a device's own entities; None without any."""
    found = [entities[key] for key in card.keys if key in entities]
    if not found:
        return None
    if card.is_list:
        return {"type": card.type, "entities": found, **card.options}
    return {"type": card.type, "entity": found[0], **card.options}
