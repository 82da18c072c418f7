"""The tolerant reading of single JSON values.

Podero declares many numbers as `number | string | null`, and fields come and go between
versions. Nothing here raises: what cannot be read is None.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from enum import StrEnum
from functools import lru_cache
import logging
import math
from typing import Any

LOGGER = logging.getLogger(__package__)

LIST_KEYS = ("items", "results", "data")
"""Where a list may hide when a server wraps it in an object."""


def number(value: object) -> float | None:
    """Read a finite number from a number or a numeric string; a boolean is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except ValueError, OverflowError:
        return None
    return result if math.isfinite(result) else None


def integer(value: object) -> int | None:
    """Read a whole number; a fraction is rounded."""
    result = number(value)
    return None if result is None else round(result)


def boolean(value: object) -> bool | None:
    """Read a boolean from true/false, "true"/"false" or 0/1."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return None


def text(value: object) -> str | None:
    """Read a text; numbers become text, a blank text says nothing and is None."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def moment(value: object) -> datetime | None:
    """Read an ISO 8601 time as an aware UTC time; without an offset it is UTC, the year 1 means never."""
    if not isinstance(value, str):
        return None
    try:
        result = datetime.fromisoformat(value.strip().upper())
        result = (
            result.replace(tzinfo=UTC)
            if result.tzinfo is None
            else result.astimezone(UTC)
        )
    except ValueError, OverflowError:
        return None
    return result if result.year > 1 else None


def clock(value: object) -> time | None:
    """Read a time of day such as "06:00:00"; an offset is dropped, for Podero means the wall clock."""
    if not isinstance(value, str):
        return None
    try:
        return time.fromisoformat(value.strip().upper()).replace(tzinfo=None)
    except ValueError:
        return None


def choice[E: StrEnum](
    kind: type[E], fallback: E | None = None
) -> Callable[[object], E | None]:
    """Make the reader of one enumeration; values that it does not know become the fallback and are logged once."""
    known = {member.value.casefold(): member for member in kind}

    def read(value: object) -> E | None:
        if (word := text(value)) is None:
            return None
        if (member := known.get(word.strip().casefold())) is None:
            _report_unknown(kind.__name__, word[:80])
            return fallback
        return member

    return read


@lru_cache(maxsize=256)
def _report_unknown(kind: str, value: str) -> None:
    """Log an unknown value; the cache is what keeps it to once."""
    LOGGER.info("Podero sent %r, which this version does not know as a %s", value, kind)


def mapping(value: object) -> dict[str, Any]:
    """Read a JSON object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any] | None:
    """Read a JSON array, bare or wrapped in an object under one of LIST_KEYS; None when there is none."""
    if isinstance(value, Mapping):
        value = next(
            (value[key] for key in LIST_KEYS if isinstance(value.get(key), list)), None
        )
    return value if isinstance(value, list) else None
