"""The kinds of devices that Podero steers.

Every field but an id is optional: None when it is absent, null or unreadable. Units are
the API's, named by the fields' types; signs too: `current_power_to_grid_w` is positive
when exporting, `battery_charge_discharge_power_w` when discharging.
Sources: the OpenAPI descriptions of the inverter and electric-vehicle details; of heat
pumps and wallboxes only parts of the description are public, and some fields are inferred.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any, ClassVar, override

from . import values
from .actions import Action, parse_actions
from .bounds import (
    Celsius,
    Kelvin,
    Kilometers,
    KilowattHours,
    Kilowatts,
    Latitude,
    Longitude,
    Message,
    Meters,
    Number,
    Percent,
    Ratio,
    Seconds,
    Text,
    Url,
    Uuid,
    Watts,
    WholePercent,
    WholeWatts,
    Word,
    Year,
    parse_enum,
    parse_time_or_datetime,
)
from .enums import (
    BoostState,
    HeatingMode,
    OptimizationLevel,
    PriceZone,
    Status,
    WallboxConnection,
    WallboxMode,
)
from .model import Identified, Model, keep_position

type KnownStatus = Annotated[Status, parse_enum(Status, Status.UNKNOWN)]


@dataclass(frozen=True, kw_only=True)
class DeviceType(Model):
    """The kind of a device in words."""

    short_name: Text | None = None
    long_name: Text | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceModel(Model):
    """What a device is and which manufacturer's cloud it is reached through."""

    manufacturer: Text | None = None
    model: Text | None = None
    year: Year | None = None
    cloud_service: Text | None = None
    cloud_service_instructions: Message | None = None
    cloud_service_signup_link: Url | None = None


@dataclass(frozen=True, kw_only=True)
class Owner(Model):
    """Whose device it is; personal."""

    id: Uuid | None = None
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    external_id: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Device(Identified):
    """What all kinds of devices have in common."""

    PATH: ClassVar[str]
    """The part of the URL that names this kind of device."""
    WRITABLE: ClassVar[frozenset[str]]
    """The fields that may be changed; none of them deletes or re-homes a device."""

    connection_status: KnownStatus | None = None
    monitoring_status: KnownStatus | None = None
    steering_status: KnownStatus | None = None
    device_model: DeviceModel | None = None
    price_zone: PriceZone | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    lifecycle_state: Text | None = None
    lifecycle_error: Text | None = None
    pause_power_until: datetime | None = None
    is_pause_power_active: bool | None = None
    external_device_id: Text | None = None
    is_authenticated: bool | None = None
    is_smart_optimization_active: bool | None = None
    optimization_score: Number | None = None
    current_mode: Text | None = None
    comment: Message | None = None
    current_state_last_updated_at: datetime | None = None
    last_monitoring_executed_at: datetime | None = None
    is_inverter_forced_mode_enabled: bool | None = None
    is_inverter_forced_mode_active: bool | None = None
    inverter_forced_mode_since: datetime | None = None
    is_trading_enabled: bool | None = None
    actual_steering_state: Text | None = None
    embeddable_url: Url | None = None
    authorization_url: Url | None = None
    action_needed: bool | None = None
    has_notification: bool | None = None
    actions: Annotated[tuple[Action, ...], parse_actions] = ()

    # Read when asked for, which polling does not, and not compared.

    @property
    def owner(self) -> Owner | None:
        """Whose device it is."""
        return Owner.parse(self.raw.get("owner"))

    @property
    def device_type(self) -> DeviceType | None:
        """What kind of device it is, which the API has as `device_model.device_type`."""
        model = values.mapping(self.raw.get("device_model"))
        return DeviceType.parse(model.get("device_type"))


