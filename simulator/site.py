"""An inverter with what hangs on it: roof, home, battery and grid."""

from array import array
from dataclasses import dataclass

from .battery import Battery
from .load import Load
from .prices import Prices
from .sun import Roof
from .times import QUARTERS_A_DAY


@dataclass(kw_only=True)
class InverterSettings:
    """What a household may set."""

    is_smart_optimization_active: bool = True
    min_battery_charge: float = 10
    max_battery_charge: float = 95
    battery_policy: str = "Optimize self consumption"
    user_limits_enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Means of one quarter: W, percent, EUR/MWh.

    ``grid_w`` (export positive) is ``solar_w - home_w + battery_w``, to the watt.
    """

    index: int
    solar_w: int
    home_w: int
    battery_w: int | None
    level_pct: float | None
    price: float
    curtailed: bool

    @property
    def grid_w(self) -> int:
        """Power to the grid, negative from it."""
        return self.solar_w - self.home_w + (self.battery_w or 0)


_NO_BATTERY = -1


class Site:
    """A building's power, computed quarter by quarter. Columns begin at the index ``first``."""

    def __init__(
        self,
        first: int,
        roof: Roof,
        load: Load,
        prices: Prices,
        battery: Battery | None,
    ) -> None:
        """Wire a building up; the battery is half full."""
        self.first = first
        self.roof = roof
        self.load = load
        self.prices = prices
        self.settings = InverterSettings()
        self.solar = array("i")
        self.home = array("i")
        self.power = array("i")
        """The battery's W, positive for discharging."""
        self.level = array("h")
        """The battery's level in tenths of a percent, -1 where there is none."""
        self.price = array("i")
        """Hundredths of EUR/MWh."""
        self.curtailed = array("b")
        self.battery = battery
        self.energy_wh = battery.capacity_wh * 0.5 if battery else 0.0

    def step(self, index: int, cars_w: int, heat_w: int = 0) -> None:
        """Compute the next quarter, in which cars take so much from the home, and its heating so much more."""
        day, quarter = divmod(index, QUARTERS_A_DAY)
        solar = self.roof.potential(day)[quarter]
        own = self.load.day(day)[quarter] + heat_w
        home = own + cars_w
        price = self.prices.at(index)
        cheap = price < 0 and self.settings.is_smart_optimization_active
        power, level = 0, _NO_BATTERY
        if self.battery:
            # A car does not empty the home's battery.
            wanted = home - solar if solar >= home else max(0, own - solar)
            if cheap:
                wanted = -self.battery.charge_w
            before = self.energy_wh
            capacity = self.battery.capacity_wh
            power, self.energy_wh = self.battery.step(
                before,
                wanted,
                self.settings.min_battery_charge / 100 * capacity,
                self.settings.max_battery_charge / 100 * capacity,
            )
            level = round((before + self.energy_wh) / 2 / capacity * 1000)
        curtailed = cheap and solar - home + power > 0
        if curtailed:
            solar = home - power
        self.solar.append(solar)
        self.home.append(home)
        self.power.append(power)
        self.level.append(level)
        self.price.append(price)
        self.curtailed.append(curtailed)

    def snapshot(self) -> tuple[float, int]:
        """Return what :meth:`restore` needs to forget the quarters computed after now."""
        return self.energy_wh, len(self.solar)

    def restore(self, snapshot: tuple[float, int]) -> None:
        """Go back to a snapshot."""
        self.energy_wh, length = snapshot
        for column in (
            self.solar,
            self.home,
            self.power,
            self.level,
            self.price,
            self.curtailed,
        ):
            del column[length:]

    def connect(self, battery: Battery) -> None:
        """Add a battery, or exchange it, from the next quarter on."""
        self.battery = battery
        self.energy_wh = battery.capacity_wh * 0.3

    def sample(self, index: int) -> Sample:
        """Return the means of a quarter; before the first one, those of the first."""
        row = max(0, index - self.first)
        level = self.level[row]
        return Sample(
            index=index,
            solar_w=self.solar[row],
            home_w=self.home[row],
            battery_w=None if level == _NO_BATTERY else self.power[row],
            level_pct=None if level == _NO_BATTERY else level / 10,
            price=self.price[row] / 100,
            curtailed=bool(self.curtailed[row]),
        )

    def produced_kwh(self, index: int, days: int) -> float:
        """Solar kWh in the whole quarters of the days before an index."""
        last = index - self.first
        return sum(self.solar[max(0, last - days * QUARTERS_A_DAY) : last]) / 4000
