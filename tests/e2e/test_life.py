"""What happens after the set-up: other households, other credentials."""

from playwright.async_api import expect

from .homes import Cloud
from .screen import Screen

PODERO = "/config/integrations/integration/podero"


async def test_integration_page(screen: Screen) -> None:
    """The integration's page shows the household with its devices."""
    await screen.open(PODERO)
    await expect(screen.page.get_by_text("Lena Brandner").first).to_be_visible()
    await expect(screen.page.get_by_text("Volkswagen ID.4").first).to_be_visible()
    await screen.pictures("integration", height=760)


async def test_another_household(screen: Screen, cloud: Cloud) -> None:
    """A second household is added by its dialog, changed, and taken out again."""
    await screen.open(PODERO)
    await screen.page.get_by_role("button", name="Add household").click()
    dialog = screen.dialog()
    await dialog.says("Whose devices do you want to add?")
    await dialog.choose("Jonas Wiegand", value=cloud.households[1]["user_id"])
    await dialog.picture("add-household")
    await dialog.submit()
    await dialog.says("Created configuration for Jonas Wiegand.")
    await dialog.leave("Finish")
    row = screen.page.locator("ha-config-sub-entry-row").filter(has_text="Jonas")
    await expect(row).to_be_visible()
    await expect(
        screen.page.get_by_text("SMA Sunny Tripower 8.0").first
    ).to_be_visible()

    await row.get_by_role("button", name="Change household").click()
    await dialog.says("Jonas Wiegand")
    await dialog.switch("Allow control")
    await dialog.picture("change-household")
    await dialog.submit()
    await dialog.says("Reconfiguration was successful")
    await dialog.leave("Close")

    await row.get_by_role("button", name="Menu").first.click()
    await row.get_by_role("menuitem", name="Delete").click()
    await screen.page.get_by_role("button", name="Delete").last.click()
    await expect(row).to_be_hidden()
    await expect(screen.page.get_by_text("SMA Sunny Tripower 8.0")).to_be_hidden()


async def test_reconfigure(screen: Screen) -> None:
    """Another secret is tried before it is kept."""
    await screen.open(PODERO)
    row = screen.page.locator("ha-config-entry-row").first
    await row.get_by_role("button", name="Menu").first.click()
    await screen.page.get_by_role("menuitem", name="Reconfigure").click()
    dialog = screen.dialog()
    await dialog.says("Change the sign-in")
    await dialog.picture("reconfigure")
    await dialog.fill(client_secret="not the secret")
    await dialog.submit()
    await dialog.says("Podero refused these credentials.")
    await dialog.fill(client_secret="demo-secret")
    await dialog.submit()
    await dialog.says("Reconfiguration was successful")
    await dialog.leave("Close")
