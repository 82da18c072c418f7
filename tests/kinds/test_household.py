"""The household itself: how it charges, what solar charging does, and what stands in its way."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from simulator import Simulator
from tests.common import device_entry, entity_id, make_entry, pass_time, set_up, state

POLL = timedelta(minutes=5)
# The car has been back since half past ten (UTC), and the sun has charged it.
SUN = datetime(2026, 5, 20, 15, 7, tzinfo=UTC)


@pytest.fixture
async def controlled(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an entry that allows control."""
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    return entry


async def act(
    hass: HomeAssistant,
    household: str,
    platform: str,
    key: str,
    action: str,
    **data: Any,
) -> None:
    """Change something as a person would."""
    await hass.services.async_call(
        platform,
        action,
        {"entity_id": entity_id(hass, platform, household, key), **data},
        blocking=True,
    )


async def test_device(
    hass: HomeAssistant, loaded: MockConfigEntry, household: str
) -> None:
    """The household is a service, named as its subentry is."""
    device = device_entry(hass, loaded, household)
    assert device is not None
    assert device.entry_type is dr.DeviceEntryType.SERVICE
    assert device.name == "Household 1"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_values(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    household: str,
) -> None:
    """Power and energy of solar charging, mode and thresholds are what the simulator knows."""
    simulator.set_charging_mode(household, "hems")
    now.move_to(SUN)
    await set_up(hass, entry)
    truth: dict[str, Any] = simulator.charging_config(household)
    for key, value in {
        "solar_charging_power": truth["status"]["charge_power_w"],
        "solar_charging_today": truth["status"]["solar_kwh_today"],
        "hems_min_export_to_start": truth["thresholds"]["hems_min_export_to_start_w"],
        "hems_max_import_before_stopping": truth["thresholds"][
            "hems_max_import_before_stopping_w"
        ],
    }.items():
        assert float(state(hass, household, key).state) == value, key
    assert float(state(hass, household, "solar_charging_today").state) > 0
    assert (
        "state_class" not in state(hass, household, "solar_charging_today").attributes
    )
    assert state(hass, household, "charging_mode").state == "hems"


@pytest.mark.parametrize(
    ("fields", "key", "shown", "attribute"),
    [
        ({}, "solar_charging_possible", STATE_ON, ("reasons", [])),
        (
            {
                "hems_eligible": False,
                "hems_ineligible_reasons": ["no_inverter", "something_new"],
            },
            "solar_charging_possible",
            STATE_OFF,
            ("reasons", ["no_inverter", "something_new"]),
        ),
        (
            {"hems_eligible": None},
            "solar_charging_possible",
            STATE_UNKNOWN,
            ("reasons", []),
        ),
        ({}, "charging_warning", STATE_OFF, ("since", None)),
        (
            {"health_warning": {"since": "2026-05-20T08:00:00Z"}},
            "charging_warning",
            STATE_ON,
            ("since", datetime(2026, 5, 20, 8, tzinfo=UTC)),
        ),
        ({"health_warning": True}, "charging_warning", STATE_ON, ("since", None)),
        ({}, "mode_conflict", STATE_OFF, None),
        ({"mode_conflict": True}, "mode_conflict", STATE_ON, None),
        ({"mode_conflict": None}, "mode_conflict", STATE_UNKNOWN, None),
    ],
)
async def test_what_stands_in_its_way(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    household: str,
    fields: dict[str, object],
    key: str,
    shown: str,
    attribute: tuple[str, object] | None,
) -> None:
    """Whether solar charging is possible and why not, warnings and conflicts."""
    simulator.override_charging(household, **fields)
    await set_up(hass, entry)
    found = state(hass, household, key, "binary_sensor")
    assert found.state == shown
    if attribute is not None:
        assert found.attributes[attribute[0]] == attribute[1]


# The mode


async def test_charging_mode(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    household: str,
) -> None:
    """The mode is chosen with one request of one field, and shown without another poll."""
    assert state(hass, household, "charging_mode", "select").state == "spot"
    simulator.requests.clear()
    await act(
        hass, household, "select", "charging_mode", "select_option", option="hems"
    )
    assert [(each.method, each.status) for each in simulator.requests.log] == [
        ("PUT", 200)
    ]
    assert simulator.charging_config(household)["smart_charging_mode"] == "hems"
    assert state(hass, household, "charging_mode", "select").state == "hems"


