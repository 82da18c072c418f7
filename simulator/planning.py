"""When a car is to be charged: goals of the week, tariffs, and the window chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .prices import Prices
from .times import DAY, QUARTER, from_local, local_day, offset

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A level that is wanted by a time."""

    deadline: int
    percentage: int


@dataclass(frozen=True, kw_only=True)
class PolicyDay:
    """What one day of the week wants; None is what the car's settings say."""

    percentage: int | None = None
    deadline: str | None = None
    """Local time, ``HH:MM:SS``."""


@dataclass(kw_only=True)
class WeeklyPolicy:
    """A car's goals by the day of the week. A day that is None has none."""

    days: dict[str, PolicyDay | None] = field(default_factory=dict)
    """Days that are not named are as the car's settings say."""

    def on(self, name: str) -> PolicyDay | None:
        """Return what a day wants."""
        return self.days.get(name, PolicyDay())

    def next(self, zone: str, moment: int, *, percentage: int, deadline: str) -> Goal:
        """Return the next goal after a time.

        Args:
            zone: Name of the household's time zone.
            moment: The time.
            percentage: The target of a day that names none.
            deadline: The deadline of a day that names none.
        """
        today = local_day(zone, moment)
        for day in range(today, today + 8):
            wanted = self.on(WEEK[(day + 3) % 7])
            if wanted is None:
                continue
            at = from_local(zone, day, clock_seconds(wanted.deadline or deadline))
            if at > moment:
                return Goal(
                    deadline=at,
                    percentage=percentage
                    if wanted.percentage is None
                    else wanted.percentage,
                )
        # No day of the week wants anything: there is a week's time.
        return Goal(deadline=moment + 7 * DAY, percentage=percentage)


def clock_seconds(text: str) -> int:
    """Return the seconds after midnight of ``HH:MM`` or ``HH:MM:SS``."""
    hours, minutes = text.split(":")[:2]
    return int(hours) * 3600 + int(minutes) * 60


@dataclass(frozen=True, kw_only=True)
class Tariff:
    """What grid and taxes add to the market's price of a kWh."""

    day_eur_kwh: float = 0.17
    night_eur_kwh: float | None = None
    """In a tariff with a cheap night, what it adds from 23:00 to 06:00 local time."""

    def fee_eur_kwh(self, zone: str, seconds: int) -> float:
        """Return what is added at a time."""
        if self.night_eur_kwh is None:
            return self.day_eur_kwh
        hour = (seconds + offset(zone, seconds // 3600)) % DAY // 3600
        return self.night_eur_kwh if hour >= 23 or hour < 6 else self.day_eur_kwh

    def next_night(self, zone: str, seconds: int) -> int | None:
        """Return the index of the quarter in which the next cheap night begins."""
        if self.night_eur_kwh is None:
            return None
        today = local_day(zone, seconds)
        begin = from_local(zone, today, 23 * 3600)
        if begin < seconds:
            begin = from_local(zone, today + 1, 23 * 3600)
        return begin // QUARTER


class Rates:
    """What a household pays for a kWh, by the index of the quarter."""

    def __init__(self, prices: Prices, tariff: Tariff, zone: str) -> None:
        """Put a tariff on a market's prices."""
        self._prices = prices
        self._tariff = tariff
        self._zone = zone

    def at(self, index: int) -> float:
        """Return EUR for a kWh."""
        fee = self._tariff.fee_eur_kwh(self._zone, index * QUARTER)
        return self._prices.at(index) / 100_000 + fee

    def cost_from(self, index: int, energy_wh: float, limit_w: int) -> float:
        """Return what it costs in EUR to charge so much at full power from a quarter on."""
        cost = 0.0
        while energy_wh > 0:
            charged = min(energy_wh, limit_w / 4)
            cost += charged / 1000 * self.at(index)
            energy_wh -= charged
            index += 1
        return cost


def choose_start(
    rate: Callable[[int], float],
    earliest: int,
    latest: int,
    quarters: int,
    night: int | None,
) -> int:
    """Return the index of the quarter in which charging is to begin.

    Args:
        rate: What a kWh costs in a quarter.
        earliest: The first quarter there is.
        latest: The last one that meets the deadline.
        quarters: How many are needed, side by side.
        night: Where a cheap night begins, which is taken if it is early enough.
    """
    if night is not None and earliest <= night <= latest:
        return night
    begin = earliest
    best = running = sum(rate(earliest + step) for step in range(quarters))
    for start in range(earliest + 1, latest + 1):
        running += rate(start + quarters - 1) - rate(start - 1)
        # A difference of rounding is none.
        if running < best - 1e-9:
            begin, best = start, running
    return begin
