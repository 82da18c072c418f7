"""The simulator's own routes for cars, and the truth about them, savings and costs."""

from datetime import datetime

from aiohttp import web

from .admin import call, moment_of
from .errors import invalid
from .web import WORLD, answer, json_body

routes = web.RouteTableDef()


@routes.get("/_simulator/charging")
async def charging(request: web.Request) -> web.Response:
    """Return what the simulation knows of a car: ``device``, ``at`` (now if it is missing)."""
    at: datetime | None = None
    if "at" in request.query:
        at = moment_of(request, "at")
    device_id = request.query.get("device", "")
    return answer(request.app[WORLD].charging_truth(device_id, at))


@routes.patch("/_simulator/cars/{device_id}")
async def change_car(request: web.Request) -> web.Response:
    """Any of ``stalled``, ``plan`` (``start``, ``end``), ``miss_deadline``, ``policy`` (by day)."""
    world = request.app[WORLD]
    car_id = world.car(request.match_info["device_id"])[0].id
    for name, value in (await json_body(request)).items():
        match name, value:
            case "stalled", True:
                world.stall(car_id)
            case "stalled", False:
                world.unstall(car_id)
            case "plan", dict():
                call(world.move_plan, {"car_id": car_id, **value}, "start", "end")
            case "miss_deadline", True:
                world.miss_deadline(car_id)
            case "policy", dict():
                call(world.set_policy, {"car_id": car_id, **value})
            case _:
                raise invalid("Not something that can be changed", "body", name)
    return answer(world.charging_truth(car_id))
