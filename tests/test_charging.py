"""Why a car charges or not, and what comes next."""

from dataclasses import fields, replace
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import pytest

from custom_components.podero.api import (
    BoostState,
    ChargePolicy,
    ElectricVehicle,
    InformationAction,
    PolicyDay,
    ReauthenticateAction,
    Session,
    Wallbox,
)
from custom_components.podero.charging import (
    ASSESSED,
    Charging,
    ChargingProblem,
    ChargingStatus,
    assess,
    assess_wallbox,
    stalling_since,
)

VIENNA = ZoneInfo("Europe/Vienna")
TOKYO = ZoneInfo("Asia/Tokyo")
MINUTE = timedelta(minutes=1)
NOW = datetime(2026, 5, 20, 18, 0, tzinfo=UTC)  # a Wednesday, 20:00 in Vienna

CAR = ElectricVehicle(
    id="car",
    is_authenticated=True,
    is_pause_power_active=False,
    boost_state=BoostState.AVAILABLE,
    is_plugged_in=True,
    is_charging=False,
    charge_rate_w=0,
    is_fully_charged=False,
    battery_level=50,
    battery_capacity_kwh=50.0,
    expected_max_charge_power=10000,
    charge_target_max=90,
    is_smart_optimization_active=True,
)
SESSION = Session(
    id="session",
    desired_charging_start_time=NOW + timedelta(hours=3),
    desired_charging_end_time=NOW + timedelta(hours=5),
    charge_deadline=NOW + timedelta(hours=11),
    target_soc_pct=80.0,
)


def verdict(
    *,
    session: Session | None = SESSION,
    policy: ChargePolicy | None = None,
    after: timedelta = timedelta(0),
    stalled: timedelta | None = None,
    now: datetime = NOW,
    **values: Any,
) -> Charging:
    """Assess the car, some time after NOW, stalled since some time after NOW."""
    return assess(
        replace(CAR, **values),
        session,
        policy,
        now=now + after,
        zone=VIENNA,
        stalled_since=None if stalled is None else now + stalled,
    )


ALL: dict[str, Any] = {
    "is_authenticated": False,
    "is_pause_power_active": True,
    "boost_state": BoostState.ONGOING,
    "is_charging": True,
    "is_plugged_in": False,
    "is_fully_charged": True,
}


@pytest.mark.parametrize(
    ("values", "after", "status"),
    [
        (ALL, 0, "disconnected"),
        (
            ALL
            | {
                "is_authenticated": True,
                "actions": (ReauthenticateAction(code="reauthenticate"),),
            },
            0,
            "disconnected",
        ),
        (
            ALL
            | {
                "is_authenticated": None,
                "actions": (InformationAction(code="information"),),
            },
            0,
            "paused",
        ),
        (
            {
                "is_pause_power_active": True,
                "boost_state": BoostState.ONGOING,
                "is_charging": True,
            },
            0,
            "paused",
        ),
        ({"boost_state": BoostState.ONGOING, "is_charging": True}, 0, "boosting"),
        (
            {"boost_state": BoostState.REQUESTED, "is_charging": True},
            0,
            "boost_requested",
        ),
        ({"is_charging": True, "is_plugged_in": False}, 0, "charging"),
        ({"charge_rate_w": 1}, 0, "charging"),
        ({"is_charging": None, "charge_rate_w": 1, "is_plugged_in": None}, 0, "charging"),
        ({"is_plugged_in": False, "is_fully_charged": True}, 0, "not_plugged_in"),
        ({"is_fully_charged": True}, 0, "fully_charged"),
        ({"battery_level": 90}, 0, "fully_charged"),
        ({"battery_level": 90, "charge_target_max": None}, 0, "waiting_for_plan"),
        ({"is_smart_optimization_active": False}, 0, "waiting_for_plan"),
        ({"is_smart_optimization_active": False}, 180, "interrupted"),
        ({}, 299, "interrupted"),
        ({"is_charging": None, "charge_rate_w": None}, 200, "waiting"),
        ({"is_smart_optimization_active": False}, 300, "not_optimized"),
        ({}, 300, "waiting"),
        ({"is_smart_optimization_active": None}, 300, "waiting"),
        ({"is_plugged_in": None}, 300, None),
        ({"is_plugged_in": None, "is_smart_optimization_active": False}, 300, "not_optimized"),
        (
            {
                "is_plugged_in": None,
                "is_charging": None,
                "charge_rate_w": None,
                "is_fully_charged": True,
            },
            0,
            None,
        ),
    ],
)  # fmt: skip
def test_status(values: dict[str, Any], after: int, status: str | None) -> None:
    """The first that fits."""
    assert verdict(after=after * MINUTE, **values).status == status


