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

# The first match counts.
_TRANSLATION_KEYS: tuple[tuple[type[PoderoError], str], ...] = (
    (PoderoAuthenticationError, "invalid_auth"),
    (PoderoPermissionError, "no_access"),
    (PoderoNotFoundError, "not_found"),
    (PoderoRateLimitedError, "rate_limited"),
    (PoderoConnectionError, "cannot_connect"),
    (PoderoError, "bad_response"),
)


def translation_key(err: PoderoError) -> str:
    """Return the translation key of this error under `exceptions`."""
    return next(key for kind, key in _TRANSLATION_KEYS if isinstance(err, kind))


def update_failed(err: PoderoError) -> UpdateFailed:
    """Return what a coordinator has to raise.

    Any error may be temporary, so polling continues after the pause that Podero asked
    for, or the one that follows refused credentials. The account asks to sign in again.
    The text is shown in logs and attributes, so it does not contain the body.
    """
    retry_after = err.retry_after
    if retry_after is not None:
        # Requests that waited for the same time must not be sent in the same second.
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
