"""Actions: the past as data, and the upkeep of its statistics."""

from datetime import date, datetime, timedelta
from typing import Any, cast

import voluptuous as vol

from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_get_device_and_config_entry
from homeassistant.util import dt as dt_util

from .api import Device, ElectricVehicle, Inverter, PoderoError, Resolution, Session
from .const import DOMAIN
from .coordinator import DeviceCoordinator, PoderoConfigEntry
from .energy_dashboard import async_setup_energy_dashboard
from .errors import command_failed
from .history import HistoryCoordinator, InverterSource
from .sessions import savings

ATTR_DRY_RUN = "dry_run"
ATTR_END = "end"
ATTR_END_DATE = "end_date"
ATTR_RESOLUTION = "resolution"
ATTR_START = "start"
ATTR_START_DATE = "start_date"

# Two years, a leap day included.
LONGEST_SPAN = timedelta(days=731)

_DEVICE = {vol.Required(ATTR_DEVICE_ID): cv.string}
_DATES = {
    vol.Required(ATTR_START_DATE): cv.date,
    vol.Optional(ATTR_END_DATE): cv.date,
}
_TIMES = {
    vol.Required(ATTR_START): cv.datetime,
    vol.Optional(ATTR_END): cv.datetime,
    vol.Optional(ATTR_RESOLUTION, default=Resolution.QUARTER_HOUR.value): vol.In(
        [resolution.value for resolution in Resolution]
    ),
}


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they are there even while no entry is loaded."""
    for name, handler, fields, response in (
        ("get_history", _get_history, _TIMES, SupportsResponse.ONLY),
        ("get_charging_sessions", _get_sessions, _DATES, SupportsResponse.ONLY),
        ("import_history", _import_history, _DATES, SupportsResponse.OPTIONAL),
        ("clear_history", _clear_history, {}, SupportsResponse.OPTIONAL),
        (
            "setup_energy_dashboard",
            _setup_energy_dashboard,
            {vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean},
            SupportsResponse.OPTIONAL,
        ),
    ):
        hass.services.async_register(
            DOMAIN,
            name,
            handler,
            schema=vol.Schema(_DEVICE | fields),
            supports_response=response,
        )


async def _get_history(call: ServiceCall) -> ServiceResponse:
    """Return the series of an inverter with Home Assistant's names and signs."""
    device = _device(call, Inverter)
    start = dt_util.as_utc(call.data[ATTR_START])
    end = dt_util.as_utc(call.data.get(ATTR_END, dt_util.utcnow()))
    _check_span(start, end)
    source = cast("InverterSource", device.source)
    try:
        points = await source.async_points(
            start, end, Resolution(call.data[ATTR_RESOLUTION])
        )
    except PoderoError as err:
        raise command_failed(err) from err
    return {"points": [{"time": time.isoformat(), **values} for time, values in points]}


async def _get_sessions(call: ServiceCall) -> ServiceResponse:
    """Return a car's charging sessions that are over, and what they come to."""
    device = _device(call, ElectricVehicle)
    start, end = _dates(call)
    try:
        sessions = await device.client.sessions(
            device.user_id, device.device_id, start=start, end=end
        )
    except PoderoError as err:
        raise command_failed(err) from err
    return {
        "sessions": [_session(session) for session in sessions],
        "totals": {
            "sessions": len(sessions),
            "energy_kwh": sum(session.energy_charged_kwh or 0 for session in sessions),
            "cost_eur": sum(session.actual_cost_eur or 0 for session in sessions),
            "savings_eur": sum(savings(session) or 0 for session in sessions),
        },
    }


def _session(session: Session) -> dict[str, Any]:
    """Return a session as plain data."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in vars(session).items()
        if name != "raw"
    }


async def _import_history(call: ServiceCall) -> ServiceResponse:
    """Import a span of the past anew."""
    importer = _importer(_device(call, Device))
    first, last = _dates(call)
    start, end = (
        dt_util.as_utc(dt_util.start_of_local_day(day))
        for day in (first, last + timedelta(days=1))
    )
    try:
        result = await importer.async_import(start, min(end, dt_util.utcnow()))
    except PoderoError as err:
        raise command_failed(err) from err
    return {"hours": result.hours, "energy_kwh": dict(result.energy_kwh)}


async def _clear_history(call: ServiceCall) -> ServiceResponse:
    """Remove a device's statistics."""
    importer = _importer(_device(call, Device))
    return {"statistics": list(await importer.async_clear())}


async def _setup_energy_dashboard(call: ServiceCall) -> ServiceResponse:
    """Add a household to the Energy dashboard."""
    device = _device(call, Device)
    if "energy" not in call.hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    _importer(device)
    setup = await async_setup_energy_dashboard(
        call.hass, device.household, dry_run=call.data[ATTR_DRY_RUN]
    )
    return {"added": list(setup.added), "already_there": list(setup.already_there)}


def _device[DeviceT: Device](
    call: ServiceCall, kind: type[DeviceT]
) -> DeviceCoordinator[DeviceT]:
    """Return the device that an action is for.

    Raises:
        ServiceValidationError: there is none, not of this kind, or its entry is not loaded.
    """
    entry: PoderoConfigEntry
    registered, entry = async_get_device_and_config_entry(
        call.hass, DOMAIN, call.data[ATTR_DEVICE_ID]
    )
    name = registered.name_by_user or registered.name or registered.id
    for domain, device_id in registered.identifiers:
        if domain == DOMAIN and (device := entry.runtime_data.device(device_id)):
            if issubclass(device.kind, kind):
                return device
            raise _invalid(f"not_{kind.PATH.replace('-', '_')}", device=name)
    raise _invalid("device_gone", device=name)


def _importer(device: DeviceCoordinator[Any]) -> HistoryCoordinator:
    """Return what imports a device's history.

    Raises:
        HomeAssistantError: Home Assistant keeps no statistics.
    """
    if device.history is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_recorder"
        )
    return device.history


def _dates(call: ServiceCall) -> tuple[date, date]:
    """Return the first and the last day that an action is about."""
    today = dt_util.now().date()
    first: date = call.data[ATTR_START_DATE]
    last: date = call.data.get(ATTR_END_DATE, today)
    _check_span(
        dt_util.start_of_local_day(first),
        dt_util.start_of_local_day(last + timedelta(days=1)),
    )
    return first, last


def _check_span(start: datetime, end: datetime) -> None:
    """Refuse a span that nobody can have meant.

    Raises:
        ServiceValidationError: it ends before it starts, lies ahead or is too long.
    """
    if end <= start:
        raise _invalid("end_before_start")
    if start > dt_util.utcnow():
        raise _invalid("start_in_future")
    if end - start > LONGEST_SPAN:
        raise _invalid("span_too_long", days=str(LONGEST_SPAN.days))


def _invalid(key: str, **placeholders: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )
