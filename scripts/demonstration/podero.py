"""The simulated Podero cloud, asked over HTTP as any client would."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from scripts.demonstration.comparison import HOUSEHOLD, TABLES
from scripts.demonstration.processes import Server

type Json = Any  # whatever a JSON answer holds

CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-secret"  # known to everybody
START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Listed:
    """Something of a household that Podero has a detail of.

    Attributes:
        kind: The list that it is in; of the household itself ``HOUSEHOLD``.
        id: Podero's id of the device, or of the user.
        path: The path of its detail.
    """

    kind: str
    id: str
    path: str


@dataclass(frozen=True, kw_only=True)
class Household:
    """A person with devices, as Podero knows them.

    Attributes:
        organization_id: What has to be typed into the dialog.
        user_id: The person.
        listed: The devices, and the household's own charging configuration.
    """

    organization_id: str
    user_id: str
    listed: tuple[Listed, ...]


class Podero:
    """A running simulator."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Talk to the simulator at ``url``, such as ``http://127.0.0.1:8765``."""
        self.url = url
        self._session = session
        self._token: str | None = None

    async def request(self, method: str, path: str, **options: Any) -> Json:
        """Send one request; return the JSON answer."""
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        async with self._session.request(
            method, self.url + path, headers=headers, raise_for_status=True, **options
        ) as response:
            # Commands have nothing to answer.
            return None if response.status == 204 else await response.json()

    async def wait_until_up(self, server: Server) -> None:
        """Wait until it answers, then sign in as the demo's client."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                server.check()
                try:
                    await self.request("GET", "/_simulator/clock")
                except aiohttp.ClientConnectionError:
                    await asyncio.sleep(0.1)
                else:
                    break
        await self.sign_in()

    async def sign_in(self) -> None:
        """Get a token as the demo's client."""
        async with self._session.post(
            f"{self.url}/oauth2/token/",
            json={"grant_type": "client_credentials"},
            headers={
                "Authorization": aiohttp.encode_basic_auth(CLIENT_ID, CLIENT_SECRET)
            },
            raise_for_status=True,
        ) as response:
            self._token = (await response.json())["access_token"]

    async def now(self) -> datetime:
        """Return what time it is there."""
        clock = await self.request("GET", "/_simulator/clock")
        return datetime.fromisoformat(clock["now"])

    async def advance(self, by: timedelta) -> None:
        """Put its clock forward."""
        await self.request(
            "POST", "/_simulator/clock", json={"advance": by.total_seconds()}
        )

    async def set_clock(self, now: datetime) -> None:
        """Set its clock."""
        await self.request("POST", "/_simulator/clock", json={"now": now.isoformat()})

    async def truth(self, what: str, **query: str) -> Json:
        """Return what truly is: ``energy``, ``charging``, ``savings`` or ``costs``."""
        return await self.request("GET", f"/_simulator/{what}", params=query)

    async def freeze(self) -> None:
        """Stop its clock, so that everything it says stays true."""
        await self.request("POST", "/_simulator/clock", json={"frozen": True})

    async def household(self) -> Household:
        """Return the first of the simulated households."""
        said = await self.request("GET", "/_simulator/")
        organization_id = said["organization_id"]
        user_id = said["households"][0]["user_id"]
        user = f"/api/partners/v2.0/org/{organization_id}/users/{user_id}"
        devices = [
            Listed(kind=kind, id=device["id"], path=f"{user}/{kind}/{device['id']}")
            for kind in TABLES.keys() - {HOUSEHOLD}
            for device in await self.request("GET", f"{user}/{kind}")
        ]
        itself = Listed(kind=HOUSEHOLD, id=user_id, path=f"{user}/{HOUSEHOLD}")
        return Household(
            organization_id=organization_id,
            user_id=user_id,
            listed=(*sorted(devices, key=lambda device: device.path), itself),
        )
