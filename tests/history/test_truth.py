"""The recorder's sums are what truly was, whatever happened on the way."""

from collections.abc import AsyncGenerator
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.common import make_entry, set_up

from .past import assert_true, imported, this_hour
from .truth import cloud_with_a_past, import_400_days, live_60_days

pytestmark = pytest.mark.usefixtures("vienna")


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with a long past."""
    async with cloud_with_a_past() as simulator:
        yield simulator


async def test_one_import_of_400_days(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Every kind agrees in every month."""
    await import_400_days(hass, simulator)


async def test_a_life_of_60_days(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Nothing that happens to a home makes a sum untrue."""
    await live_60_days(hass, simulator, now)


async def test_export_only_series(hass: HomeAssistant, simulator: Simulator) -> None:
    """Where the series never says import, the balance of the house does."""
    simulator.conventions.update(series_grid="export_only")
    await set_up(hass, make_entry(simulator, history_days=10))
    await imported(hass)
    end = this_hour()
    family = simulator.households[0]
    devices = (*family.inverters, *family.vehicles)
    await assert_true(hass, simulator, devices, end - timedelta(days=10), end)
