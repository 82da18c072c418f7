"""Single JSON values whose meaning is not known."""

from collections.abc import Callable
import logging
import math
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.podero.api import values

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)

RELAXED = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow]
)
"""How fast the machine is proves nothing."""


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (values.number, 12, 12.0),
        (values.number, "12.5", 12.5),
        (values.number, " -3 ", -3.0),
        (values.number, "", None),
        (values.number, "n/a", None),
        (values.number, "NaN", None),
        (values.number, math.inf, None),
        (values.number, 10**400, None),
        (values.number, True, None),
        (values.number, None, None),
        (values.number, [1], None),
        (values.boolean, True, True),
        (values.boolean, "False", False),
        (values.boolean, 1, True),
        (values.boolean, 0, False),
        (values.boolean, 2, None),
        (values.boolean, "yes", None),
        (values.boolean, {}, None),
        (values.text, "self consumption", "self consumption"),
        (values.text, 1010, "1010"),
        (values.text, "  ", None),
        (values.text, True, None),
        (values.text, ["a"], None),
        (values.items, [1], [1]),
        (values.items, {"items": [1], "total": 1}, [1]),
        (values.items, {"results": [2]}, [2]),
        (values.items, {"items": None, "data": [3]}, [3]),
        (values.items, {"detail": "no"}, None),
        (values.items, "[]", None),
        (values.mapping, {"a": 1}, {"a": 1}),
        (values.mapping, [], {}),
    ],
)
def test_readers(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    """What a value means, type included."""
    found = read(value)
    assert found == expected
    assert type(found) is type(expected)


def test_numbers_of_very_many_digits() -> None:
    """What Python refuses to write out is nothing."""
    assert values.text(10**5000) is None
    assert values.number(10**5000) is None


@RELAXED
@given(JSON)
def test_no_value_raises(value: Any) -> None:
    """Whatever a value is, reading it gives the declared type or None."""
    for read, kinds in (
        (values.number, float),
        (values.boolean, bool),
        (values.text, str),
        (values.items, list),
    ):
        assert isinstance(read(value), kinds | None)


@pytest.mark.usefixtures("nothing_logged")
def test_log_once(caplog: pytest.LogCaptureFixture) -> None:
    """The same is logged one time, and no more than 256 different things."""
    caplog.set_level(logging.DEBUG)
    for number in (*range(300), 1, 1):
        values.log_once(logging.INFO, "Podero sent %s", number)
    assert [record.getMessage() for record in caplog.records] == [
        f"Podero sent {number}" for number in range(256)
    ]
