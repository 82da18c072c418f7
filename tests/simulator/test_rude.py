"""A cloud without manners: each switch alone, from Python and over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from simulator import Simulator

from .conftest import NOON, START, Caller, inverter_path, vehicle_path


async def _ids(caller: Caller, path: str) -> list[str]:
    listed = await caller.get(path.rpartition("/")[0])
    return [item["id"] for item in listed.check_status(200)]


# Lists


async def test_lists_lag(caller: Caller, simulator: Simulator) -> None:
    """What comes and goes shows in the details at once, in the lists later."""
    simulator.conventions.update(list_lag_s=600)
    user_id = simulator.households[0].user_id
    path = inverter_path(simulator)
    old = path.rpartition("/")[2]
    simulator.clock.advance(900)
    new = simulator.add_inverter(user_id).id
    (await caller.get(path.replace(old, new))).check("inverter")
    simulator.clock.advance(60)
    simulator.delete(old)
    (await caller.get(path)).check("error", 404)
    assert await _ids(caller, path) == [old]
    simulator.clock.advance(599)
    assert await _ids(caller, path) == [old, new]
    simulator.clock.advance(1)
    assert await _ids(caller, path) == [new]


@pytest.mark.parametrize("how", ["hide", "remove", "move"])
async def test_lists_lag_for_every_way_to_go(
    caller: Caller, simulator: Simulator, how: str
) -> None:
    """Hidden, removed, moved, and back again; also over HTTP."""
    simulator.conventions.update(list_lag_s=600)
    path = inverter_path(simulator)
    other = inverter_path(simulator, 1)
    device_id = path.rpartition("/")[2]
    body: dict[str, Any] = {
        "hide": {"listed": False},
        "remove": {"exists": False},
        "move": {"user_id": simulator.households[1].user_id},
    }[how]
    (await caller.own("PATCH", f"devices/{device_id}", body)).check_status(200)
    assert await _ids(caller, path) == [device_id]
    assert device_id not in await _ids(caller, other)
    simulator.clock.advance(600)
    assert await _ids(caller, path) == []
    assert (device_id in await _ids(caller, other)) == (how == "move")
    if how == "move":
        simulator.move(device_id, path.split("/")[1])
    simulator.restore(device_id)
    assert await _ids(caller, path) == []
    simulator.clock.advance(600)
    assert await _ids(caller, path) == [device_id]


async def test_shared_device(caller: Caller, simulator: Simulator) -> None:
    """One id in two lists, one detail below two users, until it is taken back."""
    path = vehicle_path(simulator)
    device_id = path.rpartition("/")[2]
    guest = simulator.households[1].user_id
    theirs = path.replace(path.split("/")[1], guest)
    (await caller.get(theirs)).check("error", 404)
    own = {"shared_with": [guest]}
    shown = (await caller.own("PATCH", f"devices/{device_id}", own)).check_status(200)
    assert shown["shared_with"] == [guest]
    for one in (path, theirs):
        assert device_id in await _ids(caller, one)
        detail = (await caller.get(one)).check("electric_vehicle")
        assert detail["owner"]["id"] == path.split("/")[1]
        (await caller.get(f"{one}/data")).check("electric_vehicle_data")
    assert (await caller.get(f"users/{guest}")).body["num_electric_vehicles"] == 1
    (
        await caller.own("PATCH", f"devices/{device_id}", {"shared_with": []})
    ).check_status(200)
    assert device_id not in await _ids(caller, theirs)
    (await caller.get(theirs)).check("error", 404)
    stranger = {"shared_with": ["00000000-0000-4000-8000-000000000000"]}
    (await caller.own("PATCH", f"devices/{device_id}", stranger)).check("error", 404)


@pytest.mark.parametrize("hides", [True, False])
async def test_ghost(caller: Caller, simulator: Simulator, hides: bool) -> None:
    """Its detail is deleted, its list does not know."""
    simulator.conventions.update(hides_deleted=hides)
    path = inverter_path(simulator)
    device_id = path.rpartition("/")[2]
    (await caller.own("PATCH", f"devices/{device_id}", {"ghost": True})).check_status(
        200
    )
    (item,) = (await caller.get(path.rpartition("/")[0])).check("inverters")
    assert (item["id"], item["deleted_at"]) == (device_id, None)
    detail = await caller.get(path)
    if hides:
        detail.check("error", 404)
    else:
        assert detail.check("inverter")["deleted_at"] == "2026-06-17T11:20:00Z"
    simulator.restore(device_id)
    assert (await caller.get(path)).check("inverter")["deleted_at"] is None


async def test_detail_names_another(caller: Caller, simulator: Simulator) -> None:
    """Only the detail; the list and the series know better."""
    path = inverter_path(simulator)
    device_id = path.rpartition("/")[2]
    other = simulator.households[1].inverters[0].id
    (await caller.own("PATCH", f"devices/{device_id}", {"id": other})).check_status(200)
    assert (await caller.get(path)).check("inverter")["id"] == other
    assert await _ids(caller, path) == [device_id]
    simulator.heal()
    assert (await caller.get(path)).body["id"] == device_id


async def test_crowds(caller: Caller, simulator: Simulator) -> None:
    """Lists of any length: of bare ids, of whole devices with details, of users."""
    path = inverter_path(simulator)
    user_id = path.split("/")[1]
    crowd = {"user_id": user_id, "kind": "inverters", "count": 5000}
    (await caller.own("POST", "crowds", crowd)).check_status(204)
    ids = await _ids(caller, path)
    assert len(set(ids)) == len(ids) == 5001
    (await caller.get(path.replace(path.rpartition("/")[2], ids[-1]))).check(
        "error", 404
    )
    (
        await caller.own("POST", "crowds", crowd | {"count": 300, "whole": True})
    ).check_status(204)
    items = (await caller.get(path.rpartition("/")[0])).check("inverters")
    assert len(items) == 301
    last = items[-1]["id"]
    detail = (await caller.get(path.replace(path.rpartition("/")[2], last))).check(
        "inverter"
    )
    assert detail["id"] == last
    everybody = {"kind": "users", "count": 20, "whole": True}
    (await caller.own("POST", "crowds", everybody)).check_status(204)
    assert len((await caller.get("users")).check("users")) == 25
    simulator.heal()
    assert len(await _ids(caller, path)) == 1
    assert len((await caller.get("users")).check("users")) == 5
    nobody = {"user_id": simulator.households[4].user_id, "whole": True, "count": 1}
    for junk in (nobody | {"kind": "inverters"}, crowd | {"kind": "toasters"}):
        (await caller.own("POST", "crowds", junk)).check("validation_error", 422)


# The past


async def test_part_of_the_past_is_refused(
    caller: Caller, simulator: Simulator
) -> None:
    """Whatever touches it, however short, until it was tried often enough."""
    path = f"{inverter_path(simulator)}/data"
    rule = {"start": "2026-06-10T00:00:00Z", "end": "2026-06-11T00:00:00Z", "tries": 3}
    (await caller.own("POST", "refusals", rule)).check_status(201)

    async def ask(start: str, end: str) -> int:
        span = {"from_datetime": start, "to_datetime": end}
        return (await caller.get(path, **span)).status

    assert await ask("2026-06-09T00:00:00Z", "2026-06-10T00:00:00Z") == 200
    assert await ask("2026-06-11T00:00:00Z", "2026-06-12T00:00:00Z") == 200
    assert await ask("2026-06-01T00:00:00Z", "2026-06-15T00:00:00Z") == 400
    assert await ask("2026-06-10T05:00:00Z", "2026-06-10T05:15:00Z") == 400
    assert await ask("2026-06-10T23:45:00Z", "2026-06-12T00:00:00Z") == 400
    assert await ask("2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z") == 200
    (listed,) = (await caller.own("GET", "refusals")).body
    assert listed["refused"] == 3
    (await caller.own("DELETE", "refusals")).check_status(204)
    assert simulator.refusals == []
    (await caller.own("POST", "refusals", {"start": "x"})).check(
        "validation_error", 422
    )


async def test_refusal_ends_by_itself(caller: Caller, simulator: Simulator) -> None:
    """At a time, and for one device only."""
    one, other = inverter_path(simulator), inverter_path(simulator, 1)
    span = {
        "from_datetime": "2026-06-10T00:00:00Z",
        "to_datetime": "2026-06-11T00:00:00Z",
    }
    simulator.refuse(
        datetime(2026, 6, 10, tzinfo=UTC),
        datetime(2026, 6, 10, 12, tzinfo=UTC),
        device_id=one.rpartition("/")[2],
        until=NOON + timedelta(hours=1),
    )
    for _ in range(2):
        (await caller.get(f"{one}/data", **span)).check("series_error", 400)
        (await caller.get(f"{other}/data", **span)).check("inverter_data")
    simulator.clock.advance(3600)
    (await caller.get(f"{one}/data", **span)).check("inverter_data")
    simulator.refuse(START, NOON)
    (await caller.get(f"{other}/data", **span)).check("series_error", 400)
    simulator.heal()
    (await caller.get(f"{other}/data", **span)).check("inverter_data")


@pytest.mark.parametrize(("total", "rest"), [("growing", 0), ("endless", 10)])
async def test_sessions_without_end(
    caller: Caller, simulator: Simulator, total: str, rest: int
) -> None:
    """Each page promises another."""
    simulator.conventions.update(sessions_total=total)
    path = f"{vehicle_path(simulator)}/sessions"
    span = {"from": "2026-06-01", "to": "2026-06-10", "limit": 10}
    pages = [
        (await caller.get(path, **span, offset=offset)).check("sessions")
        for offset in (0, 10, 500)
    ]
    assert [page["total"] for page in pages] == [20, 30, 520]
    assert len(pages[0]["items"]) == 10
    assert len(pages[2]["items"]) == rest
    ids = [item["id"] for page in pages for item in page["items"]]
    assert len(set(ids)) == len(ids)
    nothing = await caller.get(path, **{"from": "2020-01-01", "to": "2020-01-02"})
    assert nothing.check("sessions")["items"] == []


# Answers at another time than their state


async def test_stale_answers(caller: Caller, simulator: Simulator) -> None:
    """A poll says what was true a while ago, also of what was changed since."""
    path = inverter_path(simulator)
    simulator.fail(f"{path}$", method="GET", stale=300)
    before = (await caller.get(path)).check("inverter")
    simulator.clock.advance(120)
    body = {"is_smart_optimization_active": False}
    (await caller.ask("PUT", path, json=body)).check_status(200)
    simulator.clock.advance(120)
    assert (await caller.get(path)).body == before
    simulator.clock.advance(120)
    assert (await caller.get(path)).body["is_smart_optimization_active"] is True
    simulator.clock.advance(200)
    now = (await caller.get(path)).check("inverter")
    assert now["is_smart_optimization_active"] is False
    simulator.heal()
    assert (await caller.get(path)).body["updated_at"] > before["updated_at"]


async def test_stale_where_nobody_had_asked(
    caller: Caller, simulator: Simulator
) -> None:
    """What a command changed was noted before it."""
    path = vehicle_path(simulator)
    simulator.clock.set(datetime(2026, 6, 17, 13, tzinfo=UTC))
    simulator.fail(f"{path}$", method="GET", stale=60)
    (await caller.ask("POST", f"{path}/boost")).check_status(204)
    simulator.clock.advance(30)
    assert (await caller.get(path)).body["boost_state"] == "available"
    simulator.clock.advance(60)
    assert (await caller.get(path)).body["boost_state"] == "ongoing"
    nobody = path.replace(path.rpartition("/")[2], simulator.organization_id)
    (await caller.ask("PUT", nobody, json={})).check("error", 404)


@pytest.mark.parametrize("hold", ["before", "after"])
async def test_held_answers(caller: Caller, simulator: Simulator, hold: str) -> None:
    """A poll that began before a command and ends after it: with either state."""
    path = inverter_path(simulator)
    fault = {"path": f"{path}$", "method": "GET", "hold": hold, "times": 1}
    (await caller.own("POST", "faults", fault)).check_status(201)
    poll = asyncio.create_task(caller.get(path))
    await simulator.faults.until_held()
    body = {"is_smart_optimization_active": False}
    (await caller.ask("PUT", path, json=body)).check_status(200)
    assert (await caller.own("POST", "release")).body == {"released": 1}
    detail = (await poll).check("inverter")
    assert detail["is_smart_optimization_active"] == (hold == "after")
    assert simulator.faults.held == 0
    (await caller.own("POST", "faults", {"path": "/", "hold": "maybe"})).check(
        "validation_error", 422
    )


async def test_late_answers(caller: Caller, simulator: Simulator) -> None:
    """A command that is obeyed at once and answered late."""
    path = inverter_path(simulator)
    simulator.fail(path, method="PUT", hold="after", late=0.01)
    body = {"is_smart_optimization_active": False}
    command = asyncio.create_task(caller.ask("PUT", path, json=body))
    await simulator.faults.until_held()
    assert (await caller.get(path)).body["is_smart_optimization_active"] is False
    assert not command.done()
    simulator.faults.release()
    (await command).check("inverter")


async def test_heal_lets_go_on(caller: Caller, simulator: Simulator) -> None:
    """Nothing stays held."""
    simulator.fail("/users$", hold="before")
    polls = [asyncio.create_task(caller.get("users")) for _ in range(3)]
    await simulator.faults.until_held(3)
    simulator.heal()
    for poll in polls:
        (await poll).check("users")


# Values and words


async def test_junk(caller: Caller, simulator: Simulator) -> None:
    """Same seed, same junk; ids only if they may; errors and tokens stay as they are."""
    path = inverter_path(simulator)
    good = (await caller.get(path)).body
    seen = []
    for seed in (7, 7, 8):
        simulator.heal()
        body = {"seed": seed, "rate": 0.4}
        (await caller.own("POST", "junk", body)).check_status(204)
        seen.append([(await caller.get(path)).check_status(200) for _ in range(2)])
    assert repr(seen[0]) == repr(seen[1]) != repr(seen[2])
    assert repr(seen[0][0]) != repr(seen[0][1])
    for one in seen[0]:
        assert one["id"] == good["id"]
        assert one["owner"]["id"] == good["owner"]["id"]
        changed = [name for name in good if repr(one.get(name)) != repr(good[name])]
        assert 5 < len(changed) < 50
    (await caller.get(f"{path}/data", resolution="x")).check("series_error", 400)
    (await caller.client_token()).check("client_token")


async def test_junk_of_some_fields(caller: Caller, simulator: Simulator) -> None:
    """Only those named; with every kind of junk there is, ids too if wanted."""
    path = inverter_path(simulator)
    simulator.junk(1, 1, fields="^(manufacturer|battery_capacity_kwh|created_at)$")
    texts, sizes, times = set(), set(), set()
    for _ in range(200):
        detail = (await caller.get(path)).check_status(200)
        texts.add(repr(detail["device_model"]["manufacturer"]))
        sizes.add(repr(detail["battery_capacity_kwh"]))
        times.add(repr(detail["created_at"]))
        assert detail["device_model"]["model"] == "Symo GEN24 10.0 Plus"
    assert any("<img" in text for text in texts)
    assert any(len(text) > 9_000 for text in texts)
    assert any("9999" in text for text in times)
    assert any("0001" in text for text in times)
    assert {"None"} <= texts & times
    simulator.heal()
    simulator.junk(1, 1, fields="^(current_solar_production_w|is_pause_power_active)$")
    numbers, flags = set(), set()
    for _ in range(200):
        detail = (await caller.get(path)).check_status(200)
        numbers.add(repr(detail["current_solar_production_w"]))
        flags.add(repr(detail["is_pause_power_active"]))
    assert {"1e+308", "-1e+308", "-0.0", "None", "'12.5'"} <= numbers
    assert {"'true'", "1", "None"} <= flags
    simulator.heal()
    simulator.junk(1, 1, fields="^id$", ids=True)
    ids = {repr((await caller.get(path)).body["id"]) for _ in range(100)}
    assert {"'..'", "None"} <= ids
    simulator.heal()
    (await caller.get(path)).check("inverter")


@pytest.mark.parametrize("status", [None, 503])
async def test_chatty_errors(
    caller: Caller, simulator: Simulator, status: int | None
) -> None:
    """Names, numbers, places and links; the shapes stay."""
    simulator.conventions.update(chatty_errors=True)
    path = inverter_path(simulator, 1)
    if status:
        simulator.fail(path, status=status)
    else:
        simulator.remove(path.rpartition("/")[2])
    body = (await caller.get(path)).check("error", status or 404)
    told = simulator.gossip(path.split("/")[1])
    assert told[0] == "Jonas Wiegand"
    assert (await caller.own("GET", f"gossip?user={path.split('/')[1]}")).body == [
        *told
    ]
    for piece in told:
        assert piece in body["detail"]
        assert piece in body["message"]


async def test_chatty_errors_keep_their_codes(
    caller: Caller, simulator: Simulator
) -> None:
    """What a client decides by is not touched."""
    simulator.conventions.update(chatty_errors=True)
    told = simulator.gossip()
    assert told[0] == "Lena Brandner"
    refusal = (await caller.client_token("wrong")).check("token_error", 401)
    assert refusal["error"] == "invalid_client"
    assert told[2] in refusal["message"]
    series = await caller.get(f"{inverter_path(simulator)}/data", resolution="x")
    assert told[0] in series.check("series_error", 400)["error"]
    assert len(Simulator(households=0).gossip()) == 2


async def test_errors_echo_tokens(caller: Caller, simulator: Simulator) -> None:
    """What was sent, and others that are good."""
    simulator.tokens.echoes = True
    answer = await caller.get(f"{inverter_path(simulator)}/data", resolution="x")
    assert f"Bearer {caller.token}" in answer.check("series_error", 400)["error"]
    granted = (
        await caller.account_token(
            grant_type="password", username="demo", password="demo"
        )
    ).check("account_token")
    refusal = (
        await caller.account_token(grant_type="refresh_token", refresh_token="lost-one")
    ).check("token_error", 400)
    assert "lost-one" in refusal["message"]
    assert granted["access_token"] in refusal["message"]
    assert granted["refresh_token"] in refusal["message"]
