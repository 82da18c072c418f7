"""The household is believable, and its numbers agree with each other."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import sqrt
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from simulator import Simulator, World

from .conftest import NOON, START, Caller, inverter_path, vehicle_path

YEAR_START = datetime(2025, 12, 1, tzinfo=UTC)
YEAR_END = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def year() -> World:
    """Three households over a year."""
    world = World(seed=1, households=3, start=YEAR_START)
    world.clock.set(YEAR_END)
    world.clock.freeze()
    for number in range(3):
        _rows(world, number)
    return world


def _rows(world: World, household: int = 0, number: int = 0) -> list[dict[str, Any]]:
    device = world.households[household].inverters[number]
    rows = world.rows(device, int(YEAR_START.timestamp()), int(YEAR_END.timestamp()))
    return list(rows.values())


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**9),
    household=st.integers(0, 2),
    day=st.integers(0, 1500),
)
def test_energy_is_conserved_in_every_sample(
    seed: int, household: int, day: int
) -> None:
    """What is made, stored and used comes to what goes to the grid, to the watt."""
    start = datetime(2023, 1, 1, tzinfo=UTC) + timedelta(days=day)
    world = World(seed=seed, households=household + 1, start=start)
    world.clock.set(start + timedelta(days=9))
    world.clock.freeze()
    family = world.households[household]
    for device in family.inverters:
        rows = world.rows(device, world.begin, world.clock.seconds())
        assert len(rows) >= 9 * 96
        for row in rows.values():
            solar, home = row["solar_production_w"], row["household_consumption_w"]
            battery = row["battery_charge_discharge_power_w"] or 0
            assert solar is not None and home is not None
            assert row["export_power_to_grid_w"] == solar - home + battery
            assert solar >= 0
            assert home > 0


def test_same_seed_same_household() -> None:
    """The seed decides everything, whatever order it is asked in."""
    one, two, other = (World(seed=seed, start=START) for seed in (5, 5, 6))
    for world in (one, two, other):
        world.clock.freeze()
        world.clock.set(NOON)
    two.energy(two.households[0].inverters[0].id, START, START + timedelta(days=3))
    two.clock.advance(-86_400)
    two.energy(two.households[0].vehicles[0].id, START, NOON)
    two.clock.advance(86_400)
    ids = [[*world.devices] for world in (one, two, other)]
    assert ids[0] == ids[1] != ids[2]
    truths = [
        [world.energy(device_id, START, NOON) for device_id in world.devices]
        for world in (one, two, other)
    ]
    assert truths[0] == truths[1] != truths[2]


def test_battery_obeys_its_limits(year: World) -> None:
    """Power and level stay within bounds, and the level follows the energy."""
    site = year.households[0].inverters[0].source
    battery = site.battery
    rows = _rows(year)
    loss = sqrt(battery.round_trip)
    powers = [row["battery_charge_discharge_power_w"] for row in rows]
    levels = [row["battery_charge_level_percent"] for row in rows]
    assert -battery.charge_w <= min(powers) < -4000
    assert 2000 < max(powers) <= battery.discharge_w
    assert min(levels) >= 10 and max(levels) <= 95

    def change(power: int) -> float:
        stored = -power * loss if power < 0 else -power / loss
        return stored / 4 / battery.capacity_wh * 100

    for (before, after), (first, second) in zip(
        pairwise(levels), pairwise(powers), strict=True
    ):
        assert after - before == pytest.approx(
            (change(first) + change(second)) / 2, abs=0.11
        )


def test_sun_follows_the_seasons(year: World) -> None:
    """No sun at night, more in summer, never above the rating."""
    site = year.households[1].inverters[0].source
    monthly = {}
    for month in (1, 4, 7, 10):
        begin = datetime(2026, month, 1, tzinfo=UTC)
        energy = year.energy(
            year.households[1].inverters[0].id, begin, begin + timedelta(days=30)
        )
        monthly[month] = energy["solar_energy"]
    assert monthly[1] < monthly[10] < monthly[4]
    assert monthly[1] < monthly[7] / 1.5
    rows = _rows(year, 1)
    assert max(row["solar_production_w"] for row in rows) <= site.roof.rating_w
    assert all(row["solar_production_w"] == 0 for row in rows[92::96])


def test_negative_prices_curtail(year: World) -> None:
    """Nothing is fed in while the price is negative; that happens at sunny noons."""
    negative = [row for row in _rows(year) if row["price"] < 0]
    assert 50 < len(negative) < 3500
    assert all(row["export_power_to_grid_w"] <= 0 for row in negative)
    assert any(year.households[0].inverters[0].source.curtailed)
    hours = {
        index % 96 // 4 for index, row in enumerate(_rows(year)) if row["price"] < 0
    }
    assert hours <= set(range(6, 17))


def test_car_is_charged_at_home_by_night(year: World) -> None:
    """Sessions, the car's power and the home's consumption tell the same story."""
    car = year.households[0].vehicles[0].source
    site = year.households[0].inverters[0].source
    sessions = car.over(year.clock.seconds())
    assert 365 < len(sessions) < 440
    assert sum(car.power) / 4 == pytest.approx(
        sum(item.energy_wh for item in sessions)
        + (car.state.session.energy_wh if car.state.session else 0)
    )
    away = [item for item in sessions if not item.at_home]
    assert 10 < len(away) < 60
    assert {item.outcome() for item in away} == {"not_at_home"}
    assert all(first.end <= second.plug_in for first, second in pairwise(sessions))
    for item in sessions:
        assert item.plug_in < item.end
        assert item.final_pct >= item.initial_pct
    # Where it is charged at home, the home needs at least as much.
    for session in sessions:
        if session.at_home:
            for index in range(session.plug_in // 900 + 1, session.end // 900):
                row = index - car.first
                assert site.home[row] >= car.power[row]
    assert (
        sum(item.plain_cost_eur - item.cost_eur for item in sessions if item.at_home)
        > 20
    )
    assert any(not item.seen_unplug for item in sessions)
    levels = [level / 10 for level in car.level]
    assert min(levels) > 3 and max(levels) <= 90.1


def test_truth_adds_up(year: World) -> None:
    """The truth of a span is the sum of the truths of its parts."""
    for device_id in year.devices:
        whole = year.energy(device_id, YEAR_START, YEAR_END)
        cuts = [
            YEAR_START,
            *(datetime(2026, month, 7, 5, tzinfo=UTC) for month in range(1, 12)),
            YEAR_END,
        ]
        parts = [year.energy(device_id, *cut) for cut in pairwise(cuts)]
        for kind, value in whole.items():
            if isinstance(value, float):
                assert sum(part[kind] for part in parts) == pytest.approx(value)


async def test_detail_is_the_running_sample(
    caller: Caller, simulator: Simulator
) -> None:
    """What the detail shows becomes the series' point once the quarter is over."""
    path = inverter_path(simulator)
    detail = (await caller.get(path)).body
    simulator.clock.advance(900)
    data = (await caller.get(f"{path}/data")).body["data"]
    point = data[-1]
    assert point["time"] == "2026-06-17T11:15:00Z"
    assert point["solar_production_w"] == detail["current_solar_production_w"]
    assert point["export_power_to_grid_w"] == detail["current_power_to_grid_w"]
    assert point["household_consumption_w"] == detail["household_consumption_w"]
    assert (
        point["battery_charge_level_percent"] == detail["battery_charge_level_percent"]
    )
    assert (
        point["battery_charge_discharge_power_w"]
        == detail["battery_charge_discharge_power_w"]
    )
    assert (
        detail["solar_surplus_w"] + detail["battery_charge_discharge_power_w"]
        == detail["current_power_to_grid_w"]
    )


