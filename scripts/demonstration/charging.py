"""What the entities of charging must say: status, plan, sessions, calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scripts.demonstration.comparison import Expected, Value, moment, yes_no
from scripts.demonstration.home_assistant import TIME_ZONE, HomeAssistant
from scripts.demonstration.household import Device
from scripts.demonstration.podero import Podero

type Json = Any  # whatever a JSON answer holds

# Long enough for the whole month and for a car that was plugged in before it.
DAYS = 45
CALENDAR_DAYS = 14
ZONE = ZoneInfo(TIME_ZONE)


def end_of(session: Json) -> datetime | None:
    """Return when a session ended."""
    text = session["unplug_time"] or session["inferred_session_end"]
    return None if text is None else datetime.fromisoformat(text)


def saved(session: Json) -> float | None:
    """Return what a session saved: what was expected, until it is known."""
    if session["actual_savings_eur"] is not None:
        return float(session["actual_savings_eur"])
    expected = session["expected_savings_eur"]
    return None if expected is None else float(expected)


async def completed(
    podero: Podero, device: Device, start: date, end: date
) -> list[Json]:
    """Return all sessions of a span that are over, however many pages they fill."""
    items: list[Json] = []
    while True:
        page = await podero.request(
            "GET",
            f"{device.path}/sessions",
            params={
                "from": start.isoformat(),
                "to": end.isoformat(),
                "limit": "200",
                "offset": str(len(items)),
            },
        )
        items += page["items"]
        if not page["items"] or len(items) >= page["total"]:
            return items


def _of(session: Json | None, prefix: str) -> list[Expected]:
    """Expect what the entities of one session have in common."""
    values: tuple[tuple[str, Value, str], ...] = (
        ("energy", session and session["energy_charged_kwh"], "kWh"),
        ("cost", session and session["actual_cost_eur"], "EUR"),
        ("savings", session and saved(session), "EUR"),
    )
    name = "no session" if session is None else f"session {session['id']}"
    return [
        Expected(key=f"{prefix}_{key}", value=value, unit=unit, because=name)
        for key, value, unit in values
    ]


async def expected_of_sessions(
    podero: Podero, device: Device, now: datetime
) -> list[Expected]:
    """Return what the entities must say, given Podero's answers about sessions."""
    today = now.astimezone(UTC).date()
    sessions = [
        session
        for session in await completed(podero, device, today - timedelta(DAYS), today)
        if end_of(session) is not None
    ]
    last = max(sessions, key=lambda each: end_of(each) or now, default=None)
    answer = await podero.request("GET", f"{device.path}/sessions/current")
    expected = _of(answer["session"], "session") + _of(last, "last_session")
    if last is not None:
        ended = end_of(last)
        expected += [
            Expected(key=f"last_session_{key}", value=value, unit=unit, because="it")
            for key, value, unit in (
                ("start", moment(last["plug_in_time"]), None),
                ("end", ended, None),
                ("initial_level", last["initial_soc_pct"], "%"),
                ("final_level", last["final_soc_pct"], "%"),
                ("average_power", last["avg_charge_power_kw"], "kW"),
                ("peak_power", last["peak_charge_power_kw"], "kW"),
                ("outcome", last["session_outcome"], None),
                ("at_home", yes_no(last["is_at_home"]), None),
            )
        ]
    first = now.astimezone(ZONE).replace(
        day=1, hour=0, minute=0, second=0, microsecond=0
    )
    month = [each for each in sessions if (end_of(each) or first) >= first]
    because = f"{len(month)} sessions since {first.date()}"
    expected += [
        Expected(key=f"month_{key}", value=float(value), unit=unit, because=because)
        for key, value, unit in (
            ("energy", sum(each["energy_charged_kwh"] or 0 for each in month), "kWh"),
            ("cost", sum(each["actual_cost_eur"] or 0 for each in month), "EUR"),
            ("savings", sum(saved(each) or 0 for each in month), "EUR"),
            ("sessions", len(month), "sessions"),
        )
    ]
    return expected


