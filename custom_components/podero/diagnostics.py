"""Podero's answers without personal data and secrets.

What is shown is selected, rather than what is hidden: a field that a later version of
the API adds may contain anything, so only the kind of its value is shown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, is_dataclass
from datetime import date, time
from enum import Enum
from typing import Any

from homeassistant.components.diagnostics import REDACTED
from homeassistant.const import CONF_HOST
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .api import Device, PoderoClient, ResolutionLink
from .const import (
    CONF_ALLOW_CONTROL,
    CONF_ENERGY_DASHBOARD,
    CONF_HISTORY_DAYS,
    CONF_PRICES,
    CONF_REFRESH_TOKEN,
    CONF_TOKEN_ROUTE,
    CONF_USER_ID,
    DOMAIN,
)
from .coordinator import PoderoDevice
from .data import PoderoConfigEntry
from .history import Importer
from .household import HouseholdCoordinator
from .polling import PoderoCoordinator

# Text fields that contain Podero's own words.
_PLAIN_TEXTS = frozenset(
    {
        "actual_steering_state",
        "battery_policy",
        "current_mode",
        "device_id",
        "device_type",
        "dispatch_status",
        "final_hems_state",
        "hems_ineligible_reasons",
        "hems_state",
        "id",
        "last_boost_end_reason",
        "lifecycle_state",
        "operational_mode",
        "reason",
        "reasons",
        "session_outcome",
        "timezone",
        "unit",
    }
)
# What the client reads of objects in an answer.
_NESTED = frozenset(
    {
        "available_modes",
        "commands",
        "days",
        "decisions",
        "devices",
        "hems_ineligible_reasons",
        "periods",
        "policy",
        "reasons",
        "session",
    }
)
# A position is personal.
_POSITION = frozenset({"latitude", "longitude"})
_MODEL = frozenset({"manufacturer", "model", "year"})
_MODEL_TYPE = frozenset({"short_name", "long_name"})

_ENTRY = frozenset({CONF_HOST, CONF_TOKEN_ROUTE})
_SETTINGS = frozenset({CONF_ALLOW_CONTROL, CONF_ENERGY_DASHBOARD, CONF_HISTORY_DAYS})

# The name of a field; anything longer may be personal data.
MAX_NAME = 64

# Days of a week, months of half a year, the last of hundreds of decisions.
MAX_ITEMS = 7


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
        known
        for domain, device_id in device.identifiers
        if domain == DOMAIN and (known := data.device(device_id))
    ]
    return {
        "requests": _requests(data.client, ids),
        "devices": [_device(each, ids) for each in found],
    }


def _ids(entry: PoderoConfigEntry) -> dict[str, str]:
    """Return the replacements for the ids of the organization and its users."""
    users = [household.user_id for household in entry.runtime_data.households.values()]
    return {entry.runtime_data.client.org_id: "{organization}"} | {
        user_id: f"{{user {number}}}" for number, user_id in enumerate(users, start=1)
    }


def _without_ids(text: str | None, ids: Mapping[str, str]) -> str | None:
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
        if key.isidentifier() and len(key) <= MAX_NAME
    }


def _kind_of(value: object) -> object:
    """Return what may be shown of any value: a boolean, or the kind of value."""
    return value if isinstance(value, bool) else f"{REDACTED} ({type(value).__name__})"


def _answer(model: Any) -> dict[str, Any]:
    """Return a response of Podero, with its numbers, times and known words unchanged.

    What the client reads of objects in the answer has the client's names.
    """
    read = {name: value for name, value in vars(model).items() if name != "raw"}
    raw: Mapping[str, Any] = getattr(model, "raw", {})
    readable = {name for name, value in read.items() if _is_readable(name, value)}
    defaults = {each.name: each.default for each in fields(model)}
    # Texts as the client reads them: of one line, and not longer than they may be.
    texts = {name: read[name] for name in raw.keys() & readable & _PLAIN_TEXTS}
    return _shown({**raw, **texts}, readable) | {
        name: _known(name, value)
        for name, value in read.items()
        if name in _NESTED
        or (name not in raw and name in readable and value != defaults[name])
    }


def _is_readable(name: str, value: object) -> bool:
    """Return whether a value that the client could read may be shown."""
    return name not in _POSITION and (
        name in _PLAIN_TEXTS
        or isinstance(value, bool | int | float | date | time | Enum)
    )


def _known(name: str, value: Any) -> Any:
    """Return what the client read; of a long list its length and its last items."""
    if isinstance(value, tuple):
        return {
            "count": len(value),
            "last": [_known(name, each) for each in value[-MAX_ITEMS:]],
        }
    if isinstance(value, date | time):
        return value.isoformat()
    return _answer(value) if is_dataclass(value) else value


def _requests(client: PoderoClient, ids: Mapping[str, str]) -> dict[str, Any]:
    statistics = client.statistics
    auth = client.auth
    return {
        "total": statistics.requests,
        "last_hour": statistics.requests_last_hour,
        "errors": statistics.errors,
        "last_errors": [
            {"at": at, "error": _without_ids(error, ids)}
            for at, error in statistics.last_errors
        ],
        "token": {
            "requests": auth.requests,
            "last_renewal": auth.last_renewal,
            "last_error": _without_ids(auth.last_error, ids),
            "last_error_at": auth.last_error_at,
        },
    }


def _household(
    household: HouseholdCoordinator, ids: Mapping[str, str]
) -> dict[str, Any]:
    settings = {
        key: value
        for key, value in household.subentry.data.items()
        if key != CONF_USER_ID
    }
    prices = settings.pop(CONF_PRICES, None)
    return {
        "user": ids[household.user_id],
        "settings": _shown(settings, _SETTINGS)
        | ({} if prices is None else {CONF_PRICES: prices}),
        "polling": _polling(household, ids),
        "devices": [_device(each, ids) for each in household.data.values()],
    }


def _device(device: PoderoDevice, ids: Mapping[str, str]) -> dict[str, Any]:
    coordinator = device.coordinator
    data = coordinator.data
    return {
        "kind": coordinator.kind.key,
        "polling": _polling(coordinator, ids),
        "answer": _answer(data.device)
        | (_steered(data.device) if coordinator.kind.is_steered else {}),
        "parts": {
            part.field: _known(part.field, getattr(data, part.field))
            for part in coordinator.kind.parts
        },
        "history": _history(device.importer, ids),
    }


def _steered(device: Device) -> dict[str, Any]:
    """Return what may be shown of a device's model and actions."""
    shown: dict[str, Any] = {}
    if isinstance(model := device.raw.get("device_model"), dict):
        shown["device_model"] = _shown(model, _MODEL)
        if isinstance(kind := model.get("device_type"), dict):
            shown["device_model"]["device_type"] = _shown(kind, _MODEL_TYPE)
    if "actions" in device.raw:
        shown["actions"] = [
            {
                "code": action.code,
                "link": _link(action.link),
                "sent_at": getattr(action, "sent_at", None),
            }
            for action in device.actions
        ]
    return shown


def _link(link: ResolutionLink | None) -> dict[str, Any] | None:
    return None if link is None else {"required_parameters": link.required_parameters}


def _history(
    importer: Importer | None, ids: Mapping[str, str]
) -> dict[str, Any] | None:
    if importer is None:
        return None
    return {
        "complete": importer.is_complete,
        **asdict(importer.data),
        "last_error": _without_ids(importer.data.last_error, ids),
        "statistics": importer.statistic_ids,
    }


def _polling(
    coordinator: PoderoCoordinator[Any], ids: Mapping[str, str]
) -> dict[str, Any]:
    interval = coordinator.update_interval
    return {
        "successful": coordinator.last_update_success,
        "interval_seconds": interval and interval.total_seconds(),
        "last": [
            {"at": poll.at, "error": _without_ids(poll.error, ids)}
            for poll in coordinator.polls
        ],
    }
