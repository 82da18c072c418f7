"""A stretch of the past, asked for in pieces that Podero allows."""

from datetime import datetime, timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from simulator import Device, Simulator
from tests.common import make_entry, pass_time, set_up, state

from .past import (
    BEGIN,
    END,
    FIRST,
    HOUR,
    IMPORTED,
    Refusals,
    assert_true,
    history,
    imported,
    set_up_again,
    spans,
    starts,
    statistics,
    this_hour,
)

pytestmark = pytest.mark.usefixtures("vienna")


async def test_spans_halve_and_grow_back(
    hass: HomeAssistant, simulator: Simulator, inverter: Device
) -> None:
    """A span that Podero finds too long is halved until it is not, and slowly grows back."""
    simulator.conventions.update(max_span_days=4)
    await set_up(hass, make_entry(simulator, history_days=120))
    await imported(hass)
    days = [length / timedelta(days=1) for length in spans(simulator)]
    assert days[:4] == [31, 15.5, 186 / 24, 93 / 24]
    accepted = [length for length in days if length <= 4]
    assert sum(accepted) == pytest.approx(120)
    assert simulator.requests.count("/data$", status=400) < 25
    await assert_true(hass, simulator, [inverter], FIRST, END)


@pytest.mark.parametrize("days", [0, 1, 2, 31])
async def test_refused_for_good(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
    days: int,
) -> None:
    """If Podero refuses everything, few requests find out, and it is told."""
    simulator.fail("/data$", status=400, body={"error": "no such thing"})
    await set_up(hass, make_entry(simulator, history_days=days))
    await imported(hass)
    if not days:
        # Nothing to be imported yet, so nothing was asked.
        assert not spans(simulator)
        await pass_time(hass, now, HOUR)
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.attributes["last_error"] == "bad_response (400)"
    assert simulator.requests.count("/data$") <= 16
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count("/data$") <= 6
    simulator.heal()
    await pass_time(hass, now, HOUR)
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"] is None
    begin = max(END - timedelta(days=days), FIRST)
    await assert_true(hass, simulator, [inverter], begin, this_hour())


@pytest.mark.parametrize("hours", [5, 24, 100, 24 * 200, 24 * 399 + 3])
async def test_first_years_refused(
    hass: HomeAssistant, simulator: Simulator, inverter: Device, hours: int
) -> None:
    """Where Podero refuses what is from before a device's first day, it begins with that."""
    first = END - timedelta(days=400) + timedelta(hours=hours)
    Refusals(simulator, lambda start, end: start < first.timestamp())
    await set_up(hass, make_entry(simulator, history_days=400))
    await imported(hass)
    assert simulator.requests.count("/data$", status=400) < 40
    begin = max(first, FIRST)
    await assert_true(hass, simulator, [inverter], begin, END)
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.attributes["last_error"] is None
    assert shown.state == END.isoformat()
    assert min(starts(simulator, status=200)) == first


async def test_a_day_refused_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One hour that Podero refuses for a while costs nothing: it is asked for until it comes."""
    caplog.set_level(logging.INFO)
    broken = {(END - timedelta(hours=29)).timestamp()}
    Refusals(simulator, lambda start, end: any(start <= hour < end for hour in broken))
    entry = make_entry(simulator, history_days=3)
    await set_up(hass, entry)
    await imported(hass)
    assert state(hass, inverter.id, IMPORTED).state == END.isoformat()
    for hour in range(1, 4):
        simulator.requests.clear()
        await pass_time(hass, now, HOUR)
        # The newest hours come all the same.
        rows = await statistics(hass, inverter, "home_energy", END - timedelta(days=4))
        assert rows[-1]["start"] == (END + timedelta(hours=hour - 1)).timestamp()
        assert simulator.requests.count("/data$") <= 2 + 8
    # Only what is refused is missing in the end, not the day that it lies in.
    assert len(rows) == 72 + 3 - 1
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"] is None
    # It is not forgotten by a restart, nor when it lies further back than is looked.
    assert await hass.config_entries.async_unload(entry.entry_id)
    now.tick(timedelta(days=3))
    await set_up_again(hass, entry)
    broken.clear()
    await pass_time(hass, now, HOUR)
    begin = END - timedelta(days=3)
    await assert_true(hass, simulator, [inverter], begin, this_hour())
    told = [each for each in caplog.messages if each.startswith("Podero refuses")]
    assert len(told) == 1
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count("/data$") == 1


async def test_the_newest_day_refused(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """As long as nothing comes after what is refused, it is no gap but an error."""
    await set_up(hass, entry)
    await imported(hass)
    Refusals(simulator, lambda start, end: end > END.timestamp() and not healed)
    healed: list[bool] = []
    for _ in range(30):
        simulator.requests.clear()
        await pass_time(hass, now, HOUR)
        assert simulator.requests.count("/data$") <= 6
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.attributes["last_error"] == "bad_response (400)"
    assert datetime.fromisoformat(shown.state) <= this_hour() - timedelta(hours=24)
    healed.append(True)
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_days_refused_by_hand(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """A refusal in the middle of an import by hand is made up for by the hourly one."""
    entry = make_entry(simulator, history_days=3)
    await set_up(hass, entry)
    await imported(hass)
    broken = {(END - timedelta(hours=hours)).timestamp() for hours in (30, 50, 51)}
    Refusals(simulator, lambda start, end: any(start <= hour < end for hour in broken))
    result = await history(entry, inverter).async_import(END - timedelta(days=3), END)
    assert 0 < result.hours < 72
    broken.clear()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], END - timedelta(days=3), this_hour())


async def test_asks_one_ahead(
    hass: HomeAssistant, simulator: Simulator, inverter: Device
) -> None:
    """What goes wrong while a span is written is no loose end."""
    simulator.conventions.update(max_span_days=1)
    simulator.fail("/data$", after=4, times=1, status=500)
    entry = make_entry(simulator, history_days=3)
    await set_up(hass, entry)
    await imported(hass)
    await history(entry, inverter).async_request_import()
    await assert_true(hass, simulator, [inverter], END - timedelta(days=3), END)
