"""Where a device's past comes from: an inverter's from its series and savings, a car's from its sessions."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

from homeassistant.util import dt as dt_util

from ..api import (
    Device,
    Inverter,
    PoderoAuthenticationError,
    PoderoBadRequestError,
    PoderoClient,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PriceZone,
    Resolution,
    Series,
    Session,
)
from ..const import LOGGER
from ..power import series_values, signed_hours
from .charging import READERS as SESSION_READERS, charging_hours
from .costs import Prices
from .hours import Hours
from .pieces import async_in_pieces
from .savings import SAVINGS, day_start, savings_hours
from .series import READERS as SERIES_READERS, has_values, series_hours
from .statistics import STATISTICS

# The fields that the series endpoint is known to take as keywords.
KEYWORDS = (
    "export_power_to_grid_w",
    "battery_charge_level_percent",
    "battery_charge_discharge_power_w",
    "household_consumption_w",
    "solar_production_w",
)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
# Savings are daily, so they need not be requested every hour.
SAVINGS_REST = timedelta(hours=6)


class Source(ABC):
    """One device's past.

    Attributes:
        kinds: The statistics that it may give, keys of STATISTICS.
        longest: The longest span that is asked for at once.
        overlap: How far back the hourly import looks for what came late or was corrected.
    """

    kinds: Collection[str]
    longest: timedelta
    overlap: timedelta

    @property
    def pricing(self) -> str | None:
        """Return a text that changes with the household's prices."""
        return None

    @abstractmethod
    async def async_hours(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> Hours:
        """Return the hours of a span.

        Args:
            start: The first hour.
            end: The hour after the last.
            since: The first hour that corrections may have, if there may be any: of
                some kinds the answer then has hours before the span.

        Raises:
            PoderoBadRequestError: the span is too long for Podero, perhaps.
            PoderoError: anything else.
        """


class SavingsSource(Source):
    """What Podero's optimization saved with a device, by the day.

    A household whose savings Podero does not give (403, 404, 405) has none; they are
    asked for again after a day.
    """

    kinds = (SAVINGS,)
    longest = timedelta(days=366)
    overlap = timedelta(days=35)

    def __init__(
        self,
        client: PoderoClient,
        kind: type[Device],
        user_id: str,
        device_id: str,
        *,
        price_zone: Callable[[], PriceZone | None],
    ) -> None:
        """Initialize for a device."""
        self._client = client
        self._kind = kind
        self._user_id = user_id
        self._device_id = device_id
        self._price_zone = price_zone
        self._missing_until: datetime | None = None

    @override
    async def async_hours(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> Hours:
        """Return the savings of the days that begin in a span."""
        now = dt_util.utcnow()
        if self._missing_until is not None and now < self._missing_until:
            return Hours()
        zone = dt_util.get_default_time_zone()
        try:
            savings = await self._client.savings(
                self._kind,
                self._user_id,
                self._device_id,
                # A day more at both ends: Podero may cut its first and last day to the span.
                start=day_start(start - DAY, zone),
                end=min(day_start(end + 2 * DAY, zone), now),
                resolution=Resolution.DAY,
            )
        except PoderoError as err:
            if not is_missing(err):
                raise
            LOGGER.debug("No savings: %s", err)
            self._missing_until = now + DAY
            return Hours()
        self._missing_until = None
        return savings_hours(
            savings, start, end, zone=zone, price_zone=self._price_zone()
        )


class InverterSource(Source):
    """An inverter's quarters of an hour, with what they cost and earned, and its savings.

    The keywords that Podero wants are learnt once, so all who ask for an inverter's
    series share one of these.
    """

    kinds = (
        *SERIES_READERS,
        *(kind for kind, statistic in STATISTICS.items() if statistic.priced),
        *SavingsSource.kinds,
    )
    longest = timedelta(days=31)
    overlap = timedelta(hours=48)

    def __init__(
        self,
        client: PoderoClient,
        user_id: str,
        device_id: str,
        *,
        has_battery: Callable[[], bool],
        price_zone: Callable[[], PriceZone | None],
        currency: Callable[[], str],
        prices: Prices,
    ) -> None:
        """Initialize for an inverter.

        Args:
            client: Podero.
            user_id: The user that the inverter belongs to.
            device_id: Podero's id of the inverter.
            has_battery: Whether it has a battery.
            price_zone: Its price zone.
            currency: Home Assistant's currency, ISO 4217.
            prices: The household's prices.

        """
        self._client = client
        self._user_id = user_id
        self._device_id = device_id
        self._has_battery = has_battery
        self._currency = currency
        self._prices = prices
        self._savings = SavingsSource(
            client, Inverter, user_id, device_id, price_zone=price_zone
        )
        self._saved_until: datetime | None = None
        self._keywords: tuple[str, ...] | None = None
        self._is_sure = False

    @property
    @override
    def pricing(self) -> str | None:
        """Return a text that changes with the household's prices."""
        return self._prices.fingerprint(self._currency())

    @override
    async def async_hours(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> Hours:
        """Return the hours of a span, and the savings of the weeks before it."""
        series = await self._async_ask(start, end, Resolution.QUARTER_HOUR)
        hours = await asyncio.to_thread(
            series_hours,
            series,
            start,
            end,
            has_battery=self._has_battery(),
            prices=self._prices,
            currency=self._currency(),
        )
        first = start
        if since is not None:
            # The hourly import requests the days of the last weeks anyway.
            if self._saved_until is not None and end < self._saved_until + SAVINGS_REST:
                return hours
            first = max(min(start, end - SavingsSource.overlap), since)
        try:
            savings = await self._savings.async_hours(first, end)
        except PoderoAuthenticationError:
            raise
        except PoderoError as err:
            LOGGER.debug("The savings of a span are missing: %s", err)
            # Later imports look back over the last weeks, but no further. A span that
            # is refused is from before the first savings.
            is_lost = start < dt_util.utcnow() - SavingsSource.overlap
            return replace(
                hours,
                is_partial=is_lost and not isinstance(err, PoderoBadRequestError),
            )
        self._saved_until = end
        return replace(
            hours,
            sums={**hours.sums, **savings.sums},
            units={**hours.units, **savings.units},
        )

    async def async_points(
        self, start: datetime, end: datetime, resolution: Resolution
    ) -> list[tuple[datetime, dict[str, float | None]]]:
        """Return the series of a span under the keys of the entities, by time.

        The span may be longer than what Podero gives at once.

        Raises:
            PoderoError: Podero could not be asked, or refused.
        """
        first, last = start, end
        if is_quarters := resolution is Resolution.QUARTER_HOUR:
            # Whole hours, by which the sign of the grid's power is judged.
            first = _hour(start)
            last = max(
                end, min(_hour(end + HOUR - timedelta.resolution), dt_util.utcnow())
            )
        found = await async_in_pieces(self._async_ask, first, last, resolution)

        def values() -> list[tuple[datetime, dict[str, float | None]]]:
            signed = signed_hours(found)
            return [
                (point.time, series_values(point, signed))
                for point in found
                if not is_quarters or start - QUARTER < point.time < end
            ]

        # Two years of quarters of an hour take a second or two.
        return await asyncio.to_thread(values)

    async def _async_ask(
        self, start: datetime, end: datetime, resolution: Resolution
    ) -> Series:
        """Return the series of a span, from one request or two.

        Without keywords Podero may refuse, or send nothing but times. With them it
        leaves out the price, so they are for when nothing else helps.

        Raises:
            PoderoError: Podero could not be asked, or refused.
        """
        try:
            series = await self._async_request(start, end, resolution, self._keywords)
        except PoderoBadRequestError:
            if self._is_sure:
                raise
            series = None
        if series is None or not (self._is_sure or has_values(series)):
            named = await self._async_request(start, end, resolution, KEYWORDS)
            if series is None or has_values(named):
                series = named
                self._keywords = KEYWORDS
        self._is_sure |= has_values(series)
        return series

    async def _async_request(
        self,
        start: datetime,
        end: datetime,
        resolution: Resolution,
        keywords: tuple[str, ...] | None,
    ) -> Series:
        return await self._client.series(
            self._user_id,
            self._device_id,
            start=start,
            end=end,
            resolution=resolution,
            keywords=keywords,
        )


class VehicleSource(Source):
    """A car's charging sessions.

    A session may be corrected long after it ended, so every import requests the last
    weeks again.
    """

    kinds = tuple(SESSION_READERS)
    longest = timedelta(days=366)
    overlap = timedelta(days=34)
    # Which time of a session Podero's dates are compared with is not known, and a
    # car may stay plugged in for weeks.
    margin = timedelta(days=35)

    def __init__(
        self,
        sessions: Callable[[datetime, datetime], Awaitable[Sequence[Session]]],
    ) -> None:
        """Initialize for a car.

        Args:
            sessions: What gives the sessions between two times that are over.

        """
        self._sessions = sessions

    @override
    async def async_hours(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> Hours:
        """Return the hours of a span."""
        sessions = await self._sessions(start - self.margin, end + self.margin)
        return charging_hours(sessions, start, end)


def _hour(moment: datetime) -> datetime:
    """Return the beginning of the hour."""
    return dt_util.as_utc(moment).replace(minute=0, second=0, microsecond=0)


def is_missing(err: PoderoError) -> bool:
    """Return whether an error says that Podero has no such thing for this household."""
    return (
        isinstance(err, PoderoNotFoundError | PoderoPermissionError)
        or err.status == 405
    )
