"""Home Assistant with a recorder, in Vienna."""

import logging
from typing import Any

import pytest

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    """Leave out what would be millions of lines."""
    for name in ("sqlalchemy.engine", "homeassistant", "custom_components"):
        caplog.set_level(logging.WARNING, name)


@pytest.fixture
async def home(
    quiet: None,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entity_registry_enabled_by_default: None,
) -> None:
    """Run Home Assistant with a recorder and all entities."""
    await hass.config.async_set_time_zone("Europe/Vienna")
