"""Numbers that Podero keeps to: limits of batteries, thresholds of solar charging."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfPower
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from . import power
from .api import Device, ElectricVehicle, Inverter
from .control import PoderoSetting, PoderoSettingDescription
from .coordinator import PoderoConfigEntry
from .entity import async_add_controls

# Podero's rate limits are not known: one command after the other.
PARALLEL_UPDATES = 1

# More than any household's connection carries.
MAX_POWER = 50_000


@dataclass(frozen=True, kw_only=True)
class PoderoNumberDescription[DeviceT: Device](
    PoderoSettingDescription[DeviceT], NumberEntityDescription
):
    """A number for one field."""


def _level[DeviceT: Device](
    key: str,
    field: str,
    value: Callable[[DeviceT], float | None],
    *,
    applies: Callable[[DeviceT], bool] = lambda _: True,
) -> PoderoNumberDescription[DeviceT]:
    """Describe a state of charge that limits something."""
    return PoderoNumberDescription(
        key=key,
        field=field,
        value=value,
        applies=applies,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        native_unit_of_measurement=PERCENTAGE,
        # A slider leaves no room for the name.
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
    )


def _threshold(
    key: str, field: str, value: Callable[[ElectricVehicle], float | None]
) -> PoderoNumberDescription[ElectricVehicle]:
    """Describe a power at which solar charging starts or stops."""
    return PoderoNumberDescription(
        key=key,
        field=field,
        value=value,
        device_class=NumberDeviceClass.POWER,
        mode=NumberMode.BOX,
        native_min_value=0,
        native_max_value=MAX_POWER,
        native_step=1,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.CONFIG,
    )


INVERTER: tuple[PoderoNumberDescription[Inverter], ...] = (
    _level(
        "battery_min_level_control",
        "min_battery_charge",
        lambda inverter: inverter.min_battery_charge,
        applies=power.has_battery,
    ),
    _level(
        "battery_max_level_control",
        "max_battery_charge",
        lambda inverter: inverter.max_battery_charge,
        applies=power.has_battery,
    ),
)

VEHICLE: tuple[PoderoNumberDescription[ElectricVehicle], ...] = (
    _level(
        "minimum_charge_limit_control",
        "minimum_charge_limit",
        lambda vehicle: vehicle.minimum_charge_limit,
    ),
    _threshold(
        "hems_min_export_to_start_control",
        "hems_min_export_to_start_w",
        lambda vehicle: vehicle.hems_min_export_to_start_w,
    ),
    _threshold(
        "hems_max_import_before_stopping_control",
        "hems_max_import_before_stopping_w",
        lambda vehicle: vehicle.hems_max_import_before_stopping_w,
    ),
    _threshold(
        "hems_min_production_to_start_control",
        "hems_min_production_to_start_w",
        lambda vehicle: vehicle.hems_min_production_to_start_w,
    ),
    _threshold(
        "hems_min_production_before_stopping_control",
        "hems_min_production_before_stopping_w",
        lambda vehicle: vehicle.hems_min_production_before_stopping_w,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the numbers of the households that allow control."""
    async_add_controls(
        entry,
        async_add_entities,
        PoderoNumber,
        {Inverter: INVERTER, ElectricVehicle: VEHICLE},
    )


class PoderoNumber[DeviceT: Device](PoderoSetting[DeviceT], NumberEntity):
    """A setting that is a number."""

    entity_description: PoderoNumberDescription[DeviceT]

    @property
    @override
    def native_value(self) -> float | None:
        """Return the number that is in force."""
        value: float | None = self.reading.value
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change it at Podero, which takes whole numbers."""
        await self.async_change(round(value))
