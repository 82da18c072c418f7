"""Fix flows: signing in at the manufacturer again, and reading Podero's messages."""

from typing import Any, Self

from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers.network import NoURLAvailableError, get_url

from .api import (
    Device,
    InformationAction,
    PoderoAuthenticationError,
    PoderoConnectionError,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PoderoRateLimitedError,
    PoderoResponseError,
    ReauthenticateAction,
)
from .const import DOMAIN
from .coordinator import DeviceCoordinator
from .errors import error_text, translation_key
from .issues import (
    escape_markdown,
    local_time,
    messages,
    name_placeholders,
    needs_reauthentication,
)

# Leads to this Home Assistant, whatever address the user's browser uses.
MY_LINK = "https://my.home-assistant.io/redirect/repairs/"

# What a resolution link needs according to the documentation, if it names nothing.
DEFAULT_PARAMETERS = ("successUrl", "cancelUrl")

# The number of links of a device that are followed at once; others are shown again.
MAX_LINKS = 20


class Problem(Exception):
    """An error, as a form shows it.

    Attributes:
        key: Translation key of the error.
        detail: What the form adds to it.
    """

    def __init__(self, key: str, detail: str = "") -> None:
        """Initialize from what the form shows."""
        super().__init__(detail)
        self.key = key
        self.detail = detail

    @classmethod
    def of(cls, err: PoderoError) -> Self:
        """Return what an error means."""
        key = translation_key(err)
        if isinstance(err, PoderoResponseError) and err.status is None:
            # Not sent, or not followed, because the address is not safe.
            key = "link_refused"
        return cls(key, error_text(err))

    @classmethod
    def of_link(cls, err: PoderoError) -> Self:
        """Return what an error means where the link of an action was used."""
        problem = cls.of(err)
        if isinstance(err, PoderoPermissionError):
            problem.key = "link_expired"
        elif isinstance(err, PoderoNotFoundError):
            problem.key = "link_gone"
        return problem


class DeviceRepairFlow(RepairsFlow):
    """What the fix flows of a device have in common."""

    def __init__(self, device_id: str) -> None:
        """Initialize for a device, by Podero's id of it."""
        self.device_id = device_id

    @property
    def coordinator(self) -> DeviceCoordinator[Any]:
        """Return the coordinator of the device; another one after a reload.

        Raises:
            AbortFlow: the device, or its entry, is no longer there.
        """
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            if device := entry.runtime_data.device(self.device_id):
                coordinator: DeviceCoordinator[Any] = device.coordinator
                return coordinator
        raise AbortFlow("device_gone")

    async def _async_look(self) -> Device:
        """Fetch the device again: its links are valid for an hour, and it may have changed.

        Raises PoderoError.
        """
        coordinator = self.coordinator
        device: Device = await coordinator.kind.fetch(coordinator.api)
        return device

    async def _async_done(self) -> RepairsFlowResult:
        """Update the device and close the issue."""
        await self.coordinator.async_refresh()
        return self.async_create_entry(data={})

    def _form(
        self, step_id: str, problem: Problem | None = None, **placeholders: str
    ) -> RepairsFlowResult:
        """Show a form that has no fields."""
        return self.async_show_form(
            step_id=step_id,
            errors={"base": problem.key} if problem else None,
            description_placeholders={
                **name_placeholders(self.coordinator.device_name),
                "error": problem.detail if problem else "",
                **placeholders,
            },
        )


