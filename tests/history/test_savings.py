"""What was saved: by the local day, and as totals of month and year."""

from datetime import UTC, date, datetime, timedelta, tzinfo
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import PriceZone, Savings, SavingsPeriod
from custom_components.podero.history.hours import Hours
from custom_components.podero.history.savings import (
    day_start,
    savings_currency,
    savings_hours,
    savings_reading,
)
from homeassistant.util import dt as dt_util

ZONES = (
    "Europe/Vienna",
    "UTC",
    "Asia/Kolkata",
    "America/New_York",
    "Europe/Lisbon",
    "Pacific/Auckland",
)
NOW = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)


def zone_of(name: str) -> tzinfo:
    """Return a time zone."""
    zone = dt_util.get_time_zone(name)
    assert zone is not None
    return zone


VIENNA = zone_of("Europe/Vienna")


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


@pytest.mark.parametrize(
    ("unit", "zone", "currency"),
    [
        ("EUR", None, "EUR"),
        (" sek ", PriceZone.AT, "SEK"),
        ("EUR", PriceZone.SE_1, "EUR"),
        (None, PriceZone.AT_HOURLY, "EUR"),
        ("", PriceZone.DE_LU, "EUR"),
        ("points", PriceZone.IT_SICI, "EUR"),
        ("XXX", PriceZone.PT, "EUR"),
        ("points", PriceZone.SE_1, None),
        (None, PriceZone.CH, None),
        (None, PriceZone.UK, None),
        (None, None, None),
    ],
)
def test_currency(
    unit: str | None, zone: PriceZone | None, currency: str | None
) -> None:
    """The currency is the one that Podero names, else the euro where it is paid with."""
    assert savings_currency(unit, zone) == currency


def period(start: datetime, total: float | None, **values: float) -> SavingsPeriod:
    """Return a period."""
    return SavingsPeriod(start=start, total=total, **values)


def days(
    *periods: SavingsPeriod,
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    end: datetime = datetime(2027, 1, 1, tzinfo=UTC),
    zone: tzinfo = VIENNA,
    unit: str | None = "EUR",
) -> Hours:
    """Return the hours of some days."""
    return savings_hours(
        Savings(unit=unit, periods=periods),
        start,
        end,
        zone=zone,
        price_zone=None,
    )


@given(
    st.sampled_from(ZONES),
    st.sampled_from((*ZONES[:3], *ZONES[4:5])),
    st.dates(date(2026, 1, 2), date(2026, 12, 1)),
    st.lists(
        st.floats(allow_nan=False, allow_infinity=False, width=32),
        min_size=1,
        max_size=20,
    ),
)
def test_every_day_has_one_row(
    home: str, cloud: str, first: date, totals: list[float]
) -> None:
    """Whatever zone Podero's days are of, each is one row, at the first hour of a local day."""
    zone = zone_of(home)
    periods = [
        period(day_start(noon, zone_of(cloud)), total)
        for noon, total in zip(
            (
                datetime.combine(
                    first + timedelta(days=number),
                    datetime.min.time().replace(hour=12),
                    zone_of(cloud),
                )
                for number in range(len(totals))
            ),
            totals,
            strict=True,
        )
    ]
    hours = days(
        *periods,
        zone=zone,
        start=datetime(2025, 1, 1, tzinfo=UTC),
        end=datetime(2028, 1, 1, tzinfo=UTC),
    )
    rows = hours.sums["savings"]
    assert math.fsum(rows.values()) == pytest.approx(math.fsum(totals))
    assert [rows[hour] for hour in sorted(rows)] == [total + 0.0 for total in totals]
    for hour in rows:
        begin = datetime.fromtimestamp(hour, UTC).astimezone(zone)
        assert (begin.hour, begin.second) == (0, 0) and begin.minute in {0, 30}
    assert hours.units == {"savings": "EUR"}


def test_days_of_a_span() -> None:
    """A day's row is in the span that its first hour is in, also on days of 23 and 25 hours."""
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        begin = datetime.combine(day, datetime.min.time(), VIENNA).astimezone(UTC)
        following = day_start(begin + timedelta(hours=30), VIENNA).astimezone(UTC)
        found = [period(begin, 1.5), period(following, -2.0)]
        assert days(*found).sums == {
            "savings": {begin.timestamp(): 1.5, following.timestamp(): -2.0}
        }
        assert days(*found, end=following).sums == {"savings": {begin.timestamp(): 1.5}}
        assert days(*found, start=begin + timedelta(hours=1)).sums == {
            "savings": {following.timestamp(): -2.0}
        }


