"""The HTTP face: middleware, and a server that listens on loopback only."""

from ipaddress import ip_address
from typing import override

from aiohttp import web
from aiohttp.typedefs import Handler

from . import (
    admin,
    admin_cars,
    admin_charging,
    admin_rude,
    routes_auth,
    routes_charging,
    routes_cues,
    routes_devices,
    routes_savings,
    routes_series,
    routes_users,
    routes_wallboxes,
)
from .going_wrong import OWN, go_wrong, tell_errors
from .hosts import ALLOWED, OWN_HOSTS, own_hosts
from .requests import Request
from .web import WORLD
from .world import World


@web.middleware
async def _remember(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Keep the log of requests."""
    if request.path.startswith(OWN):
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


def make_app(world: World, host: str = "127.0.0.1") -> web.Application:
    """Make the application that shows a world, to callers who name this machine or the host."""
    app = web.Application(middlewares=[own_hosts, _remember, go_wrong, tell_errors])
    app[WORLD] = world
    app[ALLOWED] = OWN_HOSTS | {f"[{host}]" if ":" in host else host}
    for module in (
        routes_auth,
        routes_users,
        routes_devices,
        routes_series,
        routes_savings,
        routes_cues,
        routes_wallboxes,
        routes_charging,
        admin_charging,
        admin,
        admin_cars,
        admin_rude,
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
            make_app(self, host),
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
