"""The household form that the config flow and the subentry flow share."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import voluptuous as vol

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
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
from homeassistant.helpers.translation import async_get_translations

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
    CONF_EXPORT_FIXED,
    CONF_EXPORT_PRICE,
    CONF_HISTORY_DAYS,
    CONF_IMPORT_FIXED,
    CONF_IMPORT_PRICE,
    CONF_PRICE_UNIT,
    CONF_PRICES,
    CONF_SURCHARGE,
    CONF_TAX,
    CONF_USER_ID,
    DOMAIN,
    SUBENTRY_HOUSEHOLD,
)

MAX_HISTORY_DAYS = 730

# The range of prices of a kWh, in any currency.
MAX_PRICE = 100_000


_PRICE = NumberSelector(
    NumberSelectorConfig(
        min=-MAX_PRICE, max=MAX_PRICE, step="any", mode=NumberSelectorMode.BOX
    )
)
_TAX = NumberSelector(
    NumberSelectorConfig(
        min=-100,
        max=MAX_PRICE,
        step="any",
        mode=NumberSelectorMode.BOX,
        unit_of_measurement="%",
    )
)


def _choice(key: str, options: list[str]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=options, translation_key=key, mode=SelectSelectorMode.DROPDOWN
        )
    )


PRICE_SOURCES = ["none", "fixed", "podero"]
PRICE_UNITS = ["EUR/MWh", "EUR/kWh", "ct/kWh"]
PRICES_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_IMPORT_PRICE, default="none"): _choice(
            "price_source", PRICE_SOURCES
        ),
        vol.Optional(CONF_IMPORT_FIXED): _PRICE,
        vol.Required(CONF_PRICE_UNIT, default="EUR/MWh"): SelectSelector(
            SelectSelectorConfig(options=PRICE_UNITS, mode=SelectSelectorMode.DROPDOWN)
        ),
        vol.Required(CONF_SURCHARGE, default=0): _PRICE,
        vol.Required(CONF_TAX, default=0): _TAX,
        vol.Required(CONF_EXPORT_PRICE, default="none"): _choice(
            "price_source", PRICE_SOURCES
        ),
        vol.Optional(CONF_EXPORT_FIXED): _PRICE,
    }
)
FIXED_PRICES = {
    CONF_IMPORT_PRICE: CONF_IMPORT_FIXED,
    CONF_EXPORT_PRICE: CONF_EXPORT_FIXED,
}

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
    vol.Optional(CONF_PRICES): section(PRICES_SCHEMA, {"collapsed": True}),
}
SETTINGS_SCHEMA = vol.Schema(SETTINGS)


def settings_errors(user_input: Mapping[str, Any]) -> dict[str, str]:
    """Return what is wrong with a household's settings: a fixed price that is missing."""
    prices = user_input.get(CONF_PRICES) or {}
    if any(
        prices.get(source) == "fixed" and prices.get(fixed) is None
        for source, fixed in FIXED_PRICES.items()
    ):
        return {CONF_PRICES: "price_missing"}
    return {}


async def async_household_schema(
    hass: HomeAssistant, users: list[User] | None
) -> vol.Schema:
    """Return the form; a plain text field where Podero does not list the users."""
    selector: SelectSelector | TextSelector = TextSelector()
    if users:
        selector = SelectSelector(
            SelectSelectorConfig(
                options=await _async_options(hass, users),
                custom_value=True,
                mode=SelectSelectorMode.DROPDOWN,
            )
        )
    return vol.Schema({vol.Required(CONF_USER_ID): selector} | SETTINGS)


def household_name(user: User) -> str:
    """Return the name of the household."""
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

    Raises PoderoError for everything that may be temporary.
    """
    try:
        return await client.users()
    except PoderoPermissionError, PoderoNotFoundError:
        return None


async def async_find_user(
    client: PoderoClient, users: list[User] | None, user_id: str
) -> User | None:
    """Return a user by the id that was picked or typed, or None if there is none.

    Raises PoderoError for everything that may be temporary.
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
    Raises PoderoError for everything that may be temporary.
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


async def _async_options(
    hass: HomeAssistant, users: list[User]
) -> list[SelectOptionDict]:
    """Return the drop-down's lines, those with devices first."""
    words = await async_get_translations(
        hass, hass.config.language, "selector", [DOMAIN]
    )
    names = Counter(household_name(user) for user in users)

    def label(user: User) -> str:
        name = household_name(user)
        if names[name] > 1:
            name = f"{name} {user.id[:8]}"
        counts = [
            words[f"{_WORDS}.{kind}_{'one' if count == 1 else 'other'}"].format(
                count=count
            )
            for kind, count in _devices(user).items()
        ]
        return f"{name} ({', '.join(counts) or words[f'{_WORDS}.none']})"

    lines = [(not _devices(user), label(user), user.id) for user in users]
    lines.sort(key=lambda line: (line[0], line[1].casefold()))
    return [SelectOptionDict(value=user_id, label=text) for _, text, user_id in lines]


_WORDS = f"component.{DOMAIN}.selector.device_count.options"


def _devices(user: User) -> dict[str, int]:
    """Count a user's devices, by kind; those that there are."""
    counted = {
        "inverter": user.num_inverters,
        "electric_vehicle": user.num_electric_vehicles,
        "heat_pump": user.num_heat_pumps,
        "wallbox": user.num_wallboxes,
    }
    return {kind: count for kind, count in counted.items() if count and count > 0}
