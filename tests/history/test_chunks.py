"""A stretch of the past, asked for in pieces that Podero allows."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from simulator import Device, Simulator
from tests.common import make_entry, pass_time, set_up, state

from .past import (
    END,
    FIRST,
    HOUR,
    IMPORTED,
    Refusals,
    assert_true,
    imported,
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
    assert "no such thing" in shown.attributes["last_error"]
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
    hass: HomeAssistant, simulator: Simulator, inverter: Device
) -> None:
    """One day that Podero cannot give costs that day, not what came before or after it."""
    broken = (END - timedelta(days=2, hours=5)).timestamp()
    Refusals(simulator, lambda start, end: start <= broken < end)
    await set_up(hass, make_entry(simulator, history_days=3))
    await imported(hass)
    rows = await statistics(hass, inverter, "home_energy", END - timedelta(days=4))
    assert broken not in {row["start"] for row in rows}
    assert len(rows) >= 48 + 4
