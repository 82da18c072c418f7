"""The household itself: the charging mode and the thresholds that its charging devices share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from homeassistant.components.binary_sensor import BinarySensorDeviceClass
from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import EntityCategory, Platform, UnitOfEnergy, UnitOfPower

from ..api import ChargingConfig, ChargingMode, PoderoClient
from ..descriptions import (
    PoderoBinarySensorDescription,
    PoderoNumberDescription,
    PoderoSelectDescription,
    PoderoSensorDescription,
)
from ..device_api import DeviceApi
from . import sensors
from .cards import tile, warning
from .kind import ACTIVE_INTERVAL, POLL_INTERVAL, DeviceData, Kind

type HouseholdData = DeviceData[ChargingConfig]

# What the contract of charging-config allows.
MAX_POWER = 50_000


async def _find(
    client: PoderoClient, model: type[ChargingConfig], user_id: str
) -> dict[str, ChargingConfig]:
    return {user_id: await client.charging_config(user_id)}


async def _fetch(api: DeviceApi) -> ChargingConfig:
    return await api.client.charging_config(api.user_id)


def _put(name: str) -> Callable[[DeviceApi, Any], Any]:
    """Return what sends a new value of one field."""

    async def send(api: DeviceApi, value: Any) -> ChargingConfig:
        return await api.client.update_charging_config(api.user_id, name, value)

    return send


def _mode(data: HouseholdData) -> str | None:
    return data.device.mode and data.device.mode.value


def _available_modes(data: HouseholdData) -> list[str]:
    """Return the modes that can be chosen; the one in force always is among them."""
    available: set[ChargingMode | None] = {ChargingMode.NONE, data.device.mode}
    available |= {each.mode for each in data.device.available_modes if each.available}
    return [mode.value for mode in ChargingMode if mode in available]


SENSORS: tuple[PoderoSensorDescription[HouseholdData], ...] = (
    PoderoSensorDescription(
        key="charging_mode",
        device_class=SensorDeviceClass.ENUM,
        options=[mode.value for mode in ChargingMode],
        value_fn=_mode,
    ),
    sensors.power(
        "solar_charging_power", lambda data: data.device.status_charge_power_w
    ),
    PoderoSensorDescription(
        key="solar_charging_today",
        device_class=SensorDeviceClass.ENERGY,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
        value_fn=lambda data: data.device.status_solar_kwh_today,
    ),
    sensors.power_setting(
        "hems_min_export_to_start", lambda data: data.device.hems_min_export_to_start_w
    ),
    sensors.power_setting(
        "hems_max_import_before_stopping",
        lambda data: data.device.hems_max_import_before_stopping_w,
    ),
)

BINARY_SENSORS: tuple[PoderoBinarySensorDescription[HouseholdData], ...] = (
    PoderoBinarySensorDescription(
        key="solar_charging_possible",
        value_fn=lambda data: data.device.hems_eligible,
        attributes_fn=lambda data: {
            "reasons": list(data.device.hems_ineligible_reasons)
        },
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
    PoderoBinarySensorDescription(
        key="charging_warning",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.device.has_health_warning,
        attributes_fn=lambda data: {"since": data.device.health_warning_since},
    ),
    PoderoBinarySensorDescription(
        key="mode_conflict",
        device_class=BinarySensorDeviceClass.PROBLEM,
        value_fn=lambda data: data.device.mode_conflict,
        entity_category=EntityCategory.DIAGNOSTIC,
    ),
)

SELECTS: tuple[PoderoSelectDescription[HouseholdData], ...] = (
    PoderoSelectDescription(
        key="charging_mode",
        value_fn=_mode,
        options_fn=_available_modes,
        set_fn=_put("smart_charging_mode"),
        entity_category=EntityCategory.CONFIG,
    ),
)


def _threshold(
    name: str, value_fn: Callable[[HouseholdData], float | None]
) -> PoderoNumberDescription[HouseholdData]:
    """Describe a power in W at which solar charging starts or stops."""
    return PoderoNumberDescription(
        key=name.removesuffix("_w"),
        value_fn=value_fn,
        set_fn=_put(name),
        device_class=NumberDeviceClass.POWER,
        mode=NumberMode.BOX,
        native_min_value=0,
        native_max_value=MAX_POWER,
        native_step=1,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.CONFIG,
    )


NUMBERS: tuple[PoderoNumberDescription[HouseholdData], ...] = (
    _threshold(
        "hems_min_export_to_start_w",
        lambda data: data.device.hems_min_export_to_start_w,
    ),
    _threshold(
        "hems_max_import_before_stopping_w",
        lambda data: data.device.hems_max_import_before_stopping_w,
    ),
)


def _interval(data: HouseholdData) -> timedelta:
    """Return a minute while solar charging runs."""
    return ACTIVE_INTERVAL if data.device.status_charge_power_w else POLL_INTERVAL


CARDS = (
    tile("charging_mode", wide=True, features={"select": "select-options"}),
    warning("charging_warning"),
    tile("solar_charging_power", wide=True),
    tile("solar_charging_today", wide=True),
    tile("hems_min_export_to_start", wide=True),
    tile("hems_max_import_before_stopping", wide=True),
)


HOUSEHOLD = Kind[HouseholdData](
    key="household",
    model=ChargingConfig,
    fallback_name="Podero household",
    data=DeviceData,
    icon="mdi:home-lightning-bolt",
    cards=CARDS,
    find=_find,
    fetch=_fetch,
    interval=_interval,
    entities={Platform.SENSOR: SENSORS, Platform.BINARY_SENSOR: BINARY_SENSORS},
    controls={Platform.SELECT: SELECTS, Platform.NUMBER: NUMBERS},
    is_steered=False,
)
