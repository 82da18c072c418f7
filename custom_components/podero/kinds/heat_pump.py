"""Heat pumps."""

from collections.abc import Callable, Mapping
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, Platform, UnitOfTemperature

from ..api import HeatingMode, HeatPump, OptimizationLevel
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoSelectDescription,
    PoderoSensorDescription,
)
from ..device_api import DeviceApi
from ..history import SavingsSource
from . import common, savings, sensors
from .cards import rows, tile, warning
from .kind import Kind, SteeredData, put

type HeatPumpData = SteeredData[HeatPump]

LEVELS = {level.value.lower(): level for level in OptimizationLevel}


def _reports(field: str) -> Callable[[HeatPumpData], bool]:
    """Return whether a heat pump reports a field; one that it does not report makes no entity."""
    return lambda data: getattr(data.device, field) is not None


def _temperature(
    key: str, field: str, category: EntityCategory | None = None
) -> PoderoSensorDescription[HeatPumpData]:
    """Describe a temperature in °C."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.TEMPERATURE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfTemperature.CELSIUS,
        suggested_display_precision=1,
        value_fn=lambda data: getattr(data.device, field),
        exists_fn=_reports(field),
        entity_category=category,
    )


def _energy_window(key: str, field: str) -> PoderoSensorDescription[HeatPumpData]:
    """Describe the energy of the last day, week or month, in kWh."""
    return sensors.energy_window(
        key,
        lambda data: getattr(data.device, field),
        exists_fn=_reports(field),
        category=EntityCategory.DIAGNOSTIC,
    )


def _mode(data: HeatPumpData) -> str | None:
    """Return the mode, which means something only while the optimization is on."""
    mode = data.device.current_mode
    return mode if data.device.is_smart_optimization_active else None


def _level(data: HeatPumpData) -> str | None:
    level = data.device.optimization_level
    return None if level is None else level.value.lower()


SENSORS: tuple[PoderoSensorDescription[HeatPumpData], ...] = (
    sensors.power(
        "power",
        lambda data: data.device.current_power_consumption_w,
        exists_fn=_reports("current_power_consumption_w"),
    ),
    PoderoSensorDescription(
        key="heating_mode",
        device_class=SensorDeviceClass.ENUM,
        options=[mode.value for mode in HeatingMode],
        value_fn=_mode,
        exists_fn=_reports("current_mode"),
    ),
    _temperature("outdoor_temperature", "outdoor_temperature"),
    _temperature("indoor_temperature", "indoor_actual_temperature"),
    _temperature("indoor_target_temperature", "indoor_target_temperature"),
    _temperature("hot_water_temperature", "dhw_temperature"),
    _temperature("inlet_temperature", "inlet_temperature", EntityCategory.DIAGNOSTIC),
    _temperature("outlet_temperature", "outlet_temperature", EntityCategory.DIAGNOSTIC),
    _temperature(
        "hot_water_target_temperature",
        "dhw_standard_temperature",
        EntityCategory.DIAGNOSTIC,
    ),
    PoderoSensorDescription(
        key="optimization_level",
        device_class=SensorDeviceClass.ENUM,
        options=list(LEVELS),
        value_fn=_level,
        exists_fn=_reports("optimization_level"),
    ),
    PoderoSensorDescription(
        key="indoor_target_offset",
        device_class=SensorDeviceClass.TEMPERATURE_DELTA,
        native_unit_of_measurement=UnitOfTemperature.KELVIN,
        suggested_display_precision=1,
        value_fn=lambda data: data.device.indoor_target_temperature_offset,
        exists_fn=_reports("indoor_target_temperature_offset"),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    PoderoSensorDescription(
        key="operational_mode",
        value_fn=lambda data: data.device.operational_mode,
        exists_fn=_reports("operational_mode"),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    ),
    _energy_window("consumption_last_day", "consumption_last_day_kwh"),
    _energy_window("consumption_last_week", "consumption_last_week_kwh"),
    _energy_window("consumption_last_month", "consumption_last_month_kwh"),
    sensors.moment(
        "consumption_updated",
        lambda data: data.device.consumption_last_updated_at,
        exists_fn=_reports("consumption_last_updated_at"),
    ),
)


def _use(key: str, field: str) -> PoderoBinarySensorDescription[HeatPumpData]:
    """Describe what a heat pump is used for."""
    return PoderoBinarySensorDescription(
        key=key,
        value_fn=lambda data: getattr(data.device, field),
        exists_fn=_reports(field),
        entity_category=EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=False,
    )


BINARY_SENSORS: tuple[PoderoBinarySensorDescription[HeatPumpData], ...] = (
    _use("space_heating", "is_space_heating_enabled"),
    _use("hot_water_heating", "is_hot_water_heating_enabled"),
    _use("pool_heating", "is_pool_heating_enabled"),
    _use("space_cooling", "is_space_cooling_enabled"),
    _use("away_mode", "is_away_mode_enabled"),
)


async def _set_level(api: DeviceApi, value: str) -> Any:
    return await put("optimization_level")(api, LEVELS[value].value)


SELECTS: tuple[PoderoSelectDescription[HeatPumpData], ...] = (
    PoderoSelectDescription(
        key="optimization_level",
        options=list(LEVELS),
        value_fn=_level,
        exists_fn=_reports("optimization_level"),
        set_fn=_set_level,
        entity_category=EntityCategory.CONFIG,
    ),
)


def _source(
    api: DeviceApi,
    data: Callable[[], HeatPumpData],
    *,
    settings: Mapping[str, Any],
    currency: Callable[[], str],
) -> SavingsSource:
    return SavingsSource(
        api.client,
        api.model,
        api.user_id,
        api.device_id,
        price_zone=lambda: data().device.price_zone,
    )


CARDS = (
    warning("action_needed"),
    tile("power"),
    tile("heating_mode"),
    rows(
        "indoor_temperature",
        "indoor_target_temperature",
        "hot_water_temperature",
        "outdoor_temperature",
    ),
    tile("optimization_level", wide=True, features={"select": "select-options"}),
    tile("savings_month"),
    tile("smart_optimization"),
)


HEAT_PUMP = Kind[HeatPumpData](
    key="heat_pump",
    model=HeatPump,
    fallback_name="Podero heat pump",
    data=SteeredData,
    icon="mdi:heat-pump",
    cards=CARDS,
    parts=(savings.PART,),
    entities={
        Platform.SENSOR: (*common.SENSORS_WITHOUT_MODE, *SENSORS, *savings.SENSORS),
        Platform.BINARY_SENSOR: (*common.BINARY_SENSORS, *BINARY_SENSORS),
    },
    controls={Platform.SELECT: SELECTS, Platform.SWITCH: common.SWITCHES},
    history=common.HISTORY,
    source=_source,
)
