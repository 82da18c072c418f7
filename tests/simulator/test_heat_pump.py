"""A heat pump warms rooms and water, by the price and without changing what was true without it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientSession
import pytest

from simulator import Simulator, World, household

from .conftest import NOON, Caller, heat_pump_path, inverter_path

WINTER = datetime(2026, 1, 14, 3, 7, tzinfo=UTC)
YEAR_START = datetime(2025, 12, 1, tzinfo=UTC)


@pytest.fixture
async def winter(socket_enabled: None) -> AsyncIterator[Caller]:
    """Two households in a winter night, and the partner who asks."""
    world = Simulator(seed=1, households=2, start=datetime(2025, 12, 20, tzinfo=UTC))
    world.clock.set(WINTER)
    world.clock.freeze()
    await world.start()
    async with ClientSession() as session:
        caller = Caller(session, world)
        await caller.sign_in()
        yield caller
    await world.stop()


def test_year() -> None:
    """More power when it is cold, warm rooms always, and hot water that is hot."""
    world = World(seed=1, start=YEAR_START)
    world.clock.set(YEAR_START + timedelta(days=365))
    world.clock.freeze()
    device = world.households[0].heat_pumps[0]
    spans = {
        month: (
            datetime(2026, month, 1, tzinfo=UTC),
            datetime(2026, month, 28, tzinfo=UTC),
        )
        for month in (1, 4, 7, 10)
    }
    used = {
        month: world.energy(device.id, *span)["consumption_energy"]
        for month, span in spans.items()
    }
    assert used[1] > 400
    assert used[1] > used[4] > used[7] > 10
    saved = {month: world.savings(device.id, *span) for month, span in spans.items()}
    assert all(each["savings"] > 0 for each in saved.values())
    assert saved[1]["savings"] > 2
    assert saved[1]["consumption_wh"] == pytest.approx(used[1] * 1000)
    pump = device.source
    assert 20 < min(pump.room) / 100 < max(pump.room) / 100 < 29
    assert 30 < min(pump.tank) / 100 < max(pump.tank) / 100 <= 55
    assert set(pump.mode) == {0, 1, 2}
    site = world.households[0].inverters[0].source
    assert all(power <= home for power, home in zip(pump.power, site.home, strict=True))


def test_nothing_else_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All else is what it was before there were heat pump and wallbox, to the watt."""
    found = []
    for without in (False, True):
        if without:
            first, *others = household.TEMPLATES
            plain = replace(first, heat_pumps=(), wallboxes=())
            monkeypatch.setattr(household, "TEMPLATES", (plain, *others))
        world = World(seed=3, start=YEAR_START)
        world.clock.set(YEAR_START + timedelta(days=60))
        world.clock.freeze()
        family = world.households[0]
        assert bool(family.heat_pumps) is bool(family.wallboxes) is not without
        devices = family.inverters + family.vehicles
        found.append(
            [
                (
                    world.detail(device, ""),
                    world.rows(device, world.begin, world.clock.seconds()),
                    world.sessions(device),
                )
                for device in devices
            ]
        )
    assert found[0] == found[1]


async def test_winter_night(winter: Caller) -> None:
    """It heats, and its water leaves it warmer than it came."""
    detail = (await winter.get(heat_pump_path(winter.simulator))).check("heat_pump")
    home = (await winter.get(inverter_path(winter.simulator))).body
    assert (
        300 < detail["current_power_consumption_w"] <= home["household_consumption_w"]
    )
    assert detail["operational_mode"] == "Heating"
    assert detail["outdoor_temperature"] < 8
    assert 20 < detail["indoor_actual_temperature"] < 23
    assert (
        detail["indoor_actual_temperature"]
        < detail["inlet_temperature"]
        < detail["outlet_temperature"]
        < 50
    )
    assert detail["consumption_last_day_kwh"] > 5
    assert detail["consumption_last_month_kwh"] > detail["consumption_last_week_kwh"]
    assert detail["device_model"]["manufacturer"] == "NIBE"
    assert detail["device_model"]["device_type"]["short_name"] == "hp_atw"


async def test_all_that_it_does(winter: Caller) -> None:
    """Heating, hot water and standby come in the course of a spring week, each with its mode."""
    simulator = winter.simulator
    simulator.clock.set(datetime(2026, 5, 1, tzinfo=UTC))
    seen: dict[str, dict[str, Any]] = {}
    modes = set()
    for _ in range(5 * 48):
        simulator.clock.advance(1800)
        await winter.sign_in()
        detail = (await winter.get(heat_pump_path(simulator))).body
        seen[detail["operational_mode"]] = detail
        modes.add((detail["current_mode"], detail["indoor_target_temperature_offset"]))
    assert set(seen) == {"Heating", "Hot Water", "Standby"}
    assert seen["Standby"]["current_power_consumption_w"] == 0
    assert seen["Hot Water"]["current_power_consumption_w"] >= 1700
    assert seen["Hot Water"]["outlet_temperature"] > 45
    assert modes == {("min", -1.5), ("low", -0.5), ("mid", 0.5)}


async def test_optimization_level(winter: Caller) -> None:
    """The level is the ceiling of the mode, and what changes shows in the home's consumption."""
    simulator = winter.simulator
    path, inverter = heat_pump_path(simulator), inverter_path(simulator)
    before = (await winter.get(path)).body
    home = (await winter.get(inverter)).body["household_consumption_w"]
    seen = {}
    for level, modes in {
        "Low": {"min", "low"},
        "Mid": {"min", "low", "mid"},
        "Max": {"min", "low", "mid", "max"},
    }.items():
        answer = (
            await winter.ask("PUT", path, json={"optimization_level": level})
        ).check("heat_pump")
        assert answer["optimization_level"] == level
        changed = (await winter.get(inverter)).body["household_consumption_w"] - home
        power = answer["current_power_consumption_w"]
        assert changed == power - before["current_power_consumption_w"]
        seen[level] = set()
        start = simulator.clock.now()
        for _ in range(48):
            simulator.clock.advance(1800)
            await winter.sign_in()
            seen[level].add((await winter.get(path)).body["current_mode"])
        simulator.clock.set(start + timedelta(days=1))
        assert seen[level] == modes
        before = (await winter.get(path)).body
        home = (await winter.get(inverter)).body["household_consumption_w"]


