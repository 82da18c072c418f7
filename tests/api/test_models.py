"""Answers as data classes."""

from dataclasses import fields
from datetime import UTC, datetime, time
import json
from pathlib import Path
from typing import Any, get_type_hints

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import (
    BoostState,
    DeviceModel,
    DeviceType,
    ElectricVehicle,
    InformationAction,
    Inverter,
    Owner,
    PriceZone,
    ReauthenticateAction,
    ResolutionLink,
    Series,
    SeriesPoint,
    Session,
    Status,
    UnknownAction,
    User,
)
from custom_components.podero.api.models import Identified

from .test_values import JSON, RELAXED

CONTRACT = Path(__file__).parents[1] / "contract"
KINDS: tuple[type[Identified], ...] = (Inverter, ElectricVehicle, User, Session)


def field_names(kind: type[Any]) -> set[str]:
    """Return the fields that Podero sends."""
    return {field.name for field in fields(kind)} - {"raw"}


def contract(name: str, *path: str) -> dict[str, Any]:
    """Return the properties of an object that a schema of the contract describes."""
    found = json.loads((CONTRACT / f"{name}.json").read_text())
    for key in path:
        found = found[key]
    return dict(found["properties"])


def python_type(schema: dict[str, Any]) -> type | None:
    """Return the type that a schema's values are to have, None where it is an object or a choice."""
    kinds = [
        option
        for option in schema.get("anyOf", [schema])
        if option.get("type") != "null"
    ]
    named = {"date-time": datetime, "time": time}
    json_types = {"boolean": bool, "integer": int, "number": float, "string": str}
    if any("$ref" in kind or "enum" in kind or "allOf" in kind for kind in kinds):
        return None
    return named.get(kinds[0].get("format", "")) or json_types.get(kinds[0]["type"])


@pytest.mark.parametrize(
    ("model", "properties"),
    [
        (Inverter, contract("inverter")),
        (ElectricVehicle, contract("electric_vehicle")),
        (DeviceModel, contract("inverter", "$defs", "DeviceModelOutput")),
        (DeviceType, contract("inverter", "$defs", "DeviceTypeOutput")),
        (Owner, contract("inverter", "$defs", "OwnerOutput")),
        (User, contract("users", "items")),
        (Session, contract("sessions", "properties", "items", "items")),
        (SeriesPoint, contract("inverter_data", "$defs", "InverterDataPointOutput")),
    ],
)
def test_fields_are_those_of_the_contract(
    model: type[Any], properties: dict[str, Any]
) -> None:
    """Every field that the contract names is there, with the type that it declares."""
    hints = get_type_hints(model)
    assert field_names(model) == properties.keys()
    for name, schema in properties.items():
        if name != "time" and (kind := python_type(schema)) is not None:
            assert hints[name] in (kind, kind | None), name


def test_what_may_be_changed_exists() -> None:
    """The contract names 61 fields of an inverter and 69 of a vehicle; some of them may be changed."""
    assert len(field_names(Inverter)) == 61
    assert len(field_names(ElectricVehicle)) == 69
    assert field_names(Inverter) > Inverter.WRITABLE
    assert field_names(ElectricVehicle) > ElectricVehicle.WRITABLE


def test_inverter() -> None:
    """Types of all sorts, nested objects and unknown fields."""
    raw = {
        "id": "a",
        "connection_status": "ok",
        "monitoring_status": "asleep",
        "device_model": {
            "device_type": {"short_name": "inverter", "long_name": "Solar inverter"},
            "manufacturer": "Sunny",
            "model": "X 10",
            "year": "2024",
        },
        "owner": {"id": "o", "email": "ada@example.com"},
        "price_zone": "DE_LU",
        "created_at": "2026-01-01T00:00:00",
        "inverter_forced_mode_since": "0001-01-01T00:00:00Z",
        "battery_capacity_kwh": "10.24",
        "current_power_to_grid_w": -1500,
        "is_battery_connected": None,
        "building": "b",
    }
    inverter = Inverter.parse(raw)
    assert inverter == Inverter(
        id="a",
        connection_status=Status.OK,
        monitoring_status=Status.UNKNOWN,
        device_model=DeviceModel(
            device_type=DeviceType(short_name="inverter", long_name="Solar inverter"),
            manufacturer="Sunny",
            model="X 10",
            year=2024,
        ),
        owner=Owner(id="o", email="ada@example.com"),
        price_zone=PriceZone.DE_LU,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        battery_capacity_kwh=10.24,
        current_power_to_grid_w=-1500.0,
    )
    assert inverter.raw is raw
    assert inverter.to_dict()["device_model"]["device_type"]["short_name"] == "inverter"


