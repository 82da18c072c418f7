"""Cars: plans that are moved, stalled or late, goals of the week, and the truth about them."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import pytest

from simulator import Simulator, World

from .conftest import Caller, vehicle_path

VIENNA = ZoneInfo("Europe/Vienna")
AFTERNOON = datetime(2026, 6, 17, 14, 52, tzinfo=VIENNA)


@pytest.fixture
def car(simulator: Simulator) -> str:
    """Return the id of the first household's car, on an afternoon in June."""
    simulator.clock.set(AFTERNOON)
    return simulator.households[0].vehicles[0].id


async def _current(caller: Caller, simulator: Simulator) -> Any:
    await caller.sign_in()
    path = f"{vehicle_path(simulator)}/sessions/current"
    return (await caller.get(path)).check("current_session")["session"]


async def _detail(caller: Caller, simulator: Simulator) -> Any:
    await caller.sign_in()
    return (await caller.get(vehicle_path(simulator))).check("electric_vehicle")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), day=st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_every_day_of_the_demo(seed: int, day: date) -> None:
    """Plugged in and waiting at 14:52 local time, charging to 80 % from 23:00 on."""
    start = datetime.combine(day - timedelta(days=3), time(), UTC)
    world = World(seed=seed, start=start)
    world.clock.freeze()
    car_id = world.households[0].vehicles[0].id
    world.clock.set(datetime.combine(day, time(14, 52), VIENNA))
    night = datetime.combine(day, time(23), VIENNA).astimezone(UTC)
    truth = world.charging_truth(car_id)
    assert truth["status"] == "waiting_for_plan"
    assert truth["planned_start"] == f"{night:%FT%TZ}"
    assert truth["planned_target"] == 80
    world.clock.set(night)
    assert world.charging_truth(car_id)["status"] == "charging"
    world.clock.set(night + timedelta(hours=3))
    assert world.charging_truth(car_id)["status"] == "fully_charged"


async def test_plan_is_moved(caller: Caller, simulator: Simulator, car: str) -> None:
    """The session says so at once, the car obeys, and the past keeps its plan."""
    before = await _current(caller, simulator)
    start = datetime(2026, 6, 18, 0, 7, tzinfo=UTC)
    simulator.move_plan(car, start)
    moved = await _current(caller, simulator)
    assert moved["id"] == before["id"]
    assert moved["desired_charging_start_time"] == "2026-06-18T00:00:00Z"
    assert moved["expected_savings_eur"] != before["expected_savings_eur"]
    lengths = [
        datetime.fromisoformat(item["desired_charging_end_time"])
        - datetime.fromisoformat(item["desired_charging_start_time"])
        for item in (before, moved)
    ]
    assert lengths[0] == lengths[1]
    simulator.clock.set(datetime(2026, 6, 17, 21, 30, tzinfo=UTC))
    assert (await _detail(caller, simulator))["is_charging"] is False
    earlier = simulator.charging_truth(car, AFTERNOON - timedelta(minutes=1))
    assert earlier["planned_start"] == before["desired_charging_start_time"]
    simulator.clock.set(datetime(2026, 6, 18, 0, 20, tzinfo=UTC))
    assert (await _detail(caller, simulator))["is_charging"] is True
    plan = {"start": "2026-06-18T02:00:00Z", "end": "2026-06-18T02:20:00Z"}
    truth = (await caller.own("PATCH", f"cars/{car}", {"plan": plan})).check_status(200)
    assert truth["status"] == "waiting_for_plan"
    assert truth["planned_end"] == "2026-06-18T02:30:00Z"
    wrong = {"start": plan["end"], "end": plan["start"]}
    for body in ({"plan": wrong}, {"plan": {}}, {"plan": {"start": 7}}, {"x": 1}):
        (await caller.own("PATCH", f"cars/{car}", body)).check("validation_error", 422)


