"""Where the past comes from: an inverter's series, a car's sessions."""

from typing import Any

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import Device, Simulator, routes_series
from simulator.web import answer
from tests.common import make_entry, pass_time, set_up

from .past import BEGIN, END, HOUR, assert_true, everything, hourly, imported, this_hour

pytestmark = pytest.mark.usefixtures("vienna")


@pytest.mark.parametrize("reading", ["times only", "nothing", "refused"])
async def test_series_wants_keywords(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    reading: str,
) -> None:
    """Where Podero gives no values without keywords, they are asked for by name."""
    only_with_keywords(simulator, reading)
    await set_up(hass, entry)
    await imported(hass)
    rows = await everything(hass, inverter)
    # Prices are not among the keywords that Podero documents.
    assert {kind for kind, found in rows.items() if not found} == {"price"}
    truth = simulator.energy(inverter.id, BEGIN, END)
    assert rows["home_energy"][-1]["sum"] == pytest.approx(truth["home_energy"])
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    [request] = simulator.requests.find("/data$")
    assert request.query["keywords"].split(",") == [
        "export_power_to_grid_w",
        "battery_charge_level_percent",
        "battery_charge_discharge_power_w",
        "household_consumption_w",
        "solar_production_w",
    ]


def only_with_keywords(simulator: Simulator, reading: str) -> None:
    """Make the cloud give values only to those who name them."""
    [runner] = [simulator._runner]
    assert runner is not None

    @web.middleware
    async def picky(request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.endswith("/data") or request.query.get("keywords"):
            return await handler(request)
        if reading == "refused":
            return answer({"error": "keywords are required"}, 400)
        await routes_series.get_series(request)
        times = [{"time": "2026-05-19T10:00:00Z"}] if reading == "times only" else []
        return answer({"metadata": {}, "data": times})

    runner.app._middlewares_handlers += ((picky, True),)


async def test_device_that_is_silent_for_a_while(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """An answer full of nulls does not cost the prices of better days."""
    silence = simulator.distort("null")
    await set_up(hass, entry)
    await imported(hass)
    assert not any((await hourly(hass, inverter)).values())
    simulator.distortions.remove(silence)
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_export_only(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A series that tells the export only gives the same import."""
    simulator.conventions.update(series_grid="export_only")
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, END)


async def test_without_a_battery(hass: HomeAssistant, simulator: Simulator) -> None:
    """An inverter without a battery has no statistics of one."""
    [inverter] = simulator.households[1].inverters
    await set_up(hass, make_entry(simulator, 1, history_days=2))
    await imported(hass)
    rows = await everything(hass, inverter)
    assert {kind for kind, found in rows.items() if not found} == {
        "battery_charge_energy",
        "battery_discharge_energy",
        "battery_level",
    }


@pytest.mark.parametrize("sessions_by", ["plug_in", "end"])
async def test_sessions_corrected_later(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
    sessions_by: str,
) -> None:
    """A session that is set right, or taken back, corrects its statistics."""
    simulator.conventions.update(sessions_by=sessions_by)
    await set_up(hass, entry)
    await imported(hass)
    session = simulator.sessions(car)[-1]
    simulator.correct_session(
        session["id"],
        energy_charged_kwh=3.5,
        actual_cost_eur=None,
        actual_savings_eur=None,
        expected_savings_eur=0.75,
    )
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    rows = await everything(hass, car)
    truth = simulator.energy(car.id, BEGIN, END)
    assert rows["charging_energy"][-1]["sum"] == pytest.approx(truth["charging_energy"])
    assert rows["charging_cost"][-1]["sum"] == pytest.approx(
        truth["charging_cost"], abs=1e-9
    )
    # Savings that are not known yet are the expected ones.
    assert rows["charging_savings"][-1]["sum"] == pytest.approx(
        truth["charging_savings"] + 0.75
    )
    simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())


async def test_sessions_gone_for_a_moment(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
) -> None:
    """An answer without any session takes nothing away; one that fails is asked for again."""
    await set_up(hass, entry)
    await imported(hass)
    before = await everything(hass, car)
    assert any(before.values())
    for fault in ({"status": 200, "body": {"total": 0, "items": []}}, {"status": 503}):
        simulator.fail("/sessions$", **fault)
        await pass_time(hass, now, HOUR)
        assert await everything(hass, car) == before
        simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())
