"""What was: series, sessions, savings, and the weekly charge policy."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from aiohttp import web

from .car import Car
from .chance import dice
from .cues import API
from .devices import Device, Kind
from .errors import ApiError, bad_series, invalid, not_found
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
        metadata["units"] = {"price": world.conventions.price_unit}
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
    return answer({"total": len(found), "items": found[offset : offset + limit]})


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
    """Return the weekly charge policy: the same every day."""
    device, car = _car(request)
    one_day = {
        "charge_percentage": car.settings.minimum_charge_limit,
        "charge_deadline": car.settings.charge_deadline_at,
    }
    data: dict[str, object] = dict.fromkeys(
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), one_day
    )
    data["timezone"] = device.home.place.zone
    metadata = {
        "electric_vehicle_id": device.id,
        "user_id": device.household.user_id,
        "error": None,
    }
    return answer({"metadata": metadata, "data": data})


_SAVINGS_RESOLUTIONS = ("1DAY", "1WEEK", "1MONTH", "1QUARTER", "1YEAR")


@routes.get(_BASE + "/savings")
async def get_savings(request: web.Request) -> web.Response:
    """Return what the optimization saved, by UTC period."""
    world = request.app[WORLD]
    device = enter_device(request, kind_of(request))
    resolution = request.query.get("resolution", "1MONTH")
    if resolution not in _SAVINGS_RESOLUTIONS:
        raise invalid(
            "Input should be a resolution", "query", "resolution", kind="enum"
        )
    times = []
    for name in ("from", "to"):
        if (text := request.query.get(name)) is None:
            raise invalid("Field required", "query", name, kind="missing")
        try:
            times.append(moment(text))
        except ValueError:
            raise invalid(
                "Input should be a valid datetime",
                "query",
                name,
                kind="datetime_parsing",
            ) from None
    data = [
        _savings(world, device, resolution, start, end)
        for start, end in _periods(times[0], times[1], resolution)
    ]
    metadata = {
        "requested_at": iso(world.clock.seconds()),
        "query": {"from": request.query["from"], "to": request.query["to"]},
        "units": {"savings": "EUR", "consumption": "Wh"},
        "error": None,
    }
    return answer({"metadata": metadata, "data": data})


def _periods(
    start: datetime, end: datetime, resolution: str
) -> list[tuple[datetime, datetime]]:
    periods = []
    begin = start.replace(hour=0, minute=0, second=0, microsecond=0)
    while begin < end:
        if resolution == "1DAY":
            finish = begin + timedelta(days=1)
        elif resolution == "1WEEK":
            finish = begin + timedelta(days=7 - begin.weekday())
        else:
            months = {"1MONTH": 1, "1QUARTER": 3, "1YEAR": 12}[resolution]
            position = (begin.month - 1) // months * months + months
            finish = begin.replace(
                year=begin.year + position // 12, month=position % 12 + 1, day=1
            )
        periods.append((begin, min(finish, end)))
        begin = finish
    return periods


def _savings(
    world: World, device: Device, resolution: str, start: datetime, end: datetime
) -> dict[str, object]:
    rows = world.rows(device, to_seconds(start), to_seconds(end))
    used, plain, saved, full = 0.0, 0.0, 0.0, 0.0
    for row in rows.values():
        estimated, unoptimized = (
            row["estimated_consumption"],
            row["unoptimized_consumption"],
        )
        if estimated is None or unoptimized is None:
            continue
        price = (row["price"] or 0) / 1_000_000
        used, plain = used + estimated, plain + unoptimized
        saved, full = (
            saved + (unoptimized - estimated) * price,
            full + unoptimized * price,
        )
    kind: dict[str, object]
    if device.kind is Kind.INVERTER:
        name = "inverter"
        kind = {
            "solar_production_wh": sum(
                (row["solar_production_w"] or 0) / 4 for row in rows.values()
            ),
            "grid_export_wh": sum(
                max(0, row["export_power_to_grid_w"] or 0) / 4 for row in rows.values()
            ),
        }
    elif device.kind is Kind.HEAT_PUMP:
        name = "heat_pump"
        kind = {"estimated_consumption_wh": used}
    else:
        charging = [row for row in rows.values() if row["is_charging"]]
        energy = sum(row["estimated_consumption"] or 0 for row in charging)
        name = "electric_vehicle"
        kind = {
            "estimated_consumption_wh": used,
            "charge_session_count": _count_sessions(world, device, start, end),
            "average_charge_power_w": energy * 4 / len(charging) if charging else 0,
        }
    return {
        "resolution": resolution,
        "period": {
            "start_period": iso(to_seconds(start)),
            "end_period": iso(to_seconds(end)),
        },
        "savings": {
            "total": round(saved, 4),
            "percentage": round(100 * saved / full, 2) if full > 0 else 0,
        },
        "consumption": {"total": round(used, 2)},
        name: kind,
    }


def _count_sessions(
    world: World, device: Device, start: datetime, end: datetime
) -> int:
    first, last = to_seconds(start), to_seconds(end)
    return sum(
        first <= _time_of(item, by_end=False) < last for item in world.sessions(device)
    )
