"""Inverters: what the home did today and this month, from the imported statistics."""

from datetime import UTC, datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.homeassistant import DOMAIN as HOMEASSISTANT
from homeassistant.components.recorder import Recorder
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import Simulator
from tests.common import entity_id, make_entry, pass_time, set_up, state

from .contract import TODAY, read

HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 5, 19, 22, tzinfo=UTC)
"""When the day of the tests begins in Vienna."""
ENERGIES = {
    "solar_energy_today": "solar_energy",
    "home_energy_today": "home_energy",
    "grid_import_energy_today": "grid_import_energy",
    "grid_export_energy_today": "grid_export_energy",
}


@pytest.fixture
async def vienna(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
) -> None:
    """Run Home Assistant in Vienna, with a recorder and storage."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.fixture
async def imported(
    vienna: None, hass: HomeAssistant, simulator: Simulator
) -> MockConfigEntry:
    """Return an entry whose history was imported."""
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    return entry


def truth(
    simulator: Simulator, inverter: str, start: datetime, end: datetime
) -> dict[str, float]:
    """Return what the simulator knows of a span: kWh by kind, and both shares in %."""
    energy: dict[str, Any] = simulator.energy(inverter, start, end)
    kwh = {key: float(energy[kind]) for key, kind in ENERGIES.items()}
    return kwh | {
        "self_sufficiency": 100
        * (1 - kwh["grid_import_energy_today"] / kwh["home_energy_today"]),
        "self_consumption": 100
        * (1 - kwh["grid_export_energy_today"] / kwh["solar_energy_today"]),
    }


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_today(
    hass: HomeAssistant,
    simulator: Simulator,
    imported: MockConfigEntry,
    inverter: str,
) -> None:
    """Energies and shares are those of the imported hours of the local day."""
    end = datetime(2026, 5, 20, 10, tzinfo=UTC)
    true = truth(simulator, inverter, MIDNIGHT, end)
    for key in ENERGIES:
        shown = state(hass, inverter, key)
        assert float(shown.state) == pytest.approx(true[key], abs=1e-3), key
        assert shown.attributes["device_class"] == "energy"
        assert shown.attributes["state_class"] == "total"
        assert shown.attributes["unit_of_measurement"] == "kWh"
        reset = datetime.fromisoformat(shown.attributes["last_reset"])
        assert reset == MIDNIGHT
    for key in ("self_sufficiency", "self_consumption"):
        shown = state(hass, inverter, f"{key}_today")
        assert float(shown.state) == pytest.approx(true[key], abs=0.1), key
        assert shown.attributes["unit_of_measurement"] == "%"
    # Two days of this month were imported.
    true = truth(simulator, inverter, end - timedelta(days=2), end)
    for key in ("self_sufficiency", "self_consumption"):
        shown = state(hass, inverter, f"{key}_month")
        assert float(shown.state) == pytest.approx(true[key], abs=0.1), key


async def test_the_next_day(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    imported: MockConfigEntry,
    inverter: str,
) -> None:
    """The hourly import adds its hours; with the new day everything starts again."""
    before = float(state(hass, inverter, "home_energy_today").state)
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert float(state(hass, inverter, "home_energy_today").state) > before
    now.move_to(MIDNIGHT + timedelta(days=1, minutes=1))
    await pass_time(hass, now, 0)
    await pass_time(hass, now, timedelta(hours=3))
    shown = state(hass, inverter, "home_energy_today")
    reset = datetime.fromisoformat(shown.attributes["last_reset"])
    assert reset == MIDNIGHT + timedelta(days=1)
    assert 0 < float(shown.state) < before
    assert float(state(hass, inverter, "solar_energy_today").state) == 0
    # Nothing came from the sun yet: no share of nothing.
    assert state(hass, inverter, "self_consumption_today").state == STATE_UNKNOWN


async def test_asked_for_by_hand(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    imported: MockConfigEntry,
    inverter: str,
) -> None:
    """Updating such an entity imports what is new."""
    assert await async_setup_component(hass, HOMEASSISTANT, {})
    now.tick(timedelta(minutes=53))
    simulator.requests.clear()
    await hass.services.async_call(
        HOMEASSISTANT,
        "update_entity",
        {"entity_id": entity_id(hass, "sensor", inverter, "home_energy_today")},
        blocking=True,
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    assert simulator.requests.count(f"{inverter}/data$") > 0


async def test_without_a_recorder(
    hass: HomeAssistant, loaded: MockConfigEntry, inverter: str
) -> None:
    """Where nothing can be imported there is nothing to show of it."""
    registry = er.async_get(hass)
    for platform, key in read(TODAY):
        assert (
            registry.async_get_entity_id(platform, "podero", f"{inverter}_{key}")
            is None
        )
