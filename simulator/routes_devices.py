"""Lists, details and settings of devices, and the boost of cars."""

from collections.abc import Callable, Mapping
import re

from aiohttp import web

from .car import Car
from .cues import API
from .devices import Device, Kind, to_list_item
from .errors import invalid, not_found
from .heat_pump import LEVELS
from .site import Site
from .web import (
    WORLD,
    answer,
    check_offered,
    enter_device,
    enter_user,
    flag,
    json_body,
    origin,
)

routes = web.RouteTableDef()
_BASE = f"{API}/org/{{org_id}}/users/{{user_id}}/{{kind:{'|'.join(Kind)}}}"


def kind_of(request: web.Request) -> Kind:
    """Return the kind of device that a path is about.

    Raises:
        ApiError: The organization has no such kind.
    """
    kind = Kind(request.match_info["kind"])
    check_offered(request, kind)
    return kind


@routes.get(_BASE)
async def list_devices(request: web.Request) -> web.Response:
    """Return a user's devices of a kind."""
    world = request.app[WORLD]
    user_id = enter_user(request)
    deleted = flag(request, "include_deleted")
    kind = kind_of(request)
    items = [
        _list_item(request, device)
        for device in world.listed(user_id, kind, deleted=deleted)
    ]
    items += world.crowd_items(user_id, kind, items[0] if items else None)
    return answer(items)


def _list_item(request: web.Request, device: Device) -> dict[str, object]:
    detail = request.app[WORLD].detail(device, origin(request))
    if device.ghost:
        detail["deleted_at"] = None
    return to_list_item(detail, device.home.building_id)


@routes.get(f"{_BASE}/{{device_id}}")
async def get_device(request: web.Request) -> web.Response:
    """All about one device."""
    world = request.app[WORLD]
    template = world.crowd_template(request.match_info["device_id"])
    if template is not None:
        enter_user(request)
        detail = world.detail(template, origin(request))
        return answer(detail | {"id": request.match_info["device_id"]})
    device = enter_device(request, kind_of(request))
    return answer(world.detail(device, origin(request)))


def _boolean(value: object) -> bool:
    return isinstance(value, bool)


def _between(low: float, high: float, *kinds: type) -> Callable[[object], bool]:
    def is_fine(value: object) -> bool:
        number = isinstance(value, kinds) and not isinstance(value, bool)
        return number and isinstance(value, int | float) and low <= value <= high

    return is_fine


def _clock_time(value: object) -> bool:
    pattern = r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _policy(value: object) -> bool:
    return value in {
        "Optimize self consumption",
        "Optimize grid balancing",
        "Export all",
    }


_WATTS = _between(0, 50_000, int)
_PERCENT = _between(0, 100, int, float)
WRITABLE: Mapping[Kind, Mapping[str, Callable[[object], bool]]] = {
    Kind.INVERTER: {
        "is_smart_optimization_active": _boolean,
        "min_battery_charge": _PERCENT,
        "max_battery_charge": _PERCENT,
        "battery_policy": _policy,
        "user_limits_enabled": _boolean,
    },
    Kind.VEHICLE: {
        "is_smart_optimization_active": _boolean,
        "is_charge_policy_enabled": _boolean,
        "charge_deadline_at": _clock_time,
        "minimum_charge_limit": _between(0, 100, int),
        "minimum_solar_coverage": _between(0, 1, int, float),
        "hems_min_export_to_start_w": _WATTS,
        "hems_max_import_before_stopping_w": _WATTS,
        "hems_min_production_to_start_w": _WATTS,
        "hems_min_production_before_stopping_w": _WATTS,
    },
    Kind.HEAT_PUMP: {
        "is_smart_optimization_active": _boolean,
        "optimization_level": lambda value: value in LEVELS,
    },
    Kind.WALLBOX: {"is_smart_optimization_active": _boolean},
}
"""What a PUT may change, and which values are fine."""


@routes.put(f"{_BASE}/{{device_id}}")
async def update_device(request: web.Request) -> web.Response:
    """Change settings; only what is sent changes."""
    world = request.app[WORLD]
    device = enter_device(request, kind_of(request))
    writable = WRITABLE[device.kind]
    changes = await json_body(request)
    for name, value in changes.items():
        if (is_fine := writable.get(name)) is None:
            raise invalid(
                "Extra inputs are not permitted", "body", name, kind="extra_forbidden"
            )
        if not is_fine(value):
            raise invalid("Input should be a valid value", "body", name)
    _check_limits(device, changes)
    world.reconsider(device)
    for name, value in changes.items():
        if name == "charge_deadline_at" and len(value) == 5:
            value += ":00"
        setattr(device.source.settings, name, value)
        device.overrides.pop(name, None)
    if isinstance(device.source, Car):
        device.source.replan(world.clock.seconds())
    device.updated_at = world.clock.seconds()
    return answer(world.detail(device, origin(request)))


def _check_limits(device: Device, changes: Mapping[str, float]) -> None:
    if not isinstance(device.source, Site):
        return
    settings = device.source.settings
    low = changes.get("min_battery_charge", settings.min_battery_charge)
    high = changes.get("max_battery_charge", settings.max_battery_charge)
    if low > high:
        name = next(name for name in changes if name.endswith("battery_charge"))
        raise invalid("The minimum is above the maximum", "body", name)


def _car(request: web.Request) -> tuple[Device, Car]:
    device = enter_device(request, Kind.VEHICLE)
    if not isinstance(device.source, Car):
        raise not_found()
    return device, device.source


_BOOST = f"{API}/org/{{org_id}}/users/{{user_id}}/electric-vehicles/{{device_id}}/boost"


@routes.post(_BOOST)
async def boost(request: web.Request) -> web.Response:
    """Charge now, or at the next session."""
    request.app[WORLD].boost(_car(request)[0].id)
    return web.Response(status=204)


@routes.delete(_BOOST)
async def cancel_boost(request: web.Request) -> web.Response:
    """Disarm a boost for the next session; a running one runs on."""
    device, car = _car(request)
    request.app[WORLD].reconsider(device)
    car.state.boost_armed = False
    return web.Response(status=204)
