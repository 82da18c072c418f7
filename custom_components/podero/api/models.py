"""Podero's answers as frozen data classes, with the field names of the API.

Every field but an id is optional: None when it is absent, null or unreadable. Units are
the API's (W, kWh, %, seconds, km); signs too: `current_power_to_grid_w` is positive
when exporting, `battery_charge_discharge_power_w` when discharging.
Sources: the OpenAPI descriptions of the inverter and electric-vehicle details, of the inverter data and of the sessions.
"""

from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, ClassVar, Self, override

from mashumaro import DataClassDictMixin, field_options, pass_through
from mashumaro.config import BaseConfig
from mashumaro.types import SerializableType

from . import values
from .actions import Action, parse_actions
from .enums import BoostState, PriceZone, Status


@dataclass(frozen=True, kw_only=True)
class Model(DataClassDictMixin, SerializableType):
    """A JSON object that is read tolerantly, wherever it stands."""

    class Config(BaseConfig):
        """How each type of field is read."""

        serialization_strategy = {  # noqa: RUF012 - mashumaro declares it so
            float: {"deserialize": values.number},
            int: {"deserialize": values.integer},
            bool: {"deserialize": values.boolean},
            str: {"deserialize": values.text},
            datetime: {"deserialize": values.moment},
            time: {"deserialize": values.clock},
            Status: {"deserialize": values.choice(Status, Status.UNKNOWN)},
            BoostState: {"deserialize": values.choice(BoostState)},
            PriceZone: {"deserialize": values.choice(PriceZone)},
        }

    @classmethod
    @override
    def _deserialize(cls, value: object) -> Self | None:
        return cls.from_dict(value) if isinstance(value, dict) else None

    @override
    def _serialize(self) -> dict[str, Any]:
        return self.to_dict()


@dataclass(frozen=True, kw_only=True)
class Identified(Model):
    """A JSON object with an id of its own.

    Attributes:
        id: Podero's id, a UUID.
        raw: The object as it came; not compared.

    """

    id: str
    raw: dict[str, Any] = field(
        default_factory=dict,
        compare=False,
        repr=False,
        metadata=field_options(deserialize=pass_through),
    )

    @classmethod
    def parse(cls, value: object, *, fallback_id: str | None = None) -> Self | None:
        """Read an object; None when it is none or when it has no usable id and there is nothing to fall back on."""
        if (
            not isinstance(value, dict)
            or (identity := values.text(value.get("id")) or fallback_id) is None
        ):
            return None
        return cls.from_dict(value | {"id": identity, "raw": value})

    @classmethod
    def parse_all(cls, found: list[Any]) -> list[Self]:
        """Read a list; items without a usable id are dropped, of several with the same id the first stays."""
        unique: dict[str, Self] = {}
        for item in found:
            if (model := cls.parse(item)) is not None:
                unique.setdefault(model.id, model)
        return list(unique.values())


@dataclass(frozen=True, kw_only=True)
class DeviceType(Model):
    """The kind of a device in words."""

    short_name: str | None = None
    long_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class DeviceModel(Model):
    """What a device is and which manufacturer's cloud it is reached through."""

    device_type: DeviceType | None = None
    manufacturer: str | None = None
    model: str | None = None
    year: int | None = None
    cloud_service: str | None = None
    cloud_service_instructions: str | None = None
    cloud_service_signup_link: str | None = None


@dataclass(frozen=True, kw_only=True)
class Owner(Model):
    """Whose device it is; personal."""

    id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    external_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Device(Identified):
    """What an inverter and an electric vehicle have in common."""

    PATH: ClassVar[str]
    """The part of the URL that names this kind of device."""
    WRITABLE: ClassVar[frozenset[str]]
    """The fields that may be changed; none of them deletes or re-homes a device."""

    connection_status: Status | None = None
    monitoring_status: Status | None = None
    steering_status: Status | None = None
    device_model: DeviceModel | None = None
    owner: Owner | None = None
    price_zone: PriceZone | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None
    lifecycle_state: str | None = None
    lifecycle_error: str | None = None
    pause_power_until: datetime | None = None
    is_pause_power_active: bool | None = None
    external_device_id: str | None = None
    is_authenticated: bool | None = None
    is_smart_optimization_active: bool | None = None
    optimization_score: float | None = None
    current_mode: str | None = None
    comment: str | None = None
    current_state_last_updated_at: datetime | None = None
    last_monitoring_executed_at: datetime | None = None
    is_inverter_forced_mode_enabled: bool | None = None
    is_inverter_forced_mode_active: bool | None = None
    inverter_forced_mode_since: datetime | None = None
    is_trading_enabled: bool | None = None
    actual_steering_state: str | None = None
    battery_capacity_kwh: float | None = None
    embeddable_url: str | None = None
    authorization_url: str | None = None
    action_needed: bool | None = None
    has_notification: bool | None = None
    actions: tuple[Action, ...] = field(
        default=(),
        metadata=field_options(deserialize=parse_actions, serialize=pass_through),
    )


