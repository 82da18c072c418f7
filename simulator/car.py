"""A car: driven by day, charged in a planned window by night."""

from array import array
from bisect import bisect_right
import copy
from dataclasses import dataclass, field

from .chance import dice, uuid
from .prices import Prices
from .sessions import Session
from .sun import Place
from .times import DAY, QUARTER, from_local, local_day
from .trips import Trips

_EFFICIENCY = 0.9
"""Share of the energy from the plug that reaches the battery."""
_CONSUMPTION_WH_KM = 175
_FEES_EUR_KWH = 0.17
"""What grid and taxes add to the day-ahead price."""
_AWAY_W = 7400
BOOST_DELAY = 20
"""Seconds from a boost's request until it runs."""


@dataclass(kw_only=True)
class CarSettings:
    """What a household may set."""

    is_smart_optimization_active: bool = True
    is_charge_policy_enabled: bool = True
    minimum_charge_limit: int = 80
    charge_deadline_at: str = "06:00:00"
    minimum_solar_coverage: float = 1
    hems_min_export_to_start_w: int = 2000
    hems_max_import_before_stopping_w: int = 4000
    hems_min_production_to_start_w: int = 3000
    hems_min_production_before_stopping_w: int = 2000


@dataclass(kw_only=True, slots=True)
class CarState:
    """What carries over from one quarter to the next."""

    energy_wh: float
    need_wh: float = 0
    """Still to be charged in this session, counted at the plug."""
    plain_need_wh: float = 0
    """The same had charging begun at once."""
    boost_at: int | None = None
    """When the boost of the session under way was asked for."""
    boost_armed: bool = False
    last_boost_at: int | None = None
    last_boost_end: int | None = None
    last_boost_reason: str | None = None
    session: Session | None = None

    def is_boosting(self, now: int) -> bool:
        """Return whether a boost was asked for and is not over at a time."""
        if self.session is None or not self.session.boosted:
            return False
        return self.boost_at is not None or now < (self.last_boost_end or 0)

    def is_armed(self, now: int) -> bool:
        """Return whether a boost waits for the next session at a time."""
        session = self.session
        if session is not None and now < session.plug_in and session.boosted:
            return True
        return self.boost_armed


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
    settings: CarSettings = field(default_factory=CarSettings)

    def __post_init__(self) -> None:
        """Park it at home, half full."""
        self.id = uuid(self.seed, self.name)
        self.trips = Trips(self.seed, self.name, self.place)
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
            and dice(self.seed, self.name, "plug", day).random() < 0.93
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
        session.target_pct = self.settings.minimum_charge_limit if at_home else 90
        self._set_need(session.target_pct)
        state.plain_need_wh = state.need_wh
        if at_home:
            self._plan(session, moment)
            if state.boost_armed:
                state.boost_armed = False
                self._start_boost(moment)

    def _set_need(self, target: float) -> None:
        level = self.state.energy_wh / self.capacity_wh * 100
        missing = max(0.0, target - level) / 100 * self.capacity_wh / _EFFICIENCY
        self.state.need_wh = missing if missing > 100 else 0

    def _plan(self, session: Session, moment: int) -> None:
        """Choose the cheapest window before the deadline."""
        settings = self.settings
        session.deadline = self._next_deadline(moment)
        if not self.state.need_wh:
            return
        earliest = -(-moment // QUARTER)
        quarters = -(-int(self.state.need_wh * 4) // self.charge_w)
        latest = session.deadline // QUARTER - quarters
        begin = earliest
        cost = plain = sum(self.prices.at(earliest + step) for step in range(quarters))
        if settings.is_smart_optimization_active and latest > earliest:
            running = plain
            for start in range(earliest + 1, latest + 1):
                running += self.prices.at(start + quarters - 1) - self.prices.at(
                    start - 1
                )
                if running < cost:
                    begin, cost = start, running
        session.window_start = begin * QUARTER
        session.window_end = (begin + quarters) * QUARTER
        kwh = self.state.need_wh / quarters / 1000
        session.expected_savings_eur = (plain - cost) / 100_000 * kwh

    def _next_deadline(self, moment: int) -> int:
        hours, minutes = self.settings.charge_deadline_at.split(":")[:2]
        wall = int(hours) * 3600 + int(minutes) * 60
        today = local_day(self.place.zone, moment)
        deadline = from_local(self.place.zone, today, wall)
        return (
            deadline
            if deadline > moment
            else from_local(self.place.zone, today + 1, wall)
        )

    def _unplug(self, moment: int) -> None:
        state = self.state
        session = state.session
        if session is None:
            return
        session.end = max(moment, session.plug_in + 1)
        session.final_pct = state.energy_wh / self.capacity_wh * 100
        if state.boost_at is not None:
            self._end_boost(moment, "unplugged")
        state.session = None
        state.need_wh = state.plain_need_wh = 0
        self.sessions.append(session)

    # Charging

    def _charge(self, index: int, session: Session) -> tuple[int, int]:
        state = self.state
        limit = self.charge_w if session.at_home else _AWAY_W
        rate = (self.prices.at(index) / 100_000 + _FEES_EUR_KWH) / 4000
        plain = min(limit, int(state.plain_need_wh * 4))
        state.plain_need_wh = max(0.0, state.plain_need_wh - plain / 4)
        session.plain_cost_eur += plain * rate
        start = index * QUARTER
        planned = (
            not session.at_home
            or (session.window_start or 0) <= start < (session.window_end or 0)
            or state.boost_at is not None
        )
        power = min(limit, int(state.need_wh * 4)) if planned else 0
        if power:
            state.need_wh -= power / 4
            state.energy_wh += power / 4 * _EFFICIENCY
            session.energy_wh += power / 4
            session.cost_eur += power * rate
            session.charging_quarters += 1
            session.peak_w = max(session.peak_w, power)
        if planned and state.need_wh * 4 < 1 and state.boost_at is not None:
            self._end_boost((index + 1) * QUARTER, "fully_charged")
        return power, plain

    # Boost

    def boost(self, now: int, *, plugged_in: bool) -> None:
        """Charge now if plugged in at home, else at the next session.

        The quarter under way has to be forgotten before, hence the caller says
        whether the car is plugged in now.
        """
        session = self.state.session
        if plugged_in and session is not None and session.at_home:
            self._start_boost(now)
        else:
            self.state.boost_armed = True

    def replan(self, now: int) -> None:
        """Heed changed settings in the session under way."""
        session = self.state.session
        if session is None or not session.at_home or self.state.boost_at is not None:
            return
        begun = session.window_start if session.charging_quarters else None
        session.target_pct = self.settings.minimum_charge_limit
        session.window_start = session.window_end = None
        self._set_need(session.target_pct)
        self._plan(session, max(now - now % QUARTER, session.plug_in))
        if begun is not None:
            # What was charged already belongs to the session's charging time.
            session.window_start = begun
            session.window_end = max(session.window_end or 0, now - now % QUARTER)

    def _start_boost(self, moment: int) -> None:
        state = self.state
        session = state.session
        state.last_boost_at = moment
        if session is None or not state.need_wh:
            return
        state.boost_at = moment
        session.boosted = True
        begin = max(moment // QUARTER, -(-session.plug_in // QUARTER))
        quarters = -(-int(state.need_wh * 4) // self.charge_w)
        if session.window_start is None or not session.charging_quarters:
            session.window_start = begin * QUARTER
        session.window_end = (begin + quarters) * QUARTER

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
        shown.end, shown.final_pct, shown.seen_unplug = None, None, True
        shown.energy_wh = shown.cost_eur = 0
        shown.charging_quarters = shown.peak_w = 0
        for index in range(session.plug_in // QUARTER, now // QUARTER + 1):
            power = self.power[index - self.first]
            passed = min(QUARTER, now - index * QUARTER) / 3600
            rate = self.prices.at(index) / 100_000 + _FEES_EUR_KWH
            shown.energy_wh += power * passed
            shown.cost_eur += power * passed * rate / 1000
            shown.charging_quarters += power > 0
            shown.peak_w = max(shown.peak_w, power)
        return shown

    def over(self, now: int) -> list[Session]:
        """Return the sessions that are over at a time, by plug-in."""
        return [
            item for item in self.sessions if item.end is not None and item.end <= now
        ]

    def charged_kwh(self, index: int, days: int) -> float:
        """KWh charged in the whole quarters of the days before an index."""
        last = index - self.first
        return sum(self.power[max(0, last - days * DAY // QUARTER) : last]) / 4000
