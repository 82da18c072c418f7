"""Charging sessions of a vehicle."""

from datetime import UTC, datetime

from custom_components.podero.api import Session

from .conftest import DEVICE


def test_session() -> None:
    """Quantities within what they can be."""
    assert Session.parse(
        {
            "id": DEVICE.upper(),
            "plug_in_time": "2026-11-01T18:00:00Z",
            "unplug_time": "9999-12-31T23:59:59Z",
            "energy_charged_kwh": 1e308,
            "avg_charge_power_kw": "7.2",
            "actual_cost_eur": -1e10,
            "target_soc_pct": 80,
            "session_outcome": "not_at_home",
        }
    ) == Session(
        id=DEVICE,
        plug_in_time=datetime(2026, 11, 1, 18, tzinfo=UTC),
        avg_charge_power_kw=7.2,
        target_soc_pct=80.0,
        session_outcome="not_at_home",
    )


def test_ids_of_sessions_need_not_be_uuids() -> None:
    """They only tell sessions apart; what is no short text has none."""
    assert [
        session and session.id
        for session in map(
            Session.parse, [{"id": 7}, {"id": "a\nb"}, {"id": ""}, {"id": []}, {}]
        )
    ] == ["7", "a b", None, None, None]
