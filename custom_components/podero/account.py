"""The accounts that config entries store, each with the one client that uses it.

A refresh token can be used once, and a pause that Podero asks for concerns all
requests of an account. So there is one client per account in the whole Home Assistant,
which flows, reloads and failed set-ups share.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import ClientSession, DummyCookieJar

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
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

from .api import AccountAuth, ClientCredentialsAuth, PoderoClient, TokenRoute
from .const import CONF_ORG_ID, CONF_REFRESH_TOKEN, CONF_TOKEN_ROUTE, DOMAIN

# A single refusal may come from a firewall, so the user is asked only after another
# one.
REFUSALS = 2

DATA_SESSION: HassKey[ClientSession] = HassKey(f"{DOMAIN}_client_session")
DATA_ACCOUNTS: HassKey[dict[str, Account]] = HassKey(f"{DOMAIN}_accounts")


class Account:
    """An account at Podero, by what a config entry keeps of it.

    What its client learns (a rotated refresh token, the token request that works) goes
    into `data`, and into the data of the entry that signs in with it.

    Attributes:
        data: Host, organization and credentials.
        auth: The source of its tokens.
        client: The client of all its requests.
    """

    def __init__(self, hass: HomeAssistant, data: Mapping[str, Any]) -> None:
        """Initialize from an entry's data; a refresh token may still be empty."""
        self._hass = hass
        self.data = dict(data)
        session = async_get_session(hass)
        host: str = data[CONF_HOST]
        self.auth: AccountAuth | ClientCredentialsAuth
        if CONF_REFRESH_TOKEN in data:
            self.auth = AccountAuth(
                session,
                host,
                refresh_token=data[CONF_REFRESH_TOKEN],
                on_refresh_token=lambda token: self._learn(CONF_REFRESH_TOKEN, token),
                on_refused=self._refused,
                on_accepted=self._accepted,
            )
        else:
            route = data.get(CONF_TOKEN_ROUTE)
            self.auth = ClientCredentialsAuth(
                session,
                host,
                client_id=data[CONF_CLIENT_ID],
                client_secret=data[CONF_CLIENT_SECRET],
                route=TokenRoute(route) if route else None,
                on_route=lambda found: self._learn(CONF_TOKEN_ROUTE, found.value),
                on_refused=self._refused,
                on_accepted=self._accepted,
            )
        self.client = PoderoClient(session, host, data[CONF_ORG_ID], self.auth)

    @callback
    def _entry(self) -> ConfigEntry | None:
        """Return the entry that signs in with this account; None after a different sign-in."""
        entries = self._hass.config_entries.async_entries(DOMAIN)
        return next((entry for entry in entries if entry.data == self.data), None)

    @callback
    def _learn(self, key: str, value: str) -> None:
        """Keep what the client learned."""
        entry = self._entry()
        self.data = {**self.data, key: value}
        if entry is not None:
            self._hass.config_entries.async_update_entry(entry, data=self.data)

    @callback
    def _refused(self, refusals: int) -> None:
        """Ask to sign in again once the refusal is not temporary."""
        if refusals >= REFUSALS and (entry := self._entry()) is not None:
            entry.async_start_reauth(self._hass)

    @callback
    def _accepted(self) -> None:
        """Close the requests to sign in again."""
        if (entry := self._entry()) is not None:
            for flow in list(entry.async_get_active_flows(self._hass, {SOURCE_REAUTH})):
                self._hass.config_entries.flow.async_abort(flow["flow_id"])


@callback
@singleton(DATA_SESSION)
def async_get_session(hass: HomeAssistant) -> ClientSession:
    """Return the session of all requests to Podero, which lasts as long as Home Assistant runs.

    The server that answers also shows web pages, and may hand out their cookies. They
    have no place in requests that carry a token, nor in those of other integrations.
    """
    # The session outlives entries, and flows have no entry, so it belongs to neither.
    session = async_create_clientsession(
        hass, auto_cleanup=False, cookie_jar=DummyCookieJar()
    )

    @callback
    def detach(event: Event) -> None:
        session.detach()

    hass.bus.async_listen_once(EVENT_HOMEASSISTANT_CLOSE, detach)
    return session


@callback
@singleton(DATA_ACCOUNTS)
def _async_accounts(hass: HomeAssistant) -> dict[str, Account]:
    """Return the accounts in use, by the id of their entry or of the flow that signed in."""
    return {}


@callback
def async_keep_account(hass: HomeAssistant, owner_id: str, account: Account) -> None:
    """Keep an account for an entry, or for a flow whose entry will use it."""
    _async_accounts(hass)[owner_id] = account


@callback
def async_forget_account(hass: HomeAssistant, owner_id: str) -> None:
    """Forget the account of an entry that is removed, or of a flow that has ended."""
    _async_accounts(hass).pop(owner_id, None)


async def async_get_client(hass: HomeAssistant, entry: ConfigEntry) -> PoderoClient:
    """Return the client of an entry: the same one as long as it signs in in the same way."""
    accounts = _async_accounts(hass)
    if (known := accounts.get(entry.entry_id)) and known.data != entry.data:
        # Requests that are running may still need the token that the next client is
        # going to use.
        await known.auth.settle()
    account = accounts.get(entry.entry_id)
    if account is None or account.data != entry.data:
        account = next(
            (each for each in accounts.values() if each.data == entry.data), None
        ) or Account(hass, entry.data)
        accounts[entry.entry_id] = account
    return account.client


@callback
def async_settle_tokens(
    hass: HomeAssistant, entry: ConfigEntry, client: PoderoClient
) -> None:
    """Wait for a running token request before an entry is unloaded or Home Assistant stops.

    The refresh token in the request is used up, and only the one in the answer is
    valid.
    """

    async def settle(event: Event) -> None:
        await client.auth.settle()

    entry.async_on_unload(client.auth.settle)
    entry.async_on_unload(hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, settle))
