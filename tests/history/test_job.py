"""When imports run: at once, hourly, again after a failure, by hand in between, and no longer."""

import asyncio
from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.podero.api import PoderoRateLimitedError, PoderoResponseError
from custom_components.podero.history import HistoryStore
from custom_components.podero.history.importer import History
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from tests.common import pass_time

from .past import BEGIN, END, HOUR, imported, until
from .scripted import DEVICE, ScriptedSource, make_importer

pytestmark = pytest.mark.usefixtures("vienna", "now")


def failures(count: int) -> list[Exception]:
    """Return what goes wrong so many times."""
    return [PoderoResponseError("GET /x", "server error", status=503)] * count


async def test_a_long_outage(
    hass: HomeAssistant, now: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """However often it failed, it is tried hourly, logged twice, and nothing overflows."""
    caplog.set_level(logging.INFO)
    source = ScriptedSource()
    source.errors = failures(1200)
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    for _ in range(60):
        before = len(source.asked)
        await pass_time(hass, now, timedelta(hours=1))
        assert len(source.asked) == before + 1
        assert importer.data.percent is None
        assert importer.data.last_error == "bad_response (503)"
    source.errors.clear()
    await pass_time(hass, now, timedelta(hours=1))
    assert importer.data.last_error is None
    ours = [each for each in caplog.messages if "the history of a roof" in each]
    assert ours == [
        "Lost the history of a roof: GET /x: server error",
        "Importing the history of a roof again",
    ]
    await importer.async_stop()


async def test_all_come_back_one_by_one(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Devices that were told to pause until the same second are spread over a minute."""
    importers = []
    sources = []
    for number in range(20):
        source = ScriptedSource()
        source.errors = [
            PoderoRateLimitedError("GET /x", "too much", status=429, retry_after=300)
        ]
        importer = make_importer(
            hass, source, store=HistoryStore(hass, f"each{number}")
        )
        importer.async_start()
        importers.append(importer)
        sources.append(source)
    await imported(hass)
    back = []
    for seconds in (299, *[1] * 62):
        await pass_time(hass, now, seconds)
        back.append(sum(len(source.asked) > 1 for source in sources))
    assert back[0] == 0
    assert 0 < back[len(back) // 2] < 20
    assert back[-1] == 20
    for importer in importers:
        await importer.async_stop()


async def test_an_unexpected_error(
    hass: HomeAssistant, now: FrozenDateTimeFactory, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistake of ours is told with its traceback, and does not end the imports."""
    source = ScriptedSource()
    source.errors = [ValueError("junk")]
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    assert importer.data.last_error == "unknown"
    [record] = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert record.exc_info is not None
    await pass_time(hass, now, timedelta(minutes=5))
    assert importer.data.last_error is None
    assert importer.data.imported_until == END
    await importer.async_stop()


class WaitingSource(ScriptedSource):
    """A device that answers when it may."""

    def __init__(self) -> None:
        """Begin by waiting."""
        super().__init__()
        self.may_answer = asyncio.Event()

    async def async_hours(self, start, end, *, since=None):
        """Return the hours of a span, once that is allowed."""
        hours = await super().async_hours(start, end, since=since)
        await self.may_answer.wait()
        return hours


async def test_by_hand_goes_before_hourly(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """Who asks waits for the import that runs, but not for an hourly one that waits too."""
    source = WaitingSource()
    source.may_answer.set()
    importer = make_importer(hass, source)
    importer.async_start()
    await imported(hass)
    source.may_answer.clear()
    source.asked.clear()
    days = [(BEGIN - timedelta(days=day), BEGIN) for day in (1, 2)]
    first = hass.async_create_task(importer.async_import(*days[0]))
    await until(lambda: bool(source.asked))
    now.tick(HOUR)
    hourly = hass.async_create_task(importer.async_request_import())
    second = hass.async_create_task(importer.async_import(*days[1]))
    joined = hass.async_create_task(importer.async_request_import())
    # The caller goes away; its import is another's, too.
    joined.cancel()
    source.may_answer.set()
    await asyncio.gather(first, second, hourly)
    assert source.asked[:2] == days
    assert len(source.asked) >= 3
    assert importer.data.imported_until == END + timedelta(hours=1)
    await importer.async_stop()


async def test_nothing_after_the_end(
    hass: HomeAssistant, now: FrozenDateTimeFactory
) -> None:
    """A stopped importer has no timers, tells nobody anything, and says so to whoever asks."""
    source = WaitingSource()
    importer = make_importer(hass, source)
    seen: list[History] = []
    remove = importer.async_add_listener(lambda: seen.append(importer.data))
    importer.async_start()
    await importer.async_stop()
    seen.clear()
    source.may_answer.set()
    source.asked.clear()
    await importer.async_request_import()
    with pytest.raises(HomeAssistantError) as caught:
        await importer.async_import(BEGIN, END)
    assert caught.value.translation_key == "service_config_entry_not_loaded"
    await pass_time(hass, now, timedelta(days=2))
    assert not source.asked
    assert not seen
    remove()
    # Stopping twice is no harm, nor is stopping what never began.
    await importer.async_stop()
    await make_importer(hass, source).async_stop()


async def test_listeners(hass: HomeAssistant) -> None:
    """They hear of what is new while an import runs, until they have heard enough."""
    source = ScriptedSource()
    importer = make_importer(hass, source)
    percents: list[int | None] = []
    remove = importer.async_add_listener(lambda: percents.append(importer.data.percent))
    importer.async_start()
    await imported(hass)
    assert percents[0] is None
    assert {0, 100} <= {*percents}
    assert percents[-1] is None
    remove()
    remove()
    heard = len(percents)
    source.kwh = 2.0
    await importer.async_import(BEGIN, END)
    assert len(percents) == heard
    await importer.async_stop()


@pytest.mark.parametrize(
    ("start", "until", "target", "percent"),
    [
        (0, 5, 10, 50),
        (0, 10, 10, 100),
        (0, 20, 10, 100),
        (10, 10, 10, 100),
        (0, 5, None, None),
        (None, None, 10, None),
    ],
)
def test_percent(
    start: int | None, until: int | None, target: int | None, percent: int | None
) -> None:
    """A part of the whole, while there is one."""

    def at(hours: int | None):
        return None if hours is None else END + timedelta(hours=hours)

    history = History(start=at(start), imported_until=at(until), target=at(target))
    assert history.percent == percent


async def test_shown_beside_an_import(hass: HomeAssistant) -> None:
    """That the Energy dashboard was offered it is not lost while an import runs."""
    source = WaitingSource()
    completed: list[bool] = []
    store = HistoryStore(hass, "scripted")
    importer = make_importer(
        hass, source, store=store, on_complete=lambda: completed.append(True)
    )
    # Nothing is known yet.
    await importer.async_shown()
    assert not importer.is_shown
    assert not importer.is_complete
    source.may_answer.set()
    importer.async_start()
    await imported(hass)
    assert completed == [True]
    source.may_answer.clear()
    source.asked.clear()
    running = hass.async_create_task(importer.async_import(BEGIN, END))
    await until(lambda: bool(source.asked))
    await importer.async_shown()
    source.may_answer.set()
    await running
    await importer.async_request_import()
    assert importer.is_shown
    assert completed == [True]
    await importer.async_stop()
    again = HistoryStore(hass, "scripted")
    await again.async_load()
    progress = again.get(DEVICE)
    assert progress is not None
    assert progress.shown
