"""The peers' side: small fakes of what they ask, in place of their libraries' clients.

Their integrations and the models of their libraries are the real ones.
"""

import asyncio
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import MISSING, fields, replace
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from unittest.mock import patch

import peblar

from homeassistant.util import dt as dt_util

# After Home Assistant: it wants to be the first to import its libraries.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
)

# What tessie's entities read of a parked car that charges, as Tesla calls it.
TESLA: Mapping[str, Mapping[str, Any]] = {
    "charge_state": {
        "battery_level": 61,
        "battery_range": 190.5,
        "charge_current_request": 16,
        "charge_current_request_max": 16,
        "charge_enable_request": True,
        "charge_energy_added": 7.25,
        "charge_limit_soc": 80,
        "charge_limit_soc_max": 100,
        "charge_limit_soc_min": 50,
        "charge_port_door_open": True,
        "charge_port_latch": "Engaged",
        "charge_rate": 29.5,
        "charger_actual_current": 16,
        "charger_power": 11,
        "charger_voltage": 231,
        "charging_state": "Charging",
        "conn_charge_cable": "IEC",
        "est_battery_range": 201.25,
        "ideal_battery_range": 190.5,
        "minutes_to_full_charge": 75,
        "preconditioning_enabled": False,
        "scheduled_charging_pending": False,
        "trip_charging": False,
        "usable_battery_level": 60,
        "lifetime_energy_used": 8123.5,
        "energy_remaining": 45.5,
        "pack_current": -24.5,
        "pack_voltage": 371.5,
        "module_temp_max": 24.5,
        "module_temp_min": 22.0,
    },
    "climate_state": {
        "auto_seat_climate_left": True,
        "auto_seat_climate_right": True,
        "auto_steering_wheel_heat": False,
        "battery_heater": False,
        "cabin_overheat_protection": "On",
        "cabin_overheat_protection_actively_cooling": False,
        "climate_keeper_mode": "off",
        "defrost_mode": 0,
        "driver_temp_setting": 21.0,
        "inside_temp": 18.5,
        "is_climate_on": False,
        "max_avail_temp": 28,
        "min_avail_temp": 15,
        "outside_temp": 9.5,
        "passenger_temp_setting": 21.0,
        "seat_heater_left": 0,
        "seat_heater_right": 0,
        "seat_heater_rear_left": 0,
        "seat_heater_rear_center": 0,
        "seat_heater_rear_right": 0,
        "steering_wheel_heater": False,
    },
    "drive_state": {
        "active_route_destination": "Home",
        "active_route_energy_at_arrival": 55,
        "active_route_latitude": 52.1,
        "active_route_longitude": 5.1,
        "active_route_miles_to_arrival": 12.5,
        "active_route_minutes_to_arrival": 19.5,
        "active_route_traffic_minutes_delay": 0,
        "heading": 90,
        "latitude": 52.0,
        "longitude": 5.0,
        "power": -11,
        "shift_state": None,
        "speed": None,
    },
    "vehicle_config": {"car_type": "model3", "driver_assist": "TeslaAP3"},
    "vehicle_state": {
        "car_version": "2026.32.1 0123456789ab",
        "dashcam_state": "Recording",
        "df": 0,
        "dr": 0,
        "fd_window": 0,
        "fp_window": 0,
        "ft": 0,
        "is_user_present": False,
        "locked": True,
        "media_info": {
            "audio_volume": 2.5,
            "media_playback_status": "Stopped",
            "now_playing_duration": 0,
            "now_playing_elapsed": 0,
        },
        "odometer": 12345.5,
        "pf": 0,
        "pr": 0,
        "rd_window": 0,
        "rp_window": 0,
        "rt": 0,
        "sentry_mode": False,
        "software_update": {"status": "", "version": " "},
        "speed_limit_mode": {
            "active": False,
            "current_limit_mph": 75.0,
            "max_limit_mph": 120,
            "min_limit_mph": 50,
        },
        "tpms_pressure_fl": 2.9,
        "tpms_pressure_fr": 2.9,
        "tpms_pressure_rl": 2.9,
        "tpms_pressure_rr": 2.9,
        "tpms_soft_warning_fl": False,
        "tpms_soft_warning_fr": False,
        "tpms_soft_warning_rl": False,
        "tpms_soft_warning_rr": False,
        "valet_mode": False,
    },
}


class Tesla:
    """A car of tessie's cloud.

    Attributes:
        states: Its states: as it was, with one value changed, with all of them.
        at: The state that it is in.
    """

    def __init__(self, vin: str) -> None:
        """Prepare the states."""
        first = {"vin": vin, "display_name": "Car", "state": "online", **TESLA}
        charge = {**TESLA["charge_state"], "battery_range": 191.5}
        changed = {
            name: _numbers_changed(group) if isinstance(group, Mapping) else group
            for name, group in first.items()
        }
        self.states = (first, {**first, "charge_state": charge}, changed)
        self.at = 0

    async def state(self, *, use_cache: bool) -> dict[str, Any]:
        """Return its state."""
        return self.states[self.at]


class Tessie:
    """Tessie's cloud."""

    cars: dict[str, Tesla]

    def __init__(self, *_: object) -> None:
        """Be like the library's client."""
        self.vehicles = self

    def create(self, vin: str) -> Tesla:
        """Return a car."""
        return self.cars[vin]

    async def list_vehicles(self, *, only_active: bool) -> dict[str, Any]:
        """Return all cars."""
        return {
            "results": [
                {"vin": vin, "last_state": car.states[car.at]}
                for vin, car in self.cars.items()
            ]
        }

    async def scopes(self) -> list[str]:
        """Return that there are only cars."""
        return []


