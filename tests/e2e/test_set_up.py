"""A new Home Assistant, a copy of the folder, and nothing but the dialogs."""

from playwright.async_api import expect

from .homes import Cloud
from .screen import Screen


async def devices(screen: Screen) -> set[str]:
    """Return Podero's ids of the devices that Home Assistant has."""
    return {
        identifier
        for device in await screen.home.api.call("config/device_registry/list")
        for domain, identifier in device["identifiers"]
        if domain == "podero"
    }


async def remove(screen: Screen) -> None:
    """Remove the integration as a person does."""
    await screen.open("/config/integrations/integration/podero")
    entry = screen.page.locator("ha-config-entry-row").first
    await entry.get_by_role("button", name="Menu").first.click()
    await screen.page.get_by_role("menuitem", name="Delete").click()
    await screen.picture("removal", width=1000, height=760)
    await screen.page.get_by_role("button", name="Delete").last.click()
    await expect(entry).to_be_hidden()


async def test_as_a_partner_application(bare_screen: Screen, cloud: Cloud) -> None:
    """A wrong secret is told, the right one leads to the household; removal leaves nothing."""
    dialog = await bare_screen.set_up_podero()
    await dialog.says("Choose how Home Assistant signs in to Podero.")
    await dialog.picture("setup-1-choose")
    await dialog.text("Partner application").click()

    await dialog.says("Client secret")
    await dialog.choose(cloud.url)
    await dialog.fill(
        client_id="demo-client",
        client_secret="not the secret",
        organization_id=cloud.organization_id,
    )
    await dialog.picture("setup-2-application")
    await dialog.submit()
    await dialog.says("Podero refused these credentials.")
    await dialog.picture("setup-3-refused")
    await dialog.fill(client_secret="demo-secret")
    await dialog.submit()

    await dialog.says("Choose the household")
    await dialog.choose("Lena Brandner", value=cloud.households[0]["user_id"])
    await dialog.switch("Allow control")
    await dialog.picture("setup-4-household")
    await dialog.submit()
    await dialog.says("Name and assign")
    names = dialog.root.get_by_role("textbox", name="Device name")
    await expect(names.first).to_have_value("Lena Brandner")
    await expect(names.nth(1)).to_have_value("Fronius Symo GEN24 10.0 Plus")
    await dialog.picture("setup-5-done")
    await dialog.leave("Skip and finish")

    assert await devices(bare_screen) == cloud.first
    await bare_screen.open(await bare_screen.home.device_page(cloud.car))
    cards = bare_screen.page.locator("ha-device-entities-card")
    for heading, name in (
        ("Controls", "Smart optimization"),
        ("Configuration", "Charge deadline"),
    ):
        card = cards.filter(has_text=heading)
        await expect(card.get_by_text(name)).to_be_visible()

    await remove(bare_screen)
    assert not await devices(bare_screen)
    assert not await bare_screen.home.api.entities()


async def test_with_a_podero_account(bare_screen: Screen, cloud: Cloud) -> None:
    """A wrong password is told, the right one leads to the own household."""
    dialog = await bare_screen.set_up_podero()
    await dialog.text("Podero account").click()
    await dialog.says("exchanges your username and password")
    await dialog.choose(cloud.url)
    await dialog.fill(
        username="demo",
        password="not the password",
        organization_id=cloud.organization_id,
    )
    await dialog.picture("setup-2-account")
    await dialog.submit()
    await dialog.says("Podero refused these credentials.")
    await dialog.fill(password="demo")
    await dialog.submit()

    # An account may not list the organization's users.
    await dialog.says("Choose the household")
    await dialog.fill(household=cloud.households[0]["user_id"])
    await dialog.submit()
    await dialog.says("Name and assign")
    await dialog.leave("Skip and finish")
    assert await devices(bare_screen) == cloud.first
    await remove(bare_screen)
