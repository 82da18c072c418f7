"""Where a device's past comes from: an inverter's from its series, a car's from its sessions."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, override

from ..api import Inverter, PoderoBadRequestError, Resolution, Series
from ..polling import DeviceDataCoordinator
from ..power import has_battery
from ..sessions import LOOK_BACK, SessionsCoordinator
from .charging import KINDS_OF_CHARGING, charging_hours
from .hours import Hours
from .series import ENERGIES, GRID_IMPORT, LEVELS, has_values, series_hours

# The energies that the series endpoint is known to take as keywords.
KEYWORDS = (
    "export_power_to_grid_w",
    "battery_charge_level_percent",
    "battery_charge_discharge_power_w",
    "household_consumption_w",
    "solar_production_w",
)


class Source(ABC):
    """One device's past.

    Attributes:
        kinds: The kinds of statistics that it gives.
        longest: The longest span that is asked for at once.
        overlap: How far back the hourly import looks for what came late or was corrected.
    """

    kinds: Iterable[str]
    longest: timedelta
    overlap: timedelta

    @abstractmethod
    async def async_hours(self, start: datetime, end: datetime) -> Hours:
        """Return the hours of a span.

        Raises:
            PoderoBadRequestError: the span is too long for Podero, perhaps.
            PoderoError: anything else.
        """


class InverterSource(Source):
    """An inverter's quarters of an hour."""

    kinds = (*ENERGIES, GRID_IMPORT, *LEVELS)
    longest = timedelta(days=31)
    overlap = timedelta(hours=48)

    def __init__(self, inverter: DeviceDataCoordinator[Inverter]) -> None:
        """Initialize for an inverter."""
        self._inverter = inverter
        self._keywords: tuple[str, ...] | None = None
        self._is_sure = False

    @override
    async def async_hours(self, start: datetime, end: datetime) -> Hours:
        """Return the hours of a span."""
        return series_hours(
            await self.async_series(start, end),
            start,
            end,
            has_battery=has_battery(self._inverter.data),
        )

    async def async_series(
        self,
        start: datetime,
        end: datetime,
        resolution: Resolution = Resolution.QUARTER_HOUR,
    ) -> Series:
        """Return the series of a span, from one request or two.

        Without keywords Podero may refuse, or send nothing but times. With them it
        leaves out the price, so they are for when nothing else helps.

        Raises:
            PoderoError: Podero could not be asked, or refused.
        """
        try:
            series = await self._async_ask(start, end, resolution, self._keywords)
        except PoderoBadRequestError:
            if self._is_sure:
                raise
            series = None
        if series is None or not (self._is_sure or has_values(series)):
            named = await self._async_ask(start, end, resolution, KEYWORDS)
            if series is None or has_values(named):
                series = named
                self._keywords = KEYWORDS
        self._is_sure |= has_values(series)
        return series

    async def _async_ask(
        self,
        start: datetime,
        end: datetime,
        resolution: Resolution,
        keywords: tuple[str, ...] | None,
    ) -> Series:
        return await self._inverter.client.series(
            self._inverter.user_id,
            self._inverter.device_id,
            start=start,
            end=end,
            resolution=resolution,
            keywords=keywords,
        )


class VehicleSource(Source):
    """A car's charging sessions.

    A session is corrected as a whole, even long after, so every import looks
    back over all that the sessions' own coordinator has at hand.
    """

    kinds = tuple(KINDS_OF_CHARGING)
    longest = timedelta(days=366)
    # Which time of a session Podero's dates are compared with is not known, and a
    # car may stay plugged in for weeks.
    margin = timedelta(days=35)
    overlap = LOOK_BACK - margin - timedelta(days=1)

    def __init__(self, sessions: SessionsCoordinator) -> None:
        """Initialize for a car."""
        self._sessions = sessions

    @override
    async def async_hours(self, start: datetime, end: datetime) -> Hours:
        """Return the hours of a span, from what is at hand if that reaches back far enough."""
        sessions = await self._sessions.async_sessions(
            start - self.margin, end + self.margin
        )
        return charging_hours(sessions, start, end)


def source_of(
    device: DeviceDataCoordinator[Any], sessions: SessionsCoordinator | None
) -> Source:
    """Return where a device's past comes from."""
    return InverterSource(device) if sessions is None else VehicleSource(sessions)
