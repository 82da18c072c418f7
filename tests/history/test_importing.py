"""Importing, at its edges: HTTP in, statistics out."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.recorder import get_instance
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_component import async_update_entity
from homeassistant.util import dt as dt_util
from simulator import Device, Request, Simulator
from tests.common import entity_id, make_entry, pass_time, set_up, state
from tests.conftest import NOON

from .past import (
    assert_true,
    call,
    everything,
    hang_up,
    has_struck,
    history,
    imported,
    kinds_of,
    statistic_id,
    statistics,
    this_hour,
    until,
)

pytestmark = pytest.mark.usefixtures("vienna")

END = NOON.replace(minute=0)
BEGIN = END - timedelta(days=2)
HOUR = timedelta(hours=1, minutes=1)
# The day of 18 May in Vienna begins.
EIGHTEENTH = datetime(2026, 5, 17, 22, tzinfo=UTC)
# When the simulator's data begins.
FIRST = datetime(2026, 5, 17, tzinfo=UTC)
IMPORTED = "history_imported_until"


@pytest.fixture
async def vienna(
    _recorder: None, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    """Run Home Assistant in Vienna, with storage."""
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.fixture
async def simulator(simulator: Simulator) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud that hangs up at the end, also on those whom it keeps waiting."""
    yield simulator
    await hang_up(simulator)


@pytest.fixture
def inverter(simulator: Simulator) -> Device:
    """Return the inverter of the first household."""
    [inverter] = simulator.households[0].inverters
    return inverter


@pytest.fixture
def car(simulator: Simulator) -> Device:
    """Return the car of the first household."""
    [car] = simulator.households[0].vehicles
    return car


@pytest.fixture
def entry(simulator: Simulator) -> MockConfigEntry:
    """Return an entry that wants two days of history."""
    return make_entry(simulator, history_days=2)


def spans(simulator: Simulator) -> list[timedelta]:
    """Return how long the spans were that were asked for, one after the other."""
    return [
        span(request)
        for request in simulator.requests.find("/data$")
        if "keywords" not in request.query
    ]


def span(request: Request) -> timedelta:
    """Return how long a span was."""
    begin, finish = (
        datetime.fromisoformat(request.query[name])
        for name in ("from_datetime", "to_datetime")
    )
    return finish - begin


def starts(simulator: Simulator) -> list[datetime]:
    """Return from when on the series was asked for, each time."""
    return [
        datetime.fromisoformat(request.query["from_datetime"])
        for request in simulator.requests.find("/data$")
    ]


async def test_first_evening(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """All kinds are there after the first import, and the sensor says how far it came."""
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, (inverter, car), BEGIN, END)
    rows = await everything(hass, inverter)
    assert {kind: len(found) for kind, found in rows.items()} == dict.fromkeys(
        kinds_of(inverter), 48
    )
    for device in (inverter, car):
        shown = state(hass, device.id, IMPORTED)
        assert shown.state == END.isoformat()
        assert shown.attributes["percent"] is None
        assert shown.attributes["last_error"] is None
    known = await get_instance(hass).async_add_executor_job(
        lambda: {each["statistic_id"]: each for each in get_listed(hass)}
    )
    assert known.keys() == {
        statistic_id(device, kind)
        for device in (inverter, car)
        for kind in kinds_of(device)
    }
    solar = known[statistic_id(inverter, "solar_energy")]
    assert solar["name"] == "Fronius Symo GEN24 10.0 Plus solar energy"
    assert solar["source"] == "podero"
    assert solar["statistics_unit_of_measurement"] == "kWh"
    assert (
        known[statistic_id(inverter, "price")]["statistics_unit_of_measurement"]
        == "EUR/MWh"
    )
    assert known[statistic_id(inverter, "battery_level")]["unit_class"] == "unitless"
    assert (
        known[statistic_id(car, "charging_cost")]["statistics_unit_of_measurement"]
        == "EUR"
    )


