"""Every device has the entities of section 5 of the design, no more and no less."""

import pytest

from homeassistant.components.recorder import Recorder
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.common import device_entry, make_entry, set_up

from .contract import SHARED_CONTROLS, expected, named, read, registered

KINDS = ("inverter", "car", "heat_pump", "wallbox", "household")
PRIMARY = {"inverter": 20, "car": 24}


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
    """Every entity has a name, and every name and icon an entity."""
    promised = {
        each
        for kind in KINDS
        for allow_control in (False, True)
        for each in expected(kind, allow_control=allow_control)
    } | read(SHARED_CONTROLS).keys()
    assert named("translations/en.json") == promised
    assert named("icons.json") <= promised
