"""Devices change, appear and vanish; settings and boosts take effect."""

from datetime import UTC, datetime
from typing import Any

import pytest

from simulator import Simulator

from .conftest import Caller, inverter_path, vehicle_path


async def _plugged_in_and_idle(caller: Caller, simulator: Simulator) -> str:
    """Go to an evening on which the car waits for the night."""
    path = vehicle_path(simulator)
    simulator.clock.set(datetime(2026, 6, 2, 16, 3, tzinfo=UTC))
    while True:
        simulator.clock.advance(900)
        await caller.sign_in()
        detail = (await caller.get(path)).body
        if detail["boost_state"] == "available" and not detail["is_charging"]:
            return path


async def test_overrides(caller: Caller, simulator: Simulator) -> None:
    """A field says what it is told to, in detail and list, until it is restored."""
    path = inverter_path(simulator)
    device_id = simulator.households[0].inverters[0].id
    body = {"fields": {"current_solar_production_w": "12.5", "price_zone": "XX"}}
    (await caller.own("PATCH", f"devices/{device_id}", body)).check_status(200)
    for answer in (
        (await caller.get(path)).body,
        (await caller.get(path.rpartition("/")[0])).body[0],
    ):
        assert answer["current_solar_production_w"] == "12.5"
        assert answer["price_zone"] == "XX"
    (await caller.own("DELETE", f"devices/{device_id}")).check_status(204)
    assert (await caller.get(path)).check("inverter")["price_zone"] == "AT"


async def test_deleted_hidden_removed(caller: Caller, simulator: Simulator) -> None:
    """Soft deletion, absence from the list, and absence everywhere are three things."""
    path = inverter_path(simulator)
    folder = path.rpartition("/")[0]
    device_id = simulator.households[0].inverters[0].id
    (await caller.own("PATCH", f"devices/{device_id}", {"deleted": True})).check_status(
        200
    )
    assert (await caller.get(folder)).body == []
    (await caller.get(path)).check("error", 404)
    (item,) = (await caller.get(folder, include_deleted="true")).check("inverters")
    assert item["deleted_at"] == "2026-06-17T11:20:00Z"
    deleted = (await caller.get(path, include_deleted="true")).check("inverter")
    assert deleted["deleted_at"] == "2026-06-17T11:20:00Z"
    simulator.conventions.hides_deleted = False
    (await caller.get(path)).check("inverter")
    assert (await caller.get("users")).body[0]["num_inverters"] == 0
    simulator.restore(device_id)
    simulator.hide(device_id)
    assert (await caller.get(folder)).body == []
    (await caller.get(path)).check("inverter")
    simulator.remove(device_id)
    (await caller.get(path, include_deleted="true")).check("error", 404)
    simulator.restore(device_id)
    simulator.delete(device_id)
    (
        await caller.own(
            "PATCH", f"devices/{device_id}", {"deleted": False, "listed": False}
        )
    ).check_status(200)
    assert (await caller.own("GET", f"devices/{device_id}")).body["listed"] is False
    simulator.restore(device_id)
    assert len((await caller.get(folder)).body) == 1


async def test_new_devices(caller: Caller, simulator: Simulator) -> None:
    """A new inverter and a new car begin now, and live on."""
    user_id = simulator.households[1].user_id
    answer = await caller.own(
        "POST", "devices", {"kind": "inverter", "user_id": user_id, "battery_kwh": 8}
    )
    inverter = f"users/{user_id}/inverters/{answer.body['id']}"
    assert answer.status == 201
    detail = (await caller.get(inverter)).check("inverter")
    assert detail["is_battery_connected"] is True
    answer = await caller.own(
        "POST", "devices", {"kind": "vehicle", "user_id": user_id}
    )
    vehicle = f"users/{user_id}/electric-vehicles/{answer.body['id']}"
    (await caller.get(vehicle)).check("electric_vehicle")
    (await caller.get(f"{vehicle}/sessions/current")).check("current_session")
    simulator.clock.advance(4 * 3600)
    data = (await caller.get(f"{inverter}/data")).check("inverter_data")["data"]
    assert data[0]["time"] == "2026-06-17T11:15:00Z"
    assert len(data) == 16
    old = (await caller.get(f"{inverter_path(simulator, 1)}/data")).body["data"]
    assert len(old) == 95
    assert (await caller.get("users")).body[1]["num_electric_vehicles"] == 1
    plain = simulator.add_inverter(user_id)
    assert (await caller.get(f"users/{user_id}/inverters/{plain.id}")).check(
        "inverter"
    )["battery_capacity_kwh"] is None
    assert simulator.add_vehicle(user_id).id != plain.id
    (await caller.own("POST", "devices", {"user_id": "nobody"})).check("error", 404)
    (await caller.own("POST", "devices", {"nonsense": 1})).check(
        "validation_error", 422
    )


