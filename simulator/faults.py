"""What goes wrong, on demand."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
import re

from .junk import Junk

HOLDS = ("", "before", "after")


@dataclass(kw_only=True)
class Fault:
    """One rule: which requests, and what happens to them.

    The first rule that matches a request and is not used up is applied. Without
    any of ``status``, ``cut``, ``oversized``, ``redirect`` and ``disconnect`` the request is answered as
    ever, after ``delay`` and with ``fields`` changed.
    """

    path: str
    """Regular expression searched for in the path."""
    method: str | None = None
    times: int | None = None
    """How often it strikes; None for always."""
    after: int = 0
    """How many matching requests it lets pass first."""
    delay: float = 0
    """Real seconds before the request is looked at: the state is that of the answer's time."""
    late: float = 0
    """Real seconds before the answer is sent: the state is that of the request's time."""
    hold: str = ""
    """``before`` it is looked at, or ``after``, a request waits until :meth:`Faults.release`."""
    stale: int = 0
    """Simulated seconds by which an answer is old, as from a cache that began when the rule did."""
    junk: Junk | None = None
    """Which values of a good answer are exchanged for junk."""
    status: int | None = None
    body: object = None
    """A string is sent as it is, anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    cut: bool = False
    """Whether the connection closes in the middle of the body."""
    disconnect: bool = False
    """Whether the connection closes without any answer."""
    oversized: bool = False
    """Whether the answer is 9 MiB long."""
    redirect: str | None = None
    """Where a 302 points to."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """Values put into the answer (each item of a list), dots separate levels."""
    struck: int = 0

    def __post_init__(self) -> None:
        """Compile the pattern.

        Raises:
            re.error: It is no regular expression.
            ValueError: It is held at no known time.
        """
        if self.hold not in HOLDS:
            msg = f"held before or after, not {self.hold}"
            raise ValueError(msg)
        self._pattern = re.compile(self.path)

    def strikes(self, method: str, path: str) -> bool:
        """Whether it applies to a request; counts it if so."""
        if self.method not in {None, method} or not self._pattern.search(path):
            return False
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True

    def to_json(self) -> dict[str, object]:
        """Return the rule as it can be posted, with what it has done."""
        return asdict(self)


WEB_PAGE = (
    "<!DOCTYPE html><html><head><title>Service unavailable</title></head>"
    "<body><h1>We will be back soon</h1></body></html>"
)
"""What a proxy in trouble answers."""


def put(answer: object, path: str, value: object) -> None:
    """Put a value into an answer, at a dotted path; of a list, into each item."""
    if isinstance(answer, list):
        for item in answer:
            put(item, path, value)
    elif isinstance(answer, dict):
        name, _, rest = path.partition(".")
        if rest:
            put(answer.get(name), rest, value)
        else:
            answer[name] = value


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        """Start with nothing wrong."""
        self.rules: list[Fault] = []
        self.held = 0
        """How many requests are held now."""
        self._gate = asyncio.Event()
        self._arrived = asyncio.Event()

    def add(self, fault: Fault) -> Fault:
        """Let something go wrong."""
        self.rules.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Mend one thing."""
        self.rules.remove(fault)

    def clear(self) -> None:
        """Mend everything, and let go on what is held."""
        self.rules.clear()
        self.release()

    async def wait(self) -> None:
        """Hold a request until :meth:`release`."""
        gate = self._gate
        self.held += 1
        self._arrived.set()
        self._arrived = asyncio.Event()
        try:
            await gate.wait()
        finally:
            self.held -= 1

    async def until_held(self, count: int = 1) -> None:
        """Wait until so many requests are held."""
        while self.held < count:
            await self._arrived.wait()

    def release(self) -> None:
        """Let all requests that are held go on."""
        self._gate.set()
        self._gate = asyncio.Event()

    def find(self, method: str, path: str) -> Fault | None:
        """Find the rule that strikes a request."""
        return next((rule for rule in self.rules if rule.strikes(method, path)), None)
