"""Where the sun stands, what the clouds leave of it, and what a roof makes of that."""

from dataclasses import dataclass
from math import asin, cos, degrees, exp, pi, radians, sin

from .chance import Daily, dice
from .times import QUARTERS_A_DAY

_YEAR = 365.2425
_FRONT_DAYS = 3
"""Days from one knot of the weather to the next."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a household is."""

    latitude: float
    longitude: float
    zone: str
    """IANA name of the time zone."""
    price_zone: str


class Weather:
    """The sky over a price zone: deterministic by seed and day.

    The market sees the same clouds as the roofs, hence cheap noons are sunny.
    """

    def __init__(self, seed: int, region: str) -> None:
        """Take the weather of a region from the seed."""
        self._key = (seed, region, "weather")
        self.clearness = Daily(self._clearness)
        self.warmth = Daily(self._warmth)

    def _front(self, kind: str, day: int) -> float:
        knot, part = divmod(day, _FRONT_DAYS)
        before = dice(*self._key, kind, knot).random()
        after = dice(*self._key, kind, knot + 1).random()
        share = (1 - cos(pi * part / _FRONT_DAYS)) / 2
        return before * (1 - share) + after * share

    def _clearness(self, day: int) -> float:
        """Share of the clear sky's light that a day gets, 0.1 to 1."""
        winter = 0.5 + 0.5 * cos(2 * pi * (day + 10) / _YEAR)
        raw = 1.7 * self._front("clouds", day) - 0.25 - 0.4 * winter
        raw += 0.3 * (dice(*self._key, "sky", day).random() - 0.5)
        return 0.1 + 0.9 * min(1.0, max(0.0, raw))

    def _warmth(self, day: int) -> float:
        """Mean outdoor temperature of a day in degrees Celsius."""
        season = 10.5 - 10.5 * cos(2 * pi * (day - 15) / _YEAR)
        return season + 9 * (self._front("warmth", day) - 0.5)

    def outdoor(self, day: int, hour: float) -> float:
        """Return the temperature of a day at a local hour, in degrees Celsius."""
        return self.warmth(day) - 4 * cos(2 * pi * (hour - 3) / 24)


@dataclass(frozen=True, kw_only=True)
class Panels:
    """The modules on a roof."""

    rating_w: int
    tilt: float = 32
    azimuth: float = 0
    """Degrees from south, west positive."""


class Roof:
    """Solar power that panels at a place could give."""

    def __init__(
        self, seed: int, name: str, place: Place, panels: Panels, weather: Weather
    ) -> None:
        """Put panels at a place, below its weather."""
        self._key = (seed, name, "clouds")
        self._place = place
        self._panels = panels
        self._weather = weather
        self.rating_w = panels.rating_w
        self.potential = Daily(self._potential)

    def _potential(self, day: int) -> list[int]:
        """Mean W of each quarter of a UTC day."""
        latitude, tilt, azimuth = (
            radians(angle)
            for angle in (self._place.latitude, self._panels.tilt, self._panels.azimuth)
        )
        season = 2 * pi * (day % _YEAR - 81) / _YEAR
        declination = radians(23.44) * sin(season)
        late_minutes = 9.87 * sin(2 * season) - 7.53 * cos(season) - 1.5 * sin(season)
        up, across = sin(latitude) * sin(declination), cos(latitude) * cos(declination)
        # Cosine of the angle between sun and modules: still + swing cos h + skew sin h
        still = sin(declination) * (
            sin(latitude) * cos(tilt) - cos(latitude) * sin(tilt) * cos(azimuth)
        )
        swing = cos(declination) * (
            cos(latitude) * cos(tilt) + sin(latitude) * sin(tilt) * cos(azimuth)
        )
        skew = cos(declination) * sin(tilt) * sin(azimuth)
        clearness = self._weather.clearness(day)
        restless = 0.9 * clearness * (1 - clearness)
        heat_loss = 1 - 0.004 * max(0.0, self._weather.warmth(day) - 10)
        chance = dice(*self._key, day)
        cloud = clearness
        powers = []
        for quarter in range(QUARTERS_A_DAY):
            cloud = 0.8 * cloud + 0.2 * clearness + restless * (chance.random() - 0.5)
            cloud = min(1.0, max(0.05, cloud))
            hour = (quarter + 0.5) / 4 + self._place.longitude / 15 + late_minutes / 60
            angle = pi * (hour - 12) / 12
            height = up + across * cos(angle)
            if height <= 0.01:
                powers.append(0)
                continue
            air_mass = 1 / (height + 0.15 * (degrees(asin(height)) + 3.885) ** -1.253)
            beam = 1361 * 0.7 ** (air_mass**0.678)
            facing = max(0.0, still + swing * cos(angle) + skew * sin(angle))
            diffuse = 0.14 * beam * (1 - exp(-4 * height)) * (0.4 + 0.6 * cloud)
            light = (beam * facing * cloud**1.3 + diffuse) / 1000
            powers.append(
                min(
                    self._panels.rating_w,
                    int(self._panels.rating_w * light * 0.86 * heat_loss),
                )
            )
        return powers
