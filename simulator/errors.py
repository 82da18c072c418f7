"""Answers that are errors, in the manner of the API's framework."""

from collections.abc import Mapping


class ApiError(Exception):
    """An answer other than success."""

    def __init__(
        self,
        status: int,
        body: Mapping[str, object],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Take status and JSON body."""
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}


def refused(status: int, detail: str) -> ApiError:
    """``{"detail": "..."}``."""
    return ApiError(status, {"detail": detail})


def not_found() -> ApiError:
    """Return a 404: there is no such thing, or not for this caller."""
    return refused(404, "Not Found")


def invalid(message: str, *where: str, kind: str = "value_error") -> ApiError:
    """422 with one complaint about the request."""
    return ApiError(
        422, {"detail": [{"type": kind, "loc": list(where), "msg": message}]}
    )


def bad_series(message: str) -> ApiError:
    """400 as the series endpoints give it."""
    return ApiError(400, {"error": message})
