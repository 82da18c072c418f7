"""Solar inverters, with a home battery or without."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberMode
from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import (
    PERCENTAGE,
    EntityCategory,
    Platform,
    UnitOfEnergy,
    UnitOfPower,
)

from .. import power
from ..api import Inverter
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoNumberDescription,
    PoderoSensorDescription,
)
from ..device_api import DeviceApi
from ..history import History, InverterSource, Prices, Summary
from . import common, savings, sensors
from .cards import bar, by_day, by_hour, rows, tile, warning
from .kind import Kind, SteeredData, put

type InverterData = SteeredData[Inverter]


def has_battery(data: InverterData) -> bool:
    """Return whether a battery is connected."""
    return power.has_battery(data.device)


SENSORS: tuple[PoderoSensorDescription[InverterData], ...] = (
    sensors.power("solar_power", lambda data: data.device.current_solar_production_w),
    sensors.power("grid_power", lambda data: power.grid_power(data.device)),
    sensors.power(
        "grid_import_power",
        lambda data: power.grid_import_power(data.device),
        enabled=False,
    ),
    sensors.power(
        "grid_export_power",
        lambda data: power.grid_export_power(data.device),
        enabled=False,
    ),
    sensors.power("home_power", lambda data: data.device.household_consumption_w),
    sensors.power("solar_surplus", lambda data: data.device.solar_surplus_w),
    sensors.power(
        "battery_power",
        lambda data: power.battery_power(data.device),
        exists_fn=has_battery,
    ),
    sensors.power(
        "battery_charge_power",
        lambda data: power.battery_charge_power(data.device),
        exists_fn=has_battery,
        enabled=False,
    ),
    sensors.power(
        "battery_discharge_power",
        lambda data: power.battery_discharge_power(data.device),
        exists_fn=has_battery,
        enabled=False,
    ),
    sensors.battery_level(
        lambda data: data.device.battery_charge_level_percent, exists_fn=has_battery
    ),
    PoderoSensorDescription(
        key="battery_policy",
        value_fn=lambda data: data.device.battery_policy,
        exists_fn=has_battery,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    sensors.energy_window(
        "production_last_day", lambda data: data.device.production_last_day_kwh
    ),
    sensors.energy_window(
        "production_last_week", lambda data: data.device.production_last_week_kwh
    ),
    sensors.energy_window(
        "production_last_month", lambda data: data.device.production_last_month_kwh
    ),
    PoderoSensorDescription(
        key="solar_rating",
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.KILO_WATT,
        suggested_display_precision=1,
        value_fn=lambda data: data.device.solar_power_rating_kw,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    sensors.capacity(
        "battery_capacity",
        lambda data: data.device.battery_capacity_kwh,
        exists_fn=has_battery,
    ),
    sensors.level(
        "battery_min_level",
        lambda data: data.device.min_battery_charge,
        exists_fn=has_battery,
    ),
    sensors.level(
        "battery_max_level",
        lambda data: data.device.max_battery_charge,
        exists_fn=has_battery,
    ),
    sensors.moment(
        "information_updated", lambda data: data.device.information_last_updated_at
    ),
    sensors.moment(
        "battery_policy_updated",
        lambda data: data.device.battery_policy_last_updated_at,
    ),
    sensors.moment(
        "production_updated", lambda data: data.device.production_last_updated_at
    ),
    sensors.power_setting(
        "inferred_max_charge_power",
        lambda data: data.device.inferred_max_charge_power_w,
        exists_fn=has_battery,
    ),
    sensors.power_setting(
        "inferred_max_discharge_power",
        lambda data: data.device.inferred_max_discharge_power_w,
        exists_fn=has_battery,
    ),
    sensors.level(
        "inferred_min_battery_level",
        lambda data: data.device.inferred_min_battery_soc_percent,
        exists_fn=has_battery,
        enabled=False,
    ),
    sensors.capacity(
        "inferred_battery_capacity",
        lambda data: data.device.inferred_battery_capacity_kwh,
        exists_fn=has_battery,
        enabled=False,
    ),
    sensors.moment(
        "inferred_updated", lambda data: data.device.inferred_params_updated_at
    ),
    sensors.moment("ev_inferred_at", lambda data: data.device.ev_inferred_at),
    PoderoSensorDescription(
        key="ev_inference_confidence",
        value_fn=lambda data: data.device.ev_inference_confidence,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)

BINARY_SENSORS: tuple[PoderoBinarySensorDescription[InverterData], ...] = (
    PoderoBinarySensorDescription(
        key="curtailment", value_fn=lambda data: data.device.is_curtailment_active
    ),
    PoderoBinarySensorDescription(
        key="battery_charging",
        device_class=BinarySensorDeviceClass.BATTERY_CHARGING,
        value_fn=lambda data: power.is_battery_charging(data.device),
        exists_fn=has_battery,
    ),
    PoderoBinarySensorDescription(
        key="battery_connected",
        value_fn=lambda data: data.device.is_battery_connected,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="user_limits",
        value_fn=lambda data: data.device.user_limits_enabled,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="needs_gateway",
        value_fn=lambda data: data.device.needs_gateway,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoBinarySensorDescription(
        key="ev_in_household",
        value_fn=lambda data: data.device.has_ev_in_household,
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
)


def _of_summary[T](
    value_fn: Callable[[Summary], T | None],
) -> Callable[[History], T | None]:
    """Read from the imported hours of today and of this month."""
    return lambda history: (
        None if history.summary is None else value_fn(history.summary)
    )


def _energy_today(
    key: str, value_fn: Callable[[Summary], float | None]
) -> PoderoSensorDescription[History]:
    """Describe an energy since local midnight, in kWh."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=_of_summary(value_fn),
        last_reset_fn=_of_summary(lambda summary: summary.today_start),
    )


