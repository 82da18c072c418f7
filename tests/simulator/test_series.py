"""Series and sessions: parameters, resolutions, and what can be wrong with them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import Simulator

from .conftest import NOON, START, Caller, inverter_path, vehicle_path

DAY = {"from_datetime": "2026-06-16T00:00:00Z", "to_datetime": "2026-06-17T00:00:00Z"}
JUNE = {"from": "2026-05-01", "to": "2026-06-17"}


async def _data(caller: Caller, path: str, **query: Any) -> list[dict[str, Any]]:
    schema = "inverter_data" if "inverters" in path else "electric_vehicle_data"
    answer = await caller.get(f"{path}/data", **query)
    data: list[dict[str, Any]] = answer.check(schema)["data"]
    return data


async def test_span_is_half_open(caller: Caller, simulator: Simulator) -> None:
    """From is in, to is not; offsets and naive times are understood; the future is empty."""
    path = inverter_path(simulator)
    points = await _data(caller, path, **DAY)
    assert [points[0]["time"], points[-1]["time"]] == [
        "2026-06-16T00:00:00Z",
        "2026-06-16T23:45:00Z",
    ]
    assert len(points) == 96
    for start, end in (
        ("2026-06-16T02:00:00+02:00", "2026-06-17T02:00:00+02:00"),
        ("2026-06-16T00:00:00", "2026-06-17T00:00:00"),
    ):
        assert await _data(caller, path, from_datetime=start, to_datetime=end) == points
    ahead = {
        "from_datetime": "2027-01-01T00:00:00Z",
        "to_datetime": "2027-01-02T00:00:00Z",
    }
    assert await _data(caller, path, **ahead) == []
    turned = {"from_datetime": DAY["to_datetime"], "to_datetime": DAY["from_datetime"]}
    (await caller.get(f"{path}/data", **turned)).check("series_error", 400)


@pytest.mark.parametrize(
    ("resolution", "per_bucket", "first"),
    [
        ("1HOUR", 4, "2026-06-08T00:00:00Z"),
        ("1DAY", 96, "2026-06-08T00:00:00Z"),
        ("1WEEK", 672, "2026-06-08T00:00:00Z"),
        ("1MONTH", 672, "2026-06-01T00:00:00Z"),
    ],
)
async def test_resolutions_are_means(
    caller: Caller, simulator: Simulator, resolution: str, per_bucket: int, first: str
) -> None:
    """A bucket is the mean of its quarters, and energy stays conserved in it."""
    span = {
        "from_datetime": "2026-06-08T00:00:00Z",
        "to_datetime": "2026-06-15T00:00:00Z",
    }
    path = inverter_path(simulator)
    fine = await _data(caller, path, **span)
    coarse = await _data(caller, path, **span, resolution=resolution)
    assert coarse[0]["time"] == first
    assert len(coarse) * per_bucket == len(fine) == 672
    for number, point in enumerate(coarse):
        part = fine[number * per_bucket : (number + 1) * per_bucket]
        for name in ("solar_production_w", "export_power_to_grid_w", "price"):
            mean = sum(item[name] for item in part) / per_bucket
            assert point[name] == pytest.approx(mean)
        assert point["export_power_to_grid_w"] == pytest.approx(
            point["solar_production_w"]
            - point["household_consumption_w"]
            + point["battery_charge_discharge_power_w"]
        )
        wh = sum(item["estimated_consumption"] for item in part)
        assert point["estimated_consumption"] == pytest.approx(wh)


async def test_keywords(caller: Caller, simulator: Simulator) -> None:
    """Only what is asked for comes."""
    points = await _data(
        caller, inverter_path(simulator), keywords="price,solar_production_w"
    )
    assert {frozenset(point) for point in points} == {
        frozenset({"time", "price", "solar_production_w"})
    }
    points = await _data(
        caller, vehicle_path(simulator), keywords="is_charging", resolution="1DAY"
    )
    assert {type(point["is_charging"]) for point in points} == {bool}


async def test_longest_span(caller: Caller, simulator: Simulator) -> None:
    """A longer one is refused, with the status that is wanted."""
    body = {"max_span_days": 7}
    (await caller.own("PATCH", "conventions", body)).check_status(200)
    path = f"{inverter_path(simulator)}/data"
    week = {
        "from_datetime": "2026-06-08T00:00:00Z",
        "to_datetime": "2026-06-15T00:00:00Z",
    }
    (await caller.get(path, **week)).check("inverter_data")
    longer = week | {"to_datetime": "2026-06-15T00:00:01Z"}
    (await caller.get(path, **longer)).check("series_error", 400)
    simulator.conventions.max_span_status = 422
    (await caller.get(path, **longer)).check("series_error", 422)
    simulator.conventions.max_span_days = None
    (await caller.get(path, **longer)).check("inverter_data")
    (await caller.own("PATCH", "conventions", {"x": 1})).check("validation_error", 422)


async def test_export_only_and_prices(caller: Caller, simulator: Simulator) -> None:
    """The other readings of sign and unit."""
    path = inverter_path(simulator)
    week = {
        "from_datetime": "2026-05-08T00:00:00Z",
        "to_datetime": "2026-05-15T00:00:00Z",
    }
    signed = await _data(caller, path, **week)
    body = {"series_grid": "export_only", "price_unit": "EUR/kWh"}
    (await caller.own("PATCH", "conventions", body)).check_status(200)
    assert (await caller.own("GET", "conventions")).body["price_unit"] == "EUR/kWh"
    answer = (await caller.get(f"{path}/data", **week)).check("inverter_data")
    assert answer["metadata"]["units"] == {"price": "EUR/kWh"}
    for before, after in zip(signed, answer["data"], strict=True):
        assert after["export_power_to_grid_w"] == max(
            0, before["export_power_to_grid_w"]
        )
        assert after["price"] == pytest.approx(before["price"] / 1000)
    assert min(point["export_power_to_grid_w"] for point in signed) < 0
    simulator.conventions.tells_units = False
    assert "units" not in (await caller.get(f"{path}/data")).body["metadata"]
    device_id = simulator.households[0].inverters[0].id
    times = (datetime(2026, 5, 8, tzinfo=UTC), datetime(2026, 5, 15, tzinfo=UTC))
    assert simulator.energy(device_id, *times)["grid_import_energy"] == pytest.approx(
        sum(max(0, -point["export_power_to_grid_w"]) for point in signed) / 4000
    )


async def test_missing_and_empty_points(caller: Caller, simulator: Simulator) -> None:
    """Quarters can be absent or null, in a span or here and there, for one device only."""
    path = inverter_path(simulator)
    device_id = simulator.households[0].inverters[0].id
    rule = {
        "kind": "missing",
        "device_id": device_id,
        "start": "2026-06-16T03:00:00Z",
        "end": "2026-06-16T05:00:00Z",
    }
    assert (await caller.own("POST", "series", rule)).status == 201
    assert len((await caller.own("GET", "series")).body) == 1
    points = await _data(caller, path, **DAY)
    assert len(points) == 88
    assert not {point["time"][11:13] for point in points} & {"03", "04"}
    hours = await _data(caller, path, **DAY, resolution="1HOUR")
    assert len(hours) == 22
    assert len(await _data(caller, inverter_path(simulator, 1), **DAY)) == 96
    times = (datetime(2026, 6, 16, tzinfo=UTC), datetime(2026, 6, 17, tzinfo=UTC))
    truth = simulator.energy(device_id, *times)
    served = simulator.energy(device_id, *times, served=True)
    assert (truth["quarters"], served["quarters"]) == (96, 88)
    assert served["home_energy"] == pytest.approx(
        sum(point["household_consumption_w"] for point in points) / 4000
    )
    (await caller.own("DELETE", "series")).check_status(204)
    simulator.distort("null", probability=0.3)
    points = await _data(caller, path, **DAY)
    empty = [point for point in points if point["solar_production_w"] is None]
    assert 10 < len(empty) < 50
    assert all(set(point.values()) == {None, point["time"]} for point in empty)
    assert points == await _data(caller, path, **DAY)
    served = simulator.energy(device_id, *times, served=True)
    assert served["home_energy"] == pytest.approx(
        sum(point["household_consumption_w"] or 0 for point in points) / 4000
    )
    hours = await _data(caller, path, **DAY, resolution="1HOUR")
    assert len(hours) == 24
    (await caller.own("POST", "series", {"kind": "nonsense"})).check(
        "validation_error", 422
    )


async def test_late_and_corrected_data(caller: Caller, simulator: Simulator) -> None:
    """What is young is not there yet; what was preliminary is corrected when the time has come."""
    path = inverter_path(simulator)
    simulator.distort("late", seconds=7200)
    assert (await _data(caller, path))[-1]["time"] == "2026-06-17T09:00:00Z"
    simulator.distortions.clear()
    final = await _data(caller, path, **DAY)
    simulator.distort("preliminary", factor=0.5, until=NOON + timedelta(hours=1))
    rough = await _data(caller, path, **DAY)
    for before, after in zip(rough, final, strict=True):
        assert before["household_consumption_w"] == round(
            after["household_consumption_w"] / 2
        )
        assert before["export_power_to_grid_w"] == (
            before["solar_production_w"]
            - before["household_consumption_w"]
            + before["battery_charge_discharge_power_w"]
        )
    assert len(await _data(caller, vehicle_path(simulator), **DAY)) == 96
    simulator.clock.advance(3600)
    assert await _data(caller, path, **DAY) == final


async def test_order(caller: Caller, simulator: Simulator) -> None:
    """Points out of order, and some of them twice."""
    path = inverter_path(simulator)
    tidy = await _data(caller, path, **DAY)
    simulator.distort("shuffled")
    simulator.distort("duplicated")
    messy = await _data(caller, path, **DAY)
    assert len(messy) > len(tidy)
    assert messy != tidy
    by_time = {point["time"]: point for point in messy}
    assert [by_time[time] for time in sorted(by_time)] == tidy
    simulator.heal()
    assert await _data(caller, path, **DAY) == tidy


async def test_vehicle_gaps_filled_on_request(
    caller: Caller, simulator: Simulator
) -> None:
    """The header fills the span with nulls; without any data it is one row."""
    path = f"{vehicle_path(simulator)}/data"
    span = {
        "from_datetime": "2026-04-30T00:00:00Z",
        "to_datetime": "2026-05-02T00:00:00Z",
    }
    plain = (await caller.ask("GET", path, params=span)).check("electric_vehicle_data")[
        "data"
    ]
    filled = (
        await caller.ask("GET", path, params=span, headers={"fill-missing": "true"})
    ).check("electric_vehicle_data")["data"]
    assert (len(plain), len(filled)) == (96, 192)
    assert filled[96:] == plain
    assert filled[0]["battery_level"] is None
    span["to_datetime"] = "2026-04-30T12:00:00Z"
    (row,) = (
        await caller.ask("GET", path, params=span, headers={"fill-missing": "true"})
    ).check("electric_vehicle_data")["data"]
    assert row["time"] == "2026-04-30T00:00:00Z"


async def test_sessions_by_page(caller: Caller, simulator: Simulator) -> None:
    """Pages lie side by side, in any of the orders."""
    path = f"{vehicle_path(simulator)}/sessions"
    everything = (await caller.get(path, **JUNE, limit=200)).check("sessions")
    assert everything["total"] == len(everything["items"]) > 20
    times = [item["plug_in_time"] for item in everything["items"]]
    assert times == sorted(times, reverse=True)
    for order in ("newest", "oldest", "shuffled"):
        simulator.conventions.update(sessions_order=order)
        pages = []
        while len(pages) < everything["total"]:
            page = (await caller.get(path, **JUNE, limit=7, offset=len(pages))).check(
                "sessions"
            )
            assert page["total"] == everything["total"]
            assert 0 < len(page["items"]) <= 7
            pages += page["items"]
        assert {item["id"]: item for item in pages} == {
            item["id"]: item for item in everything["items"]
        }
    assert (await caller.get(path, **JUNE, offset=500)).body["items"] == []


@pytest.mark.parametrize("by", ["plug_in", "end"])
async def test_session_days(caller: Caller, simulator: Simulator, by: str) -> None:
    """Both days count, in UTC, by plug-in or by end."""
    simulator.conventions.update(sessions_by=by)
    path = f"{vehicle_path(simulator)}/sessions"
    everything = (await caller.get(path, **JUNE, limit=200)).body["items"]

    def time_of(item: dict[str, Any]) -> str:
        if by == "plug_in":
            return str(item["plug_in_time"])
        return str(item["unplug_time"] or item["inferred_session_end"])

    days = {"from": "2026-05-11", "to": "2026-05-24"}
    some = (await caller.get(path, **days)).check("sessions")["items"]
    assert some == [
        item for item in everything if days["from"] <= time_of(item)[:10] <= days["to"]
    ]
    assert 5 < len(some) < len(everything)


async def test_session_truth(caller: Caller, simulator: Simulator) -> None:
    """Energy, cost and savings of whole sessions; a corrected one counts as corrected."""
    device_id = simulator.households[0].vehicles[0].id
    items = (
        await caller.get(f"{vehicle_path(simulator)}/sessions", **JUNE, limit=200)
    ).body["items"]
    url = f"energy?device={device_id}&start={START:%FT%TZ}&end={NOON:%FT%TZ}"
    truth = (await caller.own("GET", url)).check_status(200)
    assert truth["charging_energy"] == pytest.approx(
        sum(item["energy_charged_kwh"] for item in items)
    )
    assert truth["charging_savings"] == pytest.approx(
        sum(item["actual_savings_eur"] or 0 for item in items)
    )
    body = {"energy_charged_kwh": items[3]["energy_charged_kwh"] + 5}
    (await caller.own("PATCH", f"sessions/{items[3]['id']}", body)).check_status(200)
    corrected = (await caller.own("GET", url)).body
    assert corrected["charging_energy"] == pytest.approx(truth["charging_energy"] + 5)
    again = (
        await caller.get(f"{vehicle_path(simulator)}/sessions", **JUNE, limit=200)
    ).body["items"]
    assert again[3]["energy_charged_kwh"] == body["energy_charged_kwh"]
    simulator.heal()
    assert (await caller.own("GET", url)).body == truth


async def test_truth_over_http(caller: Caller, simulator: Simulator) -> None:
    """The same as in Python, and the sum of what is served."""
    device_id = simulator.households[0].inverters[0].id
    times = (datetime(2026, 6, 16, tzinfo=UTC), datetime(2026, 6, 17, tzinfo=UTC))
    url = f"energy?device={device_id}&start={times[0]:%FT%TZ}&end={times[1]:%FT%TZ}"
    truth = (await caller.own("GET", url)).body
    assert truth == simulator.energy(device_id, *times)
    points = await _data(caller, inverter_path(simulator), **DAY)
    powers = [point["battery_charge_discharge_power_w"] for point in points]
    assert truth["battery_charge_energy"] == pytest.approx(
        -sum(power for power in powers if power < 0) / 4000
    )
    levels = [point["battery_charge_level_percent"] for point in points]
    assert truth["battery_level"] == {
        "mean": pytest.approx(sum(levels) / 96),
        "min": min(levels),
        "max": max(levels),
    }
    balance = (
        truth["solar_energy"]
        + truth["grid_import_energy"]
        + truth["battery_discharge_energy"]
    )
    assert balance == pytest.approx(
        truth["home_energy"]
        + truth["grid_export_energy"]
        + truth["battery_charge_energy"]
    )
    (await caller.own("GET", f"energy?device={device_id}")).check(
        "validation_error", 422
    )
    (await caller.own("GET", url.replace(device_id, "x"))).check("error", 404)
