"""The calendar of charging sessions."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Simulator

from .common import entity_id, pass_time, set_up, state

PLUGGED_IN = datetime(2026, 5, 20, 19, 7, tzinfo=UTC)


async def events(
    hass: HomeAssistant, car: str, start: datetime, end: datetime
) -> list[dict[str, Any]]:
    """Return what the calendar shows of a span."""
    calendar = entity_id(hass, "calendar", car, "charging_sessions")
    answer = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": calendar,
            "start_date_time": start.isoformat(),
            "end_date_time": end.isoformat(),
        },
        blocking=True,
        return_response=True,
    )
    assert answer is not None
    shown = answer[calendar]
    assert isinstance(shown, dict)
    found = shown["events"]
    assert isinstance(found, list)
    return found


async def test_past_sessions(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: str
) -> None:
    """Each session that is over is an event that says what it came to."""
    now = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)
    simulator.requests.clear()
    shown = await events(hass, car, now - timedelta(days=3), now)
    truth = simulator.sessions(simulator.device(car))
    assert len(shown) == len(truth) > 1
    # What the sensors show is at hand already.
    assert simulator.requests.total == 0
    for event, session in zip(shown, truth, strict=True):
        assert event["summary"] == (
            f"{session['energy_charged_kwh']:.1f} kWh · €{session['actual_cost_eur']:.2f}"
        )
        assert datetime.fromisoformat(event["start"]) == datetime.fromisoformat(
            str(session["plug_in_time"])
        )
        assert event["description"].splitlines() == [
            f"Energy: {session['energy_charged_kwh']:.2f} kWh",
            f"Cost: {session['actual_cost_eur']:.2f} EUR",
            f"Savings: {session['actual_savings_eur']:.2f} EUR",
            f"Battery level: {session['initial_soc_pct']:.0f} % → {session['final_soc_pct']:.0f} %",
            f"Outcome: {session['session_outcome']}",
        ]
    assert state(hass, car, "charging_sessions", "calendar").state == STATE_OFF


async def test_older_sessions_are_asked_for(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: str
) -> None:
    """A view of an older month asks Podero, and tells when that fails."""
    start = datetime(2026, 2, 1, tzinfo=UTC)
    simulator.requests.clear()
    assert await events(hass, car, start, start + timedelta(days=28)) == []
    (request,) = simulator.requests.find("/sessions$")
    assert request.query["from"] == "2026-01-25"
    assert request.query["to"] == "2026-03-01"
    simulator.fail("/sessions$", status=500)
    with pytest.raises(HomeAssistantError) as error:
        await events(hass, car, start, start + timedelta(days=28))
    assert error.value.translation_key == "bad_response"


async def test_running_and_planned(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The session under way is on, and the planned window stands ahead of it."""
    now.move_to(PLUGGED_IN)
    await set_up(hass, entry)
    calendar = state(hass, car, "charging_sessions", "calendar")
    assert calendar.state == STATE_ON
    assert calendar.attributes["message"] == "Current charging session"
    shown = await events(hass, car, PLUGGED_IN, PLUGGED_IN + timedelta(days=1))
    assert [event["summary"] for event in shown] == [
        "Current charging session",
        "Planned charging",
    ]
    running, planned = shown
    assert datetime.fromisoformat(running["start"]) < PLUGGED_IN
    assert datetime.fromisoformat(planned["start"]) > PLUGGED_IN
    assert datetime.fromisoformat(planned["end"]) <= datetime.fromisoformat(
        running["end"]
    )
    simulator.override(car, is_plugged_in=False)
    await pass_time(hass, now, timedelta(minutes=6))
    assert state(hass, car, "charging_sessions", "calendar").state == STATE_OFF


