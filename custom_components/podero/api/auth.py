"""Access tokens: asked for by one task at a time, renewed early, kept in memory only."""

from abc import ABC, abstractmethod
import asyncio
from base64 import b64encode
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from enum import StrEnum
import json
import re
import time
from typing import Any, override

import aiohttp
from yarl import URL

from . import values
from .errors import PoderoAuthenticationError, PoderoError, PoderoResponseError
from .hosts import API_PATH
from .transport import DETAIL_KEYS, Answer, exchange

DEFAULT_LIFETIME = 3600.0
"""Seconds a token is trusted when the answer does not say."""
MIN_LIFETIME = 60.0
MAX_LIFETIME = 86400.0
"""Seconds that an answer is believed to mean at least and at most."""
MAX_MARGIN = 300.0
"""A token is renewed a tenth of its life before its end, but not earlier than these seconds."""

ACCOUNT_PATH = f"{API_PATH}/auth/token"
CLIENT_PATH = "/oauth2/token/"

SETTLE = 9.0
"""Seconds that settle() waits at most."""

FIRST_WAIT = 300
"""Seconds after a refusal before a token is asked for again; each further refusal doubles them."""
LONGEST_WAIT = 21600

_USABLE_TOKEN = re.compile(r"[!-~]{1,8192}")
_REFRESH_TOKEN = re.compile(r'"refresh_token"\s*:\s*("(?:[^"\\]|\\.)*+")')
_REFUSED_CREDENTIALS = frozenset(
    {"invalid_client", "unauthorized_client", "invalid_grant", "invalid_scope"}
)
_REFUSED_MANNER = frozenset({"unsupported_grant_type", "invalid_request"})
_MISSING = (404, 405)


class TokenRoute(StrEnum):
    """The forms of a request for a client-credentials token, in the order in which they are tried."""

    OAUTH2_JSON = "oauth2_json"
    OAUTH2_FORM = "oauth2_form"
    PARTNERS = "partners"

    @property
    def path(self) -> str:
        """The endpoint that is asked."""
        return ACCOUNT_PATH if self is TokenRoute.PARTNERS else CLIENT_PATH


def _ignore(*_: object) -> None:
    """Do nothing."""


