"""Whatever an answer holds, every state is one that Home Assistant takes, and every row of statistics is finite.

Each payload is drawn from the contract's schemas; a failure names the one it is of
(``Payloads(number, seed)`` draws it again).
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
import json
from typing import Any

import pytest

from custom_components.podero.api import User, values
from custom_components.podero.api.access import ShapeError
from custom_components.podero.api.answers import (
    build_current_session,
    build_current_solar_session,
    build_list,
    build_named,
    build_object,
    build_page,
    build_savings,
    build_series,
    build_solar_session,
)
from custom_components.podero.api.bounds import MAX_DEVICES, MAX_USERS
from custom_components.podero.api.charging import ChargePolicy, ChargingConfig
from custom_components.podero.api.decoding import decode, decode_in_steps
from custom_components.podero.api.sessions import Session
from custom_components.podero.api.solar import SolarSession
from custom_components.podero.api.transport import MAX_DETAIL, Answer
from custom_components.podero.descriptions import PoderoEventDescription
from custom_components.podero.history import STATISTICS, Prices
from custom_components.podero.history.changes import find_changes
from custom_components.podero.history.charging import charging_hours
from custom_components.podero.history.hours import Hours
from custom_components.podero.history.savings import savings_hours
from custom_components.podero.history.series import series_hours
from custom_components.podero.history.statistics import metadata
from custom_components.podero.kinds import KINDS
from custom_components.podero.kinds.electric_vehicle_data import WeeklyPolicy
from custom_components.podero.kinds.kind import Kind
from custom_components.podero.power import series_values, signed_hours
from homeassistant.util import dt as dt_util

from .judge import is_line, is_moment, is_number, is_shown_as_state, judge, judge_events
from .payloads import Payloads

ROUNDS = 1200
"""Devices of each kind that are drawn; with all else it comes to 26,000 payloads."""
DEVICE_ID = "6f0d4e2c-8f5b-4a53-9a5e-0a3a1d4c7b11"
SESSION_ID = 77
# Around the new year, the changes of the clocks, and at the ends of what a clock may say.
TIMES = (
    datetime(2026, 5, 20, 10, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2000, 1, 1, tzinfo=UTC),
    datetime(2100, 2, 28, 23, 59, tzinfo=UTC),
)
ZONES = ("Europe/Vienna", "UTC", "Pacific/Kiritimati", "America/St_Johns")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
MODEL_FIELDS = ("manufacturer", "model", "name")


def read[T](payload: object, build: Callable[[Any], T]) -> T | None:
    """Take a payload the way of an answer: bytes, JSON, model. None where it is refused.

    Small answers and large ones are decoded differently, but are refused alike.
    """
    body = json.dumps(payload).encode()
    found = _built(decode(body), build)
    large = _built(decode_in_steps(body, 1000), build)
    assert (found is None) == (large is None)
    return found


def _built[T](decoded: Any, build: Callable[[Any], T]) -> T | None:
    try:
        return build(decoded)
    except ShapeError:
        return None


def parts(kind: Kind[Any], payloads: Payloads) -> dict[str, Any]:
    """Draw what is asked beside a device's detail; what is refused is not known."""
    drawn: dict[str, Any] = {}
    match kind.key:
        case "electric_vehicle":
            page = read(payloads.draw("sessions"), partial(build_page, Session))
            policy = read(
                payloads.draw("charge_policy"), partial(build_object, ChargePolicy)
            )
            drawn = {
                "current": read(
                    payloads.draw("current_session"), build_current_session
                ),
                "completed": page and tuple(page[2]),
                "weekly": policy and WeeklyPolicy(policy=policy, zone=None),
                "savings": read(
                    payloads.draw("electric_vehicle_savings"), build_savings
                ),
            }
        case "wallbox":
            page = read(
                payloads.draw("hems_sessions"), partial(build_page, SolarSession)
            )
            drawn = {
                "current": read(
                    payloads.draw("hems_session_current"), build_current_solar_session
                ),
                "completed": page and tuple(page[2]),
            }
        case "inverter" | "heat_pump":
            drawn = {
                "savings": read(payloads.draw(f"{kind.key}_savings"), build_savings)
            }
    return drawn


def all_tables(kind: Kind[Any]) -> list[Any]:
    """Return the descriptions of all entities that devices of a kind may have."""
    found = {
        (platform, description.key, type(description)): description
        for allow_control in (True, False)
        for has_config in (True, False)
        for platform, table in kind.tables(
            allow_control=allow_control, has_charging_config=has_config
        ).items()
        for description in table
    }
    return [*found.values()]


