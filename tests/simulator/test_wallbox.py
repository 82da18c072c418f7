"""A wallbox follows the sun by decisions."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from simulator import Simulator, World

from .conftest import NOON, Caller, inverter_path, vehicle_path, wallbox_path
from .wallboxes import plug, set_mode, sun_charges, until_unplugged, wallbox_now


def test_physics() -> None:
    """A summer by the sun: energy is conserved, rules are kept, and sums agree."""
    world = World(
        seed=2, start=datetime(2026, 5, 1, tzinfo=UTC), charging_mode="hems_and_spot"
    )
    world.clock.set(datetime(2026, 8, 1, tzinfo=UTC))
    world.clock.freeze()
    family = world.households[0]
    device = family.wallboxes[0]
    now = world.clock.seconds()
    world.energy(device.id, world.clock.now(), world.clock.now())
    sessions = device.source.over(now)
    assert len(sessions) > 40
    assert all(
        first.ended_at <= second.started_at for first, second in pairwise(sessions)
    )
    charging = family.household.charging
    for session in sessions:
        for before, after in pairwise([None, *session.decisions]):
            was_on = before is not None and before.state == "SOLAR_CHARGING"
            if after.state == "SOLAR_CHARGING" and not was_on:
                assert after.export_w >= charging.hems_min_export_to_start_w
            if after.reason == "import_above_limit":
                assert was_on
                assert -after.export_w > charging.hems_max_import_before_stopping_w
            assert 0 <= after.solar_w <= after.power_w <= max(11_000, after.target_w)
            assert before is None or before.end <= after.time
    car, site = family.vehicles[0].source, family.inverters[0].source
    by_sun = sum(
        decision.power_w * (decision.end - decision.time)
        for session in sessions
        for decision in session.decisions
        if decision.state == "SOLAR_CHARGING"
    )
    assert by_sun / 3_600_000 > 20
    for session in car.sessions:
        if session.at_home:
            for index in range(session.plug_in // 900 + 1, session.end // 900):
                assert site.home[index - car.first] >= car.power[index - car.first]
    reasons = {item.reason for session in sessions for item in session.decisions}
    assert reasons >= {
        "export_above_start", "export_followed", "import_within_limit",
        "import_above_limit", "export_below_start", "fully_charged", "cheap_price",
    }  # fmt: skip
    items = [session.to_json(now) for session in device.source.sessions]
    assert {item["has_complete_price_coverage"] for item in items} == {True, False}
    assert any(item["savings_eur"] > 0.5 for item in items)
    whole = world.energy(device.id, datetime(2026, 5, 1, tzinfo=UTC), world.clock.now())
    assert sum(item["energy_from_solar_kwh"] for item in items) == pytest.approx(
        whole["solar_charging_energy"], abs=0.05
    )


def test_same_seed_same_decisions() -> None:
    """Neither the order of questions nor the steps of the clock matter."""
    found = []
    for step in (1, 7):
        world = World(
            seed=4, start=datetime(2026, 6, 1, tzinfo=UTC), charging_mode="hems"
        )
        world.clock.freeze()
        for day in range(0, 15, step):
            world.clock.set(datetime(2026, 6, 1 + day, 13, 7, tzinfo=UTC))
            world.energy(
                world.households[0].wallboxes[0].id,
                datetime(2026, 6, 1, tzinfo=UTC),
                world.clock.now(),
            )
        world.clock.set(NOON)
        wallbox = world.wallbox(world.households[0].wallboxes[0])
        found.append([item.detail(world.clock.seconds()) for item in wallbox.sessions])
    assert found[0] == found[1]
    assert len(found[0]) > 5


async def test_car_at_the_wallbox(caller: Caller, simulator: Simulator) -> None:
    """By default the household's car is charged there by price, as it ever was; the sun decides nothing."""
    path = wallbox_path(simulator)
    simulator.clock.set(datetime(2026, 6, 2, 9, tzinfo=UTC))
    seen = set()
    for _ in range(48):
        simulator.clock.advance(1800)
        await caller.sign_in()
        wallbox = (await caller.get(path)).check("wallbox")
        car = (await caller.get(vehicle_path(simulator))).body
        session = (await caller.get(f"{vehicle_path(simulator)}/sessions/current")).body
        at_home = session["session"] is not None and session["session"]["is_at_home"]
        assert wallbox["is_plugged_in"] is at_home
        assert wallbox["is_charging"] is (at_home and car["is_charging"])
        assert wallbox["boost_state"] == car["boost_state"]
        seen.add(wallbox["mode"])
        current = await caller.get(f"{path}/hems-sessions/current")
        assert current.check("hems_session_current") == {"session": None}
    assert seen == {"READY", "PLUGGED_IN", "CHARGING"}
    span = {"from": "2026-05-01", "to": "2026-06-17"}
    assert (await caller.get(f"{path}/hems-sessions", **span)).check(
        "hems_sessions"
    ) == {"total": 0, "items": []}


