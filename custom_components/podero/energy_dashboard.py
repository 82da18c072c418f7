"""Filling in the Energy dashboard's settings from a household's statistics.

Only ever adds: what is there already, from whomever, stays as it is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from . import power
from .api import Device, ElectricVehicle, Inverter
from .const import CONF_ENERGY_DASHBOARD, DOMAIN, LOGGER
from .coordinator import DeviceCoordinator, HouseholdCoordinator
from .history import statistic_id

SHOWN: Mapping[type[Device], tuple[str, ...]] = {
    Inverter: (
        "solar_energy",
        "grid_import_energy",
        "grid_export_energy",
        "battery_charge_energy",
        "battery_discharge_energy",
    ),
    ElectricVehicle: ("charging_energy",),
}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a call did, or would do.

    Attributes:
        added: The kinds of source that were missing: solar, grid, battery, device.
        already_there: The kinds that were left alone.
    """

    added: list[str]
    already_there: list[str]


async def async_show_imported(
    hass: HomeAssistant, household: HouseholdCoordinator
) -> None:
    """Add the devices whose past has been imported, where the household wants it.

    Each is added once: what the user takes out again stays away. Devices of a kind
    wait for one another, for once a kind of source is there no other is added.
    """
    if (
        not household.subentry.data[CONF_ENERGY_DASHBOARD]
        or "energy" not in hass.config.components
    ):
        return
    ready = [
        (device, history)
        for kind in (Inverter, ElectricVehicle)
        if all(
            _is_imported(device)
            for device in _of_kind(household.devices.values(), kind)
        )
        for device in _of_kind(household.devices.values(), kind)
        if (history := device.history) is not None and not history.is_shown
    ]
    available = await _async_available(hass, [device for device, _ in ready])
    new = []
    for device, history in ready:
        if _statistic_ids(device) & available:
            await history.async_shown()
            new.append(device)
    if new:
        LOGGER.debug("Setting up the Energy dashboard for %s", household.name)
        await _async_add(hass, new, available, dry_run=False)


async def async_setup_energy_dashboard(
    hass: HomeAssistant, household: HouseholdCoordinator, *, dry_run: bool = False
) -> Setup:
    """Add a household to the Energy dashboard, as far as its statistics exist."""
    devices = [*household.devices.values()]
    available = await _async_available(hass, devices)
    return await _async_add(hass, devices, available, dry_run=dry_run)


async def _async_add(
    hass: HomeAssistant,
    coordinators: list[DeviceCoordinator[Any]],
    available: set[str],
    *,
    dry_run: bool,
) -> Setup:
    """Add some devices to the Energy dashboard, as far as their statistics exist."""
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

    sources += [
        source
        for source in _sources(hass, coordinators, available)
        if is_missing(source["type"], source["type"] in kinds_there)
    ]
    devices += [
        device
        for device in _devices(hass, coordinators, available)
        if is_missing("device", device["stat_consumption"] in devices_there)
    ]
    if found.added and not dry_run:
        await manager.async_update(
            {"energy_sources": sources, "device_consumption": devices}
        )
    return found


def _is_imported(device: DeviceCoordinator[Any]) -> bool:
    return device.history is not None and device.history.is_complete


def _statistic_ids(device: DeviceCoordinator[Any]) -> set[str]:
    """Return the ids of the statistics that a device can have on the dashboard."""
    return {statistic_id(device.device_id, kind) for kind in SHOWN[device.kind]}


async def _async_available(
    hass: HomeAssistant, devices: Iterable[DeviceCoordinator[Any]]
) -> set[str]:
    """Return those of the devices' statistics that the recorder holds."""
    wanted: set[str] = set().union(*(_statistic_ids(device) for device in devices))
    return set(
        await get_instance(hass).async_add_executor_job(
            lambda: get_metadata(hass, statistic_ids=wanted)
        )
    )


def _sources(
    hass: HomeAssistant,
    coordinators: Iterable[DeviceCoordinator[Any]],
    available: set[str],
) -> list[Any]:
    """Return the devices' energy sources in the dashboard's form."""
    sources: list[Any] = []
    grid_is_known = False
    for inverter in _of_kind(coordinators, Inverter):
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
    hass: HomeAssistant,
    coordinators: Iterable[DeviceCoordinator[Any]],
    available: set[str],
) -> list[Any]:
    """Return the cars among them in the dashboard's form."""
    return [
        {
            "stat_consumption": charged,
            "name": vehicle.device_name,
            **_rate(hass, vehicle, "charge_power"),
        }
        for vehicle in _of_kind(coordinators, ElectricVehicle)
        if (charged := statistic_id(vehicle.device_id, "charging_energy")) in available
    ]


def _of_kind[DeviceT: Device](
    coordinators: Iterable[DeviceCoordinator[Any]], kind: type[DeviceT]
) -> list[DeviceCoordinator[DeviceT]]:
    """Return the devices of a kind, always in the same order."""
    return sorted(
        (each for each in coordinators if each.kind is kind),
        key=lambda each: each.device_id,
    )


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
