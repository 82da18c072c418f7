"""Single JSON values, read tolerantly."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from enum import StrEnum
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


class Fruit(StrEnum):
    """Something to choose from."""

    APPLE = "apple"
    PEAR = "PEAR"


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
        (values.integer, "80", 80),
        (values.integer, 80.0, 80),
        (values.integer, 79.6, 80),
        (values.integer, "many", None),
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
        (values.moment, "2026-11-21T08:00:00Z", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (
            values.moment,
            "2026-11-21T09:00:00.5+01:00",
            datetime(2026, 11, 21, 8, 0, 0, 500000, UTC),
        ),
        (values.moment, "2026-11-21 08:00", datetime(2026, 11, 21, 8, tzinfo=UTC)),
        (values.moment, "0001-01-01T00:00:00Z", None),
        (values.moment, "0001-01-01T00:00:00+05:00", None),
        (values.moment, "9999-12-31T23:59:59-05:00", None),
        (values.moment, "yesterday", None),
        (values.moment, 1700000000, None),
        (values.clock, "06:00:00", time(6)),
        (values.clock, "23:30", time(23, 30)),
        (values.clock, "06:00:00Z", time(6)),
        (values.clock, "six", None),
        (values.clock, 6, None),
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


def test_choice_knows_its_words_and_reports_others_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An unknown word becomes the fallback and is logged one time, below warning."""
    caplog.set_level(logging.DEBUG)
    read = values.choice(Fruit, Fruit.APPLE)
    assert [read(word) for word in ("Apple", "pear", None, 7)] == [
        Fruit.APPLE,
        Fruit.PEAR,
        None,
        Fruit.APPLE,
    ]
    assert [read("plum"), read("plum"), values.choice(Fruit)("plum")] == [
        Fruit.APPLE,
        Fruit.APPLE,
        None,
    ]
    reports = [record for record in caplog.records if "'plum'" in record.getMessage()]
    assert [record.levelno for record in reports] == [logging.INFO]
    assert "Fruit" in reports[0].getMessage()


@RELAXED
@given(JSON)
def test_no_value_raises(value: Any) -> None:
    """Whatever stands in a field, reading it gives the declared type or None."""
    for read, kinds in (
        (values.number, float),
        (values.integer, int),
        (values.boolean, bool),
        (values.text, str),
        (values.moment, datetime),
        (values.clock, time),
        (values.choice(Fruit), Fruit),
        (values.items, list),
    ):
        assert isinstance(read(value), kinds | None)
