"""A life of three households, and everything that may happen to them, drawn from a seed."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
import gc
import inspect
from pathlib import Path
import random
from typing import Any

from custom_components.podero.const import DOMAIN
from custom_components.podero.polling import PoderoCoordinator
from homeassistant.config_entries import SOURCE_REAUTH, ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util.async_ import get_scheduled_timer_handles
from simulator import Device, Simulator
from simulator.errors import ApiError

from .clock import Clocks
from .house import House

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

type Event = Callable[["Life"], Awaitable[None] | None]


class Life:
    """What happens, one thing after the other.

    Attributes:
        counts: How often each thing happened.
        begins: From when on the statistics of each device are known.
        sign_ins: The flows that asked somebody to sign in.
        most_sign_ins: How many did so at once, at most.
        away: The households that left Home Assistant.
        copy: An older copy of the database, and when it was made.
    """

    def __init__(
        self,
        house: House,
        simulator: Simulator,
        clocks: Clocks,
        chance: random.Random,
        *,
        begin: datetime,
    ) -> None:
        """Begin a life, in which nothing is wrong yet."""
        self.house = house
        self.simulator = simulator
        self.clocks = clocks
        self.chance = chance
        self.counts = Counter[str]()
        self.begins: dict[str, datetime] = {}
        self.sign_ins: set[str] = set()
        self.most_sign_ins = 0
        self.away: list[ConfigSubentry] = []
        self.copy: tuple[datetime, Path] | None = None
        self._begin = begin
        self._ends: list[tuple[datetime, Callable[[], Any]]] = []

    # Time

    async def live(self, span: timedelta, events: dict[Event, float]) -> None:
        """Let things happen for a while.

        Args:
            span: The while.
            events: What may happen, and how often a day it does.

        """
        end = self.clocks.now + span
        while self.clocks.now < end:
            step = timedelta(minutes=self.chance.choice((5, 10, 20, 30, 60)))
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

    def _look(self) -> None:
        """Note who is asked to sign in."""
        open_now = self.open_sign_ins()
        self.sign_ins |= open_now
        self.most_sign_ins = max(self.most_sign_ins, len(open_now))

    def open_sign_ins(self) -> set[str]:
        """Return the flows that ask somebody to sign in now."""
        flows = self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
        return {
            flow["flow_id"]
            for flow in flows
            if flow["context"]["source"] == SOURCE_REAUTH
        }

    # How it is

    def missing(self) -> list[str]:
        """Return what is not there: households, devices, entities that are not available."""
        hass = self.hass
        if not self.house.is_loaded:
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
                    entity = registry.async_get(entity_id or "")
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
        hass = self.hass
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
            if isinstance(each, PoderoCoordinator) and each.hass is hass
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

    @property
    def hass(self) -> HomeAssistant:
        """The Home Assistant that runs."""
        assert self.house.hass is not None
        return self.house.hass

    def entities(self, *domains: str) -> list[er.RegistryEntry]:
        """Return the entities that are enabled, of some domains if any are named."""
        if not self.house.is_loaded:
            return []
        return [
            each
            for each in er.async_entries_for_config_entry(
                er.async_get(self.hass), self.house.entry.entry_id
            )
            if not each.disabled and (not domains or each.domain in domains)
        ]

    def registered(self, device: Device) -> dr.DeviceEntry | None:
        """Return a device as Home Assistant has it, while its clock is right."""
        if not self.house.is_loaded or not self.clocks.is_right:
            return None
        return dr.async_get(self.hass).async_get_device_by_identifier(
            (DOMAIN, device.id), self.house.entry.entry_id
        )

    async def call(self, domain: str, action: str, **data: Any) -> None:
        """Call an action."""
        await self.house.drive(
            self.hass.services.async_call(domain, action, data, blocking=True)
        )


async def _done(result: Any) -> None:
    if inspect.isawaitable(result):
        await result
