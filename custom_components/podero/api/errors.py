"""The errors of the client.

The text of an error names the request (method and path, never the query), the kind of
problem and the status, so it may be logged and stored anywhere. What the answer's body
said about the reason is kept apart, in `detail`: it may name a person or a place.
"""


class PoderoError(Exception):
    """Base of all errors of the client.

    Attributes:
        request: What was asked, as "GET /api/partners/v2.0/org/...".
        status: The HTTP status of the answer, None when there was none.
        detail: What the body said, one line of at most 200 characters without what is
            secret; for dialogs of administrators and for debug logs only.
        retry_after: Seconds until it makes sense to ask again: what Podero asked for (at
            most 3600), or the wait after refused credentials (at most 21600). None when
            neither is known.

    """

    def __init__(
        self,
        request: str,
        problem: str,
        *,
        status: int | None = None,
        detail: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        """Build the text from the request and the problem in words, without the detail."""
        super().__init__(f"{request}: {problem}")
        self.request = request
        self.status = status
        self.detail = detail
        self.retry_after = retry_after


class PoderoAuthenticationError(PoderoError):
    """The credentials were refused, or a token fresh from the token endpoint was."""


class PoderoPermissionError(PoderoError):
    """The credentials are good, but do not reach this resource (403)."""


class PoderoNotFoundError(PoderoError):
    """There is no such resource, or no longer (404, 410)."""


class PoderoRateLimitedError(PoderoError):
    """Podero asked for a pause (429), or the pause it asked for is still running."""


class PoderoConnectionError(PoderoError):
    """No complete answer: name resolution, refusal, TLS, time-out or a body cut short."""


class PoderoResponseError(PoderoError):
    """An answer that cannot be used: server error, redirect, not JSON, wrong shape, too large."""


class PoderoBadRequestError(PoderoResponseError):
    """Podero did not accept what was asked (400, 422)."""


class PoderoConflictError(PoderoResponseError):
    """The device's state forbids what was asked (409).

    Attributes:
        state: The state that Podero named, such as "ongoing" for a boost.
        reason: The reason that Podero named, such as "fully_charged".

    """

    state: str | None = None
    reason: str | None = None
