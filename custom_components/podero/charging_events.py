"""What happened to a vehicle between two polls.

Pure functions: all state is in the snapshots. Energy in kWh, money in EUR.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from .api import BoostState, ElectricVehicle, Session
from .charging import is_charging, planned_window

# Podero may list a session some time after its end, and is asked for the list hourly.
LISTING_DELAY = timedelta(hours=2)


class ChargingEventType(StrEnum):
    """What can happen between two polls."""

    PLUGGED_IN = "plugged_in"
    UNPLUGGED = "unplugged"
    CHARGING_STARTED = "charging_started"
    CHARGING_STOPPED = "charging_stopped"
    PLAN_CHANGED = "plan_changed"
    BOOST_STARTED = "boost_started"
    BOOST_ENDED = "boost_ended"
    SESSION_COMPLETED = "session_completed"


@dataclass(frozen=True, kw_only=True)
class ChargingEvent:
    """Something that happened; times in the attributes are ISO 8601, fit for JSON."""

    type: ChargingEventType
    attributes: Mapping[str, str | float | None]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What a poll saw of a vehicle.

    Attributes:
        at: When it was polled.
        vehicle: Its detail.
        session: The current one, if any.
        completed: The sessions that have ended; None while they are not known.
        seen: The ids of those that this or an earlier poll listed as over.

    """

    at: datetime
    vehicle: ElectricVehicle
    session: Session | None
    completed: tuple[Session, ...] | None
    seen: frozenset[str] | None

    @classmethod
    def take(
        cls,
        before: Self | None,
        vehicle: ElectricVehicle,
        session: Session | None,
        completed: tuple[Session, ...] | None,
        *,
        at: datetime,
    ) -> Self:
        """Continue the snapshots of a vehicle; there is none before the first poll and after one that failed."""
        seen = before.seen if before else None
        is_listed_anew = before is None or completed is not before.completed
        if completed is not None and is_listed_anew:
            seen = (seen or frozenset()) | {
                each.id for each in completed if each.ended_at is not None
            }
        return cls(
            at=at, vehicle=vehicle, session=session, completed=completed, seen=seen
        )


def happened(before: Snapshot | None, after: Snapshot) -> tuple[ChargingEvent, ...]:
    """Return what happened between two polls in a row, in the order in which it may have.

    Something that was not known before or is not known now has not happened, nor has
    anything before the first poll.
    """
    return () if before is None else tuple(_changes(before, after))


def _changes(before: Snapshot, after: Snapshot) -> Iterator[ChargingEvent]:
    was, now = before.vehicle, after.vehicle
    plug = _turn(was.is_plugged_in, now.is_plugged_in)
    power = _turn(is_charging(was), is_charging(now))
    boost = _turn(_is_boosting(was), _is_boosting(now))
    if plug is True:
        yield _event(ChargingEventType.PLUGGED_IN)
    yield from _plan_changes(before.session, after.session)
    if boost is True:
        yield _event(ChargingEventType.BOOST_STARTED)
    if power is True:
        yield _event(ChargingEventType.CHARGING_STARTED)
    elif power is False:
        yield _event(ChargingEventType.CHARGING_STOPPED)
    if boost is False:
        ended = now.last_boost_ended_at
        is_old = ended is not None and ended == was.last_boost_ended_at
        reason = None if is_old else now.last_boost_end_reason
        yield _event(ChargingEventType.BOOST_ENDED, reason=reason)
    if plug is False:
        yield _event(ChargingEventType.UNPLUGGED)
    yield from _completions(before, after)


def _plan_changes(
    before: Session | None, after: Session | None
) -> Iterator[ChargingEvent]:
    if before is None or after is None or before.id != after.id:
        return
    was, window = planned_window(before), planned_window(after)
    if was is None or window is None:
        return
    has_new_end = was.end and window.end and was.end != window.end
    if was.start != window.start or has_new_end:
        yield _event(
            ChargingEventType.PLAN_CHANGED,
            start=window.start.isoformat(),
            end=window.end.isoformat() if window.end else None,
            previous_start=was.start.isoformat(),
        )


def _completions(before: Snapshot, after: Snapshot) -> Iterator[ChargingEvent]:
    """Yield the sessions that were not listed before, but not old ones that are listed late."""
    if before.seen is None or after.completed is before.completed:
        return
    ended = [
        (end, session)
        for session in after.completed or ()
        if session.id not in before.seen
        and (end := session.ended_at) is not None
        and end > before.at - LISTING_DELAY
    ]
    for end, session in sorted(ended, key=lambda each: each[0]):
        start = session.plug_in_time
        yield _event(
            ChargingEventType.SESSION_COMPLETED,
            energy_kwh=session.energy_charged_kwh,
            cost_eur=session.actual_cost_eur,
            savings_eur=session.savings_eur,
            duration_minutes=None
            if start is None or start > end
            else round((end - start) / timedelta(minutes=1)),
        )


def _is_boosting(vehicle: ElectricVehicle) -> bool | None:
    state = vehicle.boost_state
    return None if state is None else state is BoostState.ONGOING


def _turn(before: bool | None, after: bool | None) -> bool | None:
    """Return the new value of something; None where it did not change, or was or is not known."""
    return None if before is None or after is None or before is after else after


def _event(kind: ChargingEventType, **attributes: str | float | None) -> ChargingEvent:
    return ChargingEvent(type=kind, attributes=attributes)
