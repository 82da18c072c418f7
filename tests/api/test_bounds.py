"""What texts, numbers, times and ids may be."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from enum import StrEnum
import logging
import math
from typing import Any
import unicodedata

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import bounds

from .test_values import JSON, RELAXED


class Fruit(StrEnum):
    """Something to choose from."""

    APPLE = "apple"
    PEAR = "PEAR"


SANE = bounds.real(-1000, 1000)
COUNT = bounds.whole(0, 100)
UUID = "0f0e0d0c-1a2b-4c3d-8e9f-abcdefabcdef"


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        (bounds.parse_text, "Fronius", "Fronius"),
        (bounds.parse_text, "  Sunny   Boy ", "Sunny   Boy"),
        (bounds.parse_text, 1010, "1010"),
        (bounds.parse_text, True, None),
        (bounds.parse_text, "a\r\n2026 ERROR b\tc\u2028d", "a  2026 ERROR b c d"),
        (bounds.parse_text, "a\x00\x1b[2J\x7f\x9bb", "a[2Jb"),
        (bounds.parse_text, "abc\u202edef\u2066\u200b\ufeff", "abcdef"),
        (bounds.parse_text, "\u200b\n", None),
        (bounds.parse_text, "ok\ud800", "ok"),
        (bounds.parse_text, "Käufer €5 😀", "Käufer €5 😀"),
        (bounds.parse_text, "x" * 255, "x" * 255),
        (bounds.parse_text, "x" * 256, "x" * 254 + "…"),
        (bounds.parse_message, "x" * 2001, "x" * 1999 + "…"),
        (bounds.parse_message, "x" * 2000, "x" * 2000),
        (bounds.parse_word, "Pool HEATING", "pool heating"),
        (bounds.parse_word, [], None),
        (bounds.parse_words, ["a", None, 3, {}, "b\n"], ("a", "3", "b")),
        (bounds.parse_words, "a", ()),
        (bounds.parse_words, ["a"] * 100, ("a",) * 50),
        (bounds.parse_words, ["x" * 65], ("x" * 63 + "…",)),
        (bounds.parse_url, " /cues/1?secret=x ", "/cues/1?secret=x"),
        (bounds.parse_url, "/a b", None),
        (bounds.parse_url, "/a\nb", None),
        (bounds.parse_url, "/" + "a" * 2047, "/" + "a" * 2047),
        (bounds.parse_url, "/" + "a" * 2048, None),
        (bounds.parse_url, " ", None),
        (bounds.parse_url, 7, None),
        (bounds.parse_uuid, UUID, UUID),
        (bounds.parse_uuid, UUID.upper(), UUID),
        (bounds.parse_uuid, f" {UUID.replace('-', '')}\n", UUID),
        (bounds.parse_uuid, f"{{{UUID}}}", None),
        (bounds.parse_uuid, f"urn:uuid:{UUID}", None),
        (bounds.parse_uuid, UUID[1:] + "-", None),
        (bounds.parse_uuid, UUID.replace("0", "٠"), None),
        (bounds.parse_uuid, "..", None),
        (bounds.parse_uuid, 7, None),
        (SANE, 12, 12.0),
        (SANE, "12.5", 12.5),
        (SANE, 1000, 1000.0),
        (SANE, 1000.1, None),
        (SANE, "-1e308", None),
        (SANE, 10**400, None),
        (SANE, math.nan, None),
        (SANE, True, None),
        (SANE, None, None),
        (COUNT, "80", 80),
        (COUNT, 80.0, 80),
        (COUNT, 79.6, 80),
        (COUNT, 100, 100),
        (COUNT, 101, None),
        (COUNT, -1, None),
        (COUNT, 1e308, None),
        (COUNT, "many", None),
        (COUNT, False, None),
        (
            bounds.parse_datetime,
            "2026-11-21T08:00:00Z",
            datetime(2026, 11, 21, 8, tzinfo=UTC),
        ),
        (
            bounds.parse_datetime,
            "2026-11-21T09:00:00.5+01:00",
            datetime(2026, 11, 21, 8, 0, 0, 500000, UTC),
        ),
        (
            bounds.parse_datetime,
            " 2026-11-21 08:00z",
            datetime(2026, 11, 21, 8, tzinfo=UTC),
        ),
        (
            bounds.parse_datetime,
            "1970-01-01T00:00:00Z",
            datetime(1970, 1, 1, tzinfo=UTC),
        ),
        (bounds.parse_datetime, "1970-01-01T00:00:00+05:00", None),
        (bounds.parse_datetime, "2200-12-31T23:59:59-05:00", None),
        (bounds.parse_datetime, "0001-01-01T00:00:00Z", None),
        (bounds.parse_datetime, "0001-01-01T00:00:00+05:00", None),
        (bounds.parse_datetime, "9999-12-31T23:59:59Z", None),
        (bounds.parse_datetime, "9999-12-31T23:59:59-05:00", None),
        (bounds.parse_datetime, "yesterday", None),
        (bounds.parse_datetime, 1700000000, None),
        (bounds.parse_time, "06:00:00", time(6)),
        (bounds.parse_time, "23:30", time(23, 30)),
        (bounds.parse_time, "06:00:00Z", time(6)),
        (bounds.parse_time, "six", None),
        (bounds.parse_time, 6, None),
        (bounds.parse_time_or_datetime, "06:00:00", time(6)),
        (
            bounds.parse_time_or_datetime,
            "2026-11-21T06:00:00Z",
            datetime(2026, 11, 21, 6, tzinfo=UTC),
        ),
        (bounds.parse_time_or_datetime, "soon", None),
    ],
)
def test_readers(read: Callable[[Any], Any], value: Any, expected: Any) -> None:
    """What a value means, type included."""
    found = read(value)
    assert found == expected
    assert type(found) is type(expected)


def test_very_long_texts() -> None:
    """Of a text that is mostly nothing, only the beginning is looked at."""
    assert bounds.parse_text("\n" * 10**6 + "x") is None
    assert bounds.parse_text("\u200b" * 1000 + "x" * 10**6) == "x" * 254 + "…"


def test_no_negative_zero() -> None:
    """An export of -0.0 W is one of 0.0 W."""
    for value in (-0.0, "-0.0", -0, "-0"):
        assert math.copysign(1, SANE(value) or 0.0) == 1.0


@pytest.mark.usefixtures("nothing_logged")
def test_enumerations_know_their_words(caplog: pytest.LogCaptureFixture) -> None:
    """An unknown word becomes the fallback, and is logged one time, shortened and below warning."""
    caplog.set_level(logging.DEBUG)
    read = bounds.parse_enum(Fruit, Fruit.APPLE)
    assert [read(word) for word in ("Apple", " pear", None, 7)] == [
        Fruit.APPLE,
        Fruit.PEAR,
        None,
        Fruit.APPLE,
    ]
    plum = "plum\n" + "m" * 1000
    assert [read(plum), read(plum), bounds.parse_enum(Fruit)(plum)] == [
        Fruit.APPLE,
        Fruit.APPLE,
        None,
    ]
    reports = [record for record in caplog.records if "plum" in record.getMessage()]
    assert [record.levelno for record in reports] == [logging.INFO]
    message = reports[0].getMessage()
    assert "Fruit" in message
    assert "\n" not in message
    assert len(message) < 200


@RELAXED
@given(JSON)
def test_no_value_raises(value: Any) -> None:
    """Whatever stands in a field, reading it gives the declared type or None."""
    for read, kinds in (
        (bounds.parse_text, str),
        (bounds.parse_message, str),
        (bounds.parse_word, str),
        (bounds.parse_words, tuple),
        (bounds.parse_url, str),
        (bounds.parse_uuid, str),
        (bounds.parse_datetime, datetime),
        (bounds.parse_time, time),
        (bounds.parse_time_or_datetime, datetime | time),
        (bounds.parse_enum(Fruit), Fruit),
        (SANE, float),
        (COUNT, int),
    ):
        assert isinstance(read(value), kinds | None)


@RELAXED
@given(st.text(max_size=3000))
def test_texts_are_one_visible_line(value: str) -> None:
    """No text breaks a line, hides something or is longer than a state may be."""
    if (found := bounds.parse_text(value)) is not None:
        assert 0 < len(found) <= 255
        assert found == found.strip()
        assert not {unicodedata.category(mark) for mark in found} & {
            "Cc", "Cf", "Cs", "Co", "Zl", "Zp",
        }  # fmt: skip


@RELAXED
@given(st.floats() | st.integers() | st.floats().map(repr))
def test_numbers_stay_in_their_bounds(value: float | str) -> None:
    """No number is beyond what its quantity can be."""
    if (found := SANE(value)) is not None:
        assert -1000 <= found <= 1000
        assert found == float(value)
    if (whole := COUNT(value)) is not None:
        assert 0 <= whole <= 100


@RELAXED
@given(st.datetimes(), st.timezones())
def test_times_stay_in_their_bounds(value: datetime, zone: Any) -> None:
    """Every time is in UTC and in the years that there can be."""
    for typed in (value.isoformat(), value.replace(tzinfo=zone).isoformat()):
        if (found := bounds.parse_datetime(typed)) is not None:
            assert found.tzinfo is UTC
            assert 1970 <= found.year <= 2200
            assert found == bounds.parse_datetime(found.isoformat())
