"""Issues that need the user: created while there is a cause, deleted when it is gone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
import re
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, issue_registry as ir
from homeassistant.util import dt as dt_util

from .api import Device, InformationAction, ReauthenticateAction, UnknownAction
from .const import DOMAIN
from .coordinator import DeviceCoordinator, PoderoDevice
from .data import PoderoConfigEntry, async_follow_devices
from .household import HouseholdCoordinator
from .kinds.kind import SteeredData

# What has a meaning anywhere, at the beginning of a line, at the edge of a word, and
# before the name of a character.
_MARKUP = re.compile(r"([\\`*\[\]<>~|#]|^[-+=]|(?<![^\W_])_|_(?![^\W_])|&(?=\w+;))")


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
    cause: Callable[[SteeredData[Device]], Mapping[str, str] | None]

    def issue_id(self, device_id: str) -> str:
        """Return the id of the issue of a device, by Podero's id of the device."""
        return f"{self.key}_{device_id}"


def needs_reauthentication(device: Device) -> bool:
    """Return whether the household has to sign in at the manufacturer again."""
    return device.is_authenticated is False or any(
        isinstance(action, ReauthenticateAction) for action in device.actions
    )


def messages(device: Device) -> list[InformationAction]:
    """Return the messages that are not marked as read."""
    return [
        action for action in device.actions if isinstance(action, InformationAction)
    ]


def escape_markdown(text: str) -> str:
    """Return a text so that Markdown shows it unchanged and on one line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def name_placeholders(name: str) -> dict[str, str]:
    """Return a device's name for titles and errors, which are plain text, and for descriptions."""
    return {"device": name, "device_markdown": escape_markdown(name)}


def local_time(moment: datetime) -> str:
    """Return a time in a form that does not depend on the language."""
    return dt_util.as_local(moment).strftime("%Y-%m-%d %H:%M")


def _stale_since(data: SteeredData[Device]) -> Mapping[str, str] | None:
    since = data.device.current_state_last_updated_at
    return {"since": local_time(since)} if since and data.is_stale else None


def _unknown_codes(data: SteeredData[Device]) -> Mapping[str, str] | None:
    codes = {
        escape_markdown(action.code)[:80]
        for action in data.device.actions
        if isinstance(action, UnknownAction)
    }
    return {"codes": ", ".join(sorted(codes))} if codes else None


ISSUES = (
    IssueKind(
        key="reauthenticate",
        severity=ir.IssueSeverity.ERROR,
        is_fixable=True,
        cause=lambda data: {} if needs_reauthentication(data.device) else None,
    ),
    IssueKind(
        key="information",
        severity=ir.IssueSeverity.WARNING,
        is_fixable=True,
        # Not the message itself, because the texts of issues are stored.
        cause=lambda data: {} if messages(data.device) else None,
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


def _followed(data: SteeredData[Device]) -> object:
    """Return what the issues follow: their causes and the device's name, and while there is a cause all news."""
    causes = [kind.cause(data) for kind in ISSUES]
    is_quiet = all(cause is None for cause in causes)
    return (
        data.is_detail,
        data.device.device_model,
        causes,
        None if is_quiet else data.device.current_state_last_updated_at,
    )


@callback
def async_track_issues(hass: HomeAssistant, entry: PoderoConfigEntry) -> None:
    """Keep the issues of an entry's devices up to date."""
    tracked: dict[str, HouseholdCoordinator] = {}

    def track(household: HouseholdCoordinator, device: PoderoDevice) -> None:
        coordinator = device.coordinator
        if not coordinator.kind.is_steered:
            return
        tracked[coordinator.api.device_id] = household
        update = partial(_update_issues, hass, entry, coordinator)
        update()
        coordinator.async_add_listener(update, (_followed,))

    @callback
    def close_gone(household: HouseholdCoordinator) -> None:
        for device_id in [
            device_id
            for device_id, owner in tracked.items()
            if owner is household and device_id not in household.data
        ]:
            del tracked[device_id]
            _delete_issues(hass, device_id)

    @callback
    def close() -> None:
        for device_id, household in tracked.items():
            stays = household.subentry.subentry_id in entry.subentries
            # An issue that the user ignores stays ignored after a reload.
            _delete_issues(hass, device_id, keep_ignored=stays)

    async_follow_devices(entry, track)
    for household in entry.runtime_data.households.values():
        entry.async_on_unload(
            household.async_add_listener(partial(close_gone, household))
        )
    entry.async_on_unload(close)


@callback
def _update_issues(
    hass: HomeAssistant, entry: PoderoConfigEntry, coordinator: DeviceCoordinator[Any]
) -> None:
    """Raise and close the issues of a device."""
    device_id = coordinator.api.device_id
    device = entry.runtime_data.device(device_id)
    # Without a detail the causes are not known, so nothing changes.
    if (
        not coordinator.last_update_success
        or not coordinator.data.is_detail
        or device is None
        or device.coordinator is not coordinator
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
                **name_placeholders(coordinator.device_name),
                **placeholders,
            },
        )


@callback
def _delete_issues(
    hass: HomeAssistant, device_id: str, *, keep_ignored: bool = False
) -> None:
    """Delete the issues of a device."""
    for kind in ISSUES:
        issue = ir.async_get(hass).async_get_issue(DOMAIN, kind.issue_id(device_id))
        if issue and not (keep_ignored and issue.dismissed_version):
            ir.async_delete_issue(hass, DOMAIN, issue.issue_id)


@callback
def async_delete_issues(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Delete what is left of the issues of an entry that is removed: those that were ignored."""
    for device in dr.async_entries_for_config_entry(dr.async_get(hass), entry.entry_id):
        for _, device_id in device.identifiers:
            _delete_issues(hass, device_id)
