"""The requests of Podero's Partner API, version 2.0, that a household needs."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
from yarl import URL

from . import values
from .actions import ResolutionLink
from .auth import Auth
from .enums import Resolution
from .errors import (
    PoderoAuthenticationError,
    PoderoError,
    PoderoPermissionError,
    PoderoResponseError,
)
from .hosts import API_PATH, READ, RESOLVE, browser_url, link_url
from .limiter import Limiter, Priority, RequestStatistics
from .models import Device, Identified, Series, Session, User
from .savings import Savings
from .transport import Answer, exchange

SESSIONS_PAGE = 200
"""The most sessions that Podero gives at once."""

DETAIL_MARKS = frozenset({"connection_status", "actions"})
"""Fields that tell a device's whole detail from a part of it."""


class PoderoClient:
    """The access of one account to one organization.

    Every method raises PoderoAuthenticationError when the sign-in is no longer good,
    PoderoPermissionError (403), PoderoNotFoundError (404), PoderoRateLimitedError (429,
    or at once while Podero wants a pause), PoderoConnectionError without a complete
    answer and PoderoResponseError for one that cannot be used.

    Attributes:
        host: The origin that requests go to.
        org_id: The organization's id.
        auth: The source of its tokens.
        statistics: What has been asked so far.

    """

    def __init__(
        self, session: aiohttp.ClientSession, host: str, org_id: str, auth: Auth
    ) -> None:
        """Ask `host`, an origin as from normalize_host, by way of `session`."""
        self._session = session
        self.auth = auth
        self._limiter = Limiter()
        self.host = host
        self.org_id = org_id
        self.statistics = RequestStatistics()

    async def users(self) -> list[User]:
        """Return the organization's users (GET /org/{org}/users)."""
        return await self._list(User, self._url("users"))

    async def user(self, user_id: str) -> User:
        """Return one user (GET /org/{org}/users/{user})."""
        return await self._object(User, self._url("users", user_id), user_id)

    async def devices[D: Device](self, kind: type[D], user_id: str) -> list[D]:
        """Return a user's devices of one kind (GET .../inverters or .../electric-vehicles); they carry no actions."""
        return await self._list(kind, self._url("users", user_id, kind.PATH))

    async def device[D: Device](
        self,
        kind: type[D],
        user_id: str,
        device_id: str,
        *,
        include_deleted: bool = False,
    ) -> D:
        """Return a device's detail (GET .../inverters/{id} or .../electric-vehicles/{id})."""
        url = self._device_url(kind, user_id, device_id)
        return await self._object(
            kind,
            url % {"include_deleted": "true"} if include_deleted else url,
            device_id,
        )

    async def series(
        self,
        user_id: str,
        inverter_id: str,
        *,
        start: datetime,
        end: datetime,
        resolution: Resolution = Resolution.QUARTER_HOUR,
        keywords: Collection[str] | None = None,
    ) -> Series:
        """Return an inverter's past (GET .../inverters/{id}/data).

        `start` and `end` are aware; `keywords` narrows the fields. Raises
        PoderoBadRequestError where Podero does not accept the span.
        """
        query = {
            "from_datetime": _utc(start),
            "to_datetime": _utc(end),
            "resolution": str(resolution),
        }
        if keywords is not None:
            query["keywords"] = ",".join(keywords)
        answer = await self._request(
            "GET", self._url("users", user_id, "inverters", inverter_id, "data") % query
        )
        if (series := Series.parse(answer.json())) is None:
            raise _wrong_shape(answer, "a series")
        return series

    async def savings(
        self,
        kind: type[Device],
        user_id: str,
        device_id: str,
        *,
        start: datetime,
        end: datetime,
        resolution: Resolution,
    ) -> Savings:
        """Return what a device saved (GET .../inverters/{id}/savings and the other kinds').

        `start` and `end` are aware; `resolution` is DAY or coarser.
        """
        query = {"from": _utc(start), "to": _utc(end), "resolution": str(resolution)}
        answer = await self._request(
            "GET",
            self._url("users", user_id, kind.PATH, device_id, "savings") % query,
        )
        if (savings := Savings.parse(answer.json())) is None:
            raise _wrong_shape(answer, "a list of savings")
        return savings

    async def sessions(
        self, user_id: str, vehicle_id: str, *, start: date, end: date
    ) -> list[Session]:
        """Return a vehicle's completed sessions by plug-in time (GET .../electric-vehicles/{id}/sessions).

        `start` and `end` are UTC days, both included.
        """
        url = self._url("users", user_id, "electric-vehicles", vehicle_id, "sessions")
        found: dict[str, Session] = {}
        offset = 0
        while True:
            span = {"from": start.isoformat(), "to": end.isoformat()}
            answer = await self._request(
                "GET", url % span % {"limit": SESSIONS_PAGE, "offset": offset}
            )
            decoded = answer.json()
            if (page := values.items(decoded)) is None:
                raise _wrong_shape(answer, "a list of sessions")
            known = len(found)
            found |= {session.id: session for session in Session.parse_all(page)}
            offset += len(page)
            total = values.integer(values.mapping(decoded).get("total"))
            # A server that ignores the offset, or gives no total, must not keep this going for ever.
            if len(found) == known or (total is not None and offset >= total):
                return sorted(
                    found.values(),
                    key=lambda item: (item.plug_in_time or _NEVER, item.id),
                )

    async def current_session(self, user_id: str, vehicle_id: str) -> Session | None:
        """Return the session under way, None when there is none (GET .../sessions/current)."""
        url = self._url(
            "users", user_id, "electric-vehicles", vehicle_id, "sessions", "current"
        )
        answer = await self._request("GET", url)
        decoded = answer.json()
        if decoded is not None and not isinstance(decoded, dict):
            raise _wrong_shape(answer, "an object")
        bare = decoded if decoded and "plug_in_time" in decoded else None
        return Session.parse(
            values.mapping(decoded).get("session", bare), fallback_id="current"
        )

    async def update[D: Device](
        self,
        kind: type[D],
        user_id: str,
        device_id: str,
        field: str,
        value: bool | float | str | None,
    ) -> D:
        """Change one field of a device and return its detail (PUT .../inverters/{id} or .../electric-vehicles/{id}).

        Raises ValueError for a field that is not in the kind's WRITABLE,
        PoderoBadRequestError where Podero does not accept the value.
        """
        if field not in kind.WRITABLE:
            raise ValueError(f"{field} of {kind.PATH} is not for changing")
        answer = await self._request(
            "PUT", self._device_url(kind, user_id, device_id), {field: value}
        )
        decoded = answer.object()
        device = kind.parse(decoded, fallback_id=device_id)
        if device is None or not decoded.keys() >= DETAIL_MARKS:
            return await self.device(kind, user_id, device_id)
        return device

    async def boost(self, user_id: str, vehicle_id: str) -> None:
        """Charge a vehicle now, or at its next plug-in (POST .../electric-vehicles/{id}/boost).

        Raises PoderoConflictError with Podero's reason when it cannot be.
        """
        await self._request(
            "POST",
            self._url("users", user_id, "electric-vehicles", vehicle_id, "boost"),
        )

    async def cancel_boost(self, user_id: str, vehicle_id: str) -> None:
        """Forget the boost of the next plug-in; one under way goes on (DELETE .../electric-vehicles/{id}/boost)."""
        await self._request(
            "DELETE",
            self._url("users", user_id, "electric-vehicles", vehicle_id, "boost"),
        )

    async def start_action(
        self, link: ResolutionLink, parameters: Mapping[str, str]
    ) -> str:
        """Start a pending action and return where the person's browser goes on (POST .../cues/{id}/resolve).

        Raises PoderoResponseError, without sending anything, for a link that leads
        elsewhere or has no secret.
        """
        answer = await self._resolve(link, RESOLVE, parameters)
        return browser_url(
            answer.request, answer.object().get("redirect_url"), self.host
        )

    async def read_information(self, link: ResolutionLink) -> None:
        """Mark a message as read (POST .../cues/{id}/information/resolve); raises as start_action does."""
        await self._resolve(link, READ, {})

    async def auth_session(
        self,
        kind: type[Device],
        user_id: str,
        device_id: str,
        *,
        success_url: str,
        cancel_url: str,
    ) -> str:
        """Begin a sign-in at the manufacturer without an action and return where the browser goes on.

        (POST .../inverters/{id}/auth_session or
        .../electric-vehicles/{id}/auth_session)
        """
        url = self._url("users", user_id, kind.PATH, device_id, "auth_session")
        answer = await self._request(
            "POST", url, {"success_url": success_url, "cancel_url": cancel_url}
        )
        return browser_url(
            answer.request, answer.object().get("authentication_url"), self.host
        )

    def _url(self, *parts: str) -> URL:
        path = "/".join(quote(part, safe="") for part in ("org", self.org_id, *parts))
        return URL(f"{self.host}{API_PATH}/{path}", encoded=True)

    def _device_url(self, kind: type[Device], user_id: str, device_id: str) -> URL:
        return self._url("users", user_id, kind.PATH, device_id)

    async def _list[M: Identified](self, kind: type[M], url: URL) -> list[M]:
        answer = await self._request("GET", url)
        if (found := values.items(answer.json())) is None:
            raise _wrong_shape(answer, "a list")
        return kind.parse_all(found)

    async def _object[M: Identified](
        self, kind: type[M], url: URL, expected_id: str
    ) -> M:
        answer = await self._request("GET", url)
        if (found := kind.parse(answer.json(), fallback_id=expected_id)) is None:
            raise _wrong_shape(answer, "an object")
        return found

    async def _resolve(
        self, link: ResolutionLink, ending: str, body: Mapping[str, str]
    ) -> Answer:
        return await self._request(
            "POST", link_url(self.host, link.url, ending), body, signed=True
        )

    async def _request(
        self,
        method: str,
        url: URL,
        body: Mapping[str, Any] | None = None,
        *,
        signed: bool = False,
    ) -> Answer:
        """Send a request through the limiter; returns an answer of the 2xx kind.

        `signed` URLs carry a secret of their own, which a 401 may mean as well as the
        token.
        """
        priority = Priority.POLL if method == "GET" else Priority.COMMAND
        async with self._limiter.place(f"{method} {url.raw_path}", priority):
            try:
                return await self._authorized(method, url, body, signed=signed)
            except PoderoError as err:
                self.statistics.count_error(err)
                # A wait after refused credentials concerns the token endpoint alone.
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


_NEVER = datetime.min.replace(tzinfo=UTC)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _wrong_shape(answer: Answer, expected: str) -> PoderoResponseError:
    return PoderoResponseError(
        answer.request, f"the answer is not {expected}", status=answer.status
    )