def _numbers_changed(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: not value
        if isinstance(value, bool)
        else value + 0.5
        if isinstance(value, float)
        else value
        for name, value in group.items()
    }


def _another(value: Enum) -> Enum:
    return next(each for each in type(value) if each is not value)


def sample(kind: Any) -> Any:
    """Return an example of a type of peblar's library."""
    if get_origin(kind) is UnionType:
        kind = next(each for each in get_args(kind) if each is not NoneType)
    match get_origin(kind) or kind:
        case type() as enum if issubclass(enum, Enum):
            return next(iter(enum))
        case type() as plain if plain in (int, float, bool, list, dict):
            return plain()
        case type() as text if text is str:
            return "1"
        case type() as moment if moment is datetime:
            return dt_util.utcnow()
    hints = get_type_hints(kind)
    return kind(
        **{
            each.name: sample(hints[each.name])
            for each in fields(kind)
            if each.default is MISSING and each.default_factory is MISSING
        }
    )


class Charger:
    """A charger of peblar's.

    Attributes:
        states: What it says, as it was, with one value changed, with all of them.
        at: The state that it is in.
    """

    def __init__(self, number: int) -> None:
        """Prepare the states."""
        self.information = replace(
            sample(peblar.PeblarSystemInformation),
            ethernet_mac_address=f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}",
            wlan_mac_address=f"02:00:00:01:{number >> 8:02x}:{number & 255:02x}",
            product_serial_number=f"23-45-{number:05}",
        )
        self.configuration = replace(
            sample(peblar.PeblarUserConfiguration), connected_phases=3
        )
        self.versions = peblar.PeblarVersions(
            customization="Peblar-1.9", firmware="1.9.0+1+WL-1.0"
        )
        meter = replace(
            sample(peblar.PeblarMeter),
            **{
                f"{name}_phase_{phase}": 230
                for name in ("current", "power", "voltage")
                for phase in (1, 2, 3)
            },
        )
        everything = replace(
            meter,
            **{each.name: getattr(meter, each.name) + 1000 for each in fields(meter)},
        )
        ev = replace(sample(peblar.PeblarEVInterface), lock_state=True)
        system = replace(
            sample(peblar.PeblarSystem),
            phase_count=3,
            cellular_signal_strength=-60,
            wlan_signal_strength=-60,
            force_single_phase_allowed=True,
        )
        self.states = (
            (ev, meter, system),
            (ev, replace(meter, power_total=meter.power_total + 1), system),
            (
                replace(
                    ev,
                    charge_current_limit=16000,
                    charge_current_limit_source=_another(
                        ev.charge_current_limit_source
                    ),
                    cp_state=_another(ev.cp_state),
                    lock_state=False,
                    force_single_phase=not ev.force_single_phase,
                ),
                everything,
                replace(
                    system,
                    active_error_codes=[1],
                    active_warning_codes=[1],
                    uptime=system.uptime + 3600,
                ),
            ),
        )
        self.at = 0

    async def login(self, *, password: str) -> None:
        """Let anybody in."""

    async def system_information(self) -> Any:
        """Return what it is."""
        return self.information

    async def rest_api(self, **_: object) -> Charger:
        """Return what is asked for the readings."""
        return self

    async def ev_interface(self) -> Any:
        """Return how it charges."""
        return self.states[self.at][0]

    async def meter(self) -> Any:
        """Return what its meter says."""
        return self.states[self.at][1]

    async def system(self) -> Any:
        """Return how it is."""
        return self.states[self.at][2]

    async def user_configuration(self) -> Any:
        """Return how it is set up."""
        return self.configuration

    async def current_versions(self) -> Any:
        """Return the versions that it has."""
        return self.versions

    async def available_versions(self) -> Any:
        """Return the versions that there are."""
        return self.versions

    async def meter_history(self, **_: object) -> Any:
        """Return that nobody has charged."""
        return peblar.PeblarMeterHistory(
            corrupted=False, corrupted_session=[], session=[]
        )


class NoListener:
    """Peblar's stream of events, on which nothing ever happens."""

    def __init__(self, *_: object) -> None:
        """Be like the integration's listener."""

    async def async_run(self) -> None:
        """Wait for what does not come."""
        await asyncio.get_running_loop().create_future()


@contextmanager
def peers_known(
    cars: Mapping[str, Tesla], chargers: Mapping[str, Charger]
) -> Generator[None]:
    """Let the peers meet these fakes, cars by their VIN and chargers by their host."""

    def found(host: str, session: object) -> Charger:
        return chargers[host]

    with (
        patch("homeassistant.components.tessie.Tessie", Tessie),
        patch.object(Tessie, "cars", dict(cars), create=True),
        patch("homeassistant.components.peblar.Peblar", found),
        patch("homeassistant.components.peblar.PeblarSessionListener", NoListener),
    ):
        yield


def tessie_entry() -> MockConfigEntry:
    """Return tessie's one entry."""
    return MockConfigEntry(domain="tessie", data={"access_token": "1"})


def peblar_entry(host: str) -> MockConfigEntry:
    """Return the entry of a charger."""
    return MockConfigEntry(
        domain="peblar", unique_id=host, data={"host": host, "password": "1"}
    )
