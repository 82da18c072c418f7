"""A wallbox: what is plugged in charges by plan, at once, or by what the sun leaves over."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .car_state import CarState
from .chance import dice
from .charging import ChargingSettings, follows_sun
from .prices import Prices
from .solar_sessions import SOLAR, WAITING, SolarSession
from .steered_car import SteeredCar, VisitingCar
from .steering import INTERVAL, Situation, decide
from .sun import Place
from .times import DAY, QUARTER, from_local, iso, local_day

_MINUTE = 60
_FEED_IN_EUR_KWH = 0.07
"""What a kWh would have earned had it been exported."""

type Snapshot = tuple[bool, int, VisitingCar | None, tuple[CarState, int] | None]


@dataclass(kw_only=True)
class WallboxSettings:
    """What a household may set."""

    is_smart_optimization_active: bool = True


@dataclass(kw_only=True)
class Wallbox:
    """A wallbox computed quarter by quarter, with the decisions in each."""

    seed: int
    name: str
    position: int
    """The household's car with this position is plugged in here while it is at home."""
    place: Place
    prices: Prices
    cars: list[SteeredCar]
    """All cars of the household."""
    charging: ChargingSettings
    first: int
    charge_w: int
    settings: WallboxSettings = field(default_factory=WallboxSettings)

    def __post_init__(self) -> None:
        """Begin with whatever is plugged in."""
        self.sessions: list[SolarSession] = []
        """By start; the last one may be under way."""
        self.visitor: VisitingCar | None = None
        self.boost_armed = False
        self._fired_at = 0
        """When a boost that waited for the plug began."""
        self._solar = (0, 0)
        """Index and mean solar W of the quarter computed last."""
        self._changed_at = 0
        """When somebody last changed something; what was decided before stays."""
        self._first_id = dice(self.seed, self.name, "ids").randrange(200, 9000) * 10
        self._visits = 0

    # What a household does with it

    @property
    def is_following_sun(self) -> bool:
        """Whether Podero steers it by the sun."""
        return self.settings.is_smart_optimization_active and follows_sun(
            self.charging.mode
        )

    def plug(self, now: int, first: int) -> None:
        """Let a visitor plug in.

        Args:
            now: The time.
            first: Index of the next quarter to be computed.
        """
        self._visits += 1
        self.visitor = VisitingCar(
            seed=self.seed,
            name=f"{self.name}/visitor/{self._visits}",
            place=self.place,
            prices=self.prices,
            first=first,
            charge_w=self.charge_w,
            mode=self.charging.mode,
        )
        self.visitor.plug_in(now)
        if self.boost_armed:
            self.boost_armed = False
            self.visitor.boost(now, plugged_in=True)

    def unplug(self, car: SteeredCar, now: int) -> None:
        """Pull the plug of what is plugged in."""
        if car is self.visitor:
            self.visitor = None
        else:
            car.unplug(now)

    def stop_boost(self, car: SteeredCar | None, now: int) -> None:
        """End a boost that runs, or waits for the plug; ``car`` is what is plugged in."""
        self.boost_armed = False
        if car is not None:
            car.stop_boost(now)

    def step(self, index: int, export: Callable[[int], int]) -> int:
        """Compute the next quarter, after the household's cars.

        Args:
            index: The quarter.
            export: Returns the mean W that would be exported, negative for imports, with so many W
                for what visits.

        Returns:
            The mean W it takes from the home beside what the household's cars have planned.
        """
        start = index * QUARTER
        taken = self._step_visitor(index)
        car = self._plugged()
        begin = start
        if start <= self._changed_at < start + QUARTER:
            begin = self._changed_at - self._changed_at % _MINUTE + _MINUTE
        if car is None or car.state.session is None or not self.is_following_sun:
            self._close(start)
            self._solar = (index, self._mean(start))
            if car is not None:
                car.absorb(self._solar[1])
            return taken + self._solar[1]
        plug_in = car.state.session.plug_in
        begin = max(begin, -(-plug_in // _MINUTE) * _MINUTE)
        if self._open() and self.sessions[-1].plugged_at != plug_in:
            self._close(start)
        self._decide_all(index, begin, car, export(taken))
        mean = self._mean(start)
        car.absorb(mean)
        self._solar = (index, mean)
        return taken + mean

    def _step_visitor(self, index: int) -> int:
        own = self._own()
        if own is not None and own.state.session and own.state.session.at_home:
            self.visitor = None
        return self.visitor.step(index) if self.visitor else 0

    def _own(self) -> SteeredCar | None:
        position = self.position
        return self.cars[position] if position < len(self.cars) else None

    def _plugged(self) -> SteeredCar | None:
        """Return the car plugged in at the end of the quarter computed last; a boost that waited begins."""
        own = self._own()
        session = None if own is None else own.state.session
        if own is None or session is None or not session.at_home:
            return self.visitor
        if self.boost_armed:
            self.boost_armed = False
            self._fired_at = session.plug_in
            own.boost(session.plug_in, plugged_in=True)
        return own

    def snapshot(self) -> Snapshot:
        """Return what :meth:`restore` needs to forget the quarters computed after now."""
        visitor = self.visitor
        state = None if visitor is None else visitor.snapshot()
        return self.boost_armed, self._fired_at, visitor, state

    def restore(self, snapshot: Snapshot, start: int, now: int) -> None:
        """Go back to a snapshot; decisions between the start of the quarter forgotten and now stay."""
        self.boost_armed, self._fired_at, self.visitor, state = snapshot
        if self.visitor is not None and state is not None:
            self.visitor.restore(state)
        self._changed_at = now
        keep = max(start - 1, now)
        while self.sessions and self.sessions[-1].started_at > keep:
            del self.sessions[-1]
        if self.sessions:
            self.sessions[-1].forget(keep)

    # Deciding

    def _open(self) -> bool:
        return bool(self.sessions) and self.sessions[-1].ended_at is None

    def _close(self, start: int) -> None:
        """End the session under way: when the plug was pulled, or the steering ended."""
        if not self._open():
            return
        session = self.sessions[-1]
        moment = start
        if start <= self._changed_at < start + QUARTER:
            moment = self._changed_at
        own = self._own()
        for plug in () if own is None else own.sessions[-1:]:
            if plug.plug_in == session.plugged_at and plug.end is not None:
                moment = max(moment, plug.end)
        session.close(moment)

    def _mean(self, start: int) -> int:
        """Mean W of solar charging in a quarter, by the decisions made in it."""
        if not self.sessions:
            return 0
        total = 0
        for decision in reversed(self.sessions[-1].decisions):
            if decision.time < start:
                break
            if decision.state == SOLAR:
                total += decision.power_w * (decision.end - decision.time)
        return total // QUARTER

    def _decide_all(
        self, index: int, begin: int, car: SteeredCar, surplus: int
    ) -> None:
        """Decide from a time until the end of a quarter."""
        start = index * QUARTER
        end = start + QUARTER
        if not self._open() and begin < end and car.state.session is not None:
            self._begin(begin, car.state.session.plug_in)
        missing = car.state.need_wh - self._mean(start) / 4
        eur_per_kwh = None
        if dice(self.seed, self.name, "price", index // 4).random() > 0.06:
            eur_per_kwh = car.rates.at(index) - _FEED_IN_EUR_KWH
        time = begin
        while time < end:
            session = self.sessions[-1]
            noise = dice(self.seed, self.name, time).gauss(0, 25 + abs(surplus) / 50)
            decision, amps = decide(
                Situation(
                    time=time,
                    last=session.decisions[-1] if session.decisions else None,
                    surplus=surplus,
                    measured=round(surplus + noise),
                    planned=car.power[-1],
                    missing_wh=missing,
                    is_stalled=car.state.stalled,
                    is_boosting=car.state.is_boosting(time),
                    limit=self.charge_w,
                    eur_per_kwh=eur_per_kwh,
                ),
                self.charging,
            )
            session.add(decision, amps)
            following = time - time % INTERVAL + INTERVAL
            if decision.state != SOLAR and (decision.state != WAITING or surplus < 100):
                # Nothing to decide on before the next quarter
                following = end
            decision.end = following
            if decision.state == SOLAR:
                missing -= decision.power_w * (following - time) / 3600
            time = following

    def _begin(self, moment: int, plug_in: int) -> None:
        number = self._first_id + len(self.sessions) * 10 + self.position
        chance = dice(self.seed, self.name, "transaction", plug_in)
        self.sessions.append(
            SolarSession(
                id=number,
                transaction_id=chance.randrange(10**6),
                plugged_at=plug_in,
                started_at=moment,
            )
        )

    # What can be asked about a time

    def car_at(self, now: int) -> SteeredCar | None:
        """Return the car that is plugged in at a time."""
        own = self._own()
        session = None if own is None else own.session_at(now)
        return own if session is not None and session.at_home else self.visitor

    def is_armed(self, now: int) -> bool:
        """Whether a boost waits for the plug at a time."""
        return self.boost_armed or now < self._fired_at

    def current(self, now: int) -> SolarSession | None:
        """Return the session under way at a time."""
        for session in reversed(self.sessions):
            if session.started_at <= now:
                return None if session.is_over(now) else session
        return None

    def over(self, now: int) -> list[SolarSession]:
        """Return the sessions that are over at a time, by start."""
        return [item for item in self.sessions if item.is_over(now)]

    def power_at(self, now: int) -> tuple[int, int]:
        """Return the W that are charged at a time, and what of it solar charging steers."""
        car = self.car_at(now)
        if car is None:
            return 0, 0
        session = self.current(now)
        decision = None if session is None else session.decision_at(now)
        if decision is not None and decision.state == SOLAR:
            return decision.power_w, decision.power_w
        planned = car.power_at(now)
        if self._solar[0] == now // QUARTER:
            planned = max(0, planned - self._solar[1])
        return planned, 0

    def solar_kwh_today(self, now: int) -> float:
        """Return the solar energy charged since local midnight."""
        zone = self.place.zone
        midnight = from_local(zone, local_day(zone, now), 0)
        return sum(
            session.solar_kwh(midnight, now)
            for session in self.sessions
            if session.ended_at is None or session.ended_at > midnight
        )

    def truth(self, now: int) -> dict[str, object]:
        """Return what it does at a time, and why."""
        car, session = self.car_at(now), self.current(now)
        decision = None if session is None else session.decision_at(now)
        power, solar = self.power_at(now)
        answer: dict[str, object] = {
            "mode": self.charging.mode,
            "follows_sun": self.is_following_sun,
            "plugged_in": car is not None,
            "visitor": car is not None and car is self.visitor,
            "power_w": power,
            "solar_power_w": solar,
            "session_id": None if session is None else session.id,
            "decided_at": None,
        }
        if decision is not None:
            return answer | {
                "decided_at": iso(decision.time),
                "state": decision.state,
                "reason": decision.reason,
                "export_w": decision.export_w,
                "target_w": decision.target_w,
            }
        if car is None:
            reason = "unplugged"
        elif car.state.is_boosting(now):
            reason = "boost_requested"
        elif power:
            reason = "unsteered" if self.charging.mode == "none" else "cheap_price"
        else:
            waits = car.state.need_wh > 20
            reason = "waiting_for_plan" if waits else "fully_charged"
        return answer | {"state": None, "reason": reason}

    def to_json(self, now: int, boost_state: str) -> dict[str, object]:
        """Return the fields that only a wallbox has, at a time that was computed."""
        car = self.car_at(now)
        power = self.power_at(now)[0]
        deadline = from_local(self.place.zone, local_day(self.place.zone, now), 21_600)
        steering = "charging" if power else "waiting"
        return {
            "current_mode": self.charging.mode,
            "actual_steering_state": "unplugged" if car is None else steering,
            "charge_target_min": 50,
            "charge_target_max": 80,
            "charge_power_max_w": self.charge_w,
            "is_charge_policy_enabled": False,
            "minimum_charge_limit": 80,
            "charge_deadline_at": iso(deadline if deadline > now else deadline + DAY),
            "is_over_charge_allowed": False,
            "is_plugged_in": car is not None,
            "is_charging": power > 0,
            "boost_state": boost_state,
            "boost_for_next_session": self.is_armed(now),
        }