def test_plan_is_moved_in_the_quarter_of_the_plug_in() -> None:
    """A quarter that is computed again keeps what was wanted of its session."""
    worlds = [World(seed=1, start=AFTERNOON - timedelta(days=2)) for _ in range(2)]
    for world in worlds:
        world.clock.freeze()
        world.clock.set(AFTERNOON)
    other, world = worlds
    car_id = world.households[0].vehicles[0].id
    other.charging_truth(car_id)
    session = other.car(car_id)[1].session_at(other.clock.seconds())
    assert session is not None
    plug_in = datetime.fromtimestamp(session.plug_in, UTC)
    world.clock.set(plug_in + timedelta(seconds=1))
    world.move_plan(car_id, plug_in + timedelta(hours=1))
    assert world.charging_truth(car_id)["status"] == "waiting_for_plan"
    again = world.car(car_id)[1].session_at(world.clock.seconds())
    assert again is not None
    assert again.id == session.id
    world.clock.set(plug_in + timedelta(hours=1))
    assert world.charging_truth(car_id)["status"] == "charging"


async def test_nothing_to_move(caller: Caller, simulator: Simulator, car: str) -> None:
    """A car on the road has no plan; an inverter is no car."""
    simulator.clock.set(datetime(2026, 6, 17, 7, tzinfo=UTC))
    assert simulator.charging_truth(car)["status"] == "not_plugged_in"
    for body in ({"plan": {"start": "2026-06-18T00:00:00Z"}}, {"miss_deadline": True}):
        (await caller.own("PATCH", f"cars/{car}", body)).check("error", 409)
    inverter = simulator.households[0].inverters[0].id
    (await caller.own("PATCH", f"cars/{inverter}", {})).check("error", 404)
    (await caller.own("GET", f"charging?device={inverter}")).check("error", 404)
    (await caller.own("GET", f"charging?device={car}&at=x")).check(
        "validation_error", 422
    )


async def test_stalled(caller: Caller, simulator: Simulator, car: str) -> None:
    """Inside its window and not charging, then healed, with time to make up for it."""
    simulator.clock.set(datetime(2026, 6, 17, 21, 20, tzinfo=UTC))
    assert simulator.charging_truth(car)["status"] == "charging"
    (await caller.own("PATCH", f"cars/{car}", {"stalled": True})).check_status(200)
    detail = await _detail(caller, simulator)
    assert (detail["is_charging"], detail["charge_rate_w"]) == (False, 0)
    assert simulator.charging_truth(car)["status"] == "interrupted"
    end = datetime.fromisoformat(
        (await _current(caller, simulator))["desired_charging_end_time"]
    )
    simulator.clock.set(end)
    assert simulator.charging_truth(car)["status"] == "waiting"
    truth = (await caller.own("PATCH", f"cars/{car}", {"stalled": False})).body
    assert truth["status"] == "charging"
    assert datetime.fromisoformat(truth["planned_end"]) > end
    simulator.clock.set(datetime(2026, 6, 18, 3, tzinfo=UTC))
    assert simulator.charging_truth(car)["status"] == "fully_charged"


async def test_stalled_before_its_plan_or_unplugged(
    simulator: Simulator, car: str
) -> None:
    """Healed in time, the plan stands; without a session there is nothing to plan."""
    plan = simulator.charging_truth(car)["planned_start"]
    simulator.stall(car)
    simulator.heal()
    assert simulator.charging_truth(car)["planned_start"] == plan
    simulator.clock.set(datetime(2026, 6, 18, 8, tzinfo=UTC))
    simulator.stall(car)
    simulator.end_stall(car)
    assert simulator.charging_truth(car)["status"] == "not_plugged_in"


