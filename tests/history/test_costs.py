"""Prices: what the grid's energy costs and earns, by the quarter of an hour."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
import math
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import Series, SeriesPoint
from custom_components.podero.history.costs import (
    Prices,
    Tariff,
    keep_costs,
    price_factor,
)
from custom_components.podero.history.hours import Hours, SumRow
from custom_components.podero.history.series import series_hours
from homeassistant.util import dt as dt_util

COSTS = {"grid_import_cost", "grid_export_compensation"}
HOUR = 3600
VIENNA = dt_util.get_time_zone("Europe/Vienna")


@pytest.fixture(autouse=True)
def _recorder() -> None:
    """Do without a recorder: this is arithmetic."""


@pytest.mark.parametrize(
    ("section", "prices"),
    [
        (None, Prices()),
        ({}, Prices()),
        ({"import_price": "none", "export_price": "none"}, Prices()),
        (
            {
                "import_price": "podero",
                "price_unit": "ct/kWh",
                "surcharge": 0.08,
                "tax": 20,
                "export_price": "fixed",
                "export_fixed": 0.07,
            },
            Prices(
                import_price="podero",
                price_unit="ct/kWh",
                surcharge=0.08,
                tax=20.0,
                export_price="fixed",
                export_fixed=0.07,
            ),
        ),
        # What no form can hold means nothing.
        (
            {
                "import_price": ["fixed"],
                "import_fixed": "0.3",
                "price_unit": None,
                "surcharge": True,
                "tax": math.inf,
                "export_price": 7,
            },
            Prices(),
        ),
    ],
)
def test_prices_of_a_household(section: Any, prices: Prices) -> None:
    """The prices are read from the section of the household's settings."""
    settings = {"history_days": 30} | ({} if section is None else {"prices": section})
    assert Prices.of(settings) == prices
    if section is None:
        assert Prices.of({"prices": None}) == prices


def test_fingerprint() -> None:
    """The fingerprint changes with the prices and the currency, and is none without prices."""
    assert Prices().fingerprint("EUR") is None
    # A fixed price that is not given is no price.
    assert Prices.of({"prices": {"import_price": "fixed"}}) == Prices()
    found = {
        prices.fingerprint(currency)
        for prices in (
            Prices(import_price="podero"),
            Prices(import_price="podero", tax=10.0),
            Prices(export_price="podero"),
            Prices(import_price="fixed", import_fixed=0.3),
            Prices(import_price="fixed", import_fixed=0.0),
        )
        for currency in ("EUR", "CHF")
    }
    assert len(found) == 10 and None not in found
    assert Prices(import_price="podero").fingerprint("EUR") in found


@pytest.mark.parametrize(
    ("unit", "currency", "factor"),
    [
        *(
            (unit, "EUR", 0.001)
            for unit in (
                "EUR/MWh",
                "€/MWh",
                "eur/mwh",
                " EUR / MW h ",
                "EUR per MWh",
                "eur_mwh",
                "Euro/MWh",
            )
        ),
        *((unit, "EUR", 1.0) for unit in ("EUR/kWh", "€/kWh", "EUR/kW h", "EURO/KWH")),
        *(
            (unit, "EUR", 0.01)
            for unit in ("ct/kWh", "c/kWh", "cent/kWh", "Cents / kWh", "EURct/kWh")
        ),
        ("SEK/MWh", "SEK", 0.001),
        ("chf/kwh", "CHF", 1.0),
        *(
            (unit, "EUR", None)
            for unit in (
                "SEK/MWh",
                "USD/kWh",
                "öre/kWh",
                "EUR",
                "EUR/GWh",
                "EUR/kW",
                "MWh/EUR",
                "/kWh",
                "EUR/kWh/a",
                "",
                "cheap",
            )
        ),
        ("EUR/MWh", "SEK", None),
        ("ct/kWh", "CHF", None),
    ],
)
def test_price_units(unit: str, currency: str, factor: float | None) -> None:
    """A unit is read however it is spelt; one that is not known, or of other money, gives no price."""
    assert price_factor(unit, currency) == (factor and pytest.approx(factor))


def hours_of(
    points: list[SeriesPoint],
    prices: Prices,
    *,
    start: datetime,
    end: datetime,
    currency: str = "EUR",
    unit: str | None = None,
) -> Hours:
    """Return the hours of some points."""
    return series_hours(
        Series(price_unit=unit, points=tuple(points)),
        start,
        end,
        has_battery=True,
        prices=prices,
        currency=currency,
    )


START = datetime(2026, 3, 28, 22, tzinfo=UTC)


def quarter(number: int, **values: float | None) -> SeriesPoint:
    """Return one quarter of an hour."""
    return SeriesPoint(time=START + timedelta(minutes=15 * number), **values)


