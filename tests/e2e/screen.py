"""A browser window that is signed in to a Home Assistant."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
import json
import os
from pathlib import Path
import re

from playwright.async_api import (
    Browser,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Playwright,
    Response,
    expect,
)

from scripts.demonstration.home_assistant import TIME_ZONE

from . import pictures
from .clock import SCRIPT
from .homes import Home

# Where nothing but this machine can be reached.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
)
WIDTH, HEIGHT = 1280, 900
PHONE = (412, 892)
PATIENCE = 30_000  # ms
expect.set_options(timeout=PATIENCE)
STEADY = 15  # how many looks at most until nothing moves any more

# How many minutes ago something happened differs from run to run; hours do not.
MARK = """() => {
  const visit = (root) => {
    for (const each of root.querySelectorAll("*")) {
      if (["ha-relative-time", "hui-timestamp-display"].includes(each.localName)) {
        const words = each.shadowRoot?.textContent || each.textContent;
        each.toggleAttribute("data-different", /second|minute|now/i.test(words));
      }
      if (each.shadowRoot) visit(each.shadowRoot);
    }
  };
  visit(document);
}"""
DIFFERENT = """
[data-different] { visibility: hidden; display: inline-block; width: 7em; white-space: nowrap }
"""

# Icons of other integrations come from a site that cannot be reached from here.
ELSEWHERE = re.compile(r"/api/brands/integration/(?!podero/)")

# What a page says that is left while it waits for an answer.
LEFT = "disconnected"


async def launch(playwright: Playwright) -> Browser:
    """Start the browser that scripts/e2e found or installed."""
    return await playwright.chromium.launch(
        executable_path=os.environ["CHROMIUM"], args=FLAGS
    )


class Screen:
    """A window with one Home Assistant in it.

    Attributes:
        home: The Home Assistant.
        problems: What the browser complained about since somebody last looked.
    """

    def __init__(self, page: Page, home: Home) -> None:
        """Look at ``home`` in ``page``."""
        self.page = page
        self.home = home
        self.problems: list[str] = []
        page.set_default_timeout(PATIENCE)
        page.on("console", self._hear)
        page.on("pageerror", self._notice)
        page.on("response", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not ELSEWHERE.search(message.location["url"]):
            self.problems.append(message.text)

    def _notice(self, error: Error) -> None:
        if error.message != LEFT:
            self.problems.append(str(error))

    def _see(self, response: Response) -> None:
        if response.status >= 400 and not ELSEWHERE.search(response.url):
            self.problems.append(f"{response.status}: {response.url}")

    async def open(self, path: str) -> None:
        """Go to one of Home Assistant's pages."""
        await self.page.goto(self.home.api.url + path)
        await expect(self.page.locator("home-assistant-main")).to_be_attached()

    async def set_up_podero(self) -> Dialog:
        """Begin to add the integration as a person does; return its first dialog."""
        await self.open("/config/integrations/dashboard")
        await self.page.get_by_role("button", name="Add integration").click()
        await self.page.get_by_placeholder("Search for a brand name").fill("Podero")
        brands = self.page.locator("dialog-add-integration")
        await brands.get_by_role("button", name="Podero").click()
        return self.dialog()

    def dialog(self) -> Dialog:
        """Return the dialog of a config flow or of a repair."""
        return Dialog(self)

    async def picture(
        self, name: str, *, width: int = WIDTH, height: int = HEIGHT
    ) -> None:
        """Take a picture of the window as soon as nothing moves in it."""
        await self.page.set_viewport_size({"width": width, "height": height})
        await self._take(name)

    async def pictures(self, name: str, *, height: int = HEIGHT) -> None:
        """Take three pictures: as it is, dark, and on a phone."""
        await self.picture(name, height=height)
        await self.page.emulate_media(color_scheme="dark")
        await self._take(f"{name}-dark")
        await self.page.emulate_media(color_scheme="light")
        width, height = PHONE
        await self.picture(f"{name}-phone", width=width, height=height)
        await self.restore()

    async def restore(self) -> None:
        """Give the window its usual size again."""
        await self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})

    async def _take(self, name: str) -> None:
        pictures.keep(name, await self.settle())

    async def settle(self) -> bytes:
        """Wait until nothing moves any more; return what is to be seen then."""
        last = b""
        for _ in range(STEADY):
            await self.page.evaluate(MARK)
            taken = await self.page.screenshot(
                animations="disabled", caret="hide", style=DIFFERENT
            )
            if taken == last:
                break
            last = taken
        return last

    async def save(self, path: Path) -> None:
        """Write what is to be seen to a file, for whoever looks for a mistake."""
        await self.page.screenshot(path=path)


class Dialog:
    """The dialog of a flow.

    Home Assistant's fields are components in components: their labels are not tied to
    them in a way that a locator could follow, except for plain text.
    """

    def __init__(self, screen: Screen) -> None:
        """Be the flow's dialog of a window."""
        self._screen = screen
        self._page = screen.page
        self.root = screen.page.locator("dialog-data-entry-flow")

    async def picture(self, name: str) -> None:
        """Take a picture of it, and of some of the page behind it."""
        await self._screen.picture(name, width=1000, height=760)

    def text(self, words: str) -> Locator:
        """Return a text in it."""
        return self.root.get_by_text(words)

    async def says(self, words: str) -> None:
        """Wait until it says something."""
        await expect(self.text(words).first).to_be_visible()

    async def fill(self, **fields: str) -> None:
        """Type into text fields; ``client_id`` is the field *Client ID*."""
        for name, words in fields.items():
            label = re.compile(name.replace("_", " "), re.IGNORECASE)
            await self.root.get_by_role("textbox", name=label).fill(words)

    async def choose(self, words: str, *, value: str | None = None) -> None:
        """Search its first drop-down, and take what is found, or the words themselves.

        The value is what the drop-down has then, where it is not the words.
        """
        field = self.root.locator("ha-selector-select").first
        await field.click()
        # Until it is all there, its rows move, and a click may hit another one.
        box = self._page.locator("ha-picker-combo-box")
        await expect(box).to_have_js_property("shown", True)
        search = box.get_by_placeholder("Search | Add custom item")
        await search.fill(words)
        await expect(box.locator(".combo-box-row").first).to_contain_text(words)
        await search.press("Enter")
        await expect(search).to_be_hidden()
        await expect(field).to_have_js_property("value", value or words)

    async def switch(self, label: str) -> None:
        """Turn a switch."""
        field = self.root.locator("ha-selector-boolean").filter(has_text=label)
        await field.locator("ha-switch").click()

    async def submit(self) -> None:
        """Go on."""
        await self.root.get_by_role("button", name="Submit").click()

    async def leave(self, button: str) -> None:
        """Press the button that a dialog ends with."""
        last = self.root.get_by_role("button", name=button).last
        await last.click()
        await expect(last).to_be_hidden()


@asynccontextmanager
async def show(browser: Browser, home: Home) -> AsyncGenerator[Screen]:
    """Open a window on a Home Assistant, signed in as its owner."""
    tokens = home.api.tokens | {
        "hassUrl": home.api.url,
        "clientId": f"{home.api.url}/",
        "expires": 10**13,
    }
    context = await browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        locale="en-US",
        timezone_id=TIME_ZONE,
        reduced_motion="reduce",
        service_workers="block",
        storage_state={
            "cookies": [],
            "origins": [
                {
                    "origin": home.api.url,
                    "localStorage": [
                        {"name": "hassTokens", "value": json.dumps(tokens)}
                    ],
                }
            ],
        },
    )
    await context.add_init_script(SCRIPT)
    yield Screen(await context.new_page(), home)
    await context.close()
