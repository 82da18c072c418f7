"""A life of three households, and everything that may happen to them, drawn from a seed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
import gc
import inspect
from pathlib import Path
import random
from typing import Any

from custom_components.podero.const import DOMAIN
from custom_components.podero.history.job import HourlyJob
from custom_components.podero.polling import PoderoCoordinator
from homeassistant.config_entries import SOURCE_REAUTH, ConfigSubentry
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import get_scheduled_timer_handles
from simulator import Device, Simulator
from simulator.errors import ApiError

from .clock import Clocks
from .house import House

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
YEAR_2000 = datetime(2000, 1, 1, tzinfo=dt_util.UTC)

MISHAPS = ("burst", "reset", "cut", "body", "too_many", "too_many_silent", "lost_token")
# Whatever is read for the statistics is left out: a good number that is wrong stays wrong.
JUNK = r"/(inverters|electric-vehicles|heat-pumps|wallboxes)(/[^/]+)?$|/charging-config$|/current$|/charge-policy$"

type Event = Callable[["Life"], Awaitable[None] | None]


class Life:
    """What happens, one thing after the other.

    Attributes:
        counts: How often each thing happened.
        begins: From when on the statistics of each device are known.
        sign_ins: The flows that asked somebody to sign in.
    """

    def __init__(
        self,
        house: House,
        simulator: Simulator,
        clocks: Clocks,
        chance: random.Random,
        *,
        begin: datetime,
        copies: Path,
    ) -> None:
        """Begin a life, in which nothing is wrong yet."""
        self.house = house
        self.simulator = simulator
        self.clocks = clocks
        self.chance = chance
        self.counts = Counter[str]()
        self.begins: dict[str, datetime] = {}
        self.sign_ins: set[str] = set()
        self._begin = begin
        self._copies = copies
        self._copy: tuple[datetime, Path] | None = None
        self._ends: list[tuple[datetime, Callable[[], Any]]] = []
        self._households: list[ConfigSubentry] = []

    # Time

    async def live(self, span: timedelta, events: dict[Event, float]) -> None:
        """Let things happen for a while.

        Args:
            span: The while.
            events: What may happen, and how often a day it does.

        """
        end = self.clocks.now + span
        while self.clocks.now < end:
            step = timedelta(minutes=self.chance.choice((5, 10, 15, 15, 15, 20)))
            for event, rate in events.items():
                if self.chance.random() < rate * (step / DAY):
                    await self._happen(event)
            for moment, undo in [*self._ends]:
                if moment <= self.clocks.now:
                    self._ends.remove((moment, undo))
                    await _done(undo())
            await self.house.pass_time(step)
            self._look()

    async def _happen(self, event: Event) -> None:
        name = event.__name__
        self.counts[name] += 1
        try:
            await _done(event(self))
        except (ApiError, HomeAssistantError) as err:
            # A person, or the simulator, was told that this cannot be now.
            self.counts[f"{name} ({type(err).__name__})"] += 1

    async def leave_until(self, moment: datetime) -> None:
        """Switch Home Assistant off for months."""
        if self.house.hass is not None:
            await self.house.stop()
        self.clocks.set(self.simulator, timedelta(0))
        self.clocks.tick(moment - self.clocks.now)
        await self.house.start()

    def later(self, least: float, most: float, undo: Callable[[], Any]) -> None:
        """Do something after some hours."""
        wait = timedelta(hours=self.chance.uniform(least, most))
        self._ends.append((self.clocks.now + wait, undo))

    async def make_good(self) -> None:
        """Mend everything."""
        while self._ends:
            await _done(self._ends.pop(0)[1]())
        self.simulator.heal()
        self.simulator.tokens.refusals = 0
        self.simulator.conventions.update(max_span_days=366, list_lag_s=0)
        self.house.unlock_database()
        self.clocks.set(self.simulator, timedelta(0))
        if self.house.hass is None:
            await self.house.start()

    def _look(self) -> None:
        """Note who is asked to sign in."""
        if (hass := self.house.hass) is not None:
            self.sign_ins |= {
                flow["flow_id"]
                for flow in hass.config_entries.flow.async_progress_by_handler(DOMAIN)
                if flow["context"]["source"] == SOURCE_REAUTH
            }

    # How it is

    def missing(self) -> list[str]:
        """Return what is not there: households, devices, entities that are not available."""
        hass = self.house.hass
        if hass is None or not self.house.is_loaded:
            return ["the entry"]
        data = self.house.entry.runtime_data
        registry = er.async_get(hass)
        found: list[str] = []
        for each in self.devices:
            if (device := data.device(each.id)) is None:
                found.append(f"{each.kind} {each.id}")
                continue
            coordinator = device.coordinator
            for platform, table in coordinator.tables.items():
                for description in table:
                    exists = description.exists_fn
                    if exists is not None and not exists(coordinator.data):
                        continue
                    unique_id = f"{each.id}_{description.key}"
                    entity_id = registry.async_get_entity_id(
                        platform, DOMAIN, unique_id
                    )
                    entity = entity_id and registry.async_get(entity_id)
                    if entity is None:
                        found.append(unique_id)
                    elif not entity.disabled:
                        state = hass.states.get(entity.entity_id)
                        if state is None or state.state == "unavailable":
                            found.append(entity.entity_id)
        return found

    def imported_until(self, device: Device) -> datetime:
        """Return up to when a device's past was imported, which has to be not long ago."""
        this_hour = self.clocks.now.replace(minute=0, second=0, microsecond=0)
        importer = self.house.entry.runtime_data.device(device.id).importer
        if importer is None:
            return this_hour
        until: datetime = importer.data.imported_until
        assert this_hour - until <= HOUR, importer.data
        return until

    async def unload(self) -> list[str]:
        """Unload the entry, and return what still works for it."""
        hass = self.house.hass
        assert hass is not None
        await self.house.drive(
            hass.config_entries.async_unload(self.house.entry.entry_id)
        )
        await self.house.settle()
        left = [
            repr(task)
            for task in asyncio.all_tasks()
            if DOMAIN in repr(task.get_coro()) or DOMAIN in task.get_name().casefold()
        ]
        left += [
            repr(handle)
            for handle in get_scheduled_timer_handles(hass.loop)
            if not handle.cancelled() and f"custom_components.{DOMAIN}" in repr(handle)
        ]
        gc.collect()
        left += [
            repr(each)
            for each in gc.get_objects()
            if isinstance(each, PoderoCoordinator | HourlyJob)
        ]
        return left

    # Whom it happens to

    @property
    def devices(self) -> list[Device]:
        """All devices, wherever they are."""
        return [*self.simulator.devices.values()]

    def any_device(self, *kinds: str) -> Device:
        """Return a device, of some kinds if there are any named."""
        return self.chance.choice(
            [each for each in self.devices if not kinds or str(each.kind) in kinds]
        )

    def begin_of(self, device: Device) -> datetime:
        """Return from when on a device's statistics are known."""
        return self.begins.get(device.id, self._begin)

    # The cloud

    def bad_days(self) -> None:
        """Let one request in some go wrong."""
        kinds = self.chance.sample(MISHAPS, self.chance.randint(1, len(MISHAPS)))
        misbehaviour = self.simulator.misbehave(
            self.chance.getrandbits(32),
            self.chance.choice((0.02, 0.1, 0.3, 0.8)),
            kinds=kinds,
            longest_burst_s=7200,
        )

        def stop() -> None:
            misbehaviour.stop()
            self.counts["mishaps"] += len(misbehaviour.log)
            misbehaviour.log.clear()

        self.later(0.5, 8, stop)

    def _fault(self, path: str = ".", **how: Any) -> None:
        fault = self.simulator.fail(path, **how)
        hours = how.pop("hours", (0.3, 3))

        def mend() -> None:
            self.counts["struck"] += fault.struck
            if fault in self.simulator.faults.rules:
                self.simulator.faults.remove(fault)

        self.later(*hours, mend)

    def outage(self) -> None:
        """Let nothing work, in one way or another."""
        how: dict[str, Any] = self.chance.choice(
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
        path = self.chance.choice(
            (".", "/org/", "/data$", "/sessions", "/token", "/users/")
        )
        if how.get("status") in {403, 404}:
            # Of an endpoint that is not there, which is asked again a day later.
            path = self.chance.choice(("/savings", "/charge-policy", "/hems-sessions"))
        self._fault(path, **how)

    def long_outage(self) -> None:
        """Let nothing work for a day or two."""
        fault = self.simulator.fail(".", status=self.chance.choice((500, 502, 503)))
        self.later(
            10,
            50,
            lambda: (
                fault in self.simulator.faults.rules
                and self.simulator.faults.remove(fault)
            ),
        )

    def slow(self) -> None:
        """Delay some answers, and some for too long."""
        path = self.chance.choice((".", "/data$", "/sessions", "/token"))
        hold = self.chance.choice(("before", "after"))
        self._fault(path, hold=hold, times=self.chance.randint(1, 12))

    def too_many(self) -> None:
        """Let the cloud say that it is asked too much."""
        after = self.chance.choice(("3600", "7200", "60", "junk", "-5", ""))
        headers = {"Retry-After": after} if after else {}
        self._fault(status=429, headers=headers, times=self.chance.randint(1, 3))

    def stale(self) -> None:
        """Answer from a cache."""
        self._fault("/org/", stale=self.chance.randint(600, 7200))

    def junk(self) -> None:
        """Answer with nonsense."""
        junk = {
            "seed": self.chance.getrandbits(32),
            "rate": self.chance.choice((0.02, 0.2, 0.8)),
            "fields": "^(?!deleted_at)",
            "ids": self.chance.random() < 0.3,
        }
        self._fault(JUNK, junk=junk)

    def lost_tokens(self) -> None:
        """Forget all access tokens."""
        self.simulator.tokens.revoke_access()

    def refused_token(self) -> None:
        """Refuse the next sign-in, as a firewall may."""
        self.simulator.tokens.refusals += 1
        self.simulator.tokens.revoke_access()

    def refused_for_long(self) -> None:
        """Refuse several sign-ins, but once in a life."""
        if not self.counts["asked to sign in"]:
            self.counts["asked to sign in"] += 1
            self.simulator.tokens.refusals += self.chance.randint(2, 4)
            self.simulator.tokens.revoke_access()

    def refused_past(self) -> None:
        """Refuse a part of the past for a while."""
        start = self.clocks.now - timedelta(hours=self.chance.uniform(1, 120))
        tries = self.chance.choice((None, 1, 5))
        rule = self.simulator.refuse(
            start, start + timedelta(hours=self.chance.uniform(0.3, 40)), tries=tries
        )
        self.later(
            1,
            40,
            lambda: (
                rule in self.simulator.refusals and self.simulator.refusals.remove(rule)
            ),
        )

    def other_limits(self) -> None:
        """Change how long spans may be, and how far lists lag behind."""
        self.simulator.conventions.update(
            max_span_days=self.chance.choice((1.5, 3, 10, 31, 366)),
            list_lag_s=self.chance.choice((0, 0, 900, 4000)),
        )

    # Data

    def spoilt_data(self) -> None:
        """Serve the last hours as they will not be, or not yet."""
        now = self.clocks.now
        start = now - timedelta(hours=self.chance.uniform(0, 8))
        end = start + timedelta(hours=self.chance.uniform(0.3, 10))
        device = self.chance.choice((None, self.any_device("inverters").id))
        until = now + timedelta(hours=self.chance.uniform(1, 30))
        kind = self.chance.choice(
            ("missing", "null", "preliminary", "late", "shuffled", "duplicated")
        )
        self.simulator.distort(
            kind,
            device_id=device,
            start=start,
            end=end,
            until=until,
            probability=self.chance.choice((1.0, 0.4)),
            seconds=self.chance.randint(900, 20_000),
        )

    def corrected_session(self) -> None:
        """Correct a session."""
        car = self.any_device("electric-vehicles")
        since = self.clocks.now - timedelta(days=20)
        recent = [
            session
            for session in self.simulator.sessions(car)
            if datetime.fromisoformat(str(session["plug_in_time"])) > since
        ]
        if recent:
            session = self.chance.choice(recent)
            self.simulator.correct_session(
                str(session["id"]),
                energy_charged_kwh=round(self.chance.uniform(0, 40), 3),
                actual_cost_eur=round(self.chance.uniform(-1, 9), 4),
            )

    # Households and their devices

    def device_away(self) -> None:
        """Take a device away for a while, in one way or another."""
        device, now_of = (
            self.any_device(),
            self.chance.choice(self.simulator.households),
        )
        restore = partial(self.simulator.restore, device.id)
        match self.chance.choice(
            ("delete", "hide", "haunt", "remove", "move", "share")
        ):
            case "move":
                owner = device.household.user_id
                self.simulator.move(device.id, now_of.user_id)
                restore = partial(self.simulator.move, device.id, owner)
            case "share":
                self.simulator.share(device.id, now_of.user_id)
                restore = partial(self.simulator.unshare, device.id, now_of.user_id)
            case name:
                getattr(self.simulator, name)(device.id)
        self.later(0.3, 40, restore)

    def new_device(self) -> None:
        """Buy a device."""
        user_id = self.chance.choice(self.simulator.households).user_id
        if len(self.devices) < 14:
            self.chance.choice(
                (self.simulator.add_inverter, self.simulator.add_vehicle)
            )(user_id)

    def action_needed(self) -> None:
        """Let a device need somebody."""
        device = self.any_device()
        code = self.chance.choice(("information", "reauthenticate", "a_new_code"))
        cue = self.simulator.add_action(device.id, code, message="**News**\n")
        self.later(0.5, 30, partial(self._act, cue.id))

    def _act(self, cue_id: str) -> None:
        if cue_id in self.simulator.cues.pending:
            self.simulator.remove_action(cue_id)

    async def household_away(self) -> None:
        """Let a household leave Home Assistant for a while."""
        if not self.house.is_loaded or len(self.house.entry.subentries) < 3:
            return
        subentry = self.chance.choice([*self.house.entry.subentries.values()])
        hass, entry = self.house.hass, self.house.entry
        assert hass is not None
        hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
        self._households.append(subentry)
        await self.house.settle()
        self.later(1, 40, self._households_back)

    async def _households_back(self) -> None:
        """Add the households that left, once there is a Home Assistant."""
        if self.house.hass is None:
            await self.house.start()
        for subentry in self._households:
            assert self.house.hass is not None
            self.house.hass.config_entries.async_add_subentry(
                self.house.entry,
                ConfigSubentry(
                    data=subentry.data,
                    subentry_type=subentry.subentry_type,
                    title=subentry.title,
                    unique_id=subentry.unique_id,
                ),
            )
        self._households.clear()
        await self.house.settle()

    # Home Assistant

    async def reload(self) -> None:
        """Load the entry again."""
        if (hass := self.house.hass) is not None:
            await self.house.drive(
                hass.config_entries.async_reload(self.house.entry.entry_id)
            )

    async def restart(self) -> None:
        """Stop, and start after a while."""
        if self.house.hass is not None:
            await self.house.stop()
            self.clocks.tick(timedelta(hours=self.chance.choice((0.02, 0.1, 1, 5, 12))))
            await self.house.start()

    async def crash(self) -> None:
        """Lose the power, at any moment."""
        if self.house.hass is None:
            return
        # In the middle of whatever is due.
        self.clocks.tick(timedelta(minutes=self.chance.uniform(0, 60)))
        for _ in range(self.chance.randrange(300)):
            await _turn()
        older = None
        if (
            self._copy
            and self.clocks.now - self._copy[0] < DAY
            and self.chance.random() < 0.4
        ):
            older = self._copy[1]
            self.counts["older database"] += 1
        await self.house.crash(database=older)
        self.clocks.tick(timedelta(hours=self.chance.choice((0.02, 0.1, 1, 3))))
        await self.house.start()

    def copied(self) -> None:
        """Keep a copy of the database, to which a crash may fall back."""
        if self.house.hass is not None:
            path = self._copies / "older.db"
            path.unlink(missing_ok=True)
            self.house.copy_database(path)
            self._copy = (self.clocks.now, path)

    def locked(self) -> None:
        """Lock the database for hours."""
        if self.house.hass is not None:
            self.house.lock_database()
            self.later(0.2, 9, self.house.unlock_database)

    async def wrong_clock(self) -> None:
        """Start with a wrong clock, until somebody, or the network, sets it right."""
        if self.house.hass is None or not self.clocks.is_right:
            return
        await self.house.stop()
        error = self.chance.choice(
            (YEAR_2000 - self.clocks.now, timedelta(days=365), timedelta(hours=-7))
        )
        self.clocks.set(self.simulator, error)
        await self.house.start()
        self.later(0.1, 5, partial(self.clocks.set, self.simulator, timedelta(0)))

    # People

    async def control(self) -> None:
        """Let a household allow control, or no longer."""
        if self.house.is_loaded and self.house.entry.subentries:
            hass, entry = self.house.hass, self.house.entry
            assert hass is not None
            subentry = self.chance.choice([*entry.subentries.values()])
            data = {
                **subentry.data,
                "allow_control": not subentry.data["allow_control"],
            }
            hass.config_entries.async_update_subentry(entry, subentry, data=data)
            await self.house.settle()

    async def press(self) -> None:
        """Press a button, or turn a switch."""
        found = [
            each
            for each in self._entities()
            if each.domain in {"button", "switch"} and not each.disabled
        ]
        if found:
            entity = self.chance.choice(found)
            action = "press" if entity.domain == "button" else "toggle"
            await self._call(entity.domain, action, entity_id=entity.entity_id)

    async def look_closer(self) -> None:
        """Ask for something now."""
        if found := [each for each in self._entities() if not each.disabled]:
            entity = self.chance.choice(found)
            await self._call(
                "homeassistant", "update_entity", entity_id=[entity.entity_id]
            )

    def _entities(self) -> list[er.RegistryEntry]:
        if not self.house.is_loaded:
            return []
        assert self.house.hass is not None
        return er.async_entries_for_config_entry(
            er.async_get(self.house.hass), self.house.entry.entry_id
        )

    async def _call(self, domain: str, action: str, **data: Any) -> None:
        assert self.house.hass is not None
        await self.house.drive(
            self.house.hass.services.async_call(domain, action, data, blocking=True)
        )

    def _registered(self, device: Device) -> dr.DeviceEntry | None:
        if not self.house.is_loaded or not self.clocks.is_right:
            return None
        assert self.house.hass is not None
        return dr.async_get(self.house.hass).async_get_device_by_identifier(
            (DOMAIN, device.id), self.house.entry.entry_id
        )

    async def import_history(self) -> None:
        """Import some days again, or older ones."""
        device = self.any_device("inverters", "electric-vehicles", "heat-pumps")
        if (registered := self._registered(device)) is None:
            return
        first = dt_util.as_local(
            self.clocks.now - timedelta(days=self.chance.uniform(0, 12))
        ).date()
        data: dict[str, Any] = {"start_date": first.isoformat()}
        if self.chance.random() < 0.7:
            last = first + timedelta(days=self.chance.randint(0, 5))
            data["end_date"] = last.isoformat()
        await self._call(DOMAIN, "import_history", device_id=registered.id, **data)
        start = dt_util.as_utc(dt_util.start_of_local_day(first))
        self.begins[device.id] = min(self.begin_of(device), start)

    async def clear_history(self) -> None:
        """Delete the statistics of a device."""
        device = self.any_device("inverters", "electric-vehicles", "heat-pumps")
        if (registered := self._registered(device)) is not None:
            await self._call(DOMAIN, "clear_history", device_id=registered.id)
            hour = self.clocks.now.replace(minute=0, second=0, microsecond=0)
            self.begins[device.id] = hour

    async def actions(self) -> None:
        """Ask for data."""
        if (registered := self._registered(device := self.any_device())) is None:
            return
        assert self.house.hass is not None
        action, data = {
            "inverters": (
                "get_history",
                {"start": (self.clocks.now - DAY).isoformat()},
            ),
            "electric-vehicles": (
                "get_charging_sessions",
                {"start_date": (self.clocks.now - DAY).date().isoformat()},
            ),
            "wallboxes": ("get_charging_decisions", {}),
        }.get(str(device.kind), ("get_dashboard", {}))
        await self.house.drive(
            self.house.hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": registered.id, **data},
                blocking=True,
                return_response=True,
            )
        )


