"""What Podero's optimization of a device saved: asked for every few hours, shown by month and year."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.util import dt as dt_util

from ..api import Resolution, Savings
from ..descriptions import PoderoSensorDescription
from ..device_api import DeviceApi
from ..history import SavingsReading, year_start
from .common import Steered
from .kind import Part


async def _fetch_savings(api: DeviceApi) -> Savings:
    """Fetch the savings of the months since the beginning of the year."""
    now = dt_util.utcnow()
    return await api.client.savings(
        api.model,
        api.user_id,
        api.device_id,
        start=year_start(now, dt_util.get_default_time_zone()),
        end=now,
        resolution=Resolution.MONTH,
    )


PART: Part[Any] = Part(
    field="savings", fetch=_fetch_savings, interval=timedelta(hours=6)
)


def _of_saved[T](
    value_fn: Callable[[SavingsReading], T | None],
) -> Callable[[Steered], T | None]:
    """Read from the savings of the month and the year."""
    return lambda data: None if data.saved is None else value_fn(data.saved)


def _savings(
    key: str,
    value_fn: Callable[[SavingsReading], float | None],
    start_fn: Callable[[SavingsReading], datetime],
    *,
    attributes_fn: Callable[[Steered], Mapping[str, Any]] | None = None,
    enabled: bool = True,
) -> PoderoSensorDescription[Steered]:
    """Describe what a device saved in a span, in the currency that Podero names."""
    return PoderoSensorDescription(
        key=key,
        device_class=SensorDeviceClass.MONETARY,
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=2,
        value_fn=_of_saved(value_fn),
        exists_fn=lambda data: data.saved is not None,
        unit_fn=_of_saved(lambda saved: saved.unit),
        last_reset_fn=_of_saved(start_fn),
        attributes_fn=attributes_fn,
        entity_registry_enabled_default=enabled,
    )


_percentage = _of_saved(lambda saved: saved.percentage)

SENSORS: tuple[PoderoSensorDescription[Steered], ...] = (
    _savings(
        "savings_month",
        lambda saved: saved.month,
        lambda saved: saved.month_start,
        attributes_fn=lambda data: {"percentage": _percentage(data)},
    ),
    _savings(
        "savings_year",
        lambda saved: saved.year,
        lambda saved: saved.year_start,
        enabled=False,
    ),
)
