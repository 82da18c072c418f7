"""Resolving actions, and the page of the provider that a person sees on the way."""

from html import escape

from aiohttp import web

from .chance import uuid
from .cues import API, Cue, Errand
from .devices import Kind
from .errors import invalid, not_found, refused
from .routes_devices import kind_of
from .web import WORLD, answer, authorize, enter_device, json_body, origin
from .world import World

routes = web.RouteTableDef()


def _cue(request: web.Request, *, user_id: str | None = None) -> Cue:
    """Return the path's action, with a secret that is good."""
    world = request.app[WORLD]
    cue = world.cues.pending.get(request.match_info["cue_id"])
    if cue is None or user_id not in {None, cue.user_id}:
        raise not_found()
    if not world.cues.is_valid(cue, request.query.get("secret", "")):
        raise refused(
            world.conventions.secret_refused_status,
            "The secret is invalid or has expired",
        )
    return cue


def _errand(
    world: World,
    device_id: str,
    cue_id: str | None,
    success: str | None,
    cancel: str | None,
) -> Errand:
    number = len(world.cues.errands)
    errand = Errand(
        id=uuid(world.seed, "errand", number),
        device_id=device_id,
        cue_id=cue_id,
        success_url=success,
        cancel_url=cancel,
    )
    world.cues.errands[errand.id] = errand
    return errand


def _page(request: web.Request, errand: Errand) -> str:
    scheme = request.app[WORLD].conventions.provider_scheme
    address = origin(request)
    if scheme is not None:
        address = f"{scheme}://{address.partition('://')[2]}"
    return f"{address}/provider/{errand.id}"


@routes.post(f"{API}/cues/{{cue_id}}/resolve")
async def resolve(request: web.Request) -> web.Response:
    """Start an action that needs the end user's browser."""
    world = request.app[WORLD]
    cue = _cue(request, user_id=authorize(request).user_id)
    if cue.code == "information":
        raise not_found()
    body = await json_body(request)
    for name in cue.required_parameters:
        if not body.get(name):
            raise invalid("Field required", "body", name, kind="missing")
    cue.active = True
    errand = _errand(
        world, cue.device_id, cue.id, body.get("successUrl"), body.get("cancelUrl")
    )
    return answer({"redirect_url": _page(request, errand)})


@routes.post(f"{API}/cues/{{cue_id}}/state")
async def report_state(request: web.Request) -> web.Response:
    """Take the outcome of an action under way; the secret is enough."""
    cue = _cue(request)
    if not cue.active:
        raise not_found()
    state = (await json_body(request)).get("state")
    if state not in {"success", "fail"}:
        raise invalid(
            "Input should be 'success' or 'fail'", "body", "state", kind="enum"
        )
    request.app[WORLD].report(cue, success=state == "success")
    return answer({"action_id": cue.id})


@routes.post(f"{API}/cues/{{cue_id}}/information/resolve")
async def read_information(request: web.Request) -> web.Response:
    """Mark a message as read."""
    cue = _cue(request, user_id=authorize(request).user_id)
    if cue.code != "information":
        raise not_found()
    await json_body(request)
    request.app[WORLD].remove_action(cue.id)
    return answer({"action_id": cue.id})


@routes.post(
    f"{API}/org/{{org_id}}/users/{{user_id}}/{{kind:{'|'.join(Kind)}}}/{{device_id}}/auth_session"
)
async def auth_session(request: web.Request) -> web.Response:
    """Start a new sign-in at the provider, action or not."""
    world = request.app[WORLD]
    device = enter_device(request, kind_of(request))
    body = await json_body(request)
    for name in ("success_url", "cancel_url"):
        if not isinstance(body.get(name), str | None):
            raise invalid(
                "Input should be a valid string", "body", name, kind="string_type"
            )
    errand = _errand(
        world, device.id, None, body.get("success_url"), body.get("cancel_url")
    )
    return answer(
        {
            "authentication_url": _page(request, errand),
            "device_id": device.id,
            "session_id": errand.id,
        }
    )


_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to {maker}</title>
<style>
body {{ font: 16px system-ui, sans-serif; background: #eef2f5; display: grid; place-items: center; min-height: 90vh }}
main {{ background: #fff; padding: 2rem; border-radius: 12px; max-width: 22rem; box-shadow: 0 2px 12px #0002 }}
button {{ font: inherit; padding: .6rem 1.2rem; border: 0; border-radius: 8px; margin: .5rem .5rem 0 0; cursor: pointer }}
.go {{ background: #14664f; color: #fff }}
</style>
</head>
<body>
<main>
<h1>{maker}</h1>
<p>{text}</p>
{form}
</main>
</body>
</html>
"""
_FORM = """<form method="post">
<button class="go" name="outcome" value="success">Sign in</button>
<button name="outcome" value="cancel">Cancel</button>
</form>"""


def _known_errand(request: web.Request) -> Errand:
    errand = request.app[WORLD].cues.errands.get(request.match_info["errand_id"])
    if errand is None:
        raise web.HTTPNotFound(text="There is no such sign-in.")
    return errand


def _show(
    request: web.Request, errand: Errand, text: str, form: str = ""
) -> web.Response:
    maker = escape(request.app[WORLD].device(errand.device_id).model.manufacturer)
    page = _PAGE.format(maker=maker, text=escape(text), form=form)
    return web.Response(text=page, content_type="text/html")


@routes.get("/provider/{errand_id}")
async def show_provider(request: web.Request) -> web.Response:
    """Show the provider's page: sign in, or give up."""
    errand = _known_errand(request)
    if errand.over:
        return _show(
            request, errand, "This sign-in is over. You can close this window."
        )
    return _show(
        request, errand, "Podero wants to read your device and steer it.", _FORM
    )


@routes.post("/provider/{errand_id}")
async def leave_provider(request: web.Request) -> web.Response:
    """Take the person's decision; send the browser back to where it came from."""
    world = request.app[WORLD]
    errand = _known_errand(request)
    success = (await request.post()).get("outcome") == "success"
    if world.conventions.provider_reports:
        world.finish(errand, success=success)
    target = errand.success_url if success else errand.cancel_url
    if target is None:
        return _show(request, errand, "Done. You can close this window.")
    return web.Response(status=303, headers={"Location": target})
