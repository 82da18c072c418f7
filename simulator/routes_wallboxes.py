"""A wallbox's boost, and the sessions in which it followed the sun."""

from aiohttp import web

from .cues import API
from .devices import Device, Kind, wallbox_boost_state
from .errors import ApiError, not_found
from .times import DAY, to_day
from .wallbox import Wallbox
from .web import WORLD, answer, check_offered, day, enter_device, number

routes = web.RouteTableDef()
_BASE = f"{API}/org/{{org_id}}/users/{{user_id}}/wallboxes/{{device_id}}"


def _enter(request: web.Request, *endpoints: str) -> tuple[Device, Wallbox]:
    for endpoint in (Kind.WALLBOX, *endpoints):
        check_offered(request, endpoint)
    device = enter_device(request, Kind.WALLBOX)
    return device, request.app[WORLD].wallbox(device)


@routes.post(_BASE + "/boost")
async def boost(request: web.Request) -> web.Response:
    """Charge at the full rate now, or once something is plugged in."""
    world = request.app[WORLD]
    device, wallbox = _enter(request)
    now = world.clock.seconds()
    state = wallbox_boost_state(wallbox, now)
    if state in {"ongoing", "requested"}:
        raise ApiError(409, {"state": state, "reason": "already_charging"})
    car = wallbox.car_at(now)
    if car is not None and car.is_full(now):
        raise ApiError(409, {"state": state, "reason": "fully_charged"})
    world.reconsider(device)
    if car is None:
        wallbox.boost_armed = True
    else:
        late = world.conventions.boost_late_s
        car.boost(now, plugged_in=True, late=late)
    return web.Response(status=204)


@routes.delete(_BASE + "/boost")
async def cancel_boost(request: web.Request) -> web.Response:
    """End a boost that runs, or waits for the plug."""
    world = request.app[WORLD]
    device, wallbox = _enter(request)
    now = world.clock.seconds()
    car = wallbox.car_at(now)
    world.reconsider(device)
    wallbox.stop_boost(car, now)
    return web.Response(status=204)


@routes.get(_BASE + "/hems-sessions")
async def list_sessions(request: web.Request) -> web.Response:
    """Sessions that are over, newest first, page by page; the days are UTC and both count."""
    _, wallbox = _enter(request, "hems-sessions")
    now = request.app[WORLD].clock.seconds()
    first = to_day(day(request, "from")) * DAY
    last = to_day(day(request, "to")) * DAY + DAY
    limit = number(request, "limit", 50, 1, 200)
    offset = number(request, "offset", 0, 0)
    found = [
        item for item in reversed(wallbox.over(now)) if first <= item.started_at < last
    ]
    items = [item.to_json(now) for item in found[offset : offset + limit]]
    return answer({"total": len(found), "items": items})


@routes.get(_BASE + "/hems-sessions/current")
async def current_session(request: web.Request) -> web.Response:
    """Return the session under way with its decisions, or null."""
    _, wallbox = _enter(request, "hems-sessions")
    now = request.app[WORLD].clock.seconds()
    session = wallbox.current(now)
    return answer({"session": None if session is None else session.detail(now)})


@routes.get(_BASE + "/hems-sessions/{session_id:\\d+}")
async def get_session(request: web.Request) -> web.Response:
    """Return a session with its decisions and commands."""
    _, wallbox = _enter(request, "hems-sessions")
    now = request.app[WORLD].clock.seconds()
    wanted = int(request.match_info["session_id"])
    for session in wallbox.sessions:
        if session.id == wanted and session.started_at <= now:
            return answer(session.detail(now))
    raise not_found()