@dataclass(frozen=True, kw_only=True)
class Inverter(Device):
    """A solar inverter, with or without a battery."""

    PATH: ClassVar[str] = "inverters"
    WRITABLE: ClassVar[frozenset[str]] = frozenset(
        {"is_smart_optimization_active", "min_battery_charge", "max_battery_charge"}
    )

    battery_capacity_kwh: KilowattHours | None = None
    solar_power_rating_kw: Kilowatts | None = None
    is_battery_connected: bool | None = None
    is_curtailment_active: bool | None = None
    max_battery_charge: Percent | None = None
    min_battery_charge: Percent | None = None
    user_limits_enabled: bool | None = None
    information_last_updated_at: datetime | None = None
    battery_policy: Text | None = None
    battery_policy_last_updated_at: datetime | None = None
    current_solar_production_w: Watts | None = None
    current_power_to_grid_w: Watts | None = None
    household_consumption_w: Watts | None = None
    solar_surplus_w: Watts | None = None
    battery_charge_discharge_power_w: Watts | None = None
    battery_charge_level_percent: Percent | None = None
    production_last_day_kwh: KilowattHours | None = None
    production_last_week_kwh: KilowattHours | None = None
    production_last_month_kwh: KilowattHours | None = None
    production_last_updated_at: datetime | None = None
    needs_gateway: bool | None = None
    inferred_max_charge_power_w: Watts | None = None
    inferred_max_discharge_power_w: Watts | None = None
    inferred_min_battery_soc_percent: Percent | None = None
    inferred_battery_capacity_kwh: KilowattHours | None = None
    inferred_params_updated_at: datetime | None = None
    has_ev_in_household: bool | None = None
    ev_inferred_at: datetime | None = None
    ev_inference_confidence: Ratio | None = None


@dataclass(frozen=True, kw_only=True)
class ElectricVehicle(Device):
    """An electric vehicle."""

    PATH: ClassVar[str] = "electric-vehicles"
    WRITABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "is_smart_optimization_active",
            "is_charge_policy_enabled",
            "charge_deadline_at",
            "minimum_charge_limit",
            "hems_min_export_to_start_w",
            "hems_max_import_before_stopping_w",
            "hems_min_production_to_start_w",
            "hems_min_production_before_stopping_w",
        }
    )

    battery_capacity_kwh: KilowattHours | None = None
    charge_target_min: WholePercent | None = None
    charge_target_max: WholePercent | None = None
    is_charge_policy_enabled: bool | None = None
    charge_policy_last_updated_at: datetime | None = None
    minimum_charge_limit: WholePercent | None = None
    charge_deadline_at: time | None = None
    is_over_charge_allowed: bool | None = None
    expected_max_charge_power: WholeWatts | None = None
    charge_time_remaining: Seconds | None = None
    charge_rate_w: WholeWatts | None = None
    is_fully_charged: bool | None = None
    is_plugged_in: bool | None = None
    is_charging: bool | None = None
    battery_level: WholePercent | None = None
    driving_range: Kilometers | None = None
    charge_state_last_updated_at: datetime | None = None
    boost_for_next_session: bool | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    coordinates_last_updated_at: datetime | None = None
    geo_fence_distance_m: Meters | None = None
    consumption_last_day_kwh: KilowattHours | None = None
    consumption_last_week_kwh: KilowattHours | None = None
    consumption_last_month_kwh: KilowattHours | None = None
    consumption_last_updated_at: datetime | None = None
    battery_at_plug_in: Percent | None = None
    minimum_solar_coverage: Ratio | None = None
    hems_min_export_to_start_w: WholeWatts | None = None
    hems_max_import_before_stopping_w: WholeWatts | None = None
    hems_min_production_to_start_w: WholeWatts | None = None
    hems_min_production_before_stopping_w: WholeWatts | None = None
    boost_state: BoostState | None = None
    boost_feature_enabled: bool | None = None
    last_boost_triggered_at: datetime | None = None
    last_boost_ended_at: datetime | None = None
    last_boost_end_reason: Text | None = None

    @classmethod
    @override
    def complete(cls, found: dict[str, Any]) -> None:
        keep_position(found)


