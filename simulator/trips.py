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


class Trips:
    """A car's outings: at most one a local day, back the same day."""

    def __init__(self, seed: int, name: str, place: Place) -> None:
        """Lay out the habits of a car's driver."""
        self._key = (seed, name, "trips")
        self._place = place
        self._day = Daily(self._make, keep=8)
        chance = dice(*self._key, "habits")
        self._commute_km = chance.uniform(11, 38)
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
        weekend = (day + 3) % 7 >= 5
        if chance.random() > (0.65 if weekend else 0.92):
            return None
        if weekend:
            leave = chance.gauss(11.0, 1.2) * 3600
            stay = chance.uniform(1.5, 5.5) * 3600
            one_way = chance.uniform(5, 60)
        else:
            leave = chance.gauss(7.4, 0.3) * 3600
            stay = chance.gauss(9.2, 0.6) * 3600
            one_way = self._commute_km * chance.uniform(0.95, 1.3)
        drive = int(300 + one_way / 55 * 3600)
        wall = min(50_000, max(23_000, int(leave)))
        start = from_local(self._place.zone, day, wall)
        # Home by eleven at night, so that an outing belongs to one day.
        back = start + 2 * drive + int(min(82_000 - wall - 2 * drive, max(3600, stay)))
        elsewhere = chance.random() < 0.12
        plug_in = start + drive + chance.randint(60, 900) if elsewhere else None
        return Trip(
            leave=start,
            back=back,
            drive=drive,
            distance_km=2 * one_way,
            plug_in=plug_in,
            unplug=back - drive - chance.randint(60, 600) if elsewhere else None,
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
