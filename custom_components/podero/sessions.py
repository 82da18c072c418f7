"""A car's charging sessions: the one under way, and those of the last weeks."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.event import async_track_time_change
from homeassistant.util import dt as dt_util

from .api import ElectricVehicle, PoderoAuthenticationError, PoderoError, Session
from .const import LOGGER
from .errors import update_failed
from .polling import DeviceDataCoordinator

SESSIONS_INTERVAL = timedelta(hours=1)
FRESH = timedelta(minutes=5)
# Covers the running month whatever its length and the time zone, and what the
# history looks back over: still one request.
LOOK_BACK = timedelta(days=70)


def ended_at(session: Session) -> datetime | None:
    """Return when a session ended: unplugged, or as Podero inferred."""
    return session.unplug_time or session.inferred_session_end


def savings(session: Session) -> float | None:
    """Return what a session saved in EUR, expected until it is actually known."""
    if session.actual_savings_eur is not None:
        return session.actual_savings_eur
    return session.expected_savings_eur


def month_start() -> datetime:
    """Return the beginning of this month in Home Assistant's time zone."""
    return dt_util.start_of_local_day().replace(day=1)


@dataclass(frozen=True, kw_only=True)
class Sessions:
    """What is known of a car's charging.

    Attributes:
        current: The session under way.
        completed: Those that are over, by plug-in.
        month_start: When the month of the totals began.
    """

    current: Session | None = None
    completed: tuple[Session, ...] = ()
    month_start: datetime = field(default_factory=month_start)

    @property
    def last(self) -> Session | None:
        """Return the session that ended last."""
        return max(
            (session for session in self.completed if ended_at(session) is not None),
            key=lambda session: ended_at(session) or datetime.min.replace(tzinfo=UTC),
            default=None,
        )

    @property
    def of_month(self) -> list[Session]:
        """Return the sessions that ended this month."""
        return [
            session
            for session in self.completed
            if (end := ended_at(session)) is not None and end >= self.month_start
        ]


class SessionsCoordinator(DeviceDataCoordinator[Sessions]):
    """Fetches the sessions that are over, hourly, and the current one with each poll of the car."""

    def __init__(self, vehicle: DeviceDataCoordinator[Any]) -> None:
        """Initialize without sessions."""
        super().__init__(
            vehicle.hass,
            vehicle.config_entry,
            vehicle.client,
            name=f"the charging sessions of {vehicle.name}",
            update_interval=SESSIONS_INTERVAL,
        )
        self.vehicle = vehicle
        self.user_id = vehicle.user_id
        self.device_id = vehicle.device_id
        self.data = Sessions()
        self._asking = asyncio.Lock()
        self.async_on_shutdown(
            async_track_time_change(
                self.hass, self._async_day_began, hour=0, minute=0, second=0
            )
        )

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the car as the registry shows it."""
        return self.vehicle.device_info

    @override
    async def _async_update_data(self) -> Sessions:
        """Fetch the sessions that are over.

        Raises:
            ConfigEntryAuthFailed: Podero refused the credentials.
            UpdateFailed: anything else.
        """
        today = dt_util.utcnow().date()
        try:
            async with self._asking:
                completed = await self.client.sessions(
                    self.user_id, self.device_id, start=today - LOOK_BACK, end=today
                )
        except PoderoError as err:
            raise update_failed(err) from err
        return replace(self.data, completed=tuple(completed), month_start=month_start())

    async def async_follow(self, vehicle: ElectricVehicle) -> None:
        """Look at the session under way after a poll of the car.

        Raises:
            ConfigEntryAuthFailed: Podero refused the credentials.
        """
        was_under_way = self.data.current is not None
        current: Session | None = None
        if vehicle.is_plugged_in:
            try:
                current = await self.client.current_session(
                    self.user_id, self.device_id
                )
            except PoderoAuthenticationError as err:
                raise update_failed(err) from err
            except PoderoError as err:
                LOGGER.debug("No current session of %s: %s", self.vehicle.name, err)
                return
        self._async_show(replace(self.data, current=current))
        if was_under_way and current is None:
            await self.async_request_refresh()

    async def async_sessions(self, start: datetime, end: datetime) -> list[Session]:
        """Return the sessions of a span that are over; asks Podero for older ones.

        Raises:
            PoderoError: they are older than what is at hand, and could not be had.
        """
        if start >= dt_util.utcnow() - LOOK_BACK:
            async with self._asking:
                pass  # One that is under way is as good as another.
            if not self._is_fresh:
                # Puts off the hourly one: all in all it is not asked more often.
                await self.async_refresh()
            if self.last_update_success:
                return list(self.data.completed)
        return await self.client.sessions(
            self.user_id,
            self.device_id,
            start=dt_util.as_utc(start).date(),
            end=dt_util.as_utc(end).date(),
        )

    @property
    def _is_fresh(self) -> bool:
        """Return whether what is at hand is from just now."""
        return (
            self.last_update_success
            and len(self.polls) > 0
            and dt_util.utcnow() - self.polls[-1].at < FRESH
        )

    @callback
    def _async_day_began(self, now: datetime) -> None:
        """Start the totals anew with the month."""
        self._async_show(replace(self.data, month_start=month_start()))

    @callback
    def _async_show(self, data: Sessions) -> None:
        """Show what is new, without putting the next poll off."""
        if data != self.data:
            self.data = data
            self.async_update_listeners()
