"""A ready view of a household: built-in cards with its own entities, to paste into a dashboard."""

from collections.abc import Iterable, Mapping
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.const import (
    ATTR_RESTORED,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    Platform,
)
from homeassistant.core import HomeAssistant, split_entity_id
from homeassistant.helpers import entity_registry as er

from .coordinator import PoderoDevice
from .history import async_statistic_names, statistic_id
from .household import HouseholdCoordinator
from .kinds import KINDS
from .kinds.cards import SHORT_NAME, Card
from .registry import async_device_name


async def household_view(
    hass: HomeAssistant, household: HouseholdCoordinator
) -> dict[str, Any]:
    """Return a view of a household, as a dashboard's configuration has it.

    A card shows what there is: an entity that a device does not have, or that is
    disabled or hidden, is left out, and so is a statistic that the recorder lacks, and
    a card and a section without any.
    """
    order = {kind.key: number for number, kind in enumerate(KINDS)}
    devices = sorted(
        household.data.values(),
        key=lambda device: (
            # The household comes last, because it changes least.
            not device.coordinator.kind.is_steered,
            order[device.coordinator.kind.key],
            device.coordinator.api.device_id,
        ),
    )
    statistics = await _async_statistics(hass, devices)
    return {
        "title": household.subentry.title,
        "type": "sections",
        "max_columns": 3,
        "dense_section_placement": True,
        "sections": [
            section
            for device in devices
            if (section := _section(hass, device, statistics)) is not None
        ],
    }


async def _async_statistics(
    hass: HomeAssistant, devices: Iterable[PoderoDevice]
) -> dict[str, str]:
    """Return the short names of the devices' statistics that the recorder holds."""
    names = await async_statistic_names(hass)
    wanted = {
        statistic_id(device.coordinator.api.device_id, kind): names[kind]
        for device in devices
        if device.importer is not None and device.source is not None
        for kind in device.source.kinds
    }
    if not wanted:
        return {}
    known = await get_instance(hass).async_add_executor_job(
        lambda: get_metadata(hass, statistic_ids=set(wanted))
    )
    return {key: name for key, name in wanted.items() if key in known}


def _section(
    hass: HomeAssistant, device: PoderoDevice, statistics: Mapping[str, str]
) -> dict[str, Any] | None:
    """Return the cards of a device below its name; None without any."""
    coordinator = device.coordinator
    entities = {
        entity.unique_id.removeprefix(f"{coordinator.api.device_id}_"): entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(hass), coordinator.config_entry.entry_id
        )
        if entity.unique_id.startswith(coordinator.api.device_id)
        and entity.hidden_by is None
        and _is_there(hass, entity.entity_id)
    }
    cards = [
        made
        for card in coordinator.kind.cards
        if (made := _card(card, coordinator.api.device_id, entities, statistics))
    ]
    if not cards:
        return None
    heading = {
        "type": "heading",
        "heading": async_device_name(hass, coordinator),
        "icon": coordinator.kind.icon,
    }
    return {"type": "grid", "cards": [heading, *cards]}


def _is_there(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity exists now; the registry may still have former ones."""
    state = hass.states.get(entity_id)
    return state is not None and ATTR_RESTORED not in state.attributes


def _card(
    card: Card,
    device_id: str,
    entities: Mapping[str, str],
    statistics: Mapping[str, str],
) -> dict[str, Any] | None:
    """Return a card with a device's own entities or statistics; None without any."""
    made: dict[str, Any] = {"type": card.type, **card.options}
    if card.of_statistics:
        ids = (statistic_id(device_id, key) for key in card.keys)
        found = [
            {"entity": each, "name": statistics[each]}
            for each in ids
            if each in statistics
        ]
        if len(found) == 1:
            # With one statistic, the legend would only say that it is a change.
            made |= {"title": found[0]["name"], "hide_legend": True}
        return made | {"entities": found} if found else None
    shown = [entities[key] for key in card.keys if key in entities]
    if not shown or (card.while_on is not None and card.while_on not in entities):
        return None
    if card.names_entities:
        return made | {"entities": [{"entity": each, **SHORT_NAME} for each in shown]}
    if card.is_list:
        return made | {"entities": shown}
    entity_id = shown[0]
    domain, _ = split_entity_id(entity_id)
    if domain == Platform.BUTTON:
        # A button's state is when it was pressed.
        made["hide_state"] = True
    if domain in card.features:
        made["features"] = [{"type": card.features[domain]}]
    if card.while_on is not None:
        made["visibility"] = [_condition(entities[card.while_on], state=STATE_ON)]
    if card.while_known:
        unknown = [STATE_UNKNOWN, STATE_UNAVAILABLE]
        made["visibility"] = [_condition(entity_id, state_not=unknown)]
    return made | {"entity": entity_id}


def _condition(entity_id: str, **states: str | list[str]) -> dict[str, Any]:
    """Return the condition under which a card is visible."""
    return {"condition": "state", "entity": entity_id, **states}
