"""What can go wrong between sending a request and having read its answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
import gzip
import logging
import math
import re
from typing import Any

import aiohttp
from aiohttp import web
from hypothesis import given, strategies as st
import pytest
from yarl import URL

from custom_components.podero.api import (
    ClientCredentialsAuth,
    PoderoClient,
    PoderoConflictError,
    PoderoConnectionError,
    PoderoError,
    PoderoResponseError,
    ResolutionLink,
    transport,
)
from custom_components.podero.api.transport import Answer, clean, exchange, retry_after

from .conftest import API, ORG, TOKEN, USER as USER_ID, Cloud, reply

USERS = f"{API}/org/{ORG}/users"


@asynccontextmanager
async def raw_server(*chunks: bytes) -> AsyncIterator[str]:
    """Answer every connection with bytes as they are, then close it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[1, 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1, 2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 19\r\n\r\n"
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03" + b"\xff" * 9,
        b"this is no HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100000 + b"\r\n\r\n",
    ],
)
async def test_broken_answers(
    session: aiohttp.ClientSession, socket_enabled: None, answer: bytes
) -> None:
    """What breaks off or is no HTTP is a connection error that keeps the secret."""
    async with raw_server(answer) as url:
        with pytest.raises(PoderoConnectionError) as caught:
            await exchange(session, "POST", URL(f"{url}/x?secret=hush"), headers={})
    # What kind of problem it is, but nothing of what came.
    assert re.fullmatch(r"POST /x: no complete answer \(\w+\)", str(caught.value))
    assert caught.value.status is None
    assert caught.value.__cause__ is None
    assert "hush" not in f"{caught.value} {caught.value.detail}"


async def test_junk_for_gzip(
    session: aiohttp.ClientSession, auth: ClientCredentialsAuth
) -> None:
    """Whatever a decompressor makes of junk, nothing at all included, it is no list."""
    junk = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\nnot gzip!"
    async with raw_server(junk) as url:
        with pytest.raises((PoderoConnectionError, PoderoResponseError)):
            await PoderoClient(session, url, ORG, auth).users()


async def test_nobody_there(
    session: aiohttp.ClientSession, socket_enabled: None, unused_tcp_port: int
) -> None:
    """A refused connection, and a name that does not exist."""
    for host in (f"127.0.0.1:{unused_tcp_port}", "no-such-host.invalid"):
        with pytest.raises(PoderoConnectionError, match="GET /x: no complete answer"):
            await exchange(
                session, "GET", URL(f"http://{host}/x?secret=hush"), headers={}
            )


async def test_no_tls(cloud: Cloud, session: aiohttp.ClientSession) -> None:
    """A server that does not speak TLS."""
    with pytest.raises(PoderoConnectionError):
        await exchange(session, "GET", URL(cloud.url).with_scheme("https"), headers={})


