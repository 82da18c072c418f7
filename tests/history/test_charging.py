"""Sessions to hours: what a session came to is spread over the time it charged."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import Session
from custom_components.podero.history.charging import charging_hours, charging_time

START = datetime(2026, 3, 28, 12, tzinfo=UTC)
HOURS = 72
END = START + timedelta(hours=HOURS)

times = st.one_of(
    st.none(),
    st.integers(0, HOURS * 60 - 1).map(
        lambda minute: START + timedelta(minutes=minute)
    ),
)
amounts = st.one_of(st.none(), st.floats(0, 90))
sessions = st.lists(
    st.builds(
        Session,
        id=st.uuids().map(str),
        plug_in_time=times,
        unplug_time=times,
        inferred_session_end=times,
        desired_charging_start_time=times,
        desired_charging_end_time=times,
        energy_charged_kwh=amounts,
        actual_cost_eur=amounts,
        actual_savings_eur=amounts,
        expected_savings_eur=amounts,
    ),
    max_size=8,
)


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


def at(hour: float) -> datetime:
    """Return a time, in hours from the start."""
    return START + timedelta(hours=hour)


def session(**values: Any) -> Session:
    """Return a session of 10 kWh."""
    return Session(id=values.pop("id", "a"), energy_charged_kwh=10.0, **values)


def energy(found: Sequence[Session]) -> dict[int, float]:
    """Return the energy by hour from the start."""
    return {
        int(hour - START.timestamp()) // 3600: kwh
        for hour, kwh in charging_hours(found, START, END)
        .sums["charging_energy"]
        .items()
    }


@given(sessions)
def test_energy_in_is_energy_out(found: list[Session]) -> None:
    """What is over is counted once, in full; what is under way not at all."""
    sums = charging_hours(found, START, END).sums
    over = [each for each in found if each.unplug_time or each.inferred_session_end]
    for kind, values in {
        "charging_energy": [each.energy_charged_kwh for each in over],
        "charging_cost": [each.actual_cost_eur for each in over],
        "charging_savings": [
            each.expected_savings_eur
            if each.actual_savings_eur is None
            else each.actual_savings_eur
            for each in over
        ],
    }.items():
        expected = math.fsum(value or 0 for value in values)
        assert math.fsum(sums[kind].values()) == pytest.approx(expected, rel=1e-9)


@given(sessions, st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(found: list[Session], dice: Any) -> None:
    """The same sessions in any order, some of them twice, are the same hours."""
    again = found + dice.choices(found, k=3) if found else []
    dice.shuffle(again)
    assert charging_hours(again, START, END) == charging_hours(found, START, END)


@given(sessions, st.lists(st.integers(1, HOURS - 1), max_size=4))
def test_cutting_anywhere(found: list[Session], cuts: list[int]) -> None:
    """In pieces or at once, it is the same hours."""
    moments = [START, *(at(cut) for cut in sorted(cuts)), END]
    pieces: dict[str, dict[int, float]] = defaultdict(dict)
    for start, end in pairwise(moments):
        for kind, rows in charging_hours(found, start, end).sums.items():
            assert not pieces[kind].keys() & rows.keys()
            pieces[kind] |= rows
    assert pieces == charging_hours(found, START, END).sums


@pytest.mark.parametrize(
    ("values", "span"),
    [
        ({}, None),
        ({"plug_in_time": at(1)}, None),
        ({"plug_in_time": at(1), "unplug_time": at(5)}, (1, 5)),
        ({"plug_in_time": at(1), "inferred_session_end": at(6)}, (1, 6)),
        ({"unplug_time": at(5), "inferred_session_end": at(6)}, (5, 5)),
        ({"plug_in_time": at(9), "unplug_time": at(5)}, (5, 5)),
    ],
)
@pytest.mark.parametrize(
    ("wanted", "window"),
    [
        ((None, None), None),
        ((2, 4), (2, 4)),
        ((0, 3), (1, 3)),
        ((3, 9), (3, 5)),
        ((7, 9), None),
        ((4, 2), None),
        ((3, None), (3, 5)),
    ],
)
def test_charging_time(
    values: dict[str, datetime],
    span: tuple[int, int] | None,
    wanted: tuple[int | None, int | None],
    window: tuple[int, int] | None,
) -> None:
    """It is the desired window as far as the car was plugged in, else all of that."""
    begin, finish = (None if hour is None else at(hour) for hour in wanted)
    if window is not None and span != (1, 5):
        # Only the usual session is looked at with each window.
        begin = finish = None
        window = None
    found = charging_time(
        session(
            desired_charging_start_time=begin,
            desired_charging_end_time=finish,
            **values,
        )
    )
    expected = window or span
    assert found == (
        expected and tuple(START.timestamp() + 3600 * hour for hour in expected)
    )


def test_shares() -> None:
    """Hours get their part of the charging time; a moment is all in one hour."""
    assert energy([session(plug_in_time=at(1.5), unplug_time=at(4))]) == pytest.approx(
        {1: 2.0, 2: 4.0, 3: 4.0}
    )
    assert energy([session(unplug_time=at(2.25))]) == {2: 10.0}
    assert energy([session(unplug_time=at(-1))]) == {}
    assert energy([session(plug_in_time=at(-5), unplug_time=at(5))]) == pytest.approx(
        dict.fromkeys(range(5), 1.0)
    )


def test_the_last_of_the_same_id_counts() -> None:
    """A session that comes twice is one session."""
    first = session(plug_in_time=at(1), unplug_time=at(2))
    second = session(plug_in_time=at(3), unplug_time=at(4))
    assert energy([first, second]) == {3: 10.0}


def test_no_session_at_all() -> None:
    """An empty answer takes nothing away from what is known."""
    assert not charging_hours([], START, END).is_whole
    assert charging_hours([session()], START, END).is_whole
