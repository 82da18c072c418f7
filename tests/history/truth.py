"""What a home goes through; whatever it was, the recorder holds what truly was."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
import random

from freezegun.api import FrozenDateTimeFactory

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.common import make_entry, pass_time, set_up

from .past import (
    CHARGING,
    ENERGIES,
    HOUR,
    LEVELS,
    assert_true,
    call,
    everything,
    hang_up,
    has_struck,
    history,
    imported,
    kinds_of,
    set_up_again,
    this_hour,
    until,
)

# Both changes to and from summer time lie in these days.
DAYS = 400


@asynccontextmanager
async def cloud_with_a_past() -> AsyncGenerator[Simulator]:
    """Run a Podero cloud that knows more days than are imported."""
    simulator = Simulator(seed=1, days=DAYS + 40)
    await simulator.start()
    yield simulator
    await hang_up(simulator)
    await simulator.stop()


async def import_400_days(hass: HomeAssistant, simulator: Simulator) -> None:
    """Import all at once, and find every kind true in every month."""
    family = simulator.households[0]
    await set_up(hass, make_entry(simulator, history_days=DAYS))
    await imported(hass)
    end = this_hour()
    compared = await assert_true(
        hass,
        simulator,
        (*family.inverters, *family.vehicles),
        end - timedelta(days=DAYS),
        end,
    )
    assert compared == 14 * len(ENERGIES + LEVELS + CHARGING)


async def live_60_days(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Go through restarts, outages, late and corrected data, an older start, a new beginning."""
    family = simulator.households[0]
    [inverter], [car] = family.inverters, family.vehicles
    devices = (inverter, car)
    entry = make_entry(simulator, history_days=60)
    dice = random.Random(7)
    begin = this_hour() - timedelta(days=60)

    async def check(start: datetime = begin, *, served: bool = False) -> None:
        await assert_true(hass, simulator, devices, start, this_hour(), served=served)

    async def import_days(start: datetime, end: datetime) -> None:
        for device in devices:
            await call(
                hass,
                entry,
                "import_history",
                device,
                start_date=dt_util.as_local(start).date().isoformat(),
                end_date=dt_util.as_local(end).date().isoformat(),
            )

    # A day is missing, the last hours are not what they will be, nor is a session.
    gap = begin + timedelta(days=20)
    simulator.distort("missing", start=gap, end=gap + timedelta(hours=30))
    simulator.distort(
        "preliminary",
        start=this_hour() - timedelta(hours=20),
        end=this_hour() - timedelta(hours=3),
        until=this_hour() + timedelta(hours=12),
    )
    simulator.distort("late", seconds=5400)
    wrong = simulator.sessions(car)[-3]
    simulator.correct_session(wrong["id"], energy_charged_kwh=1.25)

    # Restarts at any point of the backfill: while it waits for an answer, or works on one.
    simulator.conventions.update(max_span_days=3)
    entry.add_to_hass(hass)
    for _ in range(4):
        hanging = simulator.fail("/data$", after=dice.randrange(4, 12), delay=3600)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await until(partial(has_struck, hanging))
        assert await hass.config_entries.async_unload(entry.entry_id)
        simulator.faults.remove(hanging)
    for _ in range(4):
        assert await hass.config_entries.async_setup(entry.entry_id)
        for _ in range(dice.randrange(100)):
            await hass.async_block_till_done()
        assert await hass.config_entries.async_unload(entry.entry_id)
    await set_up_again(hass, entry)
    await check(served=True)

    # A day without Podero, and a week without Home Assistant, after which all is known.
    outage = simulator.fail("/api/", status=503)
    await pass_time(hass, now, HOUR)
    await pass_time(hass, now, timedelta(days=1))
    simulator.faults.remove(outage)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await check(served=True)
    assert await hass.config_entries.async_unload(entry.entry_id)
    now.tick(timedelta(days=7))
    simulator.distortions.clear()
    await set_up_again(hass, entry)

    # The missing day by hand; then twenty times any days again, and any hours.
    await import_days(gap, gap + timedelta(hours=30))
    for _ in range(10):
        start = begin + timedelta(days=dice.randrange(1, 59))
        await import_days(start, start + timedelta(days=dice.randrange(9)))
        start = begin + timedelta(hours=dice.randrange(60 * 24))
        for device in devices:
            await history(entry, device).async_import(
                start, start + timedelta(hours=dice.randrange(1, 200))
            )
    simulator.corrections.clear()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await check()
    before = [await everything(hass, device) for device in devices]
    await import_days(begin + timedelta(days=1), this_hour())
    assert [await everything(hass, device) for device in devices] == before

    # A session is found to be wrong long after.
    simulator.correct_session(wrong["id"], energy_charged_kwh=2.5, actual_cost_eur=None)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await check()
    simulator.corrections.clear()

    # An older start; what lies between comes with the next hour.
    older = dt_util.start_of_local_day(begin - timedelta(days=30))
    await import_days(older, older + timedelta(days=10))
    await pass_time(hass, now, HOUR)
    await check(older)

    # Cleared, and imported again.
    for device in devices:
        cleared = await call(hass, entry, "clear_history", device)
        assert len(cleared["statistics"]) == len(kinds_of(device))
        assert not any((await everything(hass, device)).values())
    await import_days(older, this_hour())
    await check(older)