@pytest.mark.parametrize(
    ("start", "end", "after", "planned", "status"),
    [
        (60, 120, 59, True, "waiting_for_plan"),
        (60, 120, 60, True, "interrupted"),
        (60, 120, 119, True, "interrupted"),
        (60, 120, 120, False, "waiting"),
        (60, None, 59, True, "waiting_for_plan"),
        (60, None, 60, False, "waiting"),
        (60, 60, 0, False, "waiting"),
        (120, 60, 90, False, "waiting"),
        (None, 60, 0, False, "waiting"),
    ],
)
def test_plan(
    start: int | None, end: int | None, after: int, planned: bool, status: str
) -> None:
    """A plan is one while it lies ahead or is running, and if it ends after it starts."""
    begins, ends = (
        None if each is None else NOW + each * MINUTE for each in (start, end)
    )
    session = replace(
        SESSION, desired_charging_start_time=begins, desired_charging_end_time=ends
    )
    found = verdict(session=session, after=after * MINUTE)
    assert found.status == status
    assert (found.planned_start, found.planned_end, found.planned_target) == (
        (begins, ends, 80.0) if planned else (None, None, None)
    )


def test_no_session() -> None:
    """Without a session there is no plan and no problem, and nothing changes by itself."""
    assert verdict(session=None) == Charging(status=ChargingStatus.WAITING)


@pytest.mark.parametrize(
    ("values", "since", "after", "problem"),
    [
        ({}, 180, 195, None),
        ({}, 180, 195.001, "stalled"),
        ({}, None, 250, None),
        ({"charge_rate_w": 10}, 180, 250, None),
        ({"is_charging": None, "charge_rate_w": None}, 180, 250, None),
        ({"is_fully_charged": True}, 180, 250, None),
        ({"is_plugged_in": False}, 180, 250, None),
        ({"battery_capacity_kwh": None}, 180, 250, "stalled"),
        ({}, 180, 300, None),
        # 15 kWh at 10 kW take an hour and a half: 09:30 and five minutes.
        ({}, None, 575, None),
        ({}, None, 575.001, "deadline_unreachable"),
        ({"battery_level": 80}, None, 659, None),
        ({"battery_level": None}, None, 659, None),
        ({"battery_capacity_kwh": None}, None, 659, None),
        ({"battery_capacity_kwh": -50.0}, None, 659, None),
        ({"battery_capacity_kwh": 1e9}, None, 0, "deadline_unreachable"),
        ({"expected_max_charge_power": None}, None, 659, None),
        ({"expected_max_charge_power": 0}, None, 659, None),
        ({"is_fully_charged": True}, None, 659, None),
        ({"is_plugged_in": False}, None, 659, None),
        ({"is_plugged_in": None}, None, 659, None),
        ({"battery_capacity_kwh": None}, None, 659.99, None),
        ({"battery_capacity_kwh": None}, None, 660, "deadline_missed"),
        ({}, None, 660, "deadline_missed"),
        ({"battery_level": 80}, None, 660, None),
        ({"battery_level": None}, None, 660, None),
        ({"is_plugged_in": False}, None, 660, None),
    ],
)
def test_problem(
    values: dict[str, Any], since: int | None, after: float, problem: str | None
) -> None:
    """A problem is said where all that it takes is known, and only then."""
    stalled = None if since is None else since * MINUTE
    assert verdict(stalled=stalled, after=after * MINUTE, **values).problem == problem


def test_problems_in_order() -> None:
    """That a deadline was missed goes before the others, that it will be before a stall."""
    session = replace(SESSION, desired_charging_start_time=NOW - timedelta(hours=1))
    for deadline, problem in (
        (timedelta(0), ChargingProblem.DEADLINE_MISSED),
        (timedelta(minutes=1), ChargingProblem.DEADLINE_UNREACHABLE),
        (timedelta(hours=2), ChargingProblem.STALLED),
    ):
        found = verdict(
            session=replace(session, charge_deadline=NOW + deadline),
            stalled=timedelta(minutes=-16),
        )
        assert found.problem is problem


