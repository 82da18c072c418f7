"""What the Energy dashboard must show for yesterday."""

from datetime import datetime, timedelta
import math
from typing import Any
from zoneinfo import ZoneInfo

from scripts.demonstration.home_assistant import TIME_ZONE, HomeAssistant
from scripts.demonstration.household import PRICES, Device
from scripts.demonstration.podero import Listed, Podero
from scripts.demonstration.worth import a_day_of_savings, saved

type Json = Any  # whatever a JSON answer holds

ZONE = ZoneInfo(TIME_ZONE)

SUMS = {
    "inverters": (
        *("solar_energy", "home_energy", "grid_import_energy", "grid_export_energy"),
        *("battery_charge_energy", "battery_discharge_energy"),
        *("grid_import_cost", "grid_export_compensation", "savings"),
    ),
    "electric-vehicles": ("charging_energy", "charging_cost", "charging_savings"),
    "heat-pumps": ("savings",),
}
MEANS = {"inverters": ("battery_level", "price")}
# What the dashboard itself must use, of all these.
ON_DASHBOARD = {
    *("solar_energy", "grid_import_energy", "grid_export_energy"),
    *("battery_charge_energy", "battery_discharge_energy", "charging_energy"),
    *("grid_import_cost", "grid_export_compensation"),
}


def statistic_id(device: Device, kind: str) -> str:
    """Return the id that the documentation promises."""
    return f"podero:{device.id.replace('-', '')}_{kind}"


def yesterday(now: datetime) -> tuple[datetime, datetime]:
    """Return when yesterday began and ended in the home's time zone."""
    end = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    # Not 24 hours: the clocks may have changed in between.
    return (end - timedelta(days=1)).replace(tzinfo=ZONE), end


def kinds(device: Device | Listed) -> tuple[str, ...]:
    """Return the statistics that a device has."""
    return (*SUMS.get(device.kind, ()), *MEANS.get(device.kind, ()))


async def truth_of(
    podero: Podero, device: Device | Listed, start: datetime, end: datetime
) -> Json:
    """Return what truly was on a day, by kind of statistic."""
    span = {
        "device": device.id,
        "start": start.isoformat(),
        "end": end.isoformat(),
    }
    truth = await podero.truth("energy", **span)
    if device.kind == "inverters":
        truth |= await podero.truth(
            "costs", **span, **{name: str(value) for name, value in PRICES.items()}
        )
    if "savings" in kinds(device):
        truth["savings"] = await saved(podero, device, *a_day_of_savings(start))
    return truth


async def check_figures(
    home: HomeAssistant, podero: Podero, devices: list[Device], now: datetime
) -> tuple[int, list[str]]:
    """Compare yesterday's statistics with what truly was.

    Returns how many figures agree, and what differs.
    """
    start, end = yesterday(now)
    ids = [statistic_id(device, kind) for device in devices for kind in kinds(device)]
    found = await home.call(
        "recorder/statistics_during_period",
        start_time=start.isoformat(),
        end_time=end.isoformat(),
        statistic_ids=ids,
        period="day",
        types=["change", "mean", "min", "max"],
    )
    agreed = 0
    differences = []
    for device in devices:
        if not kinds(device):
            continue
        truth = await truth_of(podero, device, start, end)
        for kind in kinds(device):
            wanted = truth[kind]
            if not isinstance(wanted, dict):
                wanted = {"change": wanted}
            # The day in which the span ends comes along.
            rows = [
                row
                for row in found.get(statistic_id(device, kind), [])
                if row["start"] == start.timestamp() * 1000
            ]
            shown = rows[0] if rows else {}
            for name, value in wanted.items():
                figure = shown.get(name, 0.0 if name == "change" and not rows else None)
                if figure is not None and math.isclose(
                    figure, value, rel_tol=1e-6, abs_tol=1e-6
                ):
                    agreed += 1
                else:
                    differences.append(
                        f"{device.name}: {kind} ({name}) of yesterday"
                        f" is {figure}, but was {value}"
                    )
    return agreed, differences


async def check_dashboard(home: HomeAssistant, devices: list[Device]) -> list[str]:
    """Look whether the dashboard uses every source, and Home Assistant likes it."""
    differences = []
    preferences = await home.call("energy/get_prefs")
    used = {
        value
        for source in (
            *preferences["energy_sources"],
            *preferences["device_consumption"],
        )
        for value in source.values()
        if isinstance(value, str)
    }
    for device in devices:
        differences += [
            f"the Energy dashboard does not use {statistic_id(device, kind)}"
            for kind in kinds(device)
            if kind in ON_DASHBOARD and statistic_id(device, kind) not in used
        ]
    states = await home.states()
    for group, sources in (await home.call("energy/validate")).items():
        differences += [
            f"energy/validate says of {group}: {issue}"
            for issues in sources
            for issue in issues
            if not is_about_to_be(issue, states)
        ]
    return differences


def is_about_to_be(issue: Json, states: dict[str, Json]) -> bool:
    """Return whether an issue is only that Home Assistant is so young.

    It begins statistics of a sensor up to five minutes after its first state.
    """
    return issue["type"] == "statistics_not_defined" and all(
        states.get(entity_id, {}).get("attributes", {}).get("state_class")
        for entity_id, _ in issue["affected_entities"]
    )
