"""Sensors of a car's charging sessions."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfPower
from homeassistant.helpers.typing import StateType

from ..api import Session
from ..descriptions import PoderoBinarySensorDescription, PoderoSensorDescription
from . import sensors
from .electric_vehicle_data import Month, VehicleData


def has_sessions(data: VehicleData) -> bool:
    """Return whether Podero lists a car's sessions."""
    return data.completed is not None


def _of_current(
    value_fn: Callable[[Session], StateType | datetime],
) -> Callable[[VehicleData], Any]:
    """Read from the session under way."""
    return lambda data: None if data.current is None else value_fn(data.current)


def _of_last(
    value_fn: Callable[[Session], StateType | datetime],
) -> Callable[[VehicleData], Any]:
    """Read from the session that ended last."""
    return lambda data: None if data.last is None else value_fn(data.last)


def _of_month(
    value_fn: Callable[[Month], float],
) -> Callable[[VehicleData], float | None]:
    """Read from the sessions that ended this month."""
    return lambda data: None if data.month is None else value_fn(data.month)


_plug_in_time = _of_current(lambda session: session.plug_in_time)


def _month_start(data: VehicleData) -> datetime | None:
    return None if data.month is None else data.month.start


SENSORS: tuple[PoderoSensorDescription[VehicleData], ...] = (
    sensors.energy(
        "session_energy",
        _of_current(lambda session: session.energy_charged_kwh),
        last_reset_fn=_plug_in_time,
    ),
    sensors.money(
        "session_cost",
        _of_current(lambda session: session.actual_cost_eur),
        last_reset_fn=_plug_in_time,
    ),
    sensors.money(
        "session_savings",
        _of_current(lambda session: session.savings_eur),
        last_reset_fn=_plug_in_time,
        enabled=False,
    ),
    sensors.energy(
        "last_session_energy", _of_last(lambda session: session.energy_charged_kwh)
    ),
    sensors.money(
        "last_session_cost", _of_last(lambda session: session.actual_cost_eur)
    ),
    sensors.money(
        "last_session_savings",
        _of_last(lambda session: session.savings_eur),
        enabled=False,
    ),
    PoderoSensorDescription(
        key="last_session_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_of_last(lambda session: session.plug_in_time),
        entity_registry_enabled_default=False,
    ),
    PoderoSensorDescription(
        key="last_session_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        value_fn=_of_last(lambda session: session.ended_at),
        entity_registry_enabled_default=False,
    ),
    sensors.level(
        "last_session_initial_level",
        _of_last(lambda session: session.initial_soc_pct),
        category=None,
        enabled=False,
    ),
    sensors.level(
        "last_session_final_level",
        _of_last(lambda session: session.final_soc_pct),
        category=None,
        enabled=False,
    ),
    PoderoSensorDescription(
        key="last_session_average_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value_fn=_of_last(lambda session: session.avg_charge_power_kw),
        entity_registry_enabled_default=False,
    ),
    PoderoSensorDescription(
        key="last_session_peak_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value_fn=_of_last(lambda session: session.peak_charge_power_kw),
        entity_registry_enabled_default=False,
    ),
    PoderoSensorDescription(
        key="last_session_outcome",
        value_fn=_of_last(lambda session: session.session_outcome),
        entity_registry_enabled_default=False,
    ),
    sensors.energy(
        "month_energy",
        _of_month(lambda month: month.energy),
        last_reset_fn=_month_start,
    ),
    sensors.money(
        "month_cost", _of_month(lambda month: month.cost), last_reset_fn=_month_start
    ),
    sensors.money(
        "month_savings",
        _of_month(lambda month: month.savings),
        last_reset_fn=_month_start,
    ),
    PoderoSensorDescription(
        key="month_sessions",
        state_class=SensorStateClass.TOTAL,
        value_fn=_of_month(lambda month: month.sessions),
        last_reset_fn=_month_start,
        entity_registry_enabled_default=False,
    ),
)

BINARY_SENSORS: tuple[PoderoBinarySensorDescription[VehicleData], ...] = (
    PoderoBinarySensorDescription(
        key="last_session_at_home",
        value_fn=_of_last(lambda session: session.is_at_home),
        entity_registry_enabled_default=False,
    ),
)
