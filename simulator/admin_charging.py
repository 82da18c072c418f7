"""The simulator's own routes for charging: mode, plug, and what a wallbox does and why."""

from aiohttp import web

from .errors import invalid
from .web import WORLD, answer, json_body

routes = web.RouteTableDef()
_WALLBOX = "/_simulator/wallboxes/{device_id}"
_CHARGING = "/_simulator/charging/{user_id}"


@routes.get(_WALLBOX)
async def wallbox_now(request: web.Request) -> web.Response:
    """Return what a wallbox does now, and why."""
    world = request.app[WORLD]
    return answer(world.wallbox_now(request.match_info["device_id"]))


@routes.patch(_WALLBOX)
async def plug_wallbox(request: web.Request) -> web.Response:
    """Plug a visitor's car in, or pull the plug: ``plugged``."""
    world = request.app[WORLD]
    device_id = request.match_info["device_id"]
    match await json_body(request):
        case {"plugged": bool(plugged)}:
            world.plug_wallbox(device_id, plugged)
        case _:
            raise invalid("Input should be a valid boolean", "body", "plugged")
    return answer(world.wallbox_now(device_id))


@routes.patch(_CHARGING)
async def change_charging(request: web.Request) -> web.Response:
    """Set the ``mode``, available or not; ``fields`` say something else than is true."""
    world = request.app[WORLD]
    user_id = world.household(request.match_info["user_id"]).user_id
    for name, value in (await json_body(request)).items():
        match name, value:
            case "mode", str():
                try:
                    world.set_charging_mode(user_id, value)
                except ValueError as error:
                    raise invalid(str(error), "body", "mode") from error
            case "fields", dict():
                world.override_charging(user_id, **value)
            case _:
                raise invalid("Not something that can be changed", "body", name)
    return answer(world.charging_config(user_id))


@routes.delete(_CHARGING)
async def restore_charging(request: web.Request) -> web.Response:
    """Let a charging configuration say what is true."""
    request.app[WORLD].restore_charging(request.match_info["user_id"])
    return web.Response(status=204)
