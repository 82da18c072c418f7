"""A database that does not take, does not give, or loses statistics."""

from datetime import timedelta
import logging
from pathlib import Path
import sqlite3

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import text

from custom_components.podero.history import HistoryStore
from custom_components.podero.history.recorder import DatabaseNotReadyError
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from simulator import Device, Simulator
from tests.common import pass_time, set_up, state

from .past import (
    BEGIN,
    END,
    HOUR,
    IMPORTED,
    assert_true,
    call,
    imported,
    set_up_again,
    starts,
    this_hour,
)
from .scripted import DEVICE, SOLAR, ScriptedSource, make_importer

pytestmark = pytest.mark.usefixtures("vienna", "now")

REFUSE = "CREATE TRIGGER refuse BEFORE {} ON {} BEGIN SELECT RAISE(ABORT, 'full'); END"


@pytest.fixture
def recorder_db_url(tmp_path: Path, hass_fixture_setup: list[bool]) -> str:
    """Keep the database in a file, so that others can get at it."""
    assert not hass_fixture_setup
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    return f"sqlite:///{tmp_path}/home.db"


async def execute(hass: HomeAssistant, statement: str, **values: float) -> None:
    """Do something to the database."""

    def run() -> None:
        with get_instance(hass).get_session() as session:
            session.execute(text(statement), values)
            session.commit()

    await get_instance(hass).async_add_executor_job(run)


async def sums(hass: HomeAssistant) -> list[float]:
    """Return the running sums of the scripted device."""
    rows = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass, BEGIN - timedelta(days=99), None, {SOLAR}, "hour", None, {"sum"}
        )
    )
    return [row["sum"] for row in rows.get(SOLAR, [])]


