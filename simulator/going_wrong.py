"""The middleware that spoils answers, and the one that words errors."""

import asyncio
from collections.abc import Mapping
import json
import logging
import re

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
import orjson

from . import gossip
from .errors import ApiError
from .faults import Fault, put
from .web import WORLD, answer, origin

LOGGER = logging.getLogger(__package__)
OWN = ("/_simulator", "/provider/")
"""Paths that are no part of the API."""
_MEGABYTE = 1024 * 1024


@web.middleware
async def go_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Apply the fault that strikes, if one does."""
    world = request.app[WORLD]
    if request.path.startswith(OWN):
        return await handler(request)
    _keep_what_changes(request)
    fault = world.faults.find(request.method, request.path)
    if fault is None and world.misbehaviour is not None:
        fault = world.misbehaviour.draw(request.method, request.path)
    if fault is None:
        return await handler(request)
    if fault.hold == "before":
        await world.faults.wait()
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
    if fault.hold == "after":
        await world.faults.wait()
    if fault.late:
        await asyncio.sleep(fault.late)
    return await _send_half(request, response) if fault.cut else response


def _close(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


async def _as_ordered(
    fault: Fault, request: web.Request, handler: Handler
) -> web.Response:
    if fault.status is not None:
        content = fault.body
        if content is None:
            content = {"detail": f"Simulated {fault.status}"}
            content = await _with_gossip(request, content)
        return web.Response(
            body=content.encode()
            if isinstance(content, str)
            else orjson.dumps(content),
            status=fault.status,
            content_type=fault.content_type,
            headers=fault.headers,
        )
    response = await handler(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return web.Response(status=response.status)
    return web.Response(
        body=_spoilt(fault, request, response.status, response.body),
        status=response.status,
        content_type=response.content_type,
        headers=fault.headers,
    )


def _spoilt(fault: Fault, request: web.Request, status: int, body: bytes) -> bytes:
    """Return the body of an answer as a rule wants it."""
    if fault.stale and request.method == hdrs.METH_GET and status == 200:
        world = request.app[WORLD]
        now = world.clock.seconds()
        world.memory.add(request.path_qs, now, body)
        body = world.memory.before(request.path_qs, now - fault.stale)
    if not fault.fields and (fault.junk is None or status != 200 or not body):
        return body
    content = orjson.loads(body)
    for path, value in fault.fields.items():
        put(content, path, value)
    if fault.junk is not None and status == 200:
        content = fault.junk.spoil(content)
    # Not orjson, which writes no numbers beyond 64 bits.
    return json.dumps(content).encode()


_DEVICE = re.compile(r"(.*/users/[^/]+/[a-z-]+/([0-9a-f-]{36}))(/boost)?$")


def _keep_what_changes(request: web.Request) -> None:
    """Before a device is changed, note its detail for answers that are to be stale."""
    world = request.app[WORLD]
    found = _DEVICE.match(request.path)
    if request.method == hdrs.METH_GET or found is None:
        return
    device = world.devices.get(found[2])
    if device is not None and any(rule.stale for rule in world.faults.rules):
        detail = world.detail(device, origin(request))
        world.memory.add(found[1], world.clock.seconds(), orjson.dumps(detail))


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
async def tell_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Errors as the API's framework words them."""
    try:
        return await handler(request)
    except ApiError as error:
        body = await _with_gossip(request, error.body)
        return answer(body, error.status, error.headers)
    except web.HTTPMethodNotAllowed as error:
        return answer(
            {"detail": "Method not allowed"}, 405, {"Allow": error.headers["Allow"]}
        )
    except web.HTTPNotFound as error:
        if request.path.startswith("/provider/"):
            raise
        return answer({"detail": "Not Found"}, error.status)


async def _with_gossip(
    request: web.Request, body: Mapping[str, object]
) -> Mapping[str, object]:
    """Return an error's body with what the switches let it tell besides."""
    world = request.app[WORLD]
    told: list[str] = []
    if world.conventions.chatty_errors:
        user = re.search(r"/users/([0-9a-f-]{36})", request.path)
        told += world.gossip(user[1] if user else None)
    if world.tokens.echoes:
        told += await gossip.tokens_of(request)
        told += world.tokens.known()
    return gossip.add(body, ", ".join(told)) if told else body
