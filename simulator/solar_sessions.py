"""What a wallbox that follows the sun writes down: sessions, decisions and commands."""

from dataclasses import dataclass, field

from .times import iso

SOLAR = "SOLAR_CHARGING"
WAITING = "WAITING_FOR_SURPLUS"
PRICE = "PRICE_CHARGING"
BOOST = "BOOST"
FULL = "FULL"
"""States of the steering; the API documents none."""


@dataclass(kw_only=True, slots=True)
class Decision:
    """What was decided, and what came of it. W, seconds since 1970."""

    time: int
    end: int
    """When the next one was made, or would have been."""
    state: str
    reason: str
    export_w: int
    """Measured at the grid before, with what the car takes; negative for imports."""
    target_w: int
    phases: int
    power_w: int
    """What the car takes from then on."""
    solar_w: int = 0
    """What of it would have been exported."""
    eur_per_kwh: float | None = None
    """What a kWh of that saves; None while the price is unknown."""
    command_id: int | None = None

    def solar_kwh(self, start: int, end: int) -> float:
        """Return the solar energy charged between two times."""
        seconds = min(self.end, end) - max(self.time, start)
        return self.solar_w * max(0, seconds) / 3_600_000

    def to_json(self) -> dict[str, object]:
        """Return the API's decision."""
        return {
            "time": iso(self.time),
            "hems_state": self.state,
            "reason": self.reason,
            "export_w": self.export_w,
            "target_w": self.target_w,
            "phases": self.phases,
            "dispatched": self.command_id is not None,
            "steering_command_id": self.command_id,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """What the wallbox was told."""

    id: int
    time: int
    watts: int
    amps: float
    phases: int
    is_applied: bool
    observed_w: int

    def to_json(self) -> dict[str, object]:
        """Return the API's command."""
        return {
            "id": self.id,
            "time": iso(self.time),
            "commanded_watts": self.watts,
            "commanded_amps": self.amps,
            "commanded_phases": self.phases,
            "dispatch_status": "applied" if self.is_applied else "ineffective",
            "observed_current_offered_a": self.amps,
            "observed_power_w": self.observed_w,
        }


@dataclass(kw_only=True, slots=True)
class SolarSession:
    """From the first to the last moment in which a plugged-in car is steered by the sun."""

    id: int
    transaction_id: int
    plugged_at: int
    started_at: int
    ended_at: int | None = None
    decisions: list[Decision] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)

    def add(self, decision: Decision, amps: float) -> None:
        """Take note of a decision, with a command where it changes what the wallbox does."""
        last = self.decisions[-1] if self.decisions else None
        if last is not None:
            last.end = min(last.end, decision.time)
        before = (0, decision.phases) if last is None else (last.target_w, last.phases)
        if before != (decision.target_w, decision.phases):
            command = Command(
                id=self.id * 1000 + len(self.commands) + 1,
                time=decision.time,
                watts=decision.target_w,
                amps=amps,
                phases=decision.phases,
                is_applied=2 * decision.power_w >= decision.target_w,
                observed_w=decision.power_w,
            )
            self.commands.append(command)
            decision.command_id = command.id
        self.decisions.append(decision)

    def close(self, moment: int) -> None:
        """End it."""
        self.ended_at = max(moment, self.started_at)
        if self.decisions:
            last = self.decisions[-1]
            last.end = max(last.time, min(last.end, moment))

    def forget(self, moment: int) -> None:
        """Undo what came after a time."""
        if self.ended_at is not None and self.ended_at > moment:
            self.ended_at = None
        while self.decisions and self.decisions[-1].time > moment:
            del self.decisions[-1]
        while self.commands and self.commands[-1].time > moment:
            del self.commands[-1]

    def is_over(self, now: int) -> bool:
        """Whether it is over at a time."""
        return self.ended_at is not None and self.ended_at <= now

    def decision_at(self, now: int) -> Decision | None:
        """Return the decision in force at a time."""
        for decision in reversed(self.decisions):
            if decision.time <= now:
                return decision if now < decision.end else None
        return None

    def solar_kwh(self, start: int, end: int) -> float:
        """Return the solar energy charged between two times."""
        return sum(item.solar_kwh(start, end) for item in self.decisions)

    def savings_eur(self, start: int, end: int) -> float:
        """Return what the solar energy of a span saves, as far as prices are known."""
        return sum(
            item.solar_kwh(start, end) * (item.eur_per_kwh or 0)
            for item in self.decisions
        )

    def to_json(self, now: int) -> dict[str, object]:
        """Return the API's HEMSSessionItem as it stands at a time."""
        over = self.is_over(now)
        made = [item for item in self.decisions if item.time <= now]
        commands = [item for item in self.commands if item.time <= now]
        applied = sum(item.is_applied for item in commands)
        return {
            "id": self.id,
            "ocpp_transaction_id": self.transaction_id,
            "started_at": iso(self.started_at),
            "ended_at": iso(self.ended_at) if over else None,
            "final_hems_state": made[-1].state if over and made else None,
            "energy_from_solar_kwh": round(self.solar_kwh(0, now), 3),
            "savings_eur": round(self.savings_eur(0, now), 4),
            "has_complete_price_coverage": all(
                item.eur_per_kwh is not None for item in made if item.solar_w
            ),
            "commands_sent": len(commands),
            "commands_applied": applied,
            "commands_ineffective": len(commands) - applied,
        }

    def detail(self, now: int) -> dict[str, object]:
        """Return the API's HEMSSessionDetail as it stands at a time."""
        return {
            "session": self.to_json(now),
            "decisions": [
                item.to_json() for item in self.decisions if item.time <= now
            ],
            "commands": [item.to_json() for item in self.commands if item.time <= now],
        }