async def test_deadline_is_missed(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """Plugged in past its deadline, below its target."""
    (await caller.own("PATCH", f"cars/{car}", {"miss_deadline": True})).check_status(
        200
    )
    session = await _current(caller, simulator)
    assert session["desired_charging_start_time"] == session["charge_deadline"]
    simulator.clock.set(
        datetime.fromisoformat(session["charge_deadline"]) + timedelta(minutes=10)
    )
    truth = (await caller.own("GET", f"charging?device={car}")).body
    assert truth["status"] == "charging"
    assert truth["level"] < truth["target"]
    assert truth["missing_wh"] > 0
    assert truth["deadline"] == session["charge_deadline"]


async def test_weekly_policy(caller: Caller, simulator: Simulator, car: str) -> None:
    """Sessions follow the day of the week; days without a word follow the settings."""
    path = f"{vehicle_path(simulator)}/charge-policy"
    data = (await caller.get(path)).check("charge_policy")["data"]
    daily = {"charge_percentage": 80, "charge_deadline": "06:00:00"}
    assert data["wed"] == daily
    assert data["sat"] == data["sun"] == daily | {"charge_deadline": "08:00:00"}
    assert data["timezone"] == "Europe/Vienna"
    thursday = {"charge_percentage": 60, "charge_deadline": "04:30"}
    body = {"policy": {"thu": thursday, "fri": None, "sat": {"charge_percentage": 85}}}
    (await caller.own("PATCH", f"cars/{car}", body)).check_status(200)
    data = (await caller.get(path)).body["data"]
    assert data["thu"] == {"charge_percentage": 60, "charge_deadline": "04:30:00"}
    assert data["fri"] is None
    assert data["sat"] == {"charge_percentage": 85, "charge_deadline": "06:00:00"}
    simulator.conventions.update(policy_seconds=False)
    assert (await caller.get(path)).body["data"]["mon"]["charge_deadline"] == "06:00"
    session = await _current(caller, simulator)
    assert session["target_soc_pct"] == 60
    assert session["charge_deadline"] == "2026-06-18T02:30:00Z"
    simulator.clock.set(datetime(2026, 6, 18, 18, tzinfo=UTC))
    session = await _current(caller, simulator)
    assert session["target_soc_pct"] == 85
    assert session["charge_deadline"] == "2026-06-20T04:00:00Z"
    off = {"is_charge_policy_enabled": False}
    (await caller.ask("PUT", vehicle_path(simulator), json=off)).check_status(200)
    session = await _current(caller, simulator)
    assert session["target_soc_pct"] == 80
    assert session["charge_deadline"] == "2026-06-19T04:00:00Z"


async def test_week_without_goals(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """A policy of seven empty days leaves the car a week's time."""
    days = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    simulator.set_policy(car, **days)
    session = await _current(caller, simulator)
    assert session["charge_deadline"] > "2026-06-23"
    for junk in (
        {"monday": None},
        {"mon": {"x": 1}},
        {"mon": 7},
        {"mon": {"charge_percentage": 101}},
        {"mon": {"charge_percentage": "80"}},
        {"mon": {"charge_deadline": "25:00"}},
        {"mon": {"charge_deadline": 600}},
    ):
        body = {"policy": junk}
        (await caller.own("PATCH", f"cars/{car}", body)).check("validation_error", 422)


async def test_boost_that_shows_late(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """Accepted at once; available for a while, then requested, then ongoing."""
    simulator.conventions.update(boost_late_s=60)
    boost = f"{vehicle_path(simulator)}/boost"
    (await caller.ask("POST", boost)).check_status(204)
    seen, plan = [], "2026-06-17T12:45:00Z"
    for _ in range(10):
        detail = await _detail(caller, simulator)
        seen.append(detail["boost_state"])
        asked = detail["last_boost_triggered_at"] is not None
        assert asked == (seen[-1] != "available")
        assert detail["is_charging"] == (seen[-1] == "ongoing")
        expected = {
            "available": "waiting_for_plan",
            "requested": "boost_requested",
            "ongoing": "boosting",
        }
        status = simulator.charging_truth(car)["status"]
        assert status == expected[seen[-1]]
        start = (await _current(caller, simulator))["desired_charging_start_time"]
        assert start == ("2026-06-17T21:00:00Z" if not asked else plan)
        simulator.clock.advance(10)
    assert seen == ["available"] * 6 + ["requested"] * 2 + ["ongoing"] * 2


async def test_boost_in_the_middle_of_the_plan(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """A car that charges already goes on while the boost is only requested."""
    simulator.clock.set(datetime(2026, 6, 17, 21, 5, tzinfo=UTC))
    await caller.sign_in()
    (await caller.ask("POST", f"{vehicle_path(simulator)}/boost")).check_status(204)
    detail = await _detail(caller, simulator)
    assert (detail["boost_state"], detail["is_charging"]) == ("requested", True)


async def test_a_plan_that_had_begun_is_moved(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """What comes then, a boost or another goal, plans nothing that ends before it begins."""
    simulator.clock.set(datetime(2026, 6, 17, 21, 20, tzinfo=UTC))
    assert simulator.charging_truth(car)["status"] == "charging"
    night = datetime(2026, 6, 18, 2, tzinfo=UTC)
    simulator.move_plan(car, night)
    simulator.set_policy(car, thu={"charge_percentage": 81})
    session = await _current(caller, simulator)
    assert session["desired_charging_start_time"] < session["desired_charging_end_time"]
    simulator.move_plan(car, night)
    simulator.clock.advance(1200)
    simulator.boost(car)
    session = await _current(caller, simulator)
    assert session["desired_charging_start_time"] == "2026-06-17T21:30:00Z"
    assert session["desired_charging_end_time"] > "2026-06-17T21:30:00Z"
    simulator.clock.advance(60)
    assert simulator.charging_truth(car)["status"] == "boosting"


async def test_truth_agrees_with_the_detail(
    caller: Caller, simulator: Simulator
) -> None:
    """At every ten minutes of two days of all cars."""
    simulator.clock.set(datetime(2026, 6, 19, tzinfo=UTC))
    seen = set()
    for _ in range(2 * 144):
        simulator.clock.advance(600)
        for family in simulator.households:
            for device in family.vehicles:
                truth = simulator.charging_truth(device.id)
                detail = simulator.detail(device, simulator.url)
                status = truth["status"]
                seen.add(status)
                assert detail["is_charging"] == (status == "charging")
                assert detail["is_plugged_in"] == (status != "not_plugged_in")
                assert (status == "fully_charged") <= bool(detail["is_fully_charged"])
                assert detail["charge_rate_w"] == truth["power_w"]
    assert seen >= {"charging", "not_plugged_in", "fully_charged", "waiting_for_plan"}


async def test_truth_of_what_is_beside_charging(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """Signed out, paused, not optimized."""
    path = vehicle_path(simulator)
    off = {"is_smart_optimization_active": False}
    (await caller.ask("PUT", path, json=off)).check_status(200)
    simulator.stall(car)
    assert simulator.charging_truth(car)["status"] == "interrupted"
    simulator.clock.advance(7200)
    assert simulator.charging_truth(car)["status"] == "not_optimized"
    simulator.override(car, is_pause_power_active=True)
    assert simulator.charging_truth(car)["status"] == "paused"
    action = simulator.add_action(car)
    assert simulator.charging_truth(car)["status"] == "disconnected"
    simulator.restore(car)
    assert simulator.charging_truth(car)["status"] == "disconnected"
    simulator.remove_action(action.id)
    simulator.override(car, is_authenticated=False)
    assert simulator.charging_truth(car)["status"] == "disconnected"


async def test_policy_of_the_limit(
    caller: Caller, simulator: Simulator, car: str
) -> None:
    """What the car's maker allows is not exceeded, whatever the household wants."""
    body = {"minimum_charge_limit": 100}
    (await caller.ask("PUT", vehicle_path(simulator), json=body)).check_status(200)
    simulator.clock.set(datetime(2026, 6, 18, 3, 50, tzinfo=UTC))
    detail = await _detail(caller, simulator)
    assert (detail["battery_level"], detail["charge_target_max"]) == (90, 90)
    assert detail["is_fully_charged"] is True
