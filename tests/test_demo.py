"""Who gets into the demo's Home Assistant, and what its configuration is made of."""

from pathlib import Path
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp.test_utils import TestClient
from multidict import CIMultiDict
import pytest
from pytest_homeassistant_custom_component.common import register_auth_provider
import yaml

from homeassistant.components.http import server
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from scripts.demonstration import home_assistant
from scripts.demonstration.guard import install
from scripts.demonstration.home_assistant import KEY_HEADER

KEY = "a-key-of-the-demo"
OWNER = {"name": "Demo", "username": "demo", "password": "pass", "language": "en"}

type Client = TestClient[Any, Any]


@pytest.fixture
async def client(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    aiohttp_client: Any,
) -> Client:
    """Talk to a guarded Home Assistant that has no owner yet."""
    monkeypatch.setattr(server, "setup_security_filter", server.setup_security_filter)
    install(KEY)
    await register_auth_provider(hass, {"type": "homeassistant"})
    assert await async_setup_component(hass, "onboarding", {})
    await hass.async_block_till_done()
    client: Client = await aiohttp_client(hass.http.app)
    return client


async def onboard(client: Client) -> None:
    """Make the owner, as the demo does."""
    answer = await client.post(
        "/api/onboarding/users",
        json=OWNER | {"client_id": str(client.make_url("/"))},
        headers={KEY_HEADER: KEY},
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/manifest.json", "/auth/providers", "/api/", "/api/onboarding"),
        *(f"/demo/{KEY}", "/nowhere"),
    ],
)
@pytest.mark.parametrize(
    "host",
    [
        *("evil.example:{port}", "evil.example", "127.0.0.1", "127.0.0.1:1", ""),
        *("127.0.0.1.evil.example:{port}", "localhost.:{port}", "192.168.1.2:{port}"),
        *("127.0.0.1:{port}@evil.example", "evil.example/127.0.0.1:{port}"),
    ],
)
async def test_strange_names(client: Client, host: str, path: str) -> None:
    """Whoever comes by another name gets nothing, whatever is asked for."""
    answer = await client.get(
        path,
        headers={"Host": host.format(port=client.port)},
        allow_redirects=False,
    )
    assert (answer.status, "Location" in answer.headers) == (421, False)


async def test_strange_names_get_no_token(client: Client) -> None:
    """The key does not help under another name, nor does a second Host beside the right one."""
    await onboard(client)
    name = f"127.0.0.1:{client.port}"
    strange = CIMultiDict({"Host": f"evil.example:{client.port}", KEY_HEADER: KEY})
    body = OWNER | {"client_id": str(client.make_url("/"))}
    answer = await client.post("/api/onboarding/users", json=body, headers=strange)
    assert answer.status == 421
    both = CIMultiDict([("Host", name), ("Host", f"evil.example:{client.port}")])
    answer = await client.get(f"/demo/{KEY}", headers=both, allow_redirects=False)
    assert answer.status in {400, 421}


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LocalHost", "[::1]"])
async def test_own_names(client: Client, name: str) -> None:
    """Its own names are answered to."""
    answer = await client.get(
        "/api/onboarding", headers={"Host": f"{name}:{client.port}"}
    )
    assert answer.status == 200


@pytest.mark.parametrize("headers", [{}, {KEY_HEADER: "a guess"}, {KEY_HEADER: "ключ"}])
async def test_nobody_else_becomes_the_owner(
    hass: HomeAssistant, client: Client, headers: dict[str, str]
) -> None:
    """Until the demo has made the owner, nobody else can."""
    answer = await client.post(
        "/api/onboarding/users",
        json=OWNER | {"client_id": str(client.make_url("/"))},
        headers=headers,
    )
    assert answer.status == 403
    assert await hass.auth.async_get_owner() is None


async def test_the_link_signs_in(hass: HomeAssistant, client: Client) -> None:
    """Whoever has the link is the owner, as often as it is opened, under the name it was opened by."""
    await onboard(client)
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{client.port}"
        answer = await client.get(
            f"/demo/{KEY}", headers={"Host": host}, allow_redirects=False
        )
        assert (answer.status, answer.headers["Cache-Control"]) == (302, "no-store")
        location = urlsplit(answer.headers["Location"])
        assert (location.netloc, location.path) == ("", "/")
        query = parse_qs(location.query)
        assert (query["auth_callback"], query["storeToken"]) == (["1"], ["true"])
        answer = await client.post(
            "/auth/token",
            data={
                "grant_type": "authorization_code",
                "code": query["code"][0],
                "client_id": f"http://{host}/",
            },
        )
        tokens = await answer.json()
        signed_in = hass.auth.async_validate_access_token(tokens["access_token"])
        assert signed_in is not None
        assert signed_in.user.is_owner


@pytest.mark.parametrize(
    "path", ["/demo/", "/demo/a-guess", f"/demo/{KEY}x", "/demo/%E2%82%AC"]
)
async def test_other_links(client: Client, path: str) -> None:
    """A guess is a page that does not exist."""
    await onboard(client)
    answer = await client.get(path, allow_redirects=False)
    assert answer.status == 404


async def test_the_link_before_there_is_an_owner(client: Client) -> None:
    """Without an owner there is nobody to sign in."""
    answer = await client.get(f"/demo/{KEY}", allow_redirects=False)
    assert answer.status == 404


def test_the_configuration_has_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The integration is copied anew at each start; a link of an older demo is not followed."""
    checkout = tmp_path / "checkout"
    source = checkout / "custom_components/podero"
    source.mkdir(parents=True)
    (source / "const.py").write_text("new")
    monkeypatch.setattr(home_assistant, "ROOT", checkout)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "custom_components").symlink_to(checkout / "custom_components")

    for _ in range(2):
        home_assistant.configure(folder)
        copy = folder / "custom_components/podero/const.py"
        assert copy.resolve() == copy
        assert copy.read_text() == "new"
        copy.write_text("changed")
        (copy.parent / "left_over.py").write_text("")
    assert (source / "const.py").read_text() == "new"
    assert [path.name for path in source.iterdir()] == ["const.py"]


def test_nobody_is_trusted_for_where_they_are(tmp_path: Path) -> None:
    """The configuration leaves it to Home Assistant who signs in: with a password."""
    home_assistant.configure(tmp_path)
    said = (tmp_path / "configuration.yaml").read_text()
    assert "auth_providers" not in said
    assert not re.search(r"trusted|bypass", said)
    assert "podero" in str(yaml.safe_load(said)["logger"])
