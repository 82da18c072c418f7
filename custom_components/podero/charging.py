"""Why a vehicle charges or not, and what comes next.

Pure functions of what Podero says and of the time. Levels and targets in %, power in W, capacity and
energy in kWh, money in EUR; all times are aware. A value that Podero leaves out is None and decides nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from .api import (
    BoostState,
    ChargePolicy,
    ElectricVehicle,
    ReauthenticateAction,
    Session,
    Wallbox,
)

# The figures that a verdict on a deadline is made of are rounded by the vehicle.
DEADLINE_TOLERANCE = timedelta(minutes=5)
STALL_TOLERANCE = timedelta(minutes=15)
# Keeps a junk capacity or power from leaving what a datetime can hold.
LONGEST_CHARGE = timedelta(days=365)


# All that is read of a vehicle to assess it.
ASSESSED = (
    "actions",
    "battery_capacity_kwh",
    "battery_level",
    "boost_state",
    "charge_deadline_at",
    "charge_rate_w",
    "charge_target_max",
    "expected_max_charge_power",
    "is_authenticated",
    "is_charge_policy_enabled",
    "is_charging",
    "is_fully_charged",
    "is_pause_power_active",
    "is_plugged_in",
    "is_smart_optimization_active",
    "minimum_charge_limit",
)


class ChargingStatus(StrEnum):
    """What a vehicle or wallbox does, or why it does not charge; the first match counts."""

    DISCONNECTED = "disconnected"
    PAUSED = "paused"
    BOOSTING = "boosting"
    BOOST_REQUESTED = "boost_requested"
    CHARGING = "charging"
    NOT_PLUGGED_IN = "not_plugged_in"
    FULLY_CHARGED = "fully_charged"
    WAITING_FOR_PLAN = "waiting_for_plan"
    INTERRUPTED = "interrupted"
    NOT_OPTIMIZED = "not_optimized"
    WAITING = "waiting"


class ChargingProblem(StrEnum):
    """Why a vehicle will not be, or was not, charged in time."""

    DEADLINE_UNREACHABLE = "deadline_unreachable"
    STALLED = "stalled"
    DEADLINE_MISSED = "deadline_missed"


@dataclass(frozen=True, kw_only=True)
class Charging:
    """The verdict on a vehicle at one moment.

    Attributes:
        status: None where neither the plug nor charging is known.
        planned_start: Of the window that lies ahead or is running, as are the next two.
        planned_end: None where Podero names a start only.
        planned_target: In %.
        problem: None also where something that a verdict takes is not known.
        next_deadline: Of the weekly policy, as is the next one.
        next_target: In %.
        changes_at: The next moment at which, with the same data, something of this may change.

    """

    status: ChargingStatus | None = None
    planned_start: datetime | None = None
    planned_end: datetime | None = None
    planned_target: float | None = None
    problem: ChargingProblem | None = None
    next_deadline: datetime | None = None
    next_target: float | None = None
    changes_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Window:
    """When a session is planned to charge."""

    start: datetime
    end: datetime | None

    def is_ahead(self, now: datetime) -> bool:
        """Return whether the window opens later."""
        return now < self.start

    def is_running(self, now: datetime) -> bool:
        """Return whether the window is known to be open."""
        return self.end is not None and self.start <= now < self.end


@dataclass(frozen=True, kw_only=True)
class _Goal:
    """By when a vehicle is to be charged, and how far."""

    deadline: datetime | None = None
    target: float | None = None


def is_charging(vehicle: ElectricVehicle) -> bool | None:
    """Return whether a vehicle draws power."""
    power = vehicle.charge_rate_w
    if vehicle.is_charging or (power is not None and power > 0):
        return True
    return None if vehicle.is_charging is None and power is None else False


def is_full(vehicle: ElectricVehicle) -> bool:
    """Return whether a vehicle is known to have all that it may be charged to."""
    level, limit = vehicle.battery_level, vehicle.charge_target_max
    return bool(vehicle.is_fully_charged) or (
        level is not None and limit is not None and level >= limit
    )


def stalling_since(
    before: datetime | None,
    vehicle: ElectricVehicle,
    session: Session | None,
    *,
    now: datetime,
) -> datetime | None:
    """Carry on since when a vehicle was seen not to charge inside its window; None when it does not stall.

    Args:
        before: What this returned the last time, None at first.
        vehicle: The detail.
        session: The current one.
        now: The time.

    """
    return (
        (before or now) if _is_stalling(vehicle, planned_window(session), now) else None
    )


def assess(
    vehicle: ElectricVehicle,
    session: Session | None,
    policy: ChargePolicy | None,
    *,
    now: datetime,
    zone: tzinfo,
    policy_zone: tzinfo | None = None,
    stalled_since: datetime | None,
) -> Charging:
    """Say what a vehicle does and why, and what comes next.

    Args:
        vehicle: The detail.
        session: The current one, if any.
        policy: The weekly policy, if it is known; without effect while the charge policy is off.
        now: The time.
        zone: Home Assistant's, in which the daily deadline is.
        policy_zone: The one that the weekly policy names; None where it is Home Assistant's.
        stalled_since: From `stalling_since`.

    """
    window = planned_window(session)
    weekly = _weekly_goal(vehicle, policy, now, policy_zone or zone)
    goal = _goal(vehicle, session, weekly, now, zone)
    reachable_until = _reachable_until(vehicle, goal)
    stalled_at = (
        stalled_since + STALL_TOLERANCE
        if stalled_since is not None and _is_stalling(vehicle, window, now)
        else None
    )
    if _is_missed(vehicle, session, goal.target, now):
        problem = ChargingProblem.DEADLINE_MISSED
    elif reachable_until is not None and now > reachable_until:
        problem = ChargingProblem.DEADLINE_UNREACHABLE
    elif stalled_at is not None and now > stalled_at:
        problem = ChargingProblem.STALLED
    else:
        problem = None
    planned = (
        window if window and (window.is_ahead(now) or window.is_running(now)) else None
    )
    # The last moment at which all is well comes just before the first at which it is not.
    limits = [
        at + datetime.resolution for at in (reachable_until, stalled_at) if at
    ] + [at for at in (goal.deadline, weekly.deadline) if at]
    if window:
        limits += [at for at in (window.start, window.end) if at]
    return Charging(
        status=_status(
            vehicle,
            charging=is_charging(vehicle),
            full=is_full(vehicle),
            plan_ahead=window is not None and window.is_ahead(now),
            plan_running=window is not None and window.is_running(now),
        ),
        planned_start=planned.start if planned else None,
        planned_end=planned.end if planned else None,
        planned_target=session.target_soc_pct if session and planned else None,
        problem=problem,
        next_deadline=weekly.deadline,
        next_target=weekly.target,
        changes_at=min((at for at in limits if at > now), default=None),
    )


def assess_wallbox(wallbox: Wallbox) -> ChargingStatus | None:
    """Say what a wallbox does and why, as far as it can: it knows neither levels nor plans."""
    return _status(wallbox, charging=wallbox.is_charging)


def _status(
    device: ElectricVehicle | Wallbox,
    *,
    charging: bool | None,
    full: bool = False,
    plan_ahead: bool = False,
    plan_running: bool = False,
) -> ChargingStatus | None:
    """Return the first status that fits; None fits a device of which too little is known."""
    plugged_in, boost = device.is_plugged_in, device.boost_state
    statuses = (
        (
            device.is_authenticated is False
            or any(isinstance(each, ReauthenticateAction) for each in device.actions),
            ChargingStatus.DISCONNECTED,
        ),
        (device.is_pause_power_active, ChargingStatus.PAUSED),
        (boost is BoostState.ONGOING, ChargingStatus.BOOSTING),
        (boost is BoostState.REQUESTED, ChargingStatus.BOOST_REQUESTED),
        (charging, ChargingStatus.CHARGING),
        (plugged_in is None and charging is None, None),
        (plugged_in is False, ChargingStatus.NOT_PLUGGED_IN),
        (full, ChargingStatus.FULLY_CHARGED),
        (plan_ahead, ChargingStatus.WAITING_FOR_PLAN),
        (plan_running and charging is False, ChargingStatus.INTERRUPTED),
        (
            device.is_smart_optimization_active is False,
            ChargingStatus.NOT_OPTIMIZED,
        ),
        (plugged_in, ChargingStatus.WAITING),
    )
    return next((status for fits, status in statuses if fits), None)


def planned_window(session: Session | None) -> Window | None:
    """Return when a session is planned to charge; a window that ends before it starts is ignored."""
    if session is None or (start := session.desired_charging_start_time) is None:
        return None
    end = session.desired_charging_end_time
    return Window(start=start, end=end) if end is None or end > start else None


def _is_stalling(
    vehicle: ElectricVehicle, window: Window | None, now: datetime
) -> bool:
    return (
        window is not None
        and window.is_running(now)
        and is_charging(vehicle) is False
        and vehicle.is_plugged_in is not False
        and not is_full(vehicle)
    )


def _is_missed(
    vehicle: ElectricVehicle,
    session: Session | None,
    target: float | None,
    now: datetime,
) -> bool:
    """Return whether the deadline of the current session has passed, and the vehicle is below its target."""
    level = vehicle.battery_level
    return (
        bool(vehicle.is_plugged_in)
        and session is not None
        and session.charge_deadline is not None
        and session.charge_deadline <= now
        and level is not None
        and target is not None
        and level < target
    )


def _reachable_until(vehicle: ElectricVehicle, goal: _Goal) -> datetime | None:
    """Return the last moment at which the goal can be reached; None without a verdict, or where it was reached."""
    level, capacity = vehicle.battery_level, vehicle.battery_capacity_kwh
    power, target = vehicle.expected_max_charge_power, goal.target
    if (
        not vehicle.is_plugged_in
        or is_full(vehicle)
        or goal.deadline is None
        or target is None
        or level is None
        or target <= level
        or capacity is None
        or capacity <= 0
        or power is None
        or power <= 0
    ):
        return None
    hours = (target - level) / 100 * capacity * 1000 / power
    needed = LONGEST_CHARGE
    if hours < LONGEST_CHARGE / timedelta(hours=1):
        needed = timedelta(hours=hours)
    return goal.deadline + DEADLINE_TOLERANCE - needed


def _goal(
    vehicle: ElectricVehicle,
    session: Session | None,
    weekly: _Goal,
    now: datetime,
    zone: tzinfo,
) -> _Goal:
    """Return what a vehicle is to reach: the session's, else by the charge policy, weekly before daily."""
    policy = weekly
    if policy.deadline is None and vehicle.is_charge_policy_enabled:
        day = (vehicle.charge_deadline_at, vehicle.minimum_charge_limit)
        policy = _Goal(
            deadline=_next_goal([day] * 7, now, zone).deadline,
            target=vehicle.minimum_charge_limit,
        )
    if session is None:
        return policy
    return _Goal(
        deadline=session.charge_deadline or policy.deadline,
        target=policy.target
        if session.target_soc_pct is None
        else session.target_soc_pct,
    )


