"""The first page of the demo: the ready view that the integration offers, pasted unedited."""

from typing import Any

from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.household import Device

type Json = Any  # whatever a JSON answer holds

PATH = "podero-household"


async def show(home: HomeAssistant, devices: list[Device]) -> None:
    """Make the dashboard and let Home Assistant open with it."""
    view = await home.ask("podero.get_dashboard", device_id=devices[0].registry_id)
    await home.call(
        "lovelace/dashboards/create",
        url_path=PATH,
        title="Household",
        icon="mdi:home-lightning-bolt",
    )
    await home.call("lovelace/config/save", url_path=PATH, config=view)
    await home.call(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )
