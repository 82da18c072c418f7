"""What every test may use: a Podero cloud on loopback, and Home Assistant with the integration."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from simulator import Simulator

from .common import make_entry

# A sunny noon in May: the car is away or back, the battery full, prices low.
NOON = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)

type SetUp = Callable[..., Coroutine[Any, Any, MockConfigEntry]]


@pytest.fixture(autouse=True)
def _environment(enable_custom_integrations: None, socket_enabled: None) -> None:
    """Load integrations from this checkout, and let HTTP through on loopback."""


@pytest.fixture
def now(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    """Stop the clock of Home Assistant and of the simulator at a sunny noon."""
    freezer.move_to(NOON)
    return freezer


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with two households."""
    simulator = Simulator(seed=1, households=2, days=3)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def entry(simulator: Simulator) -> MockConfigEntry:
    """Return an entry with the first household, not added yet."""
    return make_entry(simulator)


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the entry of the first household, set up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.LOADED
    return entry
