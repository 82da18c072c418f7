"""Which addresses the client talks to, and which it shows to people."""

from ipaddress import ip_address
import re

from yarl import URL

from .errors import PoderoResponseError

API_PATH = "/api/partners/v2.0"

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")


def normalize_host(text: str) -> str:
    """Turn what a person types into the origin that requests go to.

    "app.podero.com/" becomes "https://app.podero.com"; a port is kept. Raises
    ValueError for anything that is not a bare host: paths, queries, user info, other
    schemes, and plain http unless the host is this very machine.
    """
    typed = text.strip()
    url = URL(typed if "://" in typed else f"https://{typed}")
    if (
        any(mark in typed for mark in "?#@\\")
        or url.path not in ("", "/")
        or url.port == 0
        or not _is_host(url.raw_host or "")
    ):
        raise ValueError("not a bare host name or address")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url)):
        raise ValueError("https is required unless the host is this machine")
    return str(url.origin())


def is_loopback(url: URL) -> bool:
    """Tell whether an address is this very machine."""
    host = url.raw_host or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def link_url(host: str, link: str) -> URL:
    """Find out where a resolution link leads.

    The link may be relative to the host ("/api/...") or to the API ("/cues/..."), or
    absolute on the same origin. Raises PoderoResponseError, without the secret, for
    everything else: following it would hand the token to somebody else.
    """
    typed = link.strip()
    try:
        url = URL(typed)
        origin = str(url.origin()) if url.absolute else None
    except ValueError:
        url, origin = URL(), None
    path = url.raw_path
    if (
        typed.startswith("//")
        or "\\" in typed
        or url.user
        or (url.scheme and origin != host)
    ):
        raise _refused_link("it leads to another origin")
    if not url.query.get("secret"):
        raise _refused_link("it carries no secret")
    if not url.scheme and not path.lstrip("/").startswith("api/"):
        path = f"{API_PATH}/{path.lstrip('/')}"
    return URL(f"{host}/{path.lstrip('/')}?{url.raw_query_string}", encoded=True)


def browser_url(request: str, value: object) -> str:
    """Check an address that a person's browser is to be sent to; https, or http on this very machine.

    Raises PoderoResponseError for anything else.
    """
    try:
        url = URL(value.strip() if isinstance(value, str) else "")
    except ValueError:
        url = URL()
    if url.raw_host and (
        url.scheme == "https" or (url.scheme == "http" and is_loopback(url))
    ):
        return str(url)
    raise PoderoResponseError(
        request, "the answer names no https address to continue at"
    )


def _refused_link(reason: str) -> PoderoResponseError:
    return PoderoResponseError("POST resolution link", f"not sent: {reason}")


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST_NAME.fullmatch(host) is not None
    return True
