"""What happens when Podero no longer takes the secret: the last test, for it takes a while."""

from collections.abc import AsyncGenerator

from playwright.async_api import expect
import pytest

from .homes import Cloud
from .screen import Screen

# A firewall's page refuses once: a person is asked when it happens again, minutes later.
SECONDS = 400


@pytest.fixture
async def _new_secret(cloud: Cloud) -> AsyncGenerator[None]:
    """Give the client another secret at Podero, for a while."""
    await cloud.tell("POST", "tokens", {"client_secret": "new-secret", "revoke": "all"})
    yield
    await cloud.tell("POST", "tokens", {"client_secret": "demo-secret"})


@pytest.mark.timeout(SECONDS + 120)
@pytest.mark.usefixtures("_new_secret")
async def test_new_secret(screen: Screen, cloud: Cloud) -> None:
    """When the secret changed at Podero, Home Assistant asks for the new one."""
    await screen.home.poll_until_asked(cloud.car, seconds=SECONDS)
    await screen.open("/config/integrations/integration/podero")
    await screen.page.get_by_role("button", name="Reconfigure").click()
    dialog = screen.dialog()
    await dialog.says("Podero no longer accepts the credentials of Podero")
    await dialog.picture("sign-in-again")
    await dialog.fill(client_secret="new-secret")
    await dialog.submit()
    await dialog.says("Re-authentication was successful")
    await dialog.leave("Close")
    await expect(screen.page.get_by_text("Lena Brandner").first).to_be_visible()
