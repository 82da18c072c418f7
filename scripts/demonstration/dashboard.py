"""The first page of the demo: the household at a glance, in built-in cards."""

from typing import Any

from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.household import Device

type Json = Any  # whatever a JSON answer holds

PATH = "podero-household"

ICONS = {
    "inverters": "mdi:home-lightning-bolt",
    "electric-vehicles": "mdi:car-electric",
}

TILES = {
    "inverters": (
        *("solar_power", "home_power", "grid_power", "battery_power"),
        *("battery_level", "curtailment", "smart_optimization", "action_needed"),
    ),
    "electric-vehicles": (
        *("plugged_in", "charging", "charge_power", "driving_range"),
        *("battery_level", "boost_state", "charge_deadline", "minimum_charge_limit"),
        *("month_energy", "month_savings", "boost", "action_needed"),
    ),
}

# Statistics by the day: heading, kinds.
GRAPHS = {
    "inverters": (
        ("Home and solar", ("home_energy", "solar_energy")),
        ("Grid", ("grid_import_energy", "grid_export_energy")),
        ("Battery", ("battery_charge_energy", "battery_discharge_energy")),
    ),
    "electric-vehicles": (("Charged", ("charging_energy",)),),
}
DAYS = 30


def section(
    device: Device, entities: dict[str, Json], statistics: set[str]
) -> list[Json]:
    """Return a device's cards, of what there is of it."""
    cards: list[Json] = [
        {
            "type": "heading",
            "heading": device.name,
            "icon": ICONS[device.kind],
            "tap_action": {
                "action": "navigate",
                "navigation_path": f"/config/devices/device/{device.registry_id}",
            },
        }
    ]
    for key in TILES[device.kind]:
        entry = entities.get(f"{device.id}_{key}")
        if entry is None or entry["disabled_by"] is not None:
            continue
        tile: dict[str, Json] = {
            "type": "tile",
            "entity": entry["entity_id"],
            "name": {"type": "entity"},
        }
        if key == "boost":
            # A button's state is when it was last pressed.
            tile["hide_state"] = True
        if key == "battery_level":
            tile["features"] = [{"type": "bar-gauge"}]
        cards.append(tile)
    for heading, kinds in GRAPHS[device.kind]:
        ids = [f"podero:{device.id.replace('-', '')}_{kind}" for kind in kinds]
        if statistics.issuperset(ids):
            cards.append(
                {
                    "type": "statistics-graph",
                    "title": heading,
                    "entities": [
                        {"entity": each, "name": kind.replace("_", " ").capitalize()}
                        for each, kind in zip(ids, kinds, strict=True)
                    ],
                    "stat_types": ["change"],
                    "chart_type": "bar",
                    "period": "day",
                    "days_to_show": DAYS,
                }
            )
    if calendar := entities.get(f"{device.id}_charging_sessions"):
        cards.append(
            {
                "type": "calendar",
                "initial_view": "listWeek",
                "grid_options": {"columns": 12, "rows": 8},
                "entities": [calendar["entity_id"]],
            }
        )
    return cards


async def show(home: HomeAssistant, devices: list[Device]) -> None:
    """Make the dashboard and let Home Assistant open with it."""
    entities = await home.entities()
    known = await home.call("recorder/list_statistic_ids")
    statistics = {each["statistic_id"] for each in known}
    await home.call(
        "lovelace/dashboards/create",
        url_path=PATH,
        title="Household",
        icon="mdi:home-lightning-bolt",
    )
    await home.call(
        "lovelace/config/save",
        url_path=PATH,
        config={
            "views": [
                {
                    "title": "Household",
                    "type": "sections",
                    "max_columns": 3,
                    "sections": [
                        {"cards": section(device, entities, statistics)}
                        for device in devices
                    ],
                }
            ]
        },
    )
    await home.call(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )
