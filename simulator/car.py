"""A car: driven by day, charged in a planned window by night."""

from array import array
from bisect import bisect_right
import copy
from dataclasses import dataclass, field

from .car_state import CarSettings, CarState
from .chance import dice, uuid
from .planning import Goal, Rates, Tariff, WeeklyPolicy, choose_start
from .prices import Prices
from .sessions import Session
from .sun import Place
from .times import DAY, QUARTER, from_local, local_day
from .trips import HABITS, Habits, Trips

_EFFICIENCY = 0.9
"""Share of the energy from the plug that reaches the battery."""
_CONSUMPTION_WH_KM = 175
MAX_PERCENT = 90
"""Level at which the car itself stops, as set in its maker's app."""
_AWAY_W = 7400
BOOST_DELAY = 20
"""Seconds from a boost's request until it runs."""


@dataclass(kw_only=True)
class Car:
    """A car computed quarter by quarter. Its columns begin at the index ``first``."""

    seed: int
    name: str
    place: Place
    prices: Prices
    first: int
    capacity_wh: int = 60_000
    charge_w: int = 11_000
    habits: Habits = HABITS
    tariff: Tariff = field(default_factory=Tariff)
    policy: WeeklyPolicy = field(default_factory=WeeklyPolicy)
    settings: CarSettings = field(default_factory=CarSettings)

    def __post_init__(self) -> None:
        """Park it at home, half full."""
        self.id = uuid(self.seed, self.name)
        self.trips = Trips(self.seed, self.name, self.place, self.habits)
        self.rates = Rates(self.prices, self.tariff, self.place.zone)
        self.power = array("i")
        """W at the plug, wherever that is."""
        self.plain_power = array("i")
        """W at the plug had charging begun at once."""
        self.level = array("h")
        """Tenths of a percent."""
        self.sessions: list[Session] = []
        """Those that are over."""
        self.state = CarState(energy_wh=0.55 * self.capacity_wh)

    # What a household does with it

    def step(self, index: int) -> int:
        """Compute the next quarter.

        Returns:
            The mean W it takes from the home.
        """
        start = index * QUARTER
        end = start + QUARTER
        state = self.state
        before = state.energy_wh
        trip = self.trips.on(local_day(self.place.zone, start))
        session = state.session
        whole = session is not None and session.plug_in <= start
        if trip is not None:
            if session is not None and start <= trip.leave < end:
                self._unplug(trip.leave)
                whole = False
            if trip.unplug is not None and start <= trip.unplug < end:
                self._unplug(trip.unplug)
                whole = False
            if trip.leave < end and trip.back >= start:
                driven = trip.driven_km(start, end) * _CONSUMPTION_WH_KM
                state.energy_wh = max(0.04 * self.capacity_wh, state.energy_wh - driven)
            if trip.plug_in is not None and start <= trip.plug_in < end:
                self._plug_in(trip.plug_in, at_home=False)
        if state.session is None and self._plugs_in_at_home(start, end):
            self._plug_in(self._home_plug_time(start), at_home=True)
        power = plain = 0
        if whole and state.session is not None:
            power, plain = self._charge(index, state.session)
        self.power.append(power)
        self.plain_power.append(plain)
        self.level.append(
            round((before + state.energy_wh) / 2 / self.capacity_wh * 1000)
        )
        return power if state.session is not None and state.session.at_home else 0

    def snapshot(self) -> tuple[CarState, int]:
        """Return what :meth:`restore` needs to forget the quarters computed after now."""
        state = copy.copy(self.state)
        state.session = copy.copy(state.session)
        return state, len(self.power)

    def restore(self, snapshot: tuple[CarState, int]) -> None:
        """Go back to a snapshot."""
        self.state, length = snapshot
        for column in (self.power, self.plain_power, self.level):
            del column[length:]
        limit = (self.first + length) * QUARTER
        self.sessions = [item for item in self.sessions if (item.end or 0) < limit]

    # Plugging in and out

    def _plugs_in_at_home(self, start: int, end: int) -> bool:
        """Whether the driver plugs the car in at home in a quarter."""
        day = local_day(self.place.zone, start)
        trip = self.trips.on(day)
        if trip is None or trip.back < start:
            # Not plugged in on return: perhaps forgotten, made up for at nine.
            nine = from_local(self.place.zone, day, 21 * 3600)
            return start <= nine < end
        return (
            start <= trip.back < end
            and dice(self.seed, self.name, "plug", day).random() >= self.habits.forgets
        )

    def _home_plug_time(self, start: int) -> int:
        trip = self.trips.on(local_day(self.place.zone, start))
        if trip is not None and start <= trip.back < start + QUARTER:
            return trip.back
        return start + dice(self.seed, self.name, "late", start).randrange(QUARTER)

    def _plug_in(self, moment: int, *, at_home: bool) -> None:
        state = self.state
        level = state.energy_wh / self.capacity_wh * 100
        session = state.session = Session(
            id=uuid(self.seed, self.name, "session", moment),
            plug_in=moment,
            initial_pct=level,
            at_home=at_home,
            seen_unplug=dice(self.seed, self.name, "seen", moment).random() > 0.06,
        )
        goal = self.next_goal(moment)
        session.target_pct = goal.percentage if at_home else MAX_PERCENT
        self._set_need(session.target_pct)
        state.plain_need_wh = state.need_wh
        if at_home:
            self._plan(session, moment)
            if state.next_plan is not None:
                self.set_window(session, moment, *state.next_plan)
            if state.boost_armed:
                state.boost_armed = False
                self._start_boost(moment)
        state.next_plan = None

    def _set_need(self, target: float) -> None:
        level = self.state.energy_wh / self.capacity_wh * 100
        missing = (
            max(0.0, min(target, MAX_PERCENT) - level)
            / 100
            * self.capacity_wh
            / _EFFICIENCY
        )
        self.state.need_wh = missing if missing > 100 else 0

    def next_goal(self, moment: int) -> Goal:
        """Return the next deadline and its target: the week's, or the daily one."""
        settings, policy = self.settings, self.policy
        if not settings.is_charge_policy_enabled:
            policy = WeeklyPolicy()
        return policy.next(
            self.place.zone,
            moment,
            percentage=settings.minimum_charge_limit,
            deadline=settings.charge_deadline_at,
        )

    def _plan(self, session: Session, moment: int) -> None:
        """Choose the window before the deadline: in the night tariff, else the cheapest."""
        goal = self.next_goal(moment)
        session.deadline = goal.deadline
        if not self.state.need_wh:
            return
        earliest = -(-moment // QUARTER)
        quarters = self.quarters_needed()
        begin = earliest
        if self.settings.is_smart_optimization_active:
            begin = choose_start(
                self.rates.at,
                earliest,
                goal.deadline // QUARTER - quarters,
                quarters,
                self.tariff.next_night(self.place.zone, moment),
            )
        self.set_window(session, moment, begin * QUARTER, (begin + quarters) * QUARTER)

    def quarters_needed(self) -> int:
        """How many quarters it takes to charge what is missing."""
        return -(-int(self.state.need_wh * 4) // self.charge_w)

    def set_window(self, session: Session, moment: int, start: int, end: int) -> None:
        """Plan to charge from one time to another, as known from a moment on."""
        session.plan(moment, start, end)
        need, at_once = self.state.need_wh, -(-moment // QUARTER)
        session.expected_savings_eur = self.rates.cost_from(
            at_once, need, self.charge_w
        ) - self.rates.cost_from(start // QUARTER, need, self.charge_w)

    def _unplug(self, moment: int) -> None:
        state = self.state
        session = state.session
        if session is None:
            return
        session.end = max(moment, session.plug_in + 1)
        session.final_pct = state.energy_wh / self.capacity_wh * 100
        session.plain_cost_eur = self.rates.cost_from(
            -(-session.plug_in // QUARTER),
            session.energy_wh,
            self.charge_w if session.at_home else _AWAY_W,
        )
        if state.boost_at is not None:
            self._end_boost(moment, "unplugged")
        state.session = None
        state.need_wh = state.plain_need_wh = 0
        self.sessions.append(session)

    # Charging

    def _charge(self, index: int, session: Session) -> tuple[int, int]:
        state = self.state
        limit = self.charge_w if session.at_home else _AWAY_W
        plain = min(limit, int(state.plain_need_wh * 4))
        state.plain_need_wh = max(0.0, state.plain_need_wh - plain / 4)
        planned = not state.stalled and (
            not session.at_home
            or session.is_planned(index * QUARTER)
            or state.boost_at is not None
        )
        power = min(limit, int(state.need_wh * 4)) if planned else 0
        if power:
            state.need_wh -= power / 4
            state.energy_wh += power / 4 * _EFFICIENCY
            session.energy_wh += power / 4
            session.cost_eur += power * self.rates.at(index) / 4000
            session.charging_quarters += 1
            session.peak_w = max(session.peak_w, power)
        if planned and state.need_wh * 4 < 1 and state.boost_at is not None:
            self._end_boost((index + 1) * QUARTER, "fully_charged")
        return power, plain

    # What is done to it. The quarter under way has to be forgotten before, and with
    # it a plug-in in that quarter: hence the caller says whether the car is plugged in.

    def boost(self, now: int, *, plugged_in: bool, late: int = 0) -> None:
        """Charge now if plugged in at home, else at the next session.

        Args:
            now: The time.
            plugged_in: Whether it is plugged in at home.
            late: For how many seconds the boost does not show.
        """
        state, session = self.state, self.state.session
        state.boost_late = late
        state.boost_in_plan = False
        if plugged_in and session is not None and session.at_home:
            state.boost_in_plan = session.is_planned(now) and not state.stalled
            self._start_boost(now)
        else:
            state.boost_armed = True

    def replan(self, now: int) -> None:
        """Heed changed settings in the session under way."""
        session = self.state.session
        if session is None or not session.at_home or self.state.boost_at is not None:
            return
        begun = session.begun_by(now)
        quarter = now - now % QUARTER
        session.target_pct = self.next_goal(now).percentage
        session.plan(now, None, None)
        self._set_need(session.target_pct)
        self._plan(session, max(quarter, session.plug_in))
        if begun is not None:
            # What was charged already belongs to the session's charging time.
            session.plan(now, begun, max(session.window_end or 0, quarter))

    def _start_boost(self, moment: int) -> None:
        state = self.state
        session = state.session
        state.last_boost_at = moment
        if session is None or not state.need_wh:
            return
        state.boost_at = moment
        session.boosted = True
        begin = max(moment // QUARTER, -(-session.plug_in // QUARTER))
        start = session.begun_by(begin * QUARTER)
        if start is None:
            start = begin * QUARTER
        end = (begin + self.quarters_needed()) * QUARTER
        session.plan(moment + state.boost_late, start, end)

    def _end_boost(self, moment: int, reason: str) -> None:
        self.state.boost_at = None
        self.state.last_boost_end = moment
        self.state.last_boost_reason = reason

    # What can be asked about a time

    def session_at(self, now: int) -> Session | None:
        """Return the session under way at a time."""
        open_one = self.state.session
        if open_one is not None and open_one.plug_in <= now:
            return open_one
        place = bisect_right(self.sessions, now, key=lambda item: item.plug_in)
        if place and now < (self.sessions[place - 1].end or 0):
            return self.sessions[place - 1]
        return None

    def current(self, now: int) -> Session | None:
        """Return the session under way as it stands at a time."""
        session = self.session_at(now)
        if session is None:
            return None
        shown = copy.copy(session)
        shown.window_start, shown.window_end = session.planned_at(now) or (None, None)
        shown.end, shown.final_pct, shown.seen_unplug = None, None, True
        shown.energy_wh = shown.cost_eur = 0
        shown.charging_quarters = shown.peak_w = 0
        for index in range(session.plug_in // QUARTER, now // QUARTER + 1):
            power = self.power[index - self.first]
            passed = min(QUARTER, now - index * QUARTER) / 3600
            shown.energy_wh += power * passed
            shown.cost_eur += power * passed * self.rates.at(index) / 1000
            shown.charging_quarters += power > 0
            shown.peak_w = max(shown.peak_w, power)
        return shown

    def boost_phase(self, now: int) -> str | None:
        """Return how far a boost is: late (does not show yet), requested or ongoing."""
        session, state = self.session_at(now), self.state
        if session is None or session is not state.session:
            return None
        if not state.is_boosting(now):
            return None
        shows = (state.last_boost_at or 0) + state.boost_late
        if now < shows:
            return "late"
        charging = self.power[max(0, now // QUARTER - self.first)] > 0
        return "ongoing" if charging and now >= shows + BOOST_DELAY else "requested"

    def power_at(self, now: int) -> int:
        """Return the W that the car takes at a time."""
        waits = self.boost_phase(now) in {"late", "requested"}
        if waits and not self.state.boost_in_plan:
            return 0
        return self.power[max(0, now // QUARTER - self.first)]

    def level_at(self, now: int) -> float:
        """Return the level of the battery in percent at a time."""
        return self.level[max(0, now // QUARTER - self.first)] / 10

    def target_at(self, now: int) -> float:
        """Return the level in percent that the household wants at a time."""
        session = self.session_at(now)
        if session is None or not session.at_home or session.target_pct is None:
            return self.settings.minimum_charge_limit
        return session.target_pct

    def is_full(self, now: int) -> bool:
        """Whether the battery holds what the household wants."""
        return self.level_at(now) >= min(self.target_at(now), MAX_PERCENT) - 0.5

    def over(self, now: int) -> list[Session]:
        """Return the sessions that are over at a time, by plug-in."""
        return [
            item for item in self.sessions if item.end is not None and item.end <= now
        ]

    def charged_kwh(self, index: int, days: int) -> float:
        """KWh charged in the whole quarters of the days before an index."""
        last = index - self.first
        return sum(self.power[max(0, last - days * DAY // QUARTER) : last]) / 4000
