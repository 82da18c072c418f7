"""How JSON objects become data classes."""

from dataclasses import FrozenInstanceError, dataclass, fields, replace
from datetime import UTC, datetime, time
from enum import StrEnum
import json
from pathlib import Path
from typing import Annotated, Any, get_args

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import (
    AvailableMode,
    ChargePolicy,
    ChargingConfig,
    ChargingDevice,
    DeviceModel,
    DeviceType,
    ElectricVehicle,
    HeatPump,
    Inverter,
    Owner,
    PolicyDay,
    Savings,
    SavingsPeriod,
    Series,
    SeriesPoint,
    Session,
    SolarCommand,
    SolarDecision,
    SolarSession,
    SolarSessionDetail,
    User,
    Wallbox,
    model,
    value_types,
)
from custom_components.podero.api.bounds import Text, Uuid, Watts
from custom_components.podero.api.model import Model, Recorded, parse_all

from .conftest import DEVICE, ORG, USER
from .test_values import JSON, RELAXED

CONTRACT = Path(__file__).parents[1] / "contract"
KINDS: dict[type[Model], dict[str, Any]] = {
    Inverter: {"id": DEVICE},
    ElectricVehicle: {"id": DEVICE},
    HeatPump: {"id": DEVICE},
    Wallbox: {"id": DEVICE},
    User: {"id": USER},
    Session: {"id": "s"},
    SolarSession: {"id": 1},
    SolarDecision: {},
    SolarCommand: {},
    SolarSessionDetail: {"session": {"id": 1}},
    ChargingConfig: {},
    ChargingDevice: {"device_id": DEVICE},
    AvailableMode: {"mode": "spot"},
    ChargePolicy: {},
    PolicyDay: {"charge_deadline": "06:00"},
    DeviceModel: {},
    DeviceType: {},
    Owner: {},
    SeriesPoint: {"time": "2026-11-01T00:00:00Z"},
    SavingsPeriod: {"period": {"start_period": "2026-11-01"}},
}
"""All models, each with the least that it must have."""


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
    ("kind", "read_later", "properties"),
    [
        (Inverter, {"owner"}, contract("inverter")),
        (ElectricVehicle, {"owner"}, contract("electric_vehicle")),
        (HeatPump, {"owner"}, contract("heat_pump")),
        (Wallbox, {"owner"}, contract("wallbox")),
        (SolarSession, set(), contract("hems_session", "properties", "session")),
        (
            SolarDecision,
            set(),
            contract("hems_session", "properties", "decisions", "items"),
        ),
        (
            SolarCommand,
            set(),
            contract("hems_session", "properties", "commands", "items"),
        ),
        (
            DeviceModel,
            {"device_type"},
            contract("inverter", "$defs", "DeviceModelOutput"),
        ),
        (DeviceType, set(), contract("inverter", "$defs", "DeviceTypeOutput")),
        (Owner, set(), contract("inverter", "$defs", "OwnerOutput")),
        (User, set(), contract("users", "items")),
        (Session, set(), contract("sessions", "properties", "items", "items")),
        (
            SeriesPoint,
            set(),
            contract("inverter_data", "$defs", "InverterDataPointOutput"),
        ),
    ],
)
def test_fields_are_those_of_the_contract(
    kind: type[Model], read_later: set[str], properties: dict[str, Any]
) -> None:
    """Every field that the contract names is there, with the type that it declares."""
    types = value_types(kind)
    assert field_names(kind) | read_later == properties.keys()
    for name in properties.keys() - read_later - {"time"}:
        if (expected := python_type(properties[name])) is not None:
            assert expected in (types[name], *get_args(types[name])), name


def test_what_may_be_changed_exists() -> None:
    """What may be changed are fields; nothing among them deletes or re-homes a device."""
    for kind in (Inverter, ElectricVehicle, HeatPump, Wallbox):
        assert "is_smart_optimization_active" in kind.WRITABLE
        assert field_names(kind) > kind.WRITABLE
        assert not kind.WRITABLE & {"deleted_at", "lifecycle_state", "building_id"}
    assert ChargingConfig.WRITABLE - {"smart_charging_mode"} < field_names(
        ChargingConfig
    )


class Taste(StrEnum):
    """How something tastes."""

    SWEET = "sweet"


@dataclass(frozen=True, kw_only=True)
class Kernel(Model):
    """Something in something."""

    name: Text


