"""What Podero's optimization saved, by period."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from . import values


@dataclass(frozen=True, kw_only=True)
class SavingsPeriod:
    """A period; money in the answer's unit, negative where the optimization cost something."""

    start: datetime
    end: datetime | None = None
    total: float | None = None
    percentage: float | None = None
    consumption: float | None = None


@dataclass(frozen=True, kw_only=True)
class Savings:
    """The savings of a device.

    Attributes:
        unit: The unit that metadata.units names for savings, as it came.
        periods: As they came; those without a readable start are left out.
    """

    unit: str | None = None
    periods: tuple[SavingsPeriod, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read the answer; None when it holds no list of periods."""
        if (found := values.items(value)) is None:
            return None
        metadata = values.mapping(values.mapping(value).get("metadata"))
        periods = (_period(values.mapping(item)) for item in found)
        return cls(
            unit=values.text(values.mapping(metadata.get("units")).get("savings")),
            periods=tuple(period for period in periods if period is not None),
        )


def _period(item: dict[str, Any]) -> SavingsPeriod | None:
    bounds, savings, consumption = (
        values.mapping(item.get(key)) for key in ("period", "savings", "consumption")
    )
    if (start := values.moment(bounds.get("start_period"))) is None:
        return None
    return SavingsPeriod(
        start=start,
        end=values.moment(bounds.get("end_period")),
        total=values.number(savings.get("total")),
        percentage=values.number(savings.get("percentage")),
        consumption=values.number(consumption.get("total")),
    )
