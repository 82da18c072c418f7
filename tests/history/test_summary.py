"""Today and this month, from the hours that were imported."""

from datetime import UTC, datetime, timedelta
import math

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.history.summary import Summary, summarize
from homeassistant.util import dt as dt_util

VIENNA = dt_util.get_time_zone("Europe/Vienna")
MONTH = datetime(2026, 5, 1, tzinfo=VIENNA)
TODAY = datetime(2026, 5, 20, tzinfo=VIENNA)
HOUR = 3600

kwh = st.dictionaries(
    st.integers(-48, 20).map(lambda hour: int(TODAY.timestamp()) + hour * HOUR),
    st.one_of(st.floats(0, 20), st.just(0.0)),
)
KINDS = ("solar_energy", "home_energy", "grid_import_energy", "grid_export_energy")


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


def at(hour: int) -> int:
    """Return an hour of today, in seconds."""
    return int(TODAY.timestamp()) + hour * HOUR


def summary(**recorded: dict[int, float]) -> Summary:
    """Return the summary of some hours."""
    return summarize(recorded, today_start=TODAY, month_start=MONTH)


def test_today_and_this_month() -> None:
    """Today is what began since midnight, the month what began since the first."""
    found = summary(
        solar_energy={at(-20): 10.0, at(9): 4.0, at(10): 6.0},
        home_energy={at(-20): 8.0, at(0): 1.0, at(9): 3.0},
        grid_import_energy={at(-20): 2.0, at(0): 1.0, at(9): 0.0},
        grid_export_energy={at(-20): 1.0, at(9): 1.0, at(10): 4.0},
    )
    assert found == Summary(
        today_start=TODAY,
        month_start=MONTH,
        solar_energy_today=10.0,
        home_energy_today=4.0,
        grid_import_energy_today=1.0,
        grid_export_energy_today=5.0,
        self_sufficiency_today=75.0,
        self_consumption_today=50.0,
        self_sufficiency_month=75.0,
        self_consumption_month=70.0,
    )
    # What is from before the month is nobody's.
    before = int((MONTH - timedelta(hours=1)).timestamp())
    assert summary(home_energy={before: 5.0}).home_energy_today == 0.0


def test_what_is_not_known() -> None:
    """A statistic that is not there is unknown, one without an hour yet is 0, and 0 divides nothing."""
    nothing = summary()
    assert nothing.solar_energy_today is None
    assert nothing.self_sufficiency_today is None
    midnight = summary(**{kind: {at(-1): 1.0} for kind in KINDS})
    assert midnight.solar_energy_today == 0.0
    assert midnight.self_sufficiency_today is None
    assert midnight.self_sufficiency_month == 0.0
    # Hours of which the import is not known do not count as if there were none.
    gap = summary(home_energy={at(0): 1.0, at(1): 9.0}, grid_import_energy={at(0): 0.5})
    assert gap.self_sufficiency_today == 50.0


def test_shares_are_cut() -> None:
    """More import than consumption, such as into a battery, is no self-sufficiency below 0."""
    charging = summary(home_energy={at(0): 1.0}, grid_import_energy={at(0): 5.0})
    assert charging.self_sufficiency_today == 0.0
    strange = summary(home_energy={at(0): 1.0}, grid_import_energy={at(0): -5.0})
    assert strange.self_sufficiency_today == 100.0
    huge = {at(0): 1.7e308, at(1): 1.7e308}
    beyond = summary(home_energy=huge, grid_import_energy=huge)
    assert beyond.home_energy_today is None
    assert beyond.self_sufficiency_today is None
    assert (
        summary(
            home_energy={at(0): 1.0, at(1): 1.0}, grid_import_energy=huge
        ).self_sufficiency_today
        is None
    )


@given(kwh, kwh, kwh, kwh)
def test_any_hours(
    solar: dict[int, float],
    home: dict[int, float],
    drawn: dict[int, float],
    fed: dict[int, float],
) -> None:
    """Energies are the sums of today's hours, and shares lie in 0..100 %."""
    found = summary(
        solar_energy=solar,
        home_energy=home,
        grid_import_energy=drawn,
        grid_export_energy=fed,
    )
    assert found.home_energy_today == pytest.approx(
        math.fsum(value for hour, value in home.items() if hour >= at(0))
    )
    for share in (
        found.self_sufficiency_today,
        found.self_consumption_today,
        found.self_sufficiency_month,
        found.self_consumption_month,
    ):
        assert share is None or 0 <= share <= 100


def test_a_day_in_utc() -> None:
    """The beginning of the day may be in any zone."""
    start = TODAY.astimezone(UTC)
    found = summarize(
        {"solar_energy": {at(-1): 1.0, at(0): 2.0}},
        today_start=start,
        month_start=start,
    )
    assert found.solar_energy_today == 2.0
