"""One browser, one Podero cloud and two Home Assistants for all tests."""

from collections.abc import AsyncGenerator, Generator
import shutil
from typing import Any

import aiohttp
from playwright.async_api import Browser, async_playwright
import pytest

from . import homes
from .homes import FOLDER, Cloud, Home
from .screen import Screen, launch, show

FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test failed, for its fixtures."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
async def session() -> AsyncGenerator[aiohttp.ClientSession]:
    """Return what the helpers talk HTTP with."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield session


@pytest.fixture(scope="session")
async def browser() -> AsyncGenerator[Browser]:
    """Run the browser."""
    async with async_playwright() as playwright:
        browser = await launch(playwright)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def cloud(session: aiohttp.ClientSession) -> AsyncGenerator[Cloud]:
    """Run the Podero cloud."""
    async with homes.run_cloud(session) as cloud:
        yield cloud


@pytest.fixture(scope="session")
async def household(
    session: aiohttp.ClientSession, browser: Browser, cloud: Cloud
) -> AsyncGenerator[Screen]:
    """Look at a Home Assistant in which the first household is at home."""
    async with homes.run_home(session, "household") as home:
        await homes.fill(home, cloud)
        async with show(browser, home) as screen:
            yield screen


@pytest.fixture(scope="session")
async def bare(
    session: aiohttp.ClientSession, browser: Browser
) -> AsyncGenerator[Screen]:
    """Look at a new Home Assistant, with the integration's folder and nothing else."""
    async with (
        homes.run_home(session, "bare") as home,
        show(browser, home) as screen,
    ):
        yield screen


async def _watch(screen: Screen, request: pytest.FixtureRequest) -> Any:
    screen.problems.clear()
    await screen.restore()
    yield screen
    if request.node.stash.get(FAILED, False):
        await screen.save(FOLDER / f"{request.node.name}.png")
    else:
        assert not screen.problems


@pytest.fixture
async def screen(
    household: Screen, request: pytest.FixtureRequest
) -> AsyncGenerator[Screen]:
    """Look at the household, and hear no complaint of the browser."""
    async for each in _watch(household, request):
        yield each


@pytest.fixture
async def bare_screen(
    bare: Screen, request: pytest.FixtureRequest
) -> AsyncGenerator[Screen]:
    """Look at the new Home Assistant, and hear no complaint of the browser."""
    async for each in _watch(bare, request):
        yield each


@pytest.fixture
def home(household: Screen) -> Home:
    """Return the household's Home Assistant."""
    return household.home
