"""What can be done to cars: plans moved, charging stalled, goals of the week."""

from collections.abc import Mapping
from datetime import UTC, datetime
import re

from .car import Car
from .car_truth import truth_of
from .cloud import Cloud
from .devices import Device, boost_state
from .errors import ApiError, not_found, refused
from .planning import WEEK, PolicyDay
from .times import QUARTER, to_seconds


class CarHandles(Cloud):
    """The cloud with what can be done to its cars."""

    def car(self, device_id: str) -> tuple[Device, Car]:
        """Return a vehicle, and what computes it.

        Raises:
            ApiError: 404, there is no such vehicle.
        """
        device = self.device(device_id)
        if not isinstance(device.source, Car):
            raise not_found()
        return device, device.source

    def move_plan(
        self, car_id: str, start: datetime, end: datetime | None = None
    ) -> None:
        """Move the plan of a car that is plugged in at home.

        Args:
            car_id: The vehicle.
            start: When charging is to begin; rounded down to a quarter of an hour.
            end: When it is to end, rounded up; as long as it takes if there is none.

        Raises:
            ApiError: 404, no such vehicle; 409, it is not plugged in at home.
            ValueError: The plan ends before it begins.
        """
        device, car = self.car(car_id)
        now = self.clock.seconds()
        device.home.advance(now // QUARTER)
        session = car.session_at(now)
        if session is None or not session.at_home:
            raise refused(409, "The vehicle is not plugged in at home")
        first = to_seconds(start) // QUARTER * QUARTER
        length = max(1, car.quarters_needed()) * QUARTER
        last = (
            first + length if end is None else -(-to_seconds(end) // QUARTER) * QUARTER
        )
        if last <= first:
            msg = "the plan ends before it begins"
            raise ValueError(msg)
        self.reconsider(device)
        if car.state.session is None:
            # It was plugged in within this quarter, which is computed again.
            car.state.next_plan = (first, last)
        else:
            car.set_window(car.state.session, now, first, last)

    def miss_deadline(self, car_id: str) -> None:
        """Plan a car's charging for the time after its deadline.

        Raises:
            ApiError: 404, no such vehicle; 409, it is not plugged in at home.
        """
        device, car = self.car(car_id)
        now = self.clock.seconds()
        device.home.advance(now // QUARTER)
        session = car.session_at(now)
        if session is None or session.deadline is None:
            raise refused(409, "The vehicle is not plugged in at home")
        self.move_plan(car_id, datetime.fromtimestamp(session.deadline, UTC))

    def boost(self, car_id: str) -> None:
        """Charge now, or at the next session.

        Raises:
            ApiError: 404, no such vehicle; 409, it charges already, or is full.
        """
        device, car = self.car(car_id)
        now = self.clock.seconds()
        device.home.advance(now // QUARTER)
        state = boost_state(car, now)
        if state in {"ongoing", "requested"}:
            raise ApiError(409, {"state": state, "reason": "already_charging"})
        session = car.session_at(now)
        plugged_in = session is not None and session.at_home
        if plugged_in and car.is_full(now):
            raise ApiError(409, {"state": state, "reason": "fully_charged"})
        self.reconsider(device)
        car.boost(now, plugged_in=plugged_in, late=self.conventions.boost_late_s)

    def stall(self, car_id: str) -> None:
        """Let a car take nothing, whatever its plan says, until :meth:`end_stall` or ``heal``."""
        device, car = self.car(car_id)
        self.reconsider(device)
        car.state.stalled = True

    def end_stall(self, car_id: str) -> None:
        """Let a car charge again; a plan that has begun gets the time it still needs."""
        device, car = self.car(car_id)
        if not car.state.stalled:
            return
        self.reconsider(device)
        now, session = self.clock.seconds(), car.state.session
        car.state.stalled = False
        if session is None or session.window_start is None:
            return
        if session.window_start <= now and car.state.need_wh:
            needed = car.quarters_needed() * QUARTER
            session.plan(now, session.window_start, now - now % QUARTER + needed)

    def set_policy(
        self, car_id: str, **days: Mapping[str, int | str | None] | None
    ) -> None:
        """Set a car's goals by the day of the week (``mon`` to ``sun``).

        A day has ``charge_percentage`` and ``charge_deadline`` (``HH:MM``), of which what is missing or None
        is as the vehicle's settings say; a day that is None has no goal. The session under way is planned anew.

        Raises:
            ValueError: Not a day, or not what a day can have.
        """
        device, car = self.car(car_id)
        changed = {name: _policy_day(name, value) for name, value in days.items()}
        self.reconsider(device)
        car.policy.days.update(changed)
        car.replan(self.clock.seconds())
        device.updated_at = self.clock.seconds()

    def charging_truth(
        self, car_id: str, at: datetime | None = None
    ) -> dict[str, object]:
        """Return what the simulation knows of a car at a moment.

        Args:
            car_id: The vehicle.
            at: Now, or an earlier time, of which the boosts and settings are taken as they are now.

        Returns:
            ``status``, one of section 5a's (``disconnected`` and ``paused`` only for now), and what
            :func:`.car_truth.truth_of` says.
        """
        device, car = self.car(car_id)
        now = self.clock.seconds()
        moment = now if at is None else min(now, to_seconds(at))
        device.home.advance(now // QUARTER)
        truth = truth_of(car, moment)
        codes = {cue.code for cue in self.cues.of(device.id)}
        signed_out = device.overrides.get("is_authenticated") is False
        if signed_out or "reauthenticate" in codes:
            truth["status"] = "disconnected"
        elif device.overrides.get("is_pause_power_active") is True:
            truth["status"] = "paused"
        return truth


def _policy_day(
    name: str, value: Mapping[str, int | str | None] | None
) -> PolicyDay | None:
    if name not in WEEK:
        msg = f"no such day: {name}"
        raise ValueError(msg)
    if value is None:
        return None
    percentage, deadline = value.get("charge_percentage"), value.get("charge_deadline")
    if set(value) - {"charge_percentage", "charge_deadline"} or not (
        percentage is None or (isinstance(percentage, int) and 0 <= percentage <= 100)
    ):
        msg = f"not a goal: {dict(value)}"
        raise ValueError(msg)
    if deadline is None:
        return PolicyDay(percentage=percentage)
    if not isinstance(deadline, str) or not re.fullmatch(
        r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", deadline
    ):
        msg = f"not a time: {deadline}"
        raise ValueError(msg)
    spelled = deadline if len(deadline) > 5 else f"{deadline}:00"
    return PolicyDay(percentage=percentage, deadline=spelled)
