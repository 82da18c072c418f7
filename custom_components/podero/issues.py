"""Issues that ask something of the user: raised while there is a cause, closed when it is gone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .api import Device, InformationAction, ReauthenticateAction, UnknownAction
from .const import DOMAIN
from .coordinator import DeviceCoordinator, PoderoData

STALE_AFTER = timedelta(hours=24)
# Data grows old without a word from the coordinator, which tells of changes only.
CHECK_INTERVAL = timedelta(hours=1)

_MARKUP = re.compile(r"([\\`*\[\]<>~|#])")


@dataclass(frozen=True, kw_only=True)
class IssueKind:
    """One line of the table of issues.

    Attributes:
        key: Translation key, and what the issue id begins with.
        is_fixable: Whether there is a fix flow under the same key.
        cause: Returns what the texts say of the cause; None where there is none.
    """

    key: str
    severity: ir.IssueSeverity
    is_fixable: bool
    cause: Callable[[Device], Mapping[str, str] | None]

    def issue_id(self, device_id: str) -> str:
        """Return the id of the issue of a device, by Podero's id of the device."""
        return f"{self.key}_{device_id}"


def needs_reauthentication(device: Device) -> bool:
    """Return whether somebody has to sign in at the manufacturer again."""
    return device.is_authenticated is False or any(
        isinstance(action, ReauthenticateAction) for action in device.actions
    )


def messages(device: Device) -> list[InformationAction]:
    """Return the messages that nobody has marked as read."""
    return [
        action for action in device.actions if isinstance(action, InformationAction)
    ]


def plain(text: str) -> str:
    """Return a text so that Markdown shows it as it is: on one line, and without a meaning of its own."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def local_time(moment: datetime) -> str:
    """Return a time as people of any language read it."""
    return dt_util.as_local(moment).strftime("%Y-%m-%d %H:%M")


def _stale_since(device: Device) -> Mapping[str, str] | None:
    since = device.current_state_last_updated_at
    if since is None or dt_util.utcnow() - since <= STALE_AFTER:
        return None
    return {"since": local_time(since)}


def _unknown_codes(device: Device) -> Mapping[str, str] | None:
    codes = {
        plain(action.code)[:80]
        for action in device.actions
        if isinstance(action, UnknownAction)
    }
    return {"codes": ", ".join(sorted(codes))} if codes else None


ISSUES = (
    IssueKind(
        key="reauthenticate",
        severity=ir.IssueSeverity.ERROR,
        is_fixable=True,
        cause=lambda device: {} if needs_reauthentication(device) else None,
    ),
    IssueKind(
        key="information",
        severity=ir.IssueSeverity.WARNING,
        is_fixable=True,
        # Not the message itself: what an issue says is kept and copied about.
        cause=lambda device: {} if messages(device) else None,
    ),
    IssueKind(
        key="unsupported_action",
        severity=ir.IssueSeverity.WARNING,
        is_fixable=False,
        cause=_unknown_codes,
    ),
    IssueKind(
        key="stale_data",
        severity=ir.IssueSeverity.WARNING,
        is_fixable=False,
        cause=_stale_since,
    ),
)


@callback
def async_track_issues(coordinator: DeviceCoordinator[Any]) -> None:
    """Keep the issues of a device in line with what Podero says of it."""
    hass, device_id = coordinator.hass, coordinator.device_id
    data: PoderoData = coordinator.config_entry.runtime_data

    @callback
    def update(now: datetime | None = None) -> None:
        # Without an answer nothing is known of the causes, so nothing changes. A device
        # that was let go is still told of the poll in which that happened.
        if (
            not coordinator.last_update_success
            or data.device(device_id) is not coordinator
        ):
            return
        for kind in ISSUES:
            placeholders = kind.cause(coordinator.data)
            if placeholders is None:
                ir.async_delete_issue(hass, DOMAIN, kind.issue_id(device_id))
                continue
            ir.async_create_issue(
                hass,
                DOMAIN,
                kind.issue_id(device_id),
                is_fixable=kind.is_fixable,
                severity=kind.severity,
                translation_key=kind.key,
                translation_placeholders={
                    "device": coordinator.device_name,
                    **placeholders,
                },
            )

    @callback
    def close() -> None:
        # Podero still has the device, and Home Assistant its household.
        stays = (
            data.device(device_id) is coordinator
            and coordinator.household.subentry.subentry_id
            in coordinator.config_entry.subentries
        )
        for kind in ISSUES:
            issue = ir.async_get(hass).async_get_issue(DOMAIN, kind.issue_id(device_id))
            # What the user ignores is to be ignored after a reload, too.
            if issue and not (stays and issue.dismissed_version):
                ir.async_delete_issue(hass, DOMAIN, issue.issue_id)

    update()
    coordinator.async_add_listener(update)
    coordinator.async_on_shutdown(
        async_track_time_interval(
            hass,
            update,
            CHECK_INTERVAL,
            name=f"{coordinator.name} - issues",
            cancel_on_shutdown=True,
        )
    )
    coordinator.async_on_shutdown(close)


@callback
def async_forget_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what is left of the issues of an entry that is removed: those that were ignored."""
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        for _, device_id in device.identifiers:
            for kind in ISSUES:
                ir.async_delete_issue(hass, DOMAIN, kind.issue_id(device_id))
