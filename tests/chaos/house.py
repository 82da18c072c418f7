"""A house with a Home Assistant that keeps everything in a folder, and may lose its power."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
import random
import shutil
import sqlite3
from typing import Any

from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from homeassistant import auth, bootstrap, config_entries, loader
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.async_ import (
    _SHUTDOWN_RUN_CALLBACK_THREADSAFE,
    get_scheduled_timer_handles,
)
from simulator import Simulator

from .clock import Clocks

DATABASE = "home.db"
# Seconds that a held request waits: some answers are late, some come too late.
WAITS = (1, 4, 12, 31, 45)


class House:
    """Home Assistant, its folder and its clock.

    Attributes:
        hass: The Home Assistant that runs; None while there is none.
        starts: How often it was started.
        folder: Where all is kept.
    """

    def __init__(
        self,
        folder: Path,
        simulator: Simulator,
        clocks: Clocks,
        entry: MockConfigEntry,
        chance: random.Random,
    ) -> None:
        """Build a house, in which nothing runs yet."""
        self.hass: HomeAssistant | None = None
        self.starts = 0
        self.folder = folder
        self._home = folder / "home"
        self._home.mkdir()
        self._simulator = simulator
        self._clocks = clocks
        self._first_entry = entry
        self._chance = chance
        self._lock: sqlite3.Connection | None = None

    @property
    def entry(self) -> ConfigEntry[Any]:
        """The config entry, whether loaded or not."""
        assert self.hass is not None
        [entry] = self.hass.config_entries.async_entries(DOMAIN)
        return entry

    @property
    def is_loaded(self) -> bool:
        """Whether the entry is loaded."""
        return self.entry.state is ConfigEntryState.LOADED

    # Time

    async def drive[T](self, work: Coroutine[Any, Any, T]) -> T:
        """Do something; time passes while the cloud holds a request."""
        task = asyncio.ensure_future(work)
        faults = self._simulator.faults
        while not task.done():
            held = asyncio.ensure_future(faults.until_held())
            await asyncio.wait({task, held}, return_when=asyncio.FIRST_COMPLETED)
            if not held.cancel():
                self._clocks.tick(timedelta(seconds=self._chance.choice(WAITS)))
                faults.release()
                # What was due in that time comes first.
                for _ in range(10):
                    await asyncio.sleep(0)
        return task.result()

    async def pass_time(self, span: timedelta) -> None:
        """Let time pass, and all that is due happen."""
        self._clocks.tick(span)
        for _ in range(2):
            await asyncio.sleep(0)
        await self.settle()

    async def settle(self) -> None:
        """Let all that is under way come to its end."""
        assert self.hass is not None
        await self.drive(self.hass.async_block_till_done(wait_background_tasks=True))

    # Power

    async def start(self) -> None:
        """Start Home Assistant with what its folder holds."""
        assert self.hass is None
        hass = self.hass = HomeAssistant(str(self._home))
        hass.config.skip_pip = True
        hass.config_entries = config_entries.ConfigEntries(hass, {})
        loader.async_setup(hass)
        await hass.config.async_set_time_zone("Europe/Vienna")
        hass.config.currency = "EUR"
        assert await bootstrap.async_load_base_functionality(hass)
        hass.auth = await auth.auth_manager_from_config(hass, [], [])
        recorder_helper.async_initialize_recorder(hass)
        assert await async_setup_component(hass, "homeassistant", {})
        assert await self.drive(
            async_setup_component(
                hass,
                "recorder",
                {
                    "recorder": {
                        # A lock is noticed at once, not after minutes of real time.
                        "db_url": f"sqlite:///{self._home / DATABASE}?timeout=0.02",
                        "db_max_retries": 2,
                        "db_retry_wait": 0,
                    }
                },
            )
        )
        await self.drive(async_setup_component(hass, DOMAIN, {}))
        if not self.starts:
            await self.drive(hass.config_entries.async_add(self._first_entry))
        self.starts += 1
        await self.drive(hass.async_start())
        await self.settle()

    async def stop(self) -> None:
        """Stop Home Assistant as somebody does who restarts it."""
        assert self.hass is not None
        self.unlock_database()
        await self._end()

    async def crash(self, *, database: Path | None = None) -> None:
        """Take the power away: what is not on the disk is lost.

        Args:
            database: An older copy of the database, which is all that is left of it.

        """
        assert self.hass is not None
        self.unlock_database()
        here, home = self._home, self.folder / f"home{self.starts}"
        home.mkdir()
        if database is None:
            self.copy_database(home / DATABASE)
        else:
            shutil.copy(database, home / DATABASE)
        shutil.copytree(here / ".storage", home / ".storage")
        await self._end()
        shutil.rmtree(here)
        self._home = home

    async def _end(self) -> None:
        assert self.hass is not None
        hass, self.hass = self.hass, None
        await self.drive(hass.async_stop(force=True))
        # A process would end now, and all that still waits in it.
        for handle in get_scheduled_timer_handles(hass.loop):
            if "homeassistant" in repr(handle).casefold():
                handle.cancel()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if "custom_components" in repr(task) or "homeassistant/" in repr(task):
                task.cancel()
        # Otherwise the next one, in the same loop, would be taken for one that ends.
        with suppress(AttributeError):
            delattr(hass.loop, _SHUTDOWN_RUN_CALLBACK_THREADSAFE)
        dt_util.set_default_time_zone(dt_util.UTC)

    # The database

    def copy_database(self, target: Path) -> None:
        """Copy what is committed."""
        with (
            closing(sqlite3.connect(self._home / DATABASE)) as database,
            closing(sqlite3.connect(target)) as copy,
        ):
            database.backup(copy)

    def lock_database(self) -> None:
        """Lock the database as somebody does who makes a copy of it, if nobody writes just now."""
        if self._lock is None:
            connection = sqlite3.connect(
                self._home / DATABASE, isolation_level=None, timeout=5
            )
            connection.execute("BEGIN EXCLUSIVE")
            self._lock = connection

    def unlock_database(self) -> None:
        """Let others write again."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    async def statistics(self, **arguments: Any) -> dict[str, list[dict[str, Any]]]:
        """Return what the recorder has of all of Podero's statistics, hour by hour."""
        hass = self.hass
        assert hass is not None

        def read() -> Any:
            ids = {
                each["statistic_id"]
                for each in list_statistic_ids(hass)
                if each["source"] == DOMAIN
            }
            return statistics_during_period(
                hass,
                dt_util.utc_from_timestamp(0),
                None,
                ids,
                "hour",
                None,
                {"sum", "state", "mean", "min", "max"},
            )

        found: dict[str, list[dict[str, Any]]] = await get_instance(
            hass
        ).async_add_executor_job(read)
        return found