async def expected_of_plan(podero: Podero, device: Device) -> list[Expected]:
    """Return what a car must say of why it charges or not, given what moves it."""
    truth = await podero.truth("charging", device=device.id)
    because = "the simulation"
    expected: tuple[tuple[str, Value, str | None], ...] = (
        ("charging_status", truth["status"], None),
        ("planned_start", moment(truth["planned_start"]), None),
        ("planned_end", moment(truth["planned_end"]), None),
        ("planned_target", truth["planned_target"], "%"),
        ("charging_problem", "off", None),
    )
    return [
        Expected(key=key, value=value, unit=unit, because=because)
        for key, value, unit in expected
    ]


async def expected_of_policy(podero: Podero, device: Device) -> list[Expected]:
    """Return what a car that is plugged in must say of the goal that comes next."""
    truth = await podero.truth("charging", device=device.id)
    if truth["deadline"] is None:
        return []
    because = "the session's goal"
    return [
        Expected(
            key="next_deadline",
            value=moment(truth["deadline"]),
            unit=None,
            because=because,
        ),
        Expected(key="next_target", value=truth["target"], unit="%", because=because),
    ]


def expected_of_wallbox(detail: Json) -> list[Expected]:
    """Return the status that a wallbox must show, which knows neither levels nor plans."""
    if detail["boost_state"] == "ongoing":
        status = "boosting"
    elif detail["boost_state"] == "requested":
        status = "boost_requested"
    elif detail["is_charging"]:
        status = "charging"
    elif not detail["is_plugged_in"]:
        status = "not_plugged_in"
    else:
        status = "waiting"
    return [
        Expected(
            key="charging_status",
            value=status,
            unit=None,
            because="the detail's fields",
        )
    ]


async def expected_of_solar_sessions(
    podero: Podero, device: Device, now: datetime
) -> list[Expected]:
    """Return what a wallbox must say of its last solar session."""
    today = now.astimezone(UTC).date()
    page = await podero.request(
        "GET",
        f"{device.path}/hems-sessions",
        params={
            "from": (today - timedelta(DAYS)).isoformat(),
            "to": today.isoformat(),
            "limit": "200",
        },
    )
    ended = [item for item in page["items"] if item["ended_at"] is not None]
    last = max(ended, key=lambda item: str(item["ended_at"]), default=None)
    if last is None:
        return []
    complete = last["has_complete_price_coverage"]
    because = f"solar session {last['id']}"
    return [
        Expected(
            key=f"last_solar_session_{key}", value=value, unit=unit, because=because
        )
        for key, value, unit in (
            ("energy", last["energy_from_solar_kwh"], "kWh"),
            ("savings", last["savings_eur"] if complete else None, "EUR"),
        )
    ]


async def check_calendar(
    home: HomeAssistant, podero: Podero, device: Device, now: datetime
) -> tuple[int, list[str]]:
    """Compare the calendar of the last days with the sessions.

    Returns how many events agree, and what differs.
    """
    start = now - timedelta(days=CALENDAR_DAYS)
    entry = (await home.entities())[f"{device.id}_charging_sessions"]
    events = {
        (
            datetime.fromisoformat(event["start"]["dateTime"]),
            datetime.fromisoformat(event["end"]["dateTime"]),
        )
        for event in await home.request(
            "GET",
            f"/api/calendars/{entry['entity_id']}",
            params={"start": start.isoformat(), "end": now.isoformat()},
        )
    }
    wanted = {
        (plugged_in, ended)
        for session in await completed(
            podero, device, start.date() - timedelta(days=7), now.date()
        )
        if isinstance(plugged_in := moment(session["plug_in_time"]), datetime)
        and (ended := end_of(session)) is not None
        and ended > start
    }
    return len(wanted & events), [
        f"{entry['entity_id']} lacks the session from {plugged_in} to {ended}"
        for plugged_in, ended in sorted(wanted - events)
    ]
