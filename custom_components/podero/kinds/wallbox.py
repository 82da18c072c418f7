"""Wallboxes."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar, override

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, Platform, UnitOfPower
from homeassistant.util import dt as dt_util

from ..api import (
    BoostState,
    PoderoConflictError,
    PoderoNotFoundError,
    SolarDecision,
    SolarSession,
    SolarSessionDetail,
    Wallbox,
    WallboxConnection,
)
from ..charging import ChargingStatus, assess_wallbox
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoSensorDescription,
    PoderoSwitchDescription,
    only_where,
)
from ..device_api import DeviceApi
from . import common, sensors
from .cards import rows, tile, warning
from .electric_vehicle import BOOST_STATES
from .kind import ACTIVE_INTERVAL, POLL_INTERVAL, Kind, Part, SessionLog, SteeredData

LOOK_BACK = timedelta(days=35)

BOOST_UNDER_WAY = (BoostState.REQUESTED, BoostState.ONGOING)
NO_BOOST = (BoostState.AVAILABLE, BoostState.UNAVAILABLE)


@dataclass(frozen=True, kw_only=True, eq=False)
class WallboxData(SteeredData[Wallbox]):
    """What is known of a wallbox.

    Attributes:
        current: The solar session under way, with its decisions.
        completed: The solar sessions of the last weeks; None before they were fetched.
        last: The solar session that ended last.
        decision: The newest decision of the session under way.
    """

    # The last session and the newest decision are found along with the sums.
    TO_SUM: ClassVar[attrgetter[Any]] = attrgetter(
        "savings", "device.price_zone", "completed", "current"
    )

    current: SolarSessionDetail | None = None
    completed: tuple[SolarSession, ...] | None = None
    last: SolarSession | None = None
    decision: SolarDecision | None = None

    @override
    def _sums(self, now: datetime) -> dict[str, Any]:
        """Return the sums of the month that a time is in, the last session and the newest decision."""
        ended = [
            session for session in self.completed or () if session.ended_at is not None
        ]
        decisions = [] if self.current is None else self.current.decisions
        return super()._sums(now) | {
            "last": max(
                ended, key=lambda session: session.ended_at or now, default=None
            ),
            "decision": max(
                (each for each in decisions if each.time is not None),
                key=lambda each: each.time or now,
                default=None,
            ),
        }


async def _fetch_current(api: DeviceApi) -> SolarSessionDetail | None:
    return await api.client.current_solar_session(api.user_id, api.device_id)


async def _fetch_completed(api: DeviceApi) -> tuple[SolarSession, ...]:
    today = dt_util.utcnow().date()
    return tuple(
        await api.client.solar_sessions(
            api.user_id, api.device_id, start=today - LOOK_BACK, end=today
        )
    )


PARTS: tuple[Part[WallboxData], ...] = (
    Part(
        field="current",
        fetch=_fetch_current,
        wanted=lambda data: bool(data.device.is_plugged_in),
    ),
    Part(
        field="completed",
        fetch=_fetch_completed,
        interval=timedelta(hours=1),
        ended=lambda before, data: (
            before.current is not None
            and (
                data.current is None
                or data.current.session.id != before.current.session.id
            )
        ),
    ),
)


def _savings(session: SolarSession) -> float | None:
    """Return what a session saved in EUR, which is known only with the prices of all of it."""
    return session.savings_eur if session.has_complete_price_coverage else None


def _of_current[T](
    value_fn: Callable[[SolarSession], T | None],
) -> Callable[[WallboxData], T | None]:
    """Read from the solar session under way."""
    return lambda data: None if data.current is None else value_fn(data.current.session)


def _of_decision[T](
    value_fn: Callable[[SolarDecision], T | None],
) -> Callable[[WallboxData], T | None]:
    """Read from the newest decision."""
    return lambda data: None if data.decision is None else value_fn(data.decision)


SENSORS: tuple[PoderoSensorDescription[WallboxData], ...] = (
    PoderoSensorDescription(
        key="charging_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in ChargingStatus],
        value_fn=lambda data: assess_wallbox(data.device),
    ),
    PoderoSensorDescription(
        key="boost_state",
        device_class=SensorDeviceClass.ENUM,
        options=list(BOOST_STATES.values()),
        value_fn=lambda data: BOOST_STATES.get(data.device.boost_state),
    ),
    sensors.level(
        "minimum_charge_limit",
        lambda data: data.device.minimum_charge_limit,
        category=None,
    ),
    sensors.power_setting(
        "charge_power_max", lambda data: data.device.charge_power_max_w, enabled=True
    ),
    sensors.level("charge_target_min", lambda data: data.device.charge_target_min),
    sensors.level("charge_target_max", lambda data: data.device.charge_target_max),
)

SOLAR_SENSORS: tuple[PoderoSensorDescription[WallboxData], ...] = only_where(
    lambda data: data.completed is not None,
    sensors.energy(
        "solar_session_energy",
        _of_current(lambda session: session.energy_from_solar_kwh),
        last_reset_fn=_of_current(lambda session: session.started_at),
    ),
    sensors.energy(
        "last_solar_session_energy",
        lambda data: None if data.last is None else data.last.energy_from_solar_kwh,
    ),
    sensors.money(
        "last_solar_session_savings",
        lambda data: None if data.last is None else _savings(data.last),
    ),
    PoderoSensorDescription(
        key="steering_reason",
        value_fn=_of_decision(lambda decision: decision.reason),
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="steering_power",
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=_of_decision(lambda decision: decision.target_w),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)


def _is_online(data: WallboxData) -> bool | None:
    connection = data.device.connection
    return None if connection is None else connection is WallboxConnection.ONLINE


BINARY_SENSORS: tuple[PoderoBinarySensorDescription[WallboxData], ...] = (
    PoderoBinarySensorDescription(
        key="plugged_in",
        device_class=BinarySensorDeviceClass.PLUG,
        value_fn=lambda data: data.device.is_plugged_in,
    ),
    PoderoBinarySensorDescription(
        key="charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value_fn=lambda data: data.device.is_charging,
    ),
    PoderoBinarySensorDescription(
        key="online",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        value_fn=_is_online,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="boost_next_session",
        value_fn=lambda data: data.device.boost_for_next_session,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="charge_policy",
        value_fn=lambda data: data.device.is_charge_policy_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)


def _is_boosting(data: WallboxData) -> bool | None:
    if data.device.boost_state is None and data.device.boost_for_next_session is None:
        return None
    return (
        data.device.boost_state in BOOST_UNDER_WAY
        or data.device.boost_for_next_session is True
    )


async def _set_boost(api: DeviceApi, value: bool) -> Any:
    """Start a boost, or stop it: unlike a car's, it stops at once.

    What Podero calls an error because it is so already is none.
    """
    if value:
        with _already(BOOST_UNDER_WAY):
            await api.client.boost(api.model, api.user_id, api.device_id)
    else:
        with _already(NO_BOOST), suppress(PoderoNotFoundError):
            await api.client.cancel_boost(api.model, api.user_id, api.device_id)


@contextmanager
def _already(wanted: Collection[str]) -> Iterator[None]:
    """Accept a conflict with one of the states that are wanted."""
    try:
        yield
    except PoderoConflictError as err:
        if err.state not in wanted:
            raise


SWITCHES: tuple[PoderoSwitchDescription[WallboxData], ...] = (
    PoderoSwitchDescription(
        key="boost", value_fn=_is_boosting, set_fn=_set_boost, starts_boost=True
    ),
)


def _interval(data: WallboxData) -> timedelta:
    is_active = (
        data.device.is_charging or data.device.boost_state is BoostState.REQUESTED
    )
    return ACTIVE_INTERVAL if is_active else POLL_INTERVAL


def _boost_settled(data: WallboxData) -> bool:
    return (
        data.device.boost_state is BoostState.ONGOING
        or data.device.boost_for_next_session is True
    )


async def _sessions(api: DeviceApi, first: date, last: date) -> list[SolarSession]:
    return await api.client.solar_sessions(
        api.user_id, api.device_id, start=first, end=last
    )


async def _decisions(
    api: DeviceApi, data: WallboxData, session_id: int | None
) -> SolarSessionDetail | None:
    if session_id is None and (current := await _fetch_current(api)) is not None:
        return current
    if session_id is None and data.last is not None:
        session_id = data.last.id
    if session_id is None:
        return None
    return await api.client.solar_session(api.user_id, api.device_id, session_id)


CARDS = (
    tile("charging_status", wide=True),
    warning("action_needed"),
    tile("plugged_in"),
    tile("boost", "boost_state"),
    tile("steering_reason", wide=True, while_known=True),
    tile("solar_session_energy", wide=True, while_known=True),
    tile("smart_optimization", wide=True),
    rows(
        "minimum_charge_limit",
        "last_solar_session_energy",
        "last_solar_session_savings",
    ),
)


WALLBOX = Kind[WallboxData](
    key="wallbox",
    model=Wallbox,
    fallback_name="Podero wallbox",
    data=WallboxData,
    icon="mdi:ev-station",
    cards=CARDS,
    interval=_interval,
    boost_settled=_boost_settled,
    parts=PARTS,
    entities={
        Platform.SENSOR: (*common.SENSORS, *SENSORS, *SOLAR_SENSORS),
        Platform.BINARY_SENSOR: (*common.BINARY_SENSORS, *BINARY_SENSORS),
    },
    controls={Platform.SWITCH: (*common.SWITCHES, *SWITCHES)},
    sessions=SessionLog(
        fetch=_sessions,
        start=lambda session: session.started_at,
        totals={
            "energy_kwh": lambda session: session.energy_from_solar_kwh,
            # What solar charging costs is not in the API.
            "cost_eur": lambda _: None,
            "savings_eur": _savings,
        },
    ),
    decisions=_decisions,
)