async def test_only_available_modes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    household: str,
) -> None:
    """Only what can be chosen is offered; what is in force always is, and so is none."""

    def offered() -> object:
        return state(hass, household, "charging_mode", "select").attributes["options"]

    assert offered() == ["none", "spot", "hems", "hems_and_spot"]
    modes = [
        {"mode": "none", "available": True, "reasons": []},
        {"mode": "spot", "available": True, "reasons": []},
        {"mode": "hems", "available": False, "reasons": ["no_inverter"]},
        {"mode": "hems_and_spot", "available": False, "reasons": ["no_inverter"]},
        {"mode": "telepathy", "available": True, "reasons": []},
    ]
    simulator.override_charging(household, available_modes=modes)
    await pass_time(hass, now, POLL)
    assert offered() == ["none", "spot"]
    with pytest.raises(ServiceValidationError):
        await act(
            hass, household, "select", "charging_mode", "select_option", option="hems"
        )
    simulator.override_charging(household, smart_charging_mode="hems")
    await pass_time(hass, now, POLL)
    assert offered() == ["none", "spot", "hems"]
    assert state(hass, household, "charging_mode", "select").state == "hems"
    simulator.override_charging(
        household, available_modes=None, smart_charging_mode=None
    )
    await pass_time(hass, now, POLL)
    assert offered() == ["none"]
    assert state(hass, household, "charging_mode", "select").state == STATE_UNKNOWN


async def test_mode_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    household: str,
    inverter: str,
) -> None:
    """A mode that is no longer available is refused in Podero's words."""
    simulator.delete(inverter)
    with pytest.raises(ServiceValidationError) as error:
        await act(
            hass, household, "select", "charging_mode", "select_option", option="hems"
        )
    assert error.value.translation_key == "setting_refused"
    assert error.value.translation_placeholders is not None
    assert "no_inverter" in error.value.translation_placeholders["reason"]
    assert state(hass, household, "charging_mode", "select").state == "spot"


# Thresholds


@pytest.mark.parametrize(
    ("key", "value"),
    [("hems_min_export_to_start", 1500), ("hems_max_import_before_stopping", 900)],
)
async def test_thresholds(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    household: str,
    key: str,
    value: int,
) -> None:
    """A threshold is changed with one request of one field; the other stays."""
    before: dict[str, Any] = simulator.charging_config(household)
    simulator.requests.clear()
    await act(hass, household, "number", key, "set_value", value=value)
    assert [(each.method, each.status) for each in simulator.requests.log] == [
        ("PUT", 200)
    ]
    after: dict[str, Any] = simulator.charging_config(household)
    assert after["thresholds"] == before["thresholds"] | {f"{key}_w": value}
    assert float(state(hass, household, key, "number").state) == value


async def test_thresholds_too_close(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    household: str,
) -> None:
    """What Podero does not accept of a threshold is said in its words, and nothing changes."""
    before = state(hass, household, "hems_min_export_to_start", "number").state
    with pytest.raises(ServiceValidationError) as error:
        await act(
            hass, household, "number", "hems_min_export_to_start", "set_value", value=0
        )
    assert error.value.translation_key == "setting_refused"
    assert error.value.translation_placeholders == {
        "reason": "The thresholds are 500 W apart, at least 1400 W are needed"
    }
    after = state(hass, household, "hems_min_export_to_start", "number").state
    assert after == before


@pytest.mark.parametrize("fault", [{"status": 500}, {"disconnect": True}])
async def test_thresholds_move_to_the_household(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: str,
    car: str,
    fault: dict[str, Any],
) -> None:
    """A car has the thresholds itself only until the household's own device is there."""
    keys = ("hems_min_export_to_start", "hems_max_import_before_stopping")
    rule = simulator.fail("charging-config$", **fault)
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    for key in keys:
        assert state(hass, car, key, "number").state != STATE_UNKNOWN
    simulator.faults.remove(rule)
    await pass_time(hass, now, POLL)
    await pass_time(hass, now, POLL)
    entities = er.async_get(hass)
    for key in keys:
        assert state(hass, household, key, "number").state != STATE_UNKNOWN
        assert entities.async_get_entity_id("number", DOMAIN, f"{car}_{key}") is None
    # Once is enough.
    loaded_at = entry.runtime_data
    await pass_time(hass, now, timedelta(hours=1))
    assert entry.runtime_data is loaded_at


async def test_thresholds_come_back_to_the_car(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    household: str,
    car: str,
) -> None:
    """Where there is no charging configuration any more, the car has the thresholds itself."""
    simulator.fail("charging-config$", status=404)
    for _ in range(3):
        await pass_time(hass, now, timedelta(hours=1))
    assert device_entry(hass, controlled, household) is None
    assert state(hass, car, "hems_min_export_to_start", "number").state != STATE_UNKNOWN


# How often


async def test_every_minute_while_the_sun_charges(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    household: str,
) -> None:
    """While solar charging runs the household is looked at every minute, else every five."""
    status = {"charge_power_w": 3000, "solar_kwh_today": 1, "as_of": None}
    simulator.override_charging(household, status=status)
    await pass_time(hass, now, POLL)
    simulator.requests.clear()
    for _ in range(5):
        await pass_time(hass, now, timedelta(minutes=1))
    assert simulator.requests.count("charging-config$") == 5
    simulator.override_charging(household, status=status | {"charge_power_w": 0})
    await pass_time(hass, now, timedelta(minutes=1))
    simulator.requests.clear()
    for _ in range(4):
        await pass_time(hass, now, timedelta(minutes=1))
    assert simulator.requests.count("charging-config$") == 0