def cost(
    prices: Prices,
    *points: SeriesPoint,
    kind: str = "grid_import_cost",
    unit: str | None = None,
    currency: str = "EUR",
) -> dict[int, float]:
    """Return what the first hours cost, by their number."""
    hours = hours_of(
        list(points),
        prices,
        start=START,
        end=START + timedelta(hours=2),
        unit=unit,
        currency=currency,
    )
    assert hours.sums.keys() & COSTS == hours.units.keys() - {"price"}
    assert all(hours.units[found] == currency for found in hours.sums.keys() & COSTS)
    return {
        int(hour - START.timestamp()) // HOUR: amount
        for hour, amount in hours.sums.get(kind, {}).items()
    }


PODERO = Prices(import_price="podero", surcharge=0.1, tax=20.0, export_price="podero")


def test_price_of_the_series() -> None:
    """What is drawn costs the series' price with surcharge and tax; what is fed in earns the bare one."""
    drawn = quarter(0, export_power_to_grid_w=-4000.0, price=100.0)
    fed = quarter(1, export_power_to_grid_w=8000.0, price=-50.0)
    assert cost(PODERO, drawn, fed) == {0: pytest.approx(1 * (0.1 + 0.1) * 1.2)}
    assert cost(PODERO, drawn, fed, kind="grid_export_compensation") == {
        0: pytest.approx(2 * -0.05)
    }


def test_unit_of_the_series() -> None:
    """A unit that the answer names goes before the household's; one that is not known is no price."""
    point = quarter(0, export_power_to_grid_w=-4000.0, price=20.0)
    plain = Prices(import_price="podero", price_unit="ct/kWh")
    assert cost(plain, point) == {0: pytest.approx(0.2)}
    assert cost(plain, point, unit="EUR/MWh") == {0: pytest.approx(0.02)}
    assert cost(plain, point, unit="dear") == {}
    assert cost(plain, point, currency="SEK") == {}
    assert cost(plain, point, currency="SEK", unit="SEK/kWh") == {0: 20.0}


def test_fixed_prices() -> None:
    """A fixed price is what is paid, without surcharge and tax, whatever the series says."""
    prices = Prices(
        import_price="fixed",
        import_fixed=0.3,
        surcharge=0.5,
        tax=20.0,
        export_price="fixed",
        export_fixed=0.08,
    )
    points = [
        quarter(0, export_power_to_grid_w=-4000.0),
        quarter(1, export_power_to_grid_w=4000.0, price=7.0),
        quarter(4, export_power_to_grid_w=0.0, household_consumption_w=1.0),
    ]
    assert cost(prices, *points, currency="SEK") == {0: pytest.approx(0.3)}
    assert cost(prices, *points, kind="grid_export_compensation") == {
        0: pytest.approx(0.08),
        1: 0.0,
    }


def test_quarters_without_a_price() -> None:
    """An hour has a cost if all of its quarters that have energy have a price."""
    drawn = {"export_power_to_grid_w": -4000.0}
    nothing = {"export_power_to_grid_w": 1000.0}
    priced = quarter(0, **drawn, price=100.0)
    assert cost(PODERO, priced, quarter(1, **drawn)) == {}
    assert cost(PODERO, priced, quarter(1, **nothing)) == {0: pytest.approx(0.24)}
    assert cost(PODERO, priced, quarter(1, price=30.0)) == {0: pytest.approx(0.24)}
    # The other hour has its own.
    assert cost(PODERO, priced, quarter(4, **drawn)) == {0: pytest.approx(0.24)}
    assert cost(PODERO, quarter(0, **nothing)) == {}
    assert cost(PODERO, quarter(0, **nothing, price=50.0)) == {0: 0.0}


def test_without_prices() -> None:
    """A household that says nothing of prices has no costs."""
    point = quarter(0, export_power_to_grid_w=-4000.0, price=100.0)
    assert cost(Prices(), point) == {}
    assert cost(Prices(export_price="podero"), point) == {}
    assert cost(Prices(import_price="fixed"), point) == {}


def test_beyond_a_float() -> None:
    """A cost that no float can hold is not known."""
    tariff = Tariff(fixed=1e9)
    assert tariff.cost([1e300, 1.0], [None, None]) is None
    assert tariff.cost([1.0, None], [None, None]) == 1e9
    assert Tariff(fixed=1.0).cost([1.7e308, 1.7e308], [None, None]) is None
    assert tariff.cost([1e300, -1e300], [None, None]) is None


