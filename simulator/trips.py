"""Where a car is: at home, on the road, or parked elsewhere."""

from dataclasses import dataclass

from .chance import Daily, dice
from .sun import Place
from .times import from_local, local_day


@dataclass(frozen=True, kw_only=True)
class Trip:
    """One outing. Times in seconds since 1970."""

    leave: int
    back: int
    drive: int
    """Seconds that one way takes."""
    distance_km: float
    plug_in: int | None
    """When it is plugged in where it parks, which is not every day."""
    unplug: int | None

    def driven_km(self, start: int, end: int) -> float:
        """Return the distance driven between two times."""
        out = min(end, self.leave + self.drive) - max(start, self.leave)
        way_back = min(end, self.back) - max(start, self.back - self.drive)
        return self.distance_km * (max(0, out) + max(0, way_back)) / (2 * self.drive)


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a driver lives. Where there are two values, they are for weekdays and weekends."""

    outings: tuple[float, float] = (0.92, 0.65)
    """Share of the days on which the car leaves."""
    leave: tuple[float, float] = (7.4, 11.0)
    """Mean local hour, and below how far it spreads."""
    leave_spread: tuple[float, float] = (0.3, 1.2)
    commute_km: tuple[float, float] = (11, 38)
    """The shortest and the longest way to work there may be."""
    stay_h: float = 9.2
    """Mean hours at work."""
    weekend_km: tuple[float, float] = (5, 60)
    weekend_stay_h: tuple[float, float] = (1.5, 5.5)
    home_by: int = 82_000
    """Local second of the day at which the car is back, so that an outing belongs to one day."""
    elsewhere: float = 0.12
    """Share of the outings on which the car is charged where it parks."""
    top_up: int | None = None
    """Seconds for which it is, if not as long as it parks."""
    forgets: float = 0.07
    """Share of the returns after which it is plugged in late."""


HABITS = Habits()
PART_TIME = Habits(
    outings=(1, 1),
    leave=(7.3, 9.4),
    leave_spread=(0.2, 0.3),
    commute_km=(24, 31),
    stay_h=4.5,
    weekend_km=(24, 36),
    weekend_stay_h=(1, 2.5),
    home_by=49_500,
    top_up=1500,
    forgets=0,
)
"""Out every morning, home and plugged in by a quarter to two, never full then."""


class Trips:
    """A car's outings: at most one a local day, back the same day."""

    def __init__(
        self, seed: int, name: str, place: Place, habits: Habits = HABITS
    ) -> None:
        """Lay out the life of a car's driver."""
        self._key = (seed, name, "trips")
        self._place = place
        self._day = Daily(self._make, keep=8)
        chance = dice(*self._key, "habits")
        self._habits = habits
        self._commute_km = chance.uniform(*habits.commute_km)
        self._far = (
            place.latitude + chance.uniform(-0.2, 0.2),
            place.longitude + chance.uniform(-0.25, 0.25),
        )

    def on(self, day: int) -> Trip | None:
        """Return the outing of a local day."""
        return self._day(day)

    def at(self, seconds: int) -> Trip | None:
        """Return the outing under way at a time."""
        trip = self.on(local_day(self._place.zone, seconds))
        return trip if trip and trip.leave <= seconds < trip.back else None

    def _make(self, day: int) -> Trip | None:
        chance = dice(*self._key, day)
        habits = self._habits
        weekend = (day + 3) % 7 >= 5
        if chance.random() > habits.outings[weekend]:
            return None
        leave = chance.gauss(habits.leave[weekend], habits.leave_spread[weekend]) * 3600
        if weekend:
            stay = chance.uniform(*habits.weekend_stay_h) * 3600
            one_way = chance.uniform(*habits.weekend_km)
        else:
            stay = chance.gauss(habits.stay_h, 0.6) * 3600
            one_way = self._commute_km * chance.uniform(0.95, 1.3)
        drive = int(300 + one_way / 55 * 3600)
        wall = min(50_000, max(23_000, int(leave)))
        start = from_local(self._place.zone, day, wall)
        latest = habits.home_by - wall - 2 * drive
        back = start + 2 * drive + int(min(latest, max(3600, stay)))
        elsewhere = chance.random() < habits.elsewhere
        plug_in = start + drive + chance.randint(60, 900) if elsewhere else None
        unplug = back - drive - chance.randint(60, 600) if elsewhere else None
        if plug_in is not None and unplug is not None and habits.top_up is not None:
            unplug = min(unplug, plug_in + habits.top_up)
        return Trip(
            leave=start,
            back=back,
            drive=drive,
            distance_km=2 * one_way,
            plug_in=plug_in,
            unplug=unplug,
        )

    def position(self, seconds: int) -> tuple[float, float, int]:
        """Latitude and longitude at a time, and since when the car has been there."""
        home = (self._place.latitude, self._place.longitude)
        trip = self.at(seconds)
        if trip is None:
            today = self.on(local_day(self._place.zone, seconds))
            since = (
                today.back
                if today and today.back <= seconds
                else seconds - seconds % 86_400
            )
            return (*home, since)
        out = (seconds - trip.leave) / trip.drive
        way_back = (trip.back - seconds) / trip.drive
        share = min(1.0, out, way_back)
        arrived = trip.leave + trip.drive
        return (
            round(home[0] + (self._far[0] - home[0]) * share, 5),
            round(home[1] + (self._far[1] - home[1]) * share, 5),
            arrived if share == 1.0 else seconds - seconds % 60,
        )
