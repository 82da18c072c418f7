"""What goes wrong on demand, and the log of what was asked."""

import asyncio

from aiohttp import (
    ClientConnectionError,
    ClientPayloadError,
    ClientSession,
    ServerDisconnectedError,
)
import pytest

from simulator import Simulator

from .conftest import Caller, inverter_path


async def test_status_with_body_and_headers(
    caller: Caller, simulator: Simulator
) -> None:
    """As often as wanted, for the method wanted, after some that pass."""
    simulator.fail(
        "/users$",
        status=429,
        headers={"Retry-After": "7"},
        times=2,
        method="GET",
        after=1,
    )
    assert (await caller.ask("POST", "users")).status == 405
    answers = [await caller.get("users") for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 429, 429, 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert answers[1].body == {"detail": "Simulated 429"}
    simulator.fail("/users$", status=401, body={"error": "invalid_scope"})
    assert (await caller.get("users")).body == {"error": "invalid_scope"}
    assert simulator.requests.count("/users$", status=429) == 2


async def test_pages_and_junk(caller: Caller, simulator: Simulator) -> None:
    """A web page, text, a redirect and an empty answer instead of JSON."""
    page = simulator.fail("/users$", html=True)
    answer = await caller.get("users")
    assert answer.status == 200
    assert answer.body.startswith("<!DOCTYPE html>")
    simulator.faults.remove(page)
    simulator.fail("/users$", html=True, status=503, times=1)
    assert (await caller.get("users")).status == 503
    simulator.fail("/users$", text="not JSON", times=1)
    assert (await caller.get("users")).body == "not JSON"
    simulator.fail("/users$", redirect="https://elsewhere.example.com/", times=1)
    answer = await caller.get("users")
    assert (answer.status, answer.headers["Location"]) == (
        302,
        "https://elsewhere.example.com/",
    )
    (await caller.get("users")).check("users")


async def test_fields(caller: Caller, simulator: Simulator) -> None:
    """Fields of any type, at any depth, in details and lists; errors stay errors."""
    path = inverter_path(simulator)
    simulator.fail(
        "/inverters",
        fields={
            "battery_capacity_kwh": [],
            "device_model.year": "old",
            "x.y": 1,
            "owner": 7,
        },
    )
    detail = (await caller.get(path)).body
    assert detail["battery_capacity_kwh"] == []
    assert detail["device_model"]["year"] == "old"
    assert (detail["owner"], "x" in detail) == (7, False)
    (item,) = (await caller.get(path.rpartition("/")[0])).body
    assert item["battery_capacity_kwh"] == []
    assert (await caller.get(f"{path}/data", resolution="x")).status == 400


async def test_connections_break(caller: Caller, simulator: Simulator) -> None:
    """Hung up without an answer, or in the middle of one."""
    simulator.fail("/users$", disconnect=True, times=2)
    with pytest.raises((ServerDisconnectedError, ClientConnectionError)):
        await caller.get("users")
    simulator.faults.clear()
    simulator.fail("/users$", cut=True, times=1)
    with pytest.raises(ClientPayloadError):
        await caller.get("users")
    simulator.fail("/users$", cut=True, status=500, times=1)
    with pytest.raises(ClientPayloadError):
        await caller.get("users")
    (await caller.get("users")).check("users")


async def test_oversized(caller: Caller, simulator: Simulator) -> None:
    """Nine megabytes, also for a caller that leaves before the end."""
    simulator.fail("/users$", oversized=True)
    (text,) = (await caller.get("users")).body
    assert len(text) == 9 * 1024 * 1024
    async with ClientSession() as session:
        url = f"{simulator.url}{caller.base}/users"
        async with session.get(url) as response:
            assert await response.content.readexactly(2) == b'["'
    simulator.heal()
    (await caller.get("users")).check("users")


async def test_delay(caller: Caller, simulator: Simulator) -> None:
    """Slow answers overlap, and are counted while they wait."""
    simulator.fail("/users$", delay=0.05)
    answers = await asyncio.gather(*(caller.get("users") for _ in range(3)))
    assert [answer.status for answer in answers] == [200] * 3
    assert simulator.requests.most_at_once == 3


async def test_faults_over_http(caller: Caller, simulator: Simulator) -> None:
    """Set, listed and taken back from outside."""
    rule = {"path": "/users$", "status": 500, "body": {"detail": "broken"}, "times": 1}
    assert (await caller.own("POST", "faults", rule)).status == 201
    assert (await caller.get("users")).body == {"detail": "broken"}
    (listed,) = (await caller.own("GET", "faults")).body
    assert (listed["path"], listed["struck"]) == ("/users$", 1)
    (await caller.own("DELETE", "faults")).check_status(204)
    assert (await caller.own("GET", "faults")).body == []
    for junk in ({}, {"path": "/", "nonsense": 1}, {"path": "("}):
        (await caller.own("POST", "faults", junk)).check("validation_error", 422)
    (
        await caller.own("POST", "faults", {"path": "/users$", "status": 500})
    ).check_status(201)
    (await caller.own("POST", "heal")).check_status(204)
    (await caller.get("users")).check("users")


async def test_requests_are_remembered(caller: Caller, simulator: Simulator) -> None:
    """Method, path, query, status and time; the simulator's own routes do not count."""
    path = inverter_path(simulator)
    await caller.get(f"{path}/data", resolution="1HOUR")
    simulator.clock.advance(600)
    await caller.get("users")
    log = (await caller.own("GET", "requests")).body
    assert (log["total"], log["matching"]) == (2, 2)
    assert log["requests"][0] == {
        "method": "GET",
        "path": f"{caller.base}/{path}/data",
        "query": {"resolution": "1HOUR"},
        "status": 200,
        "at": "2026-06-17T11:20:00Z",
    }
    some = (
        await caller.own("GET", "requests?path=/data$&since=2026-06-17T11:00:00Z")
    ).body
    assert (some["total"], some["matching"]) == (2, 1)
    assert (await caller.own("GET", "requests?since=2026-06-17T11:25:00Z")).body[
        "matching"
    ] == 1
    assert simulator.requests.find("/data$", "GET", 200)[0].query == {
        "resolution": "1HOUR"
    }
    (await caller.own("DELETE", "requests")).check_status(204)
    assert simulator.requests.total == 0
    for wrong in ("requests?since=soon", "requests?path=("):
        (await caller.own("GET", wrong)).check("validation_error", 422)


async def test_overview(caller: Caller, simulator: Simulator) -> None:
    """Everything needed to sign in."""
    overview = (await caller.own("GET", "")).body
    assert overview["url"] == simulator.url
    assert overview["organization_id"] == simulator.organization_id
    assert [item["username"] for item in overview["households"]] == [
        "demo", "demo2", "demo3", "demo4", "demo5",
    ]  # fmt: skip
    assert overview["households"][0]["inverters"] == [
        simulator.households[0].inverters[0].id
    ]
    (await caller.own("GET", "nonsense")).check("error", 404)
    assert len((await caller.own("GET", "devices")).body) == 10
    (await caller.ask("GET", "/nonsense")).check("error", 404)