def test_stalling_since() -> None:
    """The time at which it was first seen is kept for as long as it lasts."""
    start, first = NOW + timedelta(hours=3), NOW + timedelta(hours=3, minutes=2)
    later = first + timedelta(minutes=5)
    assert stalling_since(None, CAR, SESSION, now=NOW) is None
    assert stalling_since(None, CAR, SESSION, now=start) == start
    assert stalling_since(None, CAR, SESSION, now=first) == first
    assert stalling_since(first, CAR, SESSION, now=later) == first
    charging = replace(CAR, is_charging=True)
    assert stalling_since(first, charging, SESSION, now=later) is None
    assert stalling_since(first, CAR, None, now=later) is None
    end = NOW + timedelta(hours=5)
    assert stalling_since(first, CAR, SESSION, now=end) is None


@pytest.mark.parametrize(
    ("now", "clock", "expected"),
    [
        ("2026-05-20T18:00Z", "07:00", "2026-05-21T05:00Z"),
        ("2026-05-20T18:00Z", "20:00", "2026-05-21T18:00Z"),
        ("2026-05-20T17:59Z", "20:00", "2026-05-20T18:00Z"),
        # The hour that the spring leaves out: 03:30, as if the clocks had not changed.
        ("2026-03-28T12:00Z", "02:30", "2026-03-29T01:30Z"),
        ("2026-03-29T01:30Z", "02:30", "2026-03-30T00:30Z"),
        # The hour that the autumn has twice: its first time.
        ("2026-10-24T12:00Z", "02:30", "2026-10-25T00:30Z"),
        ("2026-10-25T00:30Z", "02:30", "2026-10-26T01:30Z"),
    ],
)
def test_daily_deadline(now: str, clock: str, expected: str) -> None:
    """The next time that the clock on the wall shows it; none without a charge policy."""
    moment, deadline = datetime.fromisoformat(now), datetime.fromisoformat(expected)
    values: dict[str, Any] = {
        "charge_deadline_at": time.fromisoformat(clock),
        "minimum_charge_limit": 80,
    }
    off = verdict(session=None, now=moment, **values)
    assert (off.problem, off.changes_at) == (None, None)
    on = verdict(session=None, now=moment, is_charge_policy_enabled=True, **values)
    assert (on.next_deadline, on.next_target) == (None, None)
    last = deadline - timedelta(minutes=85)
    late = moment > last
    assert (on.problem == "deadline_unreachable") is late
    assert on.changes_at == (deadline if late else last + datetime.resolution)


def test_left_out_time_moves_into_the_next_day() -> None:
    """Nothing is forgotten where clocks change at midnight: 23:30 that day is 00:30."""
    zone = ZoneInfo("America/Scoresbysund")  # 2025-03-29 has no 23:30
    deadline = datetime(2025, 3, 30, 1, 30, tzinfo=UTC)
    found = assess(
        replace(CAR, is_charge_policy_enabled=True, charge_deadline_at=time(23, 30)),
        None,
        None,
        now=deadline - timedelta(minutes=20),
        zone=zone,
        stalled_since=None,
    )
    assert found.changes_at == deadline


WEEK = ChargePolicy(
    days=(
        None,
        None,
        PolicyDay(charge_deadline=time(20), charge_percentage=60),
        None,
        PolicyDay(charge_deadline=time(6, 30), charge_percentage=None),
        None,
        PolicyDay(charge_deadline=time(9), charge_percentage=100),
    )
)


