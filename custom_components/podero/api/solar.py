"""Solar charging at a wallbox: sessions in which Podero follows the surplus, and why it did what it did.

Source: the API reference of the wallbox's hems-sessions; values of the words in it are not documented.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self, override

from .bounds import Amperes, Count, Euro, KilowattHours, Text, Watts
from .model import Model, Recorded


@dataclass(frozen=True, kw_only=True)
class SolarSession(Recorded):
    """A session of solar charging.

    Attributes:
        savings_eur: Complete only with `has_complete_price_coverage`.

    """

    id: Count
    ocpp_transaction_id: Count | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    final_hems_state: Text | None = None
    energy_from_solar_kwh: KilowattHours | None = None
    savings_eur: Euro | None = None
    has_complete_price_coverage: bool | None = None
    commands_sent: Count | None = None
    commands_applied: Count | None = None
    commands_ineffective: Count | None = None


@dataclass(frozen=True, kw_only=True)
class SolarDecision(Model):
    """What Podero decided at a time, and why."""

    time: datetime | None = None
    hems_state: Text | None = None
    reason: Text | None = None
    export_w: Watts | None = None
    target_w: Watts | None = None
    phases: Count | None = None
    dispatched: bool | None = None
    steering_command_id: Count | None = None


@dataclass(frozen=True, kw_only=True)
class SolarCommand(Model):
    """A command to the wallbox, and its observed effect."""

    id: Count | None = None
    time: datetime | None = None
    commanded_watts: Watts | None = None
    commanded_amps: Amperes | None = None
    commanded_phases: Count | None = None
    dispatch_status: Text | None = None
    observed_current_offered_a: Amperes | None = None
    observed_power_w: Watts | None = None


@dataclass(frozen=True, kw_only=True)
class SolarSessionDetail(Recorded):
    """A session of solar charging with all its decisions and commands, in the order that they came in."""

    session: SolarSession
    decisions: tuple[SolarDecision, ...] = ()
    commands: tuple[SolarCommand, ...] = ()

    @classmethod
    @override
    def parse(cls, value: object) -> Self | None:
        """Read a detail, bare or as the `session` of an object; the session may stand in it or be it."""
        if not isinstance(value, dict):
            return None
        inner = value.get("session", value)
        if isinstance(inner, dict) and "session" not in inner:
            # Decisions stand beside the session, or in it.
            return super().parse({**inner, **value, "session": inner})
        return super().parse(inner)
