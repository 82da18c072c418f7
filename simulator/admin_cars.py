"""The simulator's own routes for cars, and the truth about them, savings and costs."""

from datetime import datetime

from aiohttp import web

from .admin import call, moment_of
from .errors import invalid
from .web import WORLD, answer, flag, json_body

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
                world.end_stall(car_id)
            case "plan", dict():
                call(world.move_plan, {"car_id": car_id, **value}, "start", "end")
            case "miss_deadline", True:
                world.miss_deadline(car_id)
            case "policy", dict():
                call(world.set_policy, {"car_id": car_id, **value})
            case _:
                raise invalid("Not something that can be changed", "body", name)
    return answer(world.charging_truth(car_id))


_AMOUNTS = ("import_fixed", "surcharge", "tax", "export_fixed")


@routes.get("/_simulator/savings")
async def savings(request: web.Request) -> web.Response:
    """Return what a device saved: ``device``, ``start``, ``end``."""
    times = [moment_of(request, name) for name in ("start", "end")]
    device_id = request.query.get("device", "")
    return answer(request.app[WORLD].savings(device_id, *times))


@routes.get("/_simulator/costs")
async def costs(request: web.Request) -> web.Response:
    """Return what power cost: ``device``, ``start``, ``end``, ``served``, and prices by their names."""
    query = request.query
    start, end = (moment_of(request, name) for name in ("start", "end"))
    prices: dict[str, object] = {
        name: query[name] for name in ("import_price", "export_price") if name in query
    }
    try:
        prices |= {name: float(query[name]) for name in _AMOUNTS if name in query}
    except ValueError as error:
        raise invalid(str(error), "query") from None
    arguments = {
        "inverter_id": query.get("device", ""),
        "start": start,
        "end": end,
        "prices": prices,
        "served": flag(request, "served"),
    }
    return answer(call(request.app[WORLD].costs, arguments))
