"""Series and sessions as hours: what goes in comes out, however it is ordered or cut."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.podero.api import Series, SeriesPoint, Session
from custom_components.podero.history.charging import charging_hours, charging_time
from custom_components.podero.history.hours import Hours, Mean, SumRow, rebase
from custom_components.podero.history.series import price_unit, series_hours

START = datetime(2026, 3, 28, 20, tzinfo=UTC)
HOURS = 12
END = START + timedelta(hours=HOURS)
QUARTER = timedelta(minutes=15)

powers = st.none() | st.integers(-8000, 8000)
loads = st.none() | st.integers(0, 8000)


@st.composite
def points(draw: st.DrawFn) -> list[SeriesPoint]:
    """Draw a series with gaps, from a little before to a little after the span."""
    numbers = draw(st.sets(st.integers(-6, 4 * HOURS + 6)))
    return [
        SeriesPoint(
            time=START + number * QUARTER,
            price=draw(powers),
            solar_production_w=draw(loads),
            export_power_to_grid_w=draw(powers),
            household_consumption_w=draw(loads),
            battery_charge_level_percent=draw(st.none() | st.integers(0, 100)),
            battery_charge_discharge_power_w=draw(powers),
        )
        for number in sorted(numbers)
    ]


@st.composite
def charging(draw: st.DrawFn) -> list[Session]:
    """Draw sessions that lie anywhere in and around the span."""

    def moment() -> datetime | None:
        minutes = draw(st.none() | st.integers(-600, 60 * HOURS + 600))
        return None if minutes is None else START + timedelta(minutes=minutes)

    return [
        Session(
            id=str(number),
            plug_in_time=moment(),
            unplug_time=moment(),
            inferred_session_end=moment(),
            desired_charging_start_time=moment(),
            desired_charging_end_time=moment(),
            energy_charged_kwh=draw(st.none() | st.integers(0, 80)),
            actual_cost_eur=draw(st.none() | st.integers(-5, 30)),
            expected_savings_eur=draw(st.none() | st.integers(0, 9)),
            actual_savings_eur=draw(st.none() | st.integers(0, 9)),
        )
        for number in range(draw(st.integers(0, 5)))
    ]


def hours_of(found: Sequence[SeriesPoint], start: datetime, end: datetime) -> Hours:
    """Return the hours of a series in a span."""
    return series_hours(
        Series(metadata={}, points=tuple(found)), start, end, has_battery=True
    )


def energy(values: list[float]) -> float:
    """Return the kWh of some quarters' watts."""
    return math.fsum(values) / 4000


@given(points())
def test_energy_in_is_energy_out(found: list[SeriesPoint]) -> None:
    """Every quarter in the span counts once, with its sign."""
    hours = hours_of(found, START, END)
    inside = [point for point in found if START <= point.time < END]
    battery = [point.battery_charge_discharge_power_w for point in inside]
    for kind, watts in {
        "solar_energy": [point.solar_production_w for point in inside],
        "home_energy": [point.household_consumption_w for point in inside],
        "grid_export_energy": [point.export_power_to_grid_w for point in inside],
        "battery_discharge_energy": battery,
        "battery_charge_energy": [None if w is None else -w for w in battery],
    }.items():
        counted = [max(each, 0) for each in watts if each is not None]
        total = math.fsum(hours.sums.get(kind, {}).values())
        assert total == pytest.approx(energy(counted), abs=1e-9), kind
    imported = math.fsum(hours.sums.get("grid_import_energy", {}).values())
    shown = [-(point.export_power_to_grid_w or 0) for point in inside]
    assert imported >= energy([max(each, 0) for each in shown]) - 1e-9
    levels = [point.battery_charge_level_percent for point in inside]
    known = [level for level in levels if level is not None]
    means = hours.means.get("battery_level", {}).values()
    assert min((each.min for each in means), default=None) == min(known, default=None)
    assert max((each.max for each in means), default=None) == max(known, default=None)


@given(points(), st.randoms(), st.integers(1, HOURS - 1))
def test_order_duplicates_and_cuts_do_not_matter(
    found: list[SeriesPoint], dice: st.randoms, cut: int
) -> None:
    """The same points give the same hours, in any order, doubled, or in two pieces."""
    whole = hours_of(found, START, END)
    mixed = [*found, *found[::2]]
    dice.shuffle(mixed)
    assert hours_of(mixed, START, END) == whole
    middle = START + timedelta(hours=cut)
    first, second = hours_of(mixed, START, middle), hours_of(found, middle, END)
    for kind, values in whole.sums.items():
        assert first.sums.get(kind, {}) | second.sums.get(kind, {}) == values
    for kind, means in whole.means.items():
        assert first.means.get(kind, {}) | second.means.get(kind, {}) == means


def test_gaps_stay_gaps() -> None:
    """An hour is the quarters that are there; without any it has no row."""
    at = [START, START + QUARTER, START + timedelta(hours=2)]
    found = [
        SeriesPoint(time=time, solar_production_w=4000, price=price)
        for time, price in zip(at, (10, 30, None), strict=True)
    ]
    hours = hours_of(found, START, END)
    first = int(START.timestamp())
    assert hours.sums == {"solar_energy": {first: 2.0, first + 7200: 1.0}}
    assert hours.means == {"price": {first: Mean(mean=20, min=10, max=30)}}
    assert hours.found == {first, first + 7200}


