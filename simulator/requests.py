"""What was asked of the simulator."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
import re


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to the API and the status it got."""

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    """0 where the connection was closed without an answer."""
    at: int
    """Simulated time in seconds since 1970."""


class Requests:
    """The last requests, and counters of all."""

    def __init__(self, keep: int = 5000) -> None:
        """Start at zero."""
        self.log: deque[Request] = deque(maxlen=keep)
        self.counts: Counter[tuple[str, int]] = Counter()
        """By method and status."""
        self.running = 0
        self.most_at_once = 0

    @property
    def total(self) -> int:
        """How many there were since the start or the last :meth:`clear`."""
        return self.counts.total()

    def add(self, request: Request) -> None:
        """Take note of a request."""
        self.log.append(request)
        self.counts[request.method, request.status] += 1

    def find(
        self, path: str = "", method: str | None = None, status: int | None = None
    ) -> list[Request]:
        """Return the remembered requests whose path contains a pattern, oldest first."""
        pattern = re.compile(path)
        return [
            item
            for item in self.log
            if pattern.search(item.path)
            and method in {None, item.method}
            and status in {None, item.status}
        ]

    def count(
        self, path: str = "", method: str | None = None, status: int | None = None
    ) -> int:
        """How many of the remembered requests match."""
        return len(self.find(path, method, status))

    def clear(self) -> None:
        """Forget all."""
        self.log.clear()
        self.counts.clear()
        self.most_at_once = 0
