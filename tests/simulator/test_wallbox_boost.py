"""A wallbox charges at the full rate at once, when it is told to."""

from datetime import UTC, datetime

import pytest

from simulator import Simulator

from .conftest import Caller, vehicle_path, wallbox_path
from .wallboxes import plug, sun_charges, until_unplugged, wallbox_now


async def test_boost(sunny: Caller) -> None:
    """At once the full rate, refused while it runs; and cancelled at once."""
    simulator, path = sunny.simulator, wallbox_path(sunny.simulator)
    await sun_charges(sunny)
    assert (await sunny.get(path)).body["boost_state"] == "available"
    (await sunny.ask("POST", f"{path}/boost")).check_status(204)
    assert (await sunny.get(path)).check("wallbox")["boost_state"] == "requested"
    conflict = (await sunny.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict == {"state": "requested", "reason": "already_charging"}
    simulator.clock.advance(60)
    detail = (await sunny.get(path)).check("wallbox")
    assert (detail["boost_state"], detail["is_charging"]) == ("ongoing", True)
    now = await wallbox_now(sunny)
    assert (now["state"], now["power_w"]) == ("BOOST", 11_000)
    conflict = (await sunny.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict == {"state": "ongoing", "reason": "already_charging"}
    for _ in range(2):
        (await sunny.ask("DELETE", f"{path}/boost")).check_status(204)
    detail = (await sunny.get(path)).check("wallbox")
    assert detail["boost_state"] == "available"
    simulator.clock.advance(60)
    assert (await wallbox_now(sunny))["state"] != "BOOST"


async def test_boost_until_full(sunny: Caller) -> None:
    """A full car is not boosted."""
    simulator, path = sunny.simulator, wallbox_path(sunny.simulator)
    (await sunny.ask("POST", f"{path}/boost")).check_status(204)
    for _ in range(40):
        simulator.clock.advance(900)
        await sunny.sign_in()
        if (await sunny.get(path)).body["boost_state"] == "unavailable":
            break
    conflict = (await sunny.ask("POST", f"{path}/boost")).check("boost_conflict", 409)
    assert conflict == {"state": "unavailable", "reason": "fully_charged"}
    assert (await wallbox_now(sunny))["reason"] == "fully_charged"


@pytest.mark.parametrize("visitor", [True, False])
async def test_boost_waits_for_the_plug(
    caller: Caller, simulator: Simulator, visitor: bool
) -> None:
    """Armed twice, disarmed, armed: it begins with what comes next."""
    path = wallbox_path(simulator)
    vehicle = vehicle_path(simulator)
    await until_unplugged(caller, datetime(2026, 6, 3, 9, tzinfo=UTC))
    (await caller.ask("PUT", vehicle, json={"minimum_charge_limit": 100})).check_status(
        200
    )
    assert (await caller.get(path)).body["boost_state"] == "unavailable"
    for method, armed in (
        ("POST", True),
        ("POST", True),
        ("DELETE", False),
        ("POST", True),
    ):
        (await caller.ask(method, f"{path}/boost")).check_status(204)
        detail = (await caller.get(path)).check("wallbox")
        assert detail["boost_for_next_session"] is armed
    if visitor:
        assert (await plug(caller))["visitor"] is True
    else:
        while not (await caller.get(path)).body["is_plugged_in"]:
            simulator.clock.advance(300)
            await caller.sign_in()
    assert (await caller.get(path)).body["boost_for_next_session"] is False
    simulator.clock.advance(1200)
    assert (await caller.get(path)).body["boost_state"] == "ongoing"
    assert (await wallbox_now(caller))["reason"] == "boost_requested"
