"""A scripted cloud on a loopback port: what the tests let it say goes over real HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
import json
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
import pytest

from custom_components.podero.api import (
    AccountAuth,
    ClientCredentialsAuth,
    PoderoClient,
    values,
)

ORG = "11111111-1111-4111-8111-111111111111"
USER = "22222222-2222-4222-8222-222222222222"
DEVICE = "33333333-3333-4333-8333-333333333333"
API = "/api/partners/v2.0"
HOME = f"{API}/org/{ORG}/users/{USER}"
TOKEN = "/oauth2/token/"
ACCOUNT_TOKEN = f"{API}/auth/token"

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


def reply(
    body: Any = None, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Handler:
    """Answer with JSON, or with a text or bytes as they are."""

    async def handle(_: web.Request) -> web.Response:
        if isinstance(body, bytes | str):
            data = body.encode() if isinstance(body, str) else body
            return web.Response(status=status, body=data, headers=headers)
        text = None if body is None else json.dumps(body)
        return web.Response(
            status=status, text=text, headers=headers, content_type="application/json"
        )

    return handle


class Cloud:
    """The scripted cloud."""

    def __init__(self) -> None:
        """Know nothing but how to give tokens: "token-1", "token-2" ..."""
        self.seen: list[Seen] = []
        self.url = ""
        self._script: dict[tuple[str, str], list[Handler]] = {}
        self.on("POST", TOKEN, self._token)

    def on(self, method: str, path: str, *answers: Handler) -> None:
        """Set the answers to a request; the last one stays."""
        self._script[method, path] = list(answers)

    def asked(self, method: str, path: str) -> list[Seen]:
        """Return the requests that came for one thing."""
        return [
            seen for seen in self.seen if (seen.method, seen.path) == (method, path)
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Note a request and answer it."""
        self.seen.append(
            Seen(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                headers=request.headers,
                text=await request.text(),
            )
        )
        answers = self._script.get((request.method, request.path))
        if not answers:
            return web.json_response({"detail": "Not Found"}, status=404)
        return await (answers.pop(0) if len(answers) > 1 else answers[0])(request)

    async def _token(self, _: web.Request) -> web.Response:
        count = len(self.asked("POST", TOKEN))
        return web.json_response(
            {
                "access_token": f"token-{count}",
                "expires_in": 36000,
                "token_type": "Bearer",
            }
        )


@pytest.fixture
async def cloud(socket_enabled: None) -> AsyncIterator[Cloud]:
    """Run a cloud for the test."""
    scripted = Cloud()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", scripted.handle)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    scripted.url = str(server.make_url("")).rstrip("/")
    yield scripted
    await server.close()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open a session of the test's own."""
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def auth(cloud: Cloud, session: aiohttp.ClientSession) -> ClientCredentialsAuth:
    """Sign in as a partner application."""
    return ClientCredentialsAuth(
        session, cloud.url, client_id="the-client", client_secret="s3cr3t-of-the-client"
    )


@pytest.fixture
def account(cloud: Cloud, session: aiohttp.ClientSession) -> AccountAuth:
    """Sign in as an account."""
    return AccountAuth(session, cloud.url, refresh_token="refresh-0")


@pytest.fixture
def client(
    cloud: Cloud, session: aiohttp.ClientSession, auth: ClientCredentialsAuth
) -> PoderoClient:
    """Return a client of the scripted cloud."""
    return PoderoClient(session, cloud.url, ORG, auth)


@pytest.fixture
def nothing_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what was logged once already."""
    monkeypatch.setattr(values, "_logged", set())
