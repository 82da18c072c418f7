"""Everything that Podero said, without what is personal or secret."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

from .api import PoderoClient
from .const import CONF_ORG_ID, CONF_REFRESH_TOKEN, CONF_USER_ID, DOMAIN
from .coordinator import DeviceCoordinator, HouseholdCoordinator, PoderoConfigEntry
from .polling import PoderoCoordinator

_TO_REDACT = {
    # of the entry
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_ORG_ID,
    CONF_REFRESH_TOKEN,
    CONF_USER_ID,
    # of the devices
    "authorization_url",
    "building",
    "cloud_service_instructions",
    "cloud_service_signup_link",
    "comment",
    "email",
    "embeddable_url",
    "external_device_id",
    "external_id",
    "first_name",
    "last_name",
    "latitude",
    "lifecycle_error",
    "longitude",
    "message",
    "metadata",
    "owner",
    "url",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: PoderoConfigEntry
) -> dict[str, Any]:
    """Return what is known of an entry: how it signs in, what was asked, each household."""
    data = entry.runtime_data
    return {
        "entry": async_redact_data(entry.data, _TO_REDACT),
        "requests": _requests(data.client),
        "households": [_household(each) for each in data.households.values()],
    }


async def async_get_device_diagnostics(
    hass: HomeAssistant, entry: PoderoConfigEntry, device: dr.DeviceEntry
) -> dict[str, Any]:
    """Return what is known of one device."""
    found = [
        coordinator
        for domain, device_id in device.identifiers
        if domain == DOMAIN and (coordinator := entry.runtime_data.device(device_id))
    ]
    return {"devices": [_device(coordinator) for coordinator in found]}


def _requests(client: PoderoClient) -> dict[str, Any]:
    statistics = client.statistics
    auth = client.auth
    return {
        "total": statistics.requests,
        "last_hour": statistics.requests_last_hour,
        "errors": statistics.errors,
        "last_errors": [
            {"at": at, "error": error} for at, error in statistics.last_errors
        ],
        "token": {
            "requests": auth.requests,
            "last_renewal": auth.last_renewal,
            "last_error": auth.last_error,
            "last_error_at": auth.last_error_at,
        },
    }


def _household(household: HouseholdCoordinator) -> dict[str, Any]:
    settings = dict(household.subentry.data)
    return {
        "settings": async_redact_data(settings, _TO_REDACT),
        "polling": _polling(household),
        "devices": [_device(each) for each in household.devices.values()],
    }


def _device(coordinator: DeviceCoordinator[Any]) -> dict[str, Any]:
    return {
        "kind": coordinator.kind.__name__,
        "id": coordinator.device_id,
        "polling": _polling(coordinator),
        "answer": async_redact_data(coordinator.data.raw, _TO_REDACT),
    }


def _polling(coordinator: PoderoCoordinator[Any]) -> dict[str, Any]:
    error = coordinator.last_exception
    return {
        "successful": coordinator.last_update_success,
        "interval": coordinator.update_interval,
        "last_error": None if error is None else str(error),
    }
