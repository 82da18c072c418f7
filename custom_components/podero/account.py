"""From what a config entry keeps of an account to a client that uses it."""

from aiohttp import ClientSession, DummyCookieJar

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_HOST,
    EVENT_HOMEASSISTANT_CLOSE,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from homeassistant.helpers.singleton import singleton
from homeassistant.util.hass_dict import HassKey

from .api import AccountAuth, Auth, ClientCredentialsAuth, PoderoClient, TokenRoute
from .const import CONF_ORG_ID, CONF_REFRESH_TOKEN, CONF_TOKEN_ROUTE, DOMAIN

DATA_SESSION: HassKey[ClientSession] = HassKey(f"{DOMAIN}_client_session")


@callback
@singleton(DATA_SESSION)
def async_get_session(hass: HomeAssistant) -> ClientSession:
    """Return the session of all requests to Podero, which lasts as long as Home Assistant runs.

    The server that answers also shows web pages, and may hand out their cookies. They
    have no place in requests that carry a token, nor in those of other integrations.
    """
    # Entries come and go, and flows have none: the session belongs to none of them.
    session = async_create_clientsession(
        hass, auto_cleanup=False, cookie_jar=DummyCookieJar()
    )

    @callback
    def detach(event: Event) -> None:
        session.detach()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, detach)
    return session


@callback
def create_client(hass: HomeAssistant, entry: ConfigEntry) -> PoderoClient:
    """Return the client of an entry.

    What the client learns on the way (a rotated refresh token, the way of asking
    for tokens that works) goes back into the entry's data.
    """
    known = dict(entry.data)

    @callback
    def remember(key: str, value: str) -> None:
        # Whoever signed in meanwhile knows better.
        if entry.data == known:
            known[key] = value
            hass.config_entries.async_update_entry(entry, data=dict(known))

    session = async_get_session(hass)
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


@callback
def async_settle_tokens(
    hass: HomeAssistant, entry: ConfigEntry, client: PoderoClient
) -> None:
    """Neither unload an entry nor stop Home Assistant in the middle of a token request.

    The refresh token that went out with it is used up, and the one that comes back is
    the only way in.
    """

    async def settle(event: Event) -> None:
        await client.auth.settle()

    entry.async_on_unload(client.auth.settle)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, settle))
