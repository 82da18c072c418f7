"""What Podero asks a household to do: "actions", also called cues."""

from dataclasses import dataclass, field
from datetime import datetime

from . import values


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
    """Something of a kind that this version does not know."""


type Action = ReauthenticateAction | InformationAction | UnknownAction


def _link(value: object) -> ResolutionLink | None:
    found = values.mapping(value)
    if (url := values.text(found.get("url"))) is None:
        return None
    names = values.items(found.get("required_parameters")) or []
    return ResolutionLink(
        url=url, required_parameters=tuple(filter(None, map(values.text, names)))
    )


def _action(value: object) -> Action | None:
    found = values.mapping(value)
    if (code := values.text(found.get("code"))) is None:
        return None
    link = _link(found.get("resolution_link"))
    match code:
        case "reauthenticate":
            return ReauthenticateAction(code=code, link=link)
        case "information":
            message = values.text(values.mapping(found.get("metadata")).get("message"))
            return InformationAction(
                code=code,
                link=link,
                message=message,
                sent_at=values.moment(found.get("sent_at")),
            )
        case _:
            return UnknownAction(code=code, link=link)


def parse_actions(value: object) -> tuple[Action, ...]:
    """Read a device's actions; what is none is left out."""
    return tuple(
        action
        for item in values.items(value) or []
        if (action := _action(item)) is not None
    )
