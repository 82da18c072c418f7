"""What is known of an import's progress, and what if that is wrong."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.history.statistics import async_statistic_names, metadata
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import async_add_external_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Device, Simulator
from tests.common import make_entry, pass_time, set_up, state
from tests.conftest import NOON

from .past import (
    BEGIN,
    END,
    FIRST,
    HOUR,
    IMPORTED,
    assert_true,
    begin_set_up,
    has_struck,
    history,
    imported,
    kinds_of,
    set_up_again,
    starts,
    statistic_id,
    statistics,
    this_hour,
    until,
)

pytestmark = pytest.mark.usefixtures("vienna")


async def test_restart_goes_on(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """What was committed before a restart is not lost, and the rest comes after it."""
    entry = make_entry(simulator, history_days=3)
    simulator.conventions.update(max_span_days=1)
    hanging = simulator.fail("/data$", after=6, delay=3600)
    await begin_set_up(hass, entry)
    await until(lambda: has_struck(hanging))
    simulator.heal()
    simulator.requests.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    # Two days were there: the overlap reaches back over them, not further.
    assert min(starts(simulator)) == END - timedelta(days=3)
    await assert_true(hass, simulator, [inverter], END - timedelta(days=3), END)

    simulator.requests.clear()
    await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    assert min(starts(simulator)) == END - timedelta(hours=48)


async def test_new_database(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """A recorder that knows nothing is given everything again, and one that lost some that."""
    await set_up(hass, entry)
    await imported(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    ids = [
        statistic_id(device, kind)
        for device in (inverter, car)
        for kind in kinds_of(device)
    ]
    get_instance(hass).async_clear_statistics(ids)
    await set_up_again(hass, entry)
    await assert_true(hass, simulator, (inverter, car), BEGIN, END)

    # A backup that lacks the last days is an older database.
    backup = {
        kind: await statistics(hass, inverter, kind, BEGIN, END - timedelta(hours=40))
        for kind in ("home_energy",)
    }
    await pass_time(hass, now, timedelta(days=4))
    await pass_time(hass, now, HOUR)
    assert await hass.config_entries.async_unload(entry.entry_id)
    get_instance(hass).async_clear_statistics(ids)
    async_add_external_statistics(
        hass,
        metadata(
            inverter.id,
            "Inverter",
            "home_energy",
            names=await async_statistic_names(hass),
        ),
        [
            {
                "start": dt_util.utc_from_timestamp(row["start"]),
                "state": row["state"],
                "sum": row["sum"],
            }
            for row in backup["home_energy"]
        ],
    )
    await set_up_again(hass, entry)
    rows = await statistics(hass, inverter, "home_energy", BEGIN, this_hour())
    truth = simulator.energy(inverter.id, BEGIN, this_hour())["home_energy"]
    assert rows[-1]["sum"] == pytest.approx(truth, rel=1e-6)


SAVED: dict[str, Any] = {
    "days": 2,
    "reach": 2,
    "since": END.isoformat(),
    "start": BEGIN.isoformat(),
    "until": END.isoformat(),
    "newest": None,
    "accepted": None,
    "gaps": [],
    "counts": {},
    "complete": True,
    "shown": False,
    "pricing": None,
    "priced_from": None,
}


@pytest.mark.parametrize(
    ("version", "progress"),
    [
        (99, None),
        (1, "junk"),
        (1, {"start": 1}),
        (1, {"start": "?", "until": "?", "days": 2}),
        (1, SAVED | {"days": "many"}),
        (1, SAVED | {"days": -1}),
        (1, SAVED | {"reach": 1e300}),
        (1, SAVED | {"start": "9999-12-31T23:00:00+00:00"}),
        (1, SAVED | {"until": 5}),
        (1, SAVED | {"gaps": [1]}),
        (1, SAVED | {"counts": []}),
        ("1", {}),
        (1, None),
    ],
)
async def test_progress_that_cannot_be_read(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    caplog: pytest.LogCaptureFixture,
    version: int | str,
    progress: object,
) -> None:
    """Without knowing how far it came, the import begins anew and comes out the same."""
    await set_up(hass, entry)
    await imported(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[f"podero.{entry.entry_id}.history"] = {
        "version": version,
        "data": {inverter.id: progress} if progress else None,
    }
    simulator.requests.clear()
    await set_up_again(hass, entry)
    assert min(starts(simulator)) == BEGIN
    await assert_true(hass, simulator, [inverter], BEGIN, END)
    # Told once, also if everything starts again.
    await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    told = [each for each in caplog.messages if each.startswith("How far the history")]
    assert len(told) == (progress is not None or version == 99)


async def test_removed_and_added_again(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """Removing the entry keeps the statistics; adding it again leaves no hole in them."""
    await set_up(hass, entry)
    await imported(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()
    assert f"podero.{entry.entry_id}.history" not in hass_storage
    now.tick(timedelta(days=5))
    await set_up(hass, make_entry(simulator, history_days=1))
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_clock_that_was_ahead(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """A clock that was years ahead for a while stops nothing once it is right again."""
    await set_up(hass, entry)
    await imported(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.clock.freeze()
    now.move_to(NOON + timedelta(days=800))
    await set_up_again(hass, entry)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.clock.reset()
    now.move_to(NOON + timedelta(hours=5))
    await set_up_again(hass, entry)
    assert state(hass, inverter.id, IMPORTED).state == this_hour().isoformat()
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


@pytest.mark.parametrize("days", [0, 2])
async def test_clock_that_was_behind_at_the_first_start(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
    days: int,
) -> None:
    """Years that never were are not imported, and the days that the household wants are."""
    simulator.clock.freeze()
    now.move_to("2000-01-01T00:05:00Z")
    entry = make_entry(simulator, history_days=days)
    await set_up(hass, entry)
    await imported(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.clock.reset()
    now.move_to(NOON)
    simulator.requests.clear()
    await set_up_again(hass, entry)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    begin = END - timedelta(days=days)
    assert min(starts(simulator)) == begin
    await assert_true(hass, simulator, [inverter], begin, this_hour())
    assert len(await statistics(hass, inverter, "home_energy", FIRST)) == 24 * days + 2


@pytest.mark.parametrize("restarts", [True, False])
async def test_clock_at_new_year(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    restarts: bool,
) -> None:
    """A start with the clock at 1 January does not move where the history begins."""
    await set_up(hass, entry)
    await imported(hass)
    simulator.clock.freeze()
    simulator.requests.clear()
    now.move_to("2026-01-01T00:05:00Z")
    if restarts:
        await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    await history(entry, inverter).async_request_import()
    assert not starts(simulator)
    simulator.clock.reset()
    now.move_to(NOON + timedelta(hours=3))
    if restarts:
        await hass.config_entries.async_reload(entry.entry_id)
    await imported(hass)
    await history(entry, inverter).async_request_import()
    assert history(entry, inverter).data.start == BEGIN
    assert min(starts(simulator)) == BEGIN
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())
