"""Helpers of the tests."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from syrupy.assertion import SnapshotAssertion

from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from simulator import Family, Simulator

SETTINGS = {"history_days": 0, "energy_dashboard": False, "allow_control": False}


def household(
    simulator: Simulator, number: int = 0, **settings: Any
) -> ConfigSubentryData:
    """Return the config subentry of one of the simulator's households."""
    family = simulator.households[number]
    return ConfigSubentryData(
        data={"user_id": family.user_id, **SETTINGS, **settings},
        subentry_type="household",
        title=f"Household {number + 1}",
        unique_id=family.user_id,
    )


def make_entry(
    simulator: Simulator,
    *numbers: int,
    data: dict[str, Any] | None = None,
    **settings: Any,
) -> MockConfigEntry:
    """Return an entry as the config flow makes it, with some households (the first if none is named)."""
    return MockConfigEntry(
        domain=DOMAIN,
        title=f"Podero {simulator.organization_id[:8]}",
        unique_id=simulator.organization_id,
        data={
            "host": simulator.url,
            "org_id": simulator.organization_id,
            "client_id": "demo-client",
            "client_secret": "demo-secret",
        }
        if data is None
        else {"host": simulator.url, "org_id": simulator.organization_id} | data,
        subentries_data=[
            household(simulator, number, **settings) for number in numbers or (0,)
        ],
    )


def entity_id(hass: HomeAssistant, platform: str, device_id: str, key: str) -> str:
    """Return the entity id behind a unique id."""
    found = er.async_get(hass).async_get_entity_id(
        platform, DOMAIN, f"{device_id}_{key}"
    )
    assert found is not None, f"{platform} {key}"
    return found


def state(
    hass: HomeAssistant, device_id: str, key: str, platform: str = "sensor"
) -> State:
    """Return the state of a device's entity."""
    found = hass.states.get(entity_id(hass, platform, device_id, key))
    assert found is not None, f"{platform} {key}"
    return found


def device_entry(
    hass: HomeAssistant, entry: MockConfigEntry, device_id: str
) -> dr.DeviceEntry | None:
    """Return a device of the registry, by Podero's id."""
    return dr.async_get(hass).async_get_device_by_identifier(
        (DOMAIN, device_id), entry.entry_id
    )


def device_ids(hass: HomeAssistant, entry: MockConfigEntry) -> set[str]:
    """Return Podero's ids of an entry's registered devices."""
    return {
        device_id
        for device in dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        for _, device_id in device.identifiers
    }


def all_ids(family: Family) -> list[str]:
    """Return the ids of a household's devices, its own first."""
    devices = family.inverters + family.vehicles + family.heat_pumps + family.wallboxes
    return [family.user_id, *(device.id for device in devices)]


def snapshot_entities(
    hass: HomeAssistant,
    snapshot: SnapshotAssertion,
    entry: MockConfigEntry,
    platform: str,
    *device_ids: str,
) -> None:
    """Compare a platform's entities of some devices: their place in the registry, and their states."""
    for device_id in device_ids:
        device = device_entry(hass, entry, device_id)
        assert device is not None
        found = [
            each
            for each in er.async_entries_for_device(er.async_get(hass), device.id)
            if each.domain == platform
        ]
        assert found
        for each in found:
            assert each == snapshot(name=f"{each.entity_id}-entry")
            assert hass.states.get(each.entity_id) == snapshot(
                name=f"{each.entity_id}-state"
            )


def open_issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return Podero's issues that are open, by their ids."""
    return {
        issue_id: issue
        for (domain, issue_id), issue in ir.async_get(hass).issues.items()
        if domain == DOMAIN and issue.active
    }


async def pass_time(
    hass: HomeAssistant, now: FrozenDateTimeFactory, delta: timedelta | float
) -> None:
    """Let time pass, and everything that was due happen."""
    now.tick(delta)
    async_fire_time_changed(hass)
    await hass.async_block_till_done(wait_background_tasks=True)


async def set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add an entry and set it up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
