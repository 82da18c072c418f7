"""Podero's errors as Home Assistant's: translated, and with the right consequence."""

import random

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .api import (
    PoderoAuthenticationError,
    PoderoConnectionError,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PoderoRateLimitedError,
)
from .const import DOMAIN

RETURN_SPREAD = 60.0
"""Seconds over which everything comes back that a pause has kept waiting."""

# The first that fits counts.
_TRANSLATION_KEYS: tuple[tuple[type[PoderoError], str], ...] = (
    (PoderoAuthenticationError, "invalid_auth"),
    (PoderoPermissionError, "no_access"),
    (PoderoNotFoundError, "not_found"),
    (PoderoRateLimitedError, "rate_limited"),
    (PoderoConnectionError, "cannot_connect"),
    (PoderoError, "bad_response"),
)


def translation_key(err: PoderoError) -> str:
    """Return the key under `exceptions` that tells this error to a person."""
    return next(key for kind, key in _TRANSLATION_KEYS if isinstance(err, kind))


def update_failed(err: PoderoError) -> UpdateFailed:
    """Return what a coordinator has to raise.

    All of it may pass by itself, and is tried again after as long as Podero asked for,
    or as long as refused credentials are left alone; asking to sign in again is up to
    the account. The text ends up in logs and attributes, so the body is not in it.
    """
    retry_after = err.retry_after
    if retry_after is not None:
        # Requests that waited for the same moment must not return in the same second.
        retry_after += random.uniform(0, RETURN_SPREAD)
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders={"error": str(err)},
        retry_after=retry_after,
    )


def command_failed(err: PoderoError) -> HomeAssistantError:
    """Return what an action or a command has to raise, for the person who called it."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders={"error": error_text(err)},
    )


def error_text(err: PoderoError) -> str:
    """Return an error as a dialog shows it, with the reason that the answer gave."""
    return f"{err} ({err.detail})" if err.detail else str(err)
