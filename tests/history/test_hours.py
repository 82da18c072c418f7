"""Hours of statistics and how they go together."""

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.history.hours import SumRow, rebase

HOURS = st.integers(0, 40).map(lambda hour: hour * 3600)
found_hours = st.dictionaries(HOURS, st.floats(0, 50), max_size=12)


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


def written(base: float, found: dict[int, float]) -> dict[int, SumRow]:
    """Return the rows of an import into an empty database."""
    return rebase(base, {}, found, is_whole=False)


@given(st.floats(0, 1e5), found_hours)
def test_the_same_again(base: float, found: dict[int, float]) -> None:
    """Same input twice gives the same rows."""
    rows = written(base, found)
    for is_whole in (False, True):
        assert rebase(base, rows, found, is_whole=is_whole) == rows
    assert [*rows] == sorted(found)
    running = base
    for hour, row in rows.items():
        running += found[hour]
        assert (row.state, row.sum) == (found[hour], running)


@given(found_hours, found_hours, st.booleans())
def test_an_answer_meets_what_is_there(
    before: dict[int, float], answer: dict[int, float], is_whole: bool
) -> None:
    """What the answer has counts; what it lacks stays, unless the answer is the whole truth."""
    rows = rebase(7.0, written(7.0, before), answer, is_whole=is_whole)
    assert rows.keys() == before.keys() | answer.keys()
    for hour, row in rows.items():
        kept = 0.0 if is_whole else before.get(hour)
        assert row.state == answer.get(hour, kept)
    if rows:
        total = 7.0 + sum(row.state for row in rows.values())
        assert rows[max(rows)].sum == pytest.approx(total, rel=1e-12)


@given(st.floats(0, 1e5), found_hours, HOURS)
def test_in_pieces(base: float, found: dict[int, float], cut: int) -> None:
    """Two spans one after the other give the rows of both at once."""
    early = written(base, {hour: kwh for hour, kwh in found.items() if hour < cut})
    middle = early[max(early)].sum if early else base
    late = written(middle, {hour: kwh for hour, kwh in found.items() if hour >= cut})
    assert early | late == written(base, found)
