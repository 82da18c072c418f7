"""What every test may use: a Podero cloud on loopback, and Home Assistant with the integration."""

from collections.abc import AsyncGenerator, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from simulator import Simulator

from .common import make_entry

# A sunny noon in May: the car is away or back, the battery full, prices low.
NOON = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)

type SetUp = Callable[..., Coroutine[Any, Any, MockConfigEntry]]


@pytest.fixture(autouse=True)
def _environment(request: pytest.FixtureRequest, socket_enabled: None) -> None:
    """Let HTTP through on loopback, and load integrations from this checkout."""
    # A database has to be there before the Home Assistant that uses it.
    if "recorder_mock" in request.fixturenames:
        request.getfixturevalue("recorder_db_url")
    # Tests of the client and of the simulator need no Home Assistant.
    if "hass" in request.fixturenames:
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return snapshots that leave out what differs from run to run."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture
def entity_registry_enabled_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enable the entities that are disabled by default."""
    monkeypatch.setattr(Entity, "entity_registry_enabled_default", True)


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
def inverter(simulator: Simulator) -> str:
    """Return the id of the first household's inverter."""
    return simulator.households[0].inverters[0].id


@pytest.fixture
def car(simulator: Simulator) -> str:
    """Return the id of the first household's car."""
    return simulator.households[0].vehicles[0].id


@pytest.fixture
def entry(simulator: Simulator) -> MockConfigEntry:
    """Return an entry with the first household, not added yet."""
    return make_entry(simulator)


@pytest.fixture
def both(simulator: Simulator) -> MockConfigEntry:
    """Return an entry with both households, not added yet."""
    return make_entry(simulator, 0, 1)


@pytest.fixture
async def loaded(hass: HomeAssistant, entry: MockConfigEntry) -> MockConfigEntry:
    """Return the entry of the first household, set up."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    return entry
