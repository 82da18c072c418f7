"""Buttons, switches, numbers, selects and times: what they send, and what comes of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
    snapshot_platform,
)
from syrupy.assertion import SnapshotAssertion

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from simulator import Simulator

from .common import entity_id, make_entry, pass_time, set_up, state

PLUGGED_IN = datetime(2026, 5, 20, 19, 7, tzinfo=UTC)
POLL = timedelta(minutes=5)
CONTROLS = ("button", "number", "select", "switch", "time")


@pytest.fixture
async def controlled(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an entry that allows control, with the car plugged in and waiting."""
    now.move_to(PLUGGED_IN)
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    return entry


async def act(
    hass: HomeAssistant, device: str, platform: str, key: str, action: str, **data: Any
) -> None:
    """Use a control as a person would."""
    await hass.services.async_call(
        platform,
        action,
        {"entity_id": entity_id(hass, platform, device, key), **data},
        blocking=True,
    )


async def test_not_without_permission(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A household that does not allow control has none."""
    assert not hass.states.async_entity_ids(CONTROLS)


@pytest.mark.parametrize("platform", CONTROLS)
async def test_controls(
    hass: HomeAssistant,
    controlled: MockConfigEntry,
    snapshot: SnapshotAssertion,
    platform: str,
) -> None:
    """Every control is as it was."""
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, controlled.entry_id):
        if entity.domain != platform:
            registry.async_remove(entity.entity_id)
    await snapshot_platform(hass, registry, snapshot, controlled.entry_id)


@pytest.mark.parametrize(
    ("kind", "platform", "key", "action", "data", "field", "sent", "shown"),
    [
        (
            "inverter",
            "switch",
            "smart_optimization",
            "turn_off",
            {},
            "is_smart_optimization_active",
            False,
            "off",
        ),
        (
            "inverter",
            "number",
            "battery_min_level",
            "set_value",
            {"value": 25},
            "min_battery_charge",
            25,
            "25",
        ),
        (
            "inverter",
            "number",
            "battery_max_level",
            "set_value",
            {"value": 90},
            "max_battery_charge",
            90,
            "90",
        ),
        (
            "car",
            "switch",
            "charge_policy",
            "turn_off",
            {},
            "is_charge_policy_enabled",
            False,
            "off",
        ),
        (
            "car",
            "switch",
            "charge_policy",
            "turn_on",
            {},
            "is_charge_policy_enabled",
            True,
            "on",
        ),
        (
            "car",
            "number",
            "minimum_charge_limit",
            "set_value",
            {"value": 70},
            "minimum_charge_limit",
            70,
            "70",
        ),
        (
            "car",
            "number",
            "hems_min_production_to_start",
            "set_value",
            {"value": 1502},
            "hems_min_production_to_start_w",
            1502,
            "1502",
        ),
        (
            "car",
            "number",
            "hems_min_production_before_stopping",
            "set_value",
            {"value": 1503},
            "hems_min_production_before_stopping_w",
            1503,
            "1503",
        ),
        (
            "car",
            "time",
            "charge_deadline",
            "set_value",
            {"time": "07:30:00"},
            "charge_deadline_at",
            "07:30:00",
            "07:30:00",
        ),
    ],
)
async def test_settings(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    request: pytest.FixtureRequest,
    kind: str,
    platform: str,
    key: str,
    action: str,
    data: dict[str, Any],
    field: str,
    sent: object,
    shown: str,
) -> None:
    """One field is changed at Podero, and shown without another poll."""
    device: str = request.getfixturevalue(kind)
    simulator.requests.clear()
    await act(hass, device, platform, key, action, **data)
    assert [each.method for each in simulator.requests.log] == ["PUT"]
    assert simulator.detail(simulator.device(device), "")[field] == sent
    assert state(hass, device, key, platform).state == shown


@pytest.mark.parametrize(
    ("key", "value"), [("battery_min_level", 96), ("battery_max_level", 9)]
)
async def test_battery_limits_do_not_cross(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    inverter: str,
    key: str,
    value: int,
) -> None:
    """The lowest level is never above the highest; nothing is sent."""
    simulator.requests.clear()
    before = state(hass, inverter, key, "number").state
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, inverter, "number", key, "set_value", value=value)
    assert error.value.translation_key == "battery_limits_crossed"
    assert simulator.requests.total == 0
    assert state(hass, inverter, key, "number").state == before


@pytest.mark.parametrize("missing", ["min_battery_charge", "max_battery_charge"])
async def test_battery_limits_that_are_not_known(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    inverter: str,
    missing: str,
) -> None:
    """A limit that Podero does not tell crosses no other."""
    simulator.override(inverter, **{missing: None})
    await pass_time(hass, now, POLL)
    simulator.requests.clear()
    other, value = {
        "min_battery_charge": ("battery_max_level", 30),
        "max_battery_charge": ("battery_min_level", 80),
    }[missing]
    await act(hass, inverter, "number", other, "set_value", value=value)
    assert simulator.requests.count(f"{inverter}$", "PUT", 200) == 1


@pytest.mark.parametrize("status", [400, 422])
async def test_setting_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    inverter: str,
    status: int,
) -> None:
    """What Podero does not accept is an error with its words, and nothing changes."""
    words = "The battery is being calibrated"
    simulator.fail(
        "/inverters/", method="PUT", status=status, body={"detail": words}, times=1
    )
    before = state(hass, inverter, "battery_min_level", "number").state
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, inverter, "number", "battery_min_level", "set_value", value=20)
    assert error.value.translation_key == "setting_refused"
    assert error.value.translation_placeholders == {"reason": words}
    assert state(hass, inverter, "battery_min_level", "number").state == before


async def test_setting_refused_without_a_word(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    inverter: str,
) -> None:
    """Where Podero does not say why, the request and its status are named."""
    simulator.fail("/inverters/", method="PUT", status=422, body={}, times=1)
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, inverter, "switch", "smart_optimization", "turn_off")
    assert error.value.translation_placeholders is not None
    assert "422" in error.value.translation_placeholders["reason"]


async def test_server_fails(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    inverter: str,
) -> None:
    """A server that fails is not the person's mistake."""
    simulator.fail("/inverters/", method="PUT", status=500, times=1)
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, inverter, "switch", "smart_optimization", "turn_off")
    assert error.value.translation_key == "bad_response"
    assert not isinstance(error.value, ServiceValidationError)
    assert state(hass, inverter, "smart_optimization", "switch").state == STATE_ON