def test_weekly_policy() -> None:
    """The next of its days, in its own time zone; it goes before the daily deadline."""
    values: dict[str, Any] = {
        "is_charge_policy_enabled": True,
        "charge_deadline_at": time(20, 10),
        "minimum_charge_limit": 80,
    }
    assert verdict(policy=WEEK).next_deadline is None
    before = verdict(session=None, policy=WEEK, after=-MINUTE, **values)
    assert (before.next_deadline, before.next_target) == (NOW, 60.0)
    assert before.problem is ChargingProblem.DEADLINE_UNREACHABLE
    assert before.changes_at == NOW
    on = verdict(session=None, policy=WEEK, **values)
    assert on.next_deadline == datetime(2026, 5, 22, 4, 30, tzinfo=UTC)
    assert (on.next_target, on.problem) == (None, None)
    assert on.changes_at == on.next_deadline
    only = replace(WEEK, days=(None, None, WEEK.days[2], None, None, None, None))
    next_week = verdict(session=None, policy=only, **values)
    assert next_week.next_deadline == NOW + timedelta(days=7)
    there = assess(
        replace(CAR, **values),
        None,
        WEEK,
        now=NOW,
        zone=VIENNA,
        policy_zone=TOKYO,
        stalled_since=None,
    )
    assert there.next_deadline == datetime(2026, 5, 21, 21, 30, tzinfo=UTC)
    empty = verdict(session=None, policy=ChargePolicy(), **values)
    assert empty.next_deadline is None
    assert empty.problem is ChargingProblem.DEADLINE_UNREACHABLE


def test_session_goes_before_the_policy() -> None:
    """What the session does not say, the charge policy does."""
    values: dict[str, Any] = {
        "is_charge_policy_enabled": True,
        "charge_deadline_at": time(20, 10),
        "minimum_charge_limit": 80,
    }
    assert verdict(**values).problem is None
    no_deadline = replace(SESSION, charge_deadline=None)
    assert verdict(session=no_deadline, **values).problem == "deadline_unreachable"
    assert verdict(session=no_deadline).problem is None
    no_target = replace(SESSION, target_soc_pct=None, charge_deadline=NOW + MINUTE)
    assert verdict(session=no_target, **values).problem == "deadline_unreachable"
    assert verdict(session=no_target).problem is None
    assert verdict(session=no_target, after=MINUTE).problem is None


def test_changes_by_itself() -> None:
    """With nothing new from Podero, each limit that time passes is foretold."""
    seen, now, since = [], NOW, None
    while (
        found := assess(CAR, SESSION, None, now=now, zone=VIENNA, stalled_since=since)
    ).changes_at is not None:
        seen.append(((now - NOW) / MINUTE, found.status, found.problem))
        now = found.changes_at
        since = stalling_since(since, CAR, SESSION, now=now)
    seen.append(((now - NOW) / MINUTE, found.status, found.problem))
    assert [(round(minute, 3), status, problem) for minute, status, problem in seen] == [
        (0, "waiting_for_plan", None),
        (180, "interrupted", None),
        (195, "interrupted", "stalled"),
        (300, "waiting", None),
        (575, "waiting", "deadline_unreachable"),
        (660, "waiting", "deadline_missed"),
    ]  # fmt: skip


# ---- The table of the design, written a second time


def vienna(day: datetime, clock: time) -> datetime:
    """Return when the clocks of Vienna show a time in 2026, from the two changes of that year."""
    wall = day.replace(hour=clock.hour, minute=clock.minute)
    summer, winter = wall - 120 * MINUTE, wall - 60 * MINUTE
    begin, end = (datetime(2026, *at, 1, tzinfo=UTC) for at in ((3, 29), (10, 25)))
    return summer if begin <= summer < end else winter


