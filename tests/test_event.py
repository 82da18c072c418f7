"""What happened to a car, as an event entity."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from simulator import Simulator

from .common import entity_id, pass_time, set_up, state

POLL = timedelta(minutes=5)
# The car is plugged in and waits for its window, from 21:00 to 22:00 UTC.
EVENING = datetime(2026, 5, 20, 20, 32, tzinfo=UTC)

type Happened = list[tuple[str, dict[str, object]]]


@pytest.fixture
async def waiting(
    hass: HomeAssistant, now: FrozenDateTimeFactory, entry: MockConfigEntry
) -> MockConfigEntry:
    """Return an entry that is set up while the car waits for its window."""
    now.move_to(EVENING)
    await set_up(hass, entry)
    return entry


@pytest.fixture
def happened(hass: HomeAssistant, waiting: MockConfigEntry, car: str) -> Happened:
    """Return what the entity tells from now on: types and attributes, as they come."""
    told: Happened = []
    charging_event = entity_id(hass, "event", car, "charging_event")
    shown_in_all = {"event_types", "friendly_name"}

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        shown = event.data["new_state"]
        if event.data["entity_id"] != charging_event or shown is None:
            return
        if shown.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            return
        before = event.data["old_state"]
        if before is not None and before.state == shown.state:
            return
        attributes = {
            key: value
            for key, value in shown.attributes.items()
            if key not in shown_in_all
        }
        told.append((str(attributes.pop("event_type")), attributes))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    return told


async def test_a_night(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """A car charges in its window, drives away in the morning, and comes back."""
    shown = state(hass, car, "charging_event", "event")
    assert shown.state == STATE_UNKNOWN
    for _ in range(17 * 12):
        await pass_time(hass, now, POLL)
    last = simulator.sessions(simulator.device(car))[-1]
    plug_in, unplug = (
        datetime.fromisoformat(str(last[key]))
        for key in ("plug_in_time", "unplug_time")
    )
    assert [type_ for type_, _ in happened] == [
        "charging_started",
        "charging_stopped",
        "unplugged",
        "session_completed",
        "plugged_in",
    ]
    assert dict(happened) == {
        "charging_started": {},
        "charging_stopped": {},
        "unplugged": {},
        "plugged_in": {},
        "session_completed": {
            "energy_kwh": last["energy_charged_kwh"],
            "cost_eur": last["actual_cost_eur"],
            "savings_eur": last["actual_savings_eur"],
            "duration_minutes": round((unplug - plug_in) / timedelta(minutes=1)),
        },
    }


async def test_a_plan_that_is_moved(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """A plan that changes is told with what it was and what it is."""
    start = EVENING.replace(hour=23, minute=0)
    simulator.move_plan(car, start, start + timedelta(hours=1))
    await pass_time(hass, now, POLL)
    await pass_time(hass, now, POLL)
    assert happened == [
        (
            "plan_changed",
            {
                "start": "2026-05-20T23:00:00+00:00",
                "end": "2026-05-21T00:00:00+00:00",
                "previous_start": "2026-05-20T21:00:00+00:00",
            },
        )
    ]


async def test_a_boost(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """A boost begins and ends with a reason; what charging does is told along with it."""
    simulator.override(
        car, boost_state="ongoing", is_charging=True, charge_rate_w=11000
    )
    await pass_time(hass, now, POLL)
    simulator.override(
        car,
        boost_state="available",
        is_charging=False,
        charge_rate_w=0,
        last_boost_ended_at="2026-05-20T20:41:00Z",
        last_boost_end_reason="fully_charged",
    )
    await pass_time(hass, now, POLL)
    assert happened == [
        ("boost_started", {}),
        ("charging_started", {}),
        ("charging_stopped", {}),
        ("boost_ended", {"reason": "fully_charged"}),
    ]


async def test_never_twice(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """However often the same is said, and whatever else changes, it happened once."""
    simulator.override(car, is_plugged_in=False)
    for level in (50, 50, 51, 52):
        simulator.override(car, battery_level=level)
        await pass_time(hass, now, POLL)
    assert [type_ for type_, _ in happened] == ["unplugged"]


async def test_none_for_a_gap(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """What changed while nothing was known is not told: nobody knows when, or what came between."""
    fault = simulator.fail(f"{car}$", status=500)
    await pass_time(hass, now, POLL)
    assert state(hass, car, "charging_event", "event").state == STATE_UNAVAILABLE
    simulator.override(car, is_plugged_in=False)
    simulator.faults.remove(fault)
    await pass_time(hass, now, POLL)
    assert state(hass, car, "plugged_in", "binary_sensor").state == "off"
    await pass_time(hass, now, POLL)
    assert happened == []
    # What happens after the gap is told again.
    simulator.override(car, is_plugged_in=True)
    await pass_time(hass, now, POLL)
    assert [type_ for type_, _ in happened] == ["plugged_in"]


async def test_none_after_a_reload(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    waiting: MockConfigEntry,
    happened: Happened,
    car: str,
) -> None:
    """A reload tells nothing, neither anew nor of what changed meanwhile; the last event stays."""
    simulator.override(car, is_plugged_in=False)
    await pass_time(hass, now, POLL)
    before = state(hass, car, "charging_event", "event")
    assert before.attributes["event_type"] == "unplugged"
    assert await hass.config_entries.async_unload(waiting.entry_id)
    simulator.override(car, is_plugged_in=True)
    now.tick(POLL)
    happened.clear()
    assert await hass.config_entries.async_setup(waiting.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for _ in range(3):
        await pass_time(hass, now, POLL)
    after = state(hass, car, "charging_event", "event")
    assert after.state == before.state
    assert after.attributes["event_type"] == "unplugged"


async def test_none_of_what_was_not_known(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    happened: Happened,
    car: str,
) -> None:
    """Something that becomes known has not happened."""
    simulator.override(car, is_plugged_in=None)
    await pass_time(hass, now, POLL)
    simulator.override(car, is_plugged_in=True)
    await pass_time(hass, now, POLL)
    assert happened == []


async def test_none_on_the_first_poll(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The first detail differs from the list, and yet nothing has happened."""
    now.move_to(EVENING)
    simulator.fail(
        "/electric-vehicles$", fields={"is_plugged_in": False, "is_charging": True}
    )
    await set_up(hass, entry)
    assert state(hass, car, "plugged_in", "binary_sensor").state == "on"
    assert state(hass, car, "charging_event", "event").state == STATE_UNKNOWN
    await pass_time(hass, now, POLL)
    assert state(hass, car, "charging_event", "event").state == STATE_UNKNOWN
