"""What a text, a number, a time, an id and an amount of things may be.

Judged once, where JSON becomes a model: a field's type names its quantity, and the
quantity brings the function that reads it. Nothing here raises; what is not of the
quantity, or beyond what it can be, is None.
"""

from collections.abc import Callable
from datetime import UTC, datetime, time
from enum import StrEnum
import logging
import re
from typing import Annotated, Any
from uuid import UUID

from . import values

MAX_TEXT = 255
MAX_CODE = 64
"""Of one word of a list: the longest list of them still fits into a state's attributes, 16 KiB."""
MAX_UNIT = 32
"""A longer text is no unit."""
MAX_MESSAGE = 2000
MAX_URL = 2048

FIRST_YEAR = 1970
LAST_YEAR = 2200

MAX_ACTIONS = 50
"""Actions of one device."""
MAX_DEVICES = 200
"""Devices of one kind in a household."""
MAX_PAGES = 100
MAX_SESSIONS = 20_000
"""Sessions in one answer or in all its pages, and so the decisions and commands of one session."""
MAX_USERS = 10_000

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEXADECIMAL = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}"
)


def line(most: int) -> Callable[[Any], str | None]:
    """Make the reader of texts of one line: no control characters, at most `most` characters.

    White space of any kind becomes a blank, what cannot be seen (controls, marks of
    direction, joiners of no width) goes, a longer text ends in "…". Numbers become
    text, a blank text is None.
    """

    def read(value: object) -> str | None:
        if (found := values.text(value)) is None:
            return None
        if not found.isprintable():
            # More than is kept, for some of it may go.
            found = "".join(
                mark if mark.isprintable() else " " if mark.isspace() else ""
                for mark in found[: 8 * most]
            )
        found = found.strip()
        if len(found) > most:
            found = f"{found[: most - 1].rstrip()}…"
        return found or None

    return read


parse_text = line(MAX_TEXT)
parse_message = line(MAX_MESSAGE)
_parse_code = line(MAX_CODE)


def parse_url(value: object) -> str | None:
    """Read an address: without blanks and controls, at most MAX_URL characters; whether it may be followed is not judged here."""
    if not isinstance(value, str):
        return None
    found = value.strip()
    good = found.isprintable() and " " not in found and len(found) <= MAX_URL
    return found or None if good else None


def parse_uuid(value: object) -> str | None:
    """Read an id in its canonical form: 32 hexadecimal digits in lower case, with hyphens."""
    if not isinstance(value, str):
        return None
    if _UUID.fullmatch(value):
        return value
    found = value.strip().lower()
    return str(UUID(found)) if _HEXADECIMAL.fullmatch(found) else None


def parse_datetime(value: object) -> datetime | None:
    """Read an ISO 8601 time as an aware UTC time; without an offset it is UTC.

    Outside of FIRST_YEAR..LAST_YEAR it is None: the years 1 and 9999 stand for never.
    """
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip().upper())
        found = (
            found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        )
    except ValueError, OverflowError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def parse_time(value: object) -> time | None:
    """Read a time of day such as "06:00:00"; an offset is dropped, for Podero means the wall clock."""
    if not isinstance(value, str):
        return None
    try:
        return time.fromisoformat(value.strip().upper()).replace(tzinfo=None)
    except ValueError:
        return None


def parse_enum[E: StrEnum](
    kind: type[E], fallback: E | None = None
) -> Callable[[Any], E | None]:
    """Make the reader of an enumeration, in any case of letters; unknown words become `fallback` and are logged once."""
    known = {member.value: member for member in kind}
    folded = {member.value.casefold(): member for member in kind}

    def read(value: object) -> E | None:
        if (word := parse_text(value)) is None:
            return None
        if (member := known.get(word) or folded.get(word.casefold())) is None:
            values.log_once(
                logging.INFO,
                "Podero sent %r, which this version does not know as a %s",
                word[:80],
                kind.__name__,
            )
            return fallback
        return member

    return read


def real(least: float, most: float) -> Callable[[Any], float | None]:
    """Make the reader of numbers from `least` to `most`; -0.0 is 0.0."""

    def read(value: Any) -> float | None:
        kind = type(value)
        if kind is not float and kind is not int:
            if (value := values.number(value)) is None:
                return None
        return value + 0.0 if least <= value <= most else None

    return read


def whole(least: int, most: int) -> Callable[[Any], int | None]:
    """Make the reader of whole numbers from `least` to `most`; a fraction is rounded."""
    read_real = real(least, most)

    def read(value: Any) -> int | None:
        if type(value) is int:
            return value if least <= value <= most else None
        found = read_real(value)
        return None if found is None else round(found)

    return read


def parse_time_or_datetime(value: object) -> time | datetime | None:
    """Read a time of day, or a date with one."""
    return parse_time(value) or parse_datetime(value)


def parse_word(value: object) -> str | None:
    """Read a word whose case varies, in lower case."""
    found = parse_text(value)
    return found and found.casefold()


def parse_words(value: object) -> tuple[str, ...]:
    """Read a list of words or codes, at most MAX_ACTIONS of them; what is none is left out."""
    found = values.items(value) or []
    return tuple(filter(None, map(_parse_code, found[:MAX_ACTIONS])))


type Text = Annotated[str, parse_text]
type Message = Annotated[str, parse_message]
type Word = Annotated[str, parse_word]
type Words = Annotated[tuple[str, ...], parse_words]
type Url = Annotated[str, parse_url]
type Uuid = Annotated[str, parse_uuid]

type Watts = Annotated[float, real(-1e7, 1e7)]
type WholeWatts = Annotated[int, whole(-10_000_000, 10_000_000)]
type Kilowatts = Annotated[float, real(-1e4, 1e4)]
type KilowattHours = Annotated[float, real(-1e9, 1e9)]
type Amperes = Annotated[float, real(-1e5, 1e5)]
type Percent = Annotated[float, real(-1000, 1000)]
type WholePercent = Annotated[int, whole(-1000, 1000)]
type Euro = Annotated[float, real(-1e9, 1e9)]
type Money = Annotated[float, real(-1e9, 1e9)]
"""An amount of a currency that stands elsewhere."""
type Price = Annotated[float, real(-1e9, 1e9)]
"""Money for an amount of energy, both named elsewhere or not at all."""
type Celsius = Annotated[float, real(-273.15, 1000)]
type Kelvin = Annotated[float, real(-1000, 1000)]
"""A difference of temperatures."""
type Seconds = Annotated[int, whole(0, 10 * 366 * 86400)]
type Kilometers = Annotated[int, whole(0, 100_000)]
type Meters = Annotated[float, real(0, 1e8)]
type Latitude = Annotated[float, real(-90, 90)]
type Longitude = Annotated[float, real(-180, 180)]
type Ratio = Annotated[float, real(-1000, 1000)]
type Number = Annotated[float, real(-1e15, 1e15)]
"""A number of a unit that is not documented."""
type Count = Annotated[int, whole(0, 10**15)]
type Year = Annotated[int, whole(1900, LAST_YEAR)]