EVENTS: dict[Event, float] = {
    Life.bad_days: 1.5,
    Life.outage: 1,
    Life.long_outage: 0.06,
    Life.slow: 2,
    Life.too_many: 0.3,
    Life.stale: 0.3,
    Life.junk: 0.7,
    Life.lost_tokens: 1,
    Life.refused_token: 0.3,
    Life.refused_for_long: 0.05,
    Life.refused_past: 0.4,
    Life.other_limits: 0.5,
    Life.spoilt_data: 1,
    Life.corrected_session: 0.4,
    Life.device_away: 0.4,
    Life.new_device: 0.05,
    Life.action_needed: 0.4,
    Life.household_away: 0.12,
    Life.reload: 0.6,
    Life.restart: 0.3,
    Life.crash: 0.4,
    Life.copied: 1,
    Life.locked: 0.3,
    Life.wrong_clock: 0.15,
    Life.control: 0.25,
    Life.press: 0.5,
    Life.look_closer: 0.5,
    Life.import_history: 0.6,
    Life.clear_history: 0.04,
    Life.actions: 0.7,
}
"""What happens in a life, and how often a day."""


async def _done(result: Any) -> None:
    if inspect.isawaitable(result):
        await result


async def _turn() -> None:
    """Let everything else run once."""
    await asyncio.sleep(0)