@dataclass(frozen=True, kw_only=True)
class Fruit(Recorded):
    """A model of all that a model can be made of."""

    id: Uuid
    power: Watts | None = None
    taste: Taste | None = None
    is_ripe: bool | None = None
    picked_at: datetime | None = None
    kernel: Kernel | None = None
    kernels: tuple[Kernel, ...] = ()
    anything: Annotated[str, repr] | None = None
    color: Text | None = "red"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({}, {}),
        (
            {
                "power": 7,
                "taste": "Sweet",
                "is_ripe": True,
                "picked_at": "2026-11-01T00:00:00Z",
                "kernel": {"name": "a", "other": 1},
                "kernels": [{"name": "a"}, {}, 3, {"name": "b"}],
                "anything": [1],
                "color": "blue",
                "unknown": "field",
            },
            {
                "power": 7.0,
                "taste": Taste.SWEET,
                "is_ripe": True,
                "picked_at": datetime(2026, 11, 1, tzinfo=UTC),
                "kernel": Kernel(name="a"),
                "kernels": (Kernel(name="a"), Kernel(name="b")),
                "anything": "[1]",
                "color": "blue",
            },
        ),
        (
            {"power": "7.5", "is_ripe": "false", "kernels": {"items": [{"name": "a"}]}},
            {"power": 7.5, "is_ripe": False, "kernels": (Kernel(name="a"),)},
        ),
        (
            {"power": True, "taste": False, "kernel": True, "kernels": "a", "color": 1},
            {"color": "1"},
        ),
        ({"power": 1e9, "is_ripe": 2, "kernel": {}, "kernels": 1}, {}),
        ({"color": None}, {"color": "red"}),
        ({"color": {}}, {"color": None}),
        ({"color": " "}, {"color": None}),
    ],
)
def test_fields(raw: dict[str, Any], expected: dict[str, Any]) -> None:
    """Each field is read by its type; what is not of it is None, no items or, where nothing came, the default."""
    raw = {"id": DEVICE, **raw}
    fruit = Fruit.parse(raw)
    assert fruit == Fruit(id=DEVICE, **expected)
    assert fruit.raw is raw


def test_what_is_no_object() -> None:
    """Without a field that must be there, there is no object."""
    for value in (None, 3, "id", [], {}, {"id": None}, {"id": 7}, {"id": ".."}):
        assert Fruit.parse(value) is None


def test_data_classes_stay_what_they_are() -> None:
    """What was read is frozen, compares by its fields, and can be copied and shown."""
    fruit = Fruit.parse({"id": DEVICE, "power": 1})
    assert fruit is not None
    with pytest.raises(FrozenInstanceError):
        fruit.power = 2  # type: ignore[misc]
    assert replace(fruit, power=2.0) == Fruit(id=DEVICE, power=2.0)
    assert fruit != Fruit(id=DEVICE, power=2.0)
    assert hash(fruit) == hash(Fruit(id=DEVICE, power=1.0))
    assert "power=1.0" in repr(fruit)
    assert "raw" not in repr(fruit)


def test_texts_are_remembered_within_limits() -> None:
    """A text is read one time, unless it is long; the memory does not grow for ever."""
    asked: list[str] = []

    def read(text: str) -> str:
        asked.append(text)
        return text.upper()

    meanings = model.Meanings(read)
    long = "x" * 256
    assert [meanings["a"], meanings["a"], meanings[long], meanings[long]] == [
        "A", "A", "X" * 256, "X" * 256,
    ]  # fmt: skip
    assert asked == ["a", long, long]
    for number in range(model.MAX_REMEMBERED):
        assert meanings[str(number)] == str(number)
    assert len(meanings) < model.MAX_REMEMBERED
    assert meanings["a"] == "A"


def test_value_types() -> None:
    """Types without their quantities, as diagnostics needs them."""
    assert value_types(Fruit) == {
        "raw": dict[str, Any],
        "id": str,
        "power": float,
        "taste": Taste,
        "is_ripe": bool,
        "picked_at": datetime,
        "kernel": Kernel,
        "kernels": tuple[Kernel, ...],
        "anything": str,
        "color": str,
    }


def test_lists() -> None:
    """Items without a usable id are dropped, of several with the same id the first stays, no more than asked for are looked at."""
    assert parse_all(
        User,
        [{"id": USER, "town": "Wien"}, {"id": USER.upper()}, {}, 3, {"id": 4}, None],
        10,
    ) == [User(id=USER, town="Wien")]
    assert parse_all(User, [{"id": USER}, {"id": ORG}], 1) == [User(id=USER)]


@RELAXED
@given(st.data())
def test_any_json_in_any_field_is_survived(data: st.DataObject) -> None:
    """No field's content makes an object unreadable, and reading it again gives the same."""
    for kind, least in KINDS.items():
        names = st.sampled_from(sorted(field_names(kind) - least.keys()) or ["x"])
        raw = data.draw(st.dictionaries(names, JSON, max_size=8)) | least
        found = kind.parse(raw)
        assert isinstance(found, kind)
        assert found == kind.parse(raw)
        repr(found)


@RELAXED
@given(JSON)
def test_any_json_as_a_whole_is_survived(value: Any) -> None:
    """Whatever the answer is, parsing it gives an object or None."""
    for kind in (*KINDS, Series, Savings):
        assert isinstance(kind.parse(value), kind | None)
    for nested in ("actions", "device_model", "owner"):
        for wrapped in (value, [value]):
            found = Inverter.parse({"id": DEVICE, nested: wrapped})
            assert found is not None
            assert isinstance(found.owner, Owner | None)
            assert isinstance(found.device_type, DeviceType | None)
    for key in ("health_warning", "thresholds", "status", "available_modes"):
        assert isinstance(ChargingConfig.parse({key: value}), ChargingConfig)
    for key in ("data", "mon"):
        assert isinstance(ChargePolicy.parse({key: value}), ChargePolicy)
    for key in ("metadata", "data"):
        assert isinstance(Savings.parse({"data": [], key: value}), Savings | None)
    assert isinstance(
        Savings.parse({"metadata": {"units": value, "error": value}}), Savings
    )
