"""What a home did today and this month, from the hours that were imported. Pure arithmetic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .hours import total

type Recorded = Mapping[str, Mapping[int, float]]
"""kWh by kind of statistic and by hour."""


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A home's energies (kWh) and shares (%); None where they are not known.

    Attributes:
        today_start: The beginning of the day that the energies are of.
        month_start: The beginning of the month.
    """

    today_start: datetime
    month_start: datetime
    solar_energy_today: float | None
    home_energy_today: float | None
    grid_import_energy_today: float | None
    grid_export_energy_today: float | None
    self_sufficiency_today: float | None
    self_consumption_today: float | None
    self_sufficiency_month: float | None
    self_consumption_month: float | None


def summarize(
    recorded: Recorded, *, today_start: datetime, month_start: datetime
) -> Summary:
    """Return the summary of the day and month.

    Args:
        recorded: The imported hours since the beginning of the month. A kind that the
            recorder has no statistic of is not in it; one that has no hours yet is.
        today_start: The beginning of the local day.
        month_start: The beginning of the local month.

    """
    month = _since(recorded, month_start)
    today = _since(recorded, today_start)
    return Summary(
        today_start=today_start,
        month_start=month_start,
        solar_energy_today=_energy(today, "solar_energy"),
        home_energy_today=_energy(today, "home_energy"),
        grid_import_energy_today=_energy(today, "grid_import_energy"),
        grid_export_energy_today=_energy(today, "grid_export_energy"),
        self_sufficiency_today=_self_sufficiency(today),
        self_consumption_today=_self_consumption(today),
        self_sufficiency_month=_self_sufficiency(month),
        self_consumption_month=_self_consumption(month),
    )


def _since(recorded: Recorded, start: datetime) -> Recorded:
    first = start.timestamp()
    return {
        kind: {hour: kwh for hour, kwh in hours.items() if hour >= first}
        for kind, hours in recorded.items()
    }


def _energy(recorded: Recorded, kind: str) -> float | None:
    hours = recorded.get(kind)
    return None if hours is None else total(hours.values())


def _self_sufficiency(recorded: Recorded) -> float | None:
    """Return the share of the home's energy that did not come from the grid."""
    return _rest(recorded, "grid_import_energy", "home_energy")


def _self_consumption(recorded: Recorded) -> float | None:
    """Return the share of the solar energy that was not fed into the grid."""
    return _rest(recorded, "grid_export_energy", "solar_energy")


def _rest(recorded: Recorded, part: str, whole: str) -> float | None:
    """Return 1 - part / whole in percent, cut to 0..100, over the hours that have both."""
    parts, wholes = recorded.get(part, {}), recorded.get(whole, {})
    both = parts.keys() & wholes.keys()
    divisor = total(wholes[hour] for hour in both)
    dividend = total(parts[hour] for hour in both)
    if not divisor or dividend is None:
        return None
    return min(max(100 * (1 - dividend / divisor), 0.0), 100.0)
