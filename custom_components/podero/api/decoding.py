"""Decoding of JSON that may be slightly invalid, without blocking other threads for long."""

import codecs
import json
import re
from typing import Any

import orjson

STEP = 64 * 1024
"""Bytes that are made characters at once."""
WINDOW = 4096
"""Characters that are decoded at once, unless they are one long text."""
MAX_ITEMS = 100_000
"""Items of a list that are decoded; more than a year has quarters of an hour."""

_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATES = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|(?P<lone>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
"""Escaped backslashes and pairs of surrogates, which stay, and surrogates that are alone."""

_decoder = json.JSONDecoder(parse_constant=lambda _: None)

_CUT = -1
"""The end of a value that was not read to its end."""


def decode(body: bytes) -> Any:
    """Decode a body, None when it is empty.

    Raises ValueError when it is not JSON. A byte-order mark is skipped; NaN and
    Infinity become null, surrogates that are alone "?", bytes that are no UTF-8 U+FFFD.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        text = _text(body)
    try:
        return _decoder.decode(text) if text.strip() else None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def decode_in_steps(body: bytes, most: int = MAX_ITEMS) -> Any:
    """Decode a large body as decode does, in a thread of its own, item by item.

    A decoder written in C keeps all other threads waiting until it is done, so it is
    given no more than a WINDOW at a time. Of lists that are in no other list no more than
    `most` + 1 items are read, of others MAX_ITEMS + 1; then what follows is left out.
    """
    text = _text(body)
    if (at := _after_space(text, 0)) == len(text):
        return None
    try:
        found, at = _value(text, at, most)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if at != _CUT and _after_space(text, at) != len(text):
        raise ValueError("more than one value")
    return found


def _text(body: bytes) -> str:
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    text = "".join(
        decoder.decode(body[at : at + STEP]) for at in range(0, len(body), STEP)
    ) + decoder.decode(b"", final=True)
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATES.sub(_without_lone, text)
    return text


def _without_lone(found: re.Match[str]) -> str:
    return r"\u003f" if found["lone"] else found[0]


def _value(text: str, at: int, most: int) -> tuple[Any, int]:
    """Read the value that starts at a position; returns it with the position of its end."""
    match text[at : at + 1]:
        case "{":
            return _object(text, at, most)
        case "[":
            return _list(text, at, most)
    return _decoder.raw_decode(text, at)


def _object(text: str, at: int, most: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _after_space(text, at + 1)
    while text[at : at + 1] != "}":
        if found:
            at = _after_mark(text, at, ",")
        if text[at : at + 1] != '"':
            raise ValueError("the name of a field is not a text")
        key, at = _decoder.raw_decode(text, at)
        found[key], at = _value(text, _after_mark(text, at, ":"), most)
        if at == _CUT:
            return found, _CUT
        at = _after_space(text, at)
    return found, at + 1


def _list(text: str, at: int, most: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _after_space(text, at + 1)
    while text[at : at + 1] != "]":
        if len(found) > most:
            return found, _CUT
        if found:
            at = _after_mark(text, at, ",")
        item, at = _item(text, at)
        found.append(item)
        if at == _CUT:
            return found, _CUT
        at = _after_space(text, at)
    return found, at + 1


def _item(text: str, at: int) -> tuple[Any, int]:
    window = text[at : at + WINDOW]
    try:
        item, length = _decoder.raw_decode(window)
    except ValueError:
        length = WINDOW
    if length < WINDOW:
        return item, at + length
    # It is longer, or wrong.
    return _value(text, at, MAX_ITEMS)


def _after_space(text: str, at: int) -> int:
    # Always matches, at least the empty text.
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _after_mark(text: str, at: int, mark: str) -> int:
    at = _after_space(text, at)
    if text[at : at + 1] != mark:
        raise ValueError(f"{mark!r} is missing")
    return _after_space(text, at + 1)
