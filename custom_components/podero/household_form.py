"""The household form that the config flow and the subentry flow share."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .api import (
    Inverter,
    PoderoClient,
    PoderoNotFoundError,
    PoderoPermissionError,
    User,
)
from .const import (
    CONF_ALLOW_CONTROL,
    CONF_ENERGY_DASHBOARD,
    CONF_HISTORY_DAYS,
    CONF_USER_ID,
    SUBENTRY_HOUSEHOLD,
)

MAX_HISTORY_DAYS = 730

SETTINGS: dict[vol.Marker, Any] = {
    vol.Required(CONF_HISTORY_DAYS, default=30): vol.All(
        NumberSelector(
            NumberSelectorConfig(
                min=0,
                max=MAX_HISTORY_DAYS,
                step=1,
                mode=NumberSelectorMode.BOX,
                unit_of_measurement="d",
            )
        ),
        vol.Coerce(int),
    ),
    vol.Required(CONF_ENERGY_DASHBOARD, default=True): BooleanSelector(),
    vol.Required(CONF_ALLOW_CONTROL, default=False): BooleanSelector(),
}
SETTINGS_SCHEMA = vol.Schema(SETTINGS)


def household_schema(users: list[User] | None) -> vol.Schema:
    """Return the form; a plain text field where Podero does not list the users."""
    selector: SelectSelector | TextSelector = TextSelector()
    if users:
        selector = SelectSelector(
            SelectSelectorConfig(
                options=_options(users),
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
    return vol.Schema({vol.Required(CONF_USER_ID): selector} | SETTINGS)


def household_name(user: User) -> str:
    """Return what a person calls the household."""
    full_name = " ".join(filter(None, (user.first_name, user.last_name)))
    return full_name or user.email or user.external_user_id or user.id


def household_data(user: User, user_input: Mapping[str, Any]) -> ConfigSubentryData:
    """Return the config subentry of a household."""
    return ConfigSubentryData(
        subentry_type=SUBENTRY_HOUSEHOLD,
        title=household_name(user),
        unique_id=user.id,
        data={**user_input, CONF_USER_ID: user.id},
    )


async def async_list_users(client: PoderoClient) -> list[User] | None:
    """Return the organization's users, or None for an account that may not list them.

    Raises PoderoError for everything that may pass.
    """
    try:
        return await client.users()
    except PoderoPermissionError, PoderoNotFoundError:
        return None


async def async_find_user(
    client: PoderoClient, users: list[User] | None, user_id: str
) -> User | None:
    """Return a user by the id that was picked or typed, or None if there is none.

    Raises PoderoError for everything that may pass.
    """
    try:
        wanted = str(UUID(user_id.strip()))
    except ValueError:
        return None
    for user in users or ():
        if user.id == wanted:
            return user
    return await async_read_user(client, wanted)


async def async_read_user(client: PoderoClient, user_id: str) -> User | None:
    """Return a user that the account can read, or None.

    An account that may not see the person may still see the devices.
    Raises PoderoError for everything that may pass.
    """
    try:
        return await client.user(user_id)
    except PoderoNotFoundError:
        return None
    except PoderoPermissionError:
        pass
    try:
        await client.devices(Inverter, user_id)
    except PoderoPermissionError, PoderoNotFoundError:
        return None
    return User(id=user_id)


def _options(users: list[User]) -> list[SelectOptionDict]:
    """Return the drop-down's lines, those with devices first."""
    names = Counter(household_name(user) for user in users)

    def label(user: User) -> str:
        name = household_name(user)
        if names[name] > 1:
            name = f"{name} {user.id[:8]}"
        return f"{name} ({_devices(user)})"

    return [
        SelectOptionDict(value=user.id, label=label(user))
        for user in sorted(
            users,
            key=lambda user: (_devices(user) == _NO_DEVICES, label(user).casefold()),
        )
    ]


_NO_DEVICES = "no devices"


def _devices(user: User) -> str:
    """Count a user's devices in words."""
    counted = (
        (user.num_inverters or 0, "inverter"),
        (user.num_electric_vehicles or 0, "electric vehicle"),
    )
    return (
        ", ".join(
            f"{count} {name}{'' if count == 1 else 's'}"
            for count, name in counted
            if count > 0
        )
        or _NO_DEVICES
    )
