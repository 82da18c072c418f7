"""The simulator's own routes for bad manners."""

from aiohttp import web

from .admin import call
from .web import WORLD, answer, json_body

routes = web.RouteTableDef()


@routes.post("/_simulator/release")
async def release(request: web.Request) -> web.Response:
    """Let all requests that a fault holds go on."""
    faults = request.app[WORLD].faults
    held = faults.held
    faults.release()
    return answer({"released": held})


@routes.get("/_simulator/refusals")
async def list_refusals(request: web.Request) -> web.Response:
    """Return which parts of the past are refused."""
    return answer([rule.to_json() for rule in request.app[WORLD].refusals])


@routes.post("/_simulator/refusals")
async def add_refusal(request: web.Request) -> web.Response:
    """Refuse a part of the past; the body has the arguments of ``World.refuse``."""
    world = request.app[WORLD]
    call(world.refuse, await json_body(request), "start", "end", "until")
    return answer(world.refusals[-1].to_json(), status=201)


@routes.delete("/_simulator/refusals")
async def clear_refusals(request: web.Request) -> web.Response:
    """Refuse nothing any more."""
    request.app[WORLD].refusals.clear()
    return web.Response(status=204)


@routes.post("/_simulator/crowds")
async def add_crowd(request: web.Request) -> web.Response:
    """Make a list huge; the body has the arguments of ``World.crowd``."""
    body = {"user_id": "", **await json_body(request)}
    call(request.app[WORLD].crowd, body)
    return web.Response(status=204)


@routes.post("/_simulator/junk")
async def add_junk(request: web.Request) -> web.Response:
    """Exchange values for junk; the body has the arguments of ``World.junk``."""
    call(request.app[WORLD].junk, await json_body(request))
    return web.Response(status=204)


@routes.get("/_simulator/misbehaviour")
async def get_misbehaviour(request: web.Request) -> web.Response:
    """Return what happened on bad days."""
    misbehaviour = request.app[WORLD].misbehaviour
    if misbehaviour is None:
        return answer({"running": False, "happened": 0, "log": []})
    return answer(misbehaviour.to_json())


@routes.post("/_simulator/misbehaviour")
async def misbehave(request: web.Request) -> web.Response:
    """Have bad days; the body has the arguments of ``World.misbehave``."""
    world = request.app[WORLD]
    call(world.misbehave, await json_body(request))
    return web.Response(status=204)


@routes.delete("/_simulator/misbehaviour")
async def behave(request: web.Request) -> web.Response:
    """Stop; what happened stays."""
    misbehaviour = request.app[WORLD].misbehaviour
    if misbehaviour is not None:
        misbehaviour.stop()
    return web.Response(status=204)


@routes.get("/_simulator/gossip")
async def get_gossip(request: web.Request) -> web.Response:
    """Return what chatty errors tell of a ``user``, piece by piece."""
    return answer(request.app[WORLD].gossip(request.query.get("user")))
