"""Wallboxes: boosts that can be stopped, solar sessions, and why solar charging does what it does."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from simulator import Simulator
from tests.common import entity_id, make_entry, pass_time, set_up, state

from .contract import WALLBOX, read

POLL = timedelta(minutes=5)
# The car has been back since half past ten (UTC), and the sun has charged it.
AFTERNOON = datetime(2026, 5, 20, 15, 7, tzinfo=UTC)
# The car has just come back.
BACK = datetime(2026, 5, 20, 10, 52, tzinfo=UTC)
OF_SOLAR_SESSIONS = {
    key
    for _, key in read(WALLBOX)
    if key.startswith(("solar_session_", "last_solar_", "steering_"))
}


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with two households that charge by the sun alone."""
    simulator = Simulator(seed=1, households=2, days=3, charging_mode="hems")
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def controlled(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> MockConfigEntry:
    """Return an entry that allows control, with a car that waits at the wallbox."""
    now.move_to(BACK)
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    return entry


async def switch(hass: HomeAssistant, wallbox: str, action: str) -> None:
    """Turn the boost on or off."""
    await hass.services.async_call(
        "switch",
        action,
        {"entity_id": entity_id(hass, "switch", wallbox, "boost")},
        blocking=True,
    )


# Boosts


async def test_boost_and_stop(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    wallbox: str,
) -> None:
    """On asks for a boost and follows it closely; off stops it while it runs."""
    assert state(hass, wallbox, "boost", "switch").state == STATE_OFF
    await switch(hass, wallbox, "turn_on")
    assert simulator.requests.count(f"{wallbox}/boost$", "POST", 204) == 1
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON
    assert state(hass, wallbox, "boost_state").state == "requested"
    assert state(hass, wallbox, "charging_status").state == "boost_requested"
    for _ in range(3):
        await pass_time(hass, now, 10)
    assert state(hass, wallbox, "boost_state").state == "ongoing"
    assert state(hass, wallbox, "charging_status").state == "boosting"
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON
    await switch(hass, wallbox, "turn_off")
    assert simulator.requests.count(f"{wallbox}/boost$", "DELETE", 204) == 1
    assert state(hass, wallbox, "boost", "switch").state == STATE_OFF
    assert state(hass, wallbox, "charging_status").state != "boosting"
    # What is over is not followed closely.
    simulator.requests.clear()
    await pass_time(hass, now, 11)
    assert simulator.requests.count(f"{wallbox}$") == 0


async def test_boost_for_the_next_session(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    wallbox: str,
) -> None:
    """With nothing plugged in a boost waits for the plug, and can be taken back."""
    simulator.plug_wallbox(wallbox, plugged=False)
    await pass_time(hass, now, POLL)
    assert state(hass, wallbox, "plugged_in", "binary_sensor").state == STATE_OFF
    await switch(hass, wallbox, "turn_on")
    armed = state(hass, wallbox, "boost_next_session", "binary_sensor")
    assert armed.state == STATE_ON
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON
    await switch(hass, wallbox, "turn_off")
    armed = state(hass, wallbox, "boost_next_session", "binary_sensor")
    assert armed.state == STATE_OFF
    assert state(hass, wallbox, "boost", "switch").state == STATE_OFF


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"state": "unavailable", "reason": "fully_charged"}, "fully_charged"),
        ({"detail": "The wallbox is busy"}, "The wallbox is busy"),
    ],
)
async def test_boost_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    wallbox: str,
    body: dict[str, object],
    reason: str,
) -> None:
    """Podero's reason for refusing is shown, and nothing changes."""
    simulator.fail("/boost$", method="POST", status=409, body=body)
    with pytest.raises(ServiceValidationError) as error:
        await switch(hass, wallbox, "turn_on")
    assert error.value.translation_key == "boost_refused"
    assert error.value.translation_placeholders is not None
    assert reason in error.value.translation_placeholders["reason"]
    assert state(hass, wallbox, "boost", "switch").state == STATE_OFF


async def test_on_while_it_is_on(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    wallbox: str,
) -> None:
    """Turning on what is on succeeds, also where it was turned on elsewhere meanwhile."""
    await switch(hass, wallbox, "turn_on")
    await switch(hass, wallbox, "turn_on")
    assert simulator.requests.count(f"{wallbox}/boost$", "POST", 409) == 1
    for _ in range(3):
        await pass_time(hass, now, 10)
    assert state(hass, wallbox, "boost_state").state == "ongoing"
    await switch(hass, wallbox, "turn_on")
    assert simulator.requests.count(f"{wallbox}/boost$", "POST", 409) == 2
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"detail": "There is no boost"}),
        (409, {"state": "available", "reason": "no_active_session"}),
        (409, {"state": "unavailable"}),
    ],
)
async def test_off_while_it_is_off(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    wallbox: str,
    status: int,
    body: dict[str, object],
) -> None:
    """Turning off what is off succeeds, even if Podero calls that an error."""
    simulator.fail("/boost$", method="DELETE", status=status, body=body)
    await switch(hass, wallbox, "turn_off")
    assert simulator.requests.count(f"{wallbox}/boost$", "DELETE", status) == 1
    assert state(hass, wallbox, "boost", "switch").state == STATE_OFF


