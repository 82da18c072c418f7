"""Signing in to an organization, and choosing the households in it."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from .account import async_forget_account, async_get_client, async_keep_account
from .api import PoderoClient, PoderoError, User
from .const import (
    CONF_ORG_ID,
    CONF_REFRESH_TOKEN,
    CONF_USER_ID,
    DEFAULT_HOST,
    DOMAIN,
    SANDBOX_HOST,
    SUBENTRY_HOUSEHOLD,
)
from .household_form import (
    SETTINGS_SCHEMA,
    async_find_user,
    async_household_schema,
    async_list_users,
    async_read_user,
    household_data,
    settings_errors,
)
from .issues import escape_markdown
from .sign_in import FlowError, SignIn, async_sign_in, chosen_sign_in, flow_error

_TEXT = TextSelector()
_SECRET = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_HOST = SelectSelector(
    SelectSelectorConfig(
        options=[DEFAULT_HOST, SANDBOX_HOST],
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
)

_CLIENT_FIELDS = {CONF_CLIENT_ID: _TEXT, CONF_CLIENT_SECRET: _SECRET}
_ACCOUNT_FIELDS = {CONF_USERNAME: _TEXT, CONF_PASSWORD: _SECRET}
# Shown again after an error; secrets have to be entered again.
_PUBLIC_FIELDS = (CONF_HOST, CONF_CLIENT_ID, CONF_USERNAME, CONF_ORG_ID)


class PoderoConfigFlow(ConfigFlow, domain=DOMAIN):
    """Sets up the access to one organization, with its first household."""

    VERSION = 1

    _sign_in: SignIn

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flow that adds further households."""
        return {SUBENTRY_HOUSEHOLD: HouseholdFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask how to sign in."""
        return self.async_show_menu(
            step_id="user", menu_options=["client_credentials", "password"]
        )

    async def async_step_client_credentials(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in as a partner application."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._sign_in = await async_sign_in(self.hass, user_input)
            except FlowError as err:
                errors = err.errors
            else:
                async_keep_account(self.hass, self.flow_id, self._sign_in.account)
                await self.async_set_unique_id(self._sign_in.account.data[CONF_ORG_ID])
                self._abort_if_unique_id_configured()
                return await self.async_step_household()
        return self._show_sign_in(
            "client_credentials", _CLIENT_FIELDS, user_input, errors
        )

    async def async_step_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in as a person; the password is exchanged for a token and forgotten."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._sign_in = await async_sign_in(self.hass, user_input)
            except FlowError as err:
                errors = err.errors
            else:
                async_keep_account(self.hass, self.flow_id, self._sign_in.account)
                return await self.async_step_household()
        return self._show_sign_in("password", _ACCOUNT_FIELDS, user_input, errors)

    def _show_sign_in(
        self,
        step_id: str,
        fields: Mapping[str, Any],
        user_input: Mapping[str, Any] | None,
        errors: dict[str, str],
    ) -> ConfigFlowResult:
        """Show the form of one way to sign in."""
        schema = vol.Schema(
            {vol.Required(CONF_HOST, default=DEFAULT_HOST): _HOST}
            | {vol.Required(name): selector for name, selector in fields.items()}
            | {vol.Required(CONF_ORG_ID): _TEXT}
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                schema, _public(user_input or {})
            ),
            errors=errors,
        )

    async def async_step_household(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Choose the first household."""
        users = self._sign_in.users
        # Show that an organization has no users before the user enters anything.
        errors = {} if users is None or users else {CONF_USER_ID: "user_not_found"}
        if user_input is not None and not (errors := settings_errors(user_input)):
            try:
                user = await async_find_household(
                    self._sign_in.account.client, users, user_input
                )
            except FlowError as err:
                errors = err.errors
            else:
                if is_configured(self.hass, user.id):
                    return self.async_abort(reason="already_configured")
                data = self._sign_in.account.data
                if CONF_REFRESH_TOKEN in data:
                    await self.async_set_unique_id(user.id)
                    self._abort_if_unique_id_configured()
                return self.async_create_entry(
                    title=entry_title(data, user.id),
                    data=data,
                    subentries=[household_data(user, user_input)],
                )
        return self.async_show_form(
            step_id="household",
            data_schema=self.add_suggested_values_to_schema(
                await async_household_schema(self.hass, users), user_input
            ),
            errors=errors,
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Start to sign in again."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Sign in again in the way the entry does."""
        entry = self._get_reauth_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            known = {key: entry.data[key] for key in (CONF_HOST, CONF_ORG_ID)}
            try:
                return await self._async_replace(entry, known | user_input)
            except FlowError as err:
                errors = err.errors
        fields = _ACCOUNT_FIELDS if CONF_REFRESH_TOKEN in entry.data else _CLIENT_FIELDS
        return self.async_show_form(
            step_id="reauth_confirm",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Required(key): val for key, val in fields.items()}),
                _public(entry.data | (user_input or {})),
            ),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the host or the credentials, or sign in the other way from now on."""
        entry = self._get_reconfigure_entry()
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                return await self._async_replace(
                    entry, chosen_sign_in(entry.data, user_input)
                )
            except FlowError as err:
                errors = err.errors
        ways = [_CLIENT_FIELDS, _ACCOUNT_FIELDS]
        if CONF_REFRESH_TOKEN in entry.data:
            ways.reverse()
        fields = ways[0] | ways[1]
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema(
                    {vol.Required(CONF_HOST): _HOST}
                    | {vol.Optional(key): val for key, val in fields.items()}
                ),
                _public(entry.data | (user_input or {})),
            ),
            errors=errors,
        )

    async def _async_replace(
        self, entry: ConfigEntry, user_input: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """Let an entry sign in differently, if it can still read its households.

        Raises:
            FlowError: the sign-in did not work.
        """
        sign_in = await async_sign_in(self.hass, user_input)
        households = {
            subentry.data[CONF_USER_ID]: subentry.title
            for subentry in entry.subentries.values()
        }
        try:
            gone = [
                title
                for user_id, title in households.items()
                if await async_read_user(sign_in.account.client, user_id) is None
            ]
        except PoderoError as err:
            raise flow_error(err) from err
        if gone and len(gone) == len(households):
            return self.async_abort(reason="wrong_account")

        data = sign_in.account.data
        unique_id = entry.unique_id
        if (CONF_REFRESH_TOKEN in entry.data) != (CONF_REFRESH_TOKEN in data):
            by_user = CONF_REFRESH_TOKEN in data and households
            unique_id = next(iter(households)) if by_user else data[CONF_ORG_ID]
            other = self.hass.config_entries.async_entry_for_domain_unique_id(
                DOMAIN, unique_id
            )
            if other is not None and other.entry_id != entry.entry_id:
                return self.async_abort(reason="already_configured")
        result = self.async_update_and_abort(entry, unique_id=unique_id, data=data)
        async_keep_account(self.hass, entry.entry_id, sign_in.account)
        self.hass.config_entries.async_schedule_reload(entry.entry_id)
        if gone:
            # Home Assistant's own text does not name the households.
            return self.async_abort(
                reason=result["reason"],
                description_placeholders={
                    "households": escape_markdown(", ".join(gone))
                },
            )
        return result

    @callback
    @override
    def async_remove(self) -> None:
        """Forget the account, unless an entry uses it by now."""
        async_forget_account(self.hass, self.flow_id)


class HouseholdFlow(ConfigSubentryFlow):
    """Adds a household to an organization, or changes one."""

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Choose one more household."""
        errors: dict[str, str] = {}
        users: list[User] | None = None
        try:
            client = await async_get_client(self.hass, self._get_entry())
            users = await async_list_users(client)
            if user_input is not None and not (errors := settings_errors(user_input)):
                user = await async_find_household(client, users, user_input)
                if is_configured(self.hass, user.id):
                    return self.async_abort(reason="already_configured")
                household = household_data(user, user_input)
                return self.async_create_entry(
                    title=household["title"],
                    data=household["data"],
                    unique_id=household["unique_id"],
                )
        except PoderoError as err:
            errors = flow_error(err).errors
        except FlowError as err:
            errors = err.errors
        if users is not None:
            users = [user for user in users if not is_configured(self.hass, user.id)]
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                await async_household_schema(self.hass, users), user_input
            ),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the settings of a household."""
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None and not (errors := settings_errors(user_input)):
            return self.async_update_and_abort(
                self._get_entry(), subentry, data_updates=user_input
            )
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=self.add_suggested_values_to_schema(
                SETTINGS_SCHEMA, user_input or subentry.data
            ),
            errors=errors,
            description_placeholders={"household": escape_markdown(subentry.title)},
        )


async def async_find_household(
    client: PoderoClient, users: list[User] | None, user_input: Mapping[str, Any]
) -> User:
    """Return the selected user.

    Raises:
        FlowError: there is none, or Podero could not say.
    """
    try:
        user = await async_find_user(client, users, user_input[CONF_USER_ID])
    except PoderoError as err:
        raise flow_error(err) from err
    if user is None:
        raise FlowError("user_not_found", CONF_USER_ID)
    return user


@callback
def is_configured(hass: HomeAssistant, user_id: str) -> bool:
    """Return whether a household is set up already, in whichever entry.

    A device belongs to one config entry, so a household does.
    """
    return any(
        subentry.unique_id == user_id
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
    )


def entry_title(data: Mapping[str, Any], user_id: str) -> str:
    """Return a title that distinguishes an entry without naming a person."""
    identity = user_id if CONF_REFRESH_TOKEN in data else data[CONF_ORG_ID]
    return f"Podero {identity[:8]}"


def _public(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the input that a form may show again."""
    return {key: val for key, val in values.items() if key in _PUBLIC_FIELDS}
