"""What a household looks like: its devices, its dashboards, its calendar."""

from playwright.async_api import expect
import pytest

from scripts.demonstration import dashboard
from scripts.demonstration.energy import truth_of, yesterday

from .homes import Cloud
from .screen import PHONE, Screen

# How much of a phone's screen the sensors of a device may take.
SCREENFULS = 1.5

# The heights of the cards below a heading, and the names that do not fit their place.
HEIGHT = "cards => cards.reduce((sum, card) => sum + card.offsetHeight, 0)"
CUT_OFF = """() => {
  const found = [];
  const visit = (root) => {
    for (const each of root.querySelectorAll("*")) {
      const style = getComputedStyle(each);
      if (style.textOverflow === "ellipsis" && each.scrollWidth > each.clientWidth) {
        found.push(each.textContent.trim() || each.localName);
      }
      if (each.shadowRoot) visit(each.shadowRoot);
    }
  };
  const deep = (root, name) => {
    for (const each of root.querySelectorAll("*")) {
      if (each.localName === name) return each;
      const inner = each.shadowRoot && deep(each.shadowRoot, name);
      if (inner) return inner;
    }
  };
  visit(deep(document, "hui-view"));
  return found;
}"""


async def state(screen: Screen, device_id: str, key: str) -> str:
    """Return the state of a device's entity."""
    entry = (await screen.home.api.entities())[f"{device_id}_{key}"]
    return str((await screen.home.api.states())[entry["entity_id"]]["state"])


@pytest.mark.parametrize(
    ("device", "key", "unit", "other"),
    [
        ("inverter", "solar_power", "W", "Self-sufficiency today"),
        ("car", "charge_power", "W", "Charging status"),
        ("heat_pump", "power", "W", "Heating mode"),
        ("wallbox", "minimum_charge_limit", "%", "Charging status"),
        ("household", "solar_charging_power", "W", "Charging warning"),
    ],
)
async def test_device(
    screen: Screen, cloud: Cloud, device: str, key: str, unit: str, other: str
) -> None:
    """A device's page shows what Podero says."""
    device_id = getattr(cloud, device)
    await screen.open(await screen.home.device_page(device_id))
    sensors = screen.page.locator("ha-device-entities-card").filter(has_text="Sensors")
    value = float(await state(screen, device_id, key))
    text = f"{value:,.0f}{'' if unit == '%' else ' '}{unit}"
    await expect(sensors.get_by_text(text).first).to_be_visible()
    await expect(sensors.get_by_text(other, exact=True)).to_be_visible()
    # Those of the other two are taken while the sun charges a car.
    if device in ("inverter", "car", "heat_pump"):
        await screen.pictures(device.replace("_", "-"), height=1500)


@pytest.mark.parametrize("device", ["inverter", "car"])
async def test_length_of_a_page(screen: Screen, cloud: Cloud, device: str) -> None:
    """What a device shows, the diagnostic aside, is not much more than a phone shows at once."""
    width, height = PHONE
    await screen.page.set_viewport_size({"width": width, "height": height})
    await screen.open(await screen.home.device_page(getattr(cloud, device)))
    cards = screen.page.locator("ha-device-entities-card").filter(has_text="Sensors")
    await expect(cards.get_by_text("Action needed")).to_be_visible()
    assert await cards.evaluate_all(HEIGHT) <= SCREENFULS * height


async def test_dashboard(screen: Screen) -> None:
    """The ready view, pasted unedited, shows the whole household, and all of each name."""
    await screen.open(f"/{dashboard.PATH}/0")
    for words in ("Solar power", "Waiting for plan", "Heating mode", "Charging mode"):
        await expect(screen.page.get_by_text(words).first).to_be_visible()
    await screen.pictures("dashboard", height=1900)
    for width, height in (PHONE, (1280, 1900)):
        await screen.page.set_viewport_size({"width": width, "height": height})
        await screen.settle()
        assert await screen.page.evaluate(CUT_OFF) == []
        for element in ("hui-error-card", "hui-warning", "hui-warning-element"):
            await expect(screen.page.locator(element)).to_have_count(0)
        for words in ("Unavailable", "Entity not found", "No statistics found"):
            await expect(screen.page.get_by_text(words)).to_have_count(0)


async def test_energy_dashboard(screen: Screen, cloud: Cloud) -> None:
    """Yesterday is complete on the Energy dashboard, and as it truly was, money included."""
    start, end = yesterday(await cloud.podero.now())
    listed = (await cloud.podero.household()).listed
    roof = next(each for each in listed if each.id == cloud.inverter)
    truth = await truth_of(cloud.podero, roof, start, end)
    await screen.open("/energy/electricity")
    await screen.page.get_by_role("button", name="Previous").click()
    for source, energy in (
        ("Solar", truth["solar_energy"]),
        ("Grid imported", truth["grid_import_energy"]),
        ("Grid exported", -truth["grid_export_energy"]),
        ("Battery charged", -truth["battery_charge_energy"]),
    ):
        row = screen.page.get_by_role("row", name=source).first
        text = f"{energy:.2f}".rstrip("0").rstrip(".")
        await expect(row.get_by_text(f"{text} kWh")).to_be_visible()
    for source, money in (
        ("Grid imported", f"€{truth['grid_import_cost']:.2f}"),
        ("Grid exported", f"-€{truth['grid_export_compensation']:.2f}"),
    ):
        row = screen.page.get_by_role("row", name=source).first
        await expect(row.get_by_text(money, exact=True)).to_be_visible()
    await screen.pictures("energy-dashboard", height=1400)


async def test_calendar(screen: Screen) -> None:
    """The calendar has past sessions with what they came to, and the one under way."""
    await screen.open("/calendar")
    events = screen.page.locator(".fc-event")
    await expect(
        events.filter(has_text="Current charging session").first
    ).to_be_visible()
    await screen.pictures("calendar")

    # At its beginning: its middle lies below the next day's cell.
    await events.filter(has_text="kWh").last.click(position={"x": 30, "y": 8})
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
        '  start_date: "2026-09-14"\n'
        '  end_date: "2026-09-15"\n'
    )
    await screen.page.get_by_role("button", name="Perform action").click()
    await expect(screen.page.get_by_text("savings_eur").first).to_be_visible()
    await screen.page.mouse.wheel(0, -1000)
    await screen.picture("action-get-charging-sessions")