@pytest.mark.parametrize("body", [{"state": "ongoing"}, {"detail": "It is busy"}])
async def test_stop_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    wallbox: str,
    body: dict[str, object],
) -> None:
    """A boost that Podero does not stop is an error."""
    await switch(hass, wallbox, "turn_on")
    simulator.fail("/boost$", method="DELETE", status=409, body=body)
    with pytest.raises(ServiceValidationError):
        await switch(hass, wallbox, "turn_off")
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON


async def test_stop_fails(
    hass: HomeAssistant,
    simulator: Simulator,
    controlled: MockConfigEntry,
    wallbox: str,
) -> None:
    """A boost that could not be stopped is still on."""
    await switch(hass, wallbox, "turn_on")
    simulator.fail("/boost$", method="DELETE", status=502)
    with pytest.raises(HomeAssistantError) as error:
        await switch(hass, wallbox, "turn_off")
    assert error.value.translation_key == "bad_response"
    assert state(hass, wallbox, "boost", "switch").state == STATE_ON


@pytest.mark.parametrize(
    ("boost_state", "armed", "shown"),
    [
        (None, None, STATE_UNKNOWN),
        (None, False, STATE_OFF),
        (None, True, STATE_ON),
        ("unavailable", None, STATE_OFF),
        ("available", True, STATE_ON),
        ("ongoing", False, STATE_ON),
    ],
)
async def test_is_boosting(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    controlled: MockConfigEntry,
    wallbox: str,
    boost_state: str | None,
    armed: bool | None,
    shown: str,
) -> None:
    """The switch is on while a boost runs, is asked for or waits for the plug."""
    simulator.override(wallbox, boost_state=boost_state, boost_for_next_session=armed)
    await pass_time(hass, now, POLL)
    assert state(hass, wallbox, "boost", "switch").state == shown


# What it does


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"is_authenticated": False}, "disconnected"),
        ({"is_pause_power_active": True}, "paused"),
        ({"boost_state": "ongoing"}, "boosting"),
        ({"is_charging": True}, "charging"),
        (
            {"is_plugged_in": False, "is_charging": False, "mode": "READY"},
            "not_plugged_in",
        ),
        ({"is_smart_optimization_active": False}, "not_optimized"),
        ({}, "waiting"),
        ({"is_plugged_in": None, "is_charging": None, "mode": None}, STATE_UNKNOWN),
    ],
)
async def test_status(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    wallbox: str,
    fields: dict[str, object],
    status: str,
) -> None:
    """As far as its fields go, a wallbox says what it does."""
    now.move_to(AFTERNOON + timedelta(hours=6))
    base = {"is_plugged_in": True, "is_charging": False, "boost_state": "available"}
    simulator.override(wallbox, **{**base, "mode": "PLUGGED_IN", **fields})
    await set_up(hass, entry)
    assert state(hass, wallbox, "charging_status").state == status


@pytest.mark.parametrize(
    ("connection", "connected", "shown"),
    [
        ("online", None, STATE_ON),
        ("offline", None, STATE_OFF),
        (None, True, STATE_ON),
        (None, False, STATE_OFF),
        (None, None, STATE_UNKNOWN),
        ("elsewhere", None, STATE_UNKNOWN),
    ],
)
async def test_online(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    wallbox: str,
    connection: str | None,
    connected: bool | None,
    shown: str,
) -> None:
    """Whether it is online, by either of the fields that may say so."""
    simulator.override(wallbox, connection=connection, is_ocpp_connected=connected)
    await set_up(hass, entry)
    assert state(hass, wallbox, "online", "binary_sensor").state == shown


async def test_charging_every_minute(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    wallbox: str,
) -> None:
    """While it charges it is looked at every minute."""
    simulator.override(wallbox, is_charging=True)
    await pass_time(hass, now, POLL)
    simulator.requests.clear()
    for _ in range(4):
        await pass_time(hass, now, timedelta(minutes=1))
    assert simulator.requests.count(f"{wallbox}$") == 4
    simulator.override(wallbox, is_charging=False, boost_state="available")
    await pass_time(hass, now, timedelta(minutes=1))
    simulator.requests.clear()
    for _ in range(4):
        await pass_time(hass, now, timedelta(minutes=1))
    assert simulator.requests.count(f"{wallbox}$") == 0


