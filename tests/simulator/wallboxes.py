"""What the tests of the wallbox do with it."""

from datetime import datetime
from typing import Any

from .conftest import Caller


def _own_path(caller: Caller) -> str:
    return f"wallboxes/{caller.simulator.households[0].wallboxes[0].id}"


async def set_mode(caller: Caller, mode: str) -> None:
    """Choose how the first household charges."""
    path = f"users/{caller.simulator.households[0].user_id}/charging-config"
    (await caller.ask("PUT", path, json={"smart_charging_mode": mode})).check(
        "charging_config"
    )


async def wallbox_now(caller: Caller) -> dict[str, Any]:
    """Return what the first wallbox does now, and why."""
    now: dict[str, Any] = (await caller.own("GET", _own_path(caller))).check_status(200)
    return now


async def plug(caller: Caller, plugged: bool = True) -> dict[str, Any]:
    """Put a plug in, or pull it, and return what the wallbox does then."""
    body = {"plugged": plugged}
    answer = await caller.own("PATCH", _own_path(caller), body)
    now: dict[str, Any] = answer.check_status(200)
    return now


async def until_unplugged(caller: Caller, moment: datetime) -> None:
    """Go to the first time from a moment on at which nothing is plugged in."""
    caller.simulator.clock.set(moment)
    await caller.sign_in()
    while (await wallbox_now(caller))["plugged_in"]:
        caller.simulator.clock.advance(900)
        await caller.sign_in()


async def sun_charges(caller: Caller) -> dict[str, Any]:
    """Go on to a time at which the sun charges."""
    while True:
        caller.simulator.clock.advance(60)
        await caller.sign_in()
        now = await wallbox_now(caller)
        if now["state"] == "SOLAR_CHARGING" and now["target_w"] > 2000:
            return now
