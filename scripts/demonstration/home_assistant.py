"""Home Assistant as the demo needs it: configured, onboarded, talked to.

Everything goes over the interfaces that its own front end uses.
"""

import asyncio
from pathlib import Path
import secrets
import shutil
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import aiohttp

from scripts.demonstration.processes import Server

type Json = Any  # whatever a JSON answer holds

ROOT = Path(__file__).parents[2]
START_SECONDS = 120

CONFIGURATION = """\
# Made anew by scripts/demo.
config:
diagnostics:
energy:
frontend:
history:
logbook:
my:
recorder:
sun:
system_health:

logger:
  default: warning
  logs:
    custom_components.podero: info
    # So that there is something to read, however little goes wrong.
    homeassistant.bootstrap: info
    # Would like a library for the pictures of cameras.
    homeassistant.components.camera.img_util: fatal
"""

# How launch gets to know the key of the link (arguments can be seen by every user),
# how the demo itself shows it, and where the link leads.
KEY_VARIABLE = "PODERO_DEMO_KEY"
KEY_HEADER = "Demo-Key"
LINK = "/demo/"

# What the first page of onboarding asks for.
TIME_ZONE = "Europe/Vienna"
HOME = {
    "location_name": "Home",
    "latitude": 48.2082,
    "longitude": 16.3738,
    "elevation": 171,
    "country": "AT",
    "currency": "EUR",
    "language": "en",
    "time_zone": TIME_ZONE,
    "unit_system": "metric",
}


class HomeAssistantError(Exception):
    """Home Assistant refused something."""