async def test_without_optimization(winter: Caller) -> None:
    """Nothing is saved, nothing is shifted, and the mode means nothing."""
    simulator = winter.simulator
    path = heat_pump_path(simulator)
    answer = await winter.ask("PUT", path, json={"is_smart_optimization_active": False})
    detail = answer.check("heat_pump")
    assert detail["is_smart_optimization_active"] is False
    assert detail["steering_status"] == "warning"
    assert detail["indoor_target_temperature_offset"] == 0
    simulator.clock.set(WINTER + timedelta(days=3))
    await winter.sign_in()
    data = (
        await winter.get(
            f"{path}/savings",
            **{"from": "2026-01-13", "to": "2026-01-17"},
            resolution="1DAY",
        )
    ).check("heat_pump_savings")["data"]
    totals = [item["savings"]["total"] for item in data]
    assert totals[0] != 0
    assert totals[2] == totals[3] == 0
    assert all(item["consumption"]["total"] > 5000 for item in data[:3])
    assert data[0]["heat_pump"] == {
        "estimated_consumption_wh": pytest.approx(data[0]["consumption"]["total"])
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"optimization_level": "low"},
        {"optimization_level": None},
        {"is_smart_optimization_active": 1},
        {"indoor_target_temperature_offset": 1},
        {"deleted_at": "2026-01-01T00:00:00Z"},
    ],
)
async def test_refused(
    caller: Caller, simulator: Simulator, changes: dict[str, Any]
) -> None:
    """What is not writable, or no fine value, changes nothing."""
    path = heat_pump_path(simulator)
    before = (await caller.get(path)).body
    refusal = (await caller.ask("PUT", path, json=changes)).check(
        "validation_error", 422
    )
    assert refusal["detail"][0]["loc"] == ["body", *changes]
    assert (await caller.get(path)).body == before


async def test_series_agree_with_the_detail(
    caller: Caller, simulator: Simulator
) -> None:
    """What is used by the series is used in the window and in the savings."""
    path = heat_pump_path(simulator)
    end = NOON.replace(minute=15)
    detail = (await caller.get(path)).body
    span = {
        "from_datetime": (end - timedelta(days=1)).isoformat(),
        "to_datetime": end.isoformat(),
    }
    points = (await caller.get(f"{path}/data", **span)).check("heat_pump_data")["data"]
    used = sum(point["estimated_consumption"] for point in points) / 1000
    assert detail["consumption_last_day_kwh"] == round(used, 3)
    (await caller.get(f"{path}/data", keywords="solar_production_w")).check(
        "series_error", 400
    )
    daily = (await caller.get(f"{path}/data", **span, resolution="1HOUR")).body["data"]
    assert sum(point["estimated_consumption"] for point in daily) == pytest.approx(
        used * 1000
    )


async def test_bought_later(caller: Caller, simulator: Simulator) -> None:
    """A heat pump where nothing was heated by power adds to the home's consumption."""
    user_id = simulator.households[1].user_id
    inverter = inverter_path(simulator, 1)
    assert (await caller.get(f"users/{user_id}/heat-pumps")).body == []
    simulator.clock.set(datetime(2026, 11, 20, 19, 2, tzinfo=UTC))
    await caller.sign_in()
    before = (await caller.get(inverter)).body["household_consumption_w"]
    answer = await caller.own(
        "POST", "devices", {"kind": "heat_pump", "user_id": user_id}
    )
    assert answer.status == 201
    path = f"users/{user_id}/heat-pumps/{answer.body['id']}"
    detail = (await caller.get(path)).check("heat_pump")
    after = (await caller.get(inverter)).body["household_consumption_w"]
    assert after - before == detail["current_power_consumption_w"] > 50
    assert (await caller.get("users")).body[1]["num_heat_pumps"] == 1
    second = simulator.add_heat_pump(simulator.households[0].user_id)
    assert second.source.is_in_load is False
    homeless = simulator.add_heat_pump(simulator.households[4].user_id)
    path = f"users/{simulator.households[4].user_id}/heat-pumps/{homeless.id}"
    (await caller.get(path)).check("heat_pump")
    (await caller.own("POST", "devices", {"kind": "boiler"})).check(
        "validation_error", 422
    )


async def test_overrides_and_actions(caller: Caller, simulator: Simulator) -> None:
    """It is signed in again as the other devices are."""
    path = heat_pump_path(simulator)
    device_id = simulator.households[0].heat_pumps[0].id
    simulator.override(device_id, indoor_actual_temperature=None, operational_mode="x")
    simulator.add_action(device_id)
    detail = (await caller.get(path)).check("heat_pump")
    assert detail["indoor_actual_temperature"] is None
    assert detail["action_needed"] is True
    assert detail["is_authenticated"] is False
    started = (await caller.ask("POST", f"{path}/auth_session", json={})).check(
        "auth_session"
    )
    page = started["authentication_url"].removeprefix(simulator.url)
    done = await caller.ask("POST", page, bearer=False, data={"outcome": "success"})
    assert "NIBE" in done.body
    assert (await caller.get(path)).body["is_authenticated"] is True
