"""A recorder for every test of the history."""

import logging

import pytest

from homeassistant.components.recorder import Recorder


@pytest.fixture(autouse=True)
def _quiet_sql() -> None:
    """Spare a log line for each statement; the engine asks once, when it is made."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True)
def _recorder(_quiet_sql: None, recorder_mock: Recorder) -> None:
    """Run a recorder."""
