"""A recorder for every test of the history."""

import logging

import pytest

from homeassistant.components.recorder import Recorder


@pytest.fixture(autouse=True)
def _recorder(recorder_mock: Recorder) -> None:
    """Run a recorder, without a log line for each of its statements."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