async def test_windows_agree_with_the_series(
    caller: Caller, simulator: Simulator
) -> None:
    """Production and consumption of the last day, week and month."""
    inverter, vehicle = inverter_path(simulator), vehicle_path(simulator)
    details = {path: (await caller.get(path)).body for path in (inverter, vehicle)}
    end = NOON.replace(minute=15)
    for name, days in {"day": 1, "week": 7, "month": 30}.items():
        span = {
            "from_datetime": (end - timedelta(days=days)).isoformat(),
            "to_datetime": end.isoformat(),
        }
        solar = (await caller.get(f"{inverter}/data", **span)).body["data"]
        assert len(solar) == days * 96
        kwh = sum(point["solar_production_w"] for point in solar) / 4000
        assert details[inverter][f"production_last_{name}_kwh"] == round(kwh, 3)
        charged = (await caller.get(f"{vehicle}/data", **span)).body["data"]
        wh = sum(point["estimated_consumption"] for point in charged)
        assert details[vehicle][f"consumption_last_{name}_kwh"] == round(wh / 1000, 3)


async def test_car_moves(caller: Caller, simulator: Simulator) -> None:
    """Away and driving by day, home and plugged in by night."""
    path = vehicle_path(simulator)
    simulator.clock.set(START + timedelta(days=3))
    places, plugged = set(), []
    for _ in range(96):
        simulator.clock.advance(900)
        detail = (await caller.get(path)).body
        places.add((detail["latitude"], detail["longitude"]))
        plugged.append(detail["is_plugged_in"])
        session = (await caller.get(f"{path}/sessions/current")).body["session"]
        assert (session is not None) == detail["is_plugged_in"]
        if detail["is_charging"]:
            assert detail["is_plugged_in"]
            assert detail["charge_rate_w"] > 0
            assert detail["charge_time_remaining"] >= 0
        if session is not None:
            assert session["unplug_time"] is None
            assert session["initial_soc_pct"] == detail["battery_at_plug_in"]
    assert len(places) > 3
    assert set(plugged) == {True, False}


async def test_current_session_grows_into_a_completed_one(
    caller: Caller, simulator: Simulator
) -> None:
    """Its energy rises to what the completed session then says."""
    path = vehicle_path(simulator)
    simulator.clock.set(datetime(2026, 6, 1, 19, tzinfo=UTC))
    seen: dict[str, float] = {}
    for _ in range(5 * 48):
        simulator.clock.advance(1800)
        session = (await caller.get(f"{path}/sessions/current")).body["session"]
        if session is not None:
            assert session["energy_charged_kwh"] >= seen.get(session["id"], 0)
            seen[session["id"]] = session["energy_charged_kwh"]
    over = (
        await caller.get(
            f"{path}/sessions", **{"from": "2026-06-01", "to": "2026-06-07"}
        )
    ).body
    checked = [item for item in over["items"] if item["id"] in seen]
    assert len(checked) >= 3
    for item in checked:
        assert item["energy_charged_kwh"] == pytest.approx(seen[item["id"]], abs=0.002)
