"""Charging sessions: the sensors that show them, and how often they are asked for."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Simulator

from .common import make_entry, pass_time, set_up, state
from .kinds.contract import VEHICLE, read

pytestmark = pytest.mark.usefixtures("entity_registry_enabled_by_default")

PLUGGED_IN = datetime(2026, 5, 20, 19, 7, tzinfo=UTC)
OF_SESSIONS = {
    (platform, key)
    for platform, key in read(VEHICLE)
    if key.startswith(("session_", "last_session_", "month_"))
    or key == "charging_sessions"
}
SESSION = ("session_energy", "session_cost", "session_savings")
MONTH = ("month_energy", "month_cost", "month_savings", "month_sessions")


def shown_of_sessions(hass: HomeAssistant, car: str) -> set[tuple[str, str]]:
    """Return the entities about sessions that there are."""
    registry = er.async_get(hass)
    return {
        (platform, key)
        for platform, key in OF_SESSIONS
        if registry.async_get_entity_id(platform, "podero", f"{car}_{key}")
    }


def sessions(simulator: Simulator, car: str) -> list[dict[str, object]]:
    """Return what the simulator says of the sessions that are over."""
    return simulator.sessions(simulator.device(car))


async def test_session_under_way(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """While plugged in the session shows what it came to; then it is unknown again."""
    now.move_to(datetime(2026, 5, 21, 1, 0, tzinfo=UTC))
    await set_up(hass, entry)
    assert state(hass, car, "plugged_in", "binary_sensor").state == STATE_ON
    current = simulator.requests.find(f"{car}/sessions/current")
    assert len(current) == 1
    energy = state(hass, car, "session_energy")
    assert float(energy.state) > 0
    assert energy.attributes["unit_of_measurement"] == "kWh"
    plug_in = datetime.fromisoformat(energy.attributes["last_reset"])
    assert plug_in < datetime(2026, 5, 21, 1, 0, tzinfo=UTC)
    assert float(state(hass, car, "session_cost").state) > 0
    assert state(hass, car, "session_savings").state != STATE_UNKNOWN

    before = state(hass, car, "last_session_end").state
    simulator.requests.clear()
    now.move_to(datetime(2026, 5, 21, 8, 0, tzinfo=UTC))
    await pass_time(hass, now, 1)
    for key in SESSION:
        assert state(hass, car, key).state == STATE_UNKNOWN
    assert simulator.requests.count(f"{car}/sessions/current") == 0
    # The session that has just ended is there at once, not an hour later.
    assert state(hass, car, "last_session_end").state > before


async def test_savings_are_expected_until_they_are_known(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The expected savings stand in for the actual ones."""
    simulator.fail(
        "sessions/current",
        fields={
            "session.actual_savings_eur": None,
            "session.expected_savings_eur": 1.25,
        },
        times=1,
    )
    simulator.fail("sessions/current", fields={"session.actual_savings_eur": 0.5})
    now.move_to(PLUGGED_IN)
    await set_up(hass, entry)
    assert state(hass, car, "session_savings").state == "1.25"
    await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, car, "session_savings").state == "0.5"


async def test_last_session(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: str
) -> None:
    """The session that ended last is the one that is shown."""
    last = max(
        sessions(simulator, car),
        key=lambda each: str(each["unplug_time"] or each["inferred_session_end"]),
    )
    for key, field in {
        "last_session_energy": "energy_charged_kwh",
        "last_session_cost": "actual_cost_eur",
        "last_session_savings": "actual_savings_eur",
        "last_session_initial_level": "initial_soc_pct",
        "last_session_final_level": "final_soc_pct",
        "last_session_average_power": "avg_charge_power_kw",
        "last_session_peak_power": "peak_charge_power_kw",
        "last_session_outcome": "session_outcome",
    }.items():
        assert state(hass, car, key).state == str(last[field]), key
    for key, field in {
        "last_session_start": "plug_in_time",
        "last_session_end": "unplug_time",
    }.items():
        shown = datetime.fromisoformat(state(hass, car, key).state)
        assert shown == datetime.fromisoformat(str(last[field]))
    assert state(hass, car, "last_session_at_home", "binary_sensor").state == STATE_ON


async def test_no_session_yet(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, car: str
) -> None:
    """Without any session the last one is unknown and the month comes to nothing."""
    simulator.fail("/sessions$", body={"total": 0, "items": []}, status=200)
    await set_up(hass, entry)
    assert state(hass, car, "last_session_energy").state == STATE_UNKNOWN
    home = state(hass, car, "last_session_at_home", "binary_sensor")
    assert home.state == STATE_UNKNOWN
    assert float(state(hass, car, "month_energy").state) == 0
    assert state(hass, car, "month_sessions").state == "0"


async def test_a_session_without_numbers(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, car: str
) -> None:
    """Every field but the id may be missing."""
    simulator.fail(
        "/sessions$",
        status=200,
        body={
            "total": 2,
            "items": [
                {"id": "a"},
                {"id": "b", "inferred_session_end": "2026-05-19T04:00:00Z"},
            ],
        },
    )
    await set_up(hass, entry)
    assert state(hass, car, "last_session_end").state == "2026-05-19T04:00:00+00:00"
    assert state(hass, car, "last_session_start").state == STATE_UNKNOWN
    assert float(state(hass, car, "month_cost").state) == 0
    assert state(hass, car, "month_sessions").state == "1"


