"""One exchange over HTTP: send, read within limits, and turn what goes wrong into the client's errors."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
import html
import json
import logging
import re
import time
from typing import Any

import aiohttp
from yarl import URL

from . import values
from .errors import (
    PoderoAuthenticationError,
    PoderoBadRequestError,
    PoderoConflictError,
    PoderoConnectionError,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PoderoRateLimitedError,
    PoderoResponseError,
)

LOGGER = logging.getLogger(__package__)

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
MAX_BODY = 8 * 1024 * 1024
MAX_DETAIL = 200
MAX_READ = 8192
"""Characters of an unexpected page that are looked at for something to say."""
DEFAULT_PAUSE = 60.0
"""Seconds of silence after a 429 that does not say how long."""
MAX_PAUSE = 3600.0

DETAIL_KEYS = ("detail", "error", "reason", "message")

_ERRORS: Mapping[int, type[PoderoError]] = {
    400: PoderoBadRequestError,
    401: PoderoAuthenticationError,
    403: PoderoPermissionError,
    404: PoderoNotFoundError,
    409: PoderoConflictError,
    410: PoderoNotFoundError,
    422: PoderoBadRequestError,
    429: PoderoRateLimitedError,
}

_NOT_TEXT = re.compile(
    r"<(script|style|head)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_PRIVATE = (
    re.compile(r"[\w.%+-]+@[\w.-]*\w"),
    re.compile(
        r"(?<=secret=)[^\s&\"']+|(?<=token=)[^\s&\"']+|(?<=Bearer )\S+|(?<=Basic )\S+",
        re.IGNORECASE,
    ),
    re.compile(r"\b(?=\w*\d)(?=\w*[A-Za-z])\w{24,}\b"),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A complete answer.

    Attributes:
        request: What was asked, as errors name it.
        hidden: The secrets that went out with the request, kept from every message.

    """

    request: str
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    hidden: Collection[str] = field(repr=False)

    def json(self) -> Any:
        """Decode the body, None when it is empty.

        Raises PoderoResponseError when it is not JSON. A byte-order mark is skipped.
        NaN and Infinity become null, lone surrogates "?".
        """
        if not self.body.strip():
            return None
        try:
            return _decode(self.body.decode("utf-8-sig", "replace"))
        except ValueError, RecursionError:
            raise PoderoResponseError(
                self.request,
                "the answer is not JSON",
                status=self.status,
                detail=self.detail(),
            ) from None

    def detail(self) -> str | None:
        """Say what the body says in one short line, None when it says nothing; without markup and secrets."""
        said = self.body.decode("utf-8-sig", "replace")
        try:
            said = next(_reasons(_decode(said)), "")
        except ValueError, RecursionError:
            said = html.unescape(_NOT_TEXT.sub(" ", said[:MAX_READ]))
        return clean(said, self.hidden) or None

    def error(self) -> PoderoError:
        """Build the error that the status stands for."""
        kind = _ERRORS.get(self.status, PoderoResponseError)
        pause = retry_after(self.headers.get("Retry-After"))
        if self.status == 429 and pause is None:
            pause = DEFAULT_PAUSE
        moved = (
            ", a redirect, which is not followed" if 300 <= self.status < 400 else ""
        )
        error = kind(
            self.request,
            f"answered {self.status}{moved}",
            status=self.status,
            detail=self.detail(),
            retry_after=pause if self.status >= 400 else None,
        )
        if isinstance(error, PoderoConflictError):
            found = self.object()
            error.state, error.reason = (
                clean(values.text(found.get(key)) or "", self.hidden) or None
                for key in ("state", "reason")
            )
        return error

    def object(self) -> dict[str, Any]:
        """Decode an object; an empty one when the body is anything else."""
        try:
            return values.mapping(self.json())
        except PoderoResponseError:
            return {}