async def test_battery_connected_later(caller: Caller, simulator: Simulator) -> None:
    """The past has no battery, the present does."""
    path = inverter_path(simulator, 1)
    device_id = simulator.households[1].inverters[0].id
    before = (await caller.get(path)).body
    assert before["is_battery_connected"] is False
    assert before["battery_charge_level_percent"] is None
    assert before["current_power_to_grid_w"] == before["solar_surplus_w"]
    (
        await caller.own("PATCH", f"devices/{device_id}", {"battery_kwh": 7.5})
    ).check_status(200)
    after = (await caller.get(path)).check("inverter")
    assert after["battery_capacity_kwh"] == "7.50"
    assert 20 < after["battery_charge_level_percent"] < 60
    simulator.clock.advance(1800)
    points = (await caller.get(f"{path}/data")).check("inverter_data")["data"]
    assert points[-3]["battery_charge_discharge_power_w"] is None
    assert points[-2]["battery_charge_discharge_power_w"] is not None
    wrong = simulator.households[0].vehicles[0].id
    (await caller.own("PATCH", f"devices/{wrong}", {"battery_kwh": 5})).check(
        "error", 404
    )


async def test_model_and_owner_change(caller: Caller, simulator: Simulator) -> None:
    """A device is swapped, and moves to another user."""
    device = simulator.households[0].inverters[0]
    other = simulator.households[1].user_id
    body = {
        "model": {"manufacturer": "Kostal", "model": "Plenticore"},
        "user_id": other,
    }
    changed = (await caller.own("PATCH", f"devices/{device.id}", body)).body
    assert changed["user_id"] == other
    detail = (await caller.get(f"users/{other}/inverters/{device.id}")).check(
        "inverter"
    )
    assert detail["device_model"]["manufacturer"] == "Kostal"
    assert detail["owner"]["id"] == other
    assert (
        await caller.get(f"users/{simulator.households[0].user_id}/inverters")
    ).body == []
    assert len((await caller.get(f"users/{other}/inverters")).body) == 2
    for junk in ({"model": {"x": 1}}, {"nonsense": 1}, {"deleted": "yes"}):
        (await caller.own("PATCH", f"devices/{device.id}", junk)).check(
            "validation_error", 422
        )


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("inverter", {"min_battery_charge": 30}),
        ("inverter", {"max_battery_charge": 80, "is_smart_optimization_active": False}),
        ("inverter", {"battery_policy": "Export all", "user_limits_enabled": False}),
        ("vehicle", {"minimum_charge_limit": 60}),
        ("vehicle", {"charge_deadline_at": "07:30"}),
        (
            "vehicle",
            {"charge_deadline_at": "05:15:00", "is_charge_policy_enabled": False},
        ),
        (
            "vehicle",
            {"hems_min_export_to_start_w": 1500, "minimum_solar_coverage": 0.5},
        ),
    ],
)
async def test_settings(
    caller: Caller, simulator: Simulator, kind: str, changes: dict[str, Any]
) -> None:
    """PUT changes what is sent, and nothing else; it answers with the whole detail."""
    schema = "inverter" if kind == "inverter" else "electric_vehicle"
    path = inverter_path(simulator) if kind == "inverter" else vehicle_path(simulator)
    before = (await caller.get(path)).body
    answer = (await caller.ask("PUT", path, json=changes)).check(schema)
    for name, value in changes.items():
        assert answer[name] == (f"{value}:00" if value == "07:30" else value)
        assert before[name] != answer[name]
    assert (await caller.get(path)).body == answer
    assert answer["created_at"] == before["created_at"]


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("inverter", {"deleted_at": "2026-01-01T00:00:00Z"}),
        ("inverter", {"min_battery_charge": 101}),
        ("inverter", {"min_battery_charge": True}),
        ("inverter", {"min_battery_charge": 96}),
        ("inverter", {"battery_policy": "Sell"}),
        ("vehicle", {"charge_target_max": 80}),
        ("vehicle", {"charge_deadline_at": "24:00"}),
        ("vehicle", {"minimum_charge_limit": 50.5}),
        ("vehicle", {"is_charge_policy_enabled": "yes"}),
    ],
)
async def test_settings_refused(
    caller: Caller, simulator: Simulator, kind: str, changes: dict[str, Any]
) -> None:
    """What is not writable, or no fine value, changes nothing."""
    path = inverter_path(simulator) if kind == "inverter" else vehicle_path(simulator)
    before = (await caller.get(path)).body
    refusal = (await caller.ask("PUT", path, json=changes)).check(
        "validation_error", 422
    )
    assert refusal["detail"][0]["loc"] == ["body", *changes]
    assert (await caller.get(path)).body == before


