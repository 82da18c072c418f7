"""What the energy of the grid costs and earns, by the quarter of an hour. Pure arithmetic."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
import json
import math
import re
from typing import Any, Literal, Self

from .hours import HOUR, Hours, SumRow, total
from .statistics import EURO, PRICE_UNIT, STATISTICS

PRICES = "prices"
"""The section of a household's settings."""

type PriceSource = Literal["none", "fixed", "podero"]

_UNIT = re.compile(r"(?P<money>.+?)(?:/|per)(?P<energy>[mk]wh)")
# The euro's spellings, and how many of them make a euro.
_EUROS: Mapping[str, float] = {
    **dict.fromkeys(("eur", "euro", "euros", "€"), 1),
    **dict.fromkeys(("ct", "cts", "c", "cent", "cents", "eurct", "eurcent"), 100),
}
_KWH: Mapping[str, float] = {"kwh": 1, "mwh": 1000}


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """How a price of the grid's energy comes about, per kWh.

    Attributes:
        fixed: The price; None where it is the series'.
        surcharge: What is added to the series' price.
        tax: Percent that are added to both.
    """

    fixed: float | None = None
    surcharge: float = 0.0
    tax: float = 0.0

    def price(self, series: float | None) -> float | None:
        """Return what a kWh costs while the series' price is `series`; None where it is not known."""
        if self.fixed is not None:
            return self.fixed
        if series is None:
            return None
        return (series + self.surcharge) * (1 + self.tax / 100)


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a household says of its prices, per kWh.

    Attributes:
        import_price: Where the price of what is drawn from the grid comes from.
        import_fixed: That price, where it is fixed; it is what is paid.
        price_unit: The unit of the series' price where the answer names none.
        surcharge: What is added to the series' price for what is drawn.
        tax: Percent that are added to both.
        export_price: Where the price of what is fed into the grid comes from.
        export_fixed: That price, where it is fixed.
    """

    import_price: PriceSource = "none"
    import_fixed: float | None = None
    price_unit: str = PRICE_UNIT
    surcharge: float = 0.0
    tax: float = 0.0
    export_price: PriceSource = "none"
    export_fixed: float | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Read the prices of a household's settings (a subentry's data)."""
        section = settings.get(PRICES) or {}
        return cls(
            import_price=_source(section.get("import_price")),
            import_fixed=_number(section.get("import_fixed")),
            price_unit=section.get("price_unit") or PRICE_UNIT,
            surcharge=_number(section.get("surcharge")) or 0.0,
            tax=_number(section.get("tax")) or 0.0,
            export_price=_source(section.get("export_price")),
            export_fixed=_number(section.get("export_fixed")),
        )

    @property
    def tariffs(self) -> Mapping[str, Tariff]:
        """Return the tariff of each energy that has a price, by the energy's kind."""
        found = {
            "grid_import_energy": _tariff(
                self.import_price,
                self.import_fixed,
                Tariff(surcharge=self.surcharge, tax=self.tax),
            ),
            "grid_export_energy": _tariff(
                self.export_price, self.export_fixed, Tariff()
            ),
        }
        return {kind: tariff for kind, tariff in found.items() if tariff is not None}

    def fingerprint(self, currency: str) -> str | None:
        """Return a text that is another one when the prices change; None without any."""
        if not self.tariffs:
            return None
        return json.dumps({**asdict(self), "currency": currency}, sort_keys=True)


def _source(value: object) -> PriceSource:
    match value:
        case "fixed":
            return "fixed"
        case "podero":
            return "podero"
        case _:
            return "none"


def _tariff(
    source: PriceSource, fixed: float | None, of_series: Tariff
) -> Tariff | None:
    if source == "podero":
        return of_series
    if source == "fixed" and fixed is not None:
        return Tariff(fixed=fixed)
    return None


def price_factor(unit: str, currency: str) -> float | None:
    """Return what makes a price in some unit one per kWh in Home Assistant's currency.

    None for a unit that is not known, or that is of another currency: no price is
    better than a wrong one.
    """
    words = "".join(unit.split()).replace("_", "/").casefold()
    if (found := _UNIT.fullmatch(words)) is None:
        return None
    known = _EUROS if currency == EURO else {currency.casefold(): 1}
    parts = known.get(found["money"])
    return None if parts is None else 1 / (parts * _KWH[found["energy"]])


def priced_hours(
    energies: Mapping[str, Mapping[int, float]],
    series: Mapping[int, float],
    prices: Prices,
    *,
    unit: str | None,
    currency: str,
) -> dict[str, dict[int, float]]:
    """Return what the grid's energy costs and earns, by kind and hour, in the currency.

    A quarter of an hour without a price has no cost, and its hour has none unless all of
    its quarters that have energy have a price.

    Args:
        energies: kWh of each quarter, by kind; quarters are named by the second, since
            1970, in which they begin.
        series: The series' price in each quarter.
        prices: What the household says.
        unit: The unit that the answer names for the series' price, if it does.
        currency: Home Assistant's currency, ISO 4217.

    """
    factor = price_factor(unit or prices.price_unit, currency)
    tariffs = prices.tariffs
    found: dict[str, dict[int, float]] = {}
    for kind, statistic in STATISTICS.items():
        energy = statistic.priced
        if energy is None or (tariff := tariffs.get(energy)) is None:
            continue
        amounts = defaultdict[int, list[float]](list)
        unknown: set[int] = set()
        for quarter, kwh in energies[energy].items():
            known = series.get(quarter)
            price = tariff.price(
                None if known is None or factor is None else known * factor
            )
            hour = quarter // HOUR * HOUR
            if price is not None and math.isfinite(amount := kwh * price):
                amounts[hour].append(amount)
            elif kwh:
                unknown.add(hour)
        sums = {
            hour: whole
            for hour, parts in amounts.items()
            if hour not in unknown and (whole := total(parts)) is not None
        }
        if sums:
            found[kind] = sums
    return found


def keep_costs(
    hours: Hours, recorded: Mapping[str, Mapping[int, SumRow]], before: int
) -> Hours:
    """Leave out what was priced already, at the prices of its time.

    New prices hold for the hours that are imported from then on. The hours before keep
    the costs that they have, or have none, unless their energy was corrected since.

    Args:
        hours: A span, priced anew.
        recorded: What the recorder holds of it, by kind.
        before: The end of the last hour that was imported with other prices, in
            seconds since 1970.

    """

    def is_kept(kind: str, hour: int) -> bool:
        if hour >= before or (energy := STATISTICS[kind].priced) is None:
            return False
        row = recorded.get(energy, {}).get(hour)
        now = hours.sums.get(energy, {}).get(hour)
        return (
            row is not None
            and now is not None
            and math.isclose(row.state, now, abs_tol=1e-9)
        )

    return replace(
        hours,
        sums={
            kind: {
                hour: amount
                for hour, amount in amounts.items()
                if not is_kept(kind, hour)
            }
            for kind, amounts in hours.sums.items()
        },
    )


def _number(value: object) -> float | None:
    """Read a finite number of the settings."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
