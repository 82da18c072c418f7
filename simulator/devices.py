"""Devices as the API shows them: all fields of the lists and the details."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum

from .car import MAX_PERCENT, Car
from .chance import dice, uuid
from .heat_pump import HeatPump
from .household import Household
from .plans import Model
from .presence import Presence
from .site import Site
from .times import DAY, QUARTER, iso
from .wallbox import Wallbox

NEVER = "0001-01-01T00:00:00Z"


class Kind(StrEnum):
    """The kinds of device, by their part of the path."""

    INVERTER = "inverters"
    VEHICLE = "electric-vehicles"
    HEAT_PUMP = "heat-pumps"
    WALLBOX = "wallboxes"


type Source = Site | Car | HeatPump | Wallbox

_TYPES = {
    Kind.INVERTER: ("inverter", "Solar inverter"),
    Kind.VEHICLE: ("ev", "Electric vehicle"),
    Kind.HEAT_PUMP: ("hp_atw", "Heat Pump (Air-to-Water)"),
    Kind.WALLBOX: ("wallbox", "Wallbox"),
}
_DETAIL_ONLY = ("actions", "has_notification")


@dataclass(kw_only=True)
class Device:
    """What the cloud keeps of a device beside its measurements."""

    id: str
    household: Household
    """Whose user owns it now."""
    home: Household
    """Where it stands, which computes it."""
    model: Model
    source: Source
    created_at: int
    updated_at: int
    external_id: str
    overrides: dict[str, object] = field(default_factory=dict)
    """Fields that say something else than the model computed."""
    deleted_at: int | None = None
    listed: bool = True
    exists: bool = True
    ghost: bool = False
    """Whether the lists do not know that it is deleted."""
    shared_with: set[str] = field(default_factory=set)
    """Ids of other users who have it too."""
    past: list[tuple[int, Presence]] = field(default_factory=list)
    """How it stood with the lists, each with the time until which it did."""

    @property
    def users(self) -> frozenset[str]:
        """Ids of the users who have it."""
        return frozenset({self.household.user_id, *self.shared_with})

    @property
    def presence(self) -> Presence:
        """How it stands with the lists."""
        return Presence(
            users=self.users,
            listed=self.listed,
            exists=self.exists,
            deleted_at=None if self.ghost else self.deleted_at,
        )

    @property
    def kind(self) -> Kind:
        """What it is, by its part of the path."""
        match self.source:
            case Site():
                return Kind.INVERTER
            case Car():
                return Kind.VEHICLE
            case HeatPump():
                return Kind.HEAT_PUMP
            case Wallbox():
                return Kind.WALLBOX


def to_json(device: Device, now: int, origin: str) -> dict[str, object]:
    """Return what is computed of a device: its detail without actions and overrides.

    Args:
        device: The device.
        now: The time, in seconds.
        origin: The address at which the simulator was asked.
    """
    device.home.advance(max(now // QUARTER, device.source.first))
    match device.source:
        case Site():
            own = _inverter(device.source, device, now)
        case Car():
            own = _vehicle(device.source, device, now)
        case HeatPump():
            own = device.source.to_json(now)
        case Wallbox():
            own = _wallbox(device.source, device, now)
    return _shared(device, now, origin) | own


def to_list_item(detail: Mapping[str, object], building_id: str) -> dict[str, object]:
    """Return the list's item: no actions, no notifications, but the building."""
    item = {key: value for key, value in detail.items() if key not in _DETAIL_ONLY}
    return {**item, "building": item.get("building", building_id)}