async def test_planned_until_it_ends(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """The planned window is an event of its own also while it runs, and no longer."""
    now.move_to(PLUGGED_IN)
    await set_up(hass, entry)
    plan = (
        PLUGGED_IN.replace(hour=21, minute=0),
        PLUGGED_IN.replace(hour=22, minute=0),
    )
    day = (PLUGGED_IN, PLUGGED_IN + timedelta(days=1))

    async def planned() -> list[tuple[datetime, datetime]]:
        return [
            (
                datetime.fromisoformat(event["start"]),
                datetime.fromisoformat(event["end"]),
            )
            for event in await events(hass, car, *day)
            if event["summary"] == "Planned charging"
        ]

    assert await planned() == [plan]
    now.move_to(plan[0] + timedelta(minutes=30))
    await pass_time(hass, now, 0)
    assert state(hass, car, "charging_status").state == "charging"
    assert await planned() == [plan]
    now.move_to(plan[1])
    await pass_time(hass, now, 0)
    assert state(hass, car, "plugged_in", "binary_sensor").state == STATE_ON
    assert await planned() == []


@pytest.mark.parametrize(
    ("energy", "cost", "title"),
    [
        (8.04, 1.319, "8.0 kWh · €1.32"),
        (8.04, None, "8.0 kWh"),
        (None, 1.319, "€1.32"),
        (0, 0, "0.0 kWh · €0.00"),
        (None, None, "Charging session"),
    ],
)
async def test_what_a_session_came_to(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    car: str,
    energy: float | None,
    cost: float | None,
    title: str,
) -> None:
    """The title of a session that is over has what is known of energy and cost."""
    simulator.fail(
        f"{car}/sessions$",
        fields={"items.energy_charged_kwh": energy, "items.actual_cost_eur": cost},
    )
    await set_up(hass, entry)
    end = datetime(2026, 5, 20, 10, tzinfo=UTC)
    shown = await events(hass, car, end - timedelta(days=1), end)
    assert {event["summary"] for event in shown} == {title}


async def test_without_times(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
) -> None:
    """A session without times, or with impossible ones, is no event."""
    simulator.fail(
        "/sessions$",
        status=200,
        body={
            "total": 4,
            "items": [
                {"id": "a"},
                {"id": "b", "plug_in_time": "2026-05-20T10:00:00Z"},
                {
                    "id": "c",
                    "plug_in_time": "2026-05-20T10:00:00Z",
                    "unplug_time": "2026-05-20T09:00:00Z",
                },
                {
                    "id": "d",
                    "plug_in_time": "2026-05-20T10:00:00Z",
                    "unplug_time": "2026-05-20T11:00:00Z",
                    "final_soc_pct": 80,
                },
            ],
        },
    )
    simulator.fail("sessions/current", status=200, body={"session": {"id": "e"}})
    now.move_to(PLUGGED_IN)
    await set_up(hass, entry)
    shown = await events(hass, car, PLUGGED_IN - timedelta(days=1), PLUGGED_IN)
    assert [event["description"] for event in shown] == ["Battery level: ? → 80 %"]
    assert [event["summary"] for event in shown] == ["Charging session"]
    assert state(hass, car, "charging_sessions", "calendar").state == STATE_OFF
    simulator.heal()
    simulator.fail(
        "sessions/current",
        status=200,
        body={"session": {"id": "e", "plug_in_time": "2026-05-20T15:00:00Z"}},
    )
    await pass_time(hass, now, timedelta(minutes=6))
    running = state(hass, car, "charging_sessions", "calendar")
    assert running.state == STATE_ON
    assert running.attributes["end_time"] == "2026-05-20 13:00:00"
    assert running.attributes["description"] == ""


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-01T00:00:00Z", "0001-02-01T00:00:00Z"),
        ("9999-12-01T00:00:00Z", "9999-12-31T00:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T00:00:00Z"),
    ],
)
async def test_at_the_ends_of_the_calendar(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    car: str,
    hass_client: ClientSessionGenerator,
    start: str,
    end: str,
) -> None:
    """A view of any time is answered."""
    await hass.config.async_set_time_zone("Pacific/Auckland")
    calendar = entity_id(hass, "calendar", car, "charging_sessions")
    client = await hass_client()
    answer = await client.get(
        f"/api/calendars/{calendar}", params={"start": start, "end": end}
    )
    assert answer.status == HTTPStatus.OK
    assert isinstance(await answer.json(), list)
