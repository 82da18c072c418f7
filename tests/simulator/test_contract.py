"""Every answer keeps the API's contract, at any time of day and for any seed."""

from datetime import UTC, datetime
import json
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator import Simulator

from .conftest import (
    CONTRACT,
    NOON,
    Caller,
    heat_pump_path,
    inverter_path,
    vehicle_path,
    wallbox_path,
)

TIMES = [
    datetime(2026, 1, 14, 3, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 6, 21, 11, 30, tzinfo=UTC),
    datetime(2026, 8, 8, 16, 44, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 15, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 59, tzinfo=UTC),
]
SPAN = {"from": "2026-05-01", "to": "2026-06-17"}


async def _check_everything(caller: Caller) -> None:
    users = (await caller.get("users")).check("users")
    assert len(users) == 5
    for user in users:
        path = f"users/{user['id']}"
        (await caller.get(path)).check("user")
        (await caller.get(f"users/by-ext-id/{user['external_user_id']}")).check("user")
        inverters = (await caller.get(f"{path}/inverters")).check("inverters")
        vehicles = (await caller.get(f"{path}/electric-vehicles")).check(
            "electric_vehicles"
        )
        assert len(inverters) == user["num_inverters"]
        assert len(vehicles) == user["num_electric_vehicles"]
        for inverter in inverters:
            one = f"{path}/inverters/{inverter['id']}"
            (await caller.get(one)).check("inverter")
            (await caller.get(f"{one}/data", resolution="1HOUR")).check("inverter_data")
            (await caller.get(f"{one}/savings", **SPAN)).check("inverter_savings")
        for vehicle in vehicles:
            one = f"{path}/electric-vehicles/{vehicle['id']}"
            (await caller.get(one)).check("electric_vehicle")
            (await caller.get(f"{one}/data")).check("electric_vehicle_data")
            (await caller.get(f"{one}/savings", **SPAN)).check(
                "electric_vehicle_savings"
            )
            (await caller.get(f"{one}/sessions", **SPAN)).check("sessions")
            (await caller.get(f"{one}/sessions/current")).check("current_session")
            (await caller.get(f"{one}/charge-policy")).check("charge_policy")
        await _check_steered(caller, user)


async def _check_steered(caller: Caller, user: dict[str, Any]) -> None:
    """Heat pumps, wallboxes and the charging configuration of a user."""
    path = f"users/{user['id']}"
    heat_pumps = (await caller.get(f"{path}/heat-pumps")).check("heat_pumps")
    wallboxes = (await caller.get(f"{path}/wallboxes")).check("wallboxes")
    assert len(heat_pumps) == user["num_heat_pumps"]
    assert len(wallboxes) == user["num_wallboxes"]
    for heat_pump in heat_pumps:
        one = f"{path}/heat-pumps/{heat_pump['id']}"
        (await caller.get(one)).check("heat_pump")
        (await caller.get(f"{one}/data")).check("heat_pump_data")
        (await caller.get(f"{one}/savings", **SPAN)).check("heat_pump_savings")
    for wallbox in wallboxes:
        one = f"{path}/wallboxes/{wallbox['id']}"
        (await caller.get(one)).check("wallbox")
        sessions = f"{one}/hems-sessions"
        span = {"from": "2025-12-01", "to": "2026-12-31"}
        listed = (await caller.get(sessions, **span)).check("hems_sessions")
        for item in listed["items"][:2]:
            (await caller.get(f"{sessions}/{item['id']}")).check("hems_session")
        (await caller.get(f"{sessions}/current")).check("hems_session_current")
    config = await caller.get(f"{path}/charging-config")
    if wallboxes or user["num_electric_vehicles"]:
        config.check("charging_config")
    else:
        config.check("error", 404)


@pytest.mark.parametrize("seed", [1, 2, 77])
async def test_everything_at_many_times(seed: int, socket_enabled: None) -> None:
    """Lists, details, series, sessions, savings and policies, with both clock changes."""
    simulator = Simulator(
        seed=seed,
        households=5,
        start=datetime(2025, 12, 20, tzinfo=UTC),
        charging_mode={1: None, 2: "hems_and_spot", 77: "hems"}[seed],
    )
    await simulator.start()
    async with ClientSession() as session:
        caller = Caller(session, simulator)
        for now in TIMES:
            simulator.clock.set(now)
            simulator.clock.freeze()
            await caller.sign_in()
            await _check_everything(caller)
    await simulator.stop()


@pytest.mark.parametrize(
    ("kind", "count"),
    [("inverter", 61), ("electric_vehicle", 69), ("heat_pump", 60), ("wallbox", 47)],
)
async def test_detail_has_every_field(
    caller: Caller, simulator: Simulator, kind: str, count: int
) -> None:
    """The detail shows all fields of the schema and no other; the list lacks two and adds one."""
    schema = json.loads((CONTRACT / f"{kind}.json").read_text(encoding="utf-8"))
    fields = set(schema["properties"])
    assert len(fields) == count
    path = {
        "inverter": inverter_path,
        "electric_vehicle": vehicle_path,
        "heat_pump": heat_pump_path,
        "wallbox": wallbox_path,
    }[kind](simulator)
    detail = (await caller.get(path)).check(kind)
    assert set(detail) == fields
    item = (await caller.get(path.rpartition("/")[0])).body[0]
    assert set(item) == fields - {"actions", "has_notification"} | {"building"}


