"""What a person changes in the browser, and what the devices do then."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from playwright.async_api import expect
import pytest

from scripts.demonstration import dashboard

from .homes import Cloud
from .screen import Screen

A_MINUTE = 60
# Until there is something to be seen in a picture.
A_WHILE = timedelta(minutes=20)


@pytest.fixture(autouse=True)
async def _as_before(cloud: Cloud) -> AsyncGenerator[None]:
    """Let the household charge as it did."""
    yield
    await cloud.tell("PATCH", f"charging/{cloud.household}", {"mode": "spot"})


async def test_charging_mode(screen: Screen, cloud: Cloud) -> None:
    """Another mode lets the wallbox follow the sun within a minute."""
    assert not (await cloud.tell("GET", f"wallboxes/{cloud.wallbox}"))["follows_sun"]
    await screen.open(await screen.home.device_page(cloud.household))
    mode = screen.page.locator("hui-select-entity-row ha-select")
    await expect(mode).to_have_js_property("value", "spot")
    await mode.click()
    await screen.page.get_by_role("menuitem", name="Solar surplus", exact=True).click()
    await cloud.until_charging_by_the_sun(seconds=A_MINUTE)
    await cloud.podero.advance(A_WHILE)
    for device_id in (cloud.car, cloud.wallbox, cloud.household):
        await screen.home.poll(device_id)
    await screen.open(await screen.home.device_page(cloud.household))
    sensors = screen.page.locator("ha-device-entities-card").filter(has_text="Sensors")
    await expect(sensors.get_by_text("Solar charging power")).to_be_visible()
    await expect(sensors.get_by_text("0 W", exact=True)).to_have_count(0)
    await screen.pictures("household", height=1100)
    await screen.open(await screen.home.device_page(cloud.wallbox))
    await expect(screen.page.get_by_text("Solar session energy").first).to_be_visible()
    await screen.pictures("wallbox", height=1500)


async def test_boost(screen: Screen, cloud: Cloud) -> None:
    """The button of the dashboard lets the car charge at once, and its status says so."""
    await screen.open(f"/{dashboard.PATH}/0")
    tile = screen.page.locator("hui-tile-card").filter(has_text="Boost").first
    await tile.locator("ha-tile-icon").click()
    status = screen.page.locator("hui-tile-card").filter(has_text="Charging status")
    await expect(status.first).to_contain_text("Boosting", timeout=A_MINUTE * 1000)
    assert (await cloud.tell("GET", f"charging?device={cloud.car}"))[
        "status"
    ] == "boosting"
