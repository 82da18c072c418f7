"""One account's requests: signed in, limited and counted; and what is made of their answers."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import aiohttp
from yarl import URL

from .auth import Auth
from .decoding import MAX_ITEMS, decode, decode_in_steps
from .errors import (
    PoderoAuthenticationError,
    PoderoError,
    PoderoPermissionError,
    PoderoResponseError,
)
from .limiter import Limiter, Priority, RequestStatistics
from .transport import MAX_AT_ONCE, Answer, exchange

MAX_KEPT = 4096
MAX_KEPT_BYTES = 16 * 1024
"""How many answers are kept to be compared with the next ones, and how long each may be."""

type Build[T] = Callable[[Any], T]
"""Makes something of decoded JSON; raises ShapeError where that cannot be."""


class ShapeError(Exception):
    """Decoded JSON is not what was expected; the text says what that is."""


class Access:
    """One account's way to its resources.

    Attributes:
        auth: The source of its tokens.
        statistics: What has been asked so far.

    """

    def __init__(self, session: aiohttp.ClientSession, auth: Auth) -> None:
        """Ask by way of `session`."""
        self._session = session
        self.auth = auth
        self.statistics = RequestStatistics()
        self._limiter = Limiter()
        self._kept: dict[URL, tuple[bytes, Any]] = {}

    async def read[T](
        self,
        url: URL,
        build: Build[T],
        *,
        priority: Priority = Priority.POLL,
        most: int = MAX_ITEMS,
    ) -> T:
        """GET a resource and build something of it, of lists from their first `most` items.

        Raises PoderoResponseError for an answer that cannot be used.
        """
        answer = await self.request("GET", url, priority=priority)
        return await build_from(answer, build, most=most)

    async def poll[T](
        self, url: URL, build: Build[T], *, priority: Priority = Priority.POLL
    ) -> T:
        """Do as read does; an answer of the same bytes as the one before gives the very object that was built of that."""
        answer = await self.request("GET", url, priority=priority)
        kept = self._kept.get(url)
        if kept is not None and kept[0] == answer.body:
            found: T = kept[1]
            return found
        found = await build_from(answer, build)
        if len(answer.body) <= MAX_KEPT_BYTES:
            if kept is None and len(self._kept) >= MAX_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[url] = (answer.body, found)
        return found

    async def request(
        self,
        method: str,
        url: URL,
        body: Mapping[str, Any] | None = None,
        *,
        priority: Priority = Priority.COMMAND,
        signed: bool = False,
    ) -> Answer:
        """Send a request through the limiter; returns an answer with a 2xx status.

        `signed` URLs carry a secret of their own, which a 401 may mean as well as the
        token.
        """
        async with self._limiter.place(f"{method} {url.raw_path}", priority):
            try:
                return await self._authorized(method, url, body, signed=signed)
            except PoderoError as err:
                self.statistics.count_error(err)
                # A wait after refused credentials applies to the token endpoint only.
                if err.retry_after is not None and not isinstance(
                    err, PoderoAuthenticationError
                ):
                    self._limiter.pause(err.retry_after)
                raise

    async def _authorized(
        self, method: str, url: URL, body: Mapping[str, Any] | None, *, signed: bool
    ) -> Answer:
        token = await self.auth.access_token()
        answer = await self._send(method, url, body, token)
        if answer.status == 401:
            token = await self.auth.access_token(refused=token)
            answer = await self._send(method, url, body, token)
        if answer.status == 401 and signed:
            raise PoderoPermissionError(
                answer.request,
                "the link was refused",
                status=answer.status,
                detail=answer.detail(),
            )
        if not 200 <= answer.status < 300:
            error = answer.error()
            if isinstance(error, PoderoAuthenticationError):
                error = self.auth.refuse(error)
            raise error
        self.auth.accept()
        return answer

    async def _send(
        self, method: str, url: URL, body: Mapping[str, Any] | None, token: str
    ) -> Answer:
        self.statistics.count_request()
        return await exchange(
            self._session,
            method,
            url,
            headers={"Authorization": f"Bearer {token}"},
            json_body=body,
            hidden=(token,),
        )


async def build_from[T](answer: Answer, build: Build[T], *, most: int = MAX_ITEMS) -> T:
    """Decode an answer and build something of it, in a thread where that may take long."""
    if len(answer.body) <= MAX_AT_ONCE:
        return _build(answer, decode, build)
    return await asyncio.to_thread(
        _build, answer, lambda body: decode_in_steps(body, most), build
    )


def _build[T](answer: Answer, decoder: Callable[[bytes], Any], build: Build[T]) -> T:
    detail = None
    try:
        decoded = decoder(answer.body)
    except ValueError:
        problem, detail = "JSON", answer.detail()
    else:
        try:
            return build(decoded)
        except ShapeError as err:
            problem = str(err)
    raise PoderoResponseError(
        answer.request,
        f"the answer is not {problem}",
        status=answer.status,
        detail=detail,
    )
