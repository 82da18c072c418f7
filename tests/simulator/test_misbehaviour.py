"""Bad days from a seed: the same ones again, of the kinds wanted, over when they are to be."""

from typing import Any

from aiohttp import ClientConnectionError, ClientPayloadError, ContentTypeError
import orjson
import pytest

from simulator import Simulator
from simulator.misbehaviour import KINDS

from .conftest import Caller, inverter_path


async def _ask(caller: Caller, path: str) -> str:
    """Return what became of a request."""
    try:
        answer = await caller.get(path)
    except ClientPayloadError:
        return "cut"
    except ClientConnectionError, ContentTypeError:
        return "broken"
    except ValueError:
        return "no JSON"
    return str(answer.status)


async def test_same_seed_same_days(caller: Caller, simulator: Simulator) -> None:
    """All kinds happen, at about the rate wanted; what happened is known."""
    path = inverter_path(simulator)
    runs = []
    for seed in (5, 5, 6):
        kinds = [kind for kind in KINDS if kind != "burst"]
        options = {"kinds": kinds, "path": "/org/", "slow_s": 0, "timeout_s": 0}
        days = simulator.misbehave(seed, 0.3, **options)
        seen = []
        for _ in range(200):
            await caller.sign_in() if not simulator.tokens.grant(caller.token) else None
            seen.append(await _ask(caller, path))
        runs.append(([(item.kind, item.path) for item in days.log], seen))
        assert 30 < len(days.log) < 100
        assert {item.kind for item in days.log} == set(kinds)
        simulator.misbehaviour = None
        await caller.sign_in()
    assert runs[0] == runs[1] != runs[2]
    assert {"200", "401", "429", "cut"} <= set(runs[0][1])


async def test_bursts(caller: Caller, simulator: Simulator) -> None:
    """An outage has one status for everybody, until it is over or stopped."""
    days = simulator.misbehave(1, 1, kinds=["burst"], longest_burst_s=600)
    first = await _ask(caller, "users")
    assert first in {"500", "502", "503", "504"}
    assert await _ask(caller, inverter_path(simulator)) == first
    assert days.log[1].path.endswith(inverter_path(simulator))
    seen = set()
    for _ in range(30):
        simulator.clock.advance(601)
        seen.add(await _ask(caller, "users"))
    assert seen == {"500", "502", "503", "504"}
    days.stop()
    assert await _ask(caller, "users") == "200"
    days.start()
    assert await _ask(caller, "users") != "200"
    simulator.heal()
    assert await _ask(caller, "users") == "200"


async def test_wait_times(caller: Caller, simulator: Simulator) -> None:
    """With and without Retry-After, in seconds and as a date."""
    simulator.misbehave(1, 1, kinds=["too_many", "too_many_silent"])
    waits = [(await caller.get("users")).headers.get("Retry-After") for _ in range(40)]
    assert None in waits
    texts = [text for text in waits if text is not None]
    assert any(text.isdigit() for text in texts)
    assert any(text.endswith(" GMT") and "17 Jun 2026" in text for text in texts)


async def test_wrong_bodies(caller: Caller, simulator: Simulator) -> None:
    """With status 200, and never a list of users."""
    simulator.misbehave(3, 1, kinds=["body"])
    url = f"{simulator.url}{caller.base}/users"
    headers = {"Authorization": f"Bearer {caller.token}"}
    bodies: set[bytes] = set()
    for _ in range(100):
        async with caller.session.get(url, headers=headers) as response:
            assert response.status == 200
            bodies.add(await response.read())
    assert len(bodies) == 10
    shapes: list[Any] = []
    for body in bodies:
        try:
            shapes.append(orjson.loads(body))
        except orjson.JSONDecodeError:
            continue
    assert None in shapes and {} in shapes


async def test_over_http(caller: Caller, simulator: Simulator) -> None:
    """Started, looked at and stopped; what was asked for goes first; junk is refused."""
    route = "misbehaviour"
    assert (await caller.own("GET", route)).body["running"] is False
    (await caller.own("DELETE", route)).check_status(204)
    body = {"seed": 2, "rate": 1, "kinds": ["too_many_silent"], "path": "/inverters"}
    (await caller.own("POST", route, body)).check_status(204)
    assert await _ask(caller, "users") == "200"
    path = inverter_path(simulator)
    simulator.fail(path, status=418, times=1)
    assert [await _ask(caller, path) for _ in range(2)] == ["418", "429"]
    shown = (await caller.own("GET", route)).body
    assert shown == {
        "running": True,
        "happened": 1,
        "log": [
            {
                "at": "2026-06-17T11:20:00Z",
                "kind": "too_many_silent",
                "method": "GET",
                "path": f"{caller.base}/{path}",
            }
        ],
    }
    (await caller.own("DELETE", route)).check_status(204)
    assert await _ask(caller, path) == "200"
    assert (await caller.own("GET", route)).body["happened"] == 1
    for junk in ({}, body | {"kinds": ["sabotage"]}, body | {"path": "("}):
        (await caller.own("POST", route, junk)).check("validation_error", 422)


@pytest.mark.parametrize("kind", ["reset", "timeout"])
async def test_no_answer(caller: Caller, simulator: Simulator, kind: str) -> None:
    """The connection closes, at once or after a while."""
    simulator.misbehave(1, 1, kinds=[kind], timeout_s=0)
    assert await _ask(caller, "users") == "broken"
    assert simulator.requests.count("/users$", status=200) == 0
    assert simulator.requests.count("/users$") >= 1
