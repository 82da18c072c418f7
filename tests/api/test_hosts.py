"""Which addresses are talked to and shown."""

import pytest
from yarl import URL

from custom_components.podero.api import PoderoResponseError, normalize_host
from custom_components.podero.api.hosts import browser_url, link_url

HOST = "https://app.podero.com"
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
    assert str(link_url(HOST, link)) == expected


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        (f"https://evil.example{CUE}?secret=hush", "another origin"),
        (f"http://app.podero.com{CUE}?secret=hush", "another origin"),
        (f"https://app.podero.com:8443{CUE}?secret=hush", "another origin"),
        (f"https://me@app.podero.com{CUE}?secret=hush", "another origin"),
        ("//evil.example/cues/1/resolve?secret=hush", "another origin"),
        ("///evil.example/cues/1/resolve?secret=hush", "another origin"),
        ("\\\\evil.example\\cues?secret=hush", "another origin"),
        ("javascript:alert(1)?secret=hush", "another origin"),
        ("https://[::1?secret=hush", "no secret"),
        (CUE, "no secret"),
        (f"{CUE}?secret=", "no secret"),
        ("", "no secret"),
    ],
)
def test_links_that_are_refused(link: str, reason: str) -> None:
    """Anything that could hand the token or the secret to somebody else, told without the secret."""
    with pytest.raises(PoderoResponseError, match=reason) as caught:
        link_url(HOST, link)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "https://connect.podero.com/?a=b",
        "http://127.0.0.1:8765/x",
        "http://localhost/x",
    ],
)
def test_addresses_for_the_browser(address: str) -> None:
    """The provider's page, or the simulator's."""
    assert URL(browser_url("POST x", address)) == URL(address)


@pytest.mark.parametrize(
    "address",
    [
        None,
        7,
        "",
        "/login",
        "http://connect.podero.com",
        "javascript:alert(1)",
        "https://[::1",
        "ftp://h/x",
        "https://",
    ],
)
def test_addresses_no_browser_is_sent_to(address: object) -> None:
    """Nothing but https, or this very machine."""
    with pytest.raises(PoderoResponseError, match=r"POST x: .*https"):
        browser_url("POST x", address)
