"""Filling in the Energy dashboard's settings from a household's statistics.

Only ever adds: what is there already, from whomever, stays as it is.
"""

from dataclasses import dataclass
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from . import power
from .api import ElectricVehicle, Inverter
from .const import DOMAIN
from .coordinator import DeviceCoordinator, HouseholdCoordinator
from .history import statistic_id


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a call did, or would do.

    Attributes:
        added: The kinds of source that were missing: solar, grid, battery, device.
        already_there: The kinds that were left alone.
    """

    added: list[str]
    already_there: list[str]


async def async_setup_energy_dashboard(
    hass: HomeAssistant, household: HouseholdCoordinator, *, dry_run: bool = False
) -> Setup:
    """Add a household to the Energy dashboard, as far as its statistics exist."""
    manager = await async_get_manager(hass)
    preferences = manager.data or manager.default_preferences()
    sources = list(preferences["energy_sources"])
    devices = list(preferences["device_consumption"])
    kinds_there = {source["type"] for source in sources}
    devices_there = {device["stat_consumption"] for device in devices}

    found = Setup(added=[], already_there=[])

    def is_missing(kind: str, there: bool) -> bool:
        """Note a kind once, and return whether it is to be added."""
        names = found.already_there if there else found.added
        if kind not in names:
            names.append(kind)
        return not there

    available = await _async_available(hass, household)
    sources += [
        source
        for source in _sources(hass, household, available)
        if is_missing(source["type"], source["type"] in kinds_there)
    ]
    devices += [
        device
        for device in _devices(hass, household, available)
        if is_missing("device", device["stat_consumption"] in devices_there)
    ]
    if found.added and not dry_run:
        await manager.async_update(
            {"energy_sources": sources, "device_consumption": devices}
        )
    return found


async def _async_available(
    hass: HomeAssistant, household: HouseholdCoordinator
) -> set[str]:
    """Return the household's statistics that the recorder holds."""
    wanted = {
        statistic_id(device_id, kind)
        for device_id in household.devices
        for kind in (
            "solar_energy",
            "grid_import_energy",
            "grid_export_energy",
            "battery_charge_energy",
            "battery_discharge_energy",
            "charging_energy",
        )
    }
    return set(
        await get_instance(hass).async_add_executor_job(
            lambda: get_metadata(hass, statistic_ids=wanted)
        )
    )


def _sources(
    hass: HomeAssistant, household: HouseholdCoordinator, available: set[str]
) -> list[Any]:
    """Return the household's energy sources in the dashboard's form."""
    sources: list[Any] = []
    grid_is_known = False
    for inverter in _of_kind(household, Inverter):
        device_id = inverter.device_id
        if {solar := statistic_id(device_id, "solar_energy")} <= available:
            sources.append(
                {
                    "type": "solar",
                    "stat_energy_from": solar,
                    "config_entry_solar_forecast": None,
                    **_rate(hass, inverter, "solar_power"),
                }
            )
        imported = statistic_id(device_id, "grid_import_energy")
        exported = statistic_id(device_id, "grid_export_energy")
        # Two inverters behind one meter see the same grid: it counts once.
        if {imported, exported} <= available and not grid_is_known:
            grid_is_known = True
            sources.append(
                {
                    "type": "grid",
                    "stat_energy_from": imported,
                    "stat_energy_to": exported,
                    "stat_cost": None,
                    "entity_energy_price": None,
                    "number_energy_price": None,
                    "stat_compensation": None,
                    "entity_energy_price_export": None,
                    "number_energy_price_export": None,
                    "cost_adjustment_day": 0.0,
                    **_rate(hass, inverter, "grid_power"),
                }
            )
        charged = statistic_id(device_id, "battery_charge_energy")
        discharged = statistic_id(device_id, "battery_discharge_energy")
        if {charged, discharged} <= available and power.has_battery(inverter.data):
            capacity = inverter.data.battery_capacity_kwh
            sources.append(
                {
                    "type": "battery",
                    "stat_energy_from": discharged,
                    "stat_energy_to": charged,
                    **_rate(hass, inverter, "battery_power"),
                    **_rate(hass, inverter, "battery_level", name="stat_soc"),
                    **({"capacity": capacity} if capacity else {}),
                }
            )
    return sources


def _devices(
    hass: HomeAssistant, household: HouseholdCoordinator, available: set[str]
) -> list[Any]:
    """Return the household's cars in the dashboard's form."""
    return [
        {
            "stat_consumption": charged,
            "name": vehicle.device_name,
            **_rate(hass, vehicle, "charge_power"),
        }
        for vehicle in _of_kind(household, ElectricVehicle)
        if (charged := statistic_id(vehicle.device_id, "charging_energy")) in available
    ]


def _of_kind[DeviceT: (Inverter, ElectricVehicle)](
    household: HouseholdCoordinator, kind: type[DeviceT]
) -> list[DeviceCoordinator[DeviceT]]:
    """Return the household's devices of a kind, always in the same order."""
    return [
        coordinator
        for _, coordinator in sorted(household.devices.items())
        if coordinator.kind is kind
    ]


def _rate(
    hass: HomeAssistant,
    coordinator: DeviceCoordinator[Any],
    key: str,
    *,
    name: str = "stat_rate",
) -> dict[str, str]:
    """Return the entity for a live value, unless the user disabled it."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        "sensor", DOMAIN, f"{coordinator.device_id}_{key}"
    )
    entry = registry.async_get(entity_id) if entity_id else None
    if entry is None or entry.disabled:
        return {}
    return {name: entry.entity_id}
