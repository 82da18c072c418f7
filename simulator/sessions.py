"""Charging sessions: what the car's model writes down and the API tells."""

from dataclasses import dataclass

from .times import iso


@dataclass(kw_only=True, slots=True)
class Session:
    """From plugging in to unplugging. Times in seconds since 1970."""

    id: str
    plug_in: int
    initial_pct: float
    at_home: bool
    end: int | None = None
    """When it was over, whether or not an unplug event was seen."""
    seen_unplug: bool = True
    window_start: int | None = None
    window_end: int | None = None
    plans: tuple[tuple[int, int | None, int | None], ...] = ()
    """Every window there was: since when it was planned, its start and its end."""
    deadline: int | None = None
    target_pct: float | None = None
    final_pct: float | None = None
    energy_wh: float = 0
    cost_eur: float = 0
    plain_cost_eur: float = 0
    """What the same energy would have cost from plugging in, at full power; known at the end."""
    expected_savings_eur: float = 0
    charging_quarters: int = 0
    peak_w: int = 0
    boosted: bool = False

    def plan(self, now: int, start: int | None, end: int | None) -> None:
        """Take a window, and remember since when."""
        self.window_start, self.window_end = start, end
        self.plans = (*self.plans, (now, start, end))

    def begun_by(self, now: int) -> int | None:
        """Return since when it charges, if it did: not from a plan that was moved ahead."""
        start = self.window_start
        return start if self.charging_quarters and (start or now) < now else None

    def is_planned(self, now: int) -> bool:
        """Whether a time lies in the window."""
        return (self.window_start or 0) <= now < (self.window_end or 0)

    def planned_at(self, now: int) -> tuple[int, int] | None:
        """Return the window as it was planned at a time."""
        start, end = self.window_start, self.window_end
        if self.plans and now < self.plans[-1][0]:
            start, end = next(
                (
                    (start, end)
                    for since, start, end in self.plans[::-1]
                    if since <= now
                ),
                (None, None),
            )
        return None if start is None or end is None else (start, end)

    def outcome(self) -> str:
        """How it ended, or stands."""
        if not self.at_home:
            return "not_at_home"
        if self.boosted:
            return "boosted"
        return "optimized" if self.window_start is not None else "no_charging_needed"

    def to_json(self) -> dict[str, object]:
        """Return the API's SessionItem."""
        over = self.end is not None
        hours = self.charging_quarters / 4
        savings = self.plain_cost_eur - self.cost_eur if self.at_home else 0.0
        return {
            "id": self.id,
            "plug_in_time": iso(self.plug_in),
            "unplug_time": iso(self.end) if self.seen_unplug else None,
            "inferred_session_end": None if self.seen_unplug else iso(self.end),
            "desired_charging_start_time": iso(self.window_start),
            "desired_charging_end_time": iso(self.window_end),
            "charge_deadline": iso(self.deadline),
            "target_soc_pct": self.target_pct,
            "initial_soc_pct": round(self.initial_pct, 1),
            "final_soc_pct": None
            if self.final_pct is None
            else round(self.final_pct, 1),
            "energy_charged_kwh": round(self.energy_wh / 1000, 3),
            "avg_charge_power_kw": round(self.energy_wh / 1000 / hours, 2)
            if hours
            else None,
            "peak_charge_power_kw": round(self.peak_w / 1000, 2) if hours else None,
            "actual_cost_eur": round(self.cost_eur, 4),
            "expected_savings_eur": round(self.expected_savings_eur, 4)
            if self.at_home
            else None,
            "actual_savings_eur": round(savings, 4) if over and self.at_home else None,
            "is_at_home": self.at_home,
            "session_outcome": self.outcome() if over else None,
        }
