"""How the past is asked for: spans, errors, restarts, and what the sensor shows of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.history import HistoryStore
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from simulator import Simulator
from tests.common import make_entry, pass_time, set_up, state

from .common import HOUR, NOW, check_truth, import_all, rows, settle

END = NOW.replace(minute=0)
SERIES = "/data$"


@pytest.fixture
async def past(now: FrozenDateTimeFactory) -> Any:
    """Run a Podero cloud with a past of 70 days."""
    now.move_to(NOW)
    simulator = Simulator(seed=1, days=70)
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def inverter(past: Simulator) -> str:
    """Return the id of the inverter."""
    return past.households[0].inverters[0].id


@pytest.fixture
def car(past: Simulator) -> str:
    """Return the id of the car."""
    return past.households[0].vehicles[0].id


def spans(past: Simulator) -> list[tuple[timedelta, int]]:
    """Return the length of each span that was asked for, and the answer's status."""
    return [
        (
            datetime.fromisoformat(each.query["to_datetime"])
            - datetime.fromisoformat(each.query["from_datetime"]),
            each.status,
        )
        for each in past.requests.find(SERIES)
    ]


async def test_first_import(
    hass: HomeAssistant, past: Simulator, inverter: str
) -> None:
    """It reaches back as far as the household wants, and tells how far it came."""
    await import_all(hass, make_entry(past, history_days=40))
    assert spans(past) == [(timedelta(days=31), 200), (timedelta(days=9), 200)]
    await check_truth(hass, past, END - timedelta(days=40), END)
    shown = state(hass, inverter, "history_imported_until")
    assert datetime.fromisoformat(shown.state) == END
    assert shown.attributes["start"] == END - timedelta(days=40)
    assert shown.attributes["last_error"] is None
    first = await rows(hass, inverter, "solar_energy")
    assert first[0]["start"] == (END - timedelta(days=40)).timestamp()
    assert first[-1]["start"] == (END - HOUR).timestamp()


