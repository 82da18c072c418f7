"""Lives in which everything goes wrong, and after which every hour is as it truly was."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
import random

from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator import Simulator
from tests.common import make_entry
from tests.history.past import hang_up

from .audit import Audit, LogBook
from .clock import Clocks
from .conftest import LIFE
from .events import EVENTS
from .house import House
from .life import HOUR, Life

pytestmark = pytest.mark.chaos

# The nights in which the clocks change.
CHANGES = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))
HISTORY_DAYS = 5
# A life that is as long as this is lived half in spring and half, in a new home, in
# autumn, so that it goes through both changes.
LONG = 30
# After a refused sign-in the token endpoint is left alone for so long.
LONGEST_WAIT = timedelta(hours=7)
PRICES = {
    "import_price": "podero",
    "surcharge": 0.11,
    "tax": 20.0,
    "export_price": "fixed",
    "export_fixed": 0.07,
}


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Leave the timers of Home Assistants that lost their power."""
    return True


@pytest.fixture
def log_book(caplog: pytest.LogCaptureFixture) -> Iterator[LogBook]:
    """Read the log, of which nothing below a warning is written."""
    book = LogBook()
    root = logging.getLogger()
    for name in ("homeassistant", "custom_components", "sqlalchemy.engine", "asyncio"):
        caplog.set_level(logging.WARNING, name)
    root.addHandler(book)
    yield book
    root.removeHandler(book)


@pytest.fixture
async def simulator(
    freezer: FrozenDateTimeFactory, seed: int, changes: list[datetime], part: timedelta
) -> AsyncGenerator[Simulator]:
    """Run a cloud from before the first night in which the clocks change."""
    # Which asks more of Python than all of Home Assistant does.
    asyncio.get_running_loop().set_debug(False)
    freezer.move_to(changes[0] - part / 2)
    simulator = Simulator(seed=seed, households=3, days=HISTORY_DAYS + 35)
    await simulator.start()
    yield simulator
    await hang_up(simulator)
    await simulator.stop()


@pytest.fixture
def changes(seed: int, days: int) -> list[datetime]:
    """Return the nights in which the clocks change that a life goes through."""
    return [*CHANGES] if days >= LONG else [CHANGES[seed % 2]]


@pytest.fixture
def part(days: int, changes: list[datetime]) -> timedelta:
    """Return how long a life goes on around each of them."""
    return timedelta(days=days) / len(changes)


async def test_life(
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    log_book: LogBook,
    simulator: Simulator,
    seed: int,
    changes: list[datetime],
    part: timedelta,
) -> None:
    """Nothing is lost, no error is logged, and all comes back by itself."""
    chance = random.Random(seed)
    clocks = Clocks(freezer, monkeypatch)
    simulator.conventions.update(
        savings_zone="home",
        chatty_errors=True,
        series_grid=chance.choice(("signed", "export_only")),
        sessions_by=chance.choice(("plug_in", "end")),
        sessions_order=chance.choice(("oldest", "newest", "shuffled")),
    )
    audit = Audit(simulator, PRICES)
    for change in changes:
        clocks.tick(change - part / 2 - clocks.now)
        begin = clocks.now.replace(minute=0, second=0, microsecond=0)
        begin -= timedelta(days=HISTORY_DAYS)
        folder = tmp_path / f"{change:%B}"
        folder.mkdir()
        entry = make_entry(simulator, 0, 1, 2, history_days=HISTORY_DAYS, prices=PRICES)
        house = House(folder, simulator, clocks, entry, chance)
        life = Life(house, simulator, clocks, chance, begin=begin)
        back_after: timedelta | None = None
        try:
            await house.start()
            await life.live(part, EVENTS)
            await life.make_good()
            healed = clocks.now
            while missing := life.missing():
                await house.pass_time(timedelta(minutes=5))
                assert clocks.now - healed < LONGEST_WAIT, missing
            back_after = clocks.now - healed
            while clocks.now < healed + LONGEST_WAIT + timedelta(days=1):
                await house.pass_time(HOUR / 2)
            assert not life.missing()
            assert not life.open_sign_ins()
            recorded = await house.statistics()
            for device in life.devices:
                until = life.imported_until(device)
                audit.compare(device, recorded, life.begin_of(device), until)
            leftovers = await life.unload()
        finally:
            if house.hass is not None:
                await house.stop()
            record_property(
                LIFE,
                f"seed {seed}: {part.days} days, {house.starts} starts,"
                f" {simulator.requests.total} requests so far, "
                f"{life.counts['mishaps'] + life.counts['struck']} gone wrong, "
                f"{audit.hours} hours compared so far, {len(life.sign_ins)} asked to"
                f" sign in, all back after {back_after}: "
                f"{dict(sorted(life.counts.items()))}",
            )
        assert life.most_sign_ins <= 1
        assert not leftovers
    assert not log_book.errors, "\n".join(log_book.errors[:5])
    assert not audit.findings, "\n".join(audit.findings)
    assert audit.hours > 1000
