"""Inverters, electric vehicles, heat pumps and wallboxes."""

from datetime import UTC, datetime, time
import logging
from typing import Any

import pytest

from custom_components.podero.api import (
    BoostState,
    DeviceModel,
    DeviceType,
    ElectricVehicle,
    HeatingMode,
    HeatPump,
    InformationAction,
    Inverter,
    OptimizationLevel,
    Owner,
    PriceZone,
    ReauthenticateAction,
    ResolutionLink,
    Status,
    UnknownAction,
    Wallbox,
    WallboxConnection as Connection,
    WallboxMode as Mode,
)

from .conftest import DEVICE, USER


def test_inverter() -> None:
    """Types of all sorts, nested objects and unknown fields."""
    raw = {
        "id": DEVICE,
        "connection_status": "ok",
        "monitoring_status": "asleep",
        "device_model": {
            "device_type": {"short_name": "inverter", "long_name": "Solar inverter"},
            "manufacturer": "Sunny",
            "model": "X 10",
            "year": "2024",
        },
        "owner": {"id": USER, "email": "ada@example.com"},
        "price_zone": "DE_LU",
        "created_at": "2026-01-01T00:00:00",
        "inverter_forced_mode_since": "0001-01-01T00:00:00Z",
        "battery_capacity_kwh": "10.24",
        "current_power_to_grid_w": -1500,
        "current_solar_production_w": 1e300,
        "is_battery_connected": None,
        "building": "b",
    }
    inverter = Inverter.parse(raw)
    assert inverter == Inverter(
        id=DEVICE,
        connection_status=Status.OK,
        monitoring_status=Status.UNKNOWN,
        device_model=DeviceModel(manufacturer="Sunny", model="X 10", year=2024),
        price_zone=PriceZone.DE_LU,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        battery_capacity_kwh=10.24,
        current_power_to_grid_w=-1500.0,
    )
    assert inverter.raw is raw
    assert inverter.owner == Owner(id=USER, email="ada@example.com")
    assert inverter.device_type == DeviceType(
        short_name="inverter", long_name="Solar inverter"
    )


def test_vehicle_and_its_actions() -> None:
    """The three kinds of actions; what is none is left out."""
    vehicle = ElectricVehicle.parse(
        {
            "id": DEVICE,
            "boost_state": "requested",
            "charge_deadline_at": "06:30:00",
            "battery_level": 55.0,
            "device_model": "a string",
            "owner": [],
            "actions": [
                7,
                None,
                {"resolution_link": {"url": "/cues/1/resolve?secret=x"}},
                {
                    "code": "reauthenticate",
                    "resolution_link": {
                        "url": "/cues/2/resolve?secret=x",
                        "required_parameters": ["successUrl", None, "cancelUrl"],
                    },
                },
                {
                    "code": "information",
                    "resolution_link": "none",
                    "metadata": {"message": "Hello\n" + "o" * 3000},
                    "sent_at": "2026-11-01T10:00:00Z",
                },
                {"code": "information", "metadata": "none"},
                {"code": "install_gateway", "resolution_link": {"url": None}},
            ],
        }
    )
    assert vehicle is not None
    assert vehicle.boost_state is BoostState.REQUESTED
    assert vehicle.charge_deadline_at == time(6, 30)
    assert vehicle.battery_level == 55
    assert vehicle.device_model is None
    assert vehicle.owner is None
    assert vehicle.device_type is None
    reauthenticate, information, empty, unknown = vehicle.actions
    assert isinstance(reauthenticate, ReauthenticateAction)
    assert reauthenticate.link == ResolutionLink(
        url="/cues/2/resolve?secret=x", required_parameters=("successUrl", "cancelUrl")
    )
    assert isinstance(information, InformationAction)
    assert information.message is not None
    assert information.message.startswith("Hello ooo")
    assert len(information.message) == 2000
    assert information.sent_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert empty == InformationAction(code="information")
    assert unknown == UnknownAction(code="install_gateway")
    assert "secret=x" not in repr(vehicle)


@pytest.mark.usefixtures("nothing_logged")
def test_many_actions(caplog: pytest.LogCaptureFixture) -> None:
    """The first fifty are looked at; that there are more is logged one time."""
    caplog.set_level(logging.DEBUG)
    raw = {"id": DEVICE, "actions": [{"code": "information"}] * 300}
    for _ in range(3):
        vehicle = ElectricVehicle.parse(raw)
        assert vehicle is not None
        assert len(vehicle.actions) == 50
    assert [record.getMessage() for record in caplog.records] == [
        "Podero sent more than 50 actions of one device; the rest is left out"
    ]


