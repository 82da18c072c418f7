"""Importing, at its edges: HTTP in, statistics out."""

from datetime import timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_component import async_update_entity
from simulator import Device, Simulator
from tests.common import entity_id, make_entry, pass_time, set_up, state
from tests.conftest import NOON

from .past import (
    BEGIN,
    EIGHTEENTH,
    END,
    HOUR,
    IMPORTED,
    assert_true,
    begin_set_up,
    call,
    everything,
    hang_up,
    has_struck,
    history,
    hourly,
    imported,
    kinds_of,
    known_statistics,
    set_up_again,
    spans,
    starts,
    statistic_id,
    statistics,
    this_hour,
    until,
)

pytestmark = pytest.mark.usefixtures("vienna")


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
    assert {kind: len(found) for kind, found in rows.items()} == {
        # Two midnights lie in the two days.
        kind: 2 if kind == "savings" else 48
        for kind in kinds_of(inverter)
    }
    for device in (inverter, car):
        shown = state(hass, device.id, IMPORTED)
        assert shown.state == END.isoformat()
        assert shown.attributes["percent"] is None
        assert shown.attributes["last_error"] is None
    [heat_pump] = simulator.households[0].heat_pumps
    known = await known_statistics(hass)
    assert known.keys() == {
        statistic_id(device, kind)
        for device in (inverter, car)
        for kind in kinds_of(device)
    } | {statistic_id(heat_pump, "savings")}
    solar = known[statistic_id(inverter, "solar_energy")]
    assert solar["name"] == "Fronius Symo GEN24 10.0 Plus Solar energy"
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


async def test_set_up_does_not_wait(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A series that hangs keeps nothing else waiting, and ends with the entry."""
    simulator.conventions.update(max_span_days=1)
    hanging = simulator.fail("/data$", after=3, delay=3600)
    await begin_set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    await until(lambda: has_struck(hanging))
    await until(
        lambda: state(hass, inverter.id, "battery_level").state != "unavailable"
    )
    # The first of the two days is committed and shown.
    await until(lambda: history(entry, inverter).data.percent == 50)
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.state == (BEGIN + timedelta(days=1)).isoformat()
    assert shown.attributes["percent"] == 50
    assert len(await statistics(hass, inverter, "solar_energy", BEGIN)) == 24

    assert await hass.config_entries.async_unload(entry.entry_id)
    await until(lambda: simulator.requests.running == 0)
    assert len(await statistics(hass, inverter, "solar_energy", BEGIN)) == 24


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
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.attributes["last_error"] in {
        "bad_response (503)",
        "cannot_connect",
        "bad_response (200)",
    }
    # Nothing runs, so nothing is done to some extent.
    assert shown.attributes["percent"] is None
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
    # All devices were told to come back then; so they come one by one in the minute after.
    await pass_time(hass, now, 121)
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
    inverter: Device,
) -> None:
    """Credentials that are refused while importing are tried again; polling asks for new ones."""
    simulator.fail("/data$", status=401)
    await set_up(hass, entry)
    await imported(hass)
    shown = state(hass, inverter.id, IMPORTED)
    assert shown.attributes["last_error"] == "invalid_auth (401)"
    simulator.heal()
    await pass_time(hass, now, HOUR)
    await pass_time(hass, now, HOUR)
    assert state(hass, inverter.id, IMPORTED).attributes["last_error"] is None


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
    refresh = hass.async_create_task(history(entry, inverter).async_request_import())
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
    assert not any((await hourly(hass, inverter)).values())
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
        assert not any((await hourly(hass, device)).values())
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count("/data$") <= 2


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
    refresh = hass.async_create_task(history(entry, inverter).async_request_import())
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
    """Idle devices and their imports keep to the budget of requests."""
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
    # An inverter and a heat pump, a car and a wallbox that are plugged in, the household.
    assert max(counts) <= 16 + 16 + 28 + 28 + 20
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
