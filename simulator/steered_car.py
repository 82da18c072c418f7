"""Cars as a household's charging mode sees them: those that live there, and those that visit."""

from dataclasses import dataclass
from typing import override

from .car import Car
from .charging import ChargingMode
from .sessions import Session
from .times import QUARTER
from .trips import Trip, Trips

_EFFICIENCY = 0.9
"""Share of the energy from the plug that reaches the battery."""


@dataclass(kw_only=True)
class SteeredCar(Car):
    """A car whose plan at home heeds the household's charging mode."""

    mode: ChargingMode = "spot"

    @override
    def _plan(self, session: Session, moment: int) -> None:
        """Charge at once without steering, and as late as possible where the sun comes first."""
        super()._plan(session, moment)
        by_price = self.mode in {"spot", "hems_and_spot"}
        if by_price or session.window_start is None or session.window_end is None:
            return
        length = session.window_end - session.window_start
        begin = -(-moment // QUARTER) * QUARTER
        smart = self.settings.is_smart_optimization_active
        if self.mode == "hems" and smart and session.deadline is not None:
            begin = max(begin, session.deadline // QUARTER * QUARTER - length)
        self.set_window(session, moment, begin, begin + length)

    def set_mode(self, mode: ChargingMode, now: int) -> None:
        """Heed another charging mode from the quarter under way on."""
        self.mode = mode
        if self.state.boost_at is None:
            self._plan_anew(now - now % QUARTER)

    def stop_boost(self, now: int) -> None:
        """End a boost that runs, or waits for the next session."""
        self.state.boost_armed = False
        if self.state.boost_at is not None:
            self._end_boost(now, "cancelled")
            self._plan_anew(now)

    def _plan_anew(self, moment: int) -> None:
        session = self.state.session
        if session is None or not session.at_home or session.target_pct is None:
            return
        session.plan(moment, None, None)
        self._set_need(session.target_pct)
        self._plan(session, max(moment, session.plug_in))

    def unplug(self, now: int) -> None:
        """Pull the plug before the quarter under way, which has to be forgotten."""
        self._unplug(now - now % QUARTER - 1)

    def absorb(self, power: int) -> None:
        """Take so many W in the quarter computed last, beside what was planned in it."""
        state = self.state
        session = state.session
        if session is None or not power:
            return
        index = self.first + len(self.power) - 1
        stored = power / 4 * _EFFICIENCY
        state.need_wh = max(0.0, state.need_wh - power / 4)
        state.energy_wh += stored
        self.power[-1] += power
        self.level[-1] += round(stored / 2 / self.capacity_wh * 1000)
        session.energy_wh += power / 4
        session.cost_eur += power / 4000 * self.rates.at(index)
        session.charging_quarters += 1
        session.peak_w = max(session.peak_w, self.power[-1])


class _NoTrips(Trips):
    """A car that stays where it is."""

    @override
    def on(self, day: int) -> Trip | None:
        return None


@dataclass(kw_only=True)
class VisitingCar(SteeredCar):
    """A car that Podero does not know, plugged in and unplugged by hand."""

    capacity_wh: int = 58_000

    @override
    def __post_init__(self) -> None:
        """Arrive at a third."""
        super().__post_init__()
        self.trips = _NoTrips(self.seed, self.name, self.place)
        self.state.energy_wh = 0.35 * self.capacity_wh

    @override
    def _plugs_in_at_home(self, start: int, end: int) -> bool:
        return False

    def plug_in(self, now: int) -> None:
        """Put the plug in, for the whole quarter under way."""
        self._plug_in(now - now % QUARTER, at_home=True)
