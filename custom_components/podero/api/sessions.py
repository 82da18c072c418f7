"""Charging sessions of a vehicle.

Source: the API reference of the sessions, of which only names and example types are public.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from .bounds import (
    Euro,
    KilowattHours,
    Kilowatts,
    Percent,
    Text,
    parse_text,
    parse_uuid,
)
from .model import Identified


def parse_session_id(value: object) -> str | None:
    """Read the id of a session: a UUID, or any other short text, for it only tells sessions apart and is in no URL."""
    return parse_uuid(value) or parse_text(value)


@dataclass(frozen=True, kw_only=True)
class Session(Identified):
    """A charging session of a vehicle."""

    id: Annotated[str, parse_session_id]
    plug_in_time: datetime | None = None
    unplug_time: datetime | None = None
    inferred_session_end: datetime | None = None
    desired_charging_start_time: datetime | None = None
    desired_charging_end_time: datetime | None = None
    charge_deadline: datetime | None = None
    target_soc_pct: Percent | None = None
    initial_soc_pct: Percent | None = None
    final_soc_pct: Percent | None = None
    energy_charged_kwh: KilowattHours | None = None
    avg_charge_power_kw: Kilowatts | None = None
    peak_charge_power_kw: Kilowatts | None = None
    actual_cost_eur: Euro | None = None
    expected_savings_eur: Euro | None = None
    actual_savings_eur: Euro | None = None
    is_at_home: bool | None = None
    session_outcome: Text | None = None

    @property
    def ended_at(self) -> datetime | None:
        """When the session ended: unplugged, or as Podero inferred."""
        return self.unplug_time or self.inferred_session_end

    @property
    def savings_eur(self) -> float | None:
        """What the session saved in EUR, expected until it is actually known."""
        if self.actual_savings_eur is not None:
            return self.actual_savings_eur
        return self.expected_savings_eur
