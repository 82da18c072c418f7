"""What happened to a car, from two polls."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import BoostState, ElectricVehicle, Session
from custom_components.podero.charging_events import (
    ChargingEvent,
    ChargingEventType,
    Snapshot,
    happened,
)

NOW = datetime(2026, 5, 20, 18, 0, tzinfo=UTC)
POLL = timedelta(minutes=5)
HOUR = timedelta(hours=1)
CAR = ElectricVehicle(
    id="car",
    is_plugged_in=True,
    is_charging=False,
    charge_rate_w=0,
    boost_state=BoostState.AVAILABLE,
)
SESSION = Session(
    id="session",
    plug_in_time=NOW - HOUR,
    desired_charging_start_time=NOW + HOUR,
    desired_charging_end_time=NOW + 3 * HOUR,
)
COMPLETED = Session(
    id="completed",
    plug_in_time=NOW - 2 * HOUR,
    unplug_time=NOW + timedelta(minutes=1),
    energy_charged_kwh=8.0,
    actual_cost_eur=1.32,
    expected_savings_eur=0.4,
)

type Poll = tuple[ElectricVehicle, Session | None, tuple[Session, ...] | None]


def follow(*polls: Poll) -> list[ChargingEvent]:
    """Return what happened from poll to poll, the first of them at NOW."""
    before: Snapshot | None = None
    found: list[ChargingEvent] = []
    for number, poll in enumerate(polls):
        after = Snapshot.take(before, *poll, at=NOW + number * POLL)
        found += happened(before, after)
        before = after
    return found


def cars(*several: dict[str, Any]) -> list[str]:
    """Return the types of what happened to a car that Podero said several things of."""
    return [
        event.type
        for event in follow(*((replace(CAR, **each), None, None) for each in several))
    ]


def sessions(*several: Session | None) -> list[ChargingEvent]:
    """Return what happened to a car that had several sessions under way."""
    return follow(*((CAR, each, None) for each in several))


def lists(*several: Iterable[Session] | None) -> list[ChargingEvent]:
    """Return what happened to a car of which several lists of sessions were known."""
    return follow(
        *((CAR, None, None if each is None else tuple(each)) for each in several)
    )


@pytest.mark.parametrize(
    ("several", "expected"),
    [
        ([{}], []),
        ([{}, {}], []),
        (
            [{"is_plugged_in": False}, {}, {"is_plugged_in": False}],
            ["plugged_in", "unplugged"],
        ),
        ([{}, {"is_plugged_in": None}, {"is_plugged_in": False}], []),
        (
            [{}, {"is_charging": True}, {"charge_rate_w": 10}, {}],
            ["charging_started", "charging_stopped"],
        ),
        ([{}, {"is_charging": None, "charge_rate_w": None}, {"charge_rate_w": 10}], []),
        (
            [
                {},
                {"boost_state": BoostState.REQUESTED},
                {"boost_state": BoostState.ONGOING},
                {"boost_state": BoostState.UNAVAILABLE},
            ],
            ["boost_started", "boost_ended"],
        ),
        ([{}, {"boost_state": None}, {"boost_state": BoostState.ONGOING}], []),
        (
            [
                {"is_plugged_in": False, "boost_state": BoostState.UNAVAILABLE},
                {"is_charging": True, "boost_state": BoostState.ONGOING},
                {"is_plugged_in": False, "boost_state": BoostState.UNAVAILABLE},
            ],
            [
                "plugged_in",
                "boost_started",
                "charging_started",
                "charging_stopped",
                "boost_ended",
                "unplugged",
            ],
        ),
    ],
)
def test_car(several: list[dict[str, Any]], expected: list[str]) -> None:
    """What turns is told once; what was not known before or after did not turn."""
    assert cars(*several) == expected


def test_nothing_before_the_first_poll() -> None:
    """Neither the first poll after a start nor the first after an outage tells anything."""
    first = Snapshot.take(None, CAR, SESSION, (COMPLETED,), at=NOW)
    assert happened(None, first) == ()


@pytest.mark.parametrize(
    ("ended_before", "ended", "reason"),
    [
        (None, NOW, "unplugged"),
        (None, None, "unplugged"),
        (NOW - HOUR, NOW, "unplugged"),
        # Still the one before.
        (NOW - HOUR, NOW - HOUR, None),
    ],
)
def test_boost_ended(
    ended_before: datetime | None, ended: datetime | None, reason: str | None
) -> None:
    """The reason is that of the boost that ended, not of an earlier one."""
    boosting = replace(
        CAR, boost_state=BoostState.ONGOING, last_boost_ended_at=ended_before
    )
    over = replace(CAR, last_boost_ended_at=ended, last_boost_end_reason="unplugged")
    assert follow((boosting, None, None), (over, None, None)) == [
        ChargingEvent(type=ChargingEventType.BOOST_ENDED, attributes={"reason": reason})
    ]


def test_plan_changed() -> None:
    """A plan that moves within a session is told with where it was."""
    moved = replace(
        SESSION,
        desired_charging_start_time=NOW + 2 * HOUR,
        desired_charging_end_time=NOW + 4 * HOUR,
    )
    assert sessions(SESSION, moved, moved) == [
        ChargingEvent(
            type=ChargingEventType.PLAN_CHANGED,
            attributes={
                "start": "2026-05-20T20:00:00+00:00",
                "end": "2026-05-20T22:00:00+00:00",
                "previous_start": "2026-05-20T19:00:00+00:00",
            },
        )
    ]


@pytest.mark.parametrize(
    ("values", "is_change"),
    [
        ({"desired_charging_end_time": NOW + 4 * HOUR}, True),
        ({"desired_charging_end_time": None}, False),
        ({"desired_charging_start_time": None}, False),
        ({"id": "another", "desired_charging_start_time": NOW + 2 * HOUR}, False),
        ({"target_soc_pct": 50.0}, False),
        (
            {
                "desired_charging_start_time": NOW + 2 * HOUR,
                "desired_charging_end_time": None,
            },
            True,
        ),
    ],
)
def test_change_of_plan(values: dict[str, Any], is_change: bool) -> None:
    """It is one if both plans are known, and of the same session."""
    after = replace(SESSION, **values)
    assert len(sessions(SESSION, after)) == is_change
    assert len(sessions(after, SESSION)) == is_change


def test_first_plan() -> None:
    """The first plan of a session is no change, nor is the end of a session."""
    unplanned = replace(SESSION, desired_charging_start_time=None)
    assert sessions(None, unplanned, SESSION, None, SESSION) == []


def test_session_completed() -> None:
    """A session that is over is told once, with what it came to."""
    assert lists((), (COMPLETED,), (COMPLETED,), (), (COMPLETED,)) == [
        ChargingEvent(
            type=ChargingEventType.SESSION_COMPLETED,
            attributes={
                "energy_kwh": 8.0,
                "cost_eur": 1.32,
                "savings_eur": 0.4,
                "duration_minutes": 121,
            },
        )
    ]


@pytest.mark.parametrize(
    ("several", "times"),
    [
        # What is listed first was over before.
        ([None, [COMPLETED]], 0),
        ([[COMPLETED], [COMPLETED]], 0),
        # A list that could not be had.
        ([[], None, [COMPLETED]], 1),
        ([[COMPLETED], None, [COMPLETED]], 0),
        # Listed before it was over.
        ([[replace(COMPLETED, unplug_time=None)], [COMPLETED]], 1),
        ([[], [replace(COMPLETED, unplug_time=None)]], 0),
        # Listed some time after it ended, and an old one that appears.
        ([[], [replace(COMPLETED, unplug_time=NOW - HOUR)]], 1),
        ([[], [replace(COMPLETED, unplug_time=NOW - 2 * HOUR)]], 0),
    ],
)
def test_completion(several: list[list[Session] | None], times: int) -> None:
    """Only what ended lately is news."""
    assert len(lists(*several)) == times


def test_several_completed() -> None:
    """They are told in the order in which they ended."""
    first = replace(COMPLETED, id="1", energy_charged_kwh=1.0, unplug_time=NOW)
    second = replace(COMPLETED, id="2", energy_charged_kwh=2.0)
    found = lists((), (second, first))
    assert [event.attributes["energy_kwh"] for event in found] == [1.0, 2.0]


@pytest.mark.parametrize("plugged_in", [None, NOW + HOUR])
def test_unknown_duration(plugged_in: datetime | None) -> None:
    """A session without a beginning, or with one after its end, has no duration."""
    (event,) = lists((), (replace(COMPLETED, plug_in_time=plugged_in),))
    assert event.attributes["duration_minutes"] is None


def known[T](*values: T) -> st.SearchStrategy[T | None]:
    """Return values, half of the time unknown."""
    return st.none() | st.sampled_from(values)


MOMENTS = st.none() | st.integers(-9, 9).map(lambda hours: NOW + hours * HOUR)


@given(
    st.lists(
        st.tuples(
            st.builds(
                ElectricVehicle,
                id=st.just("car"),
                is_plugged_in=known(True, False),
                is_charging=known(True, False),
                charge_rate_w=known(0, 10),
                boost_state=known(*BoostState),
            ),
            st.none()
            | st.builds(
                Session,
                id=st.sampled_from("ab"),
                desired_charging_start_time=MOMENTS,
                desired_charging_end_time=MOMENTS,
            ),
            st.none()
            | st.lists(
                st.builds(
                    Session,
                    id=st.sampled_from("abc"),
                    plug_in_time=MOMENTS,
                    unplug_time=MOMENTS,
                ),
                unique_by=lambda session: session.id,
            ).map(tuple),
        ),
        min_size=2,
        max_size=8,
    )
)
def test_never_twice(polls: list[Poll]) -> None:
    """A session is completed at most once, the same answer tells nothing, and what was unknown between did not happen."""
    found = [event.type for event in follow(*polls)]
    assert found.count(ChargingEventType.SESSION_COMPLETED) <= 3
    # The same answer twice tells nothing.
    assert follow(*polls, polls[-1]) == follow(*polls)
    # Where something was not known at every other poll, nothing turns.
    blank: Poll = (ElectricVehicle(id="car"), None, None)
    gaps = [each for poll in polls for each in ((poll[0], poll[1], None), blank)]
    assert follow(*gaps) == []


def test_what_a_session_came_to() -> None:
    """Ended when it was unplugged, else as inferred; savings as expected until they are known."""
    session = Session(id="1", inferred_session_end=NOW, expected_savings_eur=1.0)
    assert (session.ended_at, session.savings_eur) == (NOW, 1.0)
    later = NOW + HOUR
    session = replace(session, unplug_time=later, actual_savings_eur=0.0)
    assert (session.ended_at, session.savings_eur) == (later, 0.0)
    session = Session(id="1")
    assert (session.ended_at, session.savings_eur) == (None, None)