class ReauthenticateFlow(DeviceRepairFlow):
    """Sends the user to the manufacturer's page, and checks the result."""

    # The address of the page gives access to the device, so it is kept only here.
    _page = ""
    _link_failed = False

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Describe the next step; opening the dialog starts nothing."""
        return self._form("confirm")

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Get the address of the manufacturer's page, unless nothing is pending any more."""
        try:
            device = await self._async_look()
            if not needs_reauthentication(device):
                return await self._async_done()
            try:
                self._page = await self._async_start(device)
            except Problem:
                self._link_failed = True
                if not needs_reauthentication(await self._async_look()):
                    return await self._async_done()
                raise
        except Problem as problem:
            return self._form("confirm", problem)
        except PoderoError as err:
            return self._form("confirm", Problem.of(err))
        return self._show_page()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Check whether the user signed in; if not, start again with a new page."""
        try:
            device = await self._async_look()
        except PoderoError as err:
            return self._show_page(Problem.of(err))
        if needs_reauthentication(device):
            return self._form("confirm", Problem("still_pending"))
        return await self._async_done()

    def _show_page(self, problem: Problem | None = None) -> RepairsFlowResult:
        """Show the link to the manufacturer's page."""
        # A bracket would end the link in the form's Markdown.
        page = self._page.replace("(", "%28").replace(")", "%29")
        return self._form("sign_in", problem, url=page)

    async def _async_start(self, device: Device) -> str:
        """Return the address of the page where the user signs in.

        It comes from the link of the action; without a usable one, from a sign-in that
        needs no action.

        Raises PoderoError.

        Raises:
            Problem: the link was not usable; the next attempt does not use it.
        """
        coordinator = self.coordinator
        address = own_address(self.hass)
        link = next(
            (
                action.link
                for action in device.actions
                if isinstance(action, ReauthenticateAction) and action.link
            ),
            None,
        )
        link_failed, self._link_failed = self._link_failed, False
        if link is None or link_failed:
            page: str = await coordinator.client.auth_session(
                coordinator.kind.model,
                coordinator.api.user_id,
                self.device_id,
                success_url=address,
                cancel_url=address,
            )
            return page

        known = {
            "successUrl": address,
            "cancelUrl": address,
            "language": self.hass.config.language,
        }
        names = link.required_parameters or DEFAULT_PARAMETERS
        if unknown := [name for name in names if name not in known]:
            raise Problem("unknown_parameters", ", ".join(unknown))
        try:
            page = await coordinator.client.start_action(
                link, {name: known[name] for name in names}
            )
        except PoderoError as err:
            if is_outage(err):
                raise
            raise Problem.of_link(err) from err
        return page


class InformationFlow(DeviceRepairFlow):
    """Shows Podero's messages, and marks them as read there."""

    _shown: list[InformationAction]

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Show the messages that came with the last poll."""
        return await self._async_show(self.coordinator.data.device)

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Mark as read what was shown, with new links; show new messages first."""
        problem = Problem("still_unread")
        try:
            tried = [
                message
                for message in messages(await self._async_look())
                if message in self._shown
            ][:MAX_LINKS]
            for message in tried:
                if message.link:
                    try:
                        await self.coordinator.client.read_information(message.link)
                    except PoderoError as err:
                        if is_outage(err):
                            raise
                        problem = Problem.of_link(err)
            device = await self._async_look()
        except PoderoError as err:
            return await self._async_show(self.coordinator.data.device, Problem.of(err))
        is_unread = any(message in tried for message in messages(device))
        return await self._async_show(device, problem if is_unread else None)

    async def _async_show(
        self, device: Device, problem: Problem | None = None
    ) -> RepairsFlowResult:
        """Show the messages of a device, or finish if there are none."""
        self._shown = messages(device)
        if not self._shown:
            return await self._async_done()
        text = "\n\n".join(map(_message_text, self._shown))
        return self._form("confirm", problem, messages=text)


def _message_text(message: InformationAction) -> str:
    """Return a message as a form shows it: when it was sent, and its words."""
    words = escape_markdown(message.message or "…")
    if message.sent_at is None:
        return words
    return f"**{local_time(message.sent_at)}**\n{words}"


def is_outage(err: PoderoError) -> bool:
    """Return whether the connection to Podero failed, rather than the link."""
    return isinstance(
        err, PoderoAuthenticationError | PoderoConnectionError | PoderoRateLimitedError
    ) or (isinstance(err, PoderoResponseError) and (err.status or 0) >= 500)


def own_address(hass: HomeAssistant) -> str:
    """Return where the manufacturer sends the user's browser back to."""
    try:
        return f"{get_url(hass, prefer_external=True)}/config/repairs"
    except NoURLAvailableError:
        return MY_LINK


FLOWS: dict[str, type[DeviceRepairFlow]] = {
    "reauthenticate": ReauthenticateFlow,
    "information": InformationFlow,
}


async def async_create_fix_flow(
    hass: HomeAssistant,
    issue_id: str,
    data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow that fixes an issue."""
    key = next(key for key in FLOWS if issue_id.startswith(f"{key}_"))
    return FLOWS[key](issue_id.removeprefix(f"{key}_"))
