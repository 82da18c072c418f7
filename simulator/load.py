"""What a home needs: nights, mornings, evenings, weekends, washing days and heat."""

from dataclasses import dataclass

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


@dataclass(frozen=True, kw_only=True, slots=True)
class Demand:
    """Mean W of each quarter of a UTC day."""

    total: list[int]
    heat: list[int]
    """What of it heats the rooms."""
    hot_water: list[int]
    """What of it a heat pump would need for hot water; without one that is the dish washer."""


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
        self.heat_w = heat_w
        self.demand = Daily(self._demand)

    def day(self, day: int) -> list[int]:
        """Mean W of each quarter of a UTC day."""
        return self.demand(day).total

    def need(self, outdoor: float) -> float:
        """Electric power that keeps the rooms warm at an outdoor temperature, in W."""
        return self.heat_w * max(0.0, 15 - outdoor) / 10

    def _demand(self, day: int) -> Demand:
        chance = dice(*self._key, day)
        appliances, hot_water = self._appliances(day)
        powers, heats = [], []
        for quarter in range(QUARTERS_A_DAY):
            seconds = (day * QUARTERS_A_DAY + quarter) * 900
            local = (quarter / 4 + offset(self._zone, seconds // 3600) / 3600) % 24
            weekend = (local_day(self._zone, seconds) + 3) % 7 >= 5
            shape = _WEEKEND if weekend else _WEEKDAY
            hour = int(local)
            share = shape[hour] + (shape[(hour + 1) % 24] - shape[hour]) * (
                local - hour
            )
            heat = self.need(self._weather.outdoor(day, local))
            noise = chance.uniform(0.85, 1.15)
            fridge = 70 if chance.random() < 0.4 else 0
            heat *= chance.uniform(0.8, 1.2)
            powers.append(
                int(self._habit_w * share * noise + heat)
                + fridge
                + appliances.get(quarter, 0)
            )
            heats.append(int(heat))
        return Demand(
            total=powers,
            heat=heats,
            hot_water=[hot_water.get(quarter, 0) for quarter in range(QUARTERS_A_DAY)],
        )

    def _appliances(self, day: int) -> tuple[dict[int, int], dict[int, int]]:
        """W of washing machine, dish washer, oven and stove by quarter, and what of it is hot water."""
        chance = dice(*self._key, "appliances", day)
        powers: dict[int, int] = {}
        hot_water: dict[int, int] = {}
        for likely, first, last, quarters, power, is_hot_water in (
            (0.45, 32, 60, 4, 1500, False),
            (0.7, 72, 82, 3, 1700, True),
            (0.6, 66, 74, 3, 2100, False),
            (0.35, 42, 46, 2, 2300, True),
        ):
            start = chance.randint(first, last)
            if chance.random() < likely:
                for quarter in range(start, start + quarters):
                    powers[quarter] = powers.get(quarter, 0) + power
                    if is_hot_water:
                        hot_water[quarter] = hot_water.get(quarter, 0) + power
        return powers, hot_water