# Solar sessions


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_solar_session(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    wallbox: str,
) -> None:
    """While the sun charges, the session and its newest decision are shown."""
    now.move_to(AFTERNOON)
    await set_up(hass, entry)
    device = simulator.device(wallbox)
    at = simulator.clock.seconds()
    session = simulator.wallbox(device).current(at)
    assert session is not None
    energy = state(hass, wallbox, "solar_session_energy")
    assert float(energy.state) == pytest.approx(session.solar_kwh(0, at), abs=1e-3)
    assert float(energy.state) > 0
    assert energy.attributes["state_class"] == "total"
    started = datetime.fromisoformat(energy.attributes["last_reset"])
    assert started.timestamp() == session.started_at
    newest = [each for each in session.decisions if each.time <= at][-1]
    assert state(hass, wallbox, "steering_reason").state == newest.reason
    assert float(state(hass, wallbox, "steering_power").state) == newest.target_w


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_the_newest_decision(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    wallbox: str,
) -> None:
    """Decisions may come in any order, and without a time."""
    now.move_to(BACK)
    simulator.fail(
        "hems-sessions/current$",
        status=200,
        body={
            "session": {"id": 7},
            "decisions": [
                {"time": "2026-05-20T10:40:00Z", "reason": "sunny", "target_w": 4000},
                {"time": "2026-05-20T10:45:00Z", "reason": "cloudy", "target_w": 1400},
                {"time": "2026-05-20T10:35:00Z", "reason": "dark", "target_w": 0},
                {"time": None, "reason": "lost", "target_w": 1},
            ],
            "commands": [],
        },
    )
    await set_up(hass, entry)
    assert state(hass, wallbox, "steering_reason").state == "cloudy"
    assert state(hass, wallbox, "steering_power").state == "1400.0"
    assert state(hass, wallbox, "solar_session_energy").state == STATE_UNKNOWN


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_session_that_ends(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    wallbox: str,
) -> None:
    """When the plug is pulled nothing is under way any more, and the last session is the one that ended."""
    now.move_to(AFTERNOON)
    await set_up(hass, entry)
    assert state(hass, wallbox, "solar_session_energy").state != STATE_UNKNOWN
    before = state(hass, wallbox, "last_solar_session_energy").state
    simulator.plug_wallbox(wallbox, plugged=False)
    simulator.requests.clear()
    await pass_time(hass, now, POLL)
    assert simulator.requests.count("hems-sessions/current") == 0
    for key in ("solar_session_energy", "steering_reason", "steering_power"):
        assert state(hass, wallbox, key).state == STATE_UNKNOWN
    device = simulator.device(wallbox)
    last = simulator.wallbox(device).over(simulator.clock.seconds())[-1]
    shown = state(hass, wallbox, "last_solar_session_energy").state
    assert shown != before
    assert float(shown) == pytest.approx(
        last.solar_kwh(0, last.ended_at or 0), abs=1e-3
    )


@pytest.mark.parametrize(
    ("coverage", "shown"),
    [(True, "1.5"), (False, STATE_UNKNOWN), (None, STATE_UNKNOWN)],
)
async def test_savings_need_all_prices(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    wallbox: str,
    coverage: bool | None,
    shown: str,
) -> None:
    """What the last session saved is known only where the prices of all of it are."""
    simulator.fail(
        "/hems-sessions$",
        status=200,
        body={
            "total": 2,
            "items": [
                {
                    "id": 2,
                    "ended_at": "2026-05-19T15:00:00Z",
                    "energy_from_solar_kwh": 6.5,
                    "savings_eur": 1.5,
                    "has_complete_price_coverage": coverage,
                },
                {"id": 1, "ended_at": "2026-05-18T15:00:00Z", "savings_eur": 9},
            ],
        },
    )
    await set_up(hass, entry)
    assert state(hass, wallbox, "last_solar_session_energy").state == "6.5"
    savings = state(hass, wallbox, "last_solar_session_savings")
    assert savings.state == shown
    assert savings.attributes["unit_of_measurement"] == "EUR"


async def test_no_solar_session_yet(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, wallbox: str
) -> None:
    """Before the first session nothing is known of it."""
    simulator.fail("/hems-sessions$", status=200, body={"total": 0, "items": []})
    await set_up(hass, entry)
    for key in ("last_solar_session_energy", "last_solar_session_savings"):
        assert state(hass, wallbox, key).state == STATE_UNKNOWN


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_no_solar_sessions_at_all(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    wallbox: str,
    status: int,
) -> None:
    """Where Podero has no solar sessions there are no entities of them, until it has."""
    simulator.conventions.absent = {"hems-sessions": status}
    await set_up(hass, entry)
    registry = er.async_get(hass)

    def shown() -> set[str]:
        return {
            key
            for key in OF_SOLAR_SESSIONS
            if registry.async_get_entity_id("sensor", "podero", f"{wallbox}_{key}")
        }

    assert shown() == set()
    assert state(hass, wallbox, "charging_status").state != STATE_UNAVAILABLE
    simulator.conventions.absent = {}
    await pass_time(hass, now, timedelta(hours=24))
    await pass_time(hass, now, POLL)
    assert shown() == OF_SOLAR_SESSIONS
