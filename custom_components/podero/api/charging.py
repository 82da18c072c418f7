"""What decides when a household's vehicles charge: its charging configuration, and a vehicle's weekly policy.

Source: the API reference of charging-config and charge-policy, of which enumerations and
some names are not public.
"""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated, Any, ClassVar, Self, override

from . import values
from .bounds import KilowattHours, Text, Uuid, Watts, WholePercent, Words
from .enums import ChargingMode
from .model import Model, Recorded

MODE_KEYS = ("smart_charging_mode", "mode", "charging_mode")
"""What the field of a charging mode may be called; only the first is documented."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _mode(raw: dict[str, Any]) -> object:
    return next((raw[key] for key in MODE_KEYS if raw.get(key) is not None), None)


@dataclass(frozen=True, kw_only=True)
class AvailableMode(Model):
    """A charging mode, whether it can be chosen, and the codes of the reasons why not."""

    mode: ChargingMode
    available: bool
    reasons: Words = ()

    @classmethod
    @override
    def parse(cls, value: object) -> Self | None:
        """Read a mode; a bare word is one that can be chosen."""
        return super().parse({"mode": value} if isinstance(value, str) else value)

    @classmethod
    @override
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        return {**raw, "mode": _mode(raw)}

    @classmethod
    @override
    def complete(cls, found: dict[str, Any]) -> None:
        if found.get("available") is None:
            found["available"] = not found.get("reasons")


@dataclass(frozen=True, kw_only=True)
class ChargingDevice(Model):
    """A device that a household's charging configuration is about."""

    device_id: Uuid
    device_type: Text | None = None
    is_primary_actuator: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ChargingConfig(Recorded):
    """How a household charges its vehicles; what the API nests is flat here.

    Attributes:
        mode: The API's `smart_charging_mode`.
        mode_conflict: The devices disagree on the mode.
        config_divergence: The devices disagree on the thresholds.
        hems_eligible: Whether charging by solar surplus is possible.
        hems_ineligible_reasons: Codes of the reasons why not.
        min_band_w: The smallest hysteresis that the two thresholds may have.
        has_health_warning: Something is wrong.
        health_warning_since: And has been since.
        status_as_of: When the two other `status_...` were true.

    """

    WRITABLE: ClassVar[frozenset[str]] = frozenset(
        {
            "smart_charging_mode",
            "hems_min_export_to_start_w",
            "hems_max_import_before_stopping_w",
        }
    )
    """The API's names of the fields that may be changed."""

    mode: ChargingMode | None = None
    mode_conflict: bool | None = None
    config_divergence: bool | None = None
    devices: tuple[ChargingDevice, ...] = ()
    available_modes: tuple[AvailableMode, ...] = ()
    hems_eligible: bool | None = None
    hems_ineligible_reasons: Words = ()
    hems_min_export_to_start_w: Watts | None = None
    hems_max_import_before_stopping_w: Watts | None = None
    min_band_w: Watts | None = None
    has_health_warning: bool = False
    health_warning_since: datetime | None = None
    status_charge_power_w: Watts | None = None
    status_solar_kwh_today: KilowattHours | None = None
    status_as_of: datetime | None = None

    @classmethod
    @override
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        warning = raw.get("health_warning")
        details = values.mapping(warning)
        status = values.mapping(raw.get("status"))
        return {
            **raw,
            **values.mapping(raw.get("thresholds")),
            **{f"status_{name}": item for name, item in status.items()},
            "mode": _mode(raw),
            "has_health_warning": bool(
                any(item is not None for item in details.values())
                if isinstance(warning, dict)
                else warning
            ),
            "health_warning_since": details.get("since"),
        }


@dataclass(frozen=True, kw_only=True)
class PolicyDay(Model):
    """By when, in wall-clock time, a vehicle is to be charged on one day of the week, and how far."""

    charge_deadline: time
    charge_percentage: WholePercent | None = None


def parse_week(value: list[Any]) -> tuple[PolicyDay | None, ...]:
    """Read the days of a week."""
    return tuple(map(PolicyDay.parse, value))


@dataclass(frozen=True, kw_only=True)
class ChargePolicy(Recorded):
    """A vehicle's week.

    Attributes:
        days: Monday first; None for a day without a deadline.
        timezone: The name of the zone that the deadlines are in.

    """

    days: Annotated[tuple[PolicyDay | None, ...], parse_week] = (None,) * len(DAYS)
    timezone: Text | None = None

    @classmethod
    @override
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        data = raw.get("data", raw)
        week = values.mapping(data)
        return {**week, "days": [week.get(day) for day in DAYS]}
