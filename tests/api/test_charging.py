"""A household's charging configuration, and a vehicle's weekly policy."""

from datetime import UTC, datetime, time
from typing import Any

import pytest

from custom_components.podero.api import (
    AvailableMode,
    ChargePolicy,
    ChargingConfig,
    ChargingDevice,
    ChargingMode,
    PolicyDay,
)

from .conftest import DEVICE

SINCE = datetime(2026, 11, 1, 10, tzinfo=UTC)


def test_config() -> None:
    """What is nested becomes flat; what cannot be read goes."""
    raw = {
        "smart_charging_mode": "hems_and_spot",
        "mode_conflict": False,
        "config_divergence": "true",
        "devices": [
            {
                "device_id": DEVICE,
                "device_type": "wallbox",
                "is_primary_actuator": True,
            },
            {"device_id": ".."},
        ],
        "available_modes": [
            {"mode": "none", "available": True, "reasons": []},
            {"smart_charging_mode": "SPOT", "available": True},
            {"mode": "hems", "available": False, "reasons": ["no_inverter", None]},
            {"mode": "hems_and_spot", "reasons": ["no_inverter"]},
            {"mode": "magic", "available": True},
            {"available": True},
            "spot",
            7,
        ],
        "hems_eligible": False,
        "hems_ineligible_reasons": ["no_inverter", "brand_new\ncode"],
        "thresholds": {
            "hems_min_export_to_start_w": 2000,
            "hems_max_import_before_stopping_w": "4000",
            "min_band_w": 1e9,
        },
        "health_warning": {"since": "2026-11-01T10:00:00Z"},
        "status": {
            "charge_power_w": 1500,
            "solar_kwh_today": 3.25,
            "as_of": "2026-11-01T10:00:00Z",
        },
    }
    config = ChargingConfig.parse(raw)
    assert config == ChargingConfig(
        mode=ChargingMode.HEMS_AND_SPOT,
        mode_conflict=False,
        config_divergence=True,
        devices=(
            ChargingDevice(
                device_id=DEVICE, device_type="wallbox", is_primary_actuator=True
            ),
        ),
        available_modes=(
            AvailableMode(mode=ChargingMode.NONE, available=True),
            AvailableMode(mode=ChargingMode.SPOT, available=True),
            AvailableMode(
                mode=ChargingMode.HEMS, available=False, reasons=("no_inverter",)
            ),
            AvailableMode(
                mode=ChargingMode.HEMS_AND_SPOT,
                available=False,
                reasons=("no_inverter",),
            ),
            AvailableMode(mode=ChargingMode.SPOT, available=True),
        ),
        hems_eligible=False,
        hems_ineligible_reasons=("no_inverter", "brand_new code"),
        hems_min_export_to_start_w=2000.0,
        hems_max_import_before_stopping_w=4000.0,
        has_health_warning=True,
        health_warning_since=SINCE,
        status_charge_power_w=1500.0,
        status_solar_kwh_today=3.25,
        status_as_of=SINCE,
    )
    assert config.raw is raw
    assert ChargingConfig.parse([]) is None


@pytest.mark.parametrize(
    ("warning", "expected"),
    [
        (None, False),
        ({}, False),
        ({"since": None}, False),
        ({"since": None, "code": "x"}, True),
        ("stalled", True),
        (True, True),
        (False, False),
    ],
)
def test_warning(warning: Any, expected: bool) -> None:
    """There is a warning when anything is said."""
    config = ChargingConfig.parse({"health_warning": warning, "mode": "spot"})
    assert config == ChargingConfig(mode=ChargingMode.SPOT, has_health_warning=expected)


@pytest.mark.parametrize("wrapped", [True, False])
def test_policy(*, wrapped: bool) -> None:
    """A day has a deadline, or it is none."""
    week = {
        "mon": {"charge_percentage": 80, "charge_deadline": "06:30"},
        "tue": {"charge_percentage": "90.4", "charge_deadline": "06:30:00"},
        "wed": {"charge_percentage": None, "charge_deadline": "07:00"},
        "thu": {"charge_percentage": 80, "charge_deadline": None},
        "fri": None,
        "sun": "off",
        "timezone": "Europe/Vienna",
    }
    raw = {"metadata": {"error": None}, "data": week} if wrapped else week
    policy = ChargePolicy.parse(raw)
    assert policy == ChargePolicy(
        days=(
            PolicyDay(charge_percentage=80, charge_deadline=time(6, 30)),
            PolicyDay(charge_percentage=90, charge_deadline=time(6, 30)),
            PolicyDay(charge_percentage=None, charge_deadline=time(7)),
            None,
            None,
            None,
            None,
        ),
        timezone="Europe/Vienna",
    )
    assert policy.raw is raw


def test_no_policy() -> None:
    """Without data no day has a deadline; there are seven of them all the same."""
    for data in (None, "none", {}):
        assert ChargePolicy.parse({"metadata": {"error": "none"}, "data": data}) == (
            ChargePolicy()
        )
    assert len(ChargePolicy().days) == 7
    assert ChargePolicy.parse([]) is None
