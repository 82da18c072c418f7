"""The HTTP face: middleware, and a server that listens on loopback only."""

import asyncio
from ipaddress import ip_address
import logging
from typing import override

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
import orjson

from . import (
    admin,
    admin_charging,
    routes_auth,
    routes_charging,
    routes_cues,
    routes_devices,
    routes_series,
    routes_users,
    routes_wallboxes,
)
from .errors import ApiError
from .faults import Fault, put
from .requests import Request
from .web import WORLD, answer
from .world import World

LOGGER = logging.getLogger(__package__)
_OWN = ("/_simulator", "/provider/")
_MEGABYTE = 1024 * 1024


@web.middleware
async def _remember(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the log of requests."""
    if request.path.startswith(_OWN):
        return await handler(request)
    world = request.app[WORLD]
    requests = world.requests
    requests.running += 1
    requests.most_at_once = max(requests.most_at_once, requests.running)
    status = 0
    try:
        response = await handler(request)
        status = response.status
    finally:
        requests.running -= 1
        requests.add(
            Request(
                method=request.method,
                path=request.path,
                query=dict(request.query),
                status=status,
                at=world.clock.seconds(),
            )
        )
    return response


@web.middleware
async def _go_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Apply the fault that strikes, if one does."""
    fault = None
    if not request.path.startswith(_OWN):
        fault = request.app[WORLD].faults.find(request.method, request.path)
    if fault is None:
        return await handler(request)
    if fault.delay:
        await asyncio.sleep(fault.delay)
    if fault.disconnect:
        _close(request)
        return web.Response(status=500)
    if fault.redirect is not None:
        return web.Response(
            status=fault.status or 302, headers={hdrs.LOCATION: fault.redirect}
        )
    if fault.oversized:
        return await _send_oversized(request)
    response = await _as_ordered(fault, request, handler)
    return await _send_half(request, response) if fault.cut else response


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


async def _as_ordered(
    fault: Fault, request: web.Request, handler: Handler
) -> web.Response:
    if fault.status is not None:
        body = (
            fault.body
            if fault.body is not None
            else {"detail": f"Simulated {fault.status}"}
        )
        return web.Response(
            body=body.encode() if isinstance(body, str) else orjson.dumps(body),
            status=fault.status,
            content_type=fault.content_type,
            headers=fault.headers,
        )
    response = await handler(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return web.Response(status=response.status)
    content = orjson.loads(response.body) if fault.fields else None
    for path, value in fault.fields.items():
        put(content, path, value)
    return web.Response(
        body=orjson.dumps(content) if fault.fields else response.body,
        status=response.status,
        content_type=response.content_type,
        headers=fault.headers,
    )


async def _send_half(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Promise the whole body, send half of it, hang up."""
    body = whole.body if isinstance(whole.body, bytes) else b""
    response = web.StreamResponse(status=whole.status)
    response.content_type = whole.content_type
    response.content_length = len(body) + 1
    await response.prepare(request)
    await response.write(body[: len(body) // 2 + 1])
    _close(request)
    return response


async def _send_oversized(request: web.Request) -> web.StreamResponse:
    """Nine megabytes of valid JSON, without telling the length."""
    response = web.StreamResponse()
    response.content_type = "application/json"
    await response.prepare(request)
    try:
        await response.write(b'["')
        for _ in range(9):
            await response.write(b"x" * _MEGABYTE)
        await response.write(b'"]')
    except ConnectionError:
        LOGGER.debug("The caller had enough of an oversized answer")
    return response


@web.middleware
async def _tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as the API's framework words them."""
    try:
        return await handler(request)
    except ApiError as error:
        return answer(error.body, error.status, error.headers)
    except web.HTTPMethodNotAllowed as error:
        return answer(
            {"detail": "Method not allowed"}, 405, {"Allow": error.headers["Allow"]}
        )
    except web.HTTPNotFound as error:
        if request.path.startswith("/provider/"):
            raise
        return answer({"detail": "Not Found"}, error.status)


def make_app(world: World) -> web.Application:
    """Make the application that shows a world."""
    app = web.Application(middlewares=[_remember, _go_wrong, _tell_errors])
    app[WORLD] = world
    for module in (
        routes_auth,
        routes_users,
        routes_devices,
        routes_series,
        routes_cues,
        routes_wallboxes,
        routes_charging,
        admin_charging,
        admin,
    ):
        app.add_routes(module.routes)
    return app


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Simulator(World):
    """A Podero cloud that listens on this machine.

    >>> simulator = Simulator(seed=1, days=40)
    >>> await simulator.start()
    >>> simulator.url
    'http://127.0.0.1:38211'
    >>> await simulator.stop()
    """

    _runner: web.AppRunner | None = None
    _url = ""

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> str:
        """Listen, and return the address; port 0 takes a free one.

        Raises:
            ValueError: The host is not a loopback address.
            OSError: The port is taken.
        """
        if not _is_loopback(host):
            msg = f"{host} is not a loopback address"
            raise ValueError(msg)
        self._runner = web.AppRunner(
            make_app(self),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=0.5,
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        port = self._runner.addresses[0][1]
        self._url = (
            f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        )
        return self._url

    async def stop(self) -> None:
        """Stop listening; the world stays as it is and can be started again."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    @property
    def url(self) -> str:
        """The address at which it listens, or last listened."""
        return self._url

    @override
    def overview(self) -> dict[str, object]:
        """Return what there is, for people and scripts."""
        return {"url": self._url, **super().overview()}