def complaints(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """Return what is logged above info by us."""
    return [
        each
        for each in caplog.records
        if "podero" in each.name and each.levelno > logging.INFO
    ]


async def test_a_locked_database(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What could not be written is not counted as imported, and comes when it can."""
    caplog.set_level(logging.INFO)
    source = ScriptedSource()
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    assert len(await sums(hass)) == 48
    with sqlite3.connect(tmp_path / "home.db") as other:
        other.execute("BEGIN EXCLUSIVE")
        await pass_time(hass, now, HOUR)
        assert importer.data.imported_until == END
        assert importer.data.last_error == "database_not_ready"
        with pytest.raises(DatabaseNotReadyError) as caught:
            await importer.async_import(BEGIN, this_hour())
        assert caught.value.translation_key == "database_not_ready"
    other.close()
    # Days later: the hours lie further back than the overlap.
    now.tick(timedelta(days=5))
    await pass_time(hass, now, HOUR)
    assert importer.data.imported_until == this_hour()
    assert await sums(hass) == [
        *range(1, 1 + int((this_hour() - BEGIN) / timedelta(hours=1)))
    ]
    assert not complaints(caplog)
    lost = [each for each in caplog.messages if each.startswith("Lost the history")]
    assert lost == ["Lost the history of a roof: the database does not take it now"]
    await importer.async_stop()


async def test_a_database_that_takes_nothing_by_hand(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """An import by hand that was not taken is an error, and is made up for later."""
    source = ScriptedSource()
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    await execute(hass, REFUSE.format("INSERT", "statistics"))
    with pytest.raises(DatabaseNotReadyError):
        await importer.async_import(BEGIN - timedelta(days=3), BEGIN)
    await execute(hass, "DROP TRIGGER refuse")
    await pass_time(hass, now, HOUR)
    assert await sums(hass) == [*range(1, 5 * 24 + 2)]
    await importer.async_stop()


async def test_a_database_that_deletes_nothing(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Statistics that are still there are not said to be cleared."""
    importer = make_importer(hass, ScriptedSource())
    assert await importer.async_clear() == []
    importer.async_start()
    await imported(hass)
    await pass_time(hass, now, HOUR)
    assert await sums(hass) == [1.0]
    await execute(hass, REFUSE.format("DELETE", "statistics_meta"))
    with pytest.raises(DatabaseNotReadyError):
        await importer.async_clear()
    await execute(hass, "DROP TRIGGER refuse")
    assert await importer.async_clear() == [SOLAR]
    assert not await sums(hass)
    await importer.async_stop()


async def test_a_database_that_gives_nothing(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """While nothing can be read nothing is asked for, and midnight passes in silence."""
    caplog.set_level(logging.INFO)
    now.move_to("2026-05-20T20:30:00Z")
    source = ScriptedSource()
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    await importer.async_stop()
    source.asked.clear()
    await execute(hass, "ALTER TABLE statistics RENAME TO gone")
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    assert not source.asked
    assert importer.data.last_error == "database_not_ready"
    # It is midnight in Vienna.
    await pass_time(hass, now, timedelta(minutes=90))
    assert importer.data.summary is None
    await execute(hass, "ALTER TABLE gone RENAME TO statistics")
    await pass_time(hass, now, HOUR)
    assert importer.data.last_error is None
    assert importer.data.summary is not None
    assert importer.data.summary.solar_energy_today == 1.0
    assert not complaints(caplog)
    await importer.async_stop()


async def test_a_day_begins(hass: HomeAssistant, now: FrozenDateTimeFactory) -> None:
    """At midnight today's energy begins anew."""
    now.move_to("2026-05-20T21:30:00Z")
    importer = make_importer(hass, ScriptedSource())
    importer.async_start()
    await imported(hass)
    assert importer.data.summary is not None
    assert importer.data.summary.solar_energy_today == 23.0
    await pass_time(hass, now, timedelta(minutes=30))
    assert importer.data.summary.solar_energy_today == 0.0
    await importer.async_stop()


@pytest.mark.parametrize("restarts", [True, False])
async def test_a_hole_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
    caplog: pytest.LogCaptureFixture,
    restarts: bool,
) -> None:
    """Rows that are lost are found at the next start, or within a day, and imported again."""
    caplog.set_level(logging.INFO)
    await set_up(hass, entry)
    await imported(hass)
    await pass_time(hass, now, timedelta(days=4))
    await execute(
        hass,
        "DELETE FROM statistics WHERE start_ts BETWEEN :first AND :last",
        first=(BEGIN + timedelta(hours=3)).timestamp(),
        last=(END - HOUR).timestamp(),
    )
    if restarts:
        assert await hass.config_entries.async_unload(entry.entry_id)
        await set_up_again(hass, entry)
    else:
        await pass_time(hass, now, timedelta(days=1))
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, (inverter, car), BEGIN, this_hour())
    assert "The database lacks rows of" in caplog.text
    # And then it is good.
    simulator.requests.clear()
    now.tick(timedelta(days=1))
    await pass_time(hass, now, HOUR)
    assert min(starts(simulator)) > BEGIN + timedelta(days=2)
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"] is None
    assert not complaints(caplog)


async def test_import_history_that_is_not_taken(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """The action says so to the person."""
    await set_up(hass, entry)
    await imported(hass)
    await execute(hass, REFUSE.format("INSERT", "statistics"))
    with pytest.raises(DatabaseNotReadyError):
        await call(hass, entry, "import_history", inverter, start_date="2026-05-17")
    await execute(hass, "DROP TRIGGER refuse")


async def test_a_part_that_is_missing(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """What there is is written, and the span is asked for again until all is there."""
    source = ScriptedSource()
    source.is_partial = True
    importer = make_importer(hass, source, days=4)
    importer.async_start()
    await imported(hass)
    assert len(await sums(hass)) == 96
    for _ in range(3):
        source.asked.clear()
        await pass_time(hass, now, HOUR)
        assert len(source.asked) <= 3
    source.is_partial = False
    source.kwh = 2.0
    await pass_time(hass, now, HOUR)
    assert await sums(hass) == [2.0 * hour for hour in range(1, 101)]
    await importer.async_stop()


async def test_what_moves_after_a_crash(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """An import by hand that ended between two steps is gone over again after the restart."""
    source = ScriptedSource()
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    await execute(hass, REFUSE.format("UPDATE", "statistics"))
    source.kwh = 3.0
    with pytest.raises(DatabaseNotReadyError):
        await importer.async_import(BEGIN - timedelta(days=1), BEGIN)
    await importer.async_stop()
    await execute(hass, "DROP TRIGGER refuse")
    assert (await sums(hass))[23:25] == [72.0, 1.0]
    source.kwh = 1.0
    store = HistoryStore(hass, "scripted")
    await store.async_load()
    progress = store.get(DEVICE)
    assert progress is not None
    assert progress.gaps == ((BEGIN - timedelta(days=1), BEGIN),)
    again = make_importer(hass, source, store=store)
    again.async_start()
    await imported(hass)
    assert await sums(hass) == [*range(1, 73)]
    await again.async_stop()