async def test_credentials_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    inverter: str,
) -> None:
    """Refused credentials are an error of their own; a single refusal asks nobody to sign in again."""
    simulator.fail("/inverters/", method="PUT", status=401)
    with pytest.raises(HomeAssistantError) as error:
        await act(hass, inverter, "switch", "smart_optimization", "turn_off")
    assert error.value.translation_key == "invalid_auth"
    assert not list(controlled.async_get_active_flows(hass, {"reauth"}))


async def test_a_poll_from_before_a_command(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    inverter: str,
) -> None:
    """A poll that began before a command does not undo what the command did."""
    fault = simulator.fail(f"{inverter}$", method="GET", hold="after", times=1)
    now.tick(POLL)
    async_fire_time_changed(hass)
    await simulator.faults.until_held()
    await act(hass, inverter, "switch", "smart_optimization", "turn_off")
    assert state(hass, inverter, "smart_optimization", "switch").state == STATE_OFF
    simulator.override(inverter, current_solar_production_w=4321)
    simulator.faults.release()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert fault.struck == 1
    assert state(hass, inverter, "smart_optimization", "switch").state == STATE_OFF
    await pass_time(hass, now, POLL)
    assert state(hass, inverter, "smart_optimization", "switch").state == STATE_OFF
    assert state(hass, inverter, "solar_power").state == "4321.0"


async def test_boost(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    car: str,
) -> None:
    """A boost is asked for once, and followed closely until it runs."""
    assert state(hass, car, "boost_state").state == "available"
    await act(hass, car, "button", "boost", "press")
    assert simulator.requests.count("/boost", "POST", 204) == 1
    assert state(hass, car, "boost_state").state == "requested"
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, car, "button", "boost", "press")
    assert error.value.translation_key == "boost_under_way"
    await pass_time(hass, now, 11)
    assert state(hass, car, "boost_state").state == "requested"
    await pass_time(hass, now, 11)
    assert state(hass, car, "boost_state").state == "ongoing"
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, car, "button", "cancel_boost", "press")
    assert error.value.translation_key == "boost_not_stoppable"
    assert simulator.requests.count("/boost") == 1


async def test_boost_is_watched_for_three_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    car: str,
) -> None:
    """A boost that does not begin is asked about every ten seconds, then every minute."""
    simulator.override(car, boost_state="requested")
    await act(hass, car, "button", "boost", "press")
    simulator.requests.clear()
    for _ in range(17):
        await pass_time(hass, now, 10)
    often = simulator.requests.count(f"/electric-vehicles/{car}$")
    assert often == 17
    await pass_time(hass, now, 11)
    simulator.requests.clear()
    for _ in range(12):
        await pass_time(hass, now, 10)
    assert simulator.requests.count(f"/electric-vehicles/{car}$") == 2


async def test_boost_refused(
    hass: HomeAssistant, simulator: Simulator, controlled: MockConfigEntry, car: str
) -> None:
    """Podero's reason for refusing is told."""
    simulator.fail(
        "/boost$",
        method="POST",
        status=409,
        body={"state": "unavailable", "reason": "fully_charged"},
        times=1,
    )
    with pytest.raises(ServiceValidationError) as error:
        await act(hass, car, "button", "boost", "press")
    assert error.value.translation_key == "boost_refused"
    assert error.value.translation_placeholders == {"reason": "fully_charged"}
    simulator.fail("/boost$", method="POST", status=500, times=1)
    with pytest.raises(HomeAssistantError) as failure:
        await act(hass, car, "button", "boost", "press")
    assert failure.value.translation_key == "bad_response"


async def test_boost_armed_and_disarmed(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    car: str,
) -> None:
    """Away from its plug a car is armed for the next session, and can be disarmed."""
    now.move_to(datetime(2026, 5, 21, 8, 7, tzinfo=UTC))
    await pass_time(hass, now, 1)
    assert state(hass, car, "plugged_in", "binary_sensor").state == STATE_OFF
    await act(hass, car, "button", "boost", "press")
    assert state(hass, car, "boost_next_session", "binary_sensor").state == "on"
    await act(hass, car, "button", "cancel_boost", "press")
    assert state(hass, car, "boost_next_session", "binary_sensor").state == STATE_OFF


async def test_boost_feature_off(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    car: str,
) -> None:
    """Where Podero does not offer boosts the buttons are unavailable."""
    simulator.override(car, boost_feature_enabled=False)
    await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, car, "boost", "button").state == STATE_UNAVAILABLE
