"""What happens to Home Assistant at home, and what people do with it."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from custom_components.podero.const import DOMAIN
from homeassistant.util import dt as dt_util

from .life import DAY, Life

YEAR_2000 = datetime(2000, 1, 1, tzinfo=dt_util.UTC)

# Home Assistant


async def reload(life: Life) -> None:
    """Load the entry again."""
    entry_id = life.house.entry.entry_id
    await life.house.drive(life.hass.config_entries.async_reload(entry_id))


async def restart(life: Life) -> None:
    """Stop, and start after a while."""
    await life.house.stop()
    life.clocks.tick(timedelta(hours=life.chance.choice((0.02, 0.1, 1, 5, 12))))
    await life.house.start()


async def crash(life: Life) -> None:
    """Lose the power, at any moment, and perhaps the last hours of the database."""
    # In the middle of whatever is due.
    life.clocks.tick(timedelta(minutes=life.chance.uniform(0, 60)))
    for _ in range(life.chance.randrange(300)):
        await asyncio.sleep(0)
    older = None
    if (
        life.copy
        and life.clocks.now - life.copy[0] < DAY
        and life.chance.random() < 0.4
    ):
        older = life.copy[1]
        life.counts["older database"] += 1
    await life.house.crash(database=older)
    life.clocks.tick(timedelta(hours=life.chance.choice((0.02, 0.1, 1, 3))))
    await life.house.start()


def copied(life: Life) -> None:
    """Keep a copy of the database, to which a crash may fall back."""
    path = life.house.folder / "older.db"
    path.unlink(missing_ok=True)
    life.house.copy_database(path)
    life.copy = (life.clocks.now, path)


def locked(life: Life) -> None:
    """Lock the database for hours."""
    life.house.lock_database()
    life.later(0.2, 9, life.house.unlock_database)


async def wrong_clock(life: Life) -> None:
    """Start with a wrong clock, until somebody, or the network, sets it right."""
    if not life.clocks.is_right:
        return
    await life.house.stop()
    error = life.chance.choice(
        (YEAR_2000 - life.clocks.now, timedelta(days=365), timedelta(hours=-7))
    )
    life.clocks.set(life.simulator, error)
    await life.house.start()
    life.later(0.1, 5, partial(life.clocks.set, life.simulator, timedelta(0)))


# People


async def control(life: Life) -> None:
    """Let a household allow control, or no longer."""
    if life.house.is_loaded:
        entry = life.house.entry
        subentry = life.chance.choice([*entry.subentries.values()])
        data = {**subentry.data, "allow_control": not subentry.data["allow_control"]}
        life.hass.config_entries.async_update_subentry(entry, subentry, data=data)
        await life.house.settle()


async def press(life: Life) -> None:
    """Press a button, or turn a switch."""
    if found := life.entities("button", "switch"):
        entity = life.chance.choice(found)
        action = "press" if entity.domain == "button" else "toggle"
        await life.call(entity.domain, action, entity_id=entity.entity_id)


async def look_closer(life: Life) -> None:
    """Ask for something now."""
    if found := life.entities():
        entity_id = life.chance.choice(found).entity_id
        await life.call("homeassistant", "update_entity", entity_id=[entity_id])


async def import_history(life: Life) -> None:
    """Import some days again, or older ones."""
    device = life.any_device("inverters", "electric-vehicles", "heat-pumps")
    if (registered := life.registered(device)) is None:
        return
    first = dt_util.as_local(
        life.clocks.now - timedelta(days=life.chance.uniform(0, 12))
    ).date()
    data: dict[str, Any] = {"start_date": first.isoformat()}
    if life.chance.random() < 0.7:
        last = first + timedelta(days=life.chance.randint(0, 5))
        data["end_date"] = last.isoformat()
    await life.call(DOMAIN, "import_history", device_id=registered.id, **data)
    start = dt_util.as_utc(dt_util.start_of_local_day(first))
    life.begins[device.id] = min(life.begin_of(device), start)


async def clear_history(life: Life) -> None:
    """Delete the statistics of a device."""
    device = life.any_device("inverters", "electric-vehicles", "heat-pumps")
    if (registered := life.registered(device)) is not None:
        await life.call(DOMAIN, "clear_history", device_id=registered.id)
        hour = life.clocks.now.replace(minute=0, second=0, microsecond=0)
        life.begins[device.id] = hour


async def actions(life: Life) -> None:
    """Ask for data."""
    if (registered := life.registered(device := life.any_device())) is None:
        return
    action, data = {
        "inverters": (
            "get_history",
            {"start": (life.clocks.now - DAY).isoformat()},
        ),
        "electric-vehicles": (
            "get_charging_sessions",
            {"start_date": (life.clocks.now - DAY).date().isoformat()},
        ),
        "wallboxes": ("get_charging_decisions", {}),
    }.get(str(device.kind), ("get_dashboard", {}))
    await life.house.drive(
        life.hass.services.async_call(
            DOMAIN,
            action,
            {"device_id": registered.id, **data},
            blocking=True,
            return_response=True,
        )
    )
