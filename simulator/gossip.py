"""Errors that say more than they should: names, telephone numbers, places, links and tokens."""

from collections.abc import Mapping

from aiohttp import hdrs, web

from .household import Household

LINK = "https://app.podero.com/accounts/reset/?secret=7f3c9a5e2b"
PHONE = "+44 7700 900123"
"""From the numbers that are kept free for films."""


def pieces(household: Household) -> tuple[str, ...]:
    """Return what an error tells of a household, piece by piece."""
    person, place = household.template.person, household.place
    return (
        f"{person.first_name} {person.last_name}",
        household.email,
        PHONE,
        f"{place.latitude}, {place.longitude}",
        LINK,
    )


def add(body: Mapping[str, object], text: str) -> dict[str, object]:
    """Return an error's body that says a text besides."""
    told = dict(body)
    for name in ("detail", "error"):
        value = told.get(name)
        if isinstance(value, str) and (name == "detail" or " " in value):
            told[name] = f"{value}: {text}"
    return told | {"message": text}


async def tokens_of(request: web.Request) -> list[str]:
    """Return what a request has of tokens and passwords, as it sent them."""
    sent = [request.headers.get(hdrs.AUTHORIZATION, "")]
    if "token" in request.path:
        sent.append(await request.text())
    return [text for text in sent if text]
