"""The table of all long-term statistics and their properties.

Which of them a device has is what its source names (see sources.py); everything else,
such as the unit, whether it is a sum, or its place on the Energy dashboard, stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from homeassistant.components.recorder.models import (
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.const import PERCENTAGE, UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util.unit_conversion import EnergyConverter, UnitlessRatioConverter

from ..const import DOMAIN

EURO = "EUR"
# What the recorder's table has room for; some databases refuse a longer one.
MAX_NAME = 255
# The day-ahead market's unit, where Podero does not name one.
PRICE_UNIT = "EUR/MWh"


class Role(StrEnum):
    """The place of a statistic on the Energy dashboard."""

    SOLAR = "solar"
    GRID_IMPORT = "grid_import"
    GRID_EXPORT = "grid_export"
    GRID_IMPORT_COST = "grid_import_cost"
    GRID_EXPORT_COMPENSATION = "grid_export_compensation"
    BATTERY_CHARGE = "battery_charge"
    BATTERY_DISCHARGE = "battery_discharge"
    DEVICE = "device"


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A kind of statistic.

    Attributes:
        unit: The unit where the import does not name another.
        unit_class: Home Assistant's converter for the unit, if there is one.
        is_sum: Whether it is a running sum; else mean, minimum and maximum.
        is_battery: Whether it is about an inverter's battery.
        role: The place on the Energy dashboard, if it has one.
        priced: The energy that it is the price of; None for what is no price.
    """

    unit: str
    unit_class: str | None = None
    is_sum: bool = True
    is_battery: bool = False
    role: Role | None = None
    priced: str | None = None

    @property
    def is_energy(self) -> bool:
        """Return whether it counts energy."""
        return self.unit_class == EnergyConverter.UNIT_CLASS


def _energy(role: Role | None = None, *, is_battery: bool = False) -> Statistic:
    return Statistic(
        unit=UnitOfEnergy.KILO_WATT_HOUR,
        unit_class=EnergyConverter.UNIT_CLASS,
        role=role,
        is_battery=is_battery,
    )


def _money(role: Role | None = None, *, priced: str | None = None) -> Statistic:
    return Statistic(unit=EURO, role=role, priced=priced)


STATISTICS: Mapping[str, Statistic] = {
    "solar_energy": _energy(Role.SOLAR),
    "grid_import_energy": _energy(Role.GRID_IMPORT),
    "grid_export_energy": _energy(Role.GRID_EXPORT),
    "home_energy": _energy(),
    "battery_charge_energy": _energy(Role.BATTERY_CHARGE, is_battery=True),
    "battery_discharge_energy": _energy(Role.BATTERY_DISCHARGE, is_battery=True),
    "battery_level": Statistic(
        unit=PERCENTAGE,
        unit_class=UnitlessRatioConverter.UNIT_CLASS,
        is_sum=False,
        is_battery=True,
    ),
    "price": Statistic(unit=PRICE_UNIT, is_sum=False),
    "grid_import_cost": _money(Role.GRID_IMPORT_COST, priced="grid_import_energy"),
    "grid_export_compensation": _money(
        Role.GRID_EXPORT_COMPENSATION, priced="grid_export_energy"
    ),
    "savings": _money(),
    "charging_energy": _energy(Role.DEVICE),
    "charging_cost": _money(),
    "charging_savings": _money(),
}


async def async_statistic_names(hass: HomeAssistant) -> Mapping[str, str]:
    """Return the short name of each statistic in Home Assistant's language."""
    texts = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    path = f"component.{DOMAIN}.selector.statistic.options"
    return {kind: texts[f"{path}.{kind}"] for kind in STATISTICS}


def statistic_id(device_id: str, kind: str) -> str:
    """Return the id under which the recorder keeps a device's statistic."""
    return f"{DOMAIN}:{device_id.replace('-', '').lower()}_{kind}"


def metadata(
    device_id: str,
    device_name: str,
    kind: str,
    *,
    names: Mapping[str, str],
    unit: str | None = None,
) -> StatisticMetaData:
    """Return what the recorder has to know of a device's statistic.

    Args:
        device_id: Podero's id of the device.
        device_name: The device's name; the statistic's begins with it.
        kind: The statistic, a key of STATISTICS.
        names: The statistics' names, from async_statistic_names.
        unit: The unit; the table's where there is none.

    """
    statistic = STATISTICS[kind]
    ending = f" {names[kind]}"
    return StatisticMetaData(
        source=DOMAIN,
        statistic_id=statistic_id(device_id, kind),
        name=f"{device_name[: MAX_NAME - len(ending)]}{ending}",
        unit_of_measurement=unit or statistic.unit,
        unit_class=statistic.unit_class,
        has_sum=statistic.is_sum,
        mean_type=(
            StatisticMeanType.NONE if statistic.is_sum else StatisticMeanType.ARITHMETIC
        ),
    )
