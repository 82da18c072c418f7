"""Actions: history as data, a dashboard, and maintenance of the statistics."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any

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
from homeassistant.helpers.service import (
    async_get_device_and_config_entry,
    async_register_admin_service,
)
from homeassistant.util import dt as dt_util

from .api import PoderoError, Resolution
from .const import DOMAIN
from .coordinator import PoderoDevice
from .dashboard import household_view
from .data import PoderoConfigEntry
from .energy_dashboard import async_setup_energy_dashboard
from .errors import command_failed
from .history import Importer, InverterSource
from .household import HouseholdCoordinator

ATTR_DRY_RUN = "dry_run"
ATTR_END = "end"
ATTR_END_DATE = "end_date"
ATTR_RESOLUTION = "resolution"
ATTR_SESSION_ID = "session_id"
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


@dataclass(frozen=True, kw_only=True)
class Action:
    """An action.

    Attributes:
        handler: Does it.
        fields: The schema of what it takes besides the device.
        response: Whether it answers.
        is_for_admins: Whether a user has to be an administrator; automations have no user.
    """

    handler: Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
    fields: Mapping[vol.Marker, Any]
    response: SupportsResponse
    is_for_admins: bool = False


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions, also while no entry is loaded."""
    for name, action in ACTIONS.items():
        schema = vol.Schema(_DEVICE | dict(action.fields))
        if action.is_for_admins:
            async_register_admin_service(
                hass,
                DOMAIN,
                name,
                action.handler,
                schema=schema,
                supports_response=action.response,
            )
        else:
            hass.services.async_register(
                DOMAIN,
                name,
                action.handler,
                schema=schema,
                supports_response=action.response,
            )


async def _get_history(call: ServiceCall) -> ServiceResponse:
    """Return the series of an inverter with Home Assistant's names and signs."""
    _, device = _device(call)
    if not isinstance(device.source, InverterSource):
        raise _invalid("no_series", device=device.coordinator.device_name)
    with _within_the_calendar():
        start = dt_util.as_utc(call.data[ATTR_START])
        end = dt_util.as_utc(call.data.get(ATTR_END, dt_util.utcnow()))
    _check_span(start, end)
    try:
        points = await device.source.async_points(
            start, end, Resolution(call.data[ATTR_RESOLUTION])
        )
    except PoderoError as err:
        raise command_failed(err) from err
    return {"points": await _async_plain(points, _point)}


async def _get_charging_sessions(call: ServiceCall) -> ServiceResponse:
    """Return the charging sessions that began in some days, and their totals."""
    _, device = _device(call)
    coordinator = device.coordinator
    if (log := coordinator.kind.sessions) is None:
        raise _invalid("no_sessions", device=coordinator.device_name)
    start, end = _span(call)
    try:
        # Podero's days are UTC days, both included.
        found = await log.fetch(
            coordinator.api, start.date(), (end - timedelta.resolution).date()
        )
    except PoderoError as err:
        raise command_failed(err) from err
    sessions = [
        session
        for session in found
        if (began := log.start(session)) is not None and start <= began < end
    ]
    return {
        "sessions": await _async_plain(sessions),
        "totals": {
            "sessions": len(sessions),
            **{
                name: sum(value(session) or 0 for session in sessions)
                for name, value in log.totals.items()
            },
        },
    }


async def _get_charging_decisions(call: ServiceCall) -> ServiceResponse:
    """Return why solar charging did what it did in a session: the current or last one, or a named one."""
    _, device = _device(call)
    coordinator = device.coordinator
    if (decisions := coordinator.kind.decisions) is None:
        raise _invalid("no_decisions", device=coordinator.device_name)
    try:
        detail = await decisions(
            coordinator.api, coordinator.data, call.data.get(ATTR_SESSION_ID)
        )
    except PoderoError as err:
        raise command_failed(err) from err
    if detail is None:
        raise _invalid("no_session", device=coordinator.device_name)
    [response] = await _async_plain([detail])
    return {key: response[key] for key in ("session", "decisions", "commands")}


async def _get_dashboard(call: ServiceCall) -> ServiceResponse:
    """Return a view of a household, to paste into a dashboard."""
    household, _ = _device(call)
    return {"views": [await household_view(call.hass, household)]}


async def _import_history(call: ServiceCall) -> ServiceResponse:
    """Import a span of the history again."""
    _, device = _device(call)
    importer = _importer(device)
    start, end = _span(call)
    try:
        result = await importer.async_import(start, min(end, dt_util.utcnow()))
    except PoderoError as err:
        raise command_failed(err) from err
    return {"hours": result.hours, "energy_kwh": dict(result.energy_kwh)}