async def test_then_hourly(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """Once an hour the last two days are looked at again, with one request."""
    await import_all(hass, make_entry(past, history_days=3))
    past.requests.clear()
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert spans(past) == [(timedelta(hours=49), 200)]
    await check_truth(hass, past, END - timedelta(days=3), END + HOUR)


async def test_requests_of_an_hour(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory
) -> None:
    """A car that is plugged in and idle, and an inverter: at most 40 requests an hour."""
    now.move_to(datetime(2026, 5, 20, 16, 2, tzinfo=UTC))
    await import_all(hass, make_entry(past, history_days=3))
    car = past.households[0].vehicles[0].id
    past.override(car, is_plugged_in=True, is_charging=False)
    await pass_time(hass, now, timedelta(minutes=10))
    counts = []
    for _ in range(6):
        past.requests.clear()
        for _ in range(360):
            await pass_time(hass, now, 10)
        counts.append(past.requests.total)
    assert max(counts) <= 40
    assert min(counts) > 25


async def test_long_spans_refused(hass: HomeAssistant, past: Simulator) -> None:
    """A 400 halves the span; after some that went well it grows back."""
    past.conventions.update(max_span_days=10)
    await import_all(hass, make_entry(past, history_days=60))
    await check_truth(hass, past, END - timedelta(days=60), END)
    asked = spans(past)
    days = [length / timedelta(days=1) for length, _ in asked]
    refused = [
        length for (_, status), length in zip(asked, days, strict=True) if status == 400
    ]
    assert refused[0] == 31
    assert max(refused[-1], 15.5) == 15.5
    assert max(length for length in days if length not in refused) == 7.75
    assert len(asked) < 20


async def test_refused_beginning(
    hass: HomeAssistant, past: Simulator, inverter: str
) -> None:
    """What Podero refuses because it is too old is left out, with few requests."""
    oldest = NOW - timedelta(days=12)
    past.conventions.update(max_age_days=12)
    await import_all(hass, make_entry(past, history_days=40))
    await check_truth(hass, past, oldest.replace(minute=0) + HOUR, END)
    assert len(spans(past)) < 40
    found = await rows(hass, inverter, "solar_energy")
    assert abs(found[0]["start"] - oldest.timestamp()) <= 3600


async def test_everything_refused(
    hass: HomeAssistant,
    past: Simulator,
    now: FrozenDateTimeFactory,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A refusal of everything is shown, and tried again later; then nothing is missing."""
    past.fail(SERIES, status=400, body={"error": "no"})
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    assert len(spans(past)) < 15
    shown = state(hass, inverter, "history_imported_until")
    assert (
        "400" in shown.attributes["last_error"]
        or "no" in shown.attributes["last_error"]
    )
    assert caplog.text.count("Lost the history") == 1
    past.heal()
    await pass_time(hass, now, timedelta(hours=1, minutes=2))
    shown = state(hass, inverter, "history_imported_until")
    assert shown.attributes["last_error"] is None
    assert caplog.text.count("goes on") == 1
    await check_truth(hass, past, END - timedelta(days=5), END)


async def test_errors_are_tried_again_soon(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory
) -> None:
    """After 5 minutes, then 10, and what was committed is not asked for again."""
    past.fail(SERIES, after=1, times=2, status=500)
    await import_all(hass, make_entry(past, history_days=40))
    assert [status for _, status in spans(past)] == [200, 500]
    await pass_time(hass, now, timedelta(minutes=5, seconds=5))
    await pass_time(hass, now, timedelta(minutes=10, seconds=5))
    assert [status for _, status in spans(past)][:4] == [200, 500, 500, 200]
    # Something that is too much is asked for in smaller pieces.
    assert spans(past)[3][0] < timedelta(days=9)
    await check_truth(hass, past, END - timedelta(days=40), END)


async def test_pause_is_kept(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Podero's own word for how long to wait counts."""
    past.fail(SERIES, times=1, status=429, headers={"Retry-After": "1200"})
    await import_all(hass, make_entry(past, history_days=5))
    past.requests.clear()
    await pass_time(hass, now, timedelta(minutes=19))
    assert past.requests.count(SERIES) == 0
    await pass_time(hass, now, timedelta(minutes=2))
    assert past.requests.count(SERIES, status=200) >= 1


async def test_refused_credentials(hass: HomeAssistant, past: Simulator) -> None:
    """Refused credentials ask to sign in again, once."""
    past.fail(SERIES, status=401)
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    assert len(list(entry.async_get_active_flows(hass, {"reauth"}))) == 1


async def test_keywords(hass: HomeAssistant, past: Simulator) -> None:
    """Where nothing comes without keywords, they are named."""
    past.conventions.update(needs_keywords=True)
    await import_all(hass, make_entry(past, history_days=5))
    await check_truth(hass, past, END - timedelta(days=5), END)
    with_keywords = [
        each for each in past.requests.find(SERIES) if "keywords" in each.query
    ]
    assert with_keywords


async def test_start_up_does_not_wait(
    hass: HomeAssistant, past: Simulator, inverter: str
) -> None:
    """The entry is loaded while Podero has not answered about the past."""
    # With the clock stopped, this answer never comes.
    past.fail(SERIES, delay=2)
    entry = make_entry(past, history_days=5)
    await set_up(hass, entry)
    assert entry.state is ConfigEntryState.LOADED
    assert await rows(hass, inverter, "solar_energy") == []
    # And it stops in the middle when the entry unloads.
    assert await hass.config_entries.async_unload(entry.entry_id)
    await settle(hass)
    assert await rows(hass, inverter, "solar_energy") == []
    past.heal()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle(hass)
    await check_truth(hass, past, END - timedelta(days=5), END)


async def test_new_database(
    hass: HomeAssistant, past: Simulator, inverter: str
) -> None:
    """A recorder that lost everything gets everything again."""
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    history = entry.runtime_data.device(inverter).history
    progress = entry.runtime_data.history.get(inverter)
    await history.async_clear()
    await entry.runtime_data.history.async_set(inverter, progress)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    await check_truth(hass, past, END - timedelta(days=5), END)


async def test_lost_progress(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """Set up again after a while, nothing is missing between then and now."""
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    await hass.config_entries.async_remove(entry.entry_id)
    assert HistoryStore(hass, entry.entry_id).get(inverter) is None
    await pass_time(hass, now, timedelta(days=8))
    await import_all(hass, make_entry(past, history_days=2))
    end = (NOW + timedelta(days=8)).replace(minute=0)
    await check_truth(hass, past, END - timedelta(days=5), end)


@pytest.mark.parametrize(
    "junk",
    ["junk", {"start": "?"}, {"start": END.isoformat(), "until": END.isoformat()}],
)
async def test_unreadable_progress(
    hass: HomeAssistant,
    past: Simulator,
    hass_storage: dict[str, Any],
    inverter: str,
    junk: object,
) -> None:
    """What cannot be read is begun anew."""
    entry = make_entry(past, history_days=3)
    key = f"podero.{entry.entry_id}.history"
    hass_storage[key] = {
        "version": 1,
        "minor_version": 1,
        "key": key,
        "data": {inverter: junk},
    }
    await import_all(hass, entry)
    await check_truth(hass, past, END - timedelta(days=3), END)


async def test_progress_of_another_version(
    hass: HomeAssistant,
    past: Simulator,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A file from the future is left alone, and the import begins anew."""
    entry = make_entry(past, history_days=3)
    key = f"podero.{entry.entry_id}.history"
    hass_storage[key] = {"version": 9, "minor_version": 1, "key": key, "data": {}}
    await import_all(hass, entry)
    assert "How far the history was imported is not known" in caplog.text
    await check_truth(hass, past, END - timedelta(days=3), END)


async def test_more_days(hass: HomeAssistant, past: Simulator) -> None:
    """More days of history are fetched, fewer take nothing away."""
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    (subentry,) = entry.subentries.values()
    for days in (20, 1):
        hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, "history_days": days}
        )
        await settle(hass)
        await check_truth(hass, past, END - timedelta(days=20), END)


async def test_no_history_wanted(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """Nought days begin now."""
    await import_all(hass, make_entry(past, history_days=0))
    assert await rows(hass, inverter, "solar_energy") == []
    await pass_time(hass, now, timedelta(hours=1, minutes=2))
    assert len(await rows(hass, inverter, "solar_energy")) == 1


async def test_price_in_another_unit(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """Prices in another unit do not go together with the old ones: they are fetched again."""
    await import_all(hass, make_entry(past, history_days=5))
    before = await rows(hass, inverter, "price")
    past.conventions.update(price_unit="ct/kWh")
    await pass_time(hass, now, timedelta(hours=1, minutes=2))
    await pass_time(hass, now, timedelta(hours=1, minutes=2))
    after = await rows(hass, inverter, "price")
    assert len(after) == len(before) + 2
    assert after[0]["mean"] == pytest.approx(before[0]["mean"] / 10)


async def test_a_clock_that_was_ahead(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """Progress from the future is corrected."""
    entry = make_entry(past, history_days=5)
    await import_all(hass, entry)
    now.move_to(NOW - timedelta(days=1))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle(hass)
    shown = state(hass, inverter, "history_imported_until")
    assert datetime.fromisoformat(shown.state) == END - timedelta(days=1)


async def test_gone_device_stops(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, inverter: str
) -> None:
    """The import of a device that is gone ends, and its statistics stay."""
    entry = make_entry(past, history_days=2)
    await import_all(hass, entry)
    past.delete(inverter)
    for _ in range(2):
        await pass_time(hass, now, timedelta(hours=1, minutes=1))
    registry = dr.async_get(hass)
    assert len(dr.async_entries_for_config_entry(registry, entry.entry_id)) == 1
    past.requests.clear()
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert past.requests.count(SERIES) == 0
    assert len(await rows(hass, inverter, "solar_energy")) >= 48


async def test_without_sessions_nothing_is_erased(
    hass: HomeAssistant, past: Simulator, now: FrozenDateTimeFactory, car: str
) -> None:
    """A cloud that forgets all sessions for an hour takes nothing away."""
    entry = make_entry(past, history_days=20)
    await import_all(hass, entry)
    before = await rows(hass, car, "charging_energy")
    past.fail("/sessions$", status=200, body={"total": 0, "items": []})
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    await pass_time(hass, now, timedelta(hours=1, minutes=1))
    assert await rows(hass, car, "charging_energy") == before


def test_type_of_entry(past: Simulator) -> None:
    """The helpers of these tests make entries as the flow does."""
    assert isinstance(make_entry(past), MockConfigEntry)
