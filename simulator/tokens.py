"""Access tokens, refresh tokens and who holds them."""

from dataclasses import dataclass
import secrets

from .clock import Clock


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What an access token allows."""

    user_id: str | None
    """The one user it may see, or None for the whole organization."""
    until: int


class Tokens:
    """Both token endpoints' memory, with the switches that tests turn."""

    def __init__(self, clock: Clock) -> None:
        """Open the gate for ``demo-client``."""
        self._clock = clock
        self.client_id = "demo-client"
        self.client_secret = "demo-secret"
        self.expires_in: object = 36_000
        """As told in answers; a token lives an hour where this is not a number."""
        self.accepts_json = True
        self.accepts_form = False
        self.present = True
        """Whether /oauth2/token/ exists at all."""
        self.partners_take_clients = False
        """Whether /auth/token gives tokens to clients too."""
        self.refuses_clients = False
        self.refuses_refresh = False
        self.rotates = True
        """Whether a refresh token is good for one use only."""
        self.refusals = 0
        """How many of the next requests for a token are refused, whoever asks."""
        self.refusal_status = 401
        self.empty_access = 0
        """How many of the next renewals have an empty access token beside the new refresh token."""
        self.revokes_on_reuse = False
        """Whether a refresh token that is used again takes all of its account's tokens along."""
        self.echoes = False
        """Whether errors repeat the tokens that were sent, and tell others."""
        self.accounts: dict[str, tuple[str, str]] = {}
        """Password and user id by user name."""
        self.issued = 0
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, str] = {}
        self._used: dict[str, str] = {}

    def add_account(self, username: str, password: str, user_id: str) -> None:
        """Let an end user sign in."""
        self.accounts[username] = (password, user_id)

    def for_client(
        self, client_id: str, client_secret: str
    ) -> dict[str, object] | None:
        """Return a token answer for client credentials; None if they are refused."""
        wanted = (self.client_id, self.client_secret)
        if self.refuses_clients or (client_id, client_secret) != wanted:
            return None
        return self._issue(None)

    def for_password(self, username: str, password: str) -> dict[str, object] | None:
        """Return a token answer for an account; None if it is refused."""
        known = self.accounts.get(username)
        if known is None or known[0] != password:
            return None
        return self._issue(known[1]) | {"refresh_token": self._new_refresh(known[1])}

    def for_refresh(self, refresh_token: str) -> dict[str, object] | None:
        """Return a token answer for a refresh token; None if it is refused."""
        if self.revokes_on_reuse and refresh_token in self._used:
            self._revoke_account(self._used[refresh_token])
        user_id = self._refresh.get(refresh_token)
        if user_id is None or self.refuses_refresh:
            return None
        if self.rotates:
            self._used[refresh_token] = self._refresh.pop(refresh_token)
            refresh_token = self._new_refresh(user_id)
        granted = self._issue(user_id) | {"refresh_token": refresh_token}
        if self.empty_access:
            self.empty_access -= 1
            granted["access_token"] = ""
        return granted

    def is_refused(self) -> bool:
        """Whether a request for a token is refused for no reason; counts it if so."""
        if not self.refusals:
            return False
        self.refusals -= 1
        return True

    def known(self) -> list[str]:
        """Return tokens that are good: the newest of each kind."""
        return [*self._access][-1:] + [*self._refresh][-1:]

    def grant(self, token: str) -> Grant | None:
        """Return what a token allows; None if it is unknown or has expired."""
        grant = self._access.get(token)
        return grant if grant and self._clock.seconds() < grant.until else None

    def revoke_access(self) -> None:
        """Make all access tokens worthless."""
        self._access.clear()

    def revoke_refresh(self) -> None:
        """Make all refresh tokens worthless."""
        self._refresh.clear()

    def _revoke_account(self, user_id: str) -> None:
        self._refresh = {
            token: owner for token, owner in self._refresh.items() if owner != user_id
        }
        self._access = {
            token: grant
            for token, grant in self._access.items()
            if grant.user_id != user_id
        }

    def _new_refresh(self, user_id: str) -> str:
        token = secrets.token_urlsafe(30)
        self._refresh[token] = user_id
        return token

    def _issue(self, user_id: str | None) -> dict[str, object]:
        now = self._clock.seconds()
        lifetime = self.expires_in if isinstance(self.expires_in, int) else 3600
        self._access = {
            key: kept for key, kept in self._access.items() if now < kept.until
        }
        token = secrets.token_urlsafe(22)
        self._access[token] = Grant(user_id=user_id, until=now + lifetime)
        self.issued += 1
        return {
            "access_token": token,
            "expires_in": self.expires_in,
            "token_type": "Bearer",
            "scope": "read write",
        }
