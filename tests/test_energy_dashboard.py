"""The Energy dashboard: filled in once, from what there is, and never spoilt."""

from collections.abc import AsyncGenerator
from copy import deepcopy
from datetime import timedelta
import logging
from types import SimpleNamespace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    MockModule,
    mock_integration,
    mock_platform,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.tasks import StatisticsTask
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from simulator import Device, Simulator

from .common import device_entry, entity_id, make_entry, pass_time, set_up
from .conftest import NOON
from .history.past import imported, statistic_id

HOUR = timedelta(hours=1, minutes=1)
SETTINGS = {"history_days": 2, "energy_dashboard": True}


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with three households; the third has two inverters and two cars."""
    simulator = Simulator(seed=1, households=3, days=3)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def quiet() -> None:
    """Leave out the log line for each statement of the recorder."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
async def _energy(
    quiet: None,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
) -> None:
    """Run a recorder and the Energy dashboard."""
    assert await async_setup_component(hass, "energy", {})


async def preferences(hass: HomeAssistant) -> dict[str, Any]:
    """Return the dashboard's settings."""
    manager = await async_get_manager(hass)
    empty = {"energy_sources": [], "device_consumption": []}
    return deepcopy({**empty, **(manager.data or {})})


async def kinds(hass: HomeAssistant) -> list[str]:
    """Return the kinds of source that the dashboard has, cars as devices."""
    found = await preferences(hass)
    return [source["type"] for source in found["energy_sources"]] + [
        "device" for _ in found["device_consumption"]
    ]


