"""Who gets into the demo's Home Assistant: whoever has the link, on this machine.

Home Assistant answers to any Host name, so that a page whose name is made to lead
to this machine could talk to it as its own; and until there is an owner, whoever
comes first becomes it. Neither has a setting.
"""

from base64 import b64encode
from hmac import compare_digest
import json
from urllib.parse import urlencode

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from homeassistant.components.auth import create_auth_code
from homeassistant.components.http import server
from homeassistant.helpers.http import KEY_HASS
from scripts.demonstration.home_assistant import KEY_HEADER, LINK

NAMES = ("127.0.0.1", "localhost", "[::1]")


def install(key: str) -> None:
    """Guard the Home Assistant that this process is about to run.

    ``key`` is what the link ends with, and what the demo itself shows.
    """
    next_filter = server.setup_security_filter

    def setup_security_filter(app: web.Application) -> None:
        app.middlewares.append(_guard(key.encode()))
        next_filter(app)

    server.setup_security_filter = setup_security_filter


def _guard(key: bytes) -> Middleware:
    """Return the first thing that every request meets."""

    def is_key(text: str) -> bool:
        return compare_digest(text.encode(errors="surrogateescape"), key)

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not _is_own_name(request):
            raise web.HTTPMisdirectedRequest
        if (
            request.method == hdrs.METH_POST
            and request.path.startswith("/api/onboarding")
            and not is_key(request.headers.get(KEY_HEADER, ""))
        ):
            raise web.HTTPForbidden
        if request.path.startswith(LINK) and is_key(request.path.removeprefix(LINK)):
            return await _sign_in(request)
        return await handler(request)

    return guard


def _is_own_name(request: web.Request) -> bool:
    """Return whether the request names this machine and the port it came in by."""
    assert request.transport is not None
    _, port, *_ = request.transport.get_extra_info("sockname")
    hosts = [host.lower() for host in request.headers.getall(hdrs.HOST, ())]
    return len(hosts) == 1 and hosts[0] in {f"{name}:{port}" for name in NAMES}


async def _sign_in(request: web.Request) -> web.Response:
    """Send the browser where the login page would, with a code for its tokens."""
    hass = request.app[KEY_HASS]
    owner = await hass.auth.async_get_owner()
    if owner is None:
        raise web.HTTPNotFound
    url = f"http://{request.host}"
    client_id = f"{url}/"
    query = {
        "auth_callback": 1,
        "code": create_auth_code(hass, client_id, owner.credentials[0]),
        "state": b64encode(
            json.dumps({"hassUrl": url, "clientId": client_id}).encode()
        ).decode(),
        "storeToken": "true",
    }
    return web.Response(
        status=302,
        headers={
            hdrs.LOCATION: f"/?{urlencode(query)}",
            hdrs.CACHE_CONTROL: "no-store",
        },
    )
