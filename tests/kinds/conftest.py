"""What the tests of the kinds use: the devices of the first household."""

import pytest

from simulator import Simulator


@pytest.fixture
def heat_pump(simulator: Simulator) -> str:
    """Return the id of the first household's heat pump."""
    return simulator.households[0].heat_pumps[0].id


@pytest.fixture
def wallbox(simulator: Simulator) -> str:
    """Return the id of the first household's wallbox."""
    return simulator.households[0].wallboxes[0].id


@pytest.fixture
def household(simulator: Simulator) -> str:
    """Return the id of the first household's own device: its user's."""
    return simulator.households[0].user_id