@dataclass(frozen=True, kw_only=True)
class HeatPump(Device):
    """A heat pump.

    Attributes:
        inlet_temperature: Of the heating water that enters the heat pump.
        outlet_temperature: Of the heating water that leaves it.
        dhw_temperature: Of the hot water; `dhw_actual_temperature` in older answers.
        operational_mode: In older answers only; in lower case.

    """

    PATH: ClassVar[str] = "heat-pumps"
    WRITABLE: ClassVar[frozenset[str]] = frozenset(
        {"is_smart_optimization_active", "optimization_level"}
    )

    current_mode: HeatingMode | None = None
    current_power_consumption_w: Watts | None = None
    optimization_level: OptimizationLevel | None = None
    outdoor_temperature: Celsius | None = None
    indoor_actual_temperature: Celsius | None = None
    indoor_target_temperature: Celsius | None = None
    indoor_target_temperature_offset: Kelvin | None = None
    inlet_temperature: Celsius | None = None
    outlet_temperature: Celsius | None = None
    dhw_temperature: Celsius | None = None
    dhw_standard_temperature: Celsius | None = None
    is_hot_water_heating_enabled: bool | None = None
    is_space_heating_enabled: bool | None = None
    is_pool_heating_enabled: bool | None = None
    is_space_cooling_enabled: bool | None = None
    heating_policy_name: Text | None = None
    is_heating_policy_enabled: bool | None = None
    maximum_temperature_limit: Celsius | None = None
    minimum_temperature_limit: Celsius | None = None
    minimum_dhw_temperature_limit: Celsius | None = None
    is_away_mode_enabled: bool | None = None
    away_mode_start: datetime | None = None
    away_mode_end: datetime | None = None
    away_mode_minimum_temperature_limit: Celsius | None = None
    operational_mode: Word | None = None
    consumption_last_day_kwh: KilowattHours | None = None
    consumption_last_week_kwh: KilowattHours | None = None
    consumption_last_month_kwh: KilowattHours | None = None
    consumption_last_updated_at: datetime | None = None

    @classmethod
    @override
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        if raw.get("dhw_temperature") is not None:
            return raw
        return {**raw, "dhw_temperature": raw.get("dhw_actual_temperature")}


@dataclass(frozen=True, kw_only=True)
class Wallbox(Device):
    """A wallbox that Podero is connected to.

    `mode` and `connection` follow from `is_plugged_in`, `is_charging` and
    `is_ocpp_connected`, and the other way round, where only the ones are reported.
    """

    PATH: ClassVar[str] = "wallboxes"
    WRITABLE: ClassVar[frozenset[str]] = frozenset({"is_smart_optimization_active"})

    mode: WallboxMode | None = None
    connection: WallboxConnection | None = None
    charge_target_min: WholePercent | None = None
    charge_target_max: WholePercent | None = None
    charge_power_max_w: WholeWatts | None = None
    is_charge_policy_enabled: bool | None = None
    charge_policy_last_updated_at: datetime | None = None
    minimum_charge_limit: WholePercent | None = None
    charge_deadline_at: Annotated[time | datetime, parse_time_or_datetime] | None = None
    is_over_charge_allowed: bool | None = None
    is_plugged_in: bool | None = None
    is_charging: bool | None = None
    is_ocpp_connected: bool | None = None
    boost_state: BoostState | None = None
    boost_for_next_session: bool | None = None

    @classmethod
    @override
    def complete(cls, found: dict[str, Any]) -> None:
        plugged_in, charging = found.get("is_plugged_in"), found.get("is_charging")
        follows: dict[str, Any] = {}
        if (mode := found.get("mode")) in _PLUG:
            follows["is_plugged_in"], follows["is_charging"] = _PLUG[mode]
        elif charging or plugged_in:
            follows["mode"] = (
                WallboxMode.CHARGING if charging else WallboxMode.PLUGGED_IN
            )
        elif found.get("is_authenticated") is False:
            follows["mode"] = WallboxMode.UNAVAILABLE
        elif plugged_in is False:
            follows["mode"] = WallboxMode.READY
        if (connection := found.get("connection")) is not None:
            follows["is_ocpp_connected"] = connection is WallboxConnection.ONLINE
        elif (connected := found.get("is_ocpp_connected")) is not None:
            follows["connection"] = (
                WallboxConnection.ONLINE if connected else WallboxConnection.OFFLINE
            )
        for name, value in follows.items():
            if found.get(name) is None:
                found[name] = value


_PLUG = {
    WallboxMode.READY: (False, False),
    WallboxMode.PLUGGED_IN: (True, False),
    WallboxMode.CHARGING: (True, True),
}
"""Whether a wallbox in a mode has a vehicle plugged in, and whether that charges."""
