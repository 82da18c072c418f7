"""A Home Assistant to measure in, and what a measurement reads of its process."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, contextmanager
import gc
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
import time
from typing import Any

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.tasks import SynchronizeTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component

# After Home Assistant: it wants to be the first to import its libraries.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    async_test_home_assistant,
)


@asynccontextmanager
async def home_assistant(
    folder: Path | None = None, *, recorder: bool = False
) -> AsyncGenerator[HomeAssistant]:
    """Run a Home Assistant with nothing but, if wanted, a recorder on a SQLite file."""
    logging.disable(logging.WARNING)
    with TemporaryDirectory() as temporary:
        folder = folder or Path(temporary)
        async with async_test_home_assistant(config_dir=str(folder)) as hass:
            hass.data.pop(DATA_CUSTOM_COMPONENTS, None)
            # That of the simulated households.
            await hass.config.async_set_time_zone("Europe/Vienna")
            assert await async_setup_component(hass, "network", {})
            if recorder:
                recorder_helper.async_initialize_recorder(hass)
                url = f"sqlite:///{folder}/home.db"
                assert await async_setup_component(
                    hass, "recorder", {"recorder": {"db_url": url}}
                )
                await hass.async_block_till_done()
                await committed(hass)
            yield hass
            await hass.async_stop(force=True)


async def committed(hass: HomeAssistant) -> None:
    """Wait until the recorder has done everything."""
    done = hass.loop.create_future()
    get_instance(hass).queue_task(SynchronizeTask(done))
    await done


def memory(name: str) -> int:
    """Return a figure of this process's memory, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise LookupError(name)


class Longest:
    """The longest that anything held the event loop.

    Attributes:
        seconds: CPU time of the loop's thread: what other processes took does not count.
        what: What it was.
    """

    seconds = 0.0
    what = ""


@contextmanager
def longest_hold() -> Iterator[Longest]:
    """Watch how long each step of the event loop takes.

    There is no garbage collection meanwhile: going through all that Home Assistant itself
    holds takes a fifth of a second, whoever's turn it is.
    """
    longest = Longest()
    run: Any = asyncio.Handle._run
    watching = True

    def watched(handle: asyncio.Handle) -> None:
        start = time.thread_time()
        run(handle)
        taken = time.thread_time() - start
        # The step that ends the watch goes on with what is not to be watched.
        if watching and taken > longest.seconds:
            longest.seconds, longest.what = taken, repr(handle)

    gc.disable()
    asyncio.Handle._run = watched  # type: ignore[attr-defined]
    try:
        yield longest
    finally:
        watching = False
        gc.enable()
        asyncio.Handle._run = run  # type: ignore[attr-defined]
