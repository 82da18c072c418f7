"""A heat pump: rooms and hot water, warmer while power is cheap."""

from array import array
from dataclasses import dataclass, field
from typing import Literal

from .chance import Daily
from .load import Demand, Load
from .prices import Prices
from .sun import Weather
from .times import DAY, QUARTER, QUARTERS_A_DAY, iso, offset

MODES = ("min", "low", "mid", "max")
LEVELS = ("Low", "Mid", "Max")
"""The optimizer's ceilings: the warmest mode it may use."""
_MID = 2
_SHARES = (0.55, 0.85, 1.1, 1.45)
"""Power of each mode, as a share of what the rooms need just then."""
_OFFSETS = (-1.5, -0.5, 0.5, 1.5)
"""K by which each mode moves the target of the rooms."""
_HEAT_PER_POWER, _HOT_WATER_PER_POWER = 3.4, 2.8
_ROOM_TARGET = 21.5
_ROOM_HOURS = 40
"""Hours in which a deviation of the rooms fades."""
_TANK_WH_PER_K = 209
"""180 litres."""
_TANK_MAX = 55.0
_DRAWS = {6: 0.09, 7: 0.2, 12: 0.05, 18: 0.08, 20: 0.16, 21: 0.09}
"""Share of the hot water's warmth above 36 degrees that people use, by local hour."""


@dataclass(kw_only=True)
class HeatPumpSettings:
    """What a household may set."""

    is_smart_optimization_active: bool = True
    optimization_level: Literal["Low", "Mid", "Max"] = "Mid"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Day:
    """A UTC day, quarter by quarter."""

    demand: Demand
    modes: list[int]
    """What the price asks for, without a ceiling: index of ``MODES``."""
    plain: list[float]
    """W for the rooms without optimization; in a day as much as with it."""


