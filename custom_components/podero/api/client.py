"""The requests of Podero's Partner API, version 2.0, that a household needs."""

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial

import aiohttp
from yarl import URL

from .access import Access, Build, build_from
from .actions import ResolutionLink
from .answers import (
    build_current_session,
    build_current_solar_session,
    build_list,
    build_named,
    build_object,
    build_page,
    build_savings,
    build_series,
    build_solar_session,
    log_left_out,
)
from .auth import Auth
from .bounds import MAX_DEVICES, MAX_PAGES, MAX_SESSIONS, MAX_USERS, parse_uuid
from .charging import ChargePolicy, ChargingConfig
from .devices import Device, ElectricVehicle, Inverter, Wallbox
from .enums import Resolution
from .errors import PoderoNotFoundError, PoderoResponseError
from .hosts import API_PATH, READ, RESOLVE, browser_url, link_url
from .limiter import Priority, RequestStatistics
from .model import Identified, Recorded
from .savings import Savings
from .series import Series
from .sessions import Session
from .solar import SolarSession, SolarSessionDetail
from .transport import Answer
from .users import User

PAGE = 200
"""The most sessions that Podero gives at once."""

RECENT = timedelta(days=40)
"""How far back the sessions go that polling needs."""

DETAIL_MARKS = frozenset({"connection_status", "actions"})
"""Fields that tell a device's whole detail from a part of it."""
CONFIG_MARKS = frozenset({"available_modes"})
"""Fields that tell a charging configuration from another answer."""


