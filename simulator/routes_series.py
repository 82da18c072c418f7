"""What was: series, sessions, savings, and the weekly charge policy."""

from collections.abc import Mapping, Sequence

from aiohttp import web

from .car import Car
from .chance import dice, uuid
from .cues import API
from .devices import Device, Kind
from .errors import ApiError, bad_series, invalid, not_found
from .planning import WEEK
from .routes_devices import kind_of
from .series import (
    HEAT_PUMP_FIELDS,
    INVERTER_FIELDS,
    RESOLUTIONS,
    VEHICLE_FIELDS,
    Row,
    Rows,
    aggregate,
    points,
)
from .times import DAY, QUARTER, iso, to_day, to_seconds
from .web import WORLD, answer, day, enter_device, moment, number
from .world import World

routes = web.RouteTableDef()
_BASE = f"{API}/org/{{org_id}}/users/{{user_id}}/{{kind:inverters|electric-vehicles|heat-pumps}}/{{device_id}}"
_VEHICLE = f"{API}/org/{{org_id}}/users/{{user_id}}/electric-vehicles/{{device_id}}"
_FIELDS = {
    Kind.INVERTER: INVERTER_FIELDS,
    Kind.VEHICLE: VEHICLE_FIELDS,
    Kind.HEAT_PUMP: HEAT_PUMP_FIELDS,
}


def _span(request: web.Request, world: World) -> tuple[int, int]:
    """Start and end of the series asked for; the last day where nothing is said."""
    times = []
    for name in ("from_datetime", "to_datetime"):
        text = request.query.get(name)
        try:
            times.append(None if text is None else to_seconds(moment(text)))
        except ValueError:
            raise invalid(
                "Input should be a valid datetime",
                "query",
                name,
                kind="datetime_parsing",
            ) from None
    start, end = times
    end = world.clock.seconds() if end is None else end
    start = end - DAY if start is None else start
    if start > end:
        raise bad_series("from_datetime must be before to_datetime")
    longest = world.conventions.max_span_days
    if longest is not None and end - start > longest * DAY:
        message = f"The time range must not exceed {longest:g} days"
        raise ApiError(world.conventions.max_span_status, {"error": message})
    oldest = world.conventions.max_age_days
    if oldest is not None and start < world.clock.seconds() - oldest * DAY:
        raise bad_series(f"There is no data from before {oldest:g} days ago")
    return start, end


@routes.get(_BASE + "/data")
async def get_series(request: web.Request) -> web.Response:
    """Return a device's series."""
    world = request.app[WORLD]
    device = enter_device(request, kind_of(request))
    known = _FIELDS[device.kind]
    resolution = request.query.get("resolution", "15MIN")
    if resolution not in RESOLUTIONS:
        raise bad_series(f"Invalid resolution: {resolution}")
    text = request.query.get("keywords")
    all_of_them = [] if world.conventions.needs_keywords else list(known)
    keywords = text.split(",") if text else all_of_them
    if unknown := [name for name in keywords if name not in known]:
        raise bad_series(f"Invalid keywords: {', '.join(unknown)}")
    start, end = _span(request, world)
    now = world.clock.seconds()
    for rule in world.refusals:
        if rule.strikes(device.id, start, end, now):
            raise bad_series("The data of this time range cannot be processed")
    rows = world.rows(device, start, end)
    if (
        device.kind is Kind.VEHICLE
        and request.headers.get("fill-missing", "").lower() == "true"
    ):
        rows = _filled(rows, start, end)
    data = points(
        aggregate(rows, resolution),
        keywords,
        world.distortions,
        device.id,
        world.clock.seconds(),
    )
    metadata: dict[str, object] = {
        "requested_at": iso(world.clock.seconds()),
        "query": {"from": iso(start), "to": iso(end), "resolution": resolution},
    }
    if world.conventions.tells_units:
        unit = world.conventions.price_unit_name or world.price_unit_at(end - 1)
        metadata["units"] = {"price": unit}
    return answer({"metadata": metadata, "data": list(data)})


def _filled(rows: Rows, start: int, end: int) -> Rows:
    """Rows without a gap: one of nulls for each that is missing; a single one if all are."""
    empty: Row = dict.fromkeys(VEHICLE_FIELDS)
    if not rows:
        return {start // QUARTER: empty}
    indexes = range(-(-start // QUARTER), -(-end // QUARTER))
    return {index: rows.get(index, empty) for index in indexes}


def _car(request: web.Request) -> tuple[Device, Car]:
    device = enter_device(request, Kind.VEHICLE)
    if not isinstance(device.source, Car):
        raise not_found()
    device.home.advance(request.app[WORLD].clock.seconds() // QUARTER)
    return device, device.source


@routes.get(_VEHICLE + "/sessions")
async def list_sessions(request: web.Request) -> web.Response:
    """Sessions that are over, page by page; the days are UTC and both count."""
    world = request.app[WORLD]
    device = enter_device(request, Kind.VEHICLE)
    first = to_day(day(request, "from")) * DAY
    last = to_day(day(request, "to")) * DAY + DAY
    limit = number(request, "limit", 50, 1, 200)
    offset = number(request, "offset", 0, 0)
    by_end = world.conventions.sessions_by == "end"
    found = [
        item
        for item in world.sessions(device)
        if first <= _time_of(item, by_end=by_end) < last
    ]
    if world.conventions.sessions_order == "newest":
        found.reverse()
    elif world.conventions.sessions_order == "shuffled":
        dice(device.id, "sessions").shuffle(found)
    total, items = len(found), found[offset : offset + limit]
    if world.conventions.sessions_total != "exact":
        total = offset + 2 * limit
    if world.conventions.sessions_total == "endless" and found:
        items = [_once_more(found, number) for number in range(offset, offset + limit)]
    return answer({"total": total, "items": items})


def _once_more(found: Sequence[Mapping[str, object]], number: int) -> dict[str, object]:
    """Return an item of a list that begins again after its end, with other ids."""
    turn, position = divmod(number, len(found))
    item = dict(found[position])
    return item | {"id": uuid(item["id"], turn)} if turn else item


def _time_of(session: Mapping[str, object], *, by_end: bool) -> int:
    text = session["plug_in_time"]
    if by_end:
        text = session["unplug_time"] or session["inferred_session_end"]
    return to_seconds(moment(str(text)))


@routes.get(_VEHICLE + "/sessions/current")
async def current_session(request: web.Request) -> web.Response:
    """Return the session under way, or null."""
    world = request.app[WORLD]
    _, car = _car(request)
    session = car.current(world.clock.seconds())
    if session is None:
        return answer({"session": None})
    return answer(
        {"session": session.to_json() | world.corrections.get(session.id, {})}
    )


@routes.get(_VEHICLE + "/charge-policy")
async def charge_policy(request: web.Request) -> web.Response:
    """Return the weekly charge policy."""
    device, car = _car(request)
    data: dict[str, object] = {}
    for name in WEEK:
        if (wanted := car.policy.on(name)) is None:
            data[name] = None
            continue
        percentage, deadline = wanted.percentage, wanted.deadline
        if percentage is None:
            percentage = car.settings.minimum_charge_limit
        deadline = deadline or car.settings.charge_deadline_at
        if not request.app[WORLD].conventions.policy_seconds:
            deadline = deadline[:5]
        data[name] = {"charge_percentage": percentage, "charge_deadline": deadline}
    data["timezone"] = device.home.place.zone
    metadata = {
        "electric_vehicle_id": device.id,
        "user_id": device.household.user_id,
        "error": None,
    }
    return answer({"metadata": metadata, "data": data})