def _shared(device: Device, now: int, origin: str) -> dict[str, object]:
    person, household = device.household.template.person, device.household
    quarter = now - now % QUARTER
    short_name, long_name = _TYPES[device.kind]
    smart = device.source.settings.is_smart_optimization_active
    return {
        "connection_status": "ok",
        "monitoring_status": "ok",
        "steering_status": "ok" if smart else "warning",
        "device_model": {
            "device_type": {"short_name": short_name, "long_name": long_name},
            "cloud_service_instructions": "Enter the e-mail address and password of the app.",
            "cloud_service_signup_link": None,
            **asdict(device.model),
            "cloud_service": uuid("cloud", device.model.manufacturer),
        },
        "owner": {
            "id": household.user_id,
            "email": household.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "external_id": household.external_id,
        },
        "price_zone": device.home.place.price_zone,
        "id": device.id,
        "created_at": iso(device.created_at),
        "updated_at": iso(max(device.updated_at, quarter)),
        "deleted_at": iso(device.deleted_at),
        "lifecycle_state": "authenticated",
        "lifecycle_error": None,
        "pause_power_until": None,
        "is_pause_power_active": False,
        "external_device_id": device.external_id,
        "is_authenticated": True,
        "is_smart_optimization_active": smart,
        "optimization_score": round(dice(device.id, now // DAY).uniform(0.6, 0.97), 2),
        "comment": None,
        "current_state_last_updated_at": iso(quarter),
        "last_monitoring_executed_at": iso(now - now % 3600),
        "is_inverter_forced_mode_enabled": False,
        "is_inverter_forced_mode_active": False,
        "inverter_forced_mode_since": NEVER,
        "is_trading_enabled": False,
        "embeddable_url": f"{origin}/provider/onboarding/{device.id}",
        "authorization_url": f"{origin}/provider/",
    }


def _inverter(site: Site, device: Device, now: int) -> dict[str, object]:
    index = now // QUARTER
    sample = site.sample(index)
    battery, settings = site.battery, site.settings
    updated = iso(now - now % QUARTER)
    has_car = bool(device.home.cars) and site is device.home.sites[0]
    known = iso(max(device.created_at, now - now % DAY - 3 * DAY))
    steering = "idle"
    if sample.battery_w:
        steering = "discharging" if sample.battery_w > 0 else "charging"
    return {
        "current_mode": "self_consumption",
        "actual_steering_state": steering,
        "solar_power_rating_kw": f"{site.roof.rating_w / 1000:.2f}",
        "battery_capacity_kwh": f"{battery.capacity_wh / 1000:.2f}"
        if battery
        else None,
        "is_battery_connected": battery is not None,
        "is_curtailment_active": sample.curtailed,
        "max_battery_charge": settings.max_battery_charge if battery else None,
        "min_battery_charge": settings.min_battery_charge if battery else None,
        "user_limits_enabled": settings.user_limits_enabled,
        "information_last_updated_at": iso(device.updated_at),
        "battery_policy": settings.battery_policy,
        "battery_policy_last_updated_at": iso(device.created_at) if battery else None,
        "current_solar_production_w": sample.solar_w,
        "current_power_to_grid_w": sample.grid_w,
        "household_consumption_w": sample.home_w,
        "solar_surplus_w": sample.solar_w - sample.home_w,
        "battery_charge_discharge_power_w": sample.battery_w,
        "battery_charge_level_percent": sample.level_pct,
        "production_last_day_kwh": round(site.produced_kwh(index, 1), 3),
        "production_last_week_kwh": round(site.produced_kwh(index, 7), 3),
        "production_last_month_kwh": round(site.produced_kwh(index, 30), 3),
        "production_last_updated_at": updated,
        "needs_gateway": False,
        "inferred_max_charge_power_w": battery.charge_w - 40.0 if battery else None,
        "inferred_max_discharge_power_w": battery.discharge_w - 25.0
        if battery
        else None,
        "inferred_min_battery_soc_percent": settings.min_battery_charge
        if battery
        else None,
        "inferred_battery_capacity_kwh": (
            round(battery.capacity_wh / 1000 * 0.97, 2) if battery else None
        ),
        "inferred_params_updated_at": known if battery else None,
        "has_ev_in_household": has_car,
        "ev_inferred_at": known if has_car else None,
        "ev_inference_confidence": 0.94 if has_car else None,
    }


def boost_state(car: Car, now: int) -> str:
    """Return one of available, requested, ongoing, unavailable."""
    session = car.session_at(now)
    if session is None or not session.at_home:
        return "unavailable"
    phase = car.boost_phase(now)
    if phase in {"requested", "ongoing"}:
        return phase
    return "unavailable" if car.is_full(now) else "available"


def _vehicle(car: Car, device: Device, now: int) -> dict[str, object]:
    index = now // QUARTER
    level = car.level_at(now)
    session = car.session_at(now)
    boosting = boost_state(car, now)
    power = car.power_at(now)
    missing = (
        max(0.0, min(MAX_PERCENT, car.target_at(now)) - level)
        / 100
        * car.capacity_wh
        / 0.9
    )
    latitude, longitude, since = car.trips.position(now)
    updated = iso(now - now % QUARTER)
    state, settings = car.state, car.settings
    plugged = session is not None
    steering = "unplugged"
    if plugged:
        steering = "charging" if power else "waiting"
    return {
        "current_mode": "boost" if boosting == "ongoing" else "smart_charging",
        "actual_steering_state": steering,
        "charge_target_min": 50,
        "charge_target_max": MAX_PERCENT,
        "is_charge_policy_enabled": settings.is_charge_policy_enabled,
        "charge_policy_last_updated_at": iso(device.updated_at),
        "minimum_charge_limit": settings.minimum_charge_limit,
        "charge_deadline_at": settings.charge_deadline_at,
        "is_over_charge_allowed": False,
        "expected_max_charge_power": car.charge_w,
        "charge_time_remaining": int(missing / power * 3600) if power else 0,
        "charge_rate_w": power,
        "is_fully_charged": plugged and car.is_full(now),
        "is_plugged_in": plugged,
        "is_charging": power > 0,
        "battery_level": int(level),
        "driving_range": int(level / 100 * car.capacity_wh / 175),
        "battery_capacity_kwh": f"{car.capacity_wh / 1000:.1f}",
        "charge_state_last_updated_at": updated,
        "boost_for_next_session": state.is_armed(now),
        "latitude": latitude,
        "longitude": longitude,
        "coordinates_last_updated_at": iso(since),
        "geo_fence_distance_m": 100,
        "consumption_last_day_kwh": round(car.charged_kwh(index, 1), 3),
        "consumption_last_week_kwh": round(car.charged_kwh(index, 7), 3),
        "consumption_last_month_kwh": round(car.charged_kwh(index, 30), 3),
        "consumption_last_updated_at": updated,
        "battery_at_plug_in": round(session.initial_pct, 1) if session else None,
        "minimum_solar_coverage": settings.minimum_solar_coverage,
        "hems_min_export_to_start_w": settings.hems_min_export_to_start_w,
        "hems_max_import_before_stopping_w": settings.hems_max_import_before_stopping_w,
        "hems_min_production_to_start_w": settings.hems_min_production_to_start_w,
        "hems_min_production_before_stopping_w": settings.hems_min_production_before_stopping_w,
        "boost_state": boosting,
        "boost_feature_enabled": True,
        "last_boost_triggered_at": iso(
            state.last_boost_at
            if (state.last_boost_at or 0) + state.boost_late <= now
            else None
        ),
        "last_boost_ended_at": iso(
            state.last_boost_end if (state.last_boost_end or 0) <= now else None
        ),
        "last_boost_end_reason": (
            state.last_boost_reason if (state.last_boost_end or 0) <= now else None
        ),
    }


def wallbox_boost_state(wallbox: Wallbox, now: int) -> str:
    """Return one of available, requested, ongoing, unavailable."""
    car = wallbox.car_at(now)
    return "unavailable" if car is None else boost_state(car, now)


def _wallbox(wallbox: Wallbox, device: Device, now: int) -> dict[str, object]:
    answer = wallbox.to_json(now, wallbox_boost_state(wallbox, now))
    mode = "READY"
    if answer["is_plugged_in"]:
        mode = "CHARGING" if answer["is_charging"] else "PLUGGED_IN"
    is_online = device.overrides.get("is_authenticated", True) is True
    return answer | {
        "mode": mode if is_online else "UNAVAILABLE",
        "connection": "online" if is_online else "offline",
        "is_ocpp_connected": is_online,
        "charge_policy_last_updated_at": iso(device.updated_at),
    }
