"""JSON that need not be quite valid."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import decoding
from custom_components.podero.api.decoding import decode, decode_in_steps

from .test_values import JSON, RELAXED

ODD: dict[bytes, Any] = {
    b"": None,
    b" \n": None,
    b'{"a": 1}': {"a": 1},
    b'\xef\xbb\xbf [{"a": [1, {"b": []}]} , 2]\n': [{"a": [1, {"b": []}]}, 2],
    b'[NaN, {"a": -Infinity}, 1e999]': [None, {"a": None}, float("inf")],
    b'{"a": "K\xf6ln"}': {"a": "K\ufffdln"},
    b'["\\ud83d\\ude00", "a\\ud83db", "\\uDE00", "\\\\ud83d", "\\\\\\ud83d"]': [
        "\U0001f600", "a?b", "?", "\\ud83d", "\\?",
    ],
    b'{"data": [], "a": {"items": [1, 2]}, "b": "c"}': {
        "data": [], "a": {"items": [1, 2]}, "b": "c",
    },
    b"{ }": {},
    b"7": 7,
}  # fmt: skip
WRONG = (
    b"[1, 2", b"[1 2]", b"[1,]", b"[,]", b"[1], 2", b'{"a" 1}', b'{"a": 1,}',
    b'{"a": 1 "b": 2}', b"{1: 2}", b"{a: 2}", b'{"a"', b"<h1>Maintenance</h1>",
    b"[" * 100_000, b'{"a":' * 100_000, b"\xff", b'{"a": nil}',
)  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), ODD.items())
def test_odd_json(body: bytes, expected: Any) -> None:
    """Marks, constants, bytes and surrogates that JSON does not have; both ways read the same."""
    assert decode(body) == expected
    assert decode_in_steps(body, 100) == expected


@pytest.mark.parametrize("body", WRONG)
def test_what_is_not_json(body: bytes) -> None:
    """Neither way takes it."""
    with pytest.raises(ValueError):
        decode(body)
    with pytest.raises(ValueError):
        decode_in_steps(body, 100)


def test_long_lists_are_cut() -> None:
    """One item more than asked for shows that there are more; what follows is not read."""
    assert decode_in_steps(b"[1, 2, 3, 4 junk", 2) == [1, 2, 3]
    assert decode_in_steps(b"[1, 2, 3]", 2) == [1, 2, 3]
    assert decode_in_steps(
        b'{"total": 9, "a": {"items": [[1, 2, 3], 2, 3, 4], "b": 1}, "c": 1}', 2
    ) == {"total": 9, "a": {"items": [[1, 2, 3], 2, 3]}}


def test_long_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is longer than is decoded at once is decoded in steps itself, and cut as a list of its own."""
    long = {"a": "x" * 5000, "b": [1, {"c": [2] * 5000}, "y" * 5000], "d": 10**50}
    value = [long, 3, long, "z" * 5000, [long], {}]
    for indent in (None, 1):
        body = json.dumps(value, indent=indent).encode()
        assert decode_in_steps(body, 100) == value
    for number in range(4090, 4100):
        for item in ("x" * number, [10 ** min(number, 4200)]):
            assert decode_in_steps(json.dumps([item, 1]).encode()) == [item, 1]
    monkeypatch.setattr(decoding, "MAX_ITEMS", 4998)
    cut = decode_in_steps(json.dumps([1, long, 2]).encode(), 100)
    assert cut == [1, {"a": long["a"], "b": [1, {"c": [2] * 4999}]}]


def test_four_hundred_thousand_devices() -> None:
    """Of a list of any length, what is left out is not even decoded."""
    body = b"[" + b",".join(b'{"id":"%09d"}' % number for number in range(441_500))
    found = decode_in_steps(body, 200)
    assert len(found) == 201


@RELAXED
@given(JSON, st.sampled_from([None, 2]))
def test_both_ways_agree(value: Any, indent: int | None) -> None:
    """Whatever JSON it is, in steps it is the same."""
    body = json.dumps(value, indent=indent, allow_nan=True).encode()
    assert decode_in_steps(body, 100) == decode(body)


@RELAXED
@given(st.binary(max_size=50))
def test_any_bytes_are_survived(body: bytes) -> None:
    """Bytes are JSON or a ValueError."""
    for read in (decode, lambda found: decode_in_steps(found, 100)):
        try:
            read(body)
        except ValueError:
            continue
