"""The kinds of long-term statistics: their ids, names and units."""

from collections.abc import Mapping
from dataclasses import dataclass

from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.util.unit_conversion import EnergyConverter, UnitlessRatioConverter

from ..const import DOMAIN

EURO = "EUR"
# What Podero's prices are in where it does not say: those of the day-ahead market.
PRICE_UNIT = "EUR/MWh"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of statistics.

    Attributes:
        name: What it is, in words.
        unit: What it is counted in.
        unit_class: Home Assistant's converter for it, if there is one.
        is_sum: Whether it is a running sum; else mean, minimum and maximum.
    """

    name: str
    unit: str
    unit_class: str | None
    is_sum: bool = True


def _energy(name: str) -> Kind:
    return Kind(
        name=name,
        unit=UnitOfEnergy.KILO_WATT_HOUR,
        unit_class=EnergyConverter.UNIT_CLASS,
    )


KINDS: Mapping[str, Kind] = {
    "solar_energy": _energy("solar energy"),
    "grid_import_energy": _energy("grid import energy"),
    "grid_export_energy": _energy("grid export energy"),
    "home_energy": _energy("home energy"),
    "battery_charge_energy": _energy("battery charge energy"),
    "battery_discharge_energy": _energy("battery discharge energy"),
    "battery_level": Kind(
        name="battery level",
        unit=PERCENTAGE,
        unit_class=UnitlessRatioConverter.UNIT_CLASS,
        is_sum=False,
    ),
    "price": Kind(name="price", unit=PRICE_UNIT, unit_class=None, is_sum=False),
    "charging_energy": _energy("charging energy"),
    "charging_cost": Kind(name="charging cost", unit=EURO, unit_class=None),
    "charging_savings": Kind(name="charging savings", unit=EURO, unit_class=None),
}


def statistic_id(device_id: str, kind: str) -> str:
    """Return the id under which the recorder keeps a device's statistics."""
    return f"{DOMAIN}:{device_id.replace('-', '').lower()}_{kind}"


def metadata(
    device_id: str, device_name: str, kind: str, unit: str | None = None
) -> StatisticMetaData:
    """Return what the recorder has to know of a device's statistics."""
    described = KINDS[kind]
    return StatisticMetaData(
        source=DOMAIN,
        statistic_id=statistic_id(device_id, kind),
        name=f"{device_name} {described.name}",
        unit_of_measurement=unit or described.unit,
        unit_class=described.unit_class,
        has_sum=described.is_sum,
        mean_type=(
            StatisticMeanType.NONE if described.is_sum else StatisticMeanType.ARITHMETIC
        ),
    )
