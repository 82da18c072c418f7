"""A household's charging configuration: what is possible, what is refused, and what is wrong."""

from typing import Any

import pytest

from simulator import Simulator

from .conftest import NOON, Caller, heat_pump_path, vehicle_path, wallbox_path

MODES = ("none", "spot", "hems", "hems_and_spot")


def config_path(simulator: Simulator, household: int = 0) -> str:
    """Return the path of a household's charging configuration, below the organization."""
    return f"users/{simulator.households[household].user_id}/charging-config"


async def _config(caller: Caller, household: int = 0) -> dict[str, Any]:
    path = config_path(caller.simulator, household)
    config: dict[str, Any] = (await caller.get(path)).check("charging_config")
    return config


def _reasons(config: dict[str, Any]) -> dict[str, list[str]]:
    for item in config["available_modes"]:
        assert item["available"] is not bool(item["reasons"])
    return {item["mode"]: item["reasons"] for item in config["available_modes"]}


async def test_everything_is_possible(caller: Caller, simulator: Simulator) -> None:
    """The first household has all that the modes need."""
    config = await _config(caller)
    family = simulator.households[0]
    assert config["smart_charging_mode"] == "spot"
    assert _reasons(config) == {mode: [] for mode in MODES}
    assert config["hems_eligible"] is True
    assert config["hems_ineligible_reasons"] == []
    assert config["mode_conflict"] is config["config_divergence"] is False
    assert config["devices"] == [
        {
            "device_id": family.wallboxes[0].id,
            "device_type": "wallbox",
            "is_primary_actuator": True,
        },
        {
            "device_id": family.vehicles[0].id,
            "device_type": "ev",
            "is_primary_actuator": False,
        },
    ]
    assert config["health_warning"] is None
    assert config["thresholds"] == {
        "hems_min_export_to_start_w": 2000,
        "hems_max_import_before_stopping_w": 500,
        "min_band_w": 1400,
    }
    assert config["status"] == {
        "charge_power_w": 0,
        "solar_kwh_today": 0,
        "as_of": NOON.strftime("%FT%TZ"),
    }


async def test_who_has_none(caller: Caller, simulator: Simulator) -> None:
    """Nothing that charges, no configuration; a car alone has one, without the sun."""
    for household in (1, 4):
        (await caller.get(config_path(simulator, household))).check("error", 404)
        body = {"smart_charging_mode": "none"}
        answer = await caller.ask("PUT", config_path(simulator, household), json=body)
        answer.check("error", 404)
    without_sun = await _config(caller, 3)
    lacking = ["no_actuator", "no_inverter"]
    assert _reasons(without_sun) == {
        "none": [], "spot": [], "hems": lacking, "hems_and_spot": lacking,
    }  # fmt: skip
    assert without_sun["hems_eligible"] is False
    assert without_sun["hems_ineligible_reasons"] == lacking
    simulator.add_wallbox(simulator.households[1].user_id)
    without_car = await _config(caller, 1)
    assert without_car["smart_charging_mode"] == "none"
    assert _reasons(without_car) == {
        "none": [], "spot": ["no_ev"], "hems": [], "hems_and_spot": ["no_ev"],
    }  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
async def test_mode(caller: Caller, simulator: Simulator, mode: str) -> None:
    """The answer to the change is the configuration as it is then."""
    answer = await caller.ask(
        "PUT", config_path(simulator), json={"smart_charging_mode": mode}
    )
    config = answer.check("charging_config")
    assert config["smart_charging_mode"] == mode
    assert await _config(caller) == config
    assert (await caller.get(wallbox_path(simulator))).body["current_mode"] == mode


async def test_thresholds(caller: Caller, simulator: Simulator) -> None:
    """They count for the household's cars as well; null changes nothing."""
    body = {
        "hems_min_export_to_start_w": 1600,
        "hems_max_import_before_stopping_w": None,
        "smart_charging_mode": None,
    }
    config = (await caller.ask("PUT", config_path(simulator), json=body)).check(
        "charging_config"
    )
    assert config["thresholds"] == {
        "hems_min_export_to_start_w": 1600,
        "hems_max_import_before_stopping_w": 500,
        "min_band_w": 1400,
    }
    car = (await caller.get(vehicle_path(simulator))).body
    assert car["hems_min_export_to_start_w"] == 1600


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"hems_min_export_to_start_w": -1}, "hems_min_export_to_start_w"),
        ({"hems_min_export_to_start_w": 50_001}, "hems_min_export_to_start_w"),
        ({"hems_min_export_to_start_w": True}, "hems_min_export_to_start_w"),
        (
            {"hems_max_import_before_stopping_w": "1"},
            "hems_max_import_before_stopping_w",
        ),
        ({"smart_charging_mode": "sun"}, "smart_charging_mode"),
        ({"smart_charging_mode": 1}, "smart_charging_mode"),
        ({"min_band_w": 1}, "min_band_w"),
    ],
)
async def test_no_values(
    caller: Caller, simulator: Simulator, body: dict[str, Any], where: str
) -> None:
    """What can be no value is refused as the framework does it."""
    before = await _config(caller)
    refusal = (await caller.ask("PUT", config_path(simulator), json=body)).check(
        "validation_error", 422
    )
    assert refusal["detail"][0]["loc"] == ["body", where]
    assert await _config(caller) == before