def next_of_week(
    week: list[tuple[time, float | None] | None], now: datetime
) -> tuple[datetime | None, float | None]:
    """Return the next deadline of a week and its target, by looking at the next nine days in order."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for _ in range(11):
        if (of_day := week[day.weekday()]) is not None:
            deadline = vienna(day, of_day[0])
            if deadline > now:
                return deadline, of_day[1]
        day += timedelta(days=1)
    return None, None


def by_the_table(
    car: ElectricVehicle,
    session: Session | None,
    policy: ChargePolicy | None,
    now: datetime,
    stalled_since: datetime | None,
) -> Charging:
    """Say the same as `assess`, but when it changes."""
    start = session.desired_charging_start_time if session else None
    end = session.desired_charging_end_time if session else None
    if start and end and end <= start:
        start = end = None
    ahead = bool(start and start > now)
    inside = bool(start and end and start <= now < end)
    draws = car.is_charging is True or (car.charge_rate_w or 0) > 0
    idle = not draws and not (car.is_charging is None and car.charge_rate_w is None)
    full = car.is_fully_charged is True or (
        None not in (car.battery_level, car.charge_target_max)
        and car.battery_level >= car.charge_target_max
    )
    codes = [action.code for action in car.actions]
    status: str | None
    if car.is_authenticated is False or "reauthenticate" in codes:
        status = "disconnected"
    elif car.is_pause_power_active:
        status = "paused"
    elif car.boost_state == "ongoing":
        status = "boosting"
    elif car.boost_state == "requested":
        status = "boost_requested"
    elif draws:
        status = "charging"
    elif car.is_plugged_in is None and not idle:
        status = None
    elif car.is_plugged_in is False:
        status = "not_plugged_in"
    elif full:
        status = "fully_charged"
    elif ahead:
        status = "waiting_for_plan"
    elif inside and idle:
        status = "interrupted"
    elif car.is_smart_optimization_active is False:
        status = "not_optimized"
    elif car.is_plugged_in:
        status = "waiting"
    else:
        status = None

    weekly: tuple[datetime | None, float | None] = (None, None)
    if car.is_charge_policy_enabled and policy:
        weekly = next_of_week(
            [
                day and (day.charge_deadline, day.charge_percentage)
                for day in policy.days
            ],
            now,
        )
    deadline, target = weekly
    if deadline is None and car.is_charge_policy_enabled:
        target = car.minimum_charge_limit
        if car.charge_deadline_at:
            deadline, _ = next_of_week([(car.charge_deadline_at, None)] * 7, now)
    if session and session.charge_deadline:
        deadline = session.charge_deadline
    if session and session.target_soc_pct is not None:
        target = session.target_soc_pct

    problems = []
    level = car.battery_level
    below = target is not None and level is not None and level < target
    if car.is_plugged_in and below:
        if session and session.charge_deadline and now >= session.charge_deadline:
            problems.append("deadline_missed")
        if (
            not full
            and deadline
            and car.battery_capacity_kwh
            and car.expected_max_charge_power
        ):
            watt_hours = (target - level) * car.battery_capacity_kwh * 10
            hours = watt_hours / car.expected_max_charge_power
            if (now - deadline) / MINUTE + hours * 60 > 5:
                problems.append("deadline_unreachable")
    if (
        inside
        and idle
        and not full
        and car.is_plugged_in is not False
        and stalled_since
        and (now - stalled_since) / MINUTE > 15
    ):
        problems.append("stalled")

    shown = ahead or inside
    return Charging(
        status=status and ChargingStatus(status),
        planned_start=start if shown else None,
        planned_end=end if shown else None,
        planned_target=session.target_soc_pct if session and shown else None,
        problem=ChargingProblem(problems[0]) if problems else None,
        next_deadline=weekly[0],
        next_target=weekly[1],
    )


def maybe[T](of: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """Return what Podero may leave out."""
    return st.none() | of


# Odd seconds, so that no two limits fall together.
NOWS = st.sampled_from(
    [
        NOW,
        datetime(2026, 3, 28, 22, 0, 7, tzinfo=UTC),
        datetime(2026, 3, 29, 0, 59, 7, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 24, 22, 0, 7, tzinfo=UTC),
        datetime(2026, 10, 25, 0, 30, 7, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 10, tzinfo=UTC),
    ]
)
MINUTES = st.integers(-600, 1200)
CLOCKS = st.builds(time, st.integers(0, 23), st.sampled_from([0, 17, 30]))
LEVELS = st.integers(0, 100)
CARS = st.builds(
    ElectricVehicle,
    id=st.just("car"),
    is_authenticated=st.sampled_from([True, True, None, False]),
    actions=st.sampled_from(
        [
            (),
            (),
            (InformationAction(code="information"),),
            (ReauthenticateAction(code="reauthenticate"),),
        ]
    ),
    is_pause_power_active=st.sampled_from([False, None, False, True]),
    boost_state=maybe(st.sampled_from(BoostState)),
    is_plugged_in=st.sampled_from([True, True, None, False]),
    is_charging=st.sampled_from([False, False, None, True]),
    charge_rate_w=st.sampled_from([0, 0, None, -1, 7400]),
    is_fully_charged=st.sampled_from([False, None, False, True]),
    battery_level=maybe(LEVELS),
    charge_target_max=maybe(st.integers(50, 100)),
    battery_capacity_kwh=maybe(st.sampled_from([0.0, 40.0, 77.0, 1e9])),
    expected_max_charge_power=maybe(st.sampled_from([0, 1, 3700, 11000])),
    is_smart_optimization_active=maybe(st.booleans()),
    is_charge_policy_enabled=maybe(st.booleans()),
    charge_deadline_at=maybe(CLOCKS),
    minimum_charge_limit=maybe(LEVELS),
)
POLICIES = st.builds(
    ChargePolicy,
    days=st.tuples(
        *[
            maybe(
                st.builds(
                    PolicyDay,
                    charge_deadline=CLOCKS,
                    charge_percentage=maybe(LEVELS),
                )
            )
        ]
        * 7
    ),
)


@st.composite
def situations(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a car, what is known beside it, and a time."""
    now = draw(NOWS)
    moments = maybe(MINUTES.map(lambda minutes: now + minutes * MINUTE))
    sessions = st.builds(
        Session,
        id=st.just("session"),
        desired_charging_start_time=moments,
        desired_charging_end_time=moments,
        charge_deadline=moments,
        target_soc_pct=maybe(LEVELS.map(float)),
    )
    return {
        "vehicle": draw(CARS),
        "session": draw(maybe(sessions)),
        "policy": draw(maybe(POLICIES)),
        "now": now,
        "stalled_since": draw(
            maybe(st.integers(0, 40).map(lambda minutes: now - minutes * MINUTE))
        ),
    }


