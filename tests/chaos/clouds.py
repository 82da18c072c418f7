"""What the cloud does to a household."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.config_entries import ConfigSubentry

from .life import Life

MISHAPS = ("burst", "reset", "cut", "body", "too_many", "too_many_silent", "lost_token")
# Whatever is read for the statistics is left out: a good number that is wrong stays wrong.
JUNK = (
    r"/(inverters|electric-vehicles|heat-pumps|wallboxes)(/[^/]+)?$"
    r"|/charging-config$|/current$|/charge-policy$"
)

# The cloud


def bad_days(life: Life) -> None:
    """Let one request in some go wrong."""
    kinds = life.chance.sample(MISHAPS, life.chance.randint(1, len(MISHAPS)))
    misbehaviour = life.simulator.misbehave(
        life.chance.getrandbits(32),
        life.chance.choice((0.02, 0.1, 0.3, 0.8)),
        kinds=kinds,
        longest_burst_s=7200,
    )

    def stop() -> None:
        misbehaviour.stop()
        life.counts["mishaps"] += len(misbehaviour.log)
        misbehaviour.log.clear()

    life.later(0.5, 8, stop)


def _fault(life: Life, path: str = ".", **how: Any) -> None:
    fault = life.simulator.fail(path, **how)

    def mend() -> None:
        life.counts["struck"] += fault.struck
        _take_out(life.simulator.faults.rules, fault)

    life.later(0.3, 3, mend)


def _take_out[T](rules: list[T], rule: T) -> None:
    """Take a rule out, unless somebody did that already."""
    if rule in rules:
        rules.remove(rule)


def outage(life: Life) -> None:
    """Let nothing work, in one way or another."""
    how: dict[str, Any] = life.chance.choice(
        (
            {"status": 503},
            {"status": 500, "body": "<html>oops</html>"},
            {"status": 404},
            {"status": 403},
            {"disconnect": True},
            {"html": True},
            {"text": "maintenance"},
            {"redirect": "https://podero.example.net/"},
            {"oversized": True, "times": 5},
            {"status": 200, "body": "{}"},
            {"status": 200, "body": "[]"},
        )
    )
    path = life.chance.choice(
        (".", "/org/", "/data$", "/sessions", "/token", "/users/")
    )
    if how.get("status") in {403, 404}:
        # Of an endpoint that is not there, which is asked again a day later.
        path = life.chance.choice(("/savings", "/charge-policy", "/hems-sessions"))
    _fault(life, path, **how)


def long_outage(life: Life) -> None:
    """Let nothing work for a day or two."""
    fault = life.simulator.fail(".", status=life.chance.choice((500, 502, 503)))
    life.later(10, 50, partial(_take_out, life.simulator.faults.rules, fault))


def slow(life: Life) -> None:
    """Delay some answers, and some for too long."""
    path = life.chance.choice((".", "/data$", "/sessions", "/token"))
    hold = life.chance.choice(("before", "after"))
    _fault(life, path, hold=hold, times=life.chance.randint(1, 12))


def too_many(life: Life) -> None:
    """Let the cloud say that it is asked too much."""
    after = life.chance.choice(("3600", "7200", "60", "junk", "-5", ""))
    headers = {"Retry-After": after} if after else {}
    _fault(life, status=429, headers=headers, times=life.chance.randint(1, 3))


def stale(life: Life) -> None:
    """Answer from a cache."""
    _fault(life, "/org/", stale=life.chance.randint(600, 7200))


def junk(life: Life) -> None:
    """Answer with nonsense."""
    junk = {
        "seed": life.chance.getrandbits(32),
        "rate": life.chance.choice((0.02, 0.2, 0.8)),
        "fields": "^(?!deleted_at)",
        "ids": life.chance.random() < 0.3,
    }
    _fault(life, JUNK, junk=junk)


def lost_tokens(life: Life) -> None:
    """Forget all access tokens."""
    life.simulator.tokens.revoke_access()


def refused_token(life: Life) -> None:
    """Refuse the next sign-in, as a firewall may."""
    life.simulator.tokens.refusals += 1
    life.simulator.tokens.revoke_access()


def refused_for_long(life: Life) -> None:
    """Refuse several sign-ins, but once in a life."""
    if not life.counts["asked to sign in"]:
        life.counts["asked to sign in"] += 1
        life.simulator.tokens.refusals += life.chance.randint(2, 4)
        life.simulator.tokens.revoke_access()


def refused_past(life: Life) -> None:
    """Refuse a part of the past for a while."""
    start = life.clocks.now - timedelta(hours=life.chance.uniform(1, 120))
    tries = life.chance.choice((None, 1, 5))
    rule = life.simulator.refuse(
        start, start + timedelta(hours=life.chance.uniform(0.3, 40)), tries=tries
    )
    life.later(1, 40, partial(_take_out, life.simulator.refusals, rule))


def other_limits(life: Life) -> None:
    """Change how long spans may be, and how far lists lag behind."""
    life.simulator.conventions.update(
        max_span_days=life.chance.choice((1.5, 3, 10, 31, 366)),
        list_lag_s=life.chance.choice((0, 0, 900, 4000)),
    )


# Data


def spoilt_data(life: Life) -> None:
    """Serve the last hours as they will not be, or not yet."""
    now = life.clocks.now
    start = now - timedelta(hours=life.chance.uniform(0, 8))
    end = start + timedelta(hours=life.chance.uniform(0.3, 10))
    device = life.chance.choice((None, life.any_device("inverters").id))
    until = now + timedelta(hours=life.chance.uniform(1, 30))
    kind = life.chance.choice(
        ("missing", "null", "preliminary", "late", "shuffled", "duplicated")
    )
    life.simulator.distort(
        kind,
        device_id=device,
        start=start,
        end=end,
        until=until,
        probability=life.chance.choice((1.0, 0.4)),
        seconds=life.chance.randint(900, 20_000),
    )


def corrected_session(life: Life) -> None:
    """Correct a session."""
    car = life.any_device("electric-vehicles")
    since = life.clocks.now - timedelta(days=20)
    recent = [
        session
        for session in life.simulator.sessions(car)
        if datetime.fromisoformat(str(session["plug_in_time"])) > since
    ]
    if recent:
        session = life.chance.choice(recent)
        life.simulator.correct_session(
            str(session["id"]),
            energy_charged_kwh=round(life.chance.uniform(0, 40), 3),
            actual_cost_eur=round(life.chance.uniform(-1, 9), 4),
        )


# Households and their devices


def device_away(life: Life) -> None:
    """Take a device away for a while, in one way or another."""
    device, now_of = (
        life.any_device(),
        life.chance.choice(life.simulator.households),
    )
    restore = partial(life.simulator.restore, device.id)
    match life.chance.choice(("delete", "hide", "haunt", "remove", "move", "share")):
        case "move":
            owner = device.household.user_id
            life.simulator.move(device.id, now_of.user_id)
            restore = partial(life.simulator.move, device.id, owner)
        case "share":
            life.simulator.share(device.id, now_of.user_id)
            restore = partial(life.simulator.unshare, device.id, now_of.user_id)
        case name:
            getattr(life.simulator, name)(device.id)
    life.later(0.3, 40, restore)


def new_device(life: Life) -> None:
    """Buy a device."""
    user_id = life.chance.choice(life.simulator.households).user_id
    if len(life.devices) < 14:
        life.chance.choice((life.simulator.add_inverter, life.simulator.add_vehicle))(
            user_id
        )


def action_needed(life: Life) -> None:
    """Let a device need somebody."""
    device = life.any_device()
    code = life.chance.choice(("information", "reauthenticate", "a_new_code"))
    cue = life.simulator.add_action(device.id, code, message="**News**\n")
    life.later(0.5, 30, partial(_act, life, cue.id))


def _act(life: Life, cue_id: str) -> None:
    if cue_id in life.simulator.cues.pending:
        life.simulator.remove_action(cue_id)


async def household_away(life: Life) -> None:
    """Let a household leave Home Assistant for a while."""
    if not life.house.is_loaded or len(life.house.entry.subentries) < 3:
        return
    subentry = life.chance.choice([*life.house.entry.subentries.values()])
    entries = life.hass.config_entries
    entries.async_remove_subentry(life.house.entry, subentry.subentry_id)
    life.away.append(subentry)
    await life.house.settle()
    life.later(1, 40, partial(_households_back, life))


async def _households_back(life: Life) -> None:
    """Add the households that left."""
    for subentry in life.away:
        life.hass.config_entries.async_add_subentry(
            life.house.entry,
            ConfigSubentry(
                data=subentry.data,
                subentry_type=subentry.subentry_type,
                title=subentry.title,
                unique_id=subentry.unique_id,
            ),
        )
    life.away.clear()
    await life.house.settle()
