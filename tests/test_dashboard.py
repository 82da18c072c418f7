"""The ready view: built-in cards with a household's own entities, and none that is missing."""

from collections.abc import AsyncGenerator
import json
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from custom_components.podero.history import STATISTICS
from custom_components.podero.kinds import KINDS
from homeassistant.components.recorder import Recorder
from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Simulator

from .common import device_entry, device_ids, entity_id, make_entry, set_up
from .history.past import known_statistics, statistic_id

BUILT_IN = {"calendar", "entities", "heading", "statistics-graph", "tile"}


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with four households of all kinds, one of them without a battery."""
    simulator = Simulator(seed=1, households=4, days=3)
    await simulator.start()
    yield simulator
    await simulator.stop()


async def get_view(
    hass: HomeAssistant, entry: MockConfigEntry, device_id: str
) -> dict[str, Any]:
    """Return the view that the action gives, as text that was pasted would be read."""
    registered = device_entry(hass, entry, device_id)
    assert registered is not None
    response = await hass.services.async_call(
        DOMAIN,
        "get_dashboard",
        {"device_id": registered.id},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    [view] = json.loads(json.dumps(response))["views"]
    return dict(view)


def cards_of(view: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all cards of a view."""
    return [card for section in view["sections"] for card in section["cards"]]


def things_of(card: dict[str, Any]) -> list[str]:
    """Return the entities and statistics that a card needs, also to know when to show."""
    listed = [
        each if isinstance(each, str) else each["entity"]
        for each in card.get("entities", [])
    ]
    conditions = [each["entity"] for each in card.get("visibility", [])]
    return listed + conditions + ([card["entity"]] if "entity" in card else [])


def entities_of(view: dict[str, Any]) -> list[str]:
    """Return all entities that a view needs."""
    return [
        each for card in cards_of(view) for each in things_of(card) if ":" not in each
    ]


def statistics_of(view: dict[str, Any]) -> list[str]:
    """Return all statistics that a view shows."""
    return [each for card in cards_of(view) for each in things_of(card) if ":" in each]


def card_of(view: dict[str, Any], shown: str) -> dict[str, Any]:
    """Return the one card that shows something."""
    [card] = [
        card
        for card in cards_of(view)
        if card.get("entity") == shown or shown in str(card.get("entities"))
    ]
    return card


def headings_of(view: dict[str, Any]) -> list[str]:
    """Return what stands above the sections."""
    return [section["cards"][0]["heading"] for section in view["sections"]]


@pytest.mark.parametrize("allow_control", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2, 3])
async def test_nothing_is_missing(
    hass: HomeAssistant, simulator: Simulator, number: int, allow_control: bool
) -> None:
    """Whatever a household has, each of its devices has cards, and each card something to show."""
    entry = make_entry(simulator, number, allow_control=allow_control)
    await set_up(hass, entry)
    ids = device_ids(hass, entry)
    views = [await get_view(hass, entry, device_id) for device_id in sorted(ids)]
    view = views[0]
    # Any device of the household will do.
    assert all(each == view for each in views)
    assert view["title"] == f"Household {number + 1}"
    assert view["type"] == "sections"
    assert len(view["sections"]) == len(ids)
    assert {section["type"] for section in view["sections"]} == {"grid"}
    for section in view["sections"]:
        heading, *cards = section["cards"]
        assert heading["type"] == "heading"
        assert heading["heading"]
        assert cards
    assert {card["type"] for card in cards_of(view)} <= BUILT_IN
    entities = entities_of(view)
    assert entities
    for each in entities:
        state = hass.states.get(each)
        assert state is not None, each
        assert ATTR_RESTORED not in state.attributes
    # Without a recorder there are no statistics.
    assert not statistics_of(view)
    domains = {each.partition(".")[0] for each in entities}
    assert ("switch" in domains) is allow_control


async def test_order(hass: HomeAssistant, simulator: Simulator) -> None:
    """The sun comes first, then what uses it; what the household has in common comes last."""
    entry = make_entry(simulator)
    await set_up(hass, entry)
    family = simulator.households[0]
    view = await get_view(hass, entry, family.user_id)
    names = [
        device_entry(hass, entry, device_id)
        for device_id in (
            family.inverters[0].id,
            family.vehicles[0].id,
            family.heat_pumps[0].id,
            family.wallboxes[0].id,
            family.user_id,
        )
    ]
    assert headings_of(view) == [device and device.name for device in names]


async def test_with_a_past(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    simulator: Simulator,
    inverter: str,
    car: str,
) -> None:
    """With a recorder there is more to show: what came of today, and of the last month."""
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    view = await get_view(hass, entry, inverter)
    entities = entities_of(view)
    for key in ("self_sufficiency_today", "solar_energy_today"):
        assert entity_id(hass, "sensor", inverter, key) in entities
    assert all(hass.states.get(each) for each in entities)
    family = simulator.households[0]
    assert {*statistics_of(view)} == {
        statistic_id(family.inverters[0], "solar_energy"),
        statistic_id(family.inverters[0], "home_energy"),
        statistic_id(family.inverters[0], "grid_import_energy"),
        statistic_id(family.inverters[0], "grid_export_energy"),
        statistic_id(family.vehicles[0], "charging_energy"),
    }
    assert {*statistics_of(view)} <= (await known_statistics(hass)).keys()
    # One statistic needs no legend, several do.
    card = card_of(view, statistic_id(family.vehicles[0], "charging_energy"))
    assert (card["title"], card["hide_legend"]) == ("Charging energy", True)
    card = card_of(view, statistic_id(family.inverters[0], "solar_energy"))
    assert [each["name"] for each in card["entities"]] == [
        "Home energy",
        "Solar energy",
    ]
    assert "title" not in card