class Auth(ABC):
    """A source of access tokens.

    Attributes:
        requests: How many token requests went out.
        refusals: How often in a row the credentials were refused, since a resource answered.
        last_renewal: When the last token came.
        last_error: What went wrong the last time that something did.
        last_error_at: When that was.

    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        *,
        on_refused: Callable[[int], None] = _ignore,
        on_accepted: Callable[[], None] = _ignore,
    ) -> None:
        """Ask `host`, an origin as from normalize_host, by way of `session`.

        `on_refused` hears of every refusal that counts, with their number, and
        `on_accepted` of the first resource that answers afterwards.
        """
        self._session = session
        self._host = host
        self._on_refused = on_refused
        self._on_accepted = on_accepted
        self._token: str | None = None
        self._renew_at = 0.0
        self._ask_again_at = 0.0
        self._refused_request = ""
        self._renewal: asyncio.Task[str] | None = None
        self.requests = 0
        self.refusals = 0
        self.last_renewal: datetime | None = None
        self.last_error: str | None = None
        self.last_error_at: datetime | None = None

    async def access_token(self, refused: str | None = None) -> str:
        """Return a token that is valid for a while, and is not `refused`.

        All who wait share one request, which continues when any of them is cancelled: the
        answer may hold a refresh token that Podero will never repeat. Raises
        PoderoAuthenticationError when the credentials are refused, and at once, without a
        request, for a while afterwards; another PoderoError when the token endpoint
        cannot be used now.
        """
        now = time.monotonic()
        if (
            (token := self._token) is not None
            and token != refused
            and now < self._renew_at
        ):
            return token
        if (renewal := self._renewal) is None:
            if (rest := self._ask_again_at - now) > 0:
                raise PoderoAuthenticationError(
                    self._refused_request,
                    f"not sent: the credentials were refused, the next try is in {rest:.0f} s",
                    retry_after=rest,
                )
            renewal = self._renewal = asyncio.create_task(self._renew())
            renewal.add_done_callback(self._renewed)
        # Unlike awaiting the task itself, waiting for it does not cancel it along with whoever waits.
        await asyncio.wait((renewal,))
        return renewal.result()

    def refuse(self, error: PoderoAuthenticationError) -> PoderoAuthenticationError:
        """Count a refusal, of the credentials or of a token fresh from the token endpoint.

        No token is asked for during the wait that follows, 5 min and doubling to 6 h. What
        is refused meanwhile does not count. Returns the error, with the rest of the wait.
        """
        now = time.monotonic()
        if now >= self._ask_again_at:
            self.refusals += 1
            wait = min(FIRST_WAIT * 2 ** min(self.refusals - 1, 10), LONGEST_WAIT)
            self._ask_again_at = now + wait
            self._refused_request = error.request
            self._on_refused(self.refusals)
        error.retry_after = self._ask_again_at - now
        return error

    def accept(self) -> None:
        """Forget earlier refusals: a resource answered."""
        if self.refusals:
            self.refusals = 0
            self._on_accepted()

    async def settle(self) -> None:
        """Let a token request that is under way come to its end, before another Auth asks in place of this one.

        Its answer may hold the refresh token that the other one needs. Raises nothing.
        """
        if (renewal := self._renewal) is not None:
            await asyncio.wait((renewal,), timeout=SETTLE)

    @abstractmethod
    async def _ask(self) -> Answer:
        """Ask for a token; returns the token endpoint's answer, of any status."""

    def _keep(self, answer: Answer) -> None:
        """Keep what an answer of the 2xx kind holds for the next time, before its token is judged."""

    def _learn_route(self) -> None:
        """Remember which token request worked."""

    async def _renew(self) -> str:
        try:
            return self._read(await self._ask())
        except PoderoError as err:
            self.last_error, self.last_error_at = str(err), datetime.now(UTC)
            if isinstance(err, PoderoAuthenticationError):
                self._token = None
                self.refuse(err)
            raise

    def _read(self, answer: Answer) -> str:
        """Return the token of an answer; raises the error that any other answer stands for."""
        if not 200 <= answer.status < 300:
            raise _refusal(answer)
        self._keep(answer)
        found = values.mapping(answer.json())
        token = found.get("access_token")
        if not isinstance(token, str) or not _USABLE_TOKEN.fullmatch(token):
            raise PoderoResponseError(
                answer.request,
                "the answer holds no usable access token",
                status=answer.status,
            )
        self._learn_route()
        lifetime = values.number(found.get("expires_in")) or 0.0
        if lifetime <= 0:
            lifetime = DEFAULT_LIFETIME
        lifetime = min(max(lifetime, MIN_LIFETIME), MAX_LIFETIME)
        self._renew_at = time.monotonic() + lifetime - min(MAX_MARGIN, lifetime / 10)
        self._token = token
        self.last_renewal = datetime.now(UTC)
        return token

    def _renewed(self, task: asyncio.Task[str]) -> None:
        self._renewal = None
        if not task.cancelled():
            # All waiters may have been cancelled; asyncio logs exceptions that were never retrieved.
            task.exception()

    async def _post(
        self,
        path: str,
        *,
        hidden: Collection[str],
        headers: Mapping[str, str] | None = None,
        json_body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Answer:
        self.requests += 1
        return await exchange(
            self._session,
            "POST",
            URL(f"{self._host}{path}"),
            headers={"Cache-Control": "no-cache", **(headers or {})},
            json_body=json_body,
            form=form,
            hidden=hidden,
        )


class ClientCredentialsAuth(Auth):
    """Tokens for a partner application, by its client id and secret."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        *,
        client_id: str,
        client_secret: str,
        route: TokenRoute | None = None,
        on_route: Callable[[TokenRoute], None] = _ignore,
        on_refused: Callable[[int], None] = _ignore,
        on_accepted: Callable[[], None] = _ignore,
    ) -> None:
        """Try `route` first, if one is remembered; `on_route` hears of every other one that works."""
        super().__init__(session, host, on_refused=on_refused, on_accepted=on_accepted)
        self._client_id = client_id
        self._client_secret = client_secret
        self._route = route
        self._tried = route
        self._on_route = on_route

    @override
    async def _ask(self) -> Answer:
        refusals: list[Answer] = []
        missing: set[str] = set()
        for route in sorted(TokenRoute, key=lambda route: route is not self._route):
            if route.path in missing:
                continue
            answer = await self._ask_by(route)
            if answer.status in _MISSING:
                missing.add(route.path)
            elif not _refuses_manner(answer):
                self._tried = route
                return answer
            refusals.append(answer)
        return refusals[0]

    async def _ask_by(self, route: TokenRoute) -> Answer:
        basic = b64encode(f"{self._client_id}:{self._client_secret}".encode()).decode()
        body = {"grant_type": "client_credentials"}
        if route is TokenRoute.PARTNERS:
            # Nothing is known of this endpoint but that it reads JSON, so it gets both usual ways of naming a client.
            body |= {"client_id": self._client_id, "client_secret": self._client_secret}
        form = route is TokenRoute.OAUTH2_FORM
        return await self._post(
            route.path,
            headers={"Authorization": f"Basic {basic}"},
            json_body=None if form else body,
            form=body if form else None,
            hidden=(self._client_id, self._client_secret, basic),
        )

    @override
    def _learn_route(self) -> None:
        if self._tried is not None and self._tried is not self._route:
            self._route = self._tried
            self._on_route(self._route)


class AccountAuth(Auth):
    """Tokens for a Podero account, by the refresh token that a sign-in gave."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        host: str,
        *,
        refresh_token: str = "",
        on_refresh_token: Callable[[str], None] = _ignore,
        on_refused: Callable[[int], None] = _ignore,
        on_accepted: Callable[[], None] = _ignore,
    ) -> None:
        """Start with `refresh_token`, or with sign_in.

        `on_refresh_token` hears of every new refresh token before anything else of the
        answer is judged.
        """
        super().__init__(session, host, on_refused=on_refused, on_accepted=on_accepted)
        self._refresh_token = refresh_token
        self._on_refresh_token = on_refresh_token

    async def sign_in(self, *, username: str, password: str) -> None:
        """Exchange a user name and password, which are not kept, for tokens.

        Raises what access_token raises, and PoderoResponseError when the answer holds
        no refresh token.
        """
        answer = await self._post(
            ACCOUNT_PATH,
            json_body={
                "grant_type": "password",
                "username": username,
                "password": password,
            },
            hidden=(username, password),
        )
        self._read(answer)
        if not self._refresh_token:
            raise PoderoResponseError(
                answer.request,
                "the answer holds no refresh token",
                status=answer.status,
            )

    @property
    def refresh_token(self) -> str:
        """The refresh token that is valid now."""
        return self._refresh_token

    @override
    async def _ask(self) -> Answer:
        return await self._post(
            ACCOUNT_PATH,
            json_body={
                "grant_type": "refresh_token",
                "refresh_token": self._refresh_token,
            },
            hidden=(self._refresh_token,),
        )

    @override
    def _keep(self, answer: Answer) -> None:
        # Searched for in any body, JSON or not, because the old one is no longer valid.
        found = _REFRESH_TOKEN.search(answer.body.decode("utf-8-sig", "replace"))
        try:
            rotated = json.loads(found[1]) if found else ""
        except ValueError:
            return
        if _USABLE_TOKEN.fullmatch(rotated) and rotated != self._refresh_token:
            self._refresh_token = rotated
            self._on_refresh_token(rotated)


def _says(answer: Answer, words: frozenset[str]) -> bool:
    """Tell whether an error answer names one of OAuth's error codes."""
    said = map(answer.object().get, DETAIL_KEYS)
    return any(word in words for word in said if isinstance(word, str))


def _refuses_manner(answer: Answer) -> bool:
    """Tell whether the form of the request was refused, rather than the credentials."""
    return answer.status in (415, 422) or (
        answer.status == 400 and _says(answer, _REFUSED_MANNER)
    )


def _refusal(answer: Answer) -> PoderoError:
    status, detail = answer.status, answer.detail()
    if status in (401, 403) or (
        400 <= status < 429 and _says(answer, _REFUSED_CREDENTIALS)
    ):
        return PoderoAuthenticationError(
            answer.request, "the credentials were refused", status=status, detail=detail
        )
    if status in _MISSING:
        problem = "there is no token endpoint here"
        return PoderoResponseError(
            answer.request, problem, status=status, detail=detail
        )
    return answer.error()