async def test_battery_limits_take_effect(caller: Caller, simulator: Simulator) -> None:
    """A raised minimum keeps the battery full enough through the night."""
    path = inverter_path(simulator)
    (await caller.ask("PUT", path, json={"min_battery_charge": 55})).check("inverter")
    full = (await caller.get(path)).body["battery_charge_level_percent"]
    assert full > 55
    simulator.clock.advance(20 * 3600)
    await caller.sign_in()
    levels = [
        point["battery_charge_level_percent"]
        for point in (await caller.get(f"{path}/data")).body["data"][-78:]
    ]
    assert 54.9 <= min(levels) < 56


async def test_limit_and_deadline_take_effect(
    caller: Caller, simulator: Simulator
) -> None:
    """The session under way is planned anew."""
    path = await _plugged_in_and_idle(caller, simulator)
    session = (await caller.get(f"{path}/sessions/current")).body["session"]
    answer = await caller.ask(
        "PUT", path, json={"minimum_charge_limit": 95, "charge_deadline_at": "02:00"}
    )
    answer.check("electric_vehicle")
    planned = (await caller.get(f"{path}/sessions/current")).body["session"]
    assert planned["id"] == session["id"]
    assert planned["target_soc_pct"] == 95
    assert planned["charge_deadline"] < session["charge_deadline"]
    assert planned["desired_charging_end_time"] <= planned["charge_deadline"]
    (await caller.ask("PUT", path, json={"is_smart_optimization_active": False})).check(
        "electric_vehicle"
    )
    at_once = (await caller.get(f"{path}/sessions/current")).body["session"]
    assert (
        at_once["desired_charging_start_time"] < planned["desired_charging_start_time"]
    )
    simulator.clock.advance(900)
    assert (await caller.get(path)).body["is_charging"] is True


async def test_boost_while_plugged_in(caller: Caller, simulator: Simulator) -> None:
    """Available, requested, ongoing, and in the end full."""
    path = await _plugged_in_and_idle(caller, simulator)
    (await caller.ask("POST", f"{path}/boost")).check_status(204)
    detail = (await caller.get(path)).check("electric_vehicle")
    assert detail["boost_state"] == "requested"
    assert detail["is_charging"] is False
    conflict = (await caller.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict == {"state": "requested", "reason": "already_charging"}
    simulator.clock.advance(20)
    detail = (await caller.get(path)).check("electric_vehicle")
    assert detail["boost_state"] == "ongoing"
    assert detail["is_charging"] is True
    conflict = (await caller.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict == {"state": "ongoing", "reason": "already_charging"}
    (await caller.ask("DELETE", f"{path}/boost")).check_status(204)
    assert (await caller.get(path)).body["boost_state"] == "ongoing"
    while (await caller.get(path)).body["boost_state"] == "ongoing":
        simulator.clock.advance(600)
        await caller.sign_in()
    detail = (await caller.get(path)).check("electric_vehicle")
    assert detail["is_fully_charged"] is True
    assert detail["last_boost_end_reason"] == "fully_charged"
    assert detail["last_boost_ended_at"] > detail["last_boost_triggered_at"]
    conflict = (await caller.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict["reason"] == "fully_charged"
    simulator.clock.advance(4 * 86_400)
    await caller.sign_in()
    over = (
        await caller.get(
            f"{path}/sessions", **{"from": "2026-06-02", "to": "2026-06-12"}
        )
    ).check("sessions")
    assert "boosted" in {item["session_outcome"] for item in over["items"]}


async def test_boost_for_the_next_session(caller: Caller, simulator: Simulator) -> None:
    """Armed while away, disarmed again; armed once more it fires at home."""
    path = vehicle_path(simulator)
    simulator.clock.set(datetime(2026, 6, 3, 9, tzinfo=UTC))
    await caller.sign_in()
    while (detail := (await caller.get(path)).body)["is_plugged_in"]:
        simulator.clock.advance(3600)
        await caller.sign_in()
    assert detail["boost_state"] == "unavailable"
    (await caller.ask("PUT", path, json={"minimum_charge_limit": 100})).check_status(
        200
    )
    for _ in range(2):
        (await caller.ask("POST", f"{path}/boost")).check_status(204)
        assert (await caller.get(path)).body["boost_for_next_session"] is True
    (await caller.ask("DELETE", f"{path}/boost")).check_status(204)
    assert (await caller.get(path)).body["boost_for_next_session"] is False
    (await caller.ask("POST", f"{path}/boost")).check_status(204)
    while (detail := (await caller.get(path)).body)["boost_for_next_session"]:
        simulator.clock.advance(300)
        await caller.sign_in()
    assert detail["is_plugged_in"] is True
    simulator.clock.advance(1200)
    assert (await caller.get(path)).body["boost_state"] == "ongoing"
