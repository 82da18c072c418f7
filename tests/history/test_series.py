"""Series to hours: whatever the points look like, the energy is right."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import Series, SeriesPoint
from custom_components.podero.history.costs import Prices
from custom_components.podero.history.hours import Hours
from custom_components.podero.history.series import has_values, series_hours
from homeassistant.util import dt as dt_util

from .past import ENERGIES, LEVELS

# The night in which the clocks go back in Europe lies in the middle.
START = datetime(2026, 10, 24, 12, tzinfo=UTC)
QUARTERS = 160
END = START + timedelta(hours=QUARTERS // 4)

huge = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))
watts = st.one_of(st.none(), st.integers(-12_000, 12_000), st.floats(-9e3, 9e3))


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


@st.composite
def points(draw: st.DrawFn) -> list[SeriesPoint]:
    """Draw quarters of an hour, some of them missing or without some values."""
    return [
        SeriesPoint(
            time=START + timedelta(minutes=15 * quarter),
            price=draw(st.one_of(st.none(), st.floats(-500, 500))),
            solar_production_w=draw(st.one_of(st.none(), st.integers(0, 12_000))),
            export_power_to_grid_w=draw(watts),
            household_consumption_w=draw(st.one_of(st.none(), st.integers(0, 9_000))),
            battery_charge_level_percent=draw(
                st.one_of(st.none(), st.integers(0, 100))
            ),
            battery_charge_discharge_power_w=draw(watts),
        )
        for quarter in draw(st.sets(st.integers(0, QUARTERS - 1), max_size=24))
    ]


def hours_of(
    found: list[SeriesPoint],
    start: datetime = START,
    end: datetime = END,
    *,
    has_battery: bool = True,
    unit: str | None = None,
) -> Hours:
    """Return the hours of some points."""
    series = Series(price_unit=unit, points=tuple(found))
    return series_hours(
        series, start, end, has_battery=has_battery, prices=Prices(), currency="EUR"
    )


def point(quarter: int = 0, **values: float) -> SeriesPoint:
    """Return one quarter of an hour."""
    return SeriesPoint(time=START + timedelta(minutes=15 * quarter), **values)


def kwh(hours: Hours, kind: str) -> float:
    """Return what a kind comes to."""
    return math.fsum(hours.sums.get(kind, {}).values())


@given(points())
def test_energy_in_is_energy_out(found: list[SeriesPoint]) -> None:
    """No watt is lost, whichever quarters are there."""
    hours = hours_of(found)
    for kind, read in {
        "solar_energy": lambda each: each.solar_production_w,
        "home_energy": lambda each: each.household_consumption_w,
        "grid_export_energy": lambda each: each.export_power_to_grid_w,
        "battery_discharge_energy": lambda each: each.battery_charge_discharge_power_w,
        "battery_charge_energy": lambda each: (
            -(each.battery_charge_discharge_power_w or 0)
        ),
    }.items():
        expected = math.fsum(max(0, read(each) or 0) / 4000 for each in found)
        assert kwh(hours, kind) == pytest.approx(expected, rel=1e-12)
    levels = defaultdict(list)
    for each in found:
        if (level := each.battery_charge_level_percent) is not None:
            levels[each.time.replace(minute=0).timestamp()].append(level)
    assert {
        hour: (mean.min, mean.max, pytest.approx(mean.mean))
        for hour, mean in hours.means.get("battery_level", {}).items()
    } == {
        hour: (min(found), max(found), sum(found) / len(found))
        for hour, found in levels.items()
    }


@given(points(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(
    found: list[SeriesPoint], dice: Any
) -> None:
    """The same points in any order, some of them twice, are the same hours."""
    again = found + dice.choices(found, k=5) if found else []
    dice.shuffle(again)
    assert hours_of(again) == hours_of(found)


@given(points(), st.lists(st.integers(1, QUARTERS // 4 - 1), max_size=4), st.booleans())
def test_cutting_anywhere(
    found: list[SeriesPoint], cuts: list[int], has_battery: bool
) -> None:
    """In pieces or at once, it is the same hours."""
    whole = hours_of(found, has_battery=has_battery)
    moments = [START, *(START + timedelta(hours=cut) for cut in sorted(cuts)), END]
    sums: dict[str, dict[int, float]] = defaultdict(dict)
    means: dict[str, dict[int, Any]] = defaultdict(dict)
    for start, end in pairwise(moments):
        # Podero may also send more than was asked for.
        piece = hours_of(found, start, end, has_battery=has_battery)
        for kind, rows in piece.sums.items():
            assert not sums[kind].keys() & rows.keys()
            sums[kind] |= rows
        for kind, levels in piece.means.items():
            means[kind] |= levels
    assert sums == whole.sums
    assert means == whole.means


@given(points())
def test_gaps_stay_gaps(found: list[SeriesPoint]) -> None:
    """An hour has a row if, and only if, one of its quarters has a value."""
    hours = hours_of(found)
    assert hours.sums.get("solar_energy", {}).keys() == {
        each.time.replace(minute=0).timestamp()
        for each in found
        if each.solar_production_w is not None
    }
    assert hours.means.get("price", {}).keys() == {
        each.time.replace(minute=0).timestamp()
        for each in found
        if each.price is not None
    }
    assert hours.found <= {each.time.replace(minute=0).timestamp() for each in found}
    assert hours.sums.keys() | hours.means.keys() <= {*ENERGIES, *LEVELS}


@given(
    st.lists(
        st.tuples(st.integers(0, 9000), st.integers(0, 9000), st.integers(-5000, 5000)),
        min_size=1,
        max_size=QUARTERS,
    )
)
def test_export_only_agrees_with_signed(
    flows: list[tuple[int, int, int]],
) -> None:
    """A series that cannot go negative gives the same import, by the balance of the house."""
    signed, cut = [], []
    for quarter, (solar, home, battery) in enumerate(flows):
        values = {
            "solar_production_w": solar,
            "household_consumption_w": home,
            "battery_charge_discharge_power_w": battery,
            "battery_charge_level_percent": 50,
        }
        grid = solar - home + battery
        signed.append(point(quarter, export_power_to_grid_w=grid, **values))
        cut.append(point(quarter, export_power_to_grid_w=max(0, grid), **values))
    assert hours_of(cut) == hours_of(signed)
    assert kwh(hours_of(signed), "grid_import_energy") == pytest.approx(
        sum(max(0, home - solar - battery) for solar, home, battery in flows) / 4000
    )


@pytest.mark.parametrize(
    ("export", "neighbour", "home", "solar", "battery", "level", "imported"),
    [
        pytest.param(-400, 0, 500, 0, 0, 50, 0.1, id="signed"),
        pytest.param(400, 0, 500, 0, 0, 50, 0.0, id="exporting"),
        pytest.param(0, 5, 1000, 200, 0, 50, 0.2, id="balance"),
        pytest.param(0, -40, 1000, 200, 0, 50, 0.01, id="signed-hour"),
        pytest.param(0, 5, 1000, 0, -400, 50, 0.35, id="charging"),
        pytest.param(0, 5, 1000, 0, 1400, 50, 0.0, id="discharging"),
        pytest.param(0, 5, 1000, 200, None, None, 0.2, id="no-battery"),
        pytest.param(0, 5, 1000, 200, None, 0, 0.2, id="level-0"),
    ],
)
def test_import_by_export_or_balance(
    export: float,
    neighbour: float,
    home: float,
    solar: float,
    battery: float | None,
    level: float | None,
    imported: float,
) -> None:
    """What is drawn from the grid is what the export says, or else the balance."""
    quarters = [
        SeriesPoint(
            time=START,
            export_power_to_grid_w=export,
            household_consumption_w=home,
            solar_production_w=solar,
            battery_charge_discharge_power_w=battery,
            battery_charge_level_percent=level,
        ),
        point(1, export_power_to_grid_w=neighbour),
    ]
    assert kwh(hours_of(quarters), "grid_import_energy") == pytest.approx(imported)


def test_import_is_not_invented() -> None:
    """Without the whole balance nothing is known of the import."""
    flows = {"export_power_to_grid_w": 0.0, "household_consumption_w": 800.0}
    assert "grid_import_energy" not in hours_of([point(**flows)]).sums
    flows["solar_production_w"] = 200.0
    # A house without a battery says nothing of one.
    assert kwh(hours_of([point(**flows)]), "grid_import_energy") == 0.15
    flows["battery_charge_level_percent"] = 40.0
    assert "grid_import_energy" not in hours_of([point(**flows)]).sums
    assert hours_of([point(solar_production_w=1.0)]).sums.keys() == {"solar_energy"}


def test_noise_in_a_signed_series() -> None:
    """Where a neighbour is negative the series is signed, and zero is zero."""
    found = [
        point(
            quarter,
            export_power_to_grid_w=grid,
            household_consumption_w=510.0,
            solar_production_w=500.0,
            battery_charge_discharge_power_w=0.0,
        )
        for quarter, grid in enumerate((0.0, -400.0, 0.0, 0.0))
    ]
    assert kwh(hours_of(found), "grid_import_energy") == 0.1


def test_beyond_a_float() -> None:
    """Hours whose sum no float can hold are left out, and the others stay."""
    found = [point(quarter, solar_production_w=1.7e308) for quarter in range(4)]
    found += [point(4, solar_production_w=4000.0), point(quarter=0, price=1.7e308)]
    found += [point(1, price=1.7e308), point(5, price=-0.0)]
    hours = hours_of(found)
    assert [*hours.sums["solar_energy"].values()] == [1.0]
    assert [str(each.mean) for each in hours.means["price"].values()] == ["0.0"]


@given(
    st.lists(
        st.builds(
            SeriesPoint,
            time=st.integers(0, QUARTERS * 3).map(
                lambda step: START + timedelta(minutes=5 * step)
            ),
            price=huge,
            solar_production_w=huge,
            export_power_to_grid_w=huge,
            household_consumption_w=huge,
            battery_charge_level_percent=huge,
            battery_charge_discharge_power_w=huge,
        ),
        max_size=12,
    )
)
def test_any_finite_number(found: list[SeriesPoint]) -> None:
    """Nothing raises, and all that comes out is finite and not -0.0."""
    series = Series(points=tuple(found))
    prices = Prices(import_price="podero", export_price="podero", tax=20.0)
    hours = series_hours(
        series, START, END, has_battery=True, prices=prices, currency="EUR"
    )
    values = [value for rows in hours.sums.values() for value in rows.values()]
    for rows in hours.means.values():
        for row in rows.values():
            values += [row.mean, row.min, row.max]
    assert all(math.isfinite(value) and str(value) != "-0.0" for value in values)


def test_without_a_battery() -> None:
    """Nothing but zeros from a battery that is not there is no statistics, hour by hour."""
    nothing = {
        "battery_charge_level_percent": 0.0,
        "battery_charge_discharge_power_w": 0.0,
    }
    found = [point(0, **nothing), point(4, **nothing)]
    assert hours_of(found, has_battery=False).found == set()
    assert len(hours_of(found).sums["battery_charge_energy"]) == 2
    charging = point(4, battery_charge_discharge_power_w=-4000.0)
    hours = hours_of([found[0], charging], has_battery=False)
    assert [*hours.sums["battery_charge_energy"].values()] == [1.0]


def test_points_between_quarters() -> None:
    """Finer points are means of their quarter, and seconds do not make a quarter of their own."""
    found = [
        SeriesPoint(
            time=START + timedelta(minutes=5 * step), solar_production_w=900 + step
        )
        for step in range(3)
    ]
    assert kwh(hours_of(found), "solar_energy") == pytest.approx(901 / 4000)
    late = SeriesPoint(time=START + timedelta(seconds=7), solar_production_w=400)
    assert kwh(hours_of([late]), "solar_energy") == 0.1


def test_day_of_twenty_five_hours() -> None:
    """When the clocks go back the day has an hour more, and both hours called two count."""
    zone = dt_util.get_time_zone("Europe/Vienna")
    begin = datetime(2026, 10, 25, tzinfo=zone)
    finish = datetime(2026, 10, 26, tzinfo=zone)
    found = [
        SeriesPoint(
            time=begin.astimezone(UTC) + timedelta(minutes=15 * quarter),
            household_consumption_w=1000.0,
        )
        for quarter in range(100)
    ]
    hours = hours_of(found, begin.astimezone(UTC), finish.astimezone(UTC))
    assert [*hours.sums["home_energy"].values()] == [1.0] * 25


@pytest.mark.parametrize("unit", [None, "ct/kWh"])
def test_price_unit(unit: str | None) -> None:
    """Prices come with the unit that the answer names."""
    hours = hours_of([point(price=1.0)], unit=unit)
    assert hours.units == ({"price": unit} if unit else {})


def test_has_values() -> None:
    """Times alone say nothing."""
    assert not has_values(Series())
    assert not has_values(Series(points=(point(),)))
    assert has_values(Series(points=(point(price=0.0),)))