async def test_no_answer_in_time(
    cloud: Cloud, client: PoderoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes for ever is given up."""
    assert (transport.TIMEOUT.total, transport.TIMEOUT.connect) == (30, 10)
    released = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        await released.wait()
        return web.json_response([])

    cloud.on("GET", USERS, never)
    await client.auth.access_token()
    monkeypatch.setattr(transport, "TIMEOUT", aiohttp.ClientTimeout(total=0.05))
    with pytest.raises(PoderoConnectionError, match="no answer in time"):
        await client.users()
    released.set()


def _streamed(size: int) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        try:
            await response.write(b"[")
            for _ in range(size // 65536):
                await response.write(b" " * 65536)
            await response.write(b"]")
        except ConnectionError:
            return response
        return response

    return handle


@pytest.mark.parametrize(
    "answer",
    [
        reply("[" + " " * transport.MAX_BODY + "]"),
        _streamed(2 * transport.MAX_BODY),
        reply(
            gzip.compress(b"[" + b" " * (4 * transport.MAX_BODY) + b"]"),
            headers={"Content-Encoding": "gzip"},
        ),
    ],
    ids=["announced", "streamed", "compressed"],
)
async def test_too_large(cloud: Cloud, client: PoderoClient, answer: Any) -> None:
    """A body over 8 MiB is not read to its end, announced or not, compressed or not."""
    cloud.on("GET", USERS, answer)
    with pytest.raises(
        PoderoResponseError, match=f"GET {USERS}: the answer is larger than 8 MiB"
    ):
        await client.users()


async def test_large_and_compressed(cloud: Cloud, client: PoderoClient) -> None:
    """Up to 8 MiB is fine."""
    body = f'[{{"id": "{USER_ID}"}}]'.ljust(transport.MAX_BODY).encode()
    assert len(body) == transport.MAX_BODY
    cloud.on(
        "GET", USERS, reply(gzip.compress(body), headers={"Content-Encoding": "gzip"})
    )
    assert [user.id for user in await client.users()] == [USER_ID]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"detail": "No.", "input": "' + b"x" * transport.MAX_AT_ONCE + b'"}', None),
        (b"<p>Not today.</p>".ljust(transport.MAX_BODY), "Not today."),
    ],
    ids=["JSON", "page"],
)
async def test_long_error(
    cloud: Cloud, client: PoderoClient, body: bytes, detail: str | None
) -> None:
    """An error is not decoded for ever: of a long one only the beginning of a page says something."""
    cloud.on("GET", USERS, reply(body, status=409))
    with pytest.raises(PoderoConflictError) as caught:
        await client.users()
    assert (caught.value.detail, caught.value.reason) == (detail, None)


@pytest.mark.parametrize(
    ("body", "number", "town"),
    [
        (b'\xef\xbb\xbf[{"id": "u", "num_inverters": 1}]', 1, None),
        (b'[{"id": "u", "num_inverters": NaN, "town": "Wien"}]', None, "Wien"),
        (b'[{"id": "u", "num_inverters": -Infinity}]', None, None),
        (b'[{"id": "u", "num_inverters": 1e999}]', None, None),
        (b'[{"id": "u", "town": "K\xf6ln"}]', None, "K\ufffdln"),
        (b'[{"id": "u", "town": "\\ud83d\\ude00"}]', None, "\U0001f600"),
        (b'[{"id": "u", "num_inverters": NaN, "town": "a\\ud83db"}]', None, "a?b"),
    ],
)
async def test_odd_json(
    cloud: Cloud,
    client: PoderoClient,
    body: bytes,
    number: int | None,
    town: str | None,
) -> None:
    """JSON that is not quite JSON is read as far as it goes."""
    cloud.on("GET", USERS, reply(body.replace(b'"u"', f'"{USER_ID}"'.encode())))
    (user,) = await client.users()
    assert (user.num_inverters, user.town) == (number, town)


@pytest.mark.parametrize(
    "body", [b"[" * 200000, b"[1" + b"1" * 5000 + b"]", b"{", b"<html>", b"\x00\x01"]
)
async def test_no_json(cloud: Cloud, client: PoderoClient, body: bytes) -> None:
    """What cannot be read at all, or not within reason."""
    cloud.on("GET", USERS, reply(body))
    with pytest.raises(PoderoResponseError, match="not JSON"):
        await client.users()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"detail": "No.", "error": "other"}, "No."),
        ({"detail": None, "error": "The span is too long"}, "The span is too long"),
        (
            {"error": "invalid_scope", "error_description": "No such scope"},
            "invalid_scope: No such scope",
        ),
        ({"reason": "fully_charged"}, "fully_charged"),
        ({"message": "Gone fishing"}, "Gone fishing"),
        ({"detail": {"message": "Nested"}}, "Nested"),
        ({"detail": "", "error": []}, None),
        ("text", "text"),
        (
            {
                "detail": [
                    {
                        "loc": ["query", "from"],
                        "msg": "Field required",
                        "input": "hush-hush",
                    },
                    {"msg": "Odd"},
                    "plain",
                    4,
                ]
            },
            "query.from: Field required; Odd; plain",
        ),
        ({}, None),
        ([], None),
        (7, None),
        ("", None),
        (b"", None),
        (
            b"<html><head><title>502</title></head><script>x()</script><h1>Bad\n  gateway &amp; co</h1>",
            "Bad gateway & co",
        ),
        (b"x " * 5000, "x " * 98 + "x..."),
        (b"[" * 20000, "[" * 197 + "..."),
        (b"x" * 5000, "***"),
        (b"&#" + b"1" * 5000 + b"; &#65; &#x42;", "A B"),
        (
            b"<style>hush</style ><HEAD lang=x>hush</head>a<b>b<br/>c<script>hush",
            "a b c",
        ),
        (b"<script>a</script", None),
        (b"a <3 b> c < d", "a c < d"),
        (
            {"detail": "Ask ada@example.com, not bob.b+c@mail.example.org!"},
            "Ask ***, not ***!",
        ),
        ({"detail": "Bearer token-1 was wrong"}, "Bearer *** was wrong"),
        ({"detail": "see /x?secret=abc&y=1"}, "see /x?secret=***&y=***"),
        ({"detail": "key 0a1b2c3d4e5f60718293a4b5c6d7 refused"}, "key *** refused"),
        (
            {"detail": "a\r\nERROR forged\x1b[2J\u202e\u2028b\x00"},
            "a ERROR forged [2J b",
        ),
        ({"detail": f"org {ORG} unknown"}, f"org {ORG} unknown"),
    ],
)
async def test_details(
    cloud: Cloud, client: PoderoClient, body: Any, detail: str | None
) -> None:
    """One short line of what the body says, without markup and without what is private."""
    if isinstance(body, str):
        body = f'"{body}"'
    cloud.on("GET", USERS, reply(body, status=500))
    with pytest.raises(PoderoError) as caught:
        await client.users()
    assert caught.value.detail == detail


@pytest.mark.parametrize(
    ("said", "cleaned"),
    [
        # Tokens, and words that only look long
        ("got kZ3fPq81LmT0aWx9Yc2Rb", "got ***"),
        ("got kzpqlmaw-KZPQLMAW_xy", "got ***"),
        ("got 0123456789abcdef", "got ***"),
        ("got dGhlLXNlY3JldA+/==, sorry", "got ***, sorry"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln is bad", "*** is bad"),
        ("a" * 41, "***"),
        ("unsupported_grant_type", "unsupported_grant_type"),
        ("UNSUPPORTED_GRANT_TYPE", "UNSUPPORTED_GRANT_TYPE"),
        ("Authentifizierungsfehler", "Authentifizierungsfehler"),
        ("Bearer abc was wrong, Basic def too", "Bearer *** was wrong, Basic *** too"),
        ("""{"token": "abc", 'pin': 1234}""", """{"token": ***", 'pin': ***}"""),
        ("password=hunter2; x", "password=***; x"),
        # Where and whom
        ("see https://a.example/b?c=d, or www.a.example/b", "see *** or ***"),
        ("at 47.0704 north", "at *** north"),
        ("at 47.07, 15.44", "at ***"),
        ("at -47.07/-15.44 or 47,07041", "at *** or ***"),
        ("at 47°4'14\" N", "at *** N"),
        ("latitude: 47 lon: 15 lng:1", "latitude: *** lon: *** lng:***"),
        ("call +43 660 1234567 or (0316) 123-456", "call *** or ***"),
        ("call 06601234567.", "call ***."),
        # What helps to find a mistake stays
        ("22.5 is not between 0.5 and 100.0", "22.5 is not between 0.5 and 100.0"),
        ("at most 120000 W", "at most 120000 W"),
        (
            "from 2026-05-20T10:07:00Z to 2026-05-21",
            "from 2026-05-20T10:07:00Z to 2026-05-21",
        ),
        (
            "at 2026-05-20 10:07:00.123456+02:00.",
            "at 2026-05-20 10:07:00.123456+02:00.",
        ),
        (f"user {USER_ID} has no car", f"user {USER_ID} has no car"),
        ("query.from_datetime: Field required", "query.from_datetime: Field required"),
    ],
)
def test_clean(said: str, cleaned: str) -> None:
    """Whatever is a secret, or names a place or a person by more than a word, is gone."""
    assert clean(said) == cleaned


