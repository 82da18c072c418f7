"""Home Assistant with a recorder, and a cloud with a past."""

from collections.abc import AsyncGenerator, Iterator
import logging
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from simulator import Device, Simulator
from tests.common import make_entry

from .past import hang_up


@pytest.fixture
def quiet_sql() -> Iterator[None]:
    """Spare log lines for each statement and connection, some of which list the stack."""
    loggers = [
        logging.getLogger(name)
        for name in ("sqlalchemy.engine", "homeassistant.components.recorder.pool")
    ]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.WARNING)
    yield
    for each, level in zip(loggers, levels, strict=True):
        each.setLevel(level)


@pytest.fixture
async def vienna(
    quiet_sql: None,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entity_registry_enabled_by_default: None,
) -> None:
    """Run Home Assistant in Vienna, with a recorder and storage, and all entities enabled."""
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.fixture
async def simulator(simulator: Simulator) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud that hangs up at the end, also on those whom it keeps waiting."""
    yield simulator
    await hang_up(simulator)


@pytest.fixture
def inverter(simulator: Simulator) -> Device:
    """Return the inverter of the first household."""
    [inverter] = simulator.households[0].inverters
    return inverter


@pytest.fixture
def car(simulator: Simulator) -> Device:
    """Return the car of the first household."""
    [car] = simulator.households[0].vehicles
    return car


@pytest.fixture
def entry(simulator: Simulator) -> MockConfigEntry:
    """Return an entry that wants two days of history."""
    return make_entry(simulator, history_days=2)
