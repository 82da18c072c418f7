"""Filling in the Energy dashboard's settings from a household's statistics.

Only ever adds: existing sources are never changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.translation import async_get_translations

from .const import CONF_ENERGY_DASHBOARD, DOMAIN, LOGGER
from .coordinator import PoderoDevice
from .history import STATISTICS, Importer, Role, statistic_id
from .household import HouseholdCoordinator
from .registry import async_device_name

NAMES = f"component.{DOMAIN}.selector.energy_source.options"


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What a call did, or would do.

    Attributes:
        added: The statistics that were missing, by kind of source: solar, grid,
            battery, device.
        already_there: Those of the kinds that were left alone.
    """

    added: dict[str, list[str]]
    already_there: dict[str, list[str]]


async def async_show_imported(
    hass: HomeAssistant, household: HouseholdCoordinator
) -> None:
    """Add the devices whose past has been imported, where the household wants it.

    Each is added once, so what the user removes is not added again. Devices of a kind
    are added together, because no source is added to a kind that already has one.
    """
    if (
        not household.subentry.data[CONF_ENERGY_DASHBOARD]
        or "energy" not in hass.config.components
    ):
        return
    ready: list[tuple[PoderoDevice, Importer]] = []
    for _, group in groupby(_sorted(household), key=_kind):
        importers = [
            (device, device.importer) for device in group if device.importer is not None
        ]
        if all(importer.is_complete for _, importer in importers):
            ready += [each for each in importers if not each[1].is_shown]
    available = await _async_available(hass, [device for device, _ in ready])
    new = []
    for device, importer in ready:
        if not available.isdisjoint(_roles(device).values()):
            await importer.async_shown()
            new.append(device)
    if new:
        LOGGER.debug("Setting up the Energy dashboard for %s", household.name)
        await _async_add(hass, new, available, dry_run=False)


async def async_setup_energy_dashboard(
    hass: HomeAssistant, household: HouseholdCoordinator, *, dry_run: bool = False
) -> Setup:
    """Add a household to the Energy dashboard, as far as its statistics exist."""
    devices = _sorted(household)
    available = await _async_available(hass, devices)
    return await _async_add(hass, devices, available, dry_run=dry_run)


async def _async_add(
    hass: HomeAssistant,
    devices: list[PoderoDevice],
    available: set[str],
    *,
    dry_run: bool,
) -> Setup:
    """Add some devices to the Energy dashboard, as far as their statistics exist."""
    names = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    forecast = await _async_forecast(hass)
    # No await between reading and saving, so no other change is lost.
    manager = await async_get_manager(hass)
    preferences = manager.data or manager.default_preferences()
    sources = list(preferences["energy_sources"])
    consumers = list(preferences["device_consumption"])
    source_types = {source["type"] for source in sources}
    consumed = {consumer["stat_consumption"] for consumer in consumers}

    found = Setup(added={}, already_there={})
    for source in _sources(hass, devices, available, names, forecast):
        is_there = source["type"] in source_types
        statistics = [
            value
            for key, value in source.items()
            if key.startswith("stat_") and value in available
        ]
        (found.already_there if is_there else found.added).setdefault(
            source["type"], []
        ).extend(statistics)
        if not is_there:
            sources.append(source)
    for consumer in _consumers(hass, devices, available):
        statistic = consumer["stat_consumption"]
        is_there = statistic in consumed
        (found.already_there if is_there else found.added).setdefault(
            "device", []
        ).append(statistic)
        if not is_there:
            consumers.append(consumer)
    if found.added and not dry_run:
        await manager.async_update(
            {"energy_sources": sources, "device_consumption": consumers}
        )
    return found


def _kind(device: PoderoDevice) -> str:
    return device.coordinator.kind.key


def _sorted(household: HouseholdCoordinator) -> list[PoderoDevice]:
    """Return a household's devices by kind, always in the same order."""
    return sorted(
        household.data.values(),
        key=lambda device: (_kind(device), device.coordinator.api.device_id),
    )


def _roles(device: PoderoDevice) -> dict[Role, str]:
    """Return the ids of the statistics that have a place on the dashboard."""
    if device.source is None:
        return {}
    return {
        role: statistic_id(device.coordinator.api.device_id, key)
        for key in device.source.kinds
        if (role := STATISTICS[key].role) is not None
    }


