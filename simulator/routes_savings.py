"""What was saved, by period."""

from datetime import datetime

from aiohttp import web

from .car import Car
from .cues import API
from .devices import Device
from .errors import invalid
from .heat_pump import HeatPump
from .routes_devices import kind_of
from .savings import RESOLUTIONS, periods
from .times import QUARTER, iso, to_seconds
from .web import WORLD, answer, enter_device, moment
from .world import World

routes = web.RouteTableDef()


def _time(request: web.Request, name: str) -> datetime:
    if (text := request.query.get(name)) is None:
        raise invalid("Field required", "query", name, kind="missing")
    try:
        return moment(text)
    except ValueError:
        raise invalid(
            "Input should be a valid datetime", "query", name, kind="datetime_parsing"
        ) from None


@routes.get(
    f"{API}/org/{{org_id}}/users/{{user_id}}/{{kind:inverters|electric-vehicles|heat-pumps}}/{{device_id}}/savings"
)
async def get_savings(request: web.Request) -> web.Response:
    """Return what the optimization saved, by calendar periods cut to the span asked for."""
    world = request.app[WORLD]
    device = enter_device(request, kind_of(request))
    resolution = request.query.get("resolution", "1MONTH")
    if resolution not in RESOLUTIONS:
        raise invalid(
            "Input should be a resolution", "query", "resolution", kind="enum"
        )
    start, end = _time(request, "from"), _time(request, "to")
    zone = device.home.place.zone
    if world.conventions.savings_zone == "utc":
        zone = "UTC"
    data = [
        _period(world, device, resolution, first, last)
        for first, last in periods(start, end, resolution, zone)
    ]
    metadata = {
        "requested_at": iso(world.clock.seconds()),
        "query": {"from": request.query["from"], "to": request.query["to"]},
        "units": world.conventions.savings_units,
        "error": None,
    }
    return answer({"metadata": metadata, "data": data})


def _period(
    world: World, device: Device, resolution: str, start: datetime, end: datetime
) -> dict[str, object]:
    saved = world.saved(device, start, end)
    block: dict[str, float]
    if isinstance(device.source, Car):
        name, block = "electric_vehicle", _vehicle(world, device, start, end)
    elif isinstance(device.source, HeatPump):
        name, block = "heat_pump", {"estimated_consumption_wh": saved.consumption_wh}
    else:
        name, block = (
            "inverter",
            {
                "solar_production_wh": round(saved.solar_wh),
                "grid_export_wh": round(saved.export_wh),
            },
        )
    return {
        "resolution": resolution,
        "period": {
            "start_period": iso(to_seconds(start)),
            "end_period": iso(to_seconds(end)),
        },
        "savings": {
            "total": round(saved.eur, 6),
            "percentage": round(saved.percentage, 2),
        },
        "consumption": {"total": round(saved.consumption_wh, 2)},
        name: block,
    }


def _vehicle(
    world: World, device: Device, start: datetime, end: datetime
) -> dict[str, float]:
    _, car = world.car(device.id)
    first, last = to_seconds(start), to_seconds(end)
    row = max(0, -(-first // QUARTER) - car.first)
    powers = [
        power
        for power in car.power[row : max(row, -(-last // QUARTER) - car.first)]
        if power
    ]
    plugged_in = [item.plug_in for item in car.over(world.clock.seconds())]
    return {
        "estimated_consumption_wh": sum(powers) / 4,
        "charge_session_count": sum(first <= moment < last for moment in plugged_in),
        "average_charge_power_w": sum(powers) / len(powers) if powers else 0,
    }