@dataclass(kw_only=True)
class HeatPump:
    """A heat pump computed quarter by quarter. Its columns begin at the index ``first``."""

    name: str
    zone: str
    weather: Weather
    prices: Prices
    load: Load
    is_in_load: bool
    """Whether the home's consumption has its usual power already, so that only what differs is added."""
    first: int
    settings: HeatPumpSettings = field(default_factory=HeatPumpSettings)

    def __post_init__(self) -> None:
        """Begin with warm rooms and a warm tank."""
        self.power = array("i")
        """W, rooms and hot water."""
        self.plain_power = array("i")
        """The same without optimization."""
        self.hot_water_power = array("i")
        self.mode = array("b")
        self.room = array("i")
        """Hundredths of a degree Celsius."""
        self.tank = array("i")
        """Hundredths of a degree Celsius."""
        self.state = (_ROOM_TARGET, 50.0)
        """Temperatures of rooms and tank."""
        self._day = Daily(self._plan)
        self._steered = Daily(self._steer)

    def _plan(self, day: int) -> _Day:
        demand = self.load.demand(day)
        prices = self.prices.day(day)
        cheapest = sorted(range(QUARTERS_A_DAY), key=prices.__getitem__)
        modes = [0] * QUARTERS_A_DAY
        for place, quarter in enumerate(cheapest):
            modes[quarter] = 3 - place * 4 // QUARTERS_A_DAY
        even = [
            heat / _SHARES[min(mode, _MID)]
            for heat, mode in zip(demand.heat, modes, strict=True)
        ]
        total = sum(even)
        scale = sum(demand.heat) / total if total else 0.0
        return _Day(demand=demand, modes=modes, plain=[watt * scale for watt in even])

    def _steer(self, day: int) -> dict[str, list[int]]:
        """W for the rooms by level; in a day as much at each."""
        plan = self._day(day)
        total = sum(plan.plain)
        powers = {"Mid": plan.demand.heat}
        for ceiling, level in ((1, "Low"), (3, "Max")):
            steered = [
                watt * _SHARES[min(mode, ceiling)]
                for watt, mode in zip(plan.plain, plan.modes, strict=True)
            ]
            scale = total / sum(steered) if total else 0.0
            powers[level] = [int(watt * scale) for watt in steered]
        return powers

    def outdoor(self, index: int) -> float:
        """Return the outdoor temperature in a quarter."""
        start = index * QUARTER
        hour = (start % DAY + offset(self.zone, start // 3600)) / 3600 % 24
        return self.weather.outdoor(start // DAY, hour)

    def step(self, index: int) -> int:
        """Compute the next quarter.

        Returns:
            The mean W by which the home's consumption is above that of its load.
        """
        day, quarter = divmod(index, QUARTERS_A_DAY)
        plan, settings = self._day(day), self.settings
        plain = int(plan.plain[quarter])
        if settings.is_smart_optimization_active:
            level = settings.optimization_level
            heat = self._steered(day)[level][quarter]
            mode = min(plan.modes[quarter], LEVELS.index(level) + 1)
        else:
            heat, mode = plain, _MID
        hot_water = plan.demand.hot_water[quarter]
        room, tank = self.state
        self.state = (
            self._room_after(index, room, heat - plain),
            self._tank_after(index, tank, hot_water),
        )
        self.power.append(heat + hot_water)
        self.plain_power.append(plain + hot_water)
        self.hot_water_power.append(hot_water)
        self.mode.append(mode)
        self.room.append(round(room * 100))
        self.tank.append(round(tank * 100))
        if self.is_in_load:
            return heat - plan.demand.heat[quarter]
        return heat + hot_water

    def _room_after(self, index: int, room: float, surplus: int) -> float:
        rest = self.weather.warmth(index // QUARTERS_A_DAY) - 15
        usual = _ROOM_TARGET + max(0.0, 0.45 * rest)
        store = 16 * self.load.heat_w or 9000
        room += surplus * _HEAT_PER_POWER / 4 / store
        return min(29.0, max(17.0, room + (usual - room) / (4 * _ROOM_HOURS)))

    def _tank_after(self, index: int, tank: float, power: int) -> float:
        start = index * QUARTER
        hour = (start + offset(self.zone, start // 3600)) % DAY // 3600
        tank += power * _HOT_WATER_PER_POWER / 4 / _TANK_WH_PER_K
        used = (tank - 36) * _DRAWS.get(hour, 0.0) / 4 + (tank - 20) * 0.004 / 4
        return min(_TANK_MAX, tank - used)

    def snapshot(self) -> tuple[tuple[float, float], int]:
        """Return what :meth:`restore` needs to forget the quarters computed after now."""
        return self.state, len(self.power)

    def restore(self, snapshot: tuple[tuple[float, float], int]) -> None:
        """Go back to a snapshot."""
        self.state, length = snapshot
        for column in (
            self.power,
            self.plain_power,
            self.hot_water_power,
            self.mode,
            self.room,
            self.tank,
        ):
            del column[length:]

    def used_kwh(self, index: int, days: int) -> float:
        """KWh used in the whole quarters of the days before an index."""
        last = index - self.first
        return sum(self.power[max(0, last - days * QUARTERS_A_DAY) : last]) / 4000

    def water_temperatures(self, index: int) -> tuple[float, float]:
        """Return what the heating's water has where it enters the heat pump, and where it leaves it."""
        row = max(0, index - self.first)
        room, power = self.room[row] / 100, self.power[row]
        if self.hot_water_power[row]:
            warm = self.tank[row] / 100 + 7
        elif power:
            curve = 24 + 0.62 * max(0.0, 20 - self.outdoor(index))
            warm = curve + 1.5 * _OFFSETS[self.mode[row]]
        else:
            return round(room + 1.1, 1), round(room + 1.3, 1)
        return round(warm - 2.5 - min(3.0, power / 600), 1), round(warm, 1)

    def to_json(self, now: int) -> dict[str, object]:
        """Return the fields that only a heat pump has, at a time that was computed."""
        index = now // QUARTER
        row = max(0, index - self.first)
        settings = self.settings
        power, mode = self.power[row], self.mode[row]
        inlet, outlet = self.water_temperatures(index)
        doing = "Heating" if power else "Standby"
        smart = settings.is_smart_optimization_active
        return {
            "current_mode": MODES[mode],
            # What steers it; the mode that this leads to is `current_mode`.
            "actual_steering_state": "day_ahead" if smart else "unsteered",
            "current_power_consumption_w": power,
            "optimization_level": settings.optimization_level,
            "outdoor_temperature": round(self.outdoor(index), 1),
            "indoor_actual_temperature": round(self.room[row] / 100, 1),
            "indoor_target_temperature": _ROOM_TARGET,
            "indoor_target_temperature_offset": _OFFSETS[mode] if smart else 0.0,
            "inlet_temperature": inlet,
            "outlet_temperature": outlet,
            "dhw_temperature": round(self.tank[row] / 100, 1),
            "dhw_standard_temperature": 48.0,
            "is_hot_water_heating_enabled": True,
            "is_space_heating_enabled": True,
            "is_pool_heating_enabled": False,
            "is_space_cooling_enabled": False,
            "heating_policy_name": "Comfort",
            "is_heating_policy_enabled": True,
            "maximum_temperature_limit": 23.0,
            "minimum_temperature_limit": 19.5,
            "minimum_dhw_temperature_limit": 40.0,
            "is_away_mode_enabled": False,
            "away_mode_start": None,
            "away_mode_end": None,
            "away_mode_minimum_temperature_limit": 16.0,
            "operational_mode": "Hot Water" if self.hot_water_power[row] else doing,
            "consumption_last_day_kwh": round(self.used_kwh(index, 1), 3),
            "consumption_last_week_kwh": round(self.used_kwh(index, 7), 3),
            "consumption_last_month_kwh": round(self.used_kwh(index, 30), 3),
            "consumption_last_updated_at": iso(now - now % QUARTER),
        }
