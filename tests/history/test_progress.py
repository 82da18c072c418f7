"""Progress, by itself: wrong clocks, gaps, and a database that has less than was written."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.history.hours import Hours
from custom_components.podero.history.progress import (
    BUCKET,
    MOST_GAPS,
    Progress,
    Recorded,
    Span,
)

NOW = datetime(2026, 5, 20, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOTHING = Recorded(counts={}, newest=None)
FIRST = NOW - 800 * DAY
YEARS_BEHIND = datetime(2000, 1, 1, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
YEAR_AHEAD = NOW + timedelta(days=365)


def begun(now: datetime = NOW, days: int = 30) -> Progress:
    """Return the progress of a device that is new."""
    return Progress.begin(now, days, None, NOTHING)


def imported(progress: Progress, now: datetime, truth: datetime = NOW) -> Progress:
    """Return the progress after an hourly import; Podero knows what truly was."""
    progress = progress.at(now, progress.days, None)
    last = min(now, truth)
    start = max(progress.start, min(progress.until, now) - 2 * DAY)
    found = {}
    for hour in range(int(max(start, FIRST).timestamp()), int(last.timestamp()), 3600):
        found[hour] = 1.0
    if start < now:
        span = start, now
        hours = Hours(sums={"home_energy": found})
        rows = {seconds // BUCKET: 1 for seconds in found}
        progress = progress.written(span, hours, rows)
        progress = replace(progress, until=max(progress.until, now))
    return progress


@pytest.mark.parametrize("days", [0, 2, 30, 730])
@pytest.mark.parametrize("wrong", [YEARS_BEHIND, YEAR_AHEAD, YEAR_AHEAD + 9000 * DAY])
def test_the_clock_was_wrong_at_the_first_start(days: int, wrong: datetime) -> None:
    """Once the clock is right, the days that the household wants are imported, no less and no more."""
    progress = imported(begun(wrong, days), wrong, truth=NOW)
    progress = progress.at(NOW, days, None)
    assert progress.start == NOW - timedelta(days=days)
    assert progress.until == progress.start
    progress = imported(progress, NOW)
    assert progress.until == NOW
    assert progress.at(NOW + HOUR, days, None) == progress


@pytest.mark.parametrize("has_energy", [True, False])
def test_savings_of_years_that_never_were(has_energy: bool) -> None:
    """Only a device that has nothing else takes savings for a sign that its clock was right."""
    hours = Hours(sums={"savings": {int(YEARS_BEHIND.timestamp()): 0.0}})
    progress = begun(YEARS_BEHIND, 2)
    progress = progress.written((YEARS_BEHIND, YEARS_BEHIND + HOUR), hours, {365: 1})
    right = progress.at(NOW, 2, has_energy=has_energy)
    assert (right.start == NOW - 2 * DAY) == has_energy
    assert (right == progress) != has_energy


@pytest.mark.parametrize("wrong", [YEARS_BEHIND, NEW_YEAR, NOW - DAY])
@pytest.mark.parametrize("days", [2, 3])
def test_the_clock_is_behind(wrong: datetime, days: int) -> None:
    """What was imported stays, and so does the start, even if more days are wanted meanwhile."""
    progress = imported(begun(days=2), NOW)
    behind = imported(progress.at(wrong, days, None), wrong)
    assert (behind.start, behind.until, behind.since) == (
        progress.start,
        progress.until,
        progress.since,
    )
    right = behind.at(NOW + HOUR, days, None)
    assert right.start == min(progress.start, NOW + HOUR - timedelta(days=days))


def test_the_clock_was_ahead() -> None:
    """The hours that Podero could not know yet are imported when they are over."""
    progress = imported(begun(days=2), NOW)
    ahead = imported(progress, YEAR_AHEAD)
    assert ahead.until == YEAR_AHEAD
    ahead = ahead.with_gap((YEAR_AHEAD - DAY, YEAR_AHEAD)).with_gap((NOW - DAY, NOW))
    right = ahead.at(NOW + HOUR, 2, None)
    assert (right.start, right.until) == (progress.start, NOW)
    assert right.gaps == ((NOW - DAY, NOW),)


def test_more_days_wanted_while_the_clock_was_ahead() -> None:
    """The days are counted from the time that was right."""
    progress = imported(begun(days=2), NOW)
    ahead = imported(progress.at(YEAR_AHEAD, 30, None), YEAR_AHEAD)
    assert ahead.start == progress.start
    right = ahead.at(NOW + HOUR, 30, None)
    assert right.start == right.until == NOW + HOUR - timedelta(days=30)


@pytest.mark.parametrize("wrong", [NEW_YEAR, YEAR_AHEAD])
def test_cleared_while_the_clock_was_wrong(wrong: datetime) -> None:
    """What was deleted does not come back."""
    progress = imported(begun(), NOW).at(wrong, 30, None).cleared(wrong)
    right = progress.at(NOW + HOUR, 30, None)
    assert NOW <= right.start == right.until <= NOW + HOUR


def test_cleared_before_anything_was_found() -> None:
    """New rows begin now."""
    progress = begun().cleared(NOW)
    assert (progress.start, progress.until, progress.reach) == (NOW, NOW, 0)


def test_savings_ahead_are_no_proof() -> None:
    """Savings of days to come say nothing about what time it is."""
    future = int(YEAR_AHEAD.timestamp())
    hours = Hours(sums={"savings": {future: 1.0}, "home_energy": {}})
    progress = begun().written((NOW - DAY, NOW), hours, {future // BUCKET: 1})
    assert progress.newest is None


@given(
    st.lists(
        st.one_of(st.integers(0, 2000), st.integers(-9000, 20_000)).map(
            lambda hours: NOW + timedelta(hours=hours)
        ),
        max_size=6,
    ),
    st.sampled_from([0, 2, 30]),
)
def test_any_clock(clocks: list[datetime], days: int) -> None:
    """Whatever the clock said before, the next right ones import all hours since the first right one."""
    truth = NOW + HOUR
    progress = imported(imported(begun(days=days), NOW), truth, truth)
    for clock in clocks:
        truth += HOUR
        progress = imported(progress, clock, truth)
        assert progress.start <= NOW
    truth += HOUR
    progress = imported(progress, truth, truth)
    assert progress.start <= NOW - timedelta(days=days)
    assert progress.until == truth
    assert progress.since <= truth


def test_more_and_fewer_days() -> None:
    """More days begin earlier, fewer take nothing away."""
    progress = imported(begun(days=2), NOW)
    more = progress.at(NOW, 5, None)
    assert more.start == more.until == NOW - 5 * DAY
    fewer = imported(more, NOW).at(NOW, 1, None)
    assert fewer.start == NOW - 5 * DAY
    assert fewer.until == NOW


def test_new_prices_hold_from_now_on() -> None:
    """Prices hold for what is imported after them, or by hand."""
    progress = imported(begun(days=2), NOW).at(NOW, 2, "expensive")
    assert progress.priced_from == NOW
    assert progress.imported_by_hand(NOW - 9 * DAY, NOW - DAY).priced_from == NOW
    by_hand = progress.imported_by_hand(NOW - DAY, NOW)
    assert (by_hand.priced_from, by_hand.start) == (NOW - DAY, progress.start)


def test_an_older_start_by_hand() -> None:
    """What lies between is for the next import."""
    progress = imported(begun(days=2), NOW).imported_by_hand(
        NOW - 9 * DAY, NOW - 8 * DAY
    )
    assert (progress.start, progress.until) == (NOW - 9 * DAY, NOW - 8 * DAY)


def test_an_earlier_set_up() -> None:
    """No hole comes after what an earlier set-up left."""
    left = Recorded(counts={7: 1}, newest=NOW - 9 * DAY)
    progress = Progress.begin(NOW, 2, None, left)
    assert progress.start == NOW - 9 * DAY + HOUR
    assert progress.counts == {7: 1}


def test_a_database_that_lost_rows() -> None:
    """All from the first bucket on that lacks any is imported again; what is more is welcome."""
    bucket = int(NOW.timestamp()) // BUCKET
    start = NOW - timedelta(days=400)
    progress = replace(
        begun(days=400),
        until=NOW,
        counts={bucket - 20: 9, bucket - 2: 10, bucket - 1: 10, bucket: 3},
    )
    less = Recorded(
        counts={bucket - 20: 9, bucket - 2: 10, bucket - 1: 9, bucket: 4}, newest=NOW
    )
    compared = progress.compared(less)
    assert compared.until == datetime.fromtimestamp((bucket - 1) * BUCKET, UTC)
    assert compared.counts == less.counts
    assert compared.compared(less) == compared
    assert progress.compared(NOTHING).until == start
    earlier = replace(progress, until=start + DAY)
    assert earlier.compared(less).until == start + DAY


def span(first: int, last: int) -> Span:
    """Return a span, in hours before now."""
    return NOW - first * HOUR, NOW - last * HOUR


def test_gaps() -> None:
    """Gaps that touch become one, up to a month; what came leaves them."""
    progress = begun().with_gap(span(50, 40)).with_gap(span(20, 10))
    progress = progress.with_gap(span(10, 9)).with_gap(span(40, 39))
    assert progress.gaps == (span(20, 9), span(50, 39))
    progress = progress.with_gap(span(15, 12))
    assert progress.gaps == (span(50, 39), span(20, 9))
    progress = progress.written(span(45, 10), Hours(), {})
    assert progress.gaps == (span(50, 45), span(10, 9))
    assert progress.accepted == NOW - 45 * HOUR
    assert progress.written(span(60, 58), Hours(), {}).accepted == NOW - 60 * HOUR
    assert [*progress.outside_gaps(NOW - 47 * HOUR, NOW)] == [span(45, 10), span(9, 0)]
    assert [*progress.outside_gaps(NOW, NOW)] == []
    long = begun().with_gap(span(31 * 24, 0)).with_gap(span(31 * 24 + 1, 31 * 24))
    assert len(long.gaps) == 2


def test_a_part_that_failed() -> None:
    """A span of which something is missing stays a gap."""
    hours = Hours(sums={"home_energy": {0: 1.0}}, is_partial=True)
    assert begun().written(span(5, 1), hours, {0: 1}).gaps == (span(5, 1),)


def test_a_gap_that_is_refused_again() -> None:
    """It is halved, and waits for its next turn behind the others."""
    progress = begun().with_gap(span(50, 47)).with_gap(span(9, 8))
    progress = progress.with_refused_gap(span(50, 47))
    assert progress.gaps == (span(9, 8), span(50, 49), span(49, 47))
    progress = progress.with_refused_gap(span(9, 8))
    assert progress.gaps == (span(50, 49), span(49, 47), span(9, 8))


def test_too_many_gaps() -> None:
    """They are not divided for ever."""
    gaps = tuple(span(10 * hours, 10 * hours - 4) for hours in range(MOST_GAPS, 0, -1))
    progress = replace(begun(), gaps=gaps)
    progress = progress.with_refused_gap(gaps[0])
    assert len(progress.gaps) == MOST_GAPS + 1
    progress = progress.with_refused_gap(gaps[1])
    assert len(progress.gaps) == MOST_GAPS + 1
    assert progress.gaps[-1] == gaps[1]