def test_vehicle_and_its_actions() -> None:
    """The three kinds of actions; what is none is left out."""
    vehicle = ElectricVehicle.parse(
        {
            "id": "v",
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
                    "metadata": {"message": "Hello"},
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
    reauthenticate, information, empty, unknown = vehicle.actions
    assert isinstance(reauthenticate, ReauthenticateAction)
    assert [isinstance(action, UnknownAction) for action in vehicle.actions] == [
        False,
        False,
        False,
        True,
    ]
    assert reauthenticate.link == ResolutionLink(
        url="/cues/2/resolve?secret=x", required_parameters=("successUrl", "cancelUrl")
    )
    assert information == InformationAction(
        code="information",
        message="Hello",
        sent_at=datetime(2026, 11, 1, 10, tzinfo=UTC),
    )
    assert empty == InformationAction(code="information")
    assert unknown == UnknownAction(code="install_gateway")
    assert "secret=x" not in repr(vehicle)
    assert ElectricVehicle.parse({"id": "v", "actions": None}) == ElectricVehicle(
        id="v"
    )


def test_only_what_matters_is_compared() -> None:
    """A fresh link and an unknown field are no change; a value is."""
    first = {
        "id": "a",
        "actions": [
            {"code": "reauthenticate", "resolution_link": {"url": "/c?secret=1"}}
        ],
    }
    second = {
        "id": "a",
        "new": 1,
        "actions": [
            {"code": "reauthenticate", "resolution_link": {"url": "/c?secret=2"}}
        ],
    }
    assert Inverter.parse(first) == Inverter.parse(second)
    assert Inverter.parse(first) != Inverter.parse({**first, "solar_surplus_w": 1})


def test_ids() -> None:
    """Without a usable id there is no object, unless the id was known before."""
    assert User.parse({"id": None}) is None
    assert User.parse("user") is None
    assert User.parse({"id": {}}, fallback_id="u") == User(id="u")
    assert User.parse_all(
        [{"id": "u", "town": "Wien"}, {"id": "u", "town": "Graz"}, {}, 3, {"id": 4}]
    ) == [User(id="u", town="Wien"), User(id="4")]


def test_series() -> None:
    """Points stay as they came, apart from those without a time."""
    quarter = "2026-11-01T00:15:00Z"
    series = Series.parse(
        {
            "metadata": {"units": {"price": "EUR/MWh"}},
            "data": [
                {"time": quarter, "price": "52.1", "solar_production_w": None},
                {"time": "2026-11-01T00:00:00+00:00", "solar_production_w": 10},
                {"time": quarter},
                {"time": None, "price": 1},
                {"price": 1},
                "point",
            ],
        }
    )
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert series is not None
    assert series.metadata == {"units": {"price": "EUR/MWh"}}
    assert series.points == (
        SeriesPoint(time=start.replace(minute=15), price=52.1),
        SeriesPoint(time=start, solar_production_w=10.0),
        SeriesPoint(time=start.replace(minute=15)),
    )
    assert Series.parse([]) == Series(metadata={}, points=())
    assert Series.parse({"metadata": None, "data": []}) == Series(
        metadata={}, points=()
    )
    assert Series.parse({"metadata": {}}) is None


@RELAXED
@given(st.data())
def test_any_json_in_any_field_is_survived(data: st.DataObject) -> None:
    """No field's content makes an object unreadable."""
    for kind in KINDS:
        names = st.sampled_from(sorted(field_names(kind) - {"id"}))
        raw = data.draw(st.dictionaries(names, JSON, max_size=8))
        found = kind.parse({**raw, "id": "a"})
        assert found is not None
        assert found == kind.parse({**raw, "id": "a"})


@RELAXED
@given(JSON)
def test_any_json_as_a_whole_is_survived(value: Any) -> None:
    """Whatever the answer is, parsing it gives an object or None."""
    for kind in KINDS:
        assert isinstance(kind.parse(value), kind | None)
    assert isinstance(Series.parse(value), Series | None)
    for nested in ("actions", "device_model", "owner"):
        assert isinstance(Inverter.parse({"id": "a", nested: value}), Inverter)
        assert isinstance(Inverter.parse({"id": "a", nested: [value]}), Inverter)
    assert isinstance(
        Inverter.parse(
            {
                "id": "a",
                "actions": [
                    {"code": "information", "resolution_link": value, "metadata": value}
                ],
            }
        ),
        Inverter,
    )