async def _async_available(
    hass: HomeAssistant, devices: Iterable[PoderoDevice]
) -> set[str]:
    """Return those of the devices' statistics that the recorder holds."""
    wanted: set[str] = set().union(*(_roles(device).values() for device in devices))
    return set(
        await get_instance(hass).async_add_executor_job(
            lambda: get_metadata(hass, statistic_ids=wanted)
        )
    )


async def _async_forecast(hass: HomeAssistant) -> list[str] | None:
    """Return the entry of Home Assistant's solar forecast, if there is exactly one."""
    entries = [
        entry.entry_id
        for domain in await async_get_energy_platforms(hass)
        for entry in hass.config_entries.async_loaded_entries(domain)
    ]
    return entries if len(entries) == 1 else None


def _sources(
    hass: HomeAssistant,
    devices: Iterable[PoderoDevice],
    available: set[str],
    names: dict[str, str],
    forecast: list[str] | None,
) -> list[Any]:
    """Return the devices' energy sources in the dashboard's form."""
    sources: list[Any] = []
    is_grid_known = False

    def name(kind: str) -> str:
        """Return a short name; the second of a kind has a number."""
        number = sum(source["type"] == kind for source in sources) + 1
        return names[f"{NAMES}.{kind}"] + (f" {number}" if number > 1 else "")

    for device in devices:
        roles = {
            role: statistic
            for role, statistic in _roles(device).items()
            if statistic in available
        }
        if solar := roles.get(Role.SOLAR):
            sources.append(
                {
                    "type": "solar",
                    "name": name("solar"),
                    "stat_energy_from": solar,
                    "config_entry_solar_forecast": forecast,
                    **_entity(hass, device, "solar_power", "stat_rate"),
                }
            )
        imported, exported = roles.get(Role.GRID_IMPORT), roles.get(Role.GRID_EXPORT)
        # Two inverters behind one meter measure the same grid, which counts once.
        if imported and exported and not is_grid_known:
            is_grid_known = True
            sources.append(
                {
                    "type": "grid",
                    "name": name("grid"),
                    "stat_energy_from": imported,
                    "stat_energy_to": exported,
                    "stat_cost": roles.get(Role.GRID_IMPORT_COST),
                    "entity_energy_price": None,
                    "number_energy_price": None,
                    "stat_compensation": roles.get(Role.GRID_EXPORT_COMPENSATION),
                    "entity_energy_price_export": None,
                    "number_energy_price_export": None,
                    "cost_adjustment_day": 0.0,
                    **_entity(hass, device, "grid_power", "stat_rate"),
                }
            )
        charged = roles.get(Role.BATTERY_CHARGE)
        discharged = roles.get(Role.BATTERY_DISCHARGE)
        if charged and discharged:
            capacity = device.coordinator.data.device.battery_capacity_kwh
            sources.append(
                {
                    "type": "battery",
                    "name": name("battery"),
                    "stat_energy_from": discharged,
                    "stat_energy_to": charged,
                    **_entity(hass, device, "battery_power", "stat_rate"),
                    **_entity(hass, device, "battery_level", "stat_soc"),
                    **({"capacity": capacity} if capacity else {}),
                }
            )
    return sources


def _consumers(
    hass: HomeAssistant, devices: Iterable[PoderoDevice], available: set[str]
) -> list[Any]:
    """Return the devices that consume energy in the dashboard's form."""
    return [
        {
            "stat_consumption": consumed,
            "name": async_device_name(hass, device.coordinator),
            **_entity(hass, device, "charge_power", "stat_rate"),
        }
        for device in devices
        if (consumed := _roles(device).get(Role.DEVICE)) in available
    ]


def _entity(
    hass: HomeAssistant, device: PoderoDevice, key: str, name: str
) -> dict[str, str]:
    """Return the entity of a live value, unless the user disabled it."""
    registry = er.async_get(hass)
    entity_id = registry.async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{device.coordinator.api.device_id}_{key}"
    )
    entry = registry.async_get(entity_id) if entity_id else None
    if entry is None or entry.disabled:
        return {}
    return {name: entry.entity_id}
