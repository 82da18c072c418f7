"""Which addresses are talked to and shown."""

import pytest
from yarl import URL

from custom_components.podero.api import PoderoResponseError, normalize_host
from custom_components.podero.api.hosts import READ, RESOLVE, browser_url, link_url

HOST = "https://app.podero.com"
SIMULATOR = "http://127.0.0.1:8765"
CUE = "/api/partners/v2.0/cues/1/resolve"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("app.podero.com", HOST),
        (" https://app.podero.com/ ", HOST),
        ("HTTPS://App.Podero.com:443", HOST),
        ("sandbox-app.podero.com:8443", "https://sandbox-app.podero.com:8443"),
        ("127.0.0.1:8765", "https://127.0.0.1:8765"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://localhost:8765/", "http://localhost:8765"),
        ("https://192.168.1.5", "https://192.168.1.5"),
    ],
)
def test_hosts_people_type(typed: str, expected: str) -> None:
    """Whatever names a host becomes its origin."""
    assert normalize_host(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "https://",
        "http://app.podero.com",
        "http://localhost.example.com",
        "http://192.168.1.5",
        "ftp://app.podero.com",
        "app podero com",
        "https://me@app.podero.com",
        "https://me:pw@app.podero.com",
        "https://@app.podero.com",
        "app.podero.com/api/partners/v2.0",
        "app.podero.com?x=1",
        "app.podero.com?",
        "app.podero.com#x",
        "https://app.podero.com:0",
        "https://app.podero.com:port",
        "https://app.podero.com:99999",
        "https://[::1",
        "*.podero.com",
        "app.podero.com\\@evil.example",
    ],
)
def test_hosts_that_are_refused(typed: str) -> None:
    """Everything that is no bare host, or would send secrets in the clear."""
    with pytest.raises(ValueError):
        normalize_host(typed)


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f"{CUE}?secret=s", f"{HOST}{CUE}?secret=s"),
        (f"{CUE[1:]}?secret=s", f"{HOST}{CUE}?secret=s"),
        ("/cues/1/resolve?secret=s", f"{HOST}{CUE}?secret=s"),
        ("cues/1/resolve?secret=s", f"{HOST}{CUE}?secret=s"),
        (f"{HOST}{CUE}?secret=s", f"{HOST}{CUE}?secret=s"),
        (f"https://APP.podero.com:443{CUE}?secret=s#top", f"{HOST}{CUE}?secret=s"),
        (
            "/cues/1/resolve?lang=de&secret=a:b%2Bc%26d+e",
            f"{HOST}{CUE}?lang=de&secret=a:b%2Bc%26d+e",
        ),
    ],
)
def test_links_that_are_followed(link: str, expected: str) -> None:
    """Relative to the host, relative to the API and absolute; the secret stays as it is."""
    assert str(link_url(HOST, link, RESOLVE)) == expected
    message = link.replace("/resolve", "/information/resolve")
    assert str(link_url(HOST, message, READ)) == expected.replace(
        "/resolve", "/information/resolve"
    )


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (f"https://evil.example{CUE}?secret=hush", "another origin"),
        (f"http://app.podero.com{CUE}?secret=hush", "another origin"),
        (f"https://app.podero.com:8443{CUE}?secret=hush", "another origin"),
        (f"https://me@app.podero.com{CUE}?secret=hush", "another origin"),
        ("//evil.example/cues/1/resolve?secret=hush", "another origin"),
        ("///evil.example/cues/1/resolve?secret=hush", "another origin"),
        ("\\\\evil.example\\cues?secret=hush", "not an address"),
        ("javascript:alert(1)?secret=hush", "another origin"),
        ("https://[::1?secret=hush", "another origin"),
        (f"https://me:pw@app.podero.com{CUE}?secret=hush", "another origin"),
        (f"ftp://app.podero.com{CUE}?secret=hush", "another origin"),
        (CUE, "no secret"),
        (f"{CUE}?secret=", "no secret"),
        ("", "not an address"),
        (f"{CUE}?secret=hush&x={'y' * 2048}", "not an address"),
        (f"{CUE}?secret=hush hush", "not an address"),
        ("/cues/1/\x00resolve?secret=hush", "not an address"),
        ("/cues/\u0661/resolve?secret=hush", "not an address"),
        ("/api/partners/v2.0/org/1/users/2/boost?secret=hush", "not lead to"),
        ("/oauth2/token/?secret=hush", "not lead to"),
        ("/api/../../oauth2/token/?secret=hush", "not lead to"),
        ("/api/partners/v2.0/../v2.0/cues/1/resolve?secret=hush", "not lead to"),
        ("/api/partners/v2.0/cues/../cues/1/resolve?secret=hush", "not lead to"),
        ("/api/partners/v2.0/%2e%2e/cues/1/resolve?secret=hush", "not lead to"),
        ("/api/partners/v2.1/cues/1/resolve?secret=hush", "not lead to"),
        ("/api/partners/v2.0//cues/1/resolve?secret=hush", "not lead to"),
        (
            "/api/partners/v2.0/api/partners/v2.0/cues/1/resolve?secret=hush",
            "not lead to",
        ),
        ("/cues/./resolve?secret=hush", "not lead to"),
        ("/cues/../resolve?secret=hush", "not lead to"),
        ("/cues/.../resolve?secret=hush", "not lead to"),
        ("/cues//resolve?secret=hush", "not lead to"),
        ("/cues/1%2f2/resolve?secret=hush", "not lead to"),
        ("/cues/%31/resolve?secret=hush", "not lead to"),
        ("/cues/1/2/resolve?secret=hush", "not lead to"),
        ("/cues/1;a/resolve?secret=hush", "not lead to"),
        ("/cues/1/resolve/?secret=hush", "not lead to"),
        ("/cues/1/state?secret=hush", "not lead to"),
        ("/cues/1/Resolve?secret=hush", "not lead to"),
        ("/cues/1/information/resolve?secret=hush", "not lead to"),
        ("?secret=hush", "not lead to"),
        (f"{HOST}/cues/1/resolve?secret=hush", "not lead to"),
        (f"{HOST}?secret=hush", "not lead to"),
    ],
)
def test_links_that_are_refused(link: str, reason: str) -> None:
    """Anything that could hand the token or the secret to somebody else, told without the secret."""
    with pytest.raises(PoderoResponseError, match=reason) as caught:
        link_url(HOST, link, RESOLVE)
    assert "hush" not in str(caught.value)