@given(
    said=st.text(max_size=400),
    secret=st.text("abcdef123", min_size=5),
    at=st.integers(0, 400),
)
def test_clean_whatever_comes(said: str, secret: str, at: int) -> None:
    """One line, at most 200 characters, and never a word that was to be hidden."""
    cleaned = clean(f"{said[:at]} {secret} {said[at:]}", [secret])
    assert len(cleaned) <= 200
    assert cleaned.isprintable()
    assert secret not in cleaned


def test_a_secret_that_is_cut_is_hidden() -> None:
    """Nor half of one, where the text is longer than what is looked at."""
    assert clean(" " * 8188 + "abcdefgh", ["abcdefgh"]) == ""
    assert clean("x" * 8188 + "abcdefgh", ["abcdefgh"]) == ""


@pytest.mark.parametrize(
    "part",
    ["<", "<a", "<script ", "</", "a@", "a.", "1", "1.1 ", "1-", "- ", "+", "(1", "%", "A_", "a:/", "http:", "lat", "lon: ", '": ', "'", "=", "&#1", "www.", "bearer ", "-1.1,", "2026-05-20T10:07"],
)  # fmt: skip
def test_detail_in_proportion(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    """Time grows with the length: where it grew with its square, this would take an hour."""
    monkeypatch.setattr(transport, "MAX_READ", 200_000)
    answer = Answer(
        request="GET /x",
        status=500,
        headers={},
        body=(part * 200_000)[:200_000].encode(),
        hidden=(),
    )
    assert len(answer.detail() or "") <= 200


def test_clean_hides_long_words_first() -> None:
    """A secret that contains another one goes as a whole."""
    assert clean("abcdef abc", ["abc", "abcdef", ""]) == "*** ***"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("7", 7),
        ("1.5", 1.5),
        ("0", None),
        ("-1", None),
        ("inf", None),
        ("7200", 3600),
        ("", None),
        ("soon", None),
        ("Mon, 01 Jan 2024 00:00:00 GMT", None),
        ("Mon, 01 Jan 2024 00:00:00", None),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        (f"{math.pi}e400", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds or a date, never longer than an hour; the past and junk say nothing."""
    assert retry_after(value) == seconds


async def test_the_log_tells_the_story_without_secrets(
    cloud: Cloud, client: PoderoClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Method, path, status, size and time of each request; nothing of what is in it."""
    caplog.set_level(logging.DEBUG, "custom_components.podero.api")
    path = f"{API}/cues/7/resolve"
    cloud.on(
        "POST", path, reply({"redirect_url": "https://connect.podero.com/?pin=1234"})
    )
    await client.start_action(
        ResolutionLink(url=f"{path}?secret=hush"), {"successUrl": "https://ha.example"}
    )
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components")
    ]
    assert [line.partition(" answered ")[0] for line in said] == [
        f"POST {TOKEN}",
        f"POST {path}",
    ]
    assert said[1].startswith(f"POST {path} answered 200 with 56 bytes after ")
    for secret in ("hush", "1234", "s3cr3t", "token-1", "ha.example"):
        assert secret not in "".join(said)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
async def test_the_log_of_an_error(
    cloud: Cloud, client: PoderoClient, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """What the body says is logged for those who look for a mistake, without any token."""
    caplog.set_level(logging.DEBUG, "custom_components.podero.api")
    said = "Ada Example may not, kZ3fPq81LmT0aWx9Yc2Rb of ada@example.com may"
    cloud.on("GET", USERS, reply({"detail": said}, status=status))
    with pytest.raises(PoderoError) as caught:
        await client.users()
    assert "Ada" not in str(caught.value)
    assert f"GET {USERS} was refused: Ada Example may not, *** of *** may" in [
        record.getMessage()
        for record in caplog.records
        if record.levelno == logging.DEBUG
    ]
    assert "kZ3f" not in caplog.text
    assert "ada@" not in caplog.text


async def test_no_log_of_errors_that_nobody_reads(
    cloud: Cloud, client: PoderoClient, caplog: pytest.LogCaptureFixture
) -> None:
    """At info level, and above, nothing of the body."""
    caplog.set_level(logging.INFO, "custom_components.podero.api")
    cloud.on("GET", USERS, reply({"detail": "Ada Example may not"}, status=403))
    with pytest.raises(PoderoError):
        await client.users()
    assert "Ada" not in caplog.text
