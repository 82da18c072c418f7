"""Testing a sign-in, and the errors that a form shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from homeassistant.const import (
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_HOST,
    CONF_PASSWORD,
    CONF_USERNAME,
)
from homeassistant.core import HomeAssistant

from .account import Account
from .api import (
    AccountAuth,
    PoderoAuthenticationError,
    PoderoError,
    PoderoRateLimitedError,
    User,
    normalize_host,
)
from .const import CONF_ORG_ID, CONF_REFRESH_TOKEN, LOGGER
from .household_form import async_list_users


class FlowError(Exception):
    """What is wrong with the input, as a form says it.

    Attributes:
        errors: Translation keys by field, or "base" for the whole form.
    """

    def __init__(self, error: str, field: str = "base") -> None:
        """Initialize for one error."""
        super().__init__(error)
        self.errors = {field: error}


@dataclass(frozen=True, kw_only=True)
class SignIn:
    """A successful sign-in.

    Attributes:
        account: The account, which the entry will use.
        users: The organization's users; None where the account may not list them.
    """

    account: Account
    users: list[User] | None


def flow_error(err: PoderoError) -> FlowError:
    """Return how a form names an error of Podero's."""
    if isinstance(err, PoderoAuthenticationError):
        return FlowError("invalid_auth")
    if isinstance(err, PoderoRateLimitedError):
        return FlowError("rate_limited")
    LOGGER.debug("Podero could not be used: %s", err)
    return FlowError("cannot_connect")


def checked_host(text: str) -> str:
    """Return the origin that the user entered.

    Raises:
        FlowError: it may not be used.
    """
    try:
        return normalize_host(text)
    except ValueError as err:
        raise FlowError("invalid_host", CONF_HOST) from err


def chosen_sign_in(
    known: Mapping[str, Any], user_input: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the sign-in that a reconfiguration means.

    A user name and password switch to the account. A client secret left empty
    stays as it is, but is not sent to another host than it was given for.

    Raises:
        FlowError: the host may not be used, or something is missing.
    """
    host = checked_host(user_input[CONF_HOST])
    chosen = {CONF_HOST: host, CONF_ORG_ID: known[CONF_ORG_ID]}
    kept = known if host == known[CONF_HOST] else {}
    candidates = (
        {key: user_input.get(key) for key in (CONF_USERNAME, CONF_PASSWORD)},
        {
            key: user_input.get(key) or kept.get(key)
            for key in (CONF_CLIENT_ID, CONF_CLIENT_SECRET)
        },
    )
    for candidate in candidates:
        if all(candidate.values()):
            return chosen | candidate
    raise FlowError("invalid_auth")


async def async_sign_in(hass: HomeAssistant, user_input: Mapping[str, Any]) -> SignIn:
    """Try a sign-in: host, organization, and what the way of signing in needs.

    Raises:
        FlowError: it did not work.
    """
    host = checked_host(user_input[CONF_HOST])
    try:
        org_id = str(UUID(user_input[CONF_ORG_ID].strip()))
    except ValueError as err:
        raise FlowError("invalid_org_id", CONF_ORG_ID) from err

    try:
        if CONF_CLIENT_ID in user_input:
            return await _async_client_credentials(hass, host, org_id, user_input)
        return await _async_account(hass, host, org_id, user_input)
    except PoderoError as err:
        raise flow_error(err) from err
    except FlowError:
        raise
    except Exception as err:
        LOGGER.exception("Unexpected error while signing in")
        raise FlowError("unknown") from err


async def _async_client_credentials(
    hass: HomeAssistant, host: str, org_id: str, user_input: Mapping[str, Any]
) -> SignIn:
    account = Account(
        hass,
        {
            CONF_HOST: host,
            CONF_ORG_ID: org_id,
            CONF_CLIENT_ID: user_input[CONF_CLIENT_ID].strip(),
            CONF_CLIENT_SECRET: user_input[CONF_CLIENT_SECRET].strip(),
        },
    )
    # First, so that a host without Podero is not taken for an unknown organization.
    await account.auth.access_token()
    users = await async_list_users(account.client)
    if users is None:
        raise FlowError("org_not_found")
    return SignIn(account=account, users=users)


async def _async_account(
    hass: HomeAssistant, host: str, org_id: str, user_input: Mapping[str, Any]
) -> SignIn:
    account = Account(
        hass, {CONF_HOST: host, CONF_ORG_ID: org_id, CONF_REFRESH_TOKEN: ""}
    )
    if TYPE_CHECKING:
        assert isinstance(account.auth, AccountAuth)
    await account.auth.sign_in(
        username=user_input[CONF_USERNAME], password=user_input[CONF_PASSWORD]
    )
    return SignIn(account=account, users=await async_list_users(account.client))
