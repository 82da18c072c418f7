"""What steering was worth."""

from datetime import UTC, date, datetime
import logging
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from custom_components.podero.api import Savings, SavingsPeriod


def test_savings() -> None:
    """Periods with totals; those without a start go."""
    assert Savings.parse(
        {
            "metadata": {"units": {"savings": "EUR"}, "error": None},
            "data": [
                {
                    "resolution": "1MONTH",
                    "period": {
                        "start_period": "2026-11-01T00:00:00+01:00",
                        "end_period": "2026-12-01T00:00:00+01:00",
                    },
                    "savings": {"total": "-1.5", "percentage": 12},
                    "consumption": {"total": 250000},
                    "inverter": {"solar_production_wh": 7},
                },
                {"period": {"start_period": "2026-12-01"}, "savings": None},
                {"period": {"start_period": None}, "savings": {"total": 1}},
                {"period": {"start_period": "soon"}, "savings": {"total": 1}},
                {"savings": {"total": 1}},
                "period",
            ],
        }
    ) == Savings(
        unit="EUR",
        periods=(
            SavingsPeriod(
                start=datetime(2026, 10, 31, 23, tzinfo=UTC),
                end=datetime(2026, 11, 30, 23, tzinfo=UTC),
                total=-1.5,
                percentage=12.0,
                consumption=250000.0,
            ),
            SavingsPeriod(start=date(2026, 12, 1)),
        ),
    )


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"savings": "EUR", "consumption": "Wh"}, "EUR"),
        ({"savings": {"total": "SEK", "percentage": "%"}}, "SEK"),
        ({"savings.total": "GBP"}, "GBP"),
        ({"consumption": "KWH", "Currency": "HUF"}, "HUF"),
        ({"a": "RON", "total": "CHF"}, "CHF"),
        ({"a": {"b": {"c": "EUR"}}}, "EUR"),
        ({"a": {"b": {"c": {"d": "EUR"}}}}, None),
        ({"energy": "KWH", "whatever": "EUR"}, "EUR"),
        ({"savings": "ct"}, "ct"),
        ({"savings": "€", "whatever": "EUR"}, "EUR"),
        ({"savings": "KWH"}, "KWH"),
        ({"savings": {"percentage": "%"}}, None),
        ({"consumption": {"total": "Wh"}, "savings": {"total": "EUR"}}, "EUR"),
        ({"consumption": {"total": "Wh"}, "savings": {"total": "ct"}}, "ct"),
        ("EUR", "EUR"),
        ("Wh", None),
        ({"savings": None}, None),
        ([], None),
        (None, None),
    ],
)
def test_units(units: Any, expected: str | None) -> None:
    """A currency's code wherever it stands, best under a key that is about money."""
    savings = Savings.parse({"metadata": {"units": units}, "data": []})
    assert savings == Savings(unit=expected)


@pytest.mark.parametrize("body", [{"data": None}, {"data": []}, {}])
def test_reason_for_none(
    caplog: pytest.LogCaptureFixture, body: dict[str, Any]
) -> None:
    """Podero says why there are none with a good status; that is told to those who debug."""
    caplog.set_level(logging.DEBUG)
    assert Savings.parse({"metadata": {"error": "no\ndata"}, **body}) == Savings()
    assert [(each.levelno, each.getMessage()) for each in caplog.records] == [
        (logging.DEBUG, "Podero has no savings: no data")
    ]


def test_what_is_no_savings() -> None:
    """Neither periods nor the reason why not."""
    for body in (None, {}, {"detail": "no"}, {"metadata": None}, 7):
        assert Savings.parse(body) is None
    assert Savings.parse([]) == Savings()


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        ("2026-03-29", "Europe/Vienna", date(2026, 3, 29)),
        ("2026-03-29T00:00:00", "America/New_York", date(2026, 3, 29)),
        ("2026-03-28T23:00:00Z", "Europe/Vienna", date(2026, 3, 29)),
        ("2026-03-29T00:00:00Z", "Europe/Vienna", date(2026, 3, 29)),
        ("2026-10-24T22:00:00Z", "Europe/Vienna", date(2026, 10, 25)),
        ("2026-10-25T00:00:00Z", "America/New_York", date(2026, 10, 25)),
    ],
)
def test_first_day(start: str, zone: str, expected: date) -> None:
    """A period of local days and one of UTC days begin with the same day, also when the clocks change."""
    period = SavingsPeriod.parse({"period": {"start_period": start}})
    assert period is not None
    assert period.first_day(ZoneInfo(zone)) == expected