@settings(max_examples=600, deadline=None)
@given(situations())
def test_is_what_the_table_says(situation: dict[str, Any]) -> None:
    """What is said is what the design's table says, whatever Podero leaves out."""
    found = assess(**situation, zone=VIENNA)
    expected = by_the_table(
        situation["vehicle"],
        situation["session"],
        situation["policy"],
        situation["now"],
        situation["stalled_since"],
    )
    assert replace(found, changes_at=None) == expected


@given(situations())
def test_reads_nothing_else(situation: dict[str, Any]) -> None:
    """What it says of a vehicle follows from the fields that are named, and is found anew only when one of them changes."""
    vehicle: Any = SimpleNamespace(
        **{name: getattr(situation["vehicle"], name) for name in ASSESSED}
    )
    expected = assess(**situation, zone=VIENNA)
    assert assess(**situation | {"vehicle": vehicle}, zone=VIENNA) == expected


@settings(max_examples=400, deadline=None)
@given(situations(), st.lists(st.floats(0, 1), min_size=1, max_size=5))
@example(
    {
        "vehicle": CAR,
        "session": SESSION,
        "policy": None,
        "now": NOW,
        "stalled_since": None,
    },
    [0.5],
)
def test_changes_when_it_says_so(
    situation: dict[str, Any], fractions: list[float]
) -> None:
    """With the same data nothing changes before the time at which it says that it may."""
    found = assess(**situation, zone=VIENNA)
    now = situation["now"]
    if found.changes_at is None:
        last = now + timedelta(days=30)
    else:
        assert found.changes_at > now
        last = found.changes_at - datetime.resolution
    for moment in [last, *(now + (last - now) * each for each in fractions)]:
        assert assess(**situation | {"now": moment}, zone=VIENNA) == found


@given(
    st.builds(
        Wallbox,
        id=st.just("wallbox"),
        **{
            name: maybe(st.booleans())
            for name in (
                "is_authenticated",
                "is_pause_power_active",
                "is_plugged_in",
                "is_charging",
                "is_smart_optimization_active",
            )
        },
        boost_state=maybe(st.sampled_from(BoostState)),
    )
)
def test_wallbox(wallbox: Wallbox) -> None:
    """A wallbox says what a car of which the same is known would say."""
    shared = {field.name for field in fields(ElectricVehicle)} & {
        field.name for field in fields(Wallbox)
    }
    car = ElectricVehicle(**{name: getattr(wallbox, name) for name in shared})
    found = assess(car, None, None, now=NOW, zone=VIENNA, stalled_since=None)
    assert assess_wallbox(wallbox) == found.status


def test_order_of_the_statuses() -> None:
    """They are declared in the order in which they are looked at."""
    assert [*ChargingStatus] == [
        "disconnected",
        "paused",
        "boosting",
        "boost_requested",
        "charging",
        "not_plugged_in",
        "fully_charged",
        "waiting_for_plan",
        "interrupted",
        "not_optimized",
        "waiting",
    ]
