"""Day-ahead prices of a zone, in hundredths of EUR/MWh."""

from math import cos, pi

from .chance import Daily, dice
from .sun import Weather
from .times import QUARTERS_A_DAY, local_day, offset

# EUR/MWh above or below the day's level, by local hour.
_SHAPE = (
    -14, -18, -20, -20, -17, -8, 14, 30, 28, 14, 2, -5,
    -9, -10, -6, 2, 16, 34, 46, 42, 28, 12, 0, -8,
)  # fmt: skip
# Share of the solar dip, by local hour.
_NOON = (
    0, 0, 0, 0, 0, 0, 0.02, 0.1, 0.3, 0.55, 0.78, 0.93,
    1, 1, 0.94, 0.8, 0.56, 0.3, 0.12, 0.03, 0, 0, 0, 0,
)  # fmt: skip
_YEAR = 365.2425


class Prices:
    """What a zone's market asks: negative at sunny noons, dear on winter evenings."""

    def __init__(self, seed: int, price_zone: str, zone: str, weather: Weather) -> None:
        """Open the market of a price zone."""
        self._key = (seed, price_zone, "prices")
        self._zone = zone
        self._hourly = price_zone.endswith("HOURLY")
        self._weather = weather
        self.day = Daily(self._day, keep=8)

    def at(self, index: int) -> int:
        """Price of the quarter with this index, in hundredths of EUR/MWh."""
        day, quarter = divmod(index, QUARTERS_A_DAY)
        return self.day(day)[quarter]

    def _day(self, day: int) -> list[int]:
        chance = dice(*self._key, day)
        summer = 0.5 - 0.5 * cos(2 * pi * (day - 10) / _YEAR)
        level = 104 - 26 * summer + chance.gauss(0, 8)
        dip = self._weather.clearness(day) * (25 + 90 * summer)
        prices = []
        for hour in range(24):
            number = day * 24 + hour
            ahead = offset(self._zone, number)
            local = (number + ahead // 3600) % 24
            weekday = (local_day(self._zone, number * 3600) + 3) % 7
            rest = 16 if weekday == 6 else 9 if weekday == 5 else 0
            base = (
                level - rest + _SHAPE[local] - dip * _NOON[local] + chance.gauss(0, 3)
            )
            slope = chance.uniform(-5, 5)
            prices += [
                round(100 * (base if self._hourly else base + slope * (quarter - 1.5)))
                for quarter in range(4)
            ]
        return prices