def configure(folder: Path) -> None:
    """Write a configuration folder that has a copy of this checkout's integration.

    A copy, so that nothing in Home Assistant can write into the checkout.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    components = folder / "custom_components"
    if components.is_symlink():
        components.unlink()
    elif components.exists():
        shutil.rmtree(components)
    shutil.copytree(
        ROOT / "custom_components",
        components,
        ignore=shutil.ignore_patterns("__pycache__"),
    )


class HomeAssistant:
    """A running Home Assistant: its REST API and its web socket."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        """Talk to the Home Assistant at ``url``, such as ``http://127.0.0.1:8123``.

        Once there is a user, ``tokens`` is what a browser would keep of the sign-in.
        """
        self.url = url
        self.tokens: Json = {}
        self._key = secrets.token_urlsafe(32)
        self._session = session
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._id = 0

    async def __aenter__(self) -> Self:
        """Nothing to open yet: ``connect`` does it once there is a user."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the web socket."""
        if self._socket is not None:
            await self._socket.close()

    @property
    def link(self) -> str:
        """The address that signs a browser in as the owner."""
        return f"{self.url}{LINK}{self._key}"

    @property
    def environment(self) -> dict[str, str]:
        """What ``launch`` needs in its environment, so that the link works."""
        return {KEY_VARIABLE: self._key}

    async def request(self, method: str, path: str, **options: Any) -> Json:
        """Send one request; return the JSON answer."""
        headers = {KEY_HEADER: self._key}
        if self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        async with self._session.request(
            method, self.url + path, headers=headers, **options
        ) as response:
            if not response.ok:
                said = (await response.text())[:300]
                raise HomeAssistantError(f"{method} {path}: {response.status} {said}")
            return await response.json(content_type=None)

    async def wait_until_up(self, server: Server) -> None:
        """Wait until it serves its front end, which it does after the rest of HTTP."""
        async with asyncio.timeout(START_SECONDS):
            while True:
                server.check()
                try:
                    await self.request("GET", "/manifest.json")
                except aiohttp.ClientError, HomeAssistantError:
                    await asyncio.sleep(0.1)
                else:
                    return

    async def onboard(self) -> None:
        """Do what a person does on the onboarding pages."""
        client = {"client_id": f"{self.url}/"}
        owner = {
            "name": "Demo",
            "username": "demo",
            # Nobody has to know it: the link signs in.
            "password": secrets.token_urlsafe(32),
            "language": "en",
        }
        code = await self.request("POST", "/api/onboarding/users", json=owner | client)
        await self._exchange(code["auth_code"])
        await self.connect()
        await self.call("config/core/update", **HOME)
        await self.request("POST", "/api/onboarding/core_config", json={})
        await self.request("POST", "/api/onboarding/analytics", json={})
        await self.request(
            "POST",
            "/api/onboarding/integration",
            json=client | {"redirect_uri": f"{self.url}/?auth_callback=1"},
        )

    async def sign_in(self) -> None:
        """Sign in as the owner whom an earlier ``onboard`` made, by the link."""
        async with self._session.get(self.link, allow_redirects=False) as response:
            query = parse_qs(urlsplit(response.headers.get("Location", "")).query)
            if "code" not in query:
                raise HomeAssistantError(f"the link answers {response.status}")
        await self._exchange(query["code"][0])
        await self.connect()

    async def _exchange(self, code: str) -> None:
        self.tokens = await self.request(
            "POST",
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": f"{self.url}/",
            },
        )

    async def connect(self) -> None:
        """Open the web socket and wait until Home Assistant has fully started."""
        self._socket = await self._session.ws_connect(
            self.url + "/api/websocket", max_msg_size=0
        )
        await self._socket.receive_json()
        await self._socket.send_json(
            {"type": "auth", "access_token": self.tokens["access_token"]}
        )
        if (answer := await self._socket.receive_json())["type"] != "auth_ok":
            raise HomeAssistantError(f"web socket: {answer}")
        async with asyncio.timeout(START_SECONDS):
            while True:
                if (await self.call("get_config"))["state"] == "RUNNING":
                    return
                await asyncio.sleep(0.1)

    async def call(self, kind: str, **fields: Any) -> Json:
        """Send one web socket command; return its result.

        Home Assistant closes a web socket on which nothing was heard for a while.
        """
        try:
            return await self._call(kind, fields)
        except aiohttp.ClientConnectionResetError:
            await self.connect()
            return await self._call(kind, fields)

    async def _call(self, kind: str, fields: dict[str, Any]) -> Json:
        if self._socket is None:
            raise HomeAssistantError("the web socket is not open")
        self._id += 1
        await self._socket.send_json({"id": self._id, "type": kind, **fields})
        while (answer := await self._socket.receive_json()).get("id") != self._id:
            pass
        if not answer["success"]:
            raise HomeAssistantError(f"{kind}: {answer['error']}")
        return answer["result"]

    async def action(self, name: str, **data: Any) -> Json:
        """Perform an action such as ``homeassistant.update_entity``."""
        domain, service = name.split(".")
        return await self.call(
            "call_service", domain=domain, service=service, service_data=data
        )

    async def ask(self, name: str, **data: Any) -> Json:
        """Perform an action that answers, such as ``podero.get_dashboard``."""
        domain, service = name.split(".")
        answer = await self.call(
            "call_service",
            domain=domain,
            service=service,
            service_data=data,
            return_response=True,
        )
        return answer["response"]

    async def diagnostics(self) -> list[Json]:
        """Return the integration's own diagnostics, an answer for each entry."""
        return [
            (
                await self.request(
                    "GET", f"/api/diagnostics/config_entry/{entry['entry_id']}"
                )
            )["data"]
            for entry in await self.call("config_entries/get", domain="podero")
        ]

    async def states(self) -> dict[str, Json]:
        """Return every state by entity id."""
        return {state["entity_id"]: state for state in await self.call("get_states")}

    async def entities(self) -> dict[str, Json]:
        """Return the entity registry's Podero entries by unique id."""
        return {
            entry["unique_id"]: entry
            for entry in await self.call("config/entity_registry/list")
            if entry["platform"] == "podero"
        }

    async def has_energy_dashboard(self) -> bool:
        """Return whether the Energy dashboard has sources and consumers."""
        try:
            preferences = await self.call("energy/get_prefs")
        except HomeAssistantError:
            # Nobody has ever set it up.
            return False
        return bool(preferences["energy_sources"] and preferences["device_consumption"])

    async def flow_step(
        self, flow: Json | None, expected: str, answers: dict[str, Any]
    ) -> Json:
        """Answer one step of a config flow (a new one without ``flow``)."""
        path = "/api/config/config_entries/flow"
        if flow is not None:
            path += f"/{flow['flow_id']}"
        step = await self.request("POST", path, json=answers)
        if expected not in (step.get("step_id"), step["type"]) or step.get("errors"):
            raise HomeAssistantError(f"the config flow answered {step}")
        return step
