"""Sensors of all kinds of devices."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import Simulator

from .common import all_ids, pass_time, set_up, snapshot_entities, state

POLL = timedelta(minutes=5)
# The car charges from the grid, the battery feeds the house.
NIGHT = datetime(2026, 5, 20, 21, 7, tzinfo=UTC)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_sensors(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    snapshot: SnapshotAssertion,
) -> None:
    """All sensors of a household with one device of each kind."""
    now.move_to(NIGHT)
    await set_up(hass, entry)
    snapshot_entities(
        hass, snapshot, entry, "sensor", *all_ids(simulator.households[0])
    )


SIGNS: tuple[tuple[dict[str, object], dict[str, float]], ...] = (
    (
        {"current_power_to_grid_w": 1500},
        {"grid_power": -1500, "grid_import_power": 0, "grid_export_power": 1500},
    ),
    (
        {"current_power_to_grid_w": -800.5},
        {"grid_power": 800.5, "grid_import_power": 800.5, "grid_export_power": 0},
    ),
    (
        {"current_power_to_grid_w": 0},
        {"grid_power": 0, "grid_import_power": 0, "grid_export_power": 0},
    ),
    (
        {"battery_charge_discharge_power_w": 700},
        {
            "battery_power": 700,
            "battery_discharge_power": 700,
            "battery_charge_power": 0,
        },
    ),
    (
        {"battery_charge_discharge_power_w": -900},
        {
            "battery_power": -900,
            "battery_discharge_power": 0,
            "battery_charge_power": 900,
        },
    ),
    ({"current_solar_production_w": "2500.5"}, {"solar_power": 2500.5}),
    ({"household_consumption_w": 431}, {"home_power": 431}),
    ({"solar_surplus_w": -5300}, {"solar_surplus": -5300}),
)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_signs(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """Home Assistant's signs: + from the grid, + from the battery; never -0."""
    for fields, expected in SIGNS:
        simulator.override(inverter, **fields)
        await pass_time(hass, now, POLL)
        for key, value in expected.items():
            shown = state(hass, inverter, key)
            assert float(shown.state) == value, fields
            assert not shown.state.startswith("-0"), fields
            assert shown.attributes["unit_of_measurement"] == "W"


READINGS: tuple[tuple[str, str, object, str], ...] = (
    ("battery_level", "battery_level", "80", "80"),
    ("battery_level", "battery_level", 79.6, "80"),
    ("battery_level", "battery_level", 0, "0"),
    ("battery_capacity_kwh", "battery_capacity", "0", STATE_UNKNOWN),
    ("battery_capacity_kwh", "battery_capacity", "58.5", "58.5"),
    ("charge_deadline_at", "charge_deadline", "06:30:00", "06:30"),
    ("charge_deadline_at", "charge_deadline", "6 o'clock", STATE_UNKNOWN),
    ("boost_state", "boost_state", "available", "available"),
    ("boost_state", "boost_state", "ongoing", "ongoing"),
    ("boost_state", "boost_state", "unavailable", "not_available"),
    ("boost_state", "boost_state", "levitating", STATE_UNKNOWN),
    ("boost_state", "boost_state", "requested", "requested"),
    ("connection_status", "connection_status", "warning", "warning"),
    ("connection_status", "connection_status", "unknown", STATE_UNKNOWN),
    ("connection_status", "connection_status", "ERROR", "error"),
    ("connection_status", "connection_status", "splendid", STATE_UNKNOWN),
    ("price_zone", "price_zone", "DE_LU", "de_lu"),
    ("price_zone", "price_zone", "MARS", STATE_UNKNOWN),
    ("actual_steering_state", "steering_state", "unknown", STATE_UNKNOWN),
    ("actual_steering_state", "steering_state", "charging", "charging"),
    ("current_mode", "current_mode", "Unknown", STATE_UNKNOWN),
    (
        "last_boost_ended_at",
        "last_boost_ended",
        "2026-05-19T22:30:00+02:00",
        "2026-05-19T20:30:00+00:00",
    ),
    ("last_boost_ended_at", "last_boost_ended", "0001-01-01T00:00:00Z", STATE_UNKNOWN),
    (
        "last_boost_ended_at",
        "last_boost_ended",
        "2026-05-19T20:31:00",
        "2026-05-19T20:31:00+00:00",
    ),
    ("charge_time_remaining", "charge_time_remaining", 5400, "90.0"),
    ("optimization_score", "optimization_score", "0.75", "0.75"),
)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_readings_of_a_vehicle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """What Podero may say of a car, and what is shown of it."""
    for field, key, said, shown in READINGS:
        simulator.override(car, **{field: said})
        await pass_time(hass, now, POLL)
        assert state(hass, car, key).state == shown, f"{field}: {said}"


async def test_a_value_podero_does_not_know_is_logged_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A new word of Podero's is unknown, and in the log once however often it is said."""
    for device_id in (car, inverter):
        simulator.override(device_id, monitoring_status="half-hearted")
    for _ in range(3):
        await pass_time(hass, now, POLL)
    assert state(hass, car, "monitoring_status").state == STATE_UNKNOWN
    told = [each for each in caplog.records if "half-hearted" in each.getMessage()]
    assert [each.levelname for each in told] == ["INFO"]


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_statistics_are_kept_of_what_is_measured(
    hass: HomeAssistant, loaded: MockConfigEntry, inverter: str, car: str
) -> None:
    """Powers and levels have statistics; sums that fall, limits and settings have none."""

    def classes(device_id: str, *keys: str) -> set[Any]:
        return {
            state(hass, device_id, key).attributes.get("state_class") for key in keys
        }

    assert classes(
        inverter, "solar_power", "grid_power", "home_power", "battery_power"
    ) == {"measurement"}
    assert classes(inverter, "battery_level") == {"measurement"}
    assert classes(car, "battery_level", "charge_power") == {"measurement"}
    assert classes(
        inverter, "production_last_day", "production_last_week", "battery_min_level"
    ) == {None}
    assert classes(
        car, "consumption_last_month", "minimum_charge_limit", "charge_target_max"
    ) == {None}