async def test_sun_charges(sunny: Caller) -> None:
    """The surplus goes into the car instead of to the grid, and a session tells of it."""
    simulator, path = sunny.simulator, wallbox_path(sunny.simulator)
    await sun_charges(sunny)
    simulator.clock.advance(900)
    now = await wallbox_now(sunny)
    detail = (await sunny.get(path)).check("wallbox")
    assert (detail["mode"], detail["is_charging"]) == ("CHARGING", True)
    home = (await sunny.get(inverter_path(simulator))).body
    assert home["household_consumption_w"] > now["power_w"] / 2
    config = (
        await sunny.get(f"users/{simulator.households[0].user_id}/charging-config")
    ).check("charging_config")
    assert config["status"]["charge_power_w"] == now["power_w"] > 1300
    session = (await sunny.get(f"{path}/hems-sessions/current")).check(
        "hems_session_current"
    )["session"]
    item = session["session"]
    assert item["ended_at"] is item["final_hems_state"] is None
    assert item["commands_sent"] == len(session["commands"]) > 0
    assert item["commands_applied"] == item["commands_sent"]
    last = session["decisions"][-1]
    assert last["hems_state"] == "SOLAR_CHARGING"
    assert last["time"] == now["decided_at"]
    commands = {command["id"]: command for command in session["commands"]}
    for decision in session["decisions"]:
        if decision["dispatched"]:
            command = commands[decision["steering_command_id"]]
            assert command["commanded_watts"] == decision["target_w"]
            assert command["dispatch_status"] == "applied"
    simulator.clock.advance(3600)
    await sunny.sign_in()
    later = (await sunny.get(f"{path}/hems-sessions/{item['id']}")).check(
        "hems_session"
    )
    assert later["session"]["energy_from_solar_kwh"] > item["energy_from_solar_kwh"]
    assert later["decisions"][: len(session["decisions"])] == session["decisions"]
    today = (
        await sunny.get(f"users/{simulator.households[0].user_id}/charging-config")
    ).body["status"]["solar_kwh_today"]
    assert today == pytest.approx(later["session"]["energy_from_solar_kwh"], abs=0.01)


async def test_session_ends_with_the_plug(sunny: Caller) -> None:
    """It is listed once it is over, with what it came to."""
    simulator, path = sunny.simulator, wallbox_path(sunny.simulator)
    await sun_charges(sunny)
    simulator.clock.advance(1600)
    running = (await sunny.get(f"{path}/hems-sessions/current")).body["session"]
    now = await plug(sunny, False)
    assert (now["plugged_in"], now["reason"]) == (False, "unplugged")
    assert (await plug(sunny, False))["plugged_in"] is False
    detail = (await sunny.get(path)).check("wallbox")
    assert (detail["mode"], detail["boost_state"]) == ("READY", "unavailable")
    assert (await sunny.get(f"{path}/hems-sessions/current")).body["session"] is None
    listed = (
        await sunny.get(
            f"{path}/hems-sessions", **{"from": "2026-06-09", "to": "2026-06-09"}
        )
    ).check("hems_sessions")
    over = next(
        item for item in listed["items"] if item["id"] == running["session"]["id"]
    )
    assert over["ended_at"] == simulator.clock.now().strftime("%FT%TZ")
    assert over["final_hems_state"] == "SOLAR_CHARGING"
    assert over["energy_from_solar_kwh"] == pytest.approx(
        running["session"]["energy_from_solar_kwh"]
    )
    simulator.clock.advance(86_400)
    await sunny.sign_in()
    again = (await sunny.get(f"{path}/hems-sessions/{over['id']}")).body["session"]
    assert again == over


