"""Who may ask: only whoever names this machine, and no page of another origin."""

import re
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

from .web import answer

OWN_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
ALLOWED = web.AppKey("allowed", frozenset[str])
_SAFE = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})


def is_own(authority: str, allowed: frozenset[str] = OWN_HOSTS) -> bool:
    """Whether a host with an optional port is one of those that are answered."""
    host = re.sub(r":\d{1,5}$", "", authority.lower())
    return host in allowed


@web.middleware
async def own_hosts(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other Host names (421), and changes of the simulator by pages of other origins (403).

    A page whose name was rebound to this machine sends its own name as Host, and every page sends its
    Origin with a request that changes something.
    """
    allowed = request.app[ALLOWED]
    if not is_own(request.headers.get(hdrs.HOST, ""), allowed):
        return answer({"detail": "Misdirected Request"}, 421)
    if request.path.startswith("/_simulator") and request.method not in _SAFE:
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is not None and not is_own(urlsplit(origin).netloc, allowed):
            return answer({"detail": "Not from another origin"}, 403)
    return await handler(request)
