"""What is known of an electric vehicle: its detail, its charging sessions, and what follows from both."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
import math
from operator import attrgetter
from typing import Any, ClassVar, Self, override

from homeassistant.util import dt as dt_util

from ..api import ChargePolicy, ElectricVehicle, Session
from ..charging import ASSESSED, Charging, assess, stalling_since
from ..const import LOGGER
from ..device_api import DeviceApi
from . import savings
from .kind import NEVER, OUTDATED_AFTER, STALE_AFTER, Part, SteeredData

# Covers the running month whatever its length and the time zone, and what the
# history looks back over: still one request.
LOOK_BACK = timedelta(days=70)


_assessed = attrgetter(*ASSESSED)


@dataclass(frozen=True, kw_only=True)
class Month:
    """Totals of the sessions that ended in a month.

    Attributes:
        start: The beginning of the month in Home Assistant's time zone.
        energy: kWh.
        cost: EUR.
        savings: EUR.
        sessions: How many there were.
    """

    start: datetime
    energy: float
    cost: float
    savings: float
    sessions: int

    @classmethod
    def of(cls, sessions: Iterable[Session], now: datetime) -> Self:
        """Add up the sessions of the month that a time is in."""
        start = dt_util.start_of_local_day(dt_util.as_local(now)).replace(day=1)
        ended = [
            session
            for session in sessions
            if (end := session.ended_at) is not None and start <= end
        ]
        return cls(
            start=start,
            energy=_total(session.energy_charged_kwh for session in ended),
            cost=_total(session.actual_cost_eur for session in ended),
            savings=_total(session.savings_eur for session in ended),
            sessions=len(ended),
        )


def last_session(sessions: Iterable[Session]) -> Session | None:
    """Return the session that ended last."""
    return max(
        (session for session in sessions if session.ended_at is not None),
        key=lambda session: session.ended_at or datetime.min.replace(tzinfo=UTC),
        default=None,
    )


def _total(values: Iterable[float | None]) -> float:
    return math.fsum(value for value in values if value is not None)


@dataclass(frozen=True, kw_only=True)
class WeeklyPolicy:
    """A car's targets and deadlines by day of the week.

    Attributes:
        policy: What Podero says.
        zone: The time zone that it names; None where there is no such zone.
    """

    policy: ChargePolicy
    zone: tzinfo | None


@dataclass(frozen=True, kw_only=True, eq=False)
class VehicleData(SteeredData[ElectricVehicle]):
    """What is known of a car.

    Attributes:
        current: The session under way.
        completed: The sessions of the last weeks that are over, by plug-in; None
            before they were fetched.
        weekly: The targets and deadlines by day of the week, where there are such.
        stalled_since: Since when it was seen not to charge in its planned window.
        charging: Why the car charges or not, and what comes next.
        month: Totals of the sessions of this month.
        last: The session that ended last.
        assessed: What `charging` follows from.
        assessed_at: When it was found.
    """

    TO_SUM: ClassVar[attrgetter[Any]] = attrgetter(
        "savings", "device.price_zone", "completed"
    )

    current: Session | None = None
    completed: tuple[Session, ...] | None = None
    weekly: WeeklyPolicy | None = None
    charging: Charging = field(default_factory=Charging)
    stalled_since: datetime | None = None
    month: Month | None = None
    last: Session | None = None
    assessed: tuple[object, ...] | None = field(default=None, repr=False)
    assessed_at: datetime = field(default=NEVER, repr=False)

    @property
    @override
    def outdated_after(self) -> timedelta:
        """Return how old the newest data may be; a sleeping car sends no data."""
        is_asleep = not self.device.is_plugged_in and not self.device.is_charging
        return STALE_AFTER if is_asleep else OUTDATED_AFTER

    @override
    def _follows(self, now: datetime) -> dict[str, Any]:
        """Return what follows from the facts at a time."""
        found = super()._follows(now)
        weekly, zone = self.weekly, dt_util.get_default_time_zone()
        assessed = _assessed(self.device), self.current, weekly, zone
        changes_at = self.charging.changes_at
        if (
            assessed == self.assessed
            and self.assessed_at <= now
            and (changes_at is None or now < changes_at)
        ):
            return found
        stalled_since = stalling_since(
            self.stalled_since, self.device, self.current, now=now
        )
        return found | {
            "assessed": assessed,
            "assessed_at": now,
            "stalled_since": stalled_since,
            "charging": assess(
                self.device,
                self.current,
                None if weekly is None else weekly.policy,
                now=now,
                zone=zone,
                policy_zone=None if weekly is None else weekly.zone,
                stalled_since=stalled_since,
            ),
        }

    @override
    def _sums(self, now: datetime) -> dict[str, Any]:
        """Return the sums of the month that a time is in, and the last session."""
        completed = self.completed
        return super()._sums(now) | {
            "month": None if completed is None else Month.of(completed, now),
            "last": None if completed is None else last_session(completed),
        }

    @override
    def changes_at(self) -> datetime | None:
        """Return when something follows from the same facts that does not follow at the time that they were seen at."""
        moments = (
            super().changes_at(),
            self.charging.changes_at,
            None if self.month is None else self.month_span[1],
        )
        return min(filter(None, moments), default=None)

    @override
    def needs_news(self, now: datetime) -> bool:
        """Return whether the car would be said not to charge inside its window of facts from before the window."""
        if self.stalled_since is not None:
            return False
        return stalling_since(None, self.device, self.current, now=now) is not None


async def _fetch_completed(api: DeviceApi) -> tuple[Session, ...]:
    today = dt_util.utcnow().date()
    return tuple(
        await api.client.sessions(
            api.user_id, api.device_id, start=today - LOOK_BACK, end=today
        )
    )


async def _fetch_current(api: DeviceApi) -> Session | None:
    return await api.client.current_session(api.user_id, api.device_id)


async def _fetch_policy(api: DeviceApi) -> WeeklyPolicy:
    policy = await api.client.charge_policy(api.user_id, api.device_id)
    own = dt_util.get_default_time_zone()
    zone = own if policy.timezone == str(own) else None
    if policy.timezone is not None and zone is None:
        try:
            zone = await dt_util.async_get_time_zone(policy.timezone)
        except ValueError, OSError:  # a path outside, or of no file
            LOGGER.debug("Not a time zone: %s", policy.timezone)
    return WeeklyPolicy(policy=policy, zone=zone)


PARTS: tuple[Part[VehicleData], ...] = (
    Part(
        field="current",
        fetch=_fetch_current,
        wanted=lambda data: bool(data.device.is_plugged_in),
    ),
    Part(
        field="completed",
        fetch=_fetch_completed,
        interval=timedelta(hours=1),
        ended=lambda before, data: (
            before.current is not None
            and (data.current is None or data.current.id != before.current.id)
        ),
    ),
    Part(
        field="weekly",
        fetch=_fetch_policy,
        interval=timedelta(days=1),
        wanted=lambda data: bool(data.device.is_charge_policy_enabled),
        ended=lambda before, data: (
            before.device.charge_policy_last_updated_at
            != data.device.charge_policy_last_updated_at
        ),
    ),
    savings.PART,
)


async def sessions_between(
    api: DeviceApi, data: VehicleData, start: datetime, end: datetime
) -> list[Session]:
    """Return the completed sessions of a span, from what polling has if that reaches back far enough.

    Raises PoderoError.
    """
    if data.completed is not None and start >= dt_util.utcnow() - LOOK_BACK:
        return list(data.completed)
    return await api.client.sessions(
        api.user_id,
        api.device_id,
        start=dt_util.as_utc(start).date(),
        end=dt_util.as_utc(end).date(),
    )