@pytest.fixture(autouse=True)
def _log_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave to other tests the observations that are logged once in the life of a process."""
    monkeypatch.setattr(values, "_logged", set())


@pytest.fixture(params=ZONES)
def _zone(request: pytest.FixtureRequest) -> Iterable[None]:
    """Be at home somewhere."""
    before = dt_util.get_default_time_zone()
    zone = dt_util.get_time_zone(request.param)
    assert zone is not None
    dt_util.set_default_time_zone(zone)
    yield
    dt_util.set_default_time_zone(before)


@pytest.mark.usefixtures("_zone")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_details(kind: Kind[Any], request: pytest.FixtureRequest) -> None:
    """All entities of a device, whatever its detail and what is asked beside it hold."""
    first = ZONES.index(request.node.callspec.params["_zone"]) * ROUNDS
    descriptions = all_tables(kind)
    events = [each for each in descriptions if isinstance(each, PoderoEventDescription)]
    schema = "charging_config" if kind.key == "household" else kind.key
    build: Callable[[Any], Any] = partial(build_named, kind.model, DEVICE_ID)
    if kind.model is ChargingConfig:
        build = partial(build_object, ChargingConfig)
    shown, snapshots = 0, dict.fromkeys(each.key for each in events)
    for number in range(first, first + ROUNDS // len(ZONES)):
        payloads = Payloads(number)
        detail = payloads.draw(schema)
        if isinstance(detail, dict) and kind.model is not ChargingConfig:
            detail["id"] = DEVICE_ID
        if (device := read(detail, build)) is None:
            continue
        now = payloads.choice(*TIMES)
        data = replace(
            kind.data(device=device), is_detail=True, **parts(kind, payloads)
        ).seen_at(now)
        changes_at = data.changes_at()
        assert changes_at is None or (is_moment(changes_at) and changes_at > now)
        assert data == data.seen_at(now)
        assert kind.interval(data) > timedelta(0)
        for name in MODEL_FIELDS:
            assert is_line(data.model_info.get(name) or "x", 520), payloads.name
        shown += sum(
            judge(description, data, payloads.name)
            for description in filter(is_shown_as_state, descriptions)
        )
        for description in events:
            snapshots[description.key] = judge_events(
                description, snapshots[description.key], data, payloads.name
            )
    assert shown > 2 * ROUNDS


@pytest.mark.parametrize(
    ("schema", "build"),
    [
        ("users", partial(build_list, User, "users", MAX_USERS)),
        *(
            (
                each.model.PATH.replace("-", "_"),
                partial(build_list, each.model, each.model.PATH, MAX_DEVICES),
            )
            for each in KINDS
            if each.is_steered
        ),
    ],
)
def test_lists(schema: str, build: Callable[[Any], list[Any]]) -> None:
    """What has no usable id is left out, and nothing comes twice."""
    found = 0
    for number in range(ROUNDS // 12):
        items = read(Payloads(number).draw(schema), build) or []
        ids = [item.id for item in items]
        assert len(ids) == len(set(ids))
        assert all(len(each) == 36 for each in ids)
        for user in items if schema == "users" else ():
            texts = (user.first_name, user.last_name, user.email, user.external_user_id)
            assert all(is_line(text) for text in texts if text is not None)
        found += len(items)
    assert found > ROUNDS / 20


def assert_finite(hours: Hours, name: str) -> None:
    """Check an import's rows, and what becomes of them in an empty recorder."""
    described = {
        kind: metadata(DEVICE_ID, "Device", kind, names=dict.fromkeys(STATISTICS, kind))
        for kind in STATISTICS
    }
    changes = find_changes(hours, {}, described)
    for described_as, rows in changes.rows:
        unit = described_as["unit_of_measurement"]
        assert unit and is_line(unit, 255), name
        for row in rows:
            start = row["start"]
            assert start.minute == start.second == start.microsecond == 0
            assert BEGIN <= start < END, name
            for key in ("state", "sum", "mean", "min", "max"):
                assert is_number(row.get(key, 0.0)), name
            if "mean" in row:
                assert row["min"] - 1e-6 <= row["mean"] <= row["max"] + 1e-6


PRICES = (
    Prices(),
    Prices(import_price="fixed", import_fixed=0.31, export_price="podero"),
    Prices(import_price="podero", surcharge=0.12, tax=20, price_unit="ct/kWh"),
)


