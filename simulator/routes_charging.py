"""A user's charging configuration."""

from collections.abc import Mapping

from aiohttp import web

from .charging import CHARGING_MODES
from .cues import API
from .errors import invalid
from .web import WORLD, answer, check_offered, enter_user, json_body

routes = web.RouteTableDef()
_PATH = f"{API}/org/{{org_id}}/users/{{user_id}}/charging-config"
_THRESHOLDS = ("hems_min_export_to_start_w", "hems_max_import_before_stopping_w")


@routes.get(_PATH)
async def get_config(request: web.Request) -> web.Response:
    """Return the configuration of all the user's devices that charge."""
    check_offered(request, "charging-config")
    user_id = enter_user(request)
    return answer(request.app[WORLD].charging_config(user_id))


def _thresholds(body: Mapping[str, object]) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in body.items():
        if name not in _THRESHOLDS or value is None:
            continue
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not isinstance(value, int | float) or not 0 <= value <= 50_000:
            raise invalid("Input should be from 0 to 50000", "body", name)
        found[name] = value
    return found


@routes.put(_PATH)
async def update_config(request: web.Request) -> web.Response:
    """Change mode and thresholds; only what is sent changes, and all of it or nothing."""
    check_offered(request, "charging-config")
    world = request.app[WORLD]
    user_id = enter_user(request)
    body = await json_body(request)
    for name in body:
        if name not in {"smart_charging_mode", *_THRESHOLDS}:
            raise invalid(
                "Extra inputs are not permitted", "body", name, kind="extra_forbidden"
            )
    wanted = body.get("smart_charging_mode")
    mode = next((each for each in CHARGING_MODES if each == wanted), None)
    if mode is None and wanted is not None:
        raise invalid(
            "Input should be a mode", "body", "smart_charging_mode", kind="enum"
        )
    world.update_charging_config(user_id, mode, _thresholds(body))
    return answer(world.charging_config(user_id))