def test_messages_and_actions_are_told_apart() -> None:
    """What was offered as a message starts no action."""
    with pytest.raises(PoderoResponseError, match="not lead to"):
        link_url(HOST, f"{CUE}?secret=hush", READ)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        (HOST, "https://connect.podero.com/?a=b"),
        (HOST, "https://connect.podero.com:8443/a%20b?c=d%26e#f@g"),
        (HOST, "https://192.168.1.5/x"),
        (SIMULATOR, "https://connect.podero.com/?a=b"),
        (SIMULATOR, f"{SIMULATOR}/x"),
        (SIMULATOR, "http://localhost/x"),
        (SIMULATOR, "http://[::1]/x"),
    ],
)
def test_addresses_for_the_browser(host: str, address: str) -> None:
    """The provider's page, or the simulator's."""
    assert URL(browser_url("POST x", address, host)) == URL(address)


@pytest.mark.parametrize("host", [HOST, SIMULATOR])
@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "/login",
        "//connect.podero.com/",
        "http://connect.podero.com",
        "javascript:alert(1)",
        "https://[::1",
        "ftp://h/x",
        "https://",
        "https://podero.com@evil.example/",
        "https://me:pw@connect.podero.com/",
        "https://connect.podero.com/\r\nX: y",
        "https://connect.podero.com/\u202ex",
        f"https://connect.podero.com/{'x' * 2048}",
    ],
)
def test_addresses_no_browser_is_sent_to(host: str, address: object) -> None:
    """Nothing but https, without a name or password, and of a length that browsers can do."""
    with pytest.raises(PoderoResponseError, match=r"POST x: .*https"):
        browser_url("POST x", address, host)


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/x",
        "http://127.0.0.1:8123/x",
        "https://[::1]/",
        "https://localhost",
    ],
)
def test_a_cloud_sends_nobody_to_this_machine(address: str) -> None:
    """Only a host that is this machine itself may."""
    with pytest.raises(PoderoResponseError):
        browser_url("POST x", address, HOST)
    assert browser_url("POST x", address, SIMULATOR)