async def test_pages(caller: Caller) -> None:
    """Newest first, page by page; what is out of bounds is refused."""
    simulator = caller.simulator
    path = f"{wallbox_path(simulator)}/hems-sessions"
    simulator.set_charging_mode(simulator.households[0].user_id, "hems")
    simulator.clock.advance(12 * 86_400)
    await caller.sign_in()
    span = {"from": "2026-06-17", "to": "2026-07-01"}
    whole = (await caller.get(path, **span)).check("hems_sessions")
    assert whole["total"] == len(whole["items"]) > 5
    starts = [item["started_at"] for item in whole["items"]]
    assert starts == sorted(starts, reverse=True)
    ids = [item["id"] for item in whole["items"]]
    assert len(set(ids)) == len(ids)
    page = (await caller.get(path, **span, limit=2, offset=3)).check("hems_sessions")
    assert page == {"total": whole["total"], "items": whole["items"][3:5]}
    day = starts[2][:10]
    one_day = (await caller.get(path, **{"from": day, "to": day})).body["items"]
    assert {item["started_at"][:10] for item in one_day} == {day}
    for wrong in ({"limit": 201}, {"offset": -1}, {"to": "x"}, {"limit": 0}):
        (await caller.get(path, **{**span, **wrong})).check("validation_error", 422)
    (await caller.get(path)).check("validation_error", 422)
    (await caller.get(f"{path}/1")).check("error", 404)
    (await caller.get(f"{path}/junk")).check("error", 404)


@pytest.mark.parametrize("minute", [0, 3, 8, 13])
@pytest.mark.parametrize("mode", ["none", "spot"])
async def test_mode_counts_within_a_minute(
    sunny: Caller, minute: int, mode: str
) -> None:
    """Another mode ends or begins to follow the sun at once, whenever in a quarter it is chosen."""
    simulator = sunny.simulator
    await sun_charges(sunny)
    start = simulator.clock.now().replace(minute=0, second=17)
    simulator.clock.set(start + timedelta(hours=1, minutes=minute))
    before = await wallbox_now(sunny)
    assert before["follows_sun"] is True
    assert before["state"] == "SOLAR_CHARGING"
    path = wallbox_path(simulator)
    session = (await sunny.get(f"{path}/hems-sessions/current")).body["session"]
    await set_mode(sunny, mode)
    now = await wallbox_now(sunny)
    assert (now["follows_sun"], now["session_id"]) == (False, None)
    assert now["solar_power_w"] == 0
    if mode == "none":
        assert now["reason"] == "unsteered"
    kept = (await sunny.get(f"{path}/hems-sessions/{session['session']['id']}")).check(
        "hems_session"
    )
    assert kept["decisions"] == session["decisions"]
    assert kept["session"]["ended_at"] is not None
    simulator.clock.advance(61)
    assert (await wallbox_now(sunny))["solar_power_w"] == 0
    await set_mode(sunny, "hems")
    simulator.clock.advance(60)
    again = await wallbox_now(sunny)
    assert again["state"] == "SOLAR_CHARGING"
    assert again["session_id"] not in {None, session["session"]["id"]}
    assert again["solar_power_w"] > 1300


async def test_thresholds_take_effect(sunny: Caller) -> None:
    """What is exported is too little all of a sudden."""
    simulator = sunny.simulator
    await sun_charges(sunny)
    user_id = simulator.households[0].user_id
    body = {"hems_min_export_to_start_w": 30_000}
    (await sunny.ask("PUT", f"users/{user_id}/charging-config", json=body)).check(
        "charging_config"
    )
    simulator.clock.advance(60)
    assert (await wallbox_now(sunny))["state"] == "SOLAR_CHARGING"
    await plug(sunny, False)
    await plug(sunny)
    simulator.clock.advance(60)
    now = await wallbox_now(sunny)
    assert (now["state"], now["reason"]) == (
        "WAITING_FOR_SURPLUS", "export_below_start",
    )  # fmt: skip
    assert now["export_w"] > 2000


async def test_without_smart_optimization(sunny: Caller) -> None:
    """A wallbox that is not optimized follows nothing."""
    path = wallbox_path(sunny.simulator)
    await sun_charges(sunny)
    answer = await sunny.ask("PUT", path, json={"is_smart_optimization_active": False})
    assert answer.check("wallbox")["is_smart_optimization_active"] is False
    assert (await wallbox_now(sunny))["follows_sun"] is False
    (await sunny.ask("PUT", path, json={"charge_power_max_w": 1})).check(
        "validation_error", 422
    )


