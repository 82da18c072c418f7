"""What is made of decoded answers, one function for each form that an answer has.

They raise ShapeError for what has another form.
"""

import logging
from typing import Any

from . import values
from .access import ShapeError
from .bounds import MAX_SESSIONS
from .model import Identified, Listed, Model, parse_all
from .savings import Savings
from .series import Series
from .sessions import Session
from .solar import SolarSessionDetail


def build_object[M: Model](kind: type[M], decoded: Any) -> M:
    """Build what has no id of its own."""
    return _expect(kind.parse(decoded), "an object")


def build_named[M: Identified](kind: type[M], asked_id: str, decoded: Any) -> M:
    """Build what was asked for by its id; where the answer names none, it has that one."""
    found = _expect(decoded if isinstance(decoded, dict) else None, "an object")
    if found.get("id") is None:
        found = {**found, "id": asked_id}
    model = kind.parse(found)
    return _expect(
        model if model and model.id == asked_id else None, "what was asked for"
    )


def build_list[M: Listed](kind: type[M], what: str, most: int, decoded: Any) -> list[M]:
    """Build the first `most` items of a list; `what` they are is for the log."""
    found = _expect(values.items(decoded), "a list")
    if len(found) > most:
        log_left_out(what, most)
    return parse_all(kind, found, most)


def build_page[M: Listed](
    kind: type[M], decoded: Any
) -> tuple[int, float | None, list[M]]:
    """Build a page of a longer list; returns its length, how many items there are in all, and the items."""
    found = _expect(values.items(decoded), "a list of sessions")
    total = values.number(values.mapping(decoded).get("total"))
    return len(found), total, parse_all(kind, found, MAX_SESSIONS)


def build_series(decoded: Any) -> Series:
    """Build an inverter's past."""
    return _expect(Series.parse(decoded), "a series")


def build_savings(decoded: Any) -> Savings:
    """Build what steering saved."""
    return _expect(Savings.parse(decoded), "savings")


def build_current_session(decoded: Any) -> Session | None:
    """Build the session under way, bare or as the `session` of an object; one without an id is called "current"."""
    found = _object_or_null(decoded)
    session = found.get("session", found if "plug_in_time" in found else None)
    if isinstance(session, dict) and session.get("id") is None:
        session = {**session, "id": "current"}
    return Session.parse(session)


def build_current_solar_session(decoded: Any) -> SolarSessionDetail | None:
    """Build the solar session under way."""
    return SolarSessionDetail.parse(_object_or_null(decoded))


def build_solar_session(asked_id: int, decoded: Any) -> SolarSessionDetail:
    """Build the solar session that was asked for by its id."""
    found = _expect(SolarSessionDetail.parse(decoded), "a solar session")
    return _expect(
        found if found.session.id == asked_id else None, "what was asked for"
    )


def log_left_out(what: str, most: int) -> None:
    """Log that there were more things of a kind than are looked at."""
    values.log_once(
        logging.WARNING, "Podero sent more than %s %s; the rest is left out", most, what
    )


def _object_or_null(decoded: Any) -> dict[str, Any]:
    found = {} if decoded is None else decoded
    return _expect(found if isinstance(found, dict) else None, "an object")


def _expect[T](found: T | None, what: str) -> T:
    if found is None:
        raise ShapeError(what)
    return found