def test_only_what_matters_is_compared() -> None:
    """A fresh link and an unknown field are no change; a value is."""
    first = {
        "id": DEVICE,
        "actions": [
            {"code": "reauthenticate", "resolution_link": {"url": "/c?secret=1"}}
        ],
    }
    second = {
        "id": DEVICE,
        "new": 1,
        "actions": [
            {"code": "reauthenticate", "resolution_link": {"url": "/c?secret=2"}}
        ],
    }
    assert Inverter.parse(first) == Inverter.parse(second)
    assert Inverter.parse(first) != Inverter.parse({**first, "solar_surplus_w": 1})


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        (48.2, "16.37", (48.2, 16.37)),
        (-90, 180, (-90.0, 180.0)),
        (1e300, 16.37, (None, None)),
        (48.2, 181, (None, None)),
        (48.2, None, (None, None)),
    ],
)
def test_positions(latitude: Any, longitude: Any, expected: Any) -> None:
    """A position is on the globe and whole, or there is none."""
    vehicle = ElectricVehicle.parse(
        {"id": DEVICE, "latitude": latitude, "longitude": longitude}
    )
    assert vehicle is not None
    assert (vehicle.latitude, vehicle.longitude) == expected


def test_heat_pump() -> None:
    """Words in any case; temperatures that can be."""
    assert HeatPump.parse(
        {
            "id": DEVICE,
            "current_mode": "MID",
            "optimization_level": "max",
            "operational_mode": "Hot Water",
            "outdoor_temperature": -9.5,
            "inlet_temperature": -400,
            "dhw_temperature": 51.1,
            "dhw_actual_temperature": 40,
        }
    ) == HeatPump(
        id=DEVICE,
        current_mode=HeatingMode.MID,
        optimization_level=OptimizationLevel.MAX,
        operational_mode="hot water",
        outdoor_temperature=-9.5,
        dhw_temperature=51.1,
    )


def test_heat_pump_of_older_answers() -> None:
    """The temperature of the hot water has had another name."""
    raw = {"id": DEVICE, "dhw_actual_temperature": 40}
    pump = HeatPump.parse(raw)
    assert pump == HeatPump(id=DEVICE, dhw_temperature=40.0)
    assert pump.raw is raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, {}),
        (
            {"is_charging": True},
            {"mode": Mode.CHARGING, "is_charging": True},
        ),
        (
            {"is_charging": False, "is_plugged_in": True, "is_authenticated": False},
            {
                "mode": Mode.PLUGGED_IN,
                "is_charging": False,
                "is_plugged_in": True,
                "is_authenticated": False,
            },
        ),
        (
            {"is_plugged_in": False},
            {"mode": Mode.READY, "is_plugged_in": False},
        ),
        (
            {"is_plugged_in": False, "is_authenticated": False},
            {
                "mode": Mode.UNAVAILABLE,
                "is_plugged_in": False,
                "is_authenticated": False,
            },
        ),
        (
            {"mode": "charging"},
            {"mode": Mode.CHARGING, "is_plugged_in": True, "is_charging": True},
        ),
        (
            {"mode": "READY", "is_plugged_in": True},
            {"mode": Mode.READY, "is_plugged_in": True, "is_charging": False},
        ),
        ({"mode": "UNKNOWN"}, {"mode": Mode.UNKNOWN}),
        ({"mode": "DREAMING"}, {}),
        (
            {"is_ocpp_connected": True},
            {"is_ocpp_connected": True, "connection": Connection.ONLINE},
        ),
        (
            {"is_ocpp_connected": False},
            {"is_ocpp_connected": False, "connection": Connection.OFFLINE},
        ),
        (
            {"connection": "never_connected"},
            {"is_ocpp_connected": False, "connection": Connection.NEVER_CONNECTED},
        ),
        (
            {"charge_deadline_at": "2026-11-21T06:00:00Z"},
            {"charge_deadline_at": datetime(2026, 11, 21, 6, tzinfo=UTC)},
        ),
        ({"charge_deadline_at": "06:00:00"}, {"charge_deadline_at": time(6)}),
    ],
)
def test_wallbox(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    """What a wallbox does follows from what is plugged in, and the other way round; what is reported stays."""
    assert Wallbox.parse({"id": DEVICE, **raw}) == Wallbox(id=DEVICE, **expected)