def _share(
    key: str, value_fn: Callable[[Summary], float | None], *, enabled: bool = True
) -> PoderoSensorDescription[History]:
    """Describe a part of a whole, in %."""
    return PoderoSensorDescription(
        key=key,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=_of_summary(value_fn),
        entity_registry_enabled_default=enabled,
    )


HISTORY: tuple[PoderoSensorDescription[History], ...] = (
    _energy_today("solar_energy_today", lambda summary: summary.solar_energy_today),
    _energy_today("home_energy_today", lambda summary: summary.home_energy_today),
    _energy_today(
        "grid_import_energy_today", lambda summary: summary.grid_import_energy_today
    ),
    _energy_today(
        "grid_export_energy_today", lambda summary: summary.grid_export_energy_today
    ),
    _share("self_sufficiency_today", lambda summary: summary.self_sufficiency_today),
    _share("self_consumption_today", lambda summary: summary.self_consumption_today),
    _share(
        "self_sufficiency_month",
        lambda summary: summary.self_sufficiency_month,
        enabled=False,
    ),
    _share(
        "self_consumption_month",
        lambda summary: summary.self_consumption_month,
        enabled=False,
    ),
)


def _above_maximum(data: InverterData, value: float) -> str | None:
    highest = data.device.max_battery_charge
    return "battery_limits_crossed" if highest is not None and value > highest else None


def _below_minimum(data: InverterData, value: float) -> str | None:
    lowest = data.device.min_battery_charge
    return "battery_limits_crossed" if lowest is not None and value < lowest else None


def _limit(
    key: str,
    field: str,
    value_fn: Callable[[InverterData], float | None],
    refused_fn: Callable[[InverterData, float], str | None],
) -> PoderoNumberDescription[InverterData]:
    """Describe a limit of the battery's state of charge, in %."""
    return PoderoNumberDescription(
        key=key,
        value_fn=value_fn,
        exists_fn=has_battery,
        set_fn=put(field),
        refused_fn=refused_fn,
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        native_unit_of_measurement=PERCENTAGE,
        # With a slider there is no room for the name.
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
    )


NUMBERS: tuple[PoderoNumberDescription[InverterData], ...] = (
    _limit(
        "battery_min_level",
        "min_battery_charge",
        lambda data: data.device.min_battery_charge,
        _above_maximum,
    ),
    _limit(
        "battery_max_level",
        "max_battery_charge",
        lambda data: data.device.max_battery_charge,
        _below_minimum,
    ),
)


def _source(
    api: DeviceApi,
    data: Callable[[], InverterData],
    *,
    settings: Mapping[str, Any],
    currency: Callable[[], str],
) -> InverterSource:
    return InverterSource(
        api.client,
        api.user_id,
        api.device_id,
        has_battery=lambda: has_battery(data()),
        price_zone=lambda: data().device.price_zone,
        prices=Prices.of(settings),
        currency=currency,
    )


CARDS = (
    warning("action_needed"),
    tile("solar_power"),
    tile("home_power"),
    tile("grid_power"),
    tile("battery_power"),
    bar("battery_level"),
    bar("self_sufficiency_today"),
    tile("solar_energy_today"),
    tile("home_energy_today"),
    tile("grid_import_energy_today"),
    tile("grid_export_energy_today"),
    by_hour("home_energy", "solar_energy"),
    tile("savings_month"),
    tile("smart_optimization"),
    rows("battery_min_level", "battery_max_level"),
    by_day("grid_import_energy", "grid_export_energy"),
    by_day("grid_import_cost", "grid_export_compensation"),
)


INVERTER = Kind[InverterData](
    key="inverter",
    model=Inverter,
    fallback_name="Podero inverter",
    data=SteeredData,
    icon="mdi:solar-power-variant",
    cards=CARDS,
    parts=(savings.PART,),
    entities={
        Platform.SENSOR: (*common.SENSORS, *SENSORS, *savings.SENSORS),
        Platform.BINARY_SENSOR: (*common.BINARY_SENSORS, *BINARY_SENSORS),
    },
    controls={Platform.NUMBER: NUMBERS, Platform.SWITCH: common.SWITCHES},
    history=(*common.HISTORY, *HISTORY),
    source=_source,
)
