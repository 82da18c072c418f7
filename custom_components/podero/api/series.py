"""An inverter's past, in buckets.

Source: the OpenAPI description of the inverter data.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from . import values
from .bounds import MAX_UNIT, Number, Percent, Price, Watts, parse_text
from .model import Model


@dataclass(frozen=True, kw_only=True)
class SeriesPoint(Model):
    """One bucket, a mean over the span that starts at its time."""

    time: datetime
    price: Price | None = None
    solar_production_w: Watts | None = None
    export_power_to_grid_w: Watts | None = None
    household_consumption_w: Watts | None = None
    battery_charge_level_percent: Percent | None = None
    battery_charge_discharge_power_w: Watts | None = None
    estimated_consumption: Number | None = None
    unoptimized_consumption: Number | None = None


@dataclass(frozen=True, kw_only=True)
class Series:
    """An inverter's past.

    Attributes:
        price_unit: The unit that Podero names for the prices, wherever it does.
        points: As they came, order and duplicates untouched; those without a readable time are left out.

    """

    price_unit: str | None = None
    points: tuple[SeriesPoint, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read the answer; None when it holds no list of points."""
        if (found := values.items(value)) is None:
            return None
        return cls(
            price_unit=_price_unit(
                values.mapping(values.mapping(value).get("metadata"))
            ),
            points=tuple(
                point
                for item in found
                if (point := SeriesPoint.parse(item)) is not None
            ),
        )


def _price_unit(metadata: dict[str, Any]) -> str | None:
    """Find the unit of the prices, whose place in the free-form metadata is not documented."""
    for places in (values.mapping(metadata.get("units")), metadata):
        for name in ("price", "price_unit"):
            named = places.get(name)
            if not isinstance(named, str) or (unit := parse_text(named)) is None:
                continue
            if len(unit) <= MAX_UNIT:
                return unit
    return None
