"""The sensors that show a car's charging sessions."""

from collections.abc import Callable
from datetime import datetime
import math
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import UnitOfPower
from homeassistant.helpers.typing import StateType

from .api import Session
from .sensor_types import (
    PoderoSensorDescription,
    energy_sensor,
    level_setting_sensor,
    money_sensor,
)
from .sessions import Sessions, ended_at, savings


def _of_current(
    value: Callable[[Session], StateType | datetime],
) -> Callable[[Sessions], Any]:
    """Read from the session under way."""
    return lambda sessions: (
        None if sessions.current is None else value(sessions.current)
    )


def _of_last(
    value: Callable[[Session], StateType | datetime],
) -> Callable[[Sessions], Any]:
    """Read from the session that ended last."""
    return lambda sessions: None if sessions.last is None else value(sessions.last)


def _of_month(
    value: Callable[[Session], float | None],
) -> Callable[[Sessions], float]:
    """Add up over the sessions that ended this month."""
    return lambda sessions: math.fsum(
        value(session) or 0.0 for session in sessions.of_month
    )


_since_plug_in = _of_current(lambda session: session.plug_in_time)


def _since_month_start(sessions: Sessions) -> datetime:
    return sessions.month_start


SESSIONS: tuple[PoderoSensorDescription[Sessions], ...] = (
    energy_sensor(
        "session_energy",
        _of_current(lambda session: session.energy_charged_kwh),
        reset=_since_plug_in,
    ),
    money_sensor(
        "session_cost",
        _of_current(lambda session: session.actual_cost_eur),
        reset=_since_plug_in,
    ),
    money_sensor("session_savings", _of_current(savings), reset=_since_plug_in),
    energy_sensor(
        "last_session_energy", _of_last(lambda session: session.energy_charged_kwh)
    ),
    money_sensor(
        "last_session_cost", _of_last(lambda session: session.actual_cost_eur)
    ),
    money_sensor("last_session_savings", _of_last(savings)),
    PoderoSensorDescription(
        key="last_session_start",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=_of_last(lambda session: session.plug_in_time),
    ),
    PoderoSensorDescription(
        key="last_session_end",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=_of_last(ended_at),
    ),
    level_setting_sensor(
        "last_session_initial_level",
        _of_last(lambda session: session.initial_soc_pct),
        category=None,
    ),
    level_setting_sensor(
        "last_session_final_level",
        _of_last(lambda session: session.final_soc_pct),
        category=None,
    ),
    PoderoSensorDescription(
        key="last_session_average_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value=_of_last(lambda session: session.avg_charge_power_kw),
    ),
    PoderoSensorDescription(
        key="last_session_peak_power",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value=_of_last(lambda session: session.peak_charge_power_kw),
    ),
    PoderoSensorDescription(
        key="last_session_outcome",
        value=_of_last(lambda session: session.session_outcome),
    ),
    energy_sensor(
        "month_energy",
        _of_month(lambda session: session.energy_charged_kwh),
        reset=_since_month_start,
    ),
    money_sensor(
        "month_cost",
        _of_month(lambda session: session.actual_cost_eur),
        reset=_since_month_start,
    ),
    money_sensor("month_savings", _of_month(savings), reset=_since_month_start),
    PoderoSensorDescription(
        key="month_sessions",
        state_class=SensorStateClass.TOTAL,
        value=lambda sessions: len(sessions.of_month),
        reset=_since_month_start,
    ),
)
