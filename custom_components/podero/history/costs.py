"""What the energy of the grid costs and earns, by the quarter of an hour. Pure arithmetic."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
import json
import math
import re
from typing import Any, Literal, Self

from .hours import Hours, SumRow, total
from .statistics import EURO, PRICE_UNIT, STATISTICS

PRICES = "prices"
"""The section of a household's settings."""

type PriceSource = Literal["none", "fixed", "podero"]

_UNIT = re.compile(r"(?P<money>.+?)(?:/|per)(?P<energy>[mk]wh)")
# Units of the euro, and how many of them are one euro.
_EUROS: Mapping[str, float] = {
    **dict.fromkeys(("eur", "euro", "euros", "€"), 1),
    **dict.fromkeys(("ct", "cts", "c", "cent", "cents", "eurct", "eurcent"), 100),
}
_KWH: Mapping[str, float] = {"kwh": 1, "mwh": 1000}


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """How the price of energy is calculated, per kWh.

    Attributes:
        fixed: The price; None where it is the series'.
        factor: What makes the series' price one per kWh in the currency.
        surcharge: What is added to the series' price.
        tax: Percent that are added to both.
    """

    fixed: float | None = None
    factor: float = 1.0
    surcharge: float = 0.0
    tax: float = 0.0

    def price(self, series: float | None) -> float | None:
        """Return the price, given the series'; None where it is not known."""
        if self.fixed is not None:
            return self.fixed
        if series is None:
            return None
        return (series * self.factor + self.surcharge) * (1 + self.tax / 100)

    def cost(
        self, energies: Iterable[float | None], series: Iterable[float | None]
    ) -> float | None:
        """Return what the quarters of an hour cost.

        A quarter without a price has no cost, and the hour has none unless all of its
        quarters that have energy have a price.

        Args:
            energies: kWh of each quarter.
            series: The series' price in each of them.

        """
        amounts: list[float] = []
        for kwh, known in zip(energies, series, strict=True):
            if kwh is None:
                continue
            if (price := self.price(known)) is not None:
                amounts.append(kwh * price)
            elif kwh:
                return None
        return total(amounts) if amounts else None


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What a household says of its prices, per kWh.

    Attributes:
        import_price: Where the price of what is drawn from the grid comes from.
        import_fixed: That price, where it is fixed; it is what is paid.
        price_unit: The unit of the series' price where the answer names none; None where
            the household does not say either.
        surcharge: What is added to the series' price for what is drawn.
        tax: Percent that are added to both.
        export_price: Where the price of what is fed into the grid comes from.
        export_fixed: That price, where it is fixed.
    """

    import_price: PriceSource = "none"
    import_fixed: float | None = None
    price_unit: str | None = None
    surcharge: float = 0.0
    tax: float = 0.0
    export_price: PriceSource = "none"
    export_fixed: float | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Read the prices of a household's settings (a subentry's data)."""
        section = settings.get(PRICES) or {}
        import_fixed = _number(section.get("import_fixed"))
        export_fixed = _number(section.get("export_fixed"))
        return cls(
            import_price=_source(section.get("import_price"), import_fixed),
            import_fixed=import_fixed,
            price_unit=section.get("price_unit") or None,
            surcharge=_number(section.get("surcharge")) or 0.0,
            tax=_number(section.get("tax")) or 0.0,
            export_price=_source(section.get("export_price"), export_fixed),
            export_fixed=export_fixed,
        )

    def tariffs(self, *, unit: str | None, currency: str) -> Mapping[str, Tariff]:
        """Return the tariffs, by the kind of statistic that they make.

        Args:
            unit: The unit of the series' price; None for the usual one.
            currency: Home Assistant's currency, ISO 4217.

        """
        factor = price_factor(unit or PRICE_UNIT, currency)
        found = {
            "grid_import_cost": _tariff(
                self.import_price,
                self.import_fixed,
                factor,
                surcharge=self.surcharge,
                tax=self.tax,
            ),
            "grid_export_compensation": _tariff(
                self.export_price, self.export_fixed, factor
            ),
        }
        return {kind: tariff for kind, tariff in found.items() if tariff is not None}

    def fingerprint(self, currency: str) -> str | None:
        """Return a text that changes with the prices; None without prices."""
        if self.import_price == self.export_price == "none":
            return None
        return json.dumps({**asdict(self), "currency": currency}, sort_keys=True)


def _source(value: object, fixed: float | None) -> PriceSource:
    match value:
        case "fixed" if fixed is not None:
            return "fixed"
        case "podero":
            return "podero"
        case _:
            return "none"


def _tariff(
    source: PriceSource, fixed: float | None, factor: float | None, **added: float
) -> Tariff | None:
    if source == "podero" and factor is not None:
        return Tariff(factor=factor, **added)
    if source == "fixed" and fixed is not None:
        return Tariff(fixed=fixed)
    return None


def price_factor(unit: str, currency: str) -> float | None:
    """Return what makes a price in some unit one per kWh in Home Assistant's currency.

    None for a unit that is not known or of another currency, because a wrong price
    would be worse than none.
    """
    words = "".join(unit.split()).replace("_", "/").casefold()
    if (found := _UNIT.fullmatch(words)) is None:
        return None
    known = _EUROS if currency == EURO else {currency.casefold(): 1}
    parts = known.get(found["money"])
    return None if parts is None else 1 / (parts * _KWH[found["energy"]])


def keep_costs(
    hours: Hours, recorded: Mapping[str, Mapping[int, SumRow]], before: int
) -> Hours:
    """Leave out the costs of hours that were imported with other prices.

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
