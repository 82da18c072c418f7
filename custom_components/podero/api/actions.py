"""What Podero asks a household to do: "actions", also called cues."""

from dataclasses import dataclass, field
from datetime import datetime
import logging

from . import values
from .bounds import (
    MAX_ACTIONS,
    parse_datetime,
    parse_message,
    parse_text,
    parse_url,
    parse_words,
)


@dataclass(frozen=True, kw_only=True)
class ResolutionLink:
    """Where an action is resolved. Its URL carries a secret that is good for an hour: never store, show or log it."""

    url: str = field(repr=False)
    required_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PendingAction:
    """What all kinds of actions have in common.

    Attributes:
        code: The kind in Podero's words.
        link: Where to resolve it; not compared, for its secret changes with every poll.

    """

    code: str
    link: ResolutionLink | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class ReauthenticateAction(PendingAction):
    """The household has to sign in at the manufacturer again."""


@dataclass(frozen=True, kw_only=True)
class InformationAction(PendingAction):
    """A message to the household."""

    message: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class UnknownAction(PendingAction):
    """An action of a kind that this version does not know."""


type Action = ReauthenticateAction | InformationAction | UnknownAction


def _link(value: object) -> ResolutionLink | None:
    found = values.mapping(value)
    if (url := parse_url(found.get("url"))) is None:
        return None
    return ResolutionLink(
        url=url, required_parameters=parse_words(found.get("required_parameters"))
    )


def _action(value: object) -> Action | None:
    found = values.mapping(value)
    if (code := parse_text(found.get("code"))) is None:
        return None
    link = _link(found.get("resolution_link"))
    match code:
        case "reauthenticate":
            return ReauthenticateAction(code=code, link=link)
        case "information":
            message = values.mapping(found.get("metadata")).get("message")
            return InformationAction(
                code=code,
                link=link,
                message=parse_message(message),
                sent_at=parse_datetime(found.get("sent_at")),
            )
        case _:
            return UnknownAction(code=code, link=link)


def parse_actions(value: object) -> tuple[Action, ...]:
    """Read a device's first MAX_ACTIONS actions; what is none is left out."""
    if not (found := values.items(value)):
        return ()
    if len(found) > MAX_ACTIONS:
        values.log_once(
            logging.WARNING,
            "Podero sent more than %s actions of one device; the rest is left out",
            MAX_ACTIONS,
        )
    return tuple(
        action for item in found[:MAX_ACTIONS] if (action := _action(item)) is not None
    )