async def test_visitor_leaves_for_the_car(caller: Caller, simulator: Simulator) -> None:
    """The household's own car takes the visitor's place; its plug can be pulled too."""
    await until_unplugged(caller, datetime(2026, 6, 3, 9, tzinfo=UTC))
    assert (await plug(caller))["visitor"] is True
    assert (await plug(caller))["visitor"] is True
    assert (await caller.get(vehicle_path(simulator))).body["is_plugged_in"] is False
    while (await wallbox_now(caller))["visitor"]:
        simulator.clock.advance(900)
        await caller.sign_in()
    simulator.clock.advance(900)
    car = (await caller.get(vehicle_path(simulator))).body
    assert car["is_plugged_in"] is True
    assert (await plug(caller, False))["plugged_in"] is False
    car = (await caller.get(vehicle_path(simulator))).check("electric_vehicle")
    assert car["is_plugged_in"] is False


async def test_disconnected(caller: Caller, simulator: Simulator) -> None:
    """Somebody has to sign it in again."""
    path = wallbox_path(simulator)
    simulator.add_action(simulator.households[0].wallboxes[0].id)
    detail = (await caller.get(path)).check("wallbox")
    assert (detail["mode"], detail["connection"]) == ("UNAVAILABLE", "offline")
    assert detail["is_ocpp_connected"] is False
    assert detail["actions"][0]["code"] == "reauthenticate"
    simulator.restore(simulator.households[0].wallboxes[0].id)
    assert (await caller.get(path)).check("wallbox")["connection"] == "online"
    simulator.delete(simulator.households[0].wallboxes[0].id)
    (await caller.get(path)).check("error", 404)
    (await caller.ask("POST", f"{path}/boost")).check("error", 404)
    assert (await caller.get("users")).body[0]["num_wallboxes"] == 0


async def test_bought_later(caller: Caller, simulator: Simulator) -> None:
    """A wallbox where there is no car serves visitors, also by the sun."""
    family = simulator.households[1]
    answer = await caller.own(
        "POST", "devices", {"kind": "wallbox", "user_id": family.user_id}
    )
    path = f"users/{family.user_id}/wallboxes/{answer.body['id']}"
    (await caller.get(path)).check("wallbox")
    own = f"wallboxes/{answer.body['id']}"
    (await caller.own("PATCH", own, {"plugged": True})).check_status(200)
    simulator.clock.advance(900)
    now = (await caller.own("GET", own)).body
    assert (now["mode"], now["reason"], now["power_w"]) == ("none", "unsteered", 11_000)
    simulator.set_charging_mode(family.user_id, "hems")
    simulator.clock.advance(60)
    assert (await caller.own("GET", own)).body["state"] is not None
    (await caller.own("PATCH", own, {"plugged": "yes"})).check("validation_error", 422)
    inverter = simulator.households[0].inverters[0].id
    (await caller.own("GET", f"wallboxes/{inverter}")).check("error", 404)
    (await caller.own("PATCH", f"wallboxes/{inverter}", {"plugged": True})).check(
        "error", 404
    )
    homeless = simulator.add_wallbox(simulator.households[4].user_id)
    simulator.set_charging_mode(simulator.households[4].user_id, "hems")
    simulator.plug_wallbox(homeless.id)
    simulator.clock.advance(120)
    assert simulator.wallbox_now(homeless.id)["reason"] == "export_below_start"


async def test_car_takes_nothing(caller: Caller, simulator: Simulator) -> None:
    """A command that the car does not follow is ineffective, and charges nothing."""
    simulator.clock.set(datetime(2026, 6, 12, 11, 30, tzinfo=UTC))
    await caller.sign_in()
    await set_mode(caller, "hems")
    await sun_charges(caller)
    simulator.stall(simulator.households[0].vehicles[0].id)
    simulator.clock.advance(900)
    now = await wallbox_now(caller)
    assert now["visitor"] is False
    assert now["state"] == "SOLAR_CHARGING"
    assert (now["target_w"] > 1300, now["power_w"]) == (True, 0)
    session = (
        await caller.get(f"{wallbox_path(simulator)}/hems-sessions/current")
    ).check("hems_session_current")["session"]
    assert session["session"]["commands_ineffective"] >= 1
    assert session["commands"][-1]["dispatch_status"] == "ineffective"