@dataclass(frozen=True, kw_only=True)
class Inverter(Device):
    """A solar inverter, with or without a battery."""

    PATH: ClassVar[str] = "inverters"
    WRITABLE: ClassVar[frozenset[str]] = frozenset(
        {"is_smart_optimization_active", "min_battery_charge", "max_battery_charge"}
    )

    solar_power_rating_kw: float | None = None
    is_battery_connected: bool | None = None
    is_curtailment_active: bool | None = None
    max_battery_charge: float | None = None
    min_battery_charge: float | None = None
    user_limits_enabled: bool | None = None
    information_last_updated_at: datetime | None = None
    battery_policy: str | None = None
    battery_policy_last_updated_at: datetime | None = None
    current_solar_production_w: float | None = None
    current_power_to_grid_w: float | None = None
    household_consumption_w: float | None = None
    solar_surplus_w: float | None = None
    battery_charge_discharge_power_w: float | None = None
    battery_charge_level_percent: float | None = None
    production_last_day_kwh: float | None = None
    production_last_week_kwh: float | None = None
    production_last_month_kwh: float | None = None
    production_last_updated_at: datetime | None = None
    needs_gateway: bool | None = None
    inferred_max_charge_power_w: float | None = None
    inferred_max_discharge_power_w: float | None = None
    inferred_min_battery_soc_percent: float | None = None
    inferred_battery_capacity_kwh: float | None = None
    inferred_params_updated_at: datetime | None = None
    has_ev_in_household: bool | None = None
    ev_inferred_at: datetime | None = None
    ev_inference_confidence: float | None = None


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

    charge_target_min: int | None = None
    charge_target_max: int | None = None
    is_charge_policy_enabled: bool | None = None
    charge_policy_last_updated_at: datetime | None = None
    minimum_charge_limit: int | None = None
    charge_deadline_at: time | None = None
    is_over_charge_allowed: bool | None = None
    expected_max_charge_power: int | None = None
    charge_time_remaining: int | None = None
    charge_rate_w: int | None = None
    is_fully_charged: bool | None = None
    is_plugged_in: bool | None = None
    is_charging: bool | None = None
    battery_level: int | None = None
    driving_range: int | None = None
    charge_state_last_updated_at: datetime | None = None
    boost_for_next_session: bool | None = None
    latitude: float | None = None
    longitude: float | None = None
    coordinates_last_updated_at: datetime | None = None
    geo_fence_distance_m: float | None = None
    consumption_last_day_kwh: float | None = None
    consumption_last_week_kwh: float | None = None
    consumption_last_month_kwh: float | None = None
    consumption_last_updated_at: datetime | None = None
    battery_at_plug_in: float | None = None
    minimum_solar_coverage: float | None = None
    hems_min_export_to_start_w: int | None = None
    hems_max_import_before_stopping_w: int | None = None
    hems_min_production_to_start_w: int | None = None
    hems_min_production_before_stopping_w: int | None = None
    boost_state: BoostState | None = None
    boost_feature_enabled: bool | None = None
    last_boost_triggered_at: datetime | None = None
    last_boost_ended_at: datetime | None = None
    last_boost_end_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class User(Identified):
    """An end customer of an organization; personal."""

    organization_id: str | None = None
    role: str | None = None
    email: str | None = None
    external_user_id: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    is_onboarded: bool | None = None
    num_inverters: int | None = None
    num_heat_pumps: int | None = None
    num_electric_vehicles: int | None = None
    num_wallboxes: int | None = None
    street_and_number: str | None = None
    street_add_info: str | None = None
    zip_code: str | None = None
    town: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    last_login: datetime | None = None
    joined_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Session(Identified):
    """A charging session; powers in kW, energy in kWh, money in EUR, states of charge in %."""

    plug_in_time: datetime | None = None
    unplug_time: datetime | None = None
    inferred_session_end: datetime | None = None
    desired_charging_start_time: datetime | None = None
    desired_charging_end_time: datetime | None = None
    charge_deadline: datetime | None = None
    target_soc_pct: float | None = None
    initial_soc_pct: float | None = None
    final_soc_pct: float | None = None
    energy_charged_kwh: float | None = None
    avg_charge_power_kw: float | None = None
    peak_charge_power_kw: float | None = None
    actual_cost_eur: float | None = None
    expected_savings_eur: float | None = None
    actual_savings_eur: float | None = None
    is_at_home: bool | None = None
    session_outcome: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesPoint(Model):
    """One bucket of an inverter's past, a mean over the span that starts at its time; powers in W."""

    time: datetime
    price: float | None = None
    solar_production_w: float | None = None
    export_power_to_grid_w: float | None = None
    household_consumption_w: float | None = None
    battery_charge_level_percent: float | None = None
    battery_charge_discharge_power_w: float | None = None
    estimated_consumption: float | None = None
    unoptimized_consumption: float | None = None


@dataclass(frozen=True, kw_only=True)
class Series:
    """An inverter's past.

    Attributes:
        metadata: What Podero says about the series, such as a unit; free-form.
        points: As they came, order and duplicates untouched; those without a readable time are left out.

    """

    metadata: dict[str, Any]
    points: tuple[SeriesPoint, ...]

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read the answer; None when it holds no list of points."""
        if (found := values.items(value)) is None:
            return None
        return cls(
            metadata=values.mapping(values.mapping(value).get("metadata")),
            points=tuple(
                SeriesPoint.from_dict(item)
                for item in found
                if isinstance(item, dict)
                and values.moment(item.get("time")) is not None
            ),
        )