def test_series() -> None:
    """Rows of statistics and points of get_history are finite."""
    for number in range(2 * ROUNDS):
        payloads = Payloads(number)
        drawn = payloads.draw("inverter_data")
        if isinstance(drawn, dict) and isinstance(drawn.get("data"), list):
            # Enough quarters to fill hours, several of each.
            for _ in range(payloads.choice(0, 0, 20)):
                point = payloads.draw("inverter_data", "data", "[]")
                if isinstance(point, dict):
                    minute = payloads.choice("00", "15", "30", "45", "46")
                    point["time"] = f"2026-05-20T1{payloads.choice(0, 1)}:{minute}:00Z"
                drawn["data"].append(point)
        if (series := read(drawn, build_series)) is None:
            continue
        hours = series_hours(
            series,
            BEGIN,
            END,
            has_battery=payloads.choice(True, False),
            prices=payloads.choice(*PRICES),
            currency=payloads.choice("EUR", "SEK"),
        )
        assert_finite(hours, payloads.name)
        signed = signed_hours(series.points)
        for point in series.points:
            for value in series_values(point, signed).values():
                assert value is None or is_number(value), payloads.name


def test_sessions() -> None:
    """Sessions of cars become finite rows, within the span."""
    for number in range(ROUNDS):
        payloads = Payloads(number)
        page = read(payloads.draw("sessions"), partial(build_page, Session))
        if page is not None:
            # Some of them last for centuries: a month of that is enough.
            hours = charging_hours(page[2], BEGIN, BEGIN + timedelta(days=31))
            assert_finite(hours, payloads.name)


@pytest.mark.parametrize("kind", ["inverter", "heat_pump", "electric_vehicle"])
def test_savings(kind: str) -> None:
    """Savings become finite rows in a currency."""
    for number in range(ROUNDS):
        payloads = Payloads(number)
        savings = read(payloads.draw(f"{kind}_savings"), build_savings)
        if savings is not None:
            hours = savings_hours(
                savings,
                BEGIN,
                END,
                zone=payloads.choice(*map(dt_util.get_time_zone, ZONES)),
                price_zone=None,
            )
            assert_finite(hours, payloads.name)


def test_solar_sessions() -> None:
    """What the action get_charging_decisions returns is fit for JSON, and of the session asked for."""
    found = 0
    for number in range(ROUNDS):
        payloads = Payloads(number)
        drawn = payloads.draw("hems_session")
        if isinstance(drawn, dict) and isinstance(drawn.get("session"), dict):
            drawn["session"]["id"] = payloads.choice(SESSION_ID, SESSION_ID, 78)
        detail = read(drawn, partial(build_solar_session, SESSION_ID))
        if detail is not None:
            found += 1
            assert detail.session.id == SESSION_ID
            for each in (*detail.decisions, *detail.commands, detail.session):
                for name, value in vars(each).items():
                    if isinstance(value, str):
                        assert is_line(value), payloads.name
                    elif isinstance(value, float):
                        assert is_number(value), f"{name} of {payloads.name}"
    assert found > ROUNDS / 4


@pytest.mark.parametrize(
    ("schema", "status"),
    [
        ("error", 404),
        ("series_error", 400),
        ("validation_error", 422),
        ("token_error", 401),
        ("boost_conflict", 409),
    ],
)
def test_errors(schema: str, status: int) -> None:
    """An error's body is never in what is logged, and what a dialog shows of it is a short line."""
    for number in range(ROUNDS // 4):
        payloads = Payloads(number)
        retry_after = payloads.choice("120", "junk", "-1", "9" * 400, "nan")
        body = json.dumps(payloads.draw(schema)).encode()
        error = Answer(
            request="GET /org",
            status=payloads.choice(status, 429, 500, 503),
            headers={"Retry-After": retry_after},
            body=body[: payloads.choice(len(body), len(body) // 2)],
            hidden=("a-token",),
        ).error()
        assert str(error).startswith("GET /org: answered"), payloads.name
        assert len(str(error)) < 80
        assert error.detail is None or is_line(error.detail, MAX_DETAIL)
        assert error.retry_after is None or 0 < error.retry_after <= 3600


def test_longest_reasons() -> None:
    """As many reasons as are looked at, each as long as it may be, are not too much for a state."""
    [household] = [kind for kind in KINDS if kind.model is ChargingConfig]
    config = read(
        {"hems_ineligible_reasons": ["\U0001f697" * 300] * 99}, ChargingConfig.parse
    )
    assert config is not None
    for description in filter(is_shown_as_state, all_tables(household)):
        judge(description, household.data(device=config), "of the longest reasons")
