"""Every device has the entities of section 5 of the design, no more and no less."""

import json
from pathlib import Path

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import podero
from homeassistant.components.recorder import Recorder
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Simulator
from tests.common import device_entry, make_entry, set_up

from .contract import SHARED_CONTROLS, expected, read

KINDS = ("inverter", "car", "heat_pump", "wallbox", "household")
MARKS = {None: "", EntityCategory.DIAGNOSTIC: "D", EntityCategory.CONFIG: "C"}
FOLDER = Path(podero.__file__).parent
PRIMARY = {"inverter": 20, "car": 24}


def named(file: str) -> set[tuple[str, str]]:
    """Return the platforms and keys of the entities that a file has words or icons for."""
    entities = json.loads((FOLDER / file).read_text())["entity"]
    return {(platform, key) for platform, keys in entities.items() for key in keys}


def registered(
    hass: HomeAssistant, entry: MockConfigEntry, device_id: str
) -> dict[tuple[str, str], str]:
    """Return the marks of a device's entities, by platform and key."""
    device = device_entry(hass, entry, device_id)
    assert device is not None
    found = {}
    with_icon = named("icons.json")
    for each in er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    ):
        key = each.unique_id.removeprefix(f"{device_id}_")
        assert each.translation_key == key
        assert each.has_entity_name
        assert each.original_device_class or (each.domain, key) in with_icon, key
        off = each.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        found[each.domain, key] = MARKS[each.entity_category] + "-" * off
    return found


@pytest.mark.parametrize("allow_control", [False, True])
async def test_entities(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    simulator: Simulator,
    request: pytest.FixtureRequest,
    allow_control: bool,
) -> None:
    """Platform, key, category and default of every entity of a household with everything."""
    entry = make_entry(simulator, allow_control=allow_control)
    await set_up(hass, entry)
    for kind in KINDS:
        device_id: str = request.getfixturevalue(kind)
        found = registered(hass, entry, device_id)
        assert found == expected(kind, allow_control=allow_control), kind
        assert len({key for _, key in found}) == len(found), "one thing, one entity"
    assert await hass.config_entries.async_unload(entry.entry_id)


@pytest.mark.parametrize("allow_control", [False, True])
async def test_thresholds_without_a_charging_config(
    hass: HomeAssistant,
    simulator: Simulator,
    car: str,
    household: str,
    allow_control: bool,
) -> None:
    """Where the household itself has no settings the car's own can be changed."""
    simulator.fail("charging-config$", status=404)
    entry = make_entry(simulator, allow_control=allow_control)
    await set_up(hass, entry)
    assert device_entry(hass, entry, household) is None
    found = registered(hass, entry, car)
    shared = read(SHARED_CONTROLS)
    assert (shared.items() <= found.items()) is allow_control
    for _, key in shared:
        assert (("sensor", key) in found) is not allow_control


@pytest.mark.parametrize("kind", PRIMARY)
def test_a_page_tells_a_story(kind: str) -> None:
    """Few entities are enabled without a category; switches and buttons come on top of a car's."""
    shown = [
        key
        for (platform, key), marks in expected(kind, allow_control=False).items()
        if not marks
    ]
    assert len(shown) <= PRIMARY[kind]
    with_control = [
        key
        for (platform, key), marks in expected(kind, allow_control=True).items()
        if not marks and platform not in (Platform.BUTTON, Platform.SWITCH)
    ]
    assert len(with_control) <= PRIMARY[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_changes_with_every_poll_is_disabled(kind: str) -> None:
    """Times of updates would fill the Activity."""
    for (_, key), marks in expected(kind, allow_control=False).items():
        if "update" in key or key == "last_monitoring":
            assert "-" in marks, key


def test_names() -> None:
    """Every entity has a name, and every name an entity."""
    promised = {
        each
        for kind in KINDS
        for allow_control in (False, True)
        for each in expected(kind, allow_control=allow_control)
    } | read(SHARED_CONTROLS).keys()
    assert named("translations/en.json") == promised