async def test_errors_have_their_shapes(caller: Caller, simulator: Simulator) -> None:
    """Errors are worded as the API's framework does."""
    inverter, vehicle = inverter_path(simulator), vehicle_path(simulator)
    nobody = "00000000-0000-4000-8000-000000000000"
    elsewhere = f"/api/partners/v2.0/org/{nobody}/users"
    (await caller.get(elsewhere)).check("error", 403)
    (await caller.get("/api/partners/v2.0/org/junk/users")).check(
        "validation_error", 422
    )
    (await caller.get(f"users/{nobody}")).check("error", 404)
    (await caller.get("users/by-ext-id/nobody")).check("error", 404)
    (await caller.get(f"users/{nobody}/inverters")).check("error", 404)
    (await caller.get(f"{inverter[:-1]}x")).check("validation_error", 422)
    (await caller.get(inverter.replace("inverters", "electric-vehicles"))).check(
        "error", 404
    )
    (await caller.get(f"{inverter}/sessions")).check("error", 404)
    (await caller.get(inverter, include_deleted="maybe")).check("validation_error", 422)
    (await caller.ask("DELETE", inverter)).check("error", 405)
    (await caller.get(f"{inverter}/data", resolution="1H")).check("series_error", 400)
    (await caller.get(f"{inverter}/data", keywords="solar")).check("series_error", 400)
    (await caller.get(f"{inverter}/data", from_datetime="soon")).check(
        "validation_error", 422
    )
    (await caller.get(f"{inverter}/savings")).check("validation_error", 422)
    (await caller.get(f"{inverter}/savings", **SPAN, resolution="1H")).check(
        "validation_error", 422
    )
    (await caller.get(f"{inverter}/savings", **{"from": "x", "to": "y"})).check(
        "validation_error", 422
    )
    (await caller.get(f"{vehicle}/sessions")).check("validation_error", 422)
    (await caller.get(f"{vehicle}/sessions", **{**SPAN, "to": "x"})).check(
        "validation_error", 422
    )
    (await caller.get(f"{vehicle}/sessions", **SPAN, limit=201)).check(
        "validation_error", 422
    )
    (await caller.get(f"{vehicle}/sessions", **SPAN, offset="x")).check(
        "validation_error", 422
    )
    (await caller.ask("GET", "users", bearer=False)).check("error", 401)
    (await caller.ask("PUT", inverter, data=b"{")).check("error", 400)
    (await caller.ask("PUT", inverter, json=[])).check("validation_error", 422)


async def test_unknown_organization_may_be_not_found(
    caller: Caller, simulator: Simulator
) -> None:
    """Which status it is was never documented, so both can be had."""
    simulator.conventions.update(unknown_org_status=404)
    answer = await caller.get(
        "/api/partners/v2.0/org/00000000-0000-4000-8000-000000000000/users"
    )
    answer.check("error", 404)
    with pytest.raises(ValueError, match="no such convention"):
        simulator.conventions.update(nonsense=1)


async def test_savings_periods(caller: Caller, simulator: Simulator) -> None:
    """Periods follow the UTC calendar and lie side by side."""
    path = f"{vehicle_path(simulator)}/savings"
    for resolution, count in {
        "1DAY": 48,
        "1WEEK": 8,
        "1MONTH": 2,
        "1QUARTER": 1,
        "1YEAR": 1,
    }.items():
        data = (
            await caller.get(
                path,
                **{"from": "2026-05-01", "to": "2026-06-18"},
                resolution=resolution,
            )
        ).check("electric_vehicle_savings")["data"]
        assert len(data) == count
        edges = [item["period"] for item in data]
        assert edges[0]["start_period"] == "2026-05-01T00:00:00Z"
        assert edges[-1]["end_period"] == "2026-06-18T00:00:00Z"
        assert [item["end_period"] for item in edges[:-1]] == [
            item["start_period"] for item in edges[1:]
        ]
        sessions = sum(
            item["electric_vehicle"]["charge_session_count"] for item in data
        )
        listed = (await caller.get(f"{vehicle_path(simulator)}/sessions", **SPAN)).body
        assert sessions == listed["total"] > 20


async def test_information_and_reauthentication_keep_the_contract(
    caller: Caller, simulator: Simulator
) -> None:
    """Both codes of the schema, pending on one device."""
    device_id = simulator.households[0].inverters[0].id
    simulator.add_action(device_id)
    simulator.add_action(
        device_id, "information", message="The tariff changes in July."
    )
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    assert [action["code"] for action in detail["actions"]] == [
        "reauthenticate",
        "information",
    ]
    assert detail["action_needed"] is True
    assert detail["has_notification"] is True
    assert detail["is_authenticated"] is False
    assert detail["current_state_last_updated_at"] == NOON.replace(minute=15).strftime(
        "%FT%TZ"
    )
