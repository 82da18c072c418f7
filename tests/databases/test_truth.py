"""What the recorder holds is what truly was, on every database that Home Assistant takes."""

from collections.abc import AsyncGenerator, Generator
from datetime import timedelta
from functools import partial
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.common import make_entry, pass_time
from tests.conftest import NOON
from tests.history.past import (
    assert_true,
    call,
    everything,
    hang_up,
    has_struck,
    imported,
    kinds_of,
    this_hour,
    until,
)

from .servers import SERVERS

pytestmark = pytest.mark.databases

HOUR = timedelta(hours=1, minutes=1)


@pytest.fixture(params=SERVERS)
def recorder_db_url(
    request: pytest.FixtureRequest, hass_fixture_setup: list[bool]
) -> Generator[str]:
    """Run a database and return its address."""
    assert not hass_fixture_setup
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
    with SERVERS[request.param]() as address:
        yield address


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with some weeks of past."""
    simulator = Simulator(seed=5, households=1, days=30)
    await simulator.start()
    yield simulator
    await hang_up(simulator)
    await simulator.stop()


async def test_three_weeks(
    request: pytest.FixtureRequest,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    simulator: Simulator,
    now: FrozenDateTimeFactory,
) -> None:
    """Sums stay true through a restart, an outage, corrections, an older start and a clearing."""
    dialect = {"sqlite": "sqlite", "postgresql": "postgresql", "mariadb": "mysql"}
    [wanted] = [
        value for key, value in dialect.items() if f"[{key}]" in request.node.name
    ]
    assert get_instance(hass).dialect_name == wanted
    await hass.config.async_set_time_zone("Europe/Vienna")
    family = simulator.households[0]
    [inverter], [car] = family.inverters, family.vehicles
    devices = (inverter, car)
    begin = NOON.replace(minute=0) - timedelta(days=10)
    simulator.distort(
        "preliminary", start=NOON - timedelta(days=1), until=NOON + timedelta(hours=2)
    )
    late = simulator.distort("late", seconds=5400)
    assert simulator.energy(car.id, begin, NOON)["charging_energy"]
    wrong = simulator.sessions(car.source)[-2]["id"]
    simulator.correct_session(wrong, energy_charged_kwh=1.25, actual_cost_eur=None)

    # The backfill is cut off, and goes on.
    simulator.conventions.update(max_span_days=3)
    entry = make_entry(simulator, history_days=10)
    entry.add_to_hass(hass)
    hanging = simulator.fail("/data$", after=6, delay=3600)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await until(partial(has_struck, hanging))
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.faults.remove(hanging)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await imported(hass)

    # Corrections and late data, then a day without Podero.
    simulator.corrections.clear()
    simulator.distortions.remove(late)
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, devices, begin, this_hour())
    outage = simulator.fail("/api/", status=503)
    await pass_time(hass, now, HOUR)
    now.tick(timedelta(days=1))
    simulator.faults.remove(outage)
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    end = this_hour()
    await assert_true(hass, simulator, devices, begin, end)

    # What is older comes last; the same again changes nothing; cleared, it comes back.
    begin = dt_util.start_of_local_day(end - timedelta(days=20))
    again = {"start_date": begin.date().isoformat()}
    for device in devices:
        await call(hass, entry, "import_history", device, **again)
    await assert_true(hass, simulator, devices, begin, end)
    for device in devices:
        before = await everything(hass, device)
        await call(hass, entry, "import_history", device, **again)
        assert await everything(hass, device) == before
        cleared = await call(hass, entry, "clear_history", device)
        assert len(cleared["statistics"]) == len(kinds_of(device))
        assert not any((await everything(hass, device)).values())
        await call(hass, entry, "import_history", device, **again)
    await assert_true(hass, simulator, devices, begin, end)
