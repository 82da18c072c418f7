"""What the recorder holds, beside what truly was."""

from datetime import UTC, datetime, timedelta
import itertools

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.history import statistic_id
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    StatisticsRow,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.common import set_up

NOW = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUMS = {
    "inverters": (
        "solar_energy",
        "grid_import_energy",
        "grid_export_energy",
        "home_energy",
        "battery_charge_energy",
        "battery_discharge_energy",
    ),
    "electric-vehicles": ("charging_energy", "charging_cost", "charging_savings"),
}


async def settle(hass: HomeAssistant) -> None:
    """Wait for the imports that run in the background."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def import_all(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up and wait until its past is imported."""
    await set_up(hass, entry)
    await settle(hass)


async def rows(
    hass: HomeAssistant,
    device_id: str,
    kind: str,
    start: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    end: datetime | None = None,
) -> list[StatisticsRow]:
    """Return what the recorder holds of one kind."""
    statistic = statistic_id(device_id, kind)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        start,
        end,
        {statistic},
        "hour",
        None,
        {"state", "sum", "mean", "min", "max"},
    )
    return found.get(statistic, [])


async def check_truth(
    hass: HomeAssistant,
    simulator: Simulator,
    start: datetime,
    end: datetime,
    *,
    served: bool = False,
) -> None:
    """Compare every sum of a span with what the simulator says it came to."""
    family = simulator.households[0]
    for device in (*family.inverters, *family.vehicles):
        truth = simulator.energy(device.id, start, end, served=served)
        for kind in SUMS[device.kind]:
            found = await rows(hass, device.id, kind, start, end)
            change = found[-1]["sum"] - found[0]["sum"] + found[0]["state"]
            assert change == pytest.approx(truth[kind], rel=1e-6, abs=1e-6), kind
            # Every row goes on from the one before.
            for before, after in itertools.pairwise(found):
                assert after["sum"] == pytest.approx(
                    before["sum"] + after["state"], rel=1e-9, abs=1e-9
                ), kind