async def _clear_history(call: ServiceCall) -> ServiceResponse:
    """Remove a device's statistics."""
    _, device = _device(call)
    return {"statistics": list(await _importer(device).async_clear())}


async def _setup_energy_dashboard(call: ServiceCall) -> ServiceResponse:
    """Add a household to the Energy dashboard."""
    household, _ = _device(call)
    if "energy" not in call.hass.config.components:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    setup = await async_setup_energy_dashboard(
        call.hass, household, dry_run=call.data[ATTR_DRY_RUN]
    )
    return {
        "added": {kind: [*found] for kind, found in setup.added.items()},
        "already_there": {
            kind: [*found] for kind, found in setup.already_there.items()
        },
    }


ACTIONS: Mapping[str, Action] = {
    "get_history": Action(
        handler=_get_history, fields=_TIMES, response=SupportsResponse.ONLY
    ),
    "get_charging_sessions": Action(
        handler=_get_charging_sessions, fields=_DATES, response=SupportsResponse.ONLY
    ),
    "get_charging_decisions": Action(
        handler=_get_charging_decisions,
        fields={vol.Optional(ATTR_SESSION_ID): cv.positive_int},
        response=SupportsResponse.ONLY,
    ),
    "get_dashboard": Action(
        handler=_get_dashboard, fields={}, response=SupportsResponse.ONLY
    ),
    "import_history": Action(
        handler=_import_history,
        fields=_DATES,
        response=SupportsResponse.OPTIONAL,
        is_for_admins=True,
    ),
    "clear_history": Action(
        handler=_clear_history,
        fields={},
        response=SupportsResponse.OPTIONAL,
        is_for_admins=True,
    ),
    "setup_energy_dashboard": Action(
        handler=_setup_energy_dashboard,
        fields={vol.Optional(ATTR_DRY_RUN, default=False): cv.boolean},
        response=SupportsResponse.OPTIONAL,
        is_for_admins=True,
    ),
}


async def _async_plain(
    values: list[Any], plain: Callable[[Any], Any] | None = None
) -> list[Any]:
    """Return models as plain data; many take a while, so not in the event loop."""
    return await asyncio.to_thread(lambda: [*map(plain or _plain, values)])


def _point(point: tuple[datetime, Mapping[str, float | None]]) -> dict[str, Any]:
    time, values = point
    return {"time": time.isoformat(), **values}


def _plain(value: Any) -> Any:
    """Return a model as plain data."""
    if is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in fields(value)
            if field.name != "raw"
        }
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _device(call: ServiceCall) -> tuple[HouseholdCoordinator, PoderoDevice]:
    """Return the device that an action is for, and its household.

    Raises:
        ServiceValidationError: there is none, or its entry is not loaded.
    """
    entry: PoderoConfigEntry
    registered, entry = async_get_device_and_config_entry(
        call.hass, DOMAIN, call.data[ATTR_DEVICE_ID]
    )
    for household in entry.runtime_data.households.values():
        for domain, device_id in registered.identifiers:
            if domain == DOMAIN and (device := household.data.get(device_id)):
                return household, device
    name = registered.name_by_user or registered.name or registered.id
    raise _invalid("device_gone", device=name)


def _importer(device: PoderoDevice) -> Importer:
    """Return what imports a device's history.

    Raises:
        ServiceValidationError: such a device has no history.
        HomeAssistantError: Home Assistant keeps no statistics.
    """
    if device.source is None:
        raise _invalid("no_history", device=device.coordinator.device_name)
    if device.importer is None:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="no_recorder"
        )
    return device.importer


def _span(call: ServiceCall) -> tuple[datetime, datetime]:
    """Return the start and end of the local days of an action."""
    first: date = call.data[ATTR_START_DATE]
    last: date = call.data.get(ATTR_END_DATE, dt_util.now().date())
    with _within_the_calendar():
        start = dt_util.as_utc(dt_util.start_of_local_day(first))
        end = dt_util.as_utc(dt_util.start_of_local_day(last + timedelta(days=1)))
    _check_span(start, end)
    return start, end


@contextmanager
def _within_the_calendar() -> Iterator[None]:
    """Refuse a time that cannot be converted to UTC.

    Raises:
        ServiceValidationError: it is before the year 1, or after the year 9999.
    """
    try:
        yield
    except OverflowError as err:
        raise _invalid("span_too_long", days=str(LONGEST_SPAN.days)) from err


def _check_span(start: datetime, end: datetime) -> None:
    """Refuse an invalid span.

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
