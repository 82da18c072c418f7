"""Who may ask: only whoever names this machine, and no page of another origin."""

import pytest

from simulator import Simulator, World
from simulator.hosts import ALLOWED, is_own
from simulator.server import make_app

from .conftest import Caller, inverter_path


async def _status(
    caller: Caller, method: str, path: str, headers: dict[str, str]
) -> int:
    url = caller.simulator.url + path
    headers = {"Authorization": f"Bearer {caller.token}"} | headers
    async with caller.session.request(method, url, headers=headers) as response:
        return response.status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:1", 200),
        ("localhost", 200),
        ("LocalHost:8765", 200),
        ("[::1]:8765", 200),
        ("evil.example", 421),
        ("evil.example:8765", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("127.0.0.1@evil.example", 421),
        ("localhost.", 421),
        ("::1", 421),
        ("0.0.0.0", 421),
        ("192.168.1.2", 421),
        ("", 421),
    ],
)
async def test_host_names(
    caller: Caller, simulator: Simulator, host: str, status: int
) -> None:
    """A name that was rebound to this machine gets nothing, wherever it asks."""
    headers = {"Host": host}
    for path in ("/_simulator/", f"{caller.base}/users", "/_simulator/clock"):
        assert await _status(caller, "GET", path, headers) == status
    before = simulator.clock.now()
    provider = await _status(caller, "GET", "/provider/x", headers)
    assert provider == (404 if status == 200 else 421)
    if status == 421:
        url = "/_simulator/clock"
        async with caller.session.post(
            simulator.url + url, json={"advance": 60}, headers=headers
        ) as response:
            assert response.status == 421
        assert simulator.clock.now() == before
        assert simulator.requests.count(inverter_path(simulator)) == 0


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 204),
        ("http://localhost:8765", 204),
        ("http://127.0.0.1:8123", 204),
        ("http://[::1]", 204),
        ("null", 403),
        ("https://evil.example", 403),
        ("http://localhost.evil.example", 403),
        ("localhost", 403),
        ("", 403),
    ],
)
async def test_origins(
    caller: Caller, simulator: Simulator, origin: str | None, status: int
) -> None:
    """A page of another origin changes nothing here, even where it names the right host."""
    headers = {} if origin is None else {"Origin": origin}
    assert await _status(caller, "POST", "/_simulator/heal", headers) == status
    assert await _status(caller, "DELETE", "/_simulator/faults", headers) == status
    patched = await _status(caller, "PATCH", "/_simulator/conventions", headers)
    assert patched == (200 if status == 204 else 403)
    # Reading is harmless: no page of another origin gets to see the answer.
    assert await _status(caller, "GET", "/_simulator/clock", headers) == 200
    # The API itself has tokens, and clients that send what they like.
    assert await _status(caller, "GET", f"{caller.base}/users", headers) == 200


def test_the_address_it_listens_at() -> None:
    """Another loopback address may be named where it was asked to listen there."""
    world = World(days=1)
    assert not is_own("127.0.0.2:8765", make_app(world)[ALLOWED])
    assert is_own("127.0.0.2:8765", make_app(world, "127.0.0.2")[ALLOWED])
    assert is_own("[::2]:8765", make_app(world, "::2")[ALLOWED])
    assert is_own("localhost", make_app(world, "127.0.0.2")[ALLOWED])