def get_listed(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return what the recorder knows of Podero's statistics."""
    from homeassistant.components.recorder.statistics import list_statistic_ids

    return [each for each in list_statistic_ids(hass) if each["source"] == "podero"]


async def test_set_up_does_not_wait(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A series that hangs keeps nothing else waiting, and ends with the entry."""
    simulator.conventions.update(max_span_days=1)
    hanging = simulator.fail("/data$", after=3, delay=3600)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, inverter.id, "battery_level").state != "unavailable"
    await until(lambda: has_struck(hanging))
    # The first of the two days is committed and shown.
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.state == (BEGIN + timedelta(days=1)).isoformat()
    assert shown.attributes["percent"] == 50
    assert len(await statistics(hass, inverter, "solar_energy", BEGIN)) == 24

    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: simulator.requests.running == 0)
    assert len(await statistics(hass, inverter, "solar_energy", BEGIN)) == 24


async def test_restart_goes_on(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """What was committed before a restart is not lost, and the rest comes after it."""
    entry = make_entry(simulator, history_days=3)
    simulator.conventions.update(max_span_days=1)
    hanging = simulator.fail("/data$", after=6, delay=3600)
    await set_up(hass, entry)
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


async def test_hourly(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """Every hour one request brings the last hour and corrects the 48 before."""
    await set_up(hass, entry)
    await imported(hass)
    for hour in range(1, 4):
        simulator.requests.clear()
        await pass_time(hass, now, HOUR)
        assert spans(simulator) == [timedelta(hours=48 + 1)]
        # The hour that is still running is left for later.
        rows = await statistics(hass, inverter, "home_energy", BEGIN)
        assert len(rows) == 48 + hour
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_quarters_that_come_late(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """A gap is a gap until its quarters come; an hour without any has no row."""
    gap = simulator.distort(
        "missing",
        start=END - timedelta(hours=5),
        end=END - timedelta(hours=3, minutes=30),
    )
    await set_up(hass, entry)
    await imported(hass)
    rows = await statistics(hass, inverter, "home_energy", BEGIN)
    assert len(rows) == 47
    served = simulator.energy(inverter.id, BEGIN, END, served=True)["home_energy"]
    assert rows[-1]["sum"] == pytest.approx(served)
    simulator.distortions.remove(gap)
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_late_data_after_an_outage(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """What was not all there when a week offline began is completed after it."""
    late = simulator.distort("late", seconds=6 * 3600)
    await set_up(hass, entry)
    await imported(hass)
    simulator.distortions.remove(late)
    assert await hass.config_entries.async_unload(entry.entry_id)
    now.tick(timedelta(days=7))
    await set_up_again(hass, entry)
    await assert_true(hass, simulator, (inverter, car), BEGIN, this_hour())


async def set_up_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up that was unloaded."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await imported(hass)


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


class Refusals:
    """A cloud that refuses spans by when they begin."""

    def __init__(self, simulator: Simulator, refused: Any) -> None:
        """Refuse what is to be refused from now on."""
        original = simulator.rows

        def rows(device: Device, start: int, end: int, **kwargs: Any) -> Any:
            from simulator.errors import bad_series

            if kwargs.get("served", True) and refused(start, end):
                raise bad_series("no data for this period")
            return original(device, start, end, **kwargs)

        simulator.rows = rows


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
    assert (
        min(
            datetime.fromisoformat(request.query["from_datetime"])
            for request in simulator.requests.find("/data$", status=200)
        )
        == first
    )


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


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"disconnect": True}, {"html": True}, {"cut": True}]
)
async def test_failures(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
) -> None:
    """What fails is told once, tried again soon, in smaller pieces, and goes on."""
    caplog.set_level(logging.INFO)
    simulator.fail("/data$", **fault)
    await set_up(hass, make_entry(simulator, history_days=3))
    await imported(hass)
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"]
    assert (
        state(hass, inverter.id, IMPORTED).state
        == (END - timedelta(days=3)).isoformat()
    )
    for minutes in (5, 10, 20, 40):
        before = simulator.requests.count("/data$")
        await pass_time(hass, now, timedelta(minutes=minutes, seconds=2))
        assert simulator.requests.count("/data$") > before
    assert spans(simulator)[-1] == timedelta(days=1)
    simulator.heal()
    await pass_time(hass, now, timedelta(hours=1, seconds=2))
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"] is None
    await assert_true(hass, simulator, [inverter], END - timedelta(days=3), this_hour())
    lost = [each for each in caplog.messages if each.startswith("Lost the history")]
    again = [
        each for each in caplog.messages if each.startswith("Importing the history")
    ]
    assert (len(lost), len(again)) == (1, 1)
    assert not [
        each
        for each in caplog.records
        if "podero" in each.name and each.levelno > logging.INFO
    ]


async def test_rate_limit_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """A pause that Podero asks for is kept, and then the backfill goes on where it was."""
    simulator.conventions.update(max_span_days=1)
    entry = make_entry(simulator, history_days=3)
    simulator.fail(
        "/data$", after=6, times=1, status=429, headers={"Retry-After": "120"}
    )
    await set_up(hass, entry)
    await imported(hass)
    reached = history(entry, inverter).data.imported_until
    assert reached is not None and reached < END
    simulator.requests.clear()
    await pass_time(hass, now, 60)
    assert simulator.requests.count("/data$") == 0
    await pass_time(hass, now, 65)
    assert min(starts(simulator)) >= END - timedelta(days=3)
    await assert_true(hass, simulator, [inverter], END - timedelta(days=3), END)


async def test_at_once_is_not_at_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """Whoever says that no pause is needed after all is not asked in a tight loop."""
    simulator.fail("/data$", status=429, headers={"Retry-After": "0"})
    await set_up(hass, make_entry(simulator, history_days=2))
    await imported(hass)
    before = simulator.requests.count("/data$")
    for _ in range(5):
        await pass_time(hass, now, 1)
    assert simulator.requests.count("/data$") == before


async def test_refused_credentials(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """Credentials that are refused while importing ask for new ones, once."""
    simulator.fail("/data$", status=401)
    await set_up(hass, entry)
    await imported(hass)
    [flow] = hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_never_twice_at_once(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """The hourly import and some by hand take turns."""
    await set_up(hass, entry)
    await imported(hass)
    simulator.requests.clear()
    hanging = simulator.fail("/data$", times=1, delay=3600)
    refresh = hass.async_create_task(history(entry, inverter).async_refresh())
    await until(lambda: has_struck(hanging))
    actions = [
        hass.async_create_task(
            call(hass, entry, "import_history", inverter, start_date="2026-05-18")
        )
        for _ in range(3)
    ]
    await async_update_entity(
        hass, entity_id(hass, "sensor", inverter.id, "solar_power")
    )
    assert simulator.requests.count("/data$") == 0
    await hang_up(simulator)
    answers = [await action for action in actions]
    await refresh
    # The one that was cut off was repeated at once.
    assert simulator.requests.count("/data$", status=200) == 4
    assert answers[0] == answers[1] == answers[2]
    await assert_true(hass, simulator, [inverter], EIGHTEENTH, END)


@pytest.mark.parametrize("action", ["import_history", "clear_history"])
async def test_unloading_ends_imports_by_hand(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    action: str,
) -> None:
    """An action that is under way, or waits for its turn, ends with the entry and says so."""
    await set_up(hass, entry)
    await imported(hass)
    hanging = simulator.fail("/data$", delay=3600)
    first = hass.async_create_task(
        call(hass, entry, "import_history", inverter, start_date="2026-05-18")
    )
    await until(lambda: has_struck(hanging))
    data = {"start_date": "2026-05-18"} if action == "import_history" else {}
    second = hass.async_create_task(call(hass, entry, action, inverter, **data))
    assert await hass.config_entries.async_unload(entry.entry_id)
    for task in (first, second):
        with pytest.raises(HomeAssistantError) as caught:
            await task
        assert caught.value.translation_key == "service_config_entry_not_loaded"
    await until(lambda: simulator.requests.running == 0)
    simulator.heal()
    await set_up_again(hass, entry)
    await assert_true(hass, simulator, [inverter], BEGIN, END)


async def test_cancelled_by_the_caller(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """Who calls an action and goes away takes the import along."""
    await set_up(hass, entry)
    await imported(hass)
    hanging = simulator.fail("/data$", delay=3600)
    task = hass.async_create_task(
        call(hass, entry, "import_history", inverter, start_date="2026-05-18")
    )
    await until(lambda: has_struck(hanging))
    task.cancel()
    await until(lambda: simulator.requests.running == 0)
    assert task.cancelled()


async def test_more_history_wanted_later(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """More days move all later sums; fewer take nothing away."""
    await set_up(hass, entry)
    await imported(hass)
    [household] = entry.subentries.values()
    for days, begin in ((3, END - timedelta(days=3)), (1, END - timedelta(days=3))):
        hass.config_entries.async_update_subentry(
            entry, household, data={**household.data, "history_days": days}
        )
        await imported(hass)
        await assert_true(hass, simulator, (inverter, car), begin, END)
        rows = await statistics(hass, inverter, "home_energy", begin - HOUR)
        assert len(rows) == 72


async def test_no_history_wanted(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """Without a past the statistics begin with the first whole hour."""
    await set_up(hass, make_entry(simulator, history_days=0))
    await imported(hass)
    assert not any((await everything(hass, inverter)).values())
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], END, this_hour())
    assert len(await statistics(hass, inverter, "home_energy", BEGIN)) == 1


async def test_device_without_data(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """Nothing to import is no error, and is not asked for over and over."""
    simulator.distort("missing")
    simulator.fail("/sessions$", status=200, body={"total": 0, "items": []})
    await set_up(hass, entry)
    await imported(hass)
    for device in (inverter, car):
        shown = state(hass, device.id, IMPORTED)
        assert shown.state == END.isoformat()
        assert shown.attributes["last_error"] is None
        assert not any((await everything(hass, device)).values())
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count("/data$") <= 2


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
    from custom_components.podero.history.kinds import metadata
    from homeassistant.components.recorder.statistics import (
        async_add_external_statistics,
    )

    get_instance(hass).async_clear_statistics(ids)
    async_add_external_statistics(
        hass,
        metadata(inverter.id, "Inverter", "home_energy"),
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


async def test_sums_that_a_crash_left_behind(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """A span written without moving what comes after it is mended by the next import."""
    await set_up(hass, entry)
    await imported(hass)
    begin = BEGIN + timedelta(hours=10)
    get_instance(hass).async_adjust_statistics(
        statistic_id(inverter, "home_energy"), begin, 12.5, "kWh"
    )
    await call(
        hass,
        entry,
        "import_history",
        inverter,
        start_date="2026-05-18",
        end_date="2026-05-18",
    )
    await assert_true(hass, simulator, [inverter], EIGHTEENTH, END)


@pytest.mark.parametrize(
    "stored",
    [
        {"version": 99, "data": {}},
        {"version": 1, "data": {"x": "junk", "y": {"days": "many"}, "z": {"start": 1}}},
        {"version": 1, "data": None},
    ],
)
async def test_progress_that_cannot_be_read(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    stored: dict[str, Any],
) -> None:
    """Without knowing how far it came, the import begins anew and comes out the same."""
    await set_up(hass, entry)
    await imported(hass)
    assert await hass.config_entries.async_unload(entry.entry_id)
    hass_storage[f"podero.{entry.entry_id}.history"] = stored
    await set_up_again(hass, entry)
    await assert_true(hass, simulator, [inverter], BEGIN, END)


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


async def test_price_in_another_unit(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """Prices come with their unit; in a new one they are all fetched again, not mixed."""
    simulator.conventions.update(tells_units=False)
    await set_up(hass, entry)
    await imported(hass)
    prices = await statistics(hass, inverter, "price", BEGIN)
    assert await price_unit(hass, inverter) == "EUR/MWh"

    simulator.conventions.update(tells_units=True, price_unit="ct/kWh")
    await pass_time(hass, now, HOUR)
    await pass_time(hass, now, HOUR)
    again = await statistics(hass, inverter, "price", BEGIN, END)
    assert await price_unit(hass, inverter) == "ct/kWh"
    assert [row["mean"] for row in again] == pytest.approx(
        [row["mean"] / 10 for row in prices]
    )
    await call(hass, entry, "import_history", inverter, start_date="2026-05-20")
    # An answer that names no unit means the same as those before.
    simulator.conventions.update(tells_units=False)
    await pass_time(hass, now, HOUR)
    assert await price_unit(hass, inverter) == "ct/kWh"
    assert len(await statistics(hass, inverter, "price", BEGIN)) == 51

    # By hand it is no different.
    simulator.conventions.update(tells_units=True, price_unit="EUR/kWh")
    await call(
        hass,
        entry,
        "import_history",
        inverter,
        start_date="2026-05-20",
        end_date="2026-05-20",
    )
    assert await price_unit(hass, inverter) == "EUR/kWh"
    await pass_time(hass, now, HOUR)
    assert len(await statistics(hass, inverter, "price", BEGIN)) == 52
    await assert_energies(hass, simulator, inverter)


async def assert_energies(
    hass: HomeAssistant, simulator: Simulator, device: Device
) -> None:
    """Compare the energies only: the truth knows prices in one unit."""
    for kind in ("solar_energy", "home_energy"):
        rows = await statistics(hass, device, kind, BEGIN, this_hour())
        truth = simulator.energy(device.id, BEGIN, this_hour())[kind]
        assert rows[-1]["sum"] == pytest.approx(truth, rel=1e-6)


async def price_unit(hass: HomeAssistant, inverter: Device) -> str:
    """Return what prices are in."""
    listed = await get_instance(hass).async_add_executor_job(get_listed, hass)
    [unit] = [
        each["statistics_unit_of_measurement"]
        for each in listed
        if each["statistic_id"] == statistic_id(inverter, "price")
    ]
    assert isinstance(unit, str)
    return unit


@pytest.mark.parametrize("reading", ["times only", "nothing", "refused"])
async def test_series_wants_keywords(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    reading: str,
) -> None:
    """Where Podero gives no values without keywords, they are asked for by name."""
    only_with_keywords(simulator, reading)
    await set_up(hass, entry)
    await imported(hass)
    rows = await everything(hass, inverter)
    # Prices are not among the keywords that Podero documents.
    assert {kind for kind, found in rows.items() if not found} == {"price"}
    truth = simulator.energy(inverter.id, BEGIN, END)
    assert rows["home_energy"][-1]["sum"] == pytest.approx(truth["home_energy"])
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    [request] = simulator.requests.find("/data$")
    assert request.query["keywords"].split(",") == [
        "export_power_to_grid_w",
        "battery_charge_level_percent",
        "battery_charge_discharge_power_w",
        "household_consumption_w",
        "solar_production_w",
    ]


def only_with_keywords(simulator: Simulator, reading: str) -> None:
    """Make the cloud give values only to those who name them."""
    from aiohttp import web

    from simulator import routes_series
    from simulator.web import answer

    [runner] = [simulator._runner]
    assert runner is not None

    @web.middleware
    async def picky(request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.endswith("/data") or request.query.get("keywords"):
            return await handler(request)
        if reading == "refused":
            return answer({"error": "keywords are required"}, 400)
        await routes_series.get_series(request)
        times = [{"time": "2026-05-19T10:00:00Z"}] if reading == "times only" else []
        return answer({"metadata": {}, "data": times})

    runner.app._middlewares_handlers += ((picky, True),)


async def test_device_that_is_silent_for_a_while(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """An answer full of nulls does not cost the prices of better days."""
    silence = simulator.distort("null")
    await set_up(hass, entry)
    await imported(hass)
    assert not any((await everything(hass, inverter)).values())
    simulator.distortions.remove(silence)
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_export_only(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A series that tells the export only gives the same import."""
    simulator.conventions.update(series_grid="export_only")
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, END)


async def test_without_a_battery(hass: HomeAssistant, simulator: Simulator) -> None:
    """An inverter without a battery has no statistics of one."""
    [inverter] = simulator.households[1].inverters
    await set_up(hass, make_entry(simulator, 1, history_days=2))
    await imported(hass)
    rows = await everything(hass, inverter)
    assert {kind for kind, found in rows.items() if not found} == {
        "battery_charge_energy",
        "battery_discharge_energy",
        "battery_level",
    }


@pytest.mark.parametrize("sessions_by", ["plug_in", "end"])
async def test_sessions_corrected_later(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
    sessions_by: str,
) -> None:
    """A session that is set right, or taken back, corrects its statistics."""
    simulator.conventions.update(sessions_by=sessions_by)
    await set_up(hass, entry)
    await imported(hass)
    session = simulator.sessions(car.source)[-1]
    simulator.correct_session(
        session["id"],
        energy_charged_kwh=3.5,
        actual_cost_eur=None,
        actual_savings_eur=None,
        expected_savings_eur=0.75,
    )
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    rows = await everything(hass, car)
    truth = simulator.energy(car.id, BEGIN, END)
    assert rows["charging_energy"][-1]["sum"] == pytest.approx(truth["charging_energy"])
    assert rows["charging_cost"][-1]["sum"] == pytest.approx(
        truth["charging_cost"], abs=1e-9
    )
    # Savings that are not known yet are the expected ones.
    assert rows["charging_savings"][-1]["sum"] == pytest.approx(
        truth["charging_savings"] + 0.75
    )
    simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())


