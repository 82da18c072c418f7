"""A cloud that has bad days, drawn from a seed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, timedelta
from email.utils import format_datetime
import random
import re
from typing import Any

from .clock import Clock
from .faults import WEB_PAGE, Fault
from .times import iso
from .tokens import Tokens

KINDS = (
    "burst", "timeout", "reset", "cut", "body", "too_many", "too_many_silent", "slow", "lost_token",
)  # fmt: skip
BODIES = ("", "null", "[]", "{}", "42", '"ok"', '{"id": "', "[" * 2000, "1e999")
STATUSES = (500, 502, 503, 504)


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """One thing that went wrong."""

    at: str
    """Simulated time."""
    kind: str
    method: str
    path: str


class Misbehaviour:
    """Faults drawn for one request after the other. Same seed and same requests, same faults."""

    def __init__(
        self,
        clock: Clock,
        tokens: Tokens,
        *,
        seed: int,
        rate: float,
        kinds: Sequence[str] = KINDS,
        path: str = ".",
        slow_s: float = 0.2,
        timeout_s: float = 60,
        longest_burst_s: int = 3600,
    ) -> None:
        """Start to misbehave.

        Args:
            clock: The simulated time.
            tokens: Which get lost.
            seed: Draws everything.
            rate: Share of the requests that are struck, without those of a burst.
            kinds: What may happen, of ``KINDS``.
            path: Regular expression searched for in the path.
            slow_s: Real seconds that a slow answer takes.
            timeout_s: Real seconds until a request that is not answered is hung up.
            longest_burst_s: Simulated seconds for which a burst of errors lasts at most.

        Raises:
            ValueError: There is no such kind.
            re.error: The path is no regular expression.
        """
        if unknown := set(kinds) - set(KINDS):
            msg = f"no such kind: {', '.join(sorted(unknown))}"
            raise ValueError(msg)
        self._clock = clock
        self._tokens = tokens
        self._chance = random.Random(seed)
        self._rate = rate
        self._kinds = tuple(kinds)
        self._path = re.compile(path)
        self._slow_s = slow_s
        self._timeout_s = timeout_s
        self._longest_burst_s = longest_burst_s
        self._burst_until = 0
        self._burst_status = 503
        self.running = True
        self.log: list[Mishap] = []

    def start(self) -> None:
        """Go on where it stopped."""
        self.running = True

    def stop(self) -> None:
        """Behave, also where a burst was under way."""
        self.running = False
        self._burst_until = 0

    def draw(self, method: str, path: str) -> Fault | None:
        """Return what happens to a request."""
        if not self.running or not self._path.search(path):
            return None
        now = self._clock.seconds()
        if now < self._burst_until:
            return self._happened("burst", method, path, status=self._burst_status)
        if self._chance.random() >= self._rate:
            return None
        chance = self._chance
        match kind := chance.choice(self._kinds):
            case "burst":
                self._burst_until = now + chance.randint(1, self._longest_burst_s)
                self._burst_status = chance.choice(STATUSES)
                return self._happened(kind, method, path, status=self._burst_status)
            case "timeout":
                return self._happened(
                    kind, method, path, delay=self._timeout_s, disconnect=True
                )
            case "reset":
                return self._happened(kind, method, path, disconnect=True)
            case "cut":
                return self._happened(kind, method, path, cut=True)
            case "body":
                body = chance.choice((*BODIES, WEB_PAGE))
                return self._happened(
                    kind,
                    method,
                    path,
                    status=200,
                    body=body,
                    content_type="text/html"
                    if body == WEB_PAGE
                    else "application/json",
                )
            case "too_many":
                wait = chance.randint(1, 900)
                moment = self._clock.now().astimezone(UTC) + timedelta(seconds=wait)
                date = format_datetime(moment.replace(microsecond=0), usegmt=True)
                text = chance.choice((str(wait), date))
                return self._happened(
                    kind, method, path, status=429, headers={"Retry-After": text}
                )
            case "too_many_silent":
                return self._happened(kind, method, path, status=429)
            case "slow":
                return self._happened(kind, method, path, delay=self._slow_s)
            case _:
                self._tokens.revoke_access()
                return self._happened(kind, method, path)

    def _happened(self, kind: str, method: str, path: str, **how: Any) -> Fault:
        at = iso(self._clock.seconds()) or ""
        self.log.append(Mishap(at=at, kind=kind, method=method, path=path))
        return Fault(path=".", **how)

    def to_json(self) -> dict[str, object]:
        """Return what happened."""
        return {
            "running": self.running,
            "happened": len(self.log),
            "log": [asdict(mishap) for mishap in self.log[-1000:]],
        }
