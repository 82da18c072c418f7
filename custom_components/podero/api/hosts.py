"""Which addresses the client talks to, and which it shows to people."""

from ipaddress import ip_address
import re

from yarl import URL

from .errors import PoderoResponseError

API_PATH = "/api/partners/v2.0"

RESOLVE = "resolve"
"""What the link of a pending action ends with."""
READ = "information/resolve"
"""What the link of a message ends with."""

MAX_ADDRESS = 2048
"""Characters of an address; browsers and servers guarantee no more."""

_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_ADDRESS = re.compile(r"[!-\[\]-~]+")
_ABSOLUTE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
_ACTION = re.compile(r"cues/(?!\.+/)[A-Za-z0-9._~-]+/(?P<ending>[a-z/]+)")


def normalize_host(text: str) -> str:
    """Turn what a person types into the origin that requests go to.

    "app.podero.com/" becomes "https://app.podero.com"; a port is kept. Raises
    ValueError for anything that is not a bare host: paths, queries, user info, other
    schemes, and plain http unless the host is this machine.
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
    """Tell whether an address is this machine."""
    host = url.raw_host or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def link_url(host: str, link: str, ending: str) -> URL:
    """Find out where a resolution link leads: {API}/cues/{id}/ and its `ending`, RESOLVE or READ.

    The link may be relative to the host ("/api/...") or to the API ("/cues/..."), or
    absolute on the host's own origin. Raises PoderoResponseError, without the secret,
    for everything else: following it would give the token to another server, or command
    something that was not asked for.
    """
    typed = link.strip()
    if len(typed) > MAX_ADDRESS or not _ADDRESS.fullmatch(typed):
        raise _refused_link("it is not an address")
    absolute = _ABSOLUTE.match(typed) is not None
    if absolute and _origin(typed) != host:
        raise _refused_link("it leads to another origin")
    # Unchanged, because dots and percent signs are refused, not resolved.
    url = URL(typed, encoded=True)
    path = url.raw_path.removeprefix("/")
    within_api = path.removeprefix(f"{API_PATH[1:]}/")
    action = _ACTION.fullmatch(within_api)
    if (
        action is None
        or action["ending"] != ending
        or (absolute and within_api == path)
    ):
        raise _refused_link("it does not lead to what it is for")
    if not url.query.get("secret"):
        raise _refused_link("it carries no secret")
    return URL(f"{host}{API_PATH}/{within_api}?{url.raw_query_string}", encoded=True)


def browser_url(request: str, value: object, host: str) -> str:
    """Check an address that a person's browser is to be sent to.

    Only https without user info, at most 2048 characters. A cloud may not send anybody
    to this very machine; only where `host` is this machine itself, as the simulator is,
    its own addresses are good, and http is good enough for them. Raises
    PoderoResponseError for anything else.
    """
    typed = value.strip() if isinstance(value, str) else ""
    if len(typed) <= MAX_ADDRESS and typed.isprintable():
        try:
            url = URL(typed)
        except ValueError:
            url = URL()
        here = is_loopback(url)
        if (
            url.raw_host
            and "@" not in url.raw_authority
            and (url.scheme == "https" or (url.scheme == "http" and here))
            and (not here or is_loopback(URL(host)))
        ):
            return str(url)
    raise PoderoResponseError(
        request, "the answer names no https address to continue at"
    )


def _origin(address: str) -> str | None:
    """Return an absolute address's origin, None where there is none or a user is named."""
    try:
        url = URL(address)
        return str(url.origin()) if "@" not in url.raw_authority else None
    except ValueError:
        return None


def _refused_link(reason: str) -> PoderoResponseError:
    return PoderoResponseError("POST resolution link", f"not sent: {reason}")


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST_NAME.fullmatch(host) is not None
    return True
