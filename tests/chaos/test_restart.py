"""Home Assistant stops in the middle of an import, and another process goes on with its files."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
import logging
from pathlib import Path

import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
)

from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from simulator import Device, Simulator
from tests.common import make_entry
from tests.history.past import (
    assert_true,
    has_struck,
    history,
    imported,
    statistics,
    until,
)


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Leave the timers of the Home Assistants that stopped: their processes end with them."""
    return True


@asynccontextmanager
async def home_assistant(
    folder: Path, entry: MockConfigEntry
) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant that keeps everything in a folder."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    async with async_test_home_assistant(config_dir=str(folder)) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        await hass.config.async_set_time_zone("Europe/Vienna")
        assert await async_setup_component(hass, "network", {})
        recorder_helper.async_initialize_recorder(hass)
        assert await async_setup_component(
            hass, "recorder", {"recorder": {"db_url": f"sqlite:///{folder}/home.db"}}
        )
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        try:
            yield hass
        finally:
            await hass.async_stop(force=True)


def has_imported(entry: MockConfigEntry, device: Device, span: timedelta) -> bool:
    """Return whether a device's past has been imported so far."""
    data = history(entry, device).data
    return (
        data.start is not None
        and data.imported_until is not None
        and data.imported_until >= data.start + span
    )


@pytest.mark.parametrize("spans", [1, 2, 3])
async def test_stopped_in_the_middle(tmp_path: Path, spans: int) -> None:
    """Wherever the backfill was, the next start goes on there, and all comes out right."""
    simulator = Simulator(seed=2, households=1, days=9)
    await simulator.start()
    simulator.conventions.update(max_span_days=2)
    # What is too long is refused four times until spans are short enough.
    hanging = simulator.fail("/data$", after=4 + spans, delay=3600)
    entry = make_entry(simulator, history_days=8)
    family = simulator.households[0]
    [inverter], [car] = family.inverters, family.vehicles
    async with home_assistant(tmp_path, entry) as hass:
        await until(partial(has_struck, hanging))
        # One span is asked for while the one before it is being written.
        await until(partial(has_imported, entry, inverter, timedelta(days=2 * spans)))
        reached = history(entry, inverter).data
        assert reached.start is not None
        assert reached.imported_until is not None
        rows = await statistics(hass, inverter, "home_energy", reached.start)
        assert len(rows) == 48 * spans
    simulator.heal()
    simulator.requests.clear()

    again = MockConfigEntry(
        domain=entry.domain,
        entry_id=entry.entry_id,
        data=dict(entry.data),
        subentries_data=[each.as_dict() for each in entry.subentries.values()],
    )
    async with home_assistant(tmp_path, again) as hass:
        await imported(hass)
        asked = [
            datetime.fromisoformat(request.query["from_datetime"])
            for request in simulator.requests.find("/data$")
        ]
        # Not from the beginning, but for the overlap.
        assert min(asked) == max(
            reached.start, reached.imported_until - timedelta(hours=48)
        )
        end = history(again, inverter).data.imported_until
        assert end is not None
        assert datetime.now(UTC) - end < timedelta(hours=2)
        await assert_true(hass, simulator, (inverter, car), reached.start, end)
    await simulator.stop()