def _weekly_goal(
    vehicle: ElectricVehicle, policy: ChargePolicy | None, now: datetime, zone: tzinfo
) -> _Goal:
    """Return the weekly policy's next goal."""
    if policy is None or not vehicle.is_charge_policy_enabled:
        return _Goal()
    week = [
        (day.charge_deadline, day.charge_percentage) if day else (None, None)
        for day in policy.days
    ]
    return _next_goal(week, now, zone)


def _next_goal(
    week: Sequence[tuple[time | None, float | None]], now: datetime, zone: tzinfo
) -> _Goal:
    """Return the first goal of a week, Monday first, after a time.

    A wall-clock time that the change of clocks leaves out is where it would be had they
    not changed; of one that comes twice the first counts.
    """
    today = now.astimezone(zone).date()
    goals: dict[datetime, float | None] = {}
    # A time that is left out may move into the next day.
    for ahead in range(-1, len(week) + 1):
        day = today + timedelta(days=ahead)
        clock, target = week[day.weekday()]
        if clock is None:
            continue
        deadline = datetime.combine(day, clock, zone).astimezone(UTC)
        if deadline > now:
            goals[deadline] = target
    if not goals:
        return _Goal()
    deadline = min(goals)
    return _Goal(deadline=deadline, target=goals[deadline])