watts = st.one_of(st.none(), st.integers(-12_000, 12_000))
tariffs = st.one_of(
    st.builds(
        Prices,
        import_price=st.just("podero"),
        price_unit=st.sampled_from(("EUR/MWh", "EUR/kWh", "ct/kWh")),
        surcharge=st.floats(0, 0.3),
        tax=st.floats(0, 30),
        export_price=st.just("podero"),
    ),
    st.builds(
        Prices,
        import_price=st.just("fixed"),
        import_fixed=st.floats(0, 1),
        export_price=st.just("fixed"),
        export_fixed=st.floats(0, 1),
    ),
)
PER_KWH = {"EUR/MWh": 1000, "EUR/kWh": 1, "ct/kWh": 100}


@given(
    tariffs,
    # The days on which the clocks go on and back.
    st.sampled_from((date(2026, 3, 29), date(2026, 10, 25))),
    st.lists(
        st.tuples(watts, st.one_of(st.none(), st.floats(-500, 900))),
        min_size=1,
        max_size=100,
    ),
    st.integers(1, 24),
)
def test_costs_are_the_sum_over_quarters(
    prices: Prices,
    day: date,
    rows: list[tuple[int | None, float | None]],
    cut: int,
) -> None:
    """They are, to 1e-6, over both changes of the clocks, and however the day is cut."""
    start = datetime.combine(day, datetime.min.time(), VIENNA).astimezone(UTC)
    end = datetime.combine(
        day + timedelta(days=1), datetime.min.time(), VIENNA
    ).astimezone(UTC)
    assert end - start in {timedelta(hours=23), timedelta(hours=25)}
    points = [
        SeriesPoint(
            time=start + timedelta(minutes=15 * number),
            export_power_to_grid_w=watts,
            # Where nothing is exported the balance says that nothing is drawn.
            solar_production_w=0.0,
            household_consumption_w=0.0,
            price=price,
        )
        for number, (watts, price) in enumerate(rows)
    ]
    expected = {kind: defaultdict[int, float](float) for kind in COSTS}
    unknown: dict[str, set[int]] = {kind: set() for kind in COSTS}
    for point in points:
        if point.export_power_to_grid_w is None or point.time >= end:
            continue
        hour = int(point.time.replace(minute=0).timestamp())
        drawn = max(0, -point.export_power_to_grid_w) / 4000
        fed = max(0, point.export_power_to_grid_w) / 4000
        bare = (
            None
            if point.price is None
            else point.price / PER_KWH[prices.price_unit or "EUR/MWh"]
        )
        for kind, kwh, price in (
            (
                "grid_import_cost",
                drawn,
                prices.import_fixed
                if prices.import_price == "fixed"
                else bare is not None
                and (bare + prices.surcharge) * (1 + prices.tax / 100),
            ),
            (
                "grid_export_compensation",
                fed,
                prices.export_fixed if prices.export_price == "fixed" else bare,
            ),
        ):
            if price is None or price is False:
                if kwh:
                    unknown[kind].add(hour)
            else:
                expected[kind][hour] += kwh * price
    whole = hours_of(points, prices, start=start, end=end).sums
    for kind in COSTS:
        assert whole.get(kind, {}) == {
            hour: pytest.approx(amount, abs=1e-6)
            for hour, amount in expected[kind].items()
            if hour not in unknown[kind]
        }
    middle = min(start + timedelta(hours=cut), end)
    pieces = [
        hours_of(points, prices, start=first, end=last).sums
        for first, last in ((start, middle), (middle, end))
    ]
    for kind in COSTS:
        assert pieces[0].get(kind, {}) | pieces[1].get(kind, {}) == whole.get(kind, {})


def test_costs_that_are_kept() -> None:
    """Hours that were priced before keep what they cost, unless their energy is another one now."""
    drawn = {hour: 1.0 + hour / HOUR for hour in range(0, 5 * HOUR, HOUR)}
    hours = Hours(
        sums={
            "grid_import_energy": drawn,
            "grid_import_cost": dict.fromkeys(drawn, 0.5),
            "grid_export_compensation": {0: 0.7},
            "solar_energy": {0: 3.0},
        },
        units={"grid_import_cost": "EUR"},
    )
    recorded = {
        "grid_import_energy": {
            0: SumRow(state=1.0, sum=1.0),
            HOUR: SumRow(state=1.5, sum=2.5),
            # The third hour is new, and so is its cost.
            3 * HOUR: SumRow(state=4.0, sum=6.5),
        }
    }
    kept = keep_costs(hours, recorded, 3 * HOUR)
    assert kept.sums == dict(hours.sums) | {
        "grid_import_cost": {
            HOUR: 0.5,
            2 * HOUR: 0.5,
            3 * HOUR: 0.5,
            4 * HOUR: 0.5,
        },
    }
    assert kept.units == hours.units
    assert keep_costs(hours, recorded, 0) == hours
    assert keep_costs(hours, {}, 9 * HOUR) == hours
