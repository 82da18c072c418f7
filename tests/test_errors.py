"""Podero's errors as Home Assistant's."""

import pytest

from custom_components.podero.api import (
    PoderoAuthenticationError,
    PoderoConnectionError,
    PoderoError,
    PoderoRateLimitedError,
)
from custom_components.podero.errors import command_failed, error_text, update_failed
from homeassistant.core import HomeAssistant


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (PoderoAuthenticationError, "invalid_auth"),
        (PoderoConnectionError, "cannot_connect"),
        (PoderoError, "bad_response"),
    ],
)
async def test_where_the_body_is_shown(
    hass: HomeAssistant, kind: type[PoderoError], key: str
) -> None:
    """A dialog has what the body said; a poll, which ends in logs and attributes, has not."""
    err = kind("GET /x", "answered 400", status=400, detail="Ada may not")
    poll, command = update_failed(err), command_failed(err)
    assert poll.translation_key == command.translation_key == key
    assert poll.translation_placeholders == {"error": "GET /x: answered 400"}
    assert command.translation_placeholders == {
        "error": "GET /x: answered 400 (Ada may not)"
    }
    assert poll.retry_after is None


def test_without_a_body() -> None:
    """An error that nothing more is known of is shown as it is."""
    assert error_text(PoderoError("GET /x", "answered 500")) == "GET /x: answered 500"


def test_not_all_come_back_at_once() -> None:
    """What waited for the end of one pause comes back spread over a minute, and never too early."""
    err = PoderoRateLimitedError("GET /x", "answered 429", retry_after=120)
    waits = [update_failed(err).retry_after or 0 for _ in range(500)]
    assert min(waits) >= 120
    assert max(waits) <= 180
    # No second holds more than a twentieth of them.
    seconds = [int(wait) for wait in waits]
    assert max(map(seconds.count, seconds)) <= 25
