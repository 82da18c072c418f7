"""What the recorder holds is what truly was, on every database that Home Assistant takes."""

from collections.abc import AsyncGenerator, Generator
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.history.truth import cloud_with_a_past, import_400_days, live_60_days

from .servers import SERVERS

pytestmark = [pytest.mark.databases, pytest.mark.usefixtures("vienna")]

DIALECTS = {"sqlite": "sqlite", "postgresql": "postgresql", "mariadb": "mysql"}


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
async def vienna(
    request: pytest.FixtureRequest,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
) -> None:
    """Run Home Assistant in Vienna, with the database that the test names, and storage."""
    [wanted] = [
        dialect for key, dialect in DIALECTS.items() if f"[{key}]" in request.node.name
    ]
    assert get_instance(hass).dialect_name == wanted
    await hass.config.async_set_time_zone("Europe/Vienna")


@pytest.fixture
async def simulator(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud with a long past."""
    async with cloud_with_a_past() as simulator:
        yield simulator


async def test_one_import_of_400_days(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Every kind agrees in every month."""
    await import_400_days(hass, simulator)


async def test_a_life_of_60_days(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Nothing that happens to a home makes a sum untrue."""
    await live_60_days(hass, simulator, now)
