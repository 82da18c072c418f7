"""The link that the demo prints, in a browser that has never been here."""

from playwright.async_api import Browser, expect

from .clock import SCRIPT
from .homes import Home
from .screen import PATIENCE


async def test_the_link_signs_in(browser: Browser, home: Home) -> None:
    """It opens Home Assistant as its owner, again and again, and stays signed in without it."""
    context = await browser.new_context(service_workers="block")
    await context.add_init_script(SCRIPT)
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    for address in (home.api.link, home.api.link, home.api.url):
        await page.goto(address)
        await expect(page.locator("home-assistant-main")).to_be_attached()
        # The code is gone from the address, and the key was never in it.
        assert "?" not in page.url
    await page.goto(f"{home.api.url}/profile")
    await expect(page.get_by_role("link", name="Security")).to_be_visible()
    await context.close()


async def test_nobody_gets_in_without_it(browser: Browser, home: Home) -> None:
    """Whoever has no link is asked for a password, and a guess leads nowhere."""
    context = await browser.new_context(service_workers="block")
    page = await context.new_page()
    page.set_default_timeout(PATIENCE)
    await page.goto(home.api.url)
    await page.wait_for_url("**/auth/authorize?**")
    await expect(page.locator("input[name=password]")).to_be_visible()
    response = await page.goto(f"{home.api.url}/demo/a-guess")
    assert response is not None
    assert response.status == 404
    await context.close()