async def test_against_the_rules(caller: Caller, simulator: Simulator) -> None:
    """A band too narrow and a mode that is not available change nothing, and say why."""
    before = await _config(caller)
    body = {
        "smart_charging_mode": "hems",
        "hems_min_export_to_start_w": 1000,
        "hems_max_import_before_stopping_w": 399,
    }
    refusal = (await caller.ask("PUT", config_path(simulator), json=body)).check(
        "error", 422
    )
    assert "1400 W" in refusal["detail"]
    (
        await caller.ask(
            "PUT", config_path(simulator), json={"hems_min_export_to_start_w": 899}
        )
    ).check("error", 422)
    assert await _config(caller) == before
    body |= {"hems_max_import_before_stopping_w": 400}
    (await caller.ask("PUT", config_path(simulator), json=body)).check(
        "charging_config"
    )
    refusal = (
        await caller.ask(
            "PUT", config_path(simulator, 3), json={"smart_charging_mode": "hems"}
        )
    ).check("error", 422)
    assert refusal == {
        "detail": "The mode hems is not available: no_actuator, no_inverter"
    }


async def test_inverter_gone(caller: Caller, simulator: Simulator) -> None:
    """Solar charging that lacks something now is warned about."""
    family = simulator.households[0]
    simulator.set_charging_mode(family.user_id, "hems_and_spot")
    assert (await _config(caller))["health_warning"] is None
    cue = simulator.add_action(family.inverters[0].id)
    config = await _config(caller)
    assert config["hems_ineligible_reasons"] == ["inverter_no_export_data"]
    assert config["health_warning"] == {"since": NOON.strftime("%FT%TZ")}
    simulator.remove_action(cue.id)
    assert (await _config(caller))["health_warning"] is None
    simulator.clock.advance(60)
    simulator.delete(family.inverters[0].id)
    config = await _config(caller)
    assert config["hems_ineligible_reasons"] == ["no_inverter"]
    assert config["health_warning"] == {"since": "2026-06-17T11:21:00Z"}
    simulator.restore(family.inverters[0].id)
    simulator.remove(family.wallboxes[0].id)
    assert (await _config(caller))["hems_ineligible_reasons"] == ["no_actuator"]
    simulator.set_charging_mode(family.user_id, "spot")
    assert (await _config(caller))["health_warning"] is None


async def test_devices_disagree(caller: Caller, simulator: Simulator) -> None:
    """One device is not optimized; two cars have thresholds of their own."""
    body = {"is_smart_optimization_active": False}
    (await caller.ask("PUT", vehicle_path(simulator), json=body)).check_status(200)
    assert (await _config(caller))["mode_conflict"] is True
    simulator.set_charging_mode(simulator.households[0].user_id, "none")
    assert (await _config(caller))["mode_conflict"] is False
    assert (await _config(caller, 2))["config_divergence"] is False
    body = {"hems_min_export_to_start_w": 2500}
    second = vehicle_path(simulator, 2, 1)
    (await caller.ask("PUT", second, json=body)).check_status(200)
    config = await _config(caller, 2)
    assert config["config_divergence"] is True
    assert config["thresholds"]["hems_min_export_to_start_w"] == 2000
    (await caller.ask("PUT", config_path(simulator, 2), json=body)).check_status(200)
    assert (await _config(caller, 2))["config_divergence"] is False


async def test_told_otherwise(caller: Caller, simulator: Simulator) -> None:
    """Fields say what they are told to, until they are restored."""
    user_id = simulator.households[0].user_id
    own = f"charging/{user_id}"
    wrong = {"hems_eligible": None, "mode_conflict": "yes"}
    changed = await caller.own("PATCH", own, {"mode": "hems", "fields": wrong})
    assert changed.status == 200
    config = (await caller.get(config_path(simulator))).body
    assert config == changed.body
    assert config["smart_charging_mode"] == "hems"
    assert (config["hems_eligible"], config["mode_conflict"]) == (None, "yes")
    (await caller.own("DELETE", own)).check_status(204)
    assert (await _config(caller))["hems_eligible"] is True
    simulator.override_charging(user_id, hems_eligible=None)
    simulator.heal()
    assert (await _config(caller))["hems_eligible"] is True
    for junk in ({"mode": "sun"}, {"mode": 1}, {"nonsense": 1}):
        (await caller.own("PATCH", own, junk)).check("validation_error", 422)
    (await caller.own("PATCH", "charging/nobody", {"mode": "hems"})).check("error", 404)


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_organization_without_them(
    caller: Caller, simulator: Simulator, status: int
) -> None:
    """Endpoints can be missing, each for itself; strangers are still strangers."""
    wallbox, heat_pump = wallbox_path(simulator), heat_pump_path(simulator)
    user = f"users/{simulator.households[0].user_id}"
    span = {"from": "2026-06-01", "to": "2026-06-17"}
    paths = {
        "heat-pumps": [f"{user}/heat-pumps", heat_pump, f"{heat_pump}/data"],
        "wallboxes": [f"{user}/wallboxes", wallbox, f"{wallbox}/hems-sessions/current"],
        "hems-sessions": [
            f"{wallbox}/hems-sessions",
            f"{wallbox}/hems-sessions/current",
            f"{wallbox}/hems-sessions/1",
        ],
        "charging-config": [f"{user}/charging-config"],
    }
    for endpoint, found in paths.items():
        simulator.conventions.update(absent={endpoint: status})
        for path in found:
            (await caller.get(path, **span)).check("error", status)
            (await caller.ask("GET", path, bearer=False)).check("error", 401)
    simulator.conventions.update(
        absent={"wallboxes": status, "charging-config": status}
    )
    for method, path in (
        ("PUT", wallbox),
        ("POST", f"{wallbox}/boost"),
        ("DELETE", f"{wallbox}/boost"),
        ("POST", f"{wallbox}/auth_session"),
        ("PUT", f"{user}/charging-config"),
    ):
        (await caller.ask(method, path, json={})).check("error", status)
    (await caller.get(heat_pump)).check("heat_pump")
    simulator.conventions.update(absent={})
    (await caller.get(wallbox)).check("wallbox")
