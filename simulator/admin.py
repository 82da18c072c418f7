"""The simulator's own routes: the clock, faults, devices, actions and the truth."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from datetime import datetime
import re
from typing import Any

from aiohttp import web

from .errors import invalid
from .times import iso, to_seconds
from .web import WORLD, answer, flag, json_body, moment
from .world import World

routes = web.RouteTableDef()


def call(
    function: Callable[..., object], body: Mapping[str, Any], *times: str
) -> object:
    """Call a handle with a body's values; 422 where they do not fit.

    Args:
        function: The handle.
        body: Its arguments by name.
        times: Which of them are times.

    Raises:
        ApiError: 422, they do not fit.
    """
    try:
        values = {
            name: moment(value) if name in times and value is not None else value
            for name, value in body.items()
        }
        return function(**values)
    except (AttributeError, TypeError, ValueError, re.error) as error:
        raise invalid(str(error), "body") from error


@routes.get("/_simulator/")
async def overview(request: web.Request) -> web.Response:
    """Who lives here and how to sign in."""
    return answer(request.app[WORLD].overview())


def _clock_json(world: World) -> dict[str, object]:
    clock = world.clock
    return {
        "now": clock.now().isoformat(),
        "speed": clock.speed,
        "frozen": clock.frozen,
    }


@routes.get("/_simulator/clock")
async def get_clock(request: web.Request) -> web.Response:
    """Return what time it is."""
    return answer(_clock_json(request.app[WORLD]))


@routes.post("/_simulator/clock")
async def set_clock(request: web.Request) -> web.Response:
    """Any of ``now``, ``advance``, ``speed``, ``frozen``; ``reset`` goes back to real time."""
    clock = request.app[WORLD].clock
    body = await json_body(request)
    # Time that is to stand still does so before it is set, to the microsecond.
    for name, value in sorted(body.items(), key=lambda item: item[0] != "frozen"):
        match name, value:
            case "now", str():
                call(clock.set, {"moment": value}, "moment")
            case "advance", int() | float():
                clock.advance(value)
            case "speed", int() | float():
                clock.run(value)
            case "frozen", bool():
                clock.freeze(value)
            case "reset", True:
                clock.reset()
            case _:
                raise invalid("Not a setting of the clock", "body", name)
    return answer(_clock_json(request.app[WORLD]))


@routes.get("/_simulator/faults")
async def list_faults(request: web.Request) -> web.Response:
    """Return the faults in force."""
    return answer([fault.to_json() for fault in request.app[WORLD].faults.rules])


@routes.post("/_simulator/faults")
async def add_fault(request: web.Request) -> web.Response:
    """Add a fault; the body has the arguments of ``World.fail``."""
    world = request.app[WORLD]
    call(world.fail, await json_body(request))
    return answer(world.faults.rules[-1].to_json(), status=201)


@routes.delete("/_simulator/faults")
async def clear_faults(request: web.Request) -> web.Response:
    """No faults any more."""
    request.app[WORLD].faults.clear()
    return web.Response(status=204)


@routes.post("/_simulator/heal")
async def heal(request: web.Request) -> web.Response:
    """Take all faults, overrides, distortions and corrections back."""
    request.app[WORLD].heal()
    return web.Response(status=204)


@routes.get("/_simulator/series")
async def list_distortions(request: web.Request) -> web.Response:
    """Return what is wrong with the series."""
    return answer([rule.to_json() for rule in request.app[WORLD].distortions])


@routes.post("/_simulator/series")
async def add_distortion(request: web.Request) -> web.Response:
    """Spoil series; the body has the arguments of ``World.distort``."""
    world = request.app[WORLD]
    call(world.distort, await json_body(request), "start", "end", "until")
    return answer(world.distortions[-1].to_json(), status=201)


@routes.delete("/_simulator/series")
async def clear_distortions(request: web.Request) -> web.Response:
    """Series as they are."""
    request.app[WORLD].distortions.clear()
    return web.Response(status=204)


@routes.get("/_simulator/conventions")
async def get_conventions(request: web.Request) -> web.Response:
    """How the contract is read."""
    return answer(request.app[WORLD].conventions.to_json())


@routes.patch("/_simulator/conventions")
async def set_conventions(request: web.Request) -> web.Response:
    """Read the contract in another way."""
    world = request.app[WORLD]
    call(world.conventions.update, await json_body(request))
    return answer(world.conventions.to_json())


_TOKEN_SWITCHES = (
    "client_secret", "expires_in", "accepts_json", "accepts_form", "present",
    "partners_take_clients", "refuses_clients", "refuses_refresh", "rotates",
    "refusals", "refusal_status", "empty_access", "revokes_on_reuse", "echoes",
)  # fmt: skip


@routes.post("/_simulator/tokens")
async def set_tokens(request: web.Request) -> web.Response:
    """Turn the switches of the token endpoints; ``revoke`` is ``access``, ``refresh`` or ``all``."""
    tokens = request.app[WORLD].tokens
    for name, value in (await json_body(request)).items():
        if name == "revoke" and value in {"access", "refresh", "all"}:
            if value != "refresh":
                tokens.revoke_access()
            if value != "access":
                tokens.revoke_refresh()
        elif name in _TOKEN_SWITCHES:
            setattr(tokens, name, value)
        else:
            raise invalid("Not a switch", "body", name)
    return answer({name: getattr(tokens, name) for name in _TOKEN_SWITCHES})


def _device_json(world: World, device_id: str) -> dict[str, object]:
    device = world.device(device_id)
    return {
        "id": device.id,
        "kind": device.kind,
        "user_id": device.household.user_id,
        "model": asdict(device.model),
        "deleted_at": iso(device.deleted_at),
        "listed": device.listed,
        "exists": device.exists,
        "ghost": device.ghost,
        "shared_with": sorted(device.shared_with),
        "fields": device.overrides,
        "actions": [
            {"id": cue.id, "code": cue.code} for cue in world.cues.of(device.id)
        ],
    }


@routes.get("/_simulator/devices")
async def list_devices(request: web.Request) -> web.Response:
    """All devices there ever were."""
    world = request.app[WORLD]
    return answer([_device_json(world, device_id) for device_id in world.devices])


@routes.post("/_simulator/devices")
async def add_device(request: web.Request) -> web.Response:
    """Add a device: ``kind`` (``inverter``, ``vehicle``, ``heat_pump``, ``wallbox``) and the arguments of ``World.add_...``."""
    world = request.app[WORLD]
    body = await json_body(request)
    kinds: dict[str, Callable[..., object]] = {
        "inverter": world.add_inverter,
        "vehicle": world.add_vehicle,
        "heat_pump": world.add_heat_pump,
        "wallbox": world.add_wallbox,
    }
    if (add := kinds.get(str(body.pop("kind", "inverter")))) is None:
        raise invalid("Not a kind of device", "body", "kind")
    before = set(world.devices)
    call(add, body)
    return answer(
        _device_json(world, next(iter(set(world.devices) - before))), status=201
    )


@routes.get("/_simulator/devices/{device_id}")
async def get_device(request: web.Request) -> web.Response:
    """Return what was done to a device."""
    return answer(_device_json(request.app[WORLD], request.match_info["device_id"]))


@routes.patch("/_simulator/devices/{device_id}")
async def change_device(request: web.Request) -> web.Response:
    """Change a device.

    Any of ``fields``, ``deleted``, ``listed``, ``exists``, ``ghost``, ``shared_with`` (ids of users),
    ``id`` (that its detail names), ``user_id``, ``model``, ``battery_kwh``.
    """
    world = request.app[WORLD]
    device = world.device(request.match_info["device_id"])
    for name, value in (await json_body(request)).items():
        match name, value:
            case "fields", dict():
                world.override(device.id, **value)
            case "deleted", bool():
                world.changing(device.id)
                device.deleted_at = world.clock.seconds() if value else None
            case "listed" | "exists", bool():
                setattr(world.changing(device.id), name, value)
            case "ghost", True:
                world.haunt(device.id)
            case "shared_with", list():
                for user_id in device.shared_with - set(value):
                    world.unshare(device.id, user_id)
                for user_id in set(value) - device.shared_with:
                    world.share(device.id, user_id)
            case "id", str():
                world.misname(device.id, value)
            case "user_id", str():
                world.move(device.id, value)
            case "model", dict():
                call(world.change_model, {"device_id": device.id, **value})
            case "battery_kwh", int() | float():
                world.connect_battery(device.id, value)
            case _:
                raise invalid("Not something that can be changed", "body", name)
    return answer(_device_json(world, device.id))


@routes.delete("/_simulator/devices/{device_id}")
async def restore_device(request: web.Request) -> web.Response:
    """Undo what was done to a device."""
    request.app[WORLD].restore(request.match_info["device_id"])
    return web.Response(status=204)


@routes.post("/_simulator/devices/{device_id}/actions")
async def add_action(request: web.Request) -> web.Response:
    """Add an action; the body has the arguments of ``World.add_action``."""
    world = request.app[WORLD]
    device_id = world.device(request.match_info["device_id"]).id
    before = set(world.cues.pending)
    call(world.add_action, {"device_id": device_id, **await json_body(request)})
    return answer({"id": next(iter(set(world.cues.pending) - before))}, status=201)


@routes.delete("/_simulator/actions/{cue_id}")
async def remove_action(request: web.Request) -> web.Response:
    """Let an action be done."""
    request.app[WORLD].remove_action(request.match_info["cue_id"])
    return web.Response(status=204)


@routes.patch("/_simulator/sessions/{session_id}")
async def correct_session(request: web.Request) -> web.Response:
    """Let a session say something else."""
    values = await json_body(request)
    request.app[WORLD].correct_session(request.match_info["session_id"], **values)
    return answer(values)


def moment_of(request: web.Request, name: str) -> datetime:
    """Return a time of the query.

    Raises:
        ApiError: 422, it is missing or none.
    """
    try:
        return moment(request.query.get(name, ""))
    except ValueError:
        raise invalid("Input should be a valid datetime", "query", name) from None


@routes.get("/_simulator/energy")
async def energy(request: web.Request) -> web.Response:
    """Return what statistics have to come to: ``device``, ``start``, ``end``, ``served``."""
    world = request.app[WORLD]
    times = [moment_of(request, name) for name in ("start", "end")]
    device_id = request.query.get("device", "")
    return answer(world.energy(device_id, *times, served=flag(request, "served")))


@routes.get("/_simulator/requests")
async def list_requests(request: web.Request) -> web.Response:
    """Return what was asked: ``path`` filters by pattern, ``since`` by time."""
    world = request.app[WORLD]
    since = to_seconds(moment_of(request, "since")) if "since" in request.query else 0
    try:
        matching = world.requests.find(request.query.get("path", ""))
    except re.error as error:
        raise invalid(str(error), "query", "path") from error
    found = [item for item in matching if item.at >= since]
    return answer(
        {
            "total": world.requests.total,
            "most_at_once": world.requests.most_at_once,
            "matching": len(found),
            "requests": [
                {field.name: getattr(item, field.name) for field in fields(item)}
                | {"query": dict(item.query), "at": iso(item.at)}
                for item in found[-500:]
            ],
        }
    )


@routes.delete("/_simulator/requests")
async def clear_requests(request: web.Request) -> web.Response:
    """Count from zero."""
    request.app[WORLD].requests.clear()
    return web.Response(status=204)
