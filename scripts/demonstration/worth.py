"""What devices saved, and what today has come to: of Podero's own truth."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scripts.demonstration.comparison import Expected
from scripts.demonstration.home_assistant import TIME_ZONE
from scripts.demonstration.household import Device
from scripts.demonstration.podero import Listed, Podero

type Json = Any  # whatever a JSON answer holds

ZONE = ZoneInfo(TIME_ZONE)
SAVERS = ("inverters", "electric-vehicles", "heat-pumps")
ENERGIES = ("solar_energy", "home_energy", "grid_import_energy", "grid_export_energy")
PERCENT = 100


async def saved(
    podero: Podero, device: Device | Listed, start: datetime, end: datetime
) -> float:
    """Return what a device saved in a span, in EUR."""
    truth = await podero.truth(
        "savings", device=device.id, start=start.isoformat(), end=end.isoformat()
    )
    return float(truth["savings"])


async def expected_savings(
    podero: Podero, device: Device, now: datetime
) -> list[Expected]:
    """Return what a device's savings must be; their months are those of UTC."""
    if device.kind not in SAVERS:
        return []
    local = now.astimezone(ZONE)
    month = datetime(local.year, local.month, 1, tzinfo=UTC)
    return [
        Expected(
            key=key,
            value=await saved(podero, device, start, now),
            unit="EUR",
            because=f"savings since {start:%Y-%m-%d}",
        )
        for key, start in (
            ("savings_month", month),
            ("savings_year", month.replace(month=1)),
        )
    ]


async def expected_today(
    podero: Podero, device: Device, now: datetime
) -> list[Expected]:
    """Return what the complete hours of today have come to at an inverter's home."""
    midnight = datetime.combine(now.astimezone(ZONE).date(), time(), ZONE)
    hour = now.replace(minute=0, second=0, microsecond=0)
    if device.kind != "inverters" or hour <= midnight:
        return []
    truth = await podero.truth(
        "energy",
        device=device.id,
        start=midnight.isoformat(),
        end=hour.isoformat(),
    )
    expected = [
        Expected(
            key=f"{kind}_today",
            value=float(truth[kind]),
            unit="kWh",
            because=f"energy until {hour:%H:%M} UTC",
        )
        for kind in ENERGIES
    ]
    for key, part, whole in (
        ("self_sufficiency_today", "grid_import_energy", "home_energy"),
        ("self_consumption_today", "grid_export_energy", "solar_energy"),
    ):
        if truth[whole]:
            share = PERCENT * (1 - truth[part] / truth[whole])
            value = min(max(share, 0.0), float(PERCENT))
            because = f"{part} {truth[part]}, {whole} {truth[whole]}"
            expected.append(Expected(key=key, value=value, unit="%", because=because))
    return expected


def a_day_of_savings(day: datetime) -> tuple[datetime, datetime]:
    """Return the day of UTC that belongs to a local day, given when that begins."""
    start = datetime.combine(day.date(), time(), UTC)
    return start, start + timedelta(days=1)