def test_days_without_a_zone() -> None:
    """A day that Podero names without an offset is that day, whatever else there is."""
    day = datetime(2026, 5, 2, tzinfo=UTC)
    found = [SavingsPeriod(start=date(2026, 5, 1), total=1.5), period(day, 2.0)]
    assert days(*found).sums == {
        "savings": {
            datetime(2026, 4, 30, 22, tzinfo=UTC).timestamp(): 1.5,
            datetime(2026, 5, 1, 22, tzinfo=UTC).timestamp(): 2.0,
        }
    }
    months = [SavingsPeriod(start=date(2026, 5, 1), total=1.5, percentage=3.0)]
    reading = savings_reading(
        Savings(unit="EUR", periods=(*months, month(4, total=2.0, percentage=9.0))),
        NOW,
        zone=VIENNA,
        price_zone=None,
    )
    assert reading is not None
    assert (reading.month, reading.percentage, reading.year) == (1.5, 3.0, 3.5)


def test_days_that_say_nothing() -> None:
    """Days without a total, and totals without a currency, are no statistics."""
    day = datetime(2026, 5, 1, tzinfo=UTC)
    assert days(period(day, None)) == Hours()
    assert days(period(day, 1.0), unit="points") == Hours()
    assert days() == Hours()
    # Of the same day the last counts; two of one local day are added.
    again = [period(day, 1.0), period(day, 2.0), period(day + timedelta(hours=2), 4.0)]
    assert [*days(*again).sums["savings"].values()] == [6.0]
    huge = [period(day + timedelta(hours=hour), 1.7e308) for hour in (0, 1)]
    assert days(*huge) == Hours()


def month(number: int, **values: float) -> SavingsPeriod:
    """Return a month of UTC."""
    return SavingsPeriod(start=datetime(2026, number, 1, tzinfo=UTC), **values)


@pytest.mark.parametrize("home", ZONES)
def test_reading(home: str) -> None:
    """The month is its period's, the year the sum of the months; negative ones as they are."""
    zone = zone_of(home)
    savings = Savings(
        unit="EUR",
        periods=(
            month(5, total=-4.0, percentage=-2.5),
            SavingsPeriod(start=datetime(2025, 12, 1, tzinfo=UTC), total=99.0),
            month(1, total=10.0, percentage=50.0),
            month(3, percentage=7.0),
            month(2, total=8.25, percentage=30.0),
            month(6, total=77.0),
        ),
    )
    reading = savings_reading(savings, NOW, zone=zone, price_zone=None)
    assert reading is not None
    assert (reading.unit, reading.month, reading.percentage, reading.year) == (
        "EUR",
        -4.0,
        -2.5,
        14.25,
    )
    assert reading.month_start == datetime(2026, 5, 1, tzinfo=zone)
    assert reading.year_start == datetime(2026, 1, 1, tzinfo=zone)


def test_reading_of_what_is_not_known() -> None:
    """Without this month's period, without a total or a currency, nothing is made up."""

    def read(*periods: SavingsPeriod, unit: str | None = "EUR") -> tuple[object, ...]:
        savings = Savings(unit=unit, periods=periods)
        reading = savings_reading(savings, NOW, zone=VIENNA, price_zone=None)
        assert reading is not None
        return reading.month, reading.percentage, reading.year

    assert read() == (None, None, None)
    assert read(month(4, total=1.0, percentage=5.0)) == (None, None, 1.0)
    assert read(month(5, percentage=5.0)) == (None, 5.0, None)
    assert (
        savings_reading(Savings(), NOW, zone=VIENNA, price_zone=PriceZone.SE_2) is None
    )


def test_reading_at_the_turn_of_the_year() -> None:
    """The year is Home Assistant's, though it is still the old one elsewhere."""
    now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    savings = Savings(unit="EUR", periods=(month(12, total=5.0),))
    reading = savings_reading(savings, now, zone=VIENNA, price_zone=None)
    assert reading is not None
    assert (reading.month, reading.year) == (None, None)
    assert reading.year_start == datetime(2027, 1, 1, tzinfo=VIENNA)
    reading = savings_reading(savings, now, zone=UTC, price_zone=None)
    assert reading is not None
    assert (reading.month, reading.year) == (5.0, 5.0)


@pytest.mark.parametrize("day", ["2026-05-01", "2026-05-01T00:00:00"])
def test_periods_without_an_offset(day: str) -> None:
    """A period may begin with a calendar day, and another one with a time."""
    found = Savings.parse(
        [
            {"period": {"start_period": start}, "savings": {"total": total}}
            for start, total in ((day, 3.0), ("2026-05-02T00:00:00+02:00", 4.0))
        ]
    )
    assert found is not None
    hours = days(*found.periods)
    assert hours.sums["savings"] == {
        datetime(2026, 4, 30, 22, tzinfo=UTC).timestamp(): 3.0,
        datetime(2026, 5, 1, 22, tzinfo=UTC).timestamp(): 4.0,
    }
    reading = savings_reading(
        Savings(unit="EUR", periods=found.periods), NOW, zone=VIENNA, price_zone=None
    )
    assert reading is not None
    assert (reading.month, reading.year) == (7.0, 7.0)