async def exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    *,
    headers: Mapping[str, str],
    json_body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    hidden: Collection[str] = (),
) -> Answer:
    """Send one request and read the whole answer, whatever its status; redirects are not followed.

    Raises PoderoConnectionError without a complete answer (10 s to connect, 30 s in
    all), PoderoResponseError for a body over 8 MiB.
    """
    request = f"{method} {url.raw_path}"
    hidden = (*hidden, url.query.get("secret", ""))
    started = time.monotonic()
    try:
        async with session.request(
            method,
            url,
            headers={"Accept": "application/json", **headers},
            json=json_body,
            data=form,
            allow_redirects=False,
            timeout=TIMEOUT,
        ) as response:
            body = await _read(response, request)
    except TimeoutError:
        raise _unreachable(request, "no answer in time", None, started) from None
    except (aiohttp.ClientError, OSError) as err:
        detail = clean(f"{type(err).__name__}: {err}", hidden)
        raise _unreachable(request, "no complete answer", detail, started) from None
    LOGGER.debug(
        "%s answered %s with %s bytes after %.3f s",
        request,
        response.status,
        len(body),
        time.monotonic() - started,
    )
    return Answer(
        request=request,
        status=response.status,
        headers=response.headers,
        body=body,
        hidden=hidden,
    )


def clean(said: str, hidden: Collection[str] = ()) -> str:
    """Make a text fit for a message: one short line, without the hidden words, e-mail addresses and tokens."""
    said = " ".join(said[:MAX_READ].split())
    for word in sorted(filter(None, hidden), key=len, reverse=True):
        said = said.replace(word, "***")
    for pattern in _PRIVATE:
        said = pattern.sub("***", said)
    return said if len(said) <= MAX_DETAIL else f"{said[:MAX_DETAIL]}..."


def retry_after(value: str | None) -> float | None:
    """Read a Retry-After header, seconds or a date, as seconds (at most an hour); None for the past and for junk."""
    if value is None:
        return None
    if (seconds := values.number(value)) is None:
        try:
            moment = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (
            moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)
        ).total_seconds()
    return min(seconds, MAX_PAUSE) if seconds > 0 else None


async def _read(response: aiohttp.ClientResponse, request: str) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(65536):
        body += chunk
        if len(body) > MAX_BODY:
            response.close()
            raise PoderoResponseError(
                request, "the answer is larger than 8 MiB", status=response.status
            )
    return bytes(body)


def _unreachable(
    request: str, problem: str, detail: str | None, started: float
) -> PoderoConnectionError:
    error = PoderoConnectionError(request, problem, detail=detail)
    LOGGER.debug("%s after %.3f s", error, time.monotonic() - started)
    return error


def _decode(said: str) -> Any:
    decoded = json.loads(said, parse_constant=lambda _: None)
    if _LONE_SURROGATE.search(said):
        plain = json.dumps(decoded, ensure_ascii=False).encode("utf-8", "replace")
        decoded = json.loads(plain, parse_constant=lambda _: None)
    return decoded


def _reasons(decoded: Any) -> Iterator[str]:
    """Yield what an error body says, best first: django-ninja's, OAuth's and Podero's own shapes."""
    match decoded:
        case str():
            yield decoded
        case list():
            yield "; ".join(
                reason for item in decoded[:5] for reason in _validation_reason(item)
            )
        case dict():
            for key in DETAIL_KEYS:
                if (found := decoded.get(key)) is not None and (
                    said := next(_reasons(found), "")
                ):
                    more = (
                        values.text(decoded.get("error_description"))
                        if key == "error"
                        else None
                    )
                    yield f"{said}: {more}" if more else said


def _validation_reason(item: Any) -> Iterator[str]:
    """Yield where and what of a validation error, but never the input that it echoes."""
    if isinstance(item, dict) and (said := values.text(item.get("msg"))):
        where = ".".join(str(part) for part in values.items(item.get("loc")) or [])
        yield f"{where}: {said}" if where else said
    else:
        yield from _reasons(item)
