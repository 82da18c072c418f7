"""The recorder's sums are what truly was, whatever happened on the way."""

from datetime import datetime, timedelta
import random

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.common import make_entry, pass_time

from .common import HOUR, NOW, check_truth, import_all, rows, settle

# Both changes to and from summer time lie in these days.
DAYS = 400


def months(start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the calendar months of a span, the first and the last cut."""
    found = []
    while start < end:
        following = (start.replace(day=1, hour=0) + timedelta(days=32)).replace(day=1)
        found.append((start, min(following, end)))
        start = following
    return found


async def test_one_import_of_400_days(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Every kind agrees in every month."""
    now.move_to(NOW)
    simulator = Simulator(seed=1, days=DAYS + 40)
    await simulator.start()
    await import_all(hass, make_entry(simulator, history_days=DAYS))
    end = NOW.replace(minute=0)
    for first, after in months(end - timedelta(days=DAYS), end):
        await check_truth(hass, simulator, first, after)
    inverter = simulator.households[0].inverters[0].id
    first, after = end - timedelta(days=2), end
    truth = simulator.energy(inverter, first, after)
    for kind in ("battery_level", "price"):
        found = await rows(hass, inverter, kind, first, after)
        assert len(found) == 48
        mean = sum(row["mean"] for row in found) / len(found)
        assert mean == pytest.approx(truth[kind]["mean"])
        assert min(row["min"] for row in found) == truth[kind]["min"]
        assert max(row["max"] for row in found) == truth[kind]["max"]
    await simulator.stop()


async def test_a_life_of_60_days(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Re-imports, restarts, an outage, late and corrected data, an older start, a new beginning."""
    now.move_to(NOW)
    simulator = Simulator(seed=3, days=130)
    await simulator.start()
    entry = make_entry(simulator, history_days=60)
    start = NOW.replace(minute=0) - timedelta(days=60)
    inverter = simulator.households[0].inverters[0].id
    car = simulator.households[0].vehicles[0].id
    # A part of the past is missing, and another is wrong, until later.
    gap = start + timedelta(days=20)
    simulator.distort("missing", device_id=inverter, start=gap, end=gap + 30 * HOUR)
    simulator.distort(
        "preliminary",
        device_id=inverter,
        start=NOW - timedelta(hours=20),
        end=NOW - timedelta(hours=3),
        until=NOW + timedelta(hours=12),
    )

    # Restarts at any point of the first import.
    dice = random.Random(7)
    simulator.conventions.update(max_span_days=9)
    await import_all(hass, entry)
    for _ in range(4):
        await hass.config_entries.async_unload(entry.entry_id)
        await hass.config_entries.async_setup(entry.entry_id)
        for _ in range(dice.randrange(40)):
            await hass.async_block_till_done()
    await settle(hass)
    await check_truth(hass, simulator, start, NOW.replace(minute=0), served=True)

    # A week offline, after which what was wrong is right.
    await hass.config_entries.async_unload(entry.entry_id)
    await pass_time(hass, now, timedelta(days=7))
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    end = (NOW + timedelta(days=7)).replace(minute=0)
    await check_truth(hass, simulator, start, end, served=True)

    # Twenty times the same, in pieces of any length and order, after the gap was filled.
    simulator.distortions.clear()
    device = entry.runtime_data.device(inverter)
    assert device is not None
    await device.history.async_import(gap - HOUR, gap + 40 * HOUR)
    for _ in range(20):
        first = start + HOUR * dice.randrange(60 * 24)
        for each in (inverter, car):
            history = entry.runtime_data.device(each).history
            await history.async_import(first, first + HOUR * dice.randrange(1, 200))
    await check_truth(hass, simulator, start, end)
    before = {
        kind: await rows(hass, inverter, kind) for kind in ("solar_energy", "price")
    }
    await device.history.async_import(start, end)
    for kind, held in before.items():
        assert await rows(hass, inverter, kind) == held

    # A session corrected later corrects its hours.
    session = simulator.sessions(simulator.device(car).source)[-4]
    simulator.correct_session(
        str(session["id"]), energy_charged_kwh=1.25, actual_cost_eur=None
    )
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    end += 2 * HOUR
    await check_truth(hass, simulator, start, end)

    # An older start moves every later sum.
    older = start - timedelta(days=30)
    for each in (inverter, car):
        history = entry.runtime_data.device(each).history
        await history.async_import(older, older + timedelta(days=10))
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    end += HOUR
    await check_truth(hass, simulator, older, end)

    # Cleared, and imported again.
    for each in (inverter, car):
        history = entry.runtime_data.device(each).history
        assert len(await history.async_clear()) == len(history.statistic_ids)
        assert await rows(hass, each, "solar_energy") == []
        await history.async_import(start, end)
    await check_truth(hass, simulator, start, end)
    await simulator.stop()


async def test_export_only_series(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Where the series never says import, the balance of the house does."""
    now.move_to(NOW)
    simulator = Simulator(seed=1, days=12)
    simulator.conventions.update(series_grid="export_only")
    await simulator.start()
    await import_all(hass, make_entry(simulator, history_days=10))
    end = NOW.replace(minute=0)
    await check_truth(hass, simulator, end - timedelta(days=10), end)
    await simulator.stop()
