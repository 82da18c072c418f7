"""An inverter's past."""

from datetime import UTC, datetime

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
    assert series.metadata == {"units": {"price": "EUR/MWh"}}
    assert series.points == (
        SeriesPoint(time=start.replace(minute=15), price=52.1),
        SeriesPoint(time=start, solar_production_w=10.0),
        SeriesPoint(time=start.replace(minute=15)),
    )
    assert Series.parse([]) == Series(metadata={}, points=())
    assert Series.parse({"metadata": None, "data": []}) == Series(
        metadata={}, points=()
    )
    assert Series.parse({"metadata": {}}) is None