class PoderoClient:
    """The access of one account to one organization.

    Every method raises PoderoAuthenticationError when the sign-in is no longer good,
    PoderoPermissionError (403), PoderoNotFoundError (404, or at once for an id that is
    no UUID), PoderoRateLimitedError (429, or at once while Podero wants a pause),
    PoderoConnectionError without a complete answer and PoderoResponseError for one that
    cannot be used.

    Attributes:
        host: The origin that requests go to.
        org_id: The organization's id.

    """

    def __init__(
        self, session: aiohttp.ClientSession, host: str, org_id: str, auth: Auth
    ) -> None:
        """Ask `host`, an origin as from normalize_host, by way of `session`."""
        self._access = Access(session, auth)
        self.host = host
        self.org_id = org_id

    @property
    def auth(self) -> Auth:
        """The source of its tokens."""
        return self._access.auth

    @property
    def statistics(self) -> RequestStatistics:
        """What has been asked so far."""
        return self._access.statistics

    async def users(self) -> list[User]:
        """Return the organization's users (GET /org/{org}/users)."""
        return await self._list(User, self._url("users"), "users", MAX_USERS)

    async def user(self, user_id: str) -> User:
        """Return one user (GET /org/{org}/users/{user})."""
        asked = _uuid(user_id)
        return await self._access.read(
            self._url("users", asked), partial(build_named, User, asked)
        )

    async def devices[D: Device](self, kind: type[D], user_id: str) -> list[D]:
        """Return a user's devices of one kind (GET .../{kind}); they carry no actions."""
        url = self._url("users", _uuid(user_id), kind.PATH)
        return await self._list(kind, url, kind.PATH, MAX_DEVICES)

    async def device[D: Device](
        self,
        kind: type[D],
        user_id: str,
        device_id: str,
        *,
        include_deleted: bool = False,
    ) -> D:
        """Return a device's detail (GET .../{kind}/{id}); the same object as before when nothing changed."""
        url = self._device_url(kind, user_id, device_id)
        return await self._access.poll(
            url % {"include_deleted": "true"} if include_deleted else url,
            partial(build_named, kind, _uuid(device_id)),
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
        url = self._device_url(Inverter, user_id, inverter_id, "data") % query
        return await self._access.read(url, build_series, priority=Priority.HISTORY)

    async def savings(
        self,
        kind: type[Device],
        user_id: str,
        device_id: str,
        *,
        start: datetime,
        end: datetime,
        resolution: Resolution = Resolution.MONTH,
    ) -> Savings:
        """Return what steering a device saved (GET .../{kind}/{id}/savings); `resolution` is a day or longer."""
        url = self._device_url(kind, user_id, device_id, "savings") % {
            "from": _utc(start),
            "to": _utc(end),
            "resolution": str(resolution),
        }
        return await self._access.read(url, build_savings, priority=Priority.HISTORY)

    async def sessions(
        self, user_id: str, vehicle_id: str, *, start: date, end: date
    ) -> list[Session]:
        """Return a vehicle's completed sessions by plug-in time (GET .../electric-vehicles/{id}/sessions).

        `start` and `end` are UTC days, both included.
        """
        url = self._device_url(ElectricVehicle, user_id, vehicle_id, "sessions")
        found = await self._pages(Session, url, start, end)
        return sorted(found, key=lambda each: (each.plug_in_time or _NEVER, each.id))

    async def current_session(self, user_id: str, vehicle_id: str) -> Session | None:
        """Return the session under way, None when there is none (GET .../sessions/current)."""
        url = self._device_url(
            ElectricVehicle, user_id, vehicle_id, "sessions", "current"
        )
        return await self._access.poll(url, build_current_session)

    async def charge_policy(self, user_id: str, vehicle_id: str) -> ChargePolicy:
        """Return a vehicle's weekly policy (GET .../electric-vehicles/{id}/charge-policy)."""
        url = self._device_url(ElectricVehicle, user_id, vehicle_id, "charge-policy")
        return await self._access.poll(url, partial(build_object, ChargePolicy))

    async def solar_sessions(
        self, user_id: str, wallbox_id: str, *, start: date, end: date
    ) -> list[SolarSession]:
        """Return a wallbox's solar sessions by their start (GET .../wallboxes/{id}/hems-sessions).

        `start` and `end` are UTC days, both included.
        """
        url = self._device_url(Wallbox, user_id, wallbox_id, "hems-sessions")
        found = await self._pages(SolarSession, url, start, end)
        return sorted(found, key=lambda each: (each.started_at or _NEVER, each.id))

    async def current_solar_session(
        self, user_id: str, wallbox_id: str
    ) -> SolarSessionDetail | None:
        """Return the solar session under way, None when there is none (GET .../hems-sessions/current)."""
        url = self._device_url(Wallbox, user_id, wallbox_id, "hems-sessions", "current")
        try:
            return await self._access.poll(url, build_current_solar_session)
        except PoderoNotFoundError:
            return None

    async def solar_session(
        self, user_id: str, wallbox_id: str, session_id: int
    ) -> SolarSessionDetail:
        """Return one solar session with its decisions (GET .../hems-sessions/{id})."""
        url = self._device_url(
            Wallbox, user_id, wallbox_id, "hems-sessions", str(session_id)
        )
        return await self._access.read(url, partial(build_solar_session, session_id))

    async def charging_config(self, user_id: str) -> ChargingConfig:
        """Return how a household charges its vehicles (GET .../charging-config)."""
        url = self._url("users", _uuid(user_id), "charging-config")
        return await self._access.poll(url, partial(build_object, ChargingConfig))

    async def update[D: Device](
        self,
        kind: type[D],
        user_id: str,
        device_id: str,
        field: str,
        value: bool | float | str | None,
    ) -> D:
        """Change one field of a device and return its detail (PUT .../{kind}/{id}).

        Raises ValueError for a field that is not in the kind's WRITABLE,
        PoderoBadRequestError where Podero does not accept the value.
        """
        if field not in kind.WRITABLE:
            raise ValueError(f"{field} of {kind.PATH} is not for changing")
        url = self._device_url(kind, user_id, device_id)
        build = partial(build_named, kind, _uuid(device_id))
        return await self._change(url, field, value, build, DETAIL_MARKS)

    async def update_charging_config(
        self, user_id: str, field: str, value: float | str
    ) -> ChargingConfig:
        """Change one field of a household's charging configuration and return it (PUT .../charging-config).

        Raises ValueError for a field that is not in ChargingConfig.WRITABLE,
        PoderoBadRequestError where Podero does not accept the value.
        """
        if field not in ChargingConfig.WRITABLE:
            raise ValueError(f"{field} of the charging-config is not for changing")
        url = self._url("users", _uuid(user_id), "charging-config")
        build = partial(build_object, ChargingConfig)
        return await self._change(url, field, value, build, CONFIG_MARKS)

    async def boost(
        self, kind: type[ElectricVehicle | Wallbox], user_id: str, device_id: str
    ) -> None:
        """Charge now, or at the next plug-in (POST .../{kind}/{id}/boost).

        Raises PoderoConflictError with Podero's reason when it cannot be.
        """
        await self._access.request(
            "POST", self._device_url(kind, user_id, device_id, "boost")
        )

    async def cancel_boost(
        self, kind: type[ElectricVehicle | Wallbox], user_id: str, device_id: str
    ) -> None:
        """Cancel the boost of the next plug-in (DELETE .../{kind}/{id}/boost).

        At a wallbox this stops a boost that is under way, too; a vehicle's continues.
        """
        await self._access.request(
            "DELETE", self._device_url(kind, user_id, device_id, "boost")
        )

    async def start_action(
        self, link: ResolutionLink, parameters: Mapping[str, str]
    ) -> str:
        """Start a pending action and return the address for the person's browser (POST .../cues/{id}/resolve).

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
        """Begin a sign-in at the manufacturer without an action and return the address for the browser (POST .../{kind}/{id}/auth_session)."""
        answer = await self._access.request(
            "POST",
            self._device_url(kind, user_id, device_id, "auth_session"),
            {"success_url": success_url, "cancel_url": cancel_url},
        )
        return browser_url(
            answer.request, answer.object().get("authentication_url"), self.host
        )

    def _url(self, *parts: str) -> URL:
        """Return the address of a resource of the organization; ids among the parts are UUIDs, and so need no quoting."""
        path = "/".join(("org", _uuid(self.org_id), *parts))
        return URL(f"{self.host}{API_PATH}/{path}", encoded=True)

    def _device_url(
        self, kind: type[Device], user_id: str, device_id: str, *parts: str
    ) -> URL:
        return self._url("users", _uuid(user_id), kind.PATH, _uuid(device_id), *parts)

    async def _list[M: Identified](
        self, kind: type[M], url: URL, what: str, most: int
    ) -> list[M]:
        return await self._access.read(
            url, partial(build_list, kind, what, most), most=most
        )

    async def _pages[S: (Session, SolarSession)](
        self, kind: type[S], url: URL, start: date, end: date
    ) -> list[S]:
        old = start < datetime.now(UTC).date() - RECENT
        found: dict[str | int, S] = {}
        offset = 0
        for _ in range(MAX_PAGES):
            length, total, page = await self._access.read(
                url
                % {"from": start.isoformat(), "to": end.isoformat()}
                % {"limit": PAGE, "offset": offset},
                partial(build_page, kind),
                priority=Priority.HISTORY if old else Priority.POLL,
                most=MAX_SESSIONS,
            )
            known = len(found)
            found |= {each.id: each for each in page}
            offset += length
            # A server may ignore the offset, or give no total.
            if len(found) == known or (total is not None and offset >= total):
                return list(found.values())
            if len(found) >= MAX_SESSIONS:
                break
        log_left_out("sessions", MAX_SESSIONS)
        return list(found.values())[:MAX_SESSIONS]

    async def _change[R: Recorded](
        self,
        url: URL,
        field: str,
        value: object,
        build: Build[R],
        marks: frozenset[str],
    ) -> R:
        """PUT one field; where the answer is not the whole resource, ask for that."""
        answer = await self._access.request("PUT", url, {field: value})
        try:
            found = await build_from(answer, build)
        except PoderoResponseError:
            found = None
        if found is not None and found.raw.keys() >= marks:
            return found
        return await self._access.poll(url, build, priority=Priority.COMMAND)

    async def _resolve(
        self, link: ResolutionLink, ending: str, body: Mapping[str, str]
    ) -> Answer:
        return await self._access.request(
            "POST", link_url(self.host, link.url, ending), body, signed=True
        )


_NEVER = datetime.min.replace(tzinfo=UTC)


def _uuid(value: str) -> str:
    """Return an id as it stands in addresses; raises PoderoNotFoundError for what is none."""
    if (found := parse_uuid(value)) is None:
        raise PoderoNotFoundError("GET resource", "not sent: an id is not a UUID")
    return found


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
