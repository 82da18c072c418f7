"""The tolerant reading of JSON values whose meaning is not known here.

Nothing here raises: what cannot be read is None. What a value of a known meaning may
be is judged in bounds.py.
"""

import logging
import math
from typing import Any

LOGGER = logging.getLogger(__package__)

LIST_KEYS = ("items", "results", "data")
"""Where a list may be when a server wraps it in an object."""

MAX_LOGGED = 256
"""How many different observations are logged in the life of a process."""

_logged: set[tuple[object, ...]] = set()


def log_once(level: int, message: str, *args: object) -> None:
    """Log an observation that would repeat with every poll: the first time only, and no more than MAX_LOGGED of them."""
    key = (message, *args)
    if key not in _logged and len(_logged) < MAX_LOGGED:
        _logged.add(key)
        LOGGER.log(level, message, *args)


def number(value: object) -> float | None:
    """Read a finite number from a number or a numeric string; a boolean is not a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except ValueError, OverflowError:
        return None
    return result if math.isfinite(result) else None


def boolean(value: object) -> bool | None:
    """Read a boolean from true/false, "true"/"false" or 0/1."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    return None


def text(value: object) -> str | None:
    """Read a text of any length and content; numbers become text, a blank text is None."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return str(value)
        except ValueError:  # an integer of more than 4,300 digits
            return None
    return None


def mapping(value: object) -> dict[str, Any]:
    """Read a JSON object; anything else is an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any] | None:
    """Read a JSON array, bare or wrapped in an object under one of LIST_KEYS; None when there is none."""
    if isinstance(value, dict):
        value = next(
            (value[key] for key in LIST_KEYS if isinstance(value.get(key), list)), None
        )
    return value if isinstance(value, list) else None
