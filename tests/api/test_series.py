"""An inverter's past."""

from datetime import UTC, datetime
from typing import Any

import pytest

from custom_components.podero.api import Series, SeriesPoint


def test_series() -> None:
    """Points stay as they came, apart from those without a time."""
    quarter = "2026-11-01T00:15:00Z"
    series = Series.parse(
        {
            "metadata": {"units": {"price": "EUR/MWh"}},
            "data": [
                {"time": quarter, "price": "52.1", "solar_production_w": None},
                {"time": "2026-11-01T00:00:00+00:00", "solar_production_w": 10},
                {"time": quarter, "export_power_to_grid_w": 1e8},
                {"time": None, "price": 1},
                {"price": 1},
                "point",
            ],
        }
    )
    start = datetime(2026, 11, 1, tzinfo=UTC)
    assert series is not None
    assert series.price_unit == "EUR/MWh"
    assert series.points == (
        SeriesPoint(time=start.replace(minute=15), price=52.1),
        SeriesPoint(time=start, solar_production_w=10.0),
        SeriesPoint(time=start.replace(minute=15)),
    )
    assert Series.parse([]) == Series()
    assert Series.parse({"metadata": None, "data": []}) == Series()
    assert Series.parse({"metadata": {}}) is None


@pytest.mark.parametrize(
    ("metadata", "unit"),
    [
        ({}, None),
        ({"units": {"price": "ct/kWh"}}, "ct/kWh"),
        ({"units": {"price": " "}}, None),
        ({"units": "EUR"}, None),
        ({"price_unit": " EUR/kWh "}, "EUR/kWh"),
        ({"units": {"price": None}, "price": "SEK/MWh"}, "SEK/MWh"),
        ({"price": 12}, None),
        ({"price": "EUR\n\x1b[31m/MWh"}, "EUR [31m/MWh"),
        ({"price": "x" * 20_000}, None),
    ],
)
def test_price_unit(metadata: dict[str, Any], unit: str | None) -> None:
    """The unit of prices is taken from wherever the answer names one; a text that long is none."""
    assert Series.parse({"metadata": metadata, "data": []}) == Series(price_unit=unit)
