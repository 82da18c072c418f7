"""What a household's devices write into the Activity while nothing happens."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from homeassistant.components.logbook.helpers import async_determine_event_types
from homeassistant.components.logbook.processor import EventProcessor
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import make_entry, pass_time, set_up

QUIET = timedelta(hours=6)
POLL = timedelta(minutes=5)
MOST = 8


@pytest.mark.parametrize(
    ("start", "allow_control"),
    [
        # The car is at home and waits for the night; the sun sets.
        (datetime(2026, 5, 20, 14, 3, tzinfo=UTC), False),
        # The car is full, until it is needed in the morning.
        (datetime(2026, 5, 20, 22, 3, tzinfo=UTC), True),
    ],
)
async def test_six_quiet_hours(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    simulator: Simulator,
    start: datetime,
    allow_control: bool,
) -> None:
    """Nobody does anything: few lines, and none that every poll would write."""
    now.move_to(start)
    assert await async_setup_component(hass, "logbook", {})
    entry = make_entry(simulator, allow_control=allow_control, history_days=1)
    await set_up(hass, entry)
    # What is found when Home Assistant starts is no news.
    await pass_time(hass, now, POLL)
    begin = datetime.now(UTC)
    while datetime.now(UTC) < begin + QUIET:
        await pass_time(hass, now, POLL)
    await async_wait_recording_done(hass)

    activity = EventProcessor(hass, async_determine_event_types(hass, None, None))
    lines = await get_instance(hass).async_add_executor_job(
        activity.get_events, begin, datetime.now(UTC)
    )
    ours = {
        each.entity_id
        for each in er.async_entries_for_config_entry(
            er.async_get(hass), entry.entry_id
        )
    }
    said = [
        f"{line['when']} {line['entity_id']}: {line['state']}"
        for line in lines
        if line.get("entity_id") in ours
    ]
    assert len(said) <= MOST, said
