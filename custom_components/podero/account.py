"""From what a config entry keeps of an account to a client that uses it."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_CLIENT_ID, CONF_CLIENT_SECRET, CONF_HOST
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from .api import AccountAuth, Auth, ClientCredentialsAuth, PoderoClient, TokenRoute
from .const import CONF_ORG_ID, CONF_REFRESH_TOKEN, CONF_TOKEN_ROUTE


@callback
def create_client(hass: HomeAssistant, entry: ConfigEntry) -> PoderoClient:
    """Return the client of an entry.

    What the client learns on the way (a rotated refresh token, the way of asking
    for tokens that works) goes back into the entry's data.
    """

    @callback
    def remember(key: str, value: str) -> None:
        hass.config_entries.async_update_entry(entry, data=entry.data | {key: value})

    session = async_get_clientsession(hass)
    host: str = entry.data[CONF_HOST]
    auth: Auth
    if CONF_REFRESH_TOKEN in entry.data:
        auth = AccountAuth(
            session,
            host,
            refresh_token=entry.data[CONF_REFRESH_TOKEN],
            on_refresh_token=lambda token: remember(CONF_REFRESH_TOKEN, token),
        )
    else:
        route = entry.data.get(CONF_TOKEN_ROUTE)
        auth = ClientCredentialsAuth(
            session,
            host,
            client_id=entry.data[CONF_CLIENT_ID],
            client_secret=entry.data[CONF_CLIENT_SECRET],
            route=TokenRoute(route) if route else None,
            on_route=lambda found: remember(CONF_TOKEN_ROUTE, found.value),
        )
    return PoderoClient(session, host, entry.data[CONF_ORG_ID], auth)
