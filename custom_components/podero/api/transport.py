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
MAX_AT_ONCE = 64 * 1024
"""Bytes of an answer that is read in the event loop; a longer one is data, no error and no token.

Of the shortest items there are, these are some 6,000, which take 20 ms.
"""
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

_LONE_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")

# The patterns below read what anybody may have sent. Each takes time in proportion to the
# length of the text: runs are possessive, and looked at from their beginning only.
_TAG = re.compile(r"<(?P<name>/?[a-z][a-z0-9]*+)?+[^<>]*+>", re.IGNORECASE)
_HIDDEN_ELEMENTS = frozenset({"head", "script", "style"})
_HUGE_REFERENCE = re.compile(r"&#\w{8,}+;?")
"""No character has such a number, and Python refuses to read one of 4,300 digits."""

_PRIVATE = re.compile(
    r"""
      (?P<public>
          # Ids and times help to find a mistake and are not personal.
          (?<![\w-]) [0-9a-f]{8} (?: -[0-9a-f]{4} ){3} -[0-9a-f]{12} (?![\w-])
        | (?<![\w.-]) \d{4}-\d\d-\d\d (?: [T ]\d\d:\d\d (?: :\d\d (?: \.\d{1,6} )? )? )?
          (?: Z | [+-]\d\d:?\d\d )? (?![\w.:-])
      )
    # Links
    | (?<![a-z0-9+.-]) [a-z][a-z0-9+.-]*+ ://\S++
    | (?<!\w) www\.\S++
    # E-mail addresses
    | (?<![\w.%+-]) [\w.%+-]++ @ [\w.-]*+
    # The value after a name: secret=..., "token": "...", latitude: 47.1
    | (?P<name> = | ["'][ ]?:[ ]? | \b(?: bearer | basic )[ ] | \b l(?:at|on|ng)[a-z]*+ : [ ]? )
      ["']?+ [^\s&"',;}]++
    # Two decimal numbers, one after the other, or one that is precise: coordinates
    | (?<![\w.]) -?\d{1,3}\.\d{1,20} [ ]?[,;/ ][ ]? -?\d{1,3}\.\d++
    | (?<![\w.]) -?\d{1,3} (?: [.,]\d{4,}+ | °[ ]?\d\S*+ )
    # Telephone numbers, and all others of at least seven digits
    | (?<!\w) [+(]? \d (?: [ ()/.-]{0,2} \d ){6,}+ \w*+
    # Words that may be tokens, to be judged by is_token_like()
    | (?P<word> (?<![\w+/.~%-]) [\w+/.~%-]{16,}+ ={0,2} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
MAX_WORD = 40
"""Characters of the longest word that is believed to be one."""


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

        Raises PoderoResponseError when it is not JSON, or longer than MAX_AT_ONCE. A
        byte-order mark is skipped. NaN and Infinity become null, lone surrogates "?".
        """
        if len(self.body) > MAX_AT_ONCE:
            raise PoderoResponseError(
                self.request, "the answer is too long", status=self.status
            )
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
        said = self.body[:MAX_AT_ONCE].decode("utf-8-sig", "replace")
        try:
            # Of a long one nothing but a page can be read without the end.
            if len(self.body) > MAX_AT_ONCE and said.lstrip().startswith(
                ("{", "[", '"')
            ):
                return None
            said = next(_reasons(_decode(said)), "")
        except ValueError, RecursionError:
            said = _visible_text(said[:MAX_READ])
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
    """Send one request and read the whole answer, of any status; redirects are not followed.

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
        problem = f"no complete answer ({type(err).__name__})"
        detail = clean(str(err), hidden) or None
        raise _unreachable(request, problem, detail, started) from None
    LOGGER.debug(
        "%s answered %s with %s bytes after %.3f s",
        request,
        response.status,
        len(body),
        time.monotonic() - started,
    )
    answer = Answer(
        request=request,
        status=response.status,
        headers=response.headers,
        body=body,
        hidden=hidden,
    )
    if answer.status >= 400 and LOGGER.isEnabledFor(logging.DEBUG):
        LOGGER.debug("%s was refused: %s", request, answer.detail())
    return answer


def clean(said: str, hidden: Collection[str] = ()) -> str:
    """Make a text fit for a dialog: one line of at most 200 characters, without what is secret or personal.

    That is the `hidden` words, links, e-mail addresses, telephone numbers, coordinates,
    what follows "name=", and whatever may be a token. Names of people cannot be told from
    other words. Takes time in proportion to the length, of which 8192 characters count.
    """
    is_cut = len(said) > MAX_READ
    said = "".join(
        letter if letter.isprintable() else " " for letter in said[:MAX_READ]
    )
    if is_cut:
        # The last word could be half of a hidden one.
        said = said.rpartition(" ")[0]
    for word in sorted(filter(None, hidden), key=len, reverse=True):
        said = said.replace(word, "***")
    said = _PRIVATE.sub(_censored, " ".join(said.split()))
    return said if len(said) <= MAX_DETAIL else f"{said[: MAX_DETAIL - 3]}..."


def is_token_like(word: str) -> bool:
    """Tell whether a long word is more likely a token than a word.

    Tokens are drawn from digits and letters of both cases; "unsupported_grant_type" is not.
    """
    letters = [letter for letter in word if letter.isalpha()]
    return (
        len(word) > MAX_WORD
        or any(letter.isdigit() for letter in word)
        or len({letter.isupper() for letter in letters[1:]}) > 1
    )


def _censored(found: re.Match[str]) -> str:
    if found["public"] or (found["word"] and not is_token_like(found["word"])):
        return found[0]
    return f"{found['name'] or ''}***"


def _visible_text(page: str) -> str:
    """Return what a web page shows; an element that is not closed hides all that follows."""
    shown: list[str] = []
    hidden_in: str | None = None
    end = 0
    for tag in _TAG.finditer(page):
        if hidden_in is None:
            shown.append(page[end : tag.start()])
        name = (tag["name"] or "").lower()
        if hidden_in is None and name in _HIDDEN_ELEMENTS:
            hidden_in = name
        elif name == f"/{hidden_in}":
            hidden_in = None
        end = tag.end()
    if hidden_in is None:
        shown.append(page[end:])
    return html.unescape(_HUGE_REFERENCE.sub(" ", " ".join(shown)))


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
    LOGGER.debug("%s after %.3f s: %s", error, time.monotonic() - started, detail)
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
