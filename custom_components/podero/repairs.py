"""Issues that only the user can solve: raised while there is a cause, closed when it is gone."""

from typing import Any

from homeassistant.core import callback
from homeassistant.helpers import issue_registry as ir

from .api import Device, ReauthenticateAction
from .const import DOMAIN
from .coordinator import DeviceCoordinator


@callback
def async_track_issues(coordinator: DeviceCoordinator[Any]) -> None:
    """Keep the issues of a device in line with what Podero says of it."""
    hass = coordinator.hass
    issue_id = f"reauthenticate_{coordinator.device_id}"

    @callback
    def update() -> None:
        if needs_reauthentication(coordinator.data):
            ir.async_create_issue(
                hass,
                DOMAIN,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key="reauthenticate",
                translation_placeholders={"device": coordinator.device_name},
            )
        else:
            ir.async_delete_issue(hass, DOMAIN, issue_id)

    @callback
    def close() -> None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)

    update()
    coordinator.async_add_listener(update)
    coordinator.async_on_shutdown(close)


def needs_reauthentication(device: Device) -> bool:
    """Return whether the household has to sign in at the manufacturer again."""
    return any(isinstance(action, ReauthenticateAction) for action in device.actions)
