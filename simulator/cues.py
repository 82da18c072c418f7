"""Actions that wait for somebody, and the signed links that resolve them."""

from dataclasses import dataclass, field
import hashlib
import hmac
import secrets

from .clock import Clock
from .times import iso

SECRET_LIFETIME = 3600
API = "/api/partners/v2.0"


@dataclass(kw_only=True)
class Cue:
    """One pending action of a device."""

    id: str
    code: str
    device_id: str
    user_id: str
    sent_at: int
    message: str | None = None
    required_parameters: tuple[str, ...] = ()
    link: str = "host"
    """How its URL is written: ``host`` relative, ``api`` relative, ``bare`` (API relative without a slash),
    ``absolute``, ``foreign`` (another origin), ``no_secret``."""
    active: bool = False
    """Whether it was started and waits for its outcome."""


@dataclass(kw_only=True)
class Errand:
    """A visit to the provider's page."""

    id: str
    device_id: str
    cue_id: str | None
    success_url: str | None
    cancel_url: str | None
    over: bool = False


@dataclass(kw_only=True)
class Cues:
    """All pending actions and the visits they led to."""

    clock: Clock
    pending: dict[str, Cue] = field(default_factory=dict)
    errands: dict[str, Errand] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the signing key."""
        self._key = secrets.token_bytes(32)

    def of(self, device_id: str) -> list[Cue]:
        """Return a device's pending actions."""
        return [cue for cue in self.pending.values() if cue.device_id == device_id]

    def secret(self, cue: Cue) -> str:
        """Return a fresh secret, good for an hour."""
        expires = self.clock.seconds() + SECRET_LIFETIME
        nonce = secrets.token_hex(4)
        return f"{expires:x}.{nonce}.{self._sign(cue, expires, nonce)}"

    def is_valid(self, cue: Cue, secret: str) -> bool:
        """Whether a secret was made for an action less than an hour ago."""
        try:
            expires_text, nonce, signature = secret.split(".")
            expires = int(expires_text, 16)
        except ValueError:
            return False
        genuine = hmac.compare_digest(
            signature.encode(), self._sign(cue, expires, nonce).encode()
        )
        return genuine and self.clock.seconds() < expires

    def _sign(self, cue: Cue, expires: int, nonce: str) -> str:
        text = f"{cue.id}/{cue.user_id}/{expires}/{nonce}"
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()[:40]

    def to_json(self, cue: Cue, origin: str) -> dict[str, object]:
        """Return an entry of a device's ``actions``."""
        tail = "/information/resolve" if cue.code == "information" else "/resolve"
        path = f"/cues/{cue.id}{tail}"
        query = "" if cue.link == "no_secret" else f"?secret={self.secret(cue)}"
        base = {
            "api": "",
            "bare": "",
            "absolute": origin + API,
            "foreign": "https://podero.example.net" + API,
        }.get(cue.link, API)
        url = f"{base}{path}{query}"
        answer: dict[str, object] = {
            "code": cue.code,
            "resolution_link": {
                "url": url.removeprefix("/") if cue.link == "bare" else url,
                "required_parameters": list(cue.required_parameters),
            },
        }
        if cue.code == "information":
            answer["metadata"] = {"message": cue.message}
            answer["sent_at"] = iso(cue.sent_at)
        return answer