def test_several_points_in_a_quarter() -> None:
    """A finer series is averaged within its quarter."""
    found = [
        SeriesPoint(time=START + timedelta(minutes=minutes), solar_production_w=watts)
        for minutes, watts in ((0, 1000), (5, 2000), (10, 6000))
    ]
    assert hours_of(found, START, END).sums["solar_energy"] == {
        int(START.timestamp()): 0.75
    }


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
        pytest.param(0, 5, 1000, 200, None, 0, 0.2, id="level-nought"),
    ],
)
def test_import(
    export: float,
    neighbour: float,
    home: float,
    solar: float,
    battery: float | None,
    level: float | None,
    imported: float,
) -> None:
    """What is drawn from the grid, by the export or by the balance."""
    found = [
        SeriesPoint(
            time=START,
            export_power_to_grid_w=export,
            household_consumption_w=home,
            solar_production_w=solar,
            battery_charge_discharge_power_w=battery,
            battery_charge_level_percent=level,
        ),
        SeriesPoint(time=START + QUARTER, export_power_to_grid_w=neighbour),
    ]
    hours = hours_of(found, START, END)
    assert sum(hours.sums["grid_import_energy"].values()) == pytest.approx(imported)


def test_no_import_is_made_up() -> None:
    """Where the balance has a gap and nothing is exported, nothing is known."""
    found = [
        SeriesPoint(
            time=START,
            export_power_to_grid_w=0,
            household_consumption_w=1000,
            battery_charge_level_percent=40,
            solar_production_w=0,
        )
    ]
    assert "grid_import_energy" not in hours_of(found, START, END).sums


def test_zeros_of_no_battery() -> None:
    """An inverter without a battery has no statistics of one, whatever zeros it sends."""
    found = SeriesPoint(
        time=START,
        solar_production_w=1,
        battery_charge_level_percent=0,
        battery_charge_discharge_power_w=0,
    )
    series = Series(metadata={}, points=(found,))
    hours = series_hours(series, START, END, has_battery=False)
    assert hours.sums.keys() == {"solar_energy"}
    assert not hours.means
    with_battery = series_hours(series, START, END, has_battery=True)
    assert "battery_charge_energy" in with_battery.sums


@pytest.mark.parametrize(
    ("metadata", "unit"),
    [
        ({}, None),
        ({"units": {"price": "ct/kWh"}}, "ct/kWh"),
        ({"units": "?"}, None),
        ({"units": {"price": 5}}, None),
        ({"price_unit": " SEK/kWh "}, "SEK/kWh"),
    ],
)
def test_price_unit(metadata: dict[str, object], unit: str | None) -> None:
    """The unit of prices is taken from wherever the answer names it."""
    assert price_unit(Series(metadata=metadata, points=())) == unit


@settings(deadline=None)
@given(charging(), st.randoms(), st.integers(1, HOURS - 1))
def test_sessions(found: list[Session], dice: st.randoms, cut: int) -> None:
    """Sessions are conserved, in any order and however the span is cut."""
    whole = charging_hours(found, START, END)
    mixed = found * 2
    dice.shuffle(mixed)
    assert charging_hours(mixed, START, END) == whole
    middle = START + timedelta(hours=cut)
    pieces = [
        charging_hours(found, START, middle),
        charging_hours(found, middle, END),
    ]
    for kind, values in whole.sums.items():
        assert pieces[0].sums[kind] | pieces[1].sums[kind] == values
    ever = charging_hours(found, START - timedelta(days=9), END + timedelta(days=9))
    over = [session for session in found if charging_time(session) is not None]
    for kind, amounts in {
        "charging_energy": [session.energy_charged_kwh for session in over],
        "charging_cost": [session.actual_cost_eur for session in over],
    }.items():
        total = math.fsum(ever.sums[kind].values())
        expected = math.fsum(amount for amount in amounts if amount is not None)
        assert total == pytest.approx(expected, abs=1e-6), kind


def test_charging_time() -> None:
    """The desired window within plug-in and end, else all of it."""

    def at(hour: float) -> datetime:
        return START + timedelta(hours=hour)

    def span(**times: float) -> tuple[float, float] | None:
        session = Session(id="1", **{name: at(hour) for name, hour in times.items()})
        found = charging_time(session)
        begin = START.timestamp()
        return found and ((found[0] - begin) / 3600, (found[1] - begin) / 3600)

    assert span(plug_in_time=1) is None
    assert span(plug_in_time=1, unplug_time=5) == (1, 5)
    assert span(plug_in_time=1, inferred_session_end=4) == (1, 4)
    window = {"desired_charging_start_time": 2, "desired_charging_end_time": 9}
    assert span(plug_in_time=1, unplug_time=5, **window) == (2, 5)
    assert span(plug_in_time=3, unplug_time=5, **window) == (3, 5)
    assert span(plug_in_time=1, unplug_time=1.5, **window) == (1, 1.5)
    assert span(unplug_time=5) == (5, 5)
    zero = Session(id="1", unplug_time=at(5), energy_charged_kwh=7)
    hours = charging_hours([zero], START, END)
    assert hours.sums["charging_energy"] == {int(at(5).timestamp()): 7}


def test_rebase() -> None:
    """Sums run on; what an answer lacks stays, or comes to nothing if the answer is whole."""
    there = {0: SumRow(state=1, sum=11), 3600: SumRow(state=2, sum=13)}
    found = {0: 5.0}
    kept = rebase(10, there, found, is_whole=False)
    assert kept == {0: SumRow(state=5, sum=15), 3600: SumRow(state=2, sum=17)}
    gone = rebase(10, there, found, is_whole=True)
    assert gone == {0: SumRow(state=5, sum=15), 3600: SumRow(state=0, sum=15)}
