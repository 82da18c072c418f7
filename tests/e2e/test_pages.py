"""What a household looks like: its devices, its Energy dashboard, its calendar."""

import re

from playwright.async_api import expect
import pytest
import yaml

from scripts.demonstration.energy import yesterday
from scripts.demonstration.home_assistant import ROOT

from .homes import Cloud
from .screen import Screen

DASHBOARD = ROOT / "docs" / "dashboard.md"


async def state(screen: Screen, device_id: str, key: str) -> str:
    """Return the state of a device's entity."""
    entry = (await screen.home.api.entities())[f"{device_id}_{key}"]
    return str((await screen.home.api.states())[entry["entity_id"]]["state"])


@pytest.mark.parametrize(
    ("device", "key", "unit", "last"),
    [
        ("inverter", "solar_power", "W", "Solar surplus"),
        ("car", "charge_power", "W", "Session savings"),
    ],
)
async def test_device(
    screen: Screen, cloud: Cloud, device: str, key: str, unit: str, last: str
) -> None:
    """A device's page shows what Podero says."""
    device_id = getattr(cloud, device)
    await screen.open(await screen.home.device_page(device_id))
    sensors = screen.page.locator("ha-device-entities-card").filter(has_text="Sensors")
    power = float(await state(screen, device_id, key))
    await expect(sensors.get_by_text(f"{power:,.0f} {unit}").first).to_be_visible()
    await expect(sensors.get_by_text(last, exact=True)).to_be_visible()
    await screen.pictures(device, height=1500)


async def test_household(screen: Screen) -> None:
    """The demo's dashboard shows the whole household."""
    await screen.open("/podero-household/0")
    for words in ("Home and solar", "Charging energy", "Current charging session"):
        await expect(screen.page.get_by_text(words).first).to_be_visible()
    await screen.pictures("household", height=1400)


async def test_ready_view(screen: Screen, cloud: Cloud) -> None:
    """The view that the documentation offers works as soon as it knows the names."""
    view = re.search(r"```yaml\n(.*?)```", DASHBOARD.read_text(), re.DOTALL)
    assert view
    text = view[1]
    entities = await screen.home.api.entities()
    for name, device_id in (("inverter", cloud.inverter), ("car", cloud.car)):
        entity_id = entities[f"{device_id}_battery_level"]["entity_id"]
        own = entity_id.removeprefix("sensor.").removesuffix("_battery_level")
        text = text.replace(f"my_{name}", own)
    made = await screen.home.api.call(
        "lovelace/dashboards/create",
        url_path="ready-view",
        title="Ready",
        show_in_sidebar=False,
    )
    await screen.home.api.call(
        "lovelace/config/save",
        url_path=made["url_path"],
        config={"views": [yaml.safe_load(text)]},
    )
    await screen.open("/ready-view/podero")
    for words in ("This month", "Surplus", "Current charging session"):
        await expect(screen.page.get_by_text(words).first).to_be_visible()
    for element in ("hui-error-card", "hui-warning", "hui-warning-element"):
        await expect(screen.page.locator(element)).to_have_count(0)
    await screen.pictures("ready-view", height=1130)
    await screen.home.api.call("lovelace/dashboards/delete", dashboard_id=made["id"])


async def test_energy_dashboard(screen: Screen, cloud: Cloud) -> None:
    """Yesterday is complete on the Energy dashboard, and as it truly was."""
    start, end = yesterday(await cloud.podero.now())
    truth = await cloud.podero.request(
        "GET",
        "/_simulator/energy",
        params={
            "device": cloud.inverter,
            "start": start.isoformat(),
            "end": end.isoformat(),
        },
    )
    await screen.open("/energy/electricity")
    await screen.page.get_by_role("button", name="Previous").click()
    for source, energy in (
        ("solar energy", truth["solar_energy"]),
        ("grid import energy", truth["grid_import_energy"]),
        ("grid export energy", -truth["grid_export_energy"]),
        ("battery charge energy", -truth["battery_charge_energy"]),
    ):
        row = screen.page.get_by_role("row", name=source)
        await expect(row.get_by_text(f"{energy:.2f} kWh")).to_be_visible()
    await screen.pictures("energy-dashboard", height=1400)


async def test_calendar(screen: Screen) -> None:
    """The calendar has past sessions with what they came to, and the one under way."""
    await screen.open("/calendar")
    events = screen.page.locator(".fc-event")
    await expect(events.filter(has_text="Current charging session")).to_be_visible()
    await screen.pictures("calendar")

    # At its beginning: its middle lies below the next day's cell.
    await events.filter(has_text="6:01 PM").click(position={"x": 30, "y": 8})
    details = screen.page.locator("dialog-calendar-event-detail")
    await expect(details.get_by_text("Outcome: optimized")).to_be_visible()
    await screen.picture("calendar-session")


async def test_action(screen: Screen, cloud: Cloud) -> None:
    """An action answers in the tools for developers."""
    battery = (await screen.home.api.entities())[f"{cloud.car}_battery_level"]
    await screen.open("/config/tools/action")
    await screen.page.get_by_role("button", name="YAML mode").click()
    await screen.page.locator("ha-yaml-editor .cm-content").first.fill(
        "action: podero.get_charging_sessions\n"
        "data:\n"
        f"  device_id: \"{{{{ device_id('{battery['entity_id']}') }}}}\"\n"
        '  start_date: "2026-08-17"\n'
        '  end_date: "2026-08-18"\n'
    )
    await screen.page.get_by_role("button", name="Perform action").click()
    await expect(screen.page.get_by_text("savings_eur").first).to_be_visible()
    await screen.page.mouse.wheel(0, -1000)
    await screen.picture("action-get-charging-sessions")