async def test_only_while_it_matters(
    hass: HomeAssistant, simulator: Simulator, inverter: str, car: str
) -> None:
    """Problems are shown while there are any, plans while they are known, and what undoes a boost while there is one."""
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    view = await get_view(hass, entry, car)

    def visibility(platform: str, key: str) -> dict[str, Any]:
        card = card_of(view, entity_id(hass, platform, car, key))
        [condition] = card["visibility"]
        assert condition["condition"] == "state"
        return dict(condition)

    problem = entity_id(hass, "binary_sensor", car, "charging_problem")
    condition = visibility("binary_sensor", "charging_problem")
    assert (condition["entity"], condition["state"]) == (problem, "on")
    condition = visibility("sensor", "planned_start")
    assert condition["state_not"] == ["unknown", "unavailable"]
    boost = entity_id(hass, "binary_sensor", car, "boost_next_session")
    condition = visibility("button", "cancel_boost")
    assert (condition["entity"], condition["state"]) == (boost, "on")
    # When a button was pressed is of no interest.
    button = card_of(view, entity_id(hass, "button", car, "cancel_boost"))
    assert button["hide_state"] is True
    level = card_of(view, entity_id(hass, "sensor", car, "battery_level"))
    assert level["features"] == [{"type": "bar-gauge"}]

    # Without what tells when, there is no card.
    er.async_get(hass).async_update_entity(boost, hidden_by=er.RegistryEntryHider.USER)
    view = await get_view(hass, entry, car)
    assert entity_id(hass, "button", car, "cancel_boost") not in entities_of(view)


async def test_control_takes_the_place_of_the_reading(
    hass: HomeAssistant, simulator: Simulator, car: str
) -> None:
    """What can be changed is changed on the card that shows it."""
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    entities = entities_of(await get_view(hass, entry, car))
    for platform, key in (
        ("switch", "smart_optimization"),
        ("button", "boost"),
        ("time", "charge_deadline"),
    ):
        assert entity_id(hass, platform, car, key) in entities
    assert entity_id(hass, "sensor", car, "boost_state") not in entities


async def test_what_the_user_hid(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: str
) -> None:
    """What is hidden or disabled stays away, and so does a device of which nothing is left."""
    registry = er.async_get(hass)
    [heat_pump] = simulator.households[0].heat_pumps
    shown = set(entities_of(await get_view(hass, loaded, inverter)))
    solar = entity_id(hass, "sensor", inverter, "solar_power")
    home = entity_id(hass, "sensor", inverter, "home_power")
    assert {solar, home} <= shown
    registry.async_update_entity(solar, hidden_by=er.RegistryEntryHider.USER)
    registry.async_update_entity(home, disabled_by=er.RegistryEntryDisabler.USER)
    pump = device_entry(hass, loaded, heat_pump.id)
    roof = device_entry(hass, loaded, inverter)
    assert pump is not None
    assert roof is not None
    for each in er.async_entries_for_device(registry, pump.id):
        registry.async_update_entity(
            each.entity_id, hidden_by=er.RegistryEntryHider.USER
        )
    dr.async_get(hass).async_update_device(roof.id, name_by_user="Roof")
    await hass.async_block_till_done(wait_background_tasks=True)
    view = await get_view(hass, loaded, inverter)
    assert {solar, home}.isdisjoint(entities_of(view))
    assert headings_of(view)[0] == "Roof"
    assert pump.name not in headings_of(view)
    assert len(view["sections"]) == 4


async def test_battery_that_is_gone(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: str
) -> None:
    """Entities of a battery that was there before a restart are known, but no longer made."""
    battery = entity_id(hass, "sensor", inverter, "battery_power")
    assert battery in entities_of(await get_view(hass, loaded, inverter))
    simulator.override(inverter, is_battery_connected=False)
    await hass.config_entries.async_reload(loaded.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert er.async_get(hass).async_get(battery) is not None
    assert battery not in entities_of(await get_view(hass, loaded, inverter))


def test_cards_show_what_the_kind_has() -> None:
    """Every card of a kind names entities that devices of the kind can have, or statistics that there are."""
    for kind in KINDS:
        known = {
            each.key
            for tables in (kind.entities, kind.controls, kind.shared_controls)
            for table in tables.values()
            for each in table
        } | {each.key for each in kind.history}
        for card in kind.cards:
            there = STATISTICS.keys() if card.of_statistics else known
            assert there >= {*card.keys}, (kind.key, card)
            assert known >= {*filter(None, [card.while_on])}, (kind.key, card)
