"""What a home needs: nights, mornings, evenings, weekends, washing days and heat."""

from math import cos, pi

from .chance import Daily, dice
from .sun import Place, Weather
from .times import QUARTERS_A_DAY, local_day, offset

# Share of the habitual load by local hour.
_WEEKDAY = (
    0.35, 0.3, 0.28, 0.28, 0.3, 0.45, 1.0, 1.35, 0.9, 0.6, 0.55, 0.65,
    0.85, 0.7, 0.6, 0.65, 0.9, 1.4, 1.9, 2.0, 1.75, 1.4, 0.95, 0.55,
)  # fmt: skip
_WEEKEND = (
    0.45, 0.38, 0.32, 0.3, 0.3, 0.35, 0.5, 0.8, 1.2, 1.35, 1.3, 1.5,
    1.75, 1.4, 1.15, 1.1, 1.2, 1.45, 1.8, 1.85, 1.7, 1.45, 1.1, 0.7,
)  # fmt: skip


class Load:
    """The building's own consumption, without cars."""

    def __init__(
        self,
        seed: int,
        name: str,
        place: Place,
        weather: Weather,
        *,
        habit_w: int,
        heat_w: int,
    ) -> None:
        """Let people live in a building.

        Args:
            seed: The seed of everything.
            name: Tells the building apart.
            place: Where it is.
            weather: The sky above it.
            habit_w: Mean load without heat.
            heat_w: Electric power of the heating for each 10 degrees below 15.
        """
        self._key = (seed, name, "load")
        self._zone = place.zone
        self._weather = weather
        self._habit_w = habit_w
        self._heat_w = heat_w
        self.day = Daily(self._day)

    def _day(self, day: int) -> list[int]:
        """Mean W of each quarter of a UTC day."""
        chance = dice(*self._key, day)
        warmth = self._weather.warmth(day)
        appliances = self._appliances(day)
        powers = []
        for quarter in range(QUARTERS_A_DAY):
            seconds = (day * QUARTERS_A_DAY + quarter) * 900
            local = (quarter / 4 + offset(self._zone, seconds // 3600) / 3600) % 24
            weekend = (local_day(self._zone, seconds) + 3) % 7 >= 5
            shape = _WEEKEND if weekend else _WEEKDAY
            hour = int(local)
            share = shape[hour] + (shape[(hour + 1) % 24] - shape[hour]) * (
                local - hour
            )
            outside = warmth - 4 * cos(2 * pi * (local - 3) / 24)
            heat = self._heat_w * max(0.0, 15 - outside) / 10
            noise = chance.uniform(0.85, 1.15)
            fridge = 70 if chance.random() < 0.4 else 0
            powers.append(
                int(self._habit_w * share * noise + heat * chance.uniform(0.8, 1.2))
                + fridge
                + appliances.get(quarter, 0)
            )
        return powers

    def _appliances(self, day: int) -> dict[int, int]:
        """W of washing machine, dish washer and oven by quarter."""
        chance = dice(*self._key, "appliances", day)
        powers: dict[int, int] = {}
        for likely, first, last, quarters, power in (
            (0.45, 32, 60, 4, 1500),
            (0.7, 72, 82, 3, 1700),
            (0.6, 66, 74, 3, 2100),
            (0.35, 42, 46, 2, 2300),
        ):
            start = chance.randint(first, last)
            if chance.random() < likely:
                for quarter in range(start, start + quarters):
                    powers[quarter] = powers.get(quarter, 0) + power
        return powers