async def set_up_dashboard(
    hass: HomeAssistant, entry: MockConfigEntry, device: Device, **data: Any
) -> dict[str, Any]:
    """Call the action."""
    registered = device_entry(hass, entry, device.id)
    assert registered is not None
    response = await hass.services.async_call(
        DOMAIN,
        "setup_energy_dashboard",
        {"device_id": registered.id, **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


async def test_by_itself_after_the_first_import(
    hass: HomeAssistant, simulator: Simulator, hass_ws_client: WebSocketGenerator
) -> None:
    """It is there after the first import, and Home Assistant finds nothing wrong with it."""
    await set_up(hass, make_entry(simulator, **SETTINGS))
    await imported(hass)
    family = simulator.households[0]
    [inverter], [car] = family.inverters, family.vehicles
    assert await preferences(hass) == {
        "energy_sources": [
            {
                "type": "solar",
                "name": "Solar",
                "stat_energy_from": statistic_id(inverter, "solar_energy"),
                "config_entry_solar_forecast": None,
                "stat_rate": entity_id(hass, "sensor", inverter.id, "solar_power"),
            },
            {
                "type": "grid",
                "name": "Grid",
                "stat_energy_from": statistic_id(inverter, "grid_import_energy"),
                "stat_energy_to": statistic_id(inverter, "grid_export_energy"),
                "stat_cost": None,
                "entity_energy_price": None,
                "number_energy_price": None,
                "stat_compensation": None,
                "entity_energy_price_export": None,
                "number_energy_price_export": None,
                "cost_adjustment_day": 0.0,
                "stat_rate": entity_id(hass, "sensor", inverter.id, "grid_power"),
            },
            {
                "type": "battery",
                "name": "Battery",
                "stat_energy_from": statistic_id(inverter, "battery_discharge_energy"),
                "stat_energy_to": statistic_id(inverter, "battery_charge_energy"),
                "stat_rate": entity_id(hass, "sensor", inverter.id, "battery_power"),
                "stat_soc": entity_id(hass, "sensor", inverter.id, "battery_level"),
                "capacity": 10.24,
            },
        ],
        "device_consumption": [
            {
                "stat_consumption": statistic_id(car, "charging_energy"),
                "name": "Volkswagen ID.4",
                "stat_rate": entity_id(hass, "sensor", car.id, "charge_power"),
            }
        ],
        "device_consumption_water": [],
    } | {
        key: value
        for key, value in (await preferences(hass)).items()
        if key not in {"energy_sources", "device_consumption"}
    }
    # The recorder knows an entity once it has summed up its first five minutes.
    get_instance(hass).queue_task(StatisticsTask(NOON.replace(minute=5), False))
    await get_instance(hass).async_block_till_done()
    client = await hass_ws_client()
    await client.send_json_auto_id({"type": "energy/validate"})
    answer = await client.receive_json()
    assert answer["success"]
    assert not any(issues for group in answer["result"].values() for issues in group), (
        answer["result"]
    )
    # The front end can save it as it is.
    await client.send_json_auto_id(
        {"type": "energy/save_prefs", **await preferences(hass)}
    )
    assert (await client.receive_json())["success"]


async def test_what_was_taken_out_stays_out(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """It is added once: not again by the next import, a restart or another device."""
    entry = make_entry(simulator, **SETTINGS)
    await set_up(hass, entry)
    await imported(hass)
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": [], "device_consumption": []})
    await pass_time(hass, now, HOUR)
    assert await kinds(hass) == []
    await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    assert await kinds(hass) == []
    # A car that is new is one that nobody took out.
    car = simulator.add_vehicle(simulator.households[0].user_id)
    for _ in range(60):
        await pass_time(hass, now, HOUR)
    [device] = (await preferences(hass))["device_consumption"]
    assert device["stat_consumption"] == statistic_id(car, "charging_energy")
    assert await kinds(hass) == ["device"]


async def test_not_wanted(hass: HomeAssistant, simulator: Simulator) -> None:
    """Nothing is added unless the household wants it; once it does, it is."""
    entry = make_entry(simulator, **{**SETTINGS, "energy_dashboard": False})
    await set_up(hass, entry)
    await imported(hass)
    assert await kinds(hass) == []
    [household] = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, household, data={**household.data, "energy_dashboard": True}
    )
    await imported(hass)
    assert await kinds(hass) == ["solar", "grid", "battery", "device"]


async def test_without_a_past(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Without history the first hour fills it in."""
    await set_up(hass, make_entry(simulator, **{**SETTINGS, "history_days": 0}))
    await imported(hass)
    assert await kinds(hass) == []
    await pass_time(hass, now, HOUR)
    assert await kinds(hass) == ["solar", "grid", "battery"]


async def test_car_that_charges_later(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A car without any session yet is added with its first."""
    nothing = simulator.fail("/sessions$", status=200, body={"total": 0, "items": []})
    await set_up(hass, make_entry(simulator, **SETTINGS))
    await imported(hass)
    assert await kinds(hass) == ["solar", "grid", "battery"]
    simulator.faults.remove(nothing)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    assert await kinds(hass) == ["solar", "grid", "battery", "device"]


async def test_one_kind_does_not_wait_for_the_other(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """A car whose sessions cannot be had keeps nobody from seeing the sun."""
    simulator.fail("/sessions$", status=500)
    await set_up(hass, make_entry(simulator, **SETTINGS))
    await imported(hass)
    assert await kinds(hass) == ["solar", "grid", "battery"]


async def test_two_inverters(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Both roofs, one grid, the battery, and both cars, even if one inverter comes later."""
    family = simulator.households[2]
    broken = simulator.fail(f"{family.inverters[0].id}/data$", status=500)
    entry = make_entry(simulator, 2, **SETTINGS)
    await set_up(hass, entry)
    await imported(hass)
    assert await kinds(hass) == ["device", "device"]
    simulator.faults.remove(broken)
    await pass_time(hass, now, HOUR)
    found = await preferences(hass)
    assert sorted(await kinds(hass)) == [
        *("battery", "device", "device", "grid", "solar", "solar")
    ]
    assert {
        source["stat_energy_from"]
        for source in found["energy_sources"]
        if source["type"] == "solar"
    } == {statistic_id(inverter, "solar_energy") for inverter in family.inverters}
    assert {source["name"] for source in found["energy_sources"]} == {
        "Solar",
        "Solar 2",
        "Grid",
        "Battery",
    }
    answer = await set_up_dashboard(hass, entry, family.vehicles[0])
    assert answer["added"] == {}
    assert {kind: len(there) for kind, there in answer["already_there"].items()} == {
        "solar": 2,
        "grid": 2,
        "battery": 2,
        "device": 2,
    }
    assert await preferences(hass) == found


async def test_the_action_adds_what_is_missing(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Trying it out changes nothing; doing it adds what is missing; doing it again nothing."""
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    await imported(hass)
    foreign = {
        "type": "solar",
        "stat_energy_from": "sensor.other_roof",
        "config_entry_solar_forecast": None,
    }
    heater = {"stat_consumption": "sensor.heater"}
    water = [{"stat_consumption": "sensor.shower"}]
    manager = await async_get_manager(hass)
    await manager.async_update(
        {
            "energy_sources": [foreign],
            "device_consumption": [heater],
            "device_consumption_water": water,
        }
    )
    before = await preferences(hass)
    [inverter], [car] = (
        simulator.households[0].inverters,
        simulator.households[0].vehicles,
    )
    solar = [statistic_id(inverter, "solar_energy")]
    missing = {
        "grid": [
            statistic_id(inverter, "grid_import_energy"),
            statistic_id(inverter, "grid_export_energy"),
        ],
        "battery": [
            statistic_id(inverter, "battery_discharge_energy"),
            statistic_id(inverter, "battery_charge_energy"),
        ],
        "device": [statistic_id(car, "charging_energy")],
    }
    expected = {"added": missing, "already_there": {"solar": solar}}
    assert await set_up_dashboard(hass, entry, inverter, dry_run=True) == expected
    assert await preferences(hass) == before
    assert await set_up_dashboard(hass, entry, inverter) == expected
    after = await preferences(hass)
    assert after["energy_sources"][0] == foreign
    assert after["device_consumption"][0] == heater
    assert after["device_consumption_water"] == water
    assert await kinds(hass) == ["solar", "grid", "battery", "device", "device"]
    assert await set_up_dashboard(hass, entry, car) == {
        "added": {},
        "already_there": {"solar": solar, **missing},
    }
    assert await preferences(hass) == after


async def test_only_what_there_is(hass: HomeAssistant, simulator: Simulator) -> None:
    """Before anything is imported there is nothing to add; a disabled entity is left out."""
    entry = make_entry(simulator, history_days=0)
    await set_up(hass, entry)
    await imported(hass)
    [inverter] = simulator.households[0].inverters
    assert await set_up_dashboard(hass, entry, inverter) == {
        "added": {},
        "already_there": {},
    }
    registered = device_entry(hass, entry, inverter.id)
    assert registered is not None
    await hass.services.async_call(
        DOMAIN,
        "import_history",
        {"device_id": registered.id, "start_date": "2026-05-19"},
        blocking=True,
    )
    er.async_get(hass).async_update_entity(
        entity_id(hass, "sensor", inverter.id, "solar_power"),
        disabled_by=er.RegistryEntryDisabler.USER,
    )
    simulator.override(inverter.id, battery_capacity_kwh=None)
    await entry.runtime_data.device(inverter.id).coordinator.async_refresh()
    await set_up_dashboard(hass, entry, inverter)
    solar, _, battery = (await preferences(hass))["energy_sources"]
    assert "stat_rate" not in solar
    assert "capacity" not in battery


async def test_without_a_battery(hass: HomeAssistant, simulator: Simulator) -> None:
    """An inverter without a battery adds none."""
    await set_up(hass, make_entry(simulator, 1, **SETTINGS))
    await imported(hass)
    assert await kinds(hass) == ["solar", "grid"]


async def test_two_households_at_once(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Households of one entry do not overwrite each other's part."""
    await set_up(hass, make_entry(simulator, 0, 2, **SETTINGS))
    await imported(hass)
    assert (await kinds(hass)).count("device") == 3
    assert {"solar", "grid", "battery"} < {*await kinds(hass)}


async def test_names_in_the_language_of_home_assistant(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Sources have the names that the household's people read; a car has the name that they gave it."""
    hass.config.language = "de"
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    await imported(hass)
    [car] = simulator.households[0].vehicles
    registered = device_entry(hass, entry, car.id)
    assert registered is not None
    dr.async_get(hass).async_update_device(registered.id, name_by_user="Lenas Auto")
    await set_up_dashboard(hass, entry, car)
    texts = await async_get_translations(hass, "de", "selector", {DOMAIN})
    found = await preferences(hass)
    assert [source["name"] for source in found["energy_sources"]] == [
        texts[f"component.{DOMAIN}.selector.energy_source.options.{kind}"]
        for kind in ("solar", "grid", "battery")
    ]
    assert [each["name"] for each in found["device_consumption"]] == ["Lenas Auto"]


@pytest.mark.parametrize(("forecasts", "is_linked"), [(1, True), (2, False)])
async def test_solar_forecast(
    hass: HomeAssistant, simulator: Simulator, forecasts: int, is_linked: bool
) -> None:
    """The solar forecast that Home Assistant has is linked; of two nobody knows which."""

    async def get_forecast(hass: HomeAssistant, entry_id: str) -> None:
        """Tell nothing."""

    mock_integration(hass, MockModule("weather_man"))
    mock_platform(
        hass,
        "weather_man.energy",
        SimpleNamespace(async_get_solar_forecast=get_forecast),
    )
    hass.config.components.add("weather_man")
    forecasters = [
        MockConfigEntry(domain="weather_man", state=ConfigEntryState.LOADED)
        for _ in range(forecasts)
    ]
    for forecaster in forecasters:
        forecaster.add_to_hass(hass)
    await set_up(hass, make_entry(simulator, **SETTINGS))
    await imported(hass)
    solar = (await preferences(hass))["energy_sources"][0]
    assert solar["config_entry_solar_forecast"] == (
        [forecasters[0].entry_id] if is_linked else None
    )


async def test_prices(
    hass: HomeAssistant, simulator: Simulator, hass_ws_client: WebSocketGenerator
) -> None:
    """What the grid costs and earns stands in the dashboard's own column."""
    prices = {
        "import_price": "fixed",
        "import_fixed": 0.3,
        "export_price": "fixed",
        "export_fixed": 0.08,
        "price_unit": "EUR/MWh",
        "surcharge": 0,
        "tax": 0,
    }
    await set_up(hass, make_entry(simulator, **SETTINGS, prices=prices))
    await imported(hass)
    [inverter] = simulator.households[0].inverters
    [grid] = [
        source
        for source in (await preferences(hass))["energy_sources"]
        if source["type"] == "grid"
    ]
    assert grid["stat_cost"] == statistic_id(inverter, "grid_import_cost")
    assert grid["stat_compensation"] == statistic_id(
        inverter, "grid_export_compensation"
    )
    client = await hass_ws_client()
    await client.send_json_auto_id(
        {"type": "energy/save_prefs", **await preferences(hass)}
    )
    assert (await client.receive_json())["success"]
