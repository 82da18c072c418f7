"""Controls of an electric vehicle, where the household allows control."""

from collections.abc import Callable
from datetime import time
from typing import Any

from homeassistant.components.number import NumberDeviceClass, NumberMode
from homeassistant.const import PERCENTAGE, EntityCategory, Platform, UnitOfPower

from ..api import BoostState
from ..descriptions import (
    PoderoButtonDescription,
    PoderoNumberDescription,
    PoderoSwitchDescription,
    PoderoTimeDescription,
)
from ..device_api import DeviceApi
from . import common
from .electric_vehicle_data import VehicleData
from .kind import Tables, put

# More than the grid connection of any household.
MAX_POWER = 50_000

BOOSTS_UNDER_WAY = (BoostState.REQUESTED, BoostState.ONGOING)


def _has_boost(data: VehicleData) -> bool:
    return data.device.boost_feature_enabled is not False


def _boost_refused(data: VehicleData, value: None) -> str | None:
    return "boost_under_way" if data.device.boost_state in BOOSTS_UNDER_WAY else None


def _cancel_refused(data: VehicleData, value: None) -> str | None:
    """Return why a boost cannot be cancelled: only unplugging stops one that has started."""
    if (
        data.device.boost_state in BOOSTS_UNDER_WAY
        and not data.device.boost_for_next_session
    ):
        return "boost_not_stoppable"
    return None


async def _boost(api: DeviceApi, value: None) -> None:
    await api.client.boost(api.model, api.user_id, api.device_id)


async def _cancel_boost(api: DeviceApi, value: None) -> None:
    await api.client.cancel_boost(api.model, api.user_id, api.device_id)


BUTTONS: tuple[PoderoButtonDescription[VehicleData], ...] = (
    PoderoButtonDescription(
        key="boost",
        exists_fn=_has_boost,
        set_fn=_boost,
        refused_fn=_boost_refused,
        starts_boost=True,
    ),
    PoderoButtonDescription(
        key="cancel_boost",
        exists_fn=_has_boost,
        set_fn=_cancel_boost,
        refused_fn=_cancel_refused,
    ),
)

SWITCHES: tuple[PoderoSwitchDescription[VehicleData], ...] = (
    PoderoSwitchDescription(
        key="charge_policy",
        value_fn=lambda data: data.device.is_charge_policy_enabled,
        set_fn=put("is_charge_policy_enabled"),
    ),
)


def _threshold(
    key: str, field: str, value_fn: Callable[[VehicleData], float | None]
) -> PoderoNumberDescription[VehicleData]:
    """Describe a power in W at which solar charging starts or stops."""
    return PoderoNumberDescription(
        key=key,
        value_fn=value_fn,
        set_fn=put(field),
        device_class=NumberDeviceClass.POWER,
        mode=NumberMode.BOX,
        native_min_value=0,
        native_max_value=MAX_POWER,
        native_step=1,
        native_unit_of_measurement=UnitOfPower.WATT,
        entity_category=EntityCategory.CONFIG,
    )


NUMBERS: tuple[PoderoNumberDescription[VehicleData], ...] = (
    PoderoNumberDescription(
        key="minimum_charge_limit",
        value_fn=lambda data: data.device.minimum_charge_limit,
        set_fn=put("minimum_charge_limit"),
        native_min_value=0,
        native_max_value=100,
        native_step=1,
        native_unit_of_measurement=PERCENTAGE,
        mode=NumberMode.BOX,
        entity_category=EntityCategory.CONFIG,
    ),
    _threshold(
        "hems_min_production_to_start",
        "hems_min_production_to_start_w",
        lambda data: data.device.hems_min_production_to_start_w,
    ),
    _threshold(
        "hems_min_production_before_stopping",
        "hems_min_production_before_stopping_w",
        lambda data: data.device.hems_min_production_before_stopping_w,
    ),
)


SHARED_NUMBERS: tuple[PoderoNumberDescription[VehicleData], ...] = (
    _threshold(
        "hems_min_export_to_start",
        "hems_min_export_to_start_w",
        lambda data: data.device.hems_min_export_to_start_w,
    ),
    _threshold(
        "hems_max_import_before_stopping",
        "hems_max_import_before_stopping_w",
        lambda data: data.device.hems_max_import_before_stopping_w,
    ),
)


async def _set_deadline(api: DeviceApi, value: time) -> Any:
    """Send a deadline; Podero takes it to the minute."""
    return await put("charge_deadline_at")(api, value.strftime("%H:%M"))


TIMES: tuple[PoderoTimeDescription[VehicleData], ...] = (
    PoderoTimeDescription(
        key="charge_deadline",
        value_fn=lambda data: data.device.charge_deadline_at,
        set_fn=_set_deadline,
        entity_category=EntityCategory.CONFIG,
    ),
)


CONTROLS: Tables = {
    Platform.BUTTON: BUTTONS,
    Platform.NUMBER: NUMBERS,
    Platform.SWITCH: (*common.SWITCHES, *SWITCHES),
    Platform.TIME: TIMES,
}
SHARED_CONTROLS: Tables = {Platform.NUMBER: SHARED_NUMBERS}
