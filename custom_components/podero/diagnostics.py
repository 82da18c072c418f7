"""Everything that Podero said, without what is personal or secret.

What is shown is chosen, not what is hidden: a field that a later version of the API adds
may hold anything, so of those only the kind of value is told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import REDACTED
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .api import Device, PoderoClient, ResolutionLink, Session, value_types
from .const import (
    CONF_ALLOW_CONTROL,
    CONF_ENERGY_DASHBOARD,
    CONF_HISTORY_DAYS,
    CONF_REFRESH_TOKEN,
    CONF_TOKEN_ROUTE,
    CONF_USER_ID,
    DOMAIN,
)
from .coordinator import DeviceCoordinator, HouseholdCoordinator, PoderoConfigEntry
from .history import HistoryCoordinator
from .polling import PoderoCoordinator
from .sessions import SessionsCoordinator

# Of the fields that the client reads as text, those in Podero's own words.
_PLAIN_TEXTS = frozenset(
    {
        "actual_steering_state",
        "battery_policy",
        "current_mode",
        "id",
        "last_boost_end_reason",
        "lifecycle_state",
        "session_outcome",
    }
)
# Numbers that say where somebody is.
_POSITION = frozenset({"latitude", "longitude"})
_MODEL = frozenset({"manufacturer", "model", "year"})
_MODEL_TYPE = frozenset({"short_name", "long_name"})

_ENTRY = frozenset({CONF_HOST, CONF_TOKEN_ROUTE})
_SETTINGS = frozenset({CONF_ALLOW_CONTROL, CONF_ENERGY_DASHBOARD, CONF_HISTORY_DAYS})


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PoderoConfigEntry
) -> dict[str, Any]:
    """Return what is known of an entry: how it signs in, what was asked, each household."""
    data = entry.runtime_data
    ids = _ids(entry)
    return {
        "entry": _shown(entry.data, _ENTRY)
        | {"sign_in": "account" if CONF_REFRESH_TOKEN in entry.data else "client"},
        "requests": _requests(data.client, ids),
        "households": [_household(each, ids) for each in data.households.values()],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: PoderoConfigEntry, device: dr.DeviceEntry
) -> dict[str, Any]:
    """Return what is known of one device, and how Podero answers in general."""
    data = entry.runtime_data
    ids = _ids(entry)
    found = [
        coordinator
        for domain, device_id in device.identifiers
        if domain == DOMAIN and (coordinator := data.device(device_id))
    ]
    return {
        "requests": _requests(data.client, ids),
        "devices": [_device(coordinator, ids) for coordinator in found],
    }


def _ids(entry: PoderoConfigEntry) -> dict[str, str]:
    """Return what stands for the ids of the organization and its users in what is told."""
    users = [household.user_id for household in entry.runtime_data.households.values()]
    return {entry.runtime_data.client.org_id: "{organization}"} | {
        user_id: f"{{user {number}}}" for number, user_id in enumerate(users, start=1)
    }


def _told(text: str | None, ids: Mapping[str, str]) -> str | None:
    """Return a text without the ids in it."""
    for identity, word in ids.items():
        text = text and text.replace(identity, word)
    return text


def _shown(answer: Mapping[str, Any], safe: Iterable[str]) -> dict[str, Any]:
    """Return an answer with only the kinds of value of all but the safe fields."""
    return {
        key: value
        if value is None or (key in safe and not isinstance(value, dict | list))
        else _kind_of(value)
        for key, value in answer.items()
    }


def _kind_of(value: object) -> object:
    """Return what may be told of any value: a boolean as it is, and what else it is."""
    return value if isinstance(value, bool) else f"{REDACTED} ({type(value).__name__})"


def _safe_fields(kind: type[Device | Session]) -> frozenset[str]:
    """Return the fields of an answer that hold times, numbers and words known to the client."""
    return frozenset(
        name
        for name, declared in value_types(kind).items()
        if name in _PLAIN_TEXTS or (name not in _POSITION and declared is not str)
    ) - {"raw", "actions", "device_model", "owner"}


def _answer(model: Device | Session) -> dict[str, Any]:
    """Return an answer of Podero's, redacted."""
    return _shown(model.raw, _safe_fields(type(model)))


def _requests(client: PoderoClient, ids: Mapping[str, str]) -> dict[str, Any]:
    statistics = client.statistics
    auth = client.auth
    return {
        "total": statistics.requests,
        "last_hour": statistics.requests_last_hour,
        "errors": statistics.errors,
        "last_errors": [
            {"at": at, "error": _told(error, ids)}
            for at, error in statistics.last_errors
        ],
        "token": {
            "requests": auth.requests,
            "last_renewal": auth.last_renewal,
            "last_error": _told(auth.last_error, ids),
            "last_error_at": auth.last_error_at,
        },
    }


def _household(
    household: HouseholdCoordinator, ids: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "user": ids[household.user_id],
        "settings": _shown(
            {
                key: value
                for key, value in household.subentry.data.items()
                if key != CONF_USER_ID
            },
            _SETTINGS,
        ),
        "polling": _polling(household, ids),
        "devices": [_device(each, ids) for each in household.devices.values()],
    }


def _device(
    coordinator: DeviceCoordinator[Any], ids: Mapping[str, str]
) -> dict[str, Any]:
    device: Device = coordinator.data
    answer = _answer(device)
    if isinstance(model := device.raw.get("device_model"), dict):
        answer["device_model"] = _shown(model, _MODEL)
        if isinstance(kind := model.get("device_type"), dict):
            answer["device_model"]["device_type"] = _shown(kind, _MODEL_TYPE)
    if "actions" in device.raw:
        answer["actions"] = [
            {
                "code": action.code,
                "link": _link(action.link),
                "sent_at": getattr(action, "sent_at", None),
            }
            for action in device.actions
        ]
    return {
        "kind": coordinator.kind.__name__,
        "polling": _polling(coordinator, ids),
        "answer": answer,
        "sessions": _sessions(coordinator.sessions, ids),
        "history": _history(coordinator.history, ids),
    }


def _link(link: ResolutionLink | None) -> dict[str, Any] | None:
    return None if link is None else {"required_parameters": link.required_parameters}


def _sessions(
    coordinator: SessionsCoordinator | None, ids: Mapping[str, str]
) -> dict[str, Any] | None:
    if coordinator is None:
        return None
    sessions = coordinator.data
    return {
        "polling": _polling(coordinator, ids),
        "completed": len(sessions.completed),
        "current": sessions.current and _answer(sessions.current),
        "last": sessions.last and _answer(sessions.last),
    }


def _history(
    coordinator: HistoryCoordinator | None, ids: Mapping[str, str]
) -> dict[str, Any] | None:
    if coordinator is None:
        return None
    return {
        "polling": _polling(coordinator, ids),
        "complete": coordinator.is_complete,
        **asdict(coordinator.data),
        "last_error": _told(coordinator.data.last_error, ids),
        "statistics": coordinator.statistic_ids,
    }


def _polling(
    coordinator: PoderoCoordinator[Any], ids: Mapping[str, str]
) -> dict[str, Any]:
    interval = coordinator.update_interval
    return {
        "successful": coordinator.last_update_success,
        "interval_seconds": interval and interval.total_seconds(),
        "last": [
            {"at": poll.at, "error": _told(poll.error, ids)}
            for poll in coordinator.polls
        ],
    }