async def test_month_totals(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """Sessions count by their end, in the month of Home Assistant's time zone."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    begin = datetime(2026, 4, 30, 22, 0, tzinfo=UTC)

    def item(number: int, end: datetime) -> dict[str, object]:
        return {
            "id": str(number),
            "plug_in_time": (end - timedelta(hours=5)).isoformat(),
            "unplug_time": end.isoformat(),
            "energy_charged_kwh": 10,
            "actual_cost_eur": 2,
            "actual_savings_eur": 0.5,
        }

    simulator.fail(
        "/sessions$",
        status=200,
        body={
            "total": 3,
            "items": [
                item(1, begin - timedelta(seconds=1)),
                item(2, begin),
                item(3, begin + timedelta(days=10)),
            ],
        },
    )
    await set_up(hass, entry)
    energy = state(hass, car, "month_energy")
    assert energy.state == "20.0"
    assert energy.attributes["state_class"] == "total"
    assert datetime.fromisoformat(energy.attributes["last_reset"]) == begin
    assert state(hass, car, "month_cost").state == "4.0"
    assert state(hass, car, "month_cost").attributes["unit_of_measurement"] == "EUR"
    assert state(hass, car, "month_savings").state == "1.0"
    assert state(hass, car, "month_sessions").state == "2"


async def test_month_begins_at_midnight(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The totals start anew with the month, without waiting for the next poll."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    now.move_to(datetime(2026, 5, 31, 21, 59, 30, tzinfo=UTC))
    await set_up(hass, entry)
    assert float(state(hass, car, "month_sessions").state) > 0
    simulator.requests.clear()
    await pass_time(hass, now, 31)
    assert simulator.requests.count("/sessions$") == 0
    for key in MONTH:
        assert float(state(hass, car, key).state) == 0
    reset = state(hass, car, "month_energy").attributes["last_reset"]
    assert datetime.fromisoformat(reset) == datetime(2026, 5, 31, 22, tzinfo=UTC)


async def test_sessions_are_polled_hourly(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """Those that are over are asked for once an hour."""
    simulator.requests.clear()
    for _ in range(11):
        await pass_time(hass, now, timedelta(minutes=5))
    assert simulator.requests.count("/sessions$") == 0
    await pass_time(hass, now, timedelta(minutes=6))
    assert simulator.requests.count("/sessions$") == 1


async def test_sessions_fail_alone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """When only its sessions cannot be had, the car shows the last ones that it knew, and everything else."""
    before = state(hass, car, "last_session_energy").state
    simulator.fail("/sessions", status=500)
    simulator.override(car, battery_level=33)
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert simulator.requests.count("/sessions", status=500) > 0
    assert state(hass, car, "last_session_energy").state == before
    assert state(hass, car, "battery_level").state == "33"


async def test_sessions_fail_from_the_start(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """What sessions come to is shown once they are known, minutes after they can be had."""
    simulator.fail("/sessions", status=500)
    now.move_to(PLUGGED_IN)
    await set_up(hass, entry)
    assert state(hass, car, "plugged_in", "binary_sensor").state == STATE_ON
    assert shown_of_sessions(hass, car) == set()
    simulator.heal()
    await pass_time(hass, now, timedelta(minutes=6))
    assert shown_of_sessions(hass, car) == OF_SESSIONS


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_a_household_without_sessions(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Where Podero has no sessions there is no entity and no log line; it is asked again daily."""
    simulator.fail(f"{car}/sessions$", status=status)
    await set_up(hass, entry)
    assert shown_of_sessions(hass, car) == set()
    assert simulator.requests.count(f"{car}/sessions$") == 1
    for _ in range(46):
        await pass_time(hass, now, timedelta(minutes=30))
    assert simulator.requests.count(f"{car}/sessions$") == 1
    assert not [
        record
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]
    simulator.heal()
    for _ in range(3):
        await pass_time(hass, now, timedelta(minutes=30))
    assert shown_of_sessions(hass, car) == OF_SESSIONS


async def test_credentials_refused_for_the_current_session(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """Refused credentials are no matter of the sessions alone: the poll has failed."""
    now.move_to(PLUGGED_IN)
    simulator.fail("sessions/current", status=401)
    await pass_time(hass, now, 1)
    assert state(hass, car, "battery_level").state == STATE_UNAVAILABLE
    simulator.heal()
    await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, car, "battery_level").state != STATE_UNAVAILABLE


async def test_a_removed_car_takes_its_sessions_along(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """Nobody asks for the sessions of a car that is gone."""
    simulator.delete(car)
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert simulator.requests.count(car) == 0


async def test_an_inverter_has_no_sessions(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A household without a car is never asked about charging."""
    assert not simulator.households[1].vehicles
    await set_up(hass, make_entry(simulator, 1))
    assert simulator.requests.count("/inverters/[^/]+$") == 1
    assert simulator.requests.count("sessions") == 0
