"""Savings and costs: they add up, and equal what a slow look at every quarter gives."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from simulator import Simulator
from simulator.costs import Prices, costs_of

from .conftest import NOON, START, Caller, inverter_path, vehicle_path

SPAN = {"from": "2026-05-01T00:00:00Z", "to": "2026-06-17T00:00:00Z"}
END = datetime(2026, 6, 17, tzinfo=UTC)


async def _savings(caller: Caller, path: str, **query: Any) -> list[dict[str, Any]]:
    schema = "inverter_savings" if "inverters" in path else "electric_vehicle_savings"
    answer = await caller.get(f"{path}/savings", **{**SPAN, **query})
    data: list[dict[str, Any]] = answer.check(schema)["data"]
    return data


@pytest.mark.parametrize("zone", ["utc", "home"])
@pytest.mark.parametrize("path_of", [inverter_path, vehicle_path])
async def test_periods_add_up(
    caller: Caller, simulator: Simulator, path_of: Any, zone: str
) -> None:
    """Days, weeks, months, quarters and the year all come to the same, and to the truth."""
    simulator.conventions.update(savings_zone=zone)
    path = path_of(simulator)
    device_id = path.rpartition("/")[2]
    truth = simulator.savings(device_id, START, END)
    assert truth["savings"] == pytest.approx(truth["plain_eur"] - truth["actual_eur"])
    assert truth["savings"] > 5
    lengths = {}
    for resolution in ("1DAY", "1WEEK", "1MONTH", "1QUARTER", "1YEAR"):
        data = await _savings(caller, path, resolution=resolution)
        lengths[resolution] = len(data)
        total = sum(item["savings"]["total"] for item in data)
        assert total == pytest.approx(truth["savings"], abs=1e-4)
        used = sum(item["consumption"]["total"] for item in data)
        assert used == pytest.approx(truth["consumption_wh"], abs=1)
        edges = [item["period"] for item in data]
        assert edges[0]["start_period"] == SPAN["from"]
        assert edges[-1]["end_period"] == SPAN["to"]
        assert all(
            before["end_period"] == after["start_period"]
            for before, after in pairwise(edges)
        )
        for item in data:
            start, end = (
                datetime.fromisoformat(item["period"][name])
                for name in ("start_period", "end_period")
            )
            part = simulator.savings(device_id, start, end)
            assert item["savings"]["total"] == pytest.approx(part["savings"], abs=1e-6)
            assert item["savings"]["percentage"] == round(part["percentage"], 2)
    days = 47 if zone == "utc" else 48
    assert lengths == {
        "1DAY": days,
        "1WEEK": 8,
        "1MONTH": 2,
        "1QUARTER": 1,
        "1YEAR": 1,
    }
    if zone == "home":
        (second,) = (await _savings(caller, path, resolution="1DAY"))[1:2]
        assert second["period"]["start_period"] == "2026-05-01T22:00:00Z"


async def test_car_saves_what_its_sessions_do(
    caller: Caller, simulator: Simulator
) -> None:
    """The sum over sessions that end in a month; charging at once is what it is compared with."""
    path = vehicle_path(simulator)
    (may, _) = await _savings(caller, path, resolution="1MONTH")
    query = {"from": "2026-05-01", "to": "2026-06-17", "limit": 200}
    items = (await caller.get(f"{path}/sessions", **query)).check("sessions")["items"]
    ended = [
        item
        for item in items
        if (item["unplug_time"] or item["inferred_session_end"]) < "2026-06-01"
    ]
    assert may["savings"]["total"] == pytest.approx(
        sum(item["actual_savings_eur"] or 0 for item in ended), abs=0.01
    )
    device_id = simulator.households[0].vehicles[0].id
    car = simulator.car(device_id)[1]
    session = next(item for item in car.sessions if item.at_home)
    wanted, cost = session.energy_wh, 0.0
    index = -(-session.plug_in // 900)
    while wanted > 0:
        hour = (datetime.fromtimestamp(index * 900, UTC).hour + 2) % 24
        fee = 0.09 if hour >= 23 or hour < 6 else 0.2
        charged = min(wanted, 11_000 / 4)
        cost += charged / 1000 * (car.prices.at(index) / 100_000 + fee)
        wanted, index = wanted - charged, index + 1
    assert session.plain_cost_eur == pytest.approx(cost)


async def test_car_that_took_nothing_saved_nothing(simulator: Simulator) -> None:
    """What was not charged is not counted as saved."""
    car_id = simulator.households[0].vehicles[0].id
    start = datetime(2026, 6, 17, 16, tzinfo=UTC)
    simulator.clock.set(start)
    simulator.stall(car_id)
    simulator.clock.advance(86_400)
    truth = simulator.savings(car_id, start, start + timedelta(days=1))
    assert truth["savings"] == truth["plain_eur"] == truth["percentage"] == 0


async def test_inverter_is_compared_with_no_battery(
    caller: Caller, simulator: Simulator
) -> None:
    """Every quarter at the market's price; without a battery and without curtailment."""
    device = simulator.households[0].inverters[0]
    site: Any = device.source
    expected = 0.0
    rows = simulator.rows(device, int(START.timestamp()), int(END.timestamp()))
    curtailed = 0
    for index, row in rows.items():
        solar, home = row["solar_production_w"], row["household_consumption_w"]
        grid, price = row["export_power_to_grid_w"], row["price"]
        assert solar is not None and home is not None
        assert grid is not None and price is not None
        possible = site.roof.potential(index // 96)[index % 96]
        curtailed += possible > solar
        expected += (grid - (possible - home)) / 4_000_000 * price
    assert curtailed > 20
    truth = simulator.savings(device.id, START, END)
    assert truth["savings"] == pytest.approx(expected)
    url = f"savings?device={device.id}&start=2026-05-01T00:00:00Z&end={END:%FT%TZ}"
    assert (await caller.own("GET", url)).body == truth
    (await caller.own("GET", "savings?device=x")).check("validation_error", 422)
    (await caller.own("GET", url.replace(device.id, "x"))).check("error", 404)


async def test_units_of_savings(caller: Caller, simulator: Simulator) -> None:
    """Named as documented, otherwise, or not at all."""
    path = f"{vehicle_path(simulator)}/savings"
    units = (await caller.get(path, **SPAN)).body["metadata"]["units"]
    assert units == {"savings": "EUR", "consumption": "Wh"}
    for other in ({}, {"savings.total": "eur"}, {"currency": "SEK"}):
        body = {"savings_units": other}
        (await caller.own("PATCH", "conventions", body)).check_status(200)
        assert (await caller.get(path, **SPAN)).body["metadata"]["units"] == other


PRICES: list[dict[str, Any]] = [
    {"import_price": "podero", "surcharge": 0.12, "tax": 20, "export_price": "podero"},
    {"import_price": "fixed", "import_fixed": 0.31, "surcharge": 9, "tax": 9},
    {"export_price": "fixed", "export_fixed": 0.07, "price_unit": "EUR/MWh"},
]


@pytest.mark.parametrize("prices", PRICES)
@pytest.mark.parametrize("unit", ["EUR/MWh", "ct/kWh"])
async def test_costs(
    caller: Caller, simulator: Simulator, prices: dict[str, Any], unit: str
) -> None:
    """By the quarter, over a clock change too, whatever unit the series is served in."""
    simulator.conventions.update(price_unit=unit)
    device = simulator.households[0].inverters[0]
    start, end = START, START + timedelta(days=3)
    expected = {"grid_import_cost": 0.0, "grid_export_compensation": 0.0}
    market = simulator.rows(
        device, int(start.timestamp()), int(end.timestamp()), served=False
    )
    for row in market.values():
        grid, price = row["export_power_to_grid_w"], row["price"]
        assert grid is not None and price is not None
        paid = (price / 1000 + 0.12) * 1.2
        if prices.get("import_price") == "fixed":
            paid = 0.31
        got = 0.07 if prices.get("export_price") == "fixed" else price / 1000
        expected["grid_import_cost"] += max(0, -grid) / 4000 * paid
        expected["grid_export_compensation"] += max(0, grid) / 4000 * got
    for served in (False, True):
        truth: Any = simulator.costs(device.id, start, end, prices, served=served)
        assert len(truth["hours"]) == 72
        for kind, name in (
            ("grid_import_cost", "import_price"),
            ("grid_export_compensation", "export_price"),
        ):
            if name in prices:
                assert truth[kind] == pytest.approx(expected[kind])
                hours = sum(hour[kind] for hour in truth["hours"])
                assert hours == pytest.approx(truth[kind])
            else:
                assert truth[kind] is None
    query = "&".join(f"{name}={value}" for name, value in prices.items())
    url = f"costs?device={device.id}&start={start:%FT%TZ}&end={end:%FT%TZ}&{query}"
    assert (await caller.own("GET", url)).body == simulator.costs(
        device.id, start, end, prices
    )


async def test_costs_of_a_series_with_holes(
    caller: Caller, simulator: Simulator
) -> None:
    """An hour with energy but without its price has no money; a missing quarter costs nothing."""
    device_id = simulator.households[1].inverters[0].id
    start = datetime(2026, 6, 16, tzinfo=UTC)
    prices = {"import_price": "podero", "export_price": "fixed", "export_fixed": 0.05}
    simulator.distort("missing", start=start, end=start + timedelta(minutes=15))
    simulator.distort(
        "null", start=start + timedelta(hours=1), end=start + timedelta(minutes=75)
    )
    hours: Any = simulator.costs(
        device_id, start, start + timedelta(hours=2), prices, served=True
    )["hours"]
    whole: Any = simulator.costs(device_id, start, start + timedelta(hours=2), prices)[
        "hours"
    ]
    for part, all_of_it in zip(hours, whole, strict=True):
        assert 0 < part["grid_import_cost"] < all_of_it["grid_import_cost"]
    with pytest.raises(ValueError, match="not a price"):
        simulator.costs(device_id, start, NOON, {"import_price": "cheap"})
    url = f"costs?device={device_id}&start={start:%FT%TZ}&end={NOON:%FT%TZ}"
    for junk in ("&tax=x", "&import_price=x"):
        (await caller.own("GET", url + junk)).check("validation_error", 422)
    vehicle = simulator.households[0].vehicles[0].id
    (await caller.own("GET", url.replace(device_id, vehicle))).check("error", 404)


def test_an_hour_without_a_price() -> None:
    """No money for the hour, as long as the quarter without a price has energy."""
    quarter = {
        "price": 100.0,
        "solar_production_w": 0.0,
        "household_consumption_w": 4000.0,
        "battery_charge_discharge_power_w": None,
    }
    prices = Prices(import_price="podero")
    rows = {index: dict(quarter) for index in range(8)}
    rows[2]["price"] = None
    rows[5] |= {"price": None, "household_consumption_w": 0.0}
    truth: Any = costs_of(rows, prices)
    assert [hour["grid_import_cost"] for hour in truth["hours"]] == [
        None,
        pytest.approx(0.3),
    ]


async def test_price_unit_changes(caller: Caller, simulator: Simulator) -> None:
    """Points from a time on are in another unit, and the metadata names the newer one."""
    path = f"{inverter_path(simulator)}/data"
    span = {
        "from_datetime": "2026-06-15T00:00:00Z",
        "to_datetime": "2026-06-17T00:00:00Z",
    }
    before = (await caller.get(path, **span)).body
    change = {"at": "2026-06-16T00:00:00Z", "unit": "ct/kWh"}
    body: dict[str, Any] = {"price_unit_after": change}
    (await caller.own("PATCH", "conventions", body)).check_status(200)
    after = (await caller.get(path, **span)).check("inverter_data")
    assert after["metadata"]["units"] == {"price": "ct/kWh"}
    pairs = [
        (old["price"], new["price"])
        for old, new in zip(before["data"], after["data"], strict=True)
    ]
    assert all(old == new for old, new in pairs[:96])
    assert all(new == pytest.approx(old / 10) for old, new in pairs[96:])
    early = (
        await caller.get(path, **span | {"to_datetime": "2026-06-16T00:00:00Z"})
    ).body
    assert early["metadata"]["units"] == {"price": "EUR/MWh"}
    simulator.conventions.update(price_unit_name="€ per MWh")
    named = (await caller.get(path, **span)).body["metadata"]["units"]
    assert named == {"price": "€ per MWh"}


def test_prices_are_those_of_a_market(simulator: Simulator) -> None:
    """Dear evenings, cheap noons that are negative on sunny summer days, quarters of an hour."""
    simulator.clock.set(datetime(2026, 12, 31, tzinfo=UTC))
    prices = simulator.households[0].household.prices
    summer = [prices.day(20_600 + day) for day in range(60)]
    winter = [prices.day(20_440 + day) for day in range(60)]
    for days in (summer, winter):
        evening = [max(day[64:80]) for day in days]
        noon = [min(day[40:56]) for day in days]
        assert all(high > low for high, low in zip(evening, noon, strict=True))
        assert all(len(set(day)) > 90 for day in days)
    assert 10 < sum(min(day) < 0 for day in summer) < 55
    assert sum(min(day) < 0 for day in winter) < 5
