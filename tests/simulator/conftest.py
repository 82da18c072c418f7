"""A simulator that listens, and somebody who asks it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
import json
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, encode_basic_auth
from jsonschema import Draft202012Validator, FormatChecker
import pytest

from simulator import Simulator

CONTRACT = Path(__file__).parent.parent / "contract"
NOON = datetime(2026, 6, 17, 11, 20, tzinfo=UTC)
START = datetime(2026, 5, 1, tzinfo=UTC)


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8"))
    return Draft202012Validator(
        schema, format_checker=FormatChecker(("uuid", "date-time", "time", "uri"))
    )


@dataclass(kw_only=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    def check(self, schema: str, status: int = 200) -> Any:
        """Return the body, after it was found to keep the contract."""
        assert self.status == status, self.body
        _validator(schema).validate(self.body)
        return self.body

    def check_status(self, status: int) -> Any:
        """Return the body, after its status was found to be as expected."""
        assert self.status == status, self.body
        return self.body


class Caller:
    """Somebody with a token, who names paths below the organization."""

    def __init__(self, session: ClientSession, simulator: Simulator) -> None:
        """Start without a token."""
        self.session = session
        self.simulator = simulator
        self.token = ""
        self.base = f"/api/partners/v2.0/org/{simulator.organization_id}"

    async def ask(
        self, method: str, path: str, *, bearer: bool = True, **options: Any
    ) -> Answer:
        """Send a request; paths not from the root are below the organization."""
        url = path if path.startswith("/") else f"{self.base}/{path}"
        headers = options.pop("headers", {})
        if bearer:
            headers = {"Authorization": f"Bearer {self.token}", **headers}
        async with self.session.request(
            method,
            self.simulator.url + url,
            headers=headers,
            allow_redirects=False,
            **options,
        ) as response:
            is_json = response.content_type == "application/json"
            body = await response.json() if is_json else await response.text()
            return Answer(
                status=response.status, body=body, headers=dict(response.headers)
            )

    async def get(self, path: str, **query: Any) -> Answer:
        """GET with a query."""
        return await self.ask("GET", path, params=query)

    async def own(self, method: str, path: str, body: Any = None) -> Answer:
        """Use one of the simulator's own routes."""
        return await self.ask(method, f"/_simulator/{path}", bearer=False, json=body)

    async def client_token(
        self, secret: str = "demo-secret", *, form: bool = False
    ) -> Answer:
        """Ask for a client's token."""
        grant = {"grant_type": "client_credentials"}
        return await self.ask(
            "POST",
            "/oauth2/token/",
            bearer=False,
            headers={"Authorization": encode_basic_auth("demo-client", secret)},
            **({"data": grant} if form else {"json": grant}),
        )

    async def account_token(self, **body: str) -> Answer:
        """Ask for an account's token."""
        return await self.ask(
            "POST", "/api/partners/v2.0/auth/token", bearer=False, json=body
        )

    async def sign_in(self) -> None:
        """Be the partner from now on."""
        answer = await self.client_token()
        self.token = answer.body["access_token"]


def inverter_path(simulator: Simulator, household: int = 0, number: int = 0) -> str:
    """Return the path of an inverter, below the organization."""
    family = simulator.households[household]
    return f"users/{family.user_id}/inverters/{family.inverters[number].id}"


def vehicle_path(simulator: Simulator, household: int = 0, number: int = 0) -> str:
    """Return the path of a car, below the organization."""
    family = simulator.households[household]
    return f"users/{family.user_id}/electric-vehicles/{family.vehicles[number].id}"


def heat_pump_path(simulator: Simulator) -> str:
    """Return the path of the first household's heat pump, below the organization."""
    family = simulator.households[0]
    return f"users/{family.user_id}/heat-pumps/{family.heat_pumps[0].id}"


def wallbox_path(simulator: Simulator) -> str:
    """Return the path of the first household's wallbox, below the organization."""
    family = simulator.households[0]
    return f"users/{family.user_id}/wallboxes/{family.wallboxes[0].id}"


@pytest.fixture
async def simulator(socket_enabled: None) -> AsyncIterator[Simulator]:
    """Five households on a day in June, time standing still."""
    simulator = Simulator(seed=1, households=5, start=START)
    simulator.clock.freeze()
    simulator.clock.set(NOON)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
async def caller(simulator: Simulator) -> AsyncIterator[Caller]:
    """Sign the partner in."""
    async with ClientSession() as session:
        caller = Caller(session, simulator)
        await caller.sign_in()
        simulator.requests.clear()
        yield caller


@pytest.fixture
async def sunny(caller: Caller) -> Caller:
    """Let a visitor's car be plugged in on a sunny morning, charging by the sun."""
    from .wallboxes import plug, set_mode, until_unplugged

    await until_unplugged(caller, datetime(2026, 6, 9, 7, 3, 20, tzinfo=UTC))
    await set_mode(caller, "hems")
    await plug(caller)
    return caller
