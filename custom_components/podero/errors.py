"""Podero's errors as Home Assistant's: translated, and with the right consequence."""

from homeassistant.exceptions import ConfigEntryAuthFailed, HomeAssistantError
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


def update_failed(err: PoderoError) -> ConfigEntryAuthFailed | UpdateFailed:
    """Return what a coordinator has to raise.

    Only refused credentials ask the user to sign in again; everything else may
    pass by itself and is tried again, after as long as Podero asked for.
    """
    key = translation_key(err)
    placeholders = {"error": str(err)}
    if isinstance(err, PoderoAuthenticationError):
        return ConfigEntryAuthFailed(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=placeholders,
        )
    return UpdateFailed(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
        retry_after=err.retry_after,
    )


def command_failed(err: PoderoError) -> HomeAssistantError:
    """Return what an action or a command has to raise."""
    return HomeAssistantError(
        translation_domain=DOMAIN,
        translation_key=translation_key(err),
        translation_placeholders={"error": str(err)},
    )
