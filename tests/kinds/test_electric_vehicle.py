"""Electric vehicles: why they charge or not, what comes next, and what is known of the week."""

import asyncio
from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_state_change_event
from simulator import Simulator
from tests.common import device_entry, entity_id, make_entry, pass_time, set_up, state

POLL = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
# The car is plugged in; its window is from 21:00 to 22:00 UTC, its deadline at 04:00.
WINDOW = datetime(2026, 5, 20, 21, 0, tzinfo=UTC)
DEADLINE = datetime(2026, 5, 21, 4, 0, tzinfo=UTC)


async def reach(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    moment: datetime,
) -> None:
    """Let a time be reached that comes before the next poll."""
    simulator.requests.clear()
    now.move_to(moment)
    await pass_time(hass, now, 0)
    assert simulator.requests.total == 0


# Why, and what next


async def test_the_window_opens(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """When the window opens the car is asked once whether it charges, not waited for until the next poll."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    simulator.requests.clear()
    await pass_time(hass, now, MINUTE)
    assert simulator.requests.count(f"{car}$") == 1
    assert state(hass, car, "charging_status").state == "charging"
    assert float(state(hass, car, "charge_power").state) > 0
    assert problem(hass, car) == (STATE_OFF, None)
    # From now on it is polled as a car that charges.
    await pass_time(hass, now, MINUTE)
    assert simulator.requests.count(f"{car}$") == 2


async def test_status_changes_by_time(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """When the window opens the status is another one at once; when it closes the plan is gone, without a poll."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    simulator.stall(car)
    assert state(hass, car, "charging_status").state == "waiting_for_plan"
    for key, moment in (
        ("planned_start", WINDOW),
        ("planned_end", WINDOW + timedelta(hours=1)),
    ):
        assert datetime.fromisoformat(state(hass, car, key).state) == moment
    await pass_time(hass, now, MINUTE)
    assert state(hass, car, "charging_status").state == "interrupted"
    simulator.fail(f"{car}/sessions/current$", status=500)
    now.move_to(WINDOW + timedelta(minutes=59))
    await pass_time(hass, now, 0)
    assert state(hass, car, "planned_start").state != STATE_UNKNOWN
    await reach(hass, simulator, now, WINDOW + timedelta(hours=1))
    assert state(hass, car, "charging_status").state == "waiting"
    assert state(hass, car, "planned_start").state == STATE_UNKNOWN
    assert state(hass, car, "planned_end").state == STATE_UNKNOWN


@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_the_window_opens_while_podero_fails(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    status: int,
) -> None:
    """Where nobody answers the status is what is known; the outage is the next regular poll's to tell."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    simulator.fail(f"{car}$", status=status)
    simulator.requests.clear()
    await pass_time(hass, now, MINUTE)
    assert simulator.requests.count(f"{car}$", "GET", status) >= 1
    assert state(hass, car, "charging_status").state == "interrupted"
    simulator.requests.clear()
    await pass_time(hass, now, MINUTE)
    assert simulator.requests.count(f"{car}$") == 0
    simulator.heal()
    await pass_time(hass, now, timedelta(hours=1))
    assert state(hass, car, "charging_status").state != STATE_UNAVAILABLE


async def test_the_window_opens_in_an_outage(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """What the last poll did not get is not asked for before the next regular one."""
    now.move_to(WINDOW - timedelta(minutes=6))
    await set_up(hass, entry)
    simulator.fail(f"{car}$", status=500)
    await pass_time(hass, now, timedelta(minutes=5, seconds=5))
    assert state(hass, car, "charging_status").state == STATE_UNAVAILABLE
    await reach(hass, simulator, now, WINDOW)
    assert state(hass, car, "charging_status").state == STATE_UNAVAILABLE


async def test_the_window_opens_while_polling_is_off(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """Where a person switched polling off, nothing is asked for when the window opens either."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    hass.config_entries.async_update_entry(entry, pref_disable_polling=True)
    await reach(hass, simulator, now, WINDOW)
    assert state(hass, car, "charging_status").state == "interrupted"


async def test_a_poll_from_before_the_window(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """What was asked before the window opened says nothing about what happens inside it."""
    now.move_to(WINDOW - timedelta(minutes=6))
    await set_up(hass, entry)
    seen = []
    async_track_state_change_event(
        hass,
        entity_id(hass, "sensor", car, "charging_status"),
        lambda event: seen.append(event.data["new_state"].state),
    )
    simulator.override(car, driving_range=123)
    simulator.fail(f"{car}/sessions/current$", hold="after", times=1)
    now.move_to(WINDOW - timedelta(seconds=30))
    async_fire_time_changed(hass)
    await simulator.faults.until_held()
    now.move_to(WINDOW + timedelta(seconds=1))
    simulator.faults.release()
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, now, 1)
    assert seen == ["charging"]


async def test_the_window_of_a_car_that_goes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """An answer that comes when the car is no longer there is dropped."""
    now.move_to(WINDOW - timedelta(minutes=59, seconds=55))
    await set_up(hass, entry)
    now.move_to(WINDOW - MINUTE)
    await pass_time(hass, now, 0)
    simulator.fail(f"{car}$", hold="before", times=1)
    now.move_to(WINDOW)
    async_fire_time_changed(hass)
    await simulator.faults.until_held()
    simulator.fail("/electric-vehicles$", fields={"deleted_at": "2026-05-20T21:00:00Z"})
    now.tick(10)
    async_fire_time_changed(hass)
    while device_entry(hass, entry, car):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    simulator.faults.release()
    await hass.async_block_till_done(wait_background_tasks=True)
    simulator.requests.clear()
    await pass_time(hass, now, POLL)
    assert simulator.requests.count(f"{car}$") == 0
    assert device_entry(hass, entry, car) is None


async def test_the_window_opens_while_the_entry_unloads(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """Unloading does not wait for the answer."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    simulator.fail(f"{car}$", hold="before", times=1)
    now.move_to(WINDOW)
    async_fire_time_changed(hass)
    await simulator.faults.until_held()
    assert await hass.config_entries.async_unload(entry.entry_id)
    assert state(hass, car, "charging_status").state == STATE_UNAVAILABLE
    simulator.faults.release()
    await pass_time(hass, now, 1)
    simulator.requests.clear()
    await pass_time(hass, now, POLL)
    assert simulator.requests.count(f"{car}$") == 0


async def test_status_is_what_the_simulator_knows(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """A day of a car: after each poll the status is the true one."""
    now.move_to(WINDOW - timedelta(hours=6))
    await set_up(hass, entry)
    seen = set()
    for _ in range(24 * 4):
        await pass_time(hass, now, timedelta(minutes=15))
        status = state(hass, car, "charging_status").state
        assert status == simulator.charging_truth(car)["status"], now()
        seen.add(status)
    assert seen > {"waiting_for_plan", "charging", "fully_charged", "not_plugged_in"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"is_authenticated": False}, "disconnected"),
        ({"is_pause_power_active": True}, "paused"),
        ({"boost_state": "ongoing"}, "boosting"),
        ({"boost_state": "requested"}, "boost_requested"),
        ({"charge_rate_w": 1400}, "charging"),
        ({"is_plugged_in": False}, "not_plugged_in"),
        ({"is_fully_charged": True}, "fully_charged"),
        ({"battery_level": 90}, "fully_charged"),
        ({}, "waiting_for_plan"),
        (
            {"is_plugged_in": None, "is_charging": None, "charge_rate_w": None},
            STATE_UNKNOWN,
        ),
    ],
)
async def test_status(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    fields: dict[str, object],
    status: str,
) -> None:
    """What Podero says of a car, and what it comes to."""
    now.move_to(WINDOW - timedelta(hours=1))
    simulator.override(car, **fields)
    await set_up(hass, entry)
    assert state(hass, car, "charging_status").state == status


@pytest.mark.parametrize(
    ("smart", "status"), [(True, "waiting"), (False, "not_optimized")]
)
async def test_without_a_plan(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    smart: bool,
    status: str,
) -> None:
    """A car that is plugged in, with nothing planned, waits; or nobody optimizes it."""
    now.move_to(WINDOW - timedelta(hours=1))
    simulator.override(car, is_smart_optimization_active=smart)
    simulator.fail(
        f"{car}/sessions/current$",
        fields={
            "session.desired_charging_start_time": None,
            "session.desired_charging_end_time": "0001-01-01T00:00:00Z",
        },
    )
    await set_up(hass, entry)
    assert state(hass, car, "charging_status").state == status
    assert state(hass, car, "planned_start").state == STATE_UNKNOWN


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_planned_target(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The target of the plan is there as long as the plan."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    assert state(hass, car, "planned_target").state == "80.0"
    now.move_to(WINDOW + timedelta(hours=2))
    await pass_time(hass, now, 0)
    assert state(hass, car, "planned_target").state == STATE_UNKNOWN


def problem(hass: HomeAssistant, car: str) -> tuple[str, str | None]:
    """Return whether there is a problem, and which."""
    shown = state(hass, car, "charging_problem", "binary_sensor")
    return shown.state, shown.attributes["reason"]


async def test_stalled(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """A car that takes nothing in its window is a problem after a quarter of an hour."""
    now.move_to(WINDOW - MINUTE)
    await set_up(hass, entry)
    simulator.stall(car)
    await pass_time(hass, now, MINUTE)
    for _ in range(15):
        assert problem(hass, car) == (STATE_OFF, None)
        await pass_time(hass, now, MINUTE)
    await pass_time(hass, now, 1)
    assert problem(hass, car) == (STATE_ON, "stalled")
    simulator.end_stall(car)
    await pass_time(hass, now, POLL)
    assert problem(hass, car) == (STATE_OFF, None)


async def test_deadline_missed_by_time(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """A deadline that passes while the level is below the target is a problem, without a poll."""
    simulator.override(car, battery_level=79)
    now.move_to(DEADLINE - MINUTE)
    # With so little missing it could still be reached up to the end.
    simulator.override(car, battery_capacity_kwh=1)
    await set_up(hass, entry)
    assert problem(hass, car) == (STATE_OFF, None)
    await reach(hass, simulator, now, DEADLINE)
    assert problem(hass, car) == (STATE_ON, "deadline_missed")


async def test_deadline_unreachable_by_time(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """30 % of 55 kWh take an hour and a half at 11 kW: 5 minutes after that is too late it is a problem."""
    simulator.override(
        car,
        battery_level=50,
        battery_capacity_kwh=55,
        expected_max_charge_power=11_000,
        is_fully_charged=False,
    )
    latest = DEADLINE - timedelta(minutes=90) + POLL
    now.move_to(latest - MINUTE)
    await set_up(hass, entry)
    assert problem(hass, car) == (STATE_OFF, None)
    await reach(hass, simulator, now, latest + timedelta(seconds=1))
    assert problem(hass, car) == (STATE_ON, "deadline_unreachable")


@pytest.mark.parametrize(
    "missing",
    [
        "battery_level",
        "battery_capacity_kwh",
        "expected_max_charge_power",
    ],
)
async def test_no_verdict(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    missing: str,
) -> None:
    """Where something that a verdict takes is not known there is no problem."""
    values = {
        "battery_level": 10,
        "battery_capacity_kwh": 55,
        "expected_max_charge_power": 11_000,
        "is_fully_charged": False,
    }
    simulator.override(car, **values)
    now.move_to(DEADLINE - timedelta(hours=1))
    await set_up(hass, entry)
    assert problem(hass, car) == (STATE_ON, "deadline_unreachable")
    simulator.override(car, **{missing: None})
    await pass_time(hass, now, POLL)
    assert problem(hass, car) == (STATE_OFF, None)


# The week


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_next_deadline(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The next deadline of the week and its target; when it passes it is the day after's, without a poll."""
    simulator.set_policy(car, fri={"charge_percentage": 60, "charge_deadline": "05:30"})
    now.move_to(DEADLINE - MINUTE)
    await set_up(hass, entry)
    assert state(hass, car, "next_deadline").state == "2026-05-21T04:00:00+00:00"
    assert state(hass, car, "next_target").state == "80"
    await reach(hass, simulator, now, DEADLINE)
    # Friday, by the clock in Vienna, which the policy names.
    assert state(hass, car, "next_deadline").state == "2026-05-22T03:30:00+00:00"
    assert state(hass, car, "next_target").state == "60"


async def test_a_day_without_a_deadline(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """A day that has none is left out."""
    simulator.set_policy(car, thu=None, fri=None)
    now.move_to(WINDOW)
    await set_up(hass, entry)
    assert state(hass, car, "next_deadline").state == "2026-05-23T06:00:00+00:00"


@pytest.mark.parametrize("zone", [None, "Nowhere/Land", "../../etc/passwd"])
async def test_a_zone_that_is_none(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    zone: str | None,
) -> None:
    """Without a known zone the deadlines are in Home Assistant's."""
    await hass.config.async_set_time_zone("Europe/Lisbon")
    simulator.fail("/charge-policy$", fields={"data.timezone": zone})
    now.move_to(WINDOW)
    await set_up(hass, entry)
    assert state(hass, car, "next_deadline").state == "2026-05-21T05:00:00+00:00"


async def test_policy_is_asked_for_when_it_changed(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The week is asked for once a day, and when Podero says that it changed."""
    now.move_to(WINDOW)
    await set_up(hass, entry)
    for _ in range(23):
        await pass_time(hass, now, timedelta(hours=1))
    assert simulator.requests.count("/charge-policy$") == 1
    for _ in range(2):
        await pass_time(hass, now, timedelta(hours=1))
    assert simulator.requests.count("/charge-policy$") == 2
    simulator.set_policy(car, fri={"charge_deadline": "09:15"})
    await pass_time(hass, now, POLL)
    assert simulator.requests.count("/charge-policy$") == 3
    assert state(hass, car, "next_deadline").state == "2026-05-22T07:15:00+00:00"


async def test_policy_off_and_on(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """While the policy is off nobody asks for the week, and nothing is shown of it; on again it is asked for."""
    now.move_to(WINDOW)
    await set_up(hass, entry)
    simulator.override(car, is_charge_policy_enabled=False)
    await pass_time(hass, now, POLL)
    assert state(hass, car, "next_deadline").state == STATE_UNAVAILABLE
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(days=1, hours=1))
    assert simulator.requests.count("/charge-policy$") == 0
    simulator.override(car, is_charge_policy_enabled=True)
    await pass_time(hass, now, POLL)
    assert simulator.requests.count("/charge-policy$") == 1
    assert state(hass, car, "next_deadline").state != STATE_UNAVAILABLE


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_no_policy(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    status: int,
) -> None:
    """Where there is no weekly policy there are no entities of it."""
    simulator.fail("/charge-policy$", status=status)
    await set_up(hass, entry)
    await pass_time(hass, now, timedelta(hours=1))
    assert simulator.requests.count("/charge-policy$") == 1
    registry = er.async_get(hass)
    for key in ("next_deadline", "next_target"):
        assert registry.async_get_entity_id("sensor", "podero", f"{car}_{key}") is None


# Thresholds


@pytest.mark.parametrize(
    "key", ["hems_min_export_to_start", "hems_max_import_before_stopping"]
)
async def test_thresholds_of_the_car_itself(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    car: str,
    key: str,
) -> None:
    """Where the household itself has no thresholds the car's are changed at the car."""
    simulator.fail("charging-config$", status=404)
    await set_up(hass, make_entry(simulator, allow_control=True))
    entity = er.async_get(hass).async_get_entity_id("number", "podero", f"{car}_{key}")
    await hass.services.async_call(
        "number", "set_value", {"entity_id": entity, "value": 1234}, blocking=True
    )
    assert simulator.requests.count(f"{car}$", "PUT", 200) == 1
    detail = simulator.detail(simulator.device(car), "")
    assert detail[f"{key}_w"] == 1234
    assert state(hass, car, key, "number").state == "1234"
