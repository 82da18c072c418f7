"""Solar charging at a wallbox."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.podero.api import (
    SolarCommand,
    SolarDecision,
    SolarSession,
    SolarSessionDetail,
)

ITEM = {
    "id": 7,
    "started_at": "2026-06-01T10:00:00Z",
    "energy_from_solar_kwh": "3.5",
    "savings_eur": 0.8,
    "has_complete_price_coverage": True,
    "commands_sent": 2,
}
DECISIONS = [
    {"time": "2026-06-01T10:00:00Z", "reason": "surplus", "export_w": 3000},
    "decision",
]
COMMANDS = [{"id": 1, "commanded_watts": 2000, "commanded_amps": 8.7}]

SESSION = SolarSession(
    id=7,
    started_at=datetime(2026, 6, 1, 10, tzinfo=UTC),
    energy_from_solar_kwh=3.5,
    savings_eur=0.8,
    has_complete_price_coverage=True,
    commands_sent=2,
)
DETAIL = SolarSessionDetail(
    session=SESSION,
    decisions=(
        SolarDecision(
            time=datetime(2026, 6, 1, 10, tzinfo=UTC), reason="surplus", export_w=3000.0
        ),
    ),
    commands=(SolarCommand(id=1, commanded_watts=2000.0, commanded_amps=8.7),),
)


@pytest.mark.parametrize(
    "body",
    [
        {"session": ITEM, "decisions": DECISIONS, "commands": COMMANDS},
        {"session": {"session": ITEM, "decisions": DECISIONS, "commands": COMMANDS}},
        {"session": {**ITEM, "decisions": DECISIONS, "commands": COMMANDS}},
        {**ITEM, "decisions": DECISIONS, "commands": COMMANDS},
    ],
)
def test_detail(body: Any) -> None:
    """The session with what was decided, however it is wrapped."""
    assert SolarSessionDetail.parse(body) == DETAIL


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {},
        {"session": None},
        {"session": "none"},
        {"session": {}},
        {"session": {"session": None, "decisions": []}},
        {"session": {**ITEM, "id": "seven"}},
        {"session": {**ITEM, "id": -7}},
    ],
)
def test_no_detail(body: Any) -> None:
    """No session, or none that can be told from others."""
    assert SolarSessionDetail.parse(body) is None


def test_sessions_without_decisions() -> None:
    """Where nothing was decided, nothing was."""
    assert SolarSessionDetail.parse(
        {"session": ITEM, "decisions": None, "commands": "none"}
    ) == SolarSessionDetail(session=SESSION)
