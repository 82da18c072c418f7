"""Heat pumps and wallboxes to be built."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Model:
    """What a device is sold as."""

    manufacturer: str
    model: str
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class HeatPumpPlan:
    """A heat pump to be built."""

    model: Model
    heat_w: int
    """Electric power for each 10 degrees below 15, where the home's load has none."""


@dataclass(frozen=True, kw_only=True)
class WallboxPlan:
    """A wallbox to be built."""

    model: Model
    charge_w: int


HEAT_PUMP = HeatPumpPlan(
    model=Model(manufacturer="NIBE", model="S2125-8", year=2023), heat_w=550
)
WALLBOX = WallboxPlan(
    model=Model(manufacturer="KEBA", model="KeContact P30 x-series", year=2022),
    charge_w=11_000,
)
