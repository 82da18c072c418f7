"""The one table of signs and units."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero import power
from custom_components.podero.api import ElectricVehicle, Inverter, SeriesPoint


@pytest.mark.parametrize(
    ("to_grid", "grid", "drawn", "fed"),
    [
        (1500.0, -1500.0, 0.0, 1500.0),
        (-800.0, 800.0, 800.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
        (-0.0, 0.0, 0.0, 0.0),
        (None, None, None, None),
    ],
)
def test_grid(
    to_grid: float | None, grid: float | None, drawn: float | None, fed: float | None
) -> None:
    """Podero counts what is fed in as positive, Home Assistant what is drawn."""
    inverter = Inverter(id="1", current_power_to_grid_w=to_grid)
    assert str(power.grid_power(inverter)) == str(grid)
    assert str(power.grid_import_power(inverter)) == str(drawn)
    assert power.grid_export_power(inverter) == fed


@pytest.mark.parametrize(
    ("said", "charge", "discharge", "charging"),
    [
        (700.0, 0.0, 700.0, False),
        (-900.0, 900.0, 0.0, True),
        (0.0, 0.0, 0.0, False),
        (None, None, None, None),
    ],
)
def test_battery(
    said: float | None,
    charge: float | None,
    discharge: float | None,
    charging: bool | None,
) -> None:
    """Both count what the battery gives as positive."""
    inverter = Inverter(id="1", battery_charge_discharge_power_w=said)
    assert power.battery_power(inverter) == said
    assert power.battery_charge_power(inverter) == charge
    assert power.battery_discharge_power(inverter) == discharge
    assert power.is_battery_charging(inverter) is charging


@pytest.mark.parametrize(
    ("connected", "capacity", "level", "there"),
    [
        (True, None, None, True),
        (True, 0.0, 0.0, True),
        (False, 10.0, 50.0, False),
        (None, 10.0, None, True),
        (None, None, 1.0, True),
        (None, 0.0, 0.0, False),
        (None, None, None, False),
    ],
)
def test_has_battery(
    connected: bool | None, capacity: float | None, level: float | None, there: bool
) -> None:
    """What Podero says counts; where it does not say, a capacity or a level does."""
    inverter = Inverter(
        id="1",
        is_battery_connected=connected,
        battery_capacity_kwh=capacity,
        battery_charge_level_percent=level,
    )
    assert power.has_battery(inverter) is there


@pytest.mark.parametrize(("said", "shown"), [(77.0, 77.0), (0.0, None), (None, None)])
def test_capacity_of_a_car(said: float | None, shown: float | None) -> None:
    """A car without any capacity is one of unknown capacity."""
    vehicle = ElectricVehicle(id="1", battery_capacity_kwh=said)
    assert power.vehicle_capacity(vehicle) == shown


def point(**values: Any) -> SeriesPoint:
    """Return a point of a series."""
    return SeriesPoint(time=datetime(2026, 5, 20, tzinfo=UTC), **values)


@pytest.mark.parametrize(
    ("values", "drawn", "fed"),
    [
        ({}, None, None),
        ({"export_power_to_grid_w": 1500.0}, 0.0, 1500.0),
        ({"export_power_to_grid_w": -800.0}, 800.0, 0.0),
        # Nothing is exported: either the series is signed and nothing is drawn ...
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 400.0,
                "household_consumption_w": 400.0,
                "battery_charge_discharge_power_w": 0.0,
            },
            0.0,
            0.0,
        ),
        # ... or it tells exports only, and the balance of the house tells the rest.
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 400.0,
                "household_consumption_w": 1000.0,
                "battery_charge_discharge_power_w": 250.0,
            },
            350.0,
            0.0,
        ),
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 0.0,
                "household_consumption_w": 300.0,
                "battery_charge_discharge_power_w": -700.0,
            },
            1000.0,
            0.0,
        ),
        # A house without a battery.
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 100.0,
                "household_consumption_w": 300.0,
            },
            200.0,
            0.0,
        ),
        # A level of 0 may mean that there is no battery.
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 100.0,
                "household_consumption_w": 300.0,
                "battery_charge_level_percent": 0.0,
            },
            200.0,
            0.0,
        ),
        # A battery that says how full it is, but not what it does.
        (
            {
                "export_power_to_grid_w": 0.0,
                "solar_production_w": 100.0,
                "household_consumption_w": 300.0,
                "battery_charge_level_percent": 50.0,
            },
            None,
            0.0,
        ),
        ({"export_power_to_grid_w": 0.0, "solar_production_w": 100.0}, None, 0.0),
    ],
)
def test_grid_of_a_series(
    values: dict[str, float], drawn: float | None, fed: float | None
) -> None:
    """A series counts what is fed in; what is drawn is its negative part, or the rest of the balance."""
    found = point(**values)
    signed = power.signed_hours([found])
    assert power.series_grid_import_power(found, is_signed=bool(signed)) == drawn
    assert power.series_grid_export_power(found) == fed
    both = None if drawn is None or fed is None else drawn - fed
    assert power.series_values(found, signed)["grid_power"] == both


def test_the_sign_is_judged_by_the_hour() -> None:
    """A 0 among negative exports of its hour is a 0, however the balance looks."""
    zero = point(
        export_power_to_grid_w=0.0,
        solar_production_w=400.0,
        household_consumption_w=1000.0,
        battery_charge_discharge_power_w=0.0,
    )
    hour = int(zero.time.timestamp())
    assert power.series_grid_import_power(zero, is_signed=False) == 600
    for minutes, export, signed in (
        (45, -1.0, {hour}),
        (45, 0.0, set()),
        (45, 5.0, set()),
        (45, None, set()),
        (60, -1.0, {hour + 3600}),
        (-15, -1.0, {hour - 3600}),
    ):
        neighbour = replace(
            point(export_power_to_grid_w=export),
            time=zero.time + timedelta(minutes=minutes),
        )
        assert power.signed_hours([zero, neighbour]) == signed
        drawn = 0 if hour in signed else 600
        found = power.series_grid_import_power(zero, is_signed=hour in signed)
        assert found == drawn
        assert power.series_values(zero, signed)["grid_power"] == drawn


watts = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


@given(watts, watts, watts, watts, watts)
def test_any_finite_power(
    solar: float | None,
    export: float | None,
    home: float | None,
    battery: float | None,
    level: float | None,
) -> None:
    """Every value is finite and no -0.0, and the powers of one direction are not negative."""
    inverter = Inverter(
        id="1",
        current_power_to_grid_w=export,
        battery_charge_discharge_power_w=battery,
    )
    found = point(
        solar_production_w=solar,
        export_power_to_grid_w=export,
        household_consumption_w=home,
        battery_charge_discharge_power_w=battery,
        battery_charge_level_percent=level,
    )
    one_way = [
        power.grid_import_power(inverter),
        power.grid_export_power(inverter),
        power.battery_charge_power(inverter),
        power.battery_discharge_power(inverter),
        power.series_grid_export_power(found),
        power.series_grid_import_power(found, is_signed=False),
    ]
    both_ways = [
        power.grid_power(inverter),
        power.battery_power(inverter),
        *power.series_values(found, power.signed_hours([found])).values(),
    ]
    assert all(value is None or value >= 0 for value in one_way)
    for value in one_way + both_ways:
        assert value is None or math.isfinite(value)
        assert str(value) != "-0.0"


def test_values_of_a_series() -> None:
    """The past has the names and signs of the present."""
    assert power.series_values(
        point(
            price=52.1,
            solar_production_w=400.0,
            export_power_to_grid_w=-100.0,
            household_consumption_w=1000.0,
            battery_charge_level_percent=40.0,
            battery_charge_discharge_power_w=500.0,
            estimated_consumption=900.0,
            unoptimized_consumption=1800.0,
        ),
        (),
    ) == {
        "solar_power": 400.0,
        "grid_power": 100.0,
        "home_power": 1000.0,
        "battery_power": 500.0,
        "battery_level": 40.0,
        "price": 52.1,
        "estimated_consumption": 900.0,
        "unoptimized_consumption": 1800.0,
    }