async def test_sessions_gone_for_a_moment(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
) -> None:
    """An answer without any session takes nothing away; one that fails is asked for again."""
    await set_up(hass, entry)
    await imported(hass)
    before = await everything(hass, car)
    assert any(before.values())
    for fault in ({"status": 200, "body": {"total": 0, "items": []}}, {"status": 503}):
        simulator.fail("/sessions$", **fault)
        await pass_time(hass, now, HOUR)
        assert await everything(hass, car) == before
        simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())


async def test_device_that_moves(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """A device that another household of the entry takes over keeps one history."""
    entry = make_entry(simulator, 0, 1, history_days=2)
    await set_up(hass, entry)
    await imported(hass)
    hanging = simulator.fail(f"{inverter.id}/data$", delay=3600)
    refresh = hass.async_create_task(history(entry, inverter).async_refresh())
    await until(lambda: has_struck(hanging))
    old = history(entry, inverter)
    simulator.move(inverter.id, simulator.households[1].user_id)
    simulator.heal()
    for _ in range(4):
        now.tick(timedelta(hours=1, seconds=5))
        await pass_time(hass, now, 1)
    assert history(entry, inverter) is not old
    await until(refresh.done)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_requests_of_an_hour(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
) -> None:
    """An inverter and a car that is plugged in and idle take at most 40 requests an hour."""
    now.move_to(NOON + timedelta(hours=4))
    await set_up(hass, entry)
    await imported(hass)
    simulator.override(car.id, is_plugged_in=True, is_charging=False)
    await pass_time(hass, now, timedelta(minutes=10))
    counts = []
    for _ in range(6):
        simulator.requests.clear()
        for _ in range(360):
            await pass_time(hass, now, 10)
        counts.append(simulator.requests.total)
    assert max(counts) <= 40
    assert min(counts) > 25


async def test_device_that_goes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """Nothing more is asked about a device that is gone, and its statistics stay."""
    await set_up(hass, entry)
    await imported(hass)
    simulator.delete(inverter.id)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count("/data$") == 0
    assert len(await statistics(hass, inverter, "solar_energy", BEGIN)) >= 48
