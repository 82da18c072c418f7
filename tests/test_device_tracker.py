"""Where electric vehicles are."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from homeassistant.const import STATE_HOME, STATE_NOT_HOME, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Simulator

from .common import entity_id, pass_time, set_up, snapshot_entities, state

NIGHT = datetime(2026, 5, 20, 23, 7, tzinfo=UTC)


async def test_off_by_default(
    hass: HomeAssistant, loaded: MockConfigEntry, car: str
) -> None:
    """Nobody is tracked who did not ask for it."""
    location = entity_id(hass, "device_tracker", car, "location")
    registered = er.async_get(hass).async_get(location)
    assert registered is not None
    assert registered.disabled_by is er.RegistryEntryDisabler.INTEGRATION
    assert hass.states.get(location) is None


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_location(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    snapshot: SnapshotAssertion,
) -> None:
    """The car is at home, away, or nobody knows where; half a position is none."""
    place = simulator.households[0].household.place
    hass.config.latitude, hass.config.longitude = place.latitude, place.longitude
    now.move_to(NIGHT)
    await set_up(hass, entry)
    snapshot_entities(hass, snapshot, entry, "device_tracker", car)
    simulator.override(car, latitude=place.latitude, longitude=str(place.longitude))
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, car, "location", "device_tracker").state == STATE_HOME
    simulator.override(car, latitude=place.latitude + 1)
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, car, "location", "device_tracker").state == STATE_NOT_HOME
    for half in ({"latitude": None}, {"latitude": 47, "longitude": None}):
        simulator.override(car, **half)
        await pass_time(hass, now, timedelta(minutes=5))
        shown = state(hass, car, "location", "device_tracker")
        assert shown.state == STATE_UNKNOWN
        assert not {"latitude", "longitude"} & shown.attributes.keys()
