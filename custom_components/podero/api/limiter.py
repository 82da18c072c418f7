"""How often Podero is asked: a few requests at once, the most urgent first, none during a pause, and a count of all."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import IntEnum
import time

from .errors import PoderoError, PoderoRateLimitedError

MAX_CONCURRENT = 4


class RequestStatistics:
    """What the client has asked so far, for diagnostics.

    Attributes:
        requests: All requests to resources; those to token endpoints are counted by the sign-in.
        errors: How many of the calls failed.
        last_errors: When and how the last ten failed.

    """

    def __init__(self) -> None:
        """Start at zero."""
        self.requests = 0
        self.errors = 0
        self.last_errors: deque[tuple[datetime, str]] = deque(maxlen=10)
        self._recent: deque[float] = deque()

    @property
    def requests_last_hour(self) -> int:
        """The requests of the last 3600 s."""
        oldest = time.monotonic() - 3600
        while self._recent and self._recent[0] <= oldest:
            self._recent.popleft()
        return len(self._recent)

    def count_request(self) -> None:
        """Count a request that goes out now."""
        self.requests += 1
        self._recent.append(time.monotonic())
        _ = self.requests_last_hour

    def count_error(self, error: PoderoError) -> None:
        """Count a call that failed now."""
        self.errors += 1
        self.last_errors.append((datetime.now(UTC), str(error)))


class Priority(IntEnum):
    """How urgent a request is; the lowest goes first."""

    COMMAND = 0
    """A person waits for it."""
    POLL = 1
    HISTORY = 2


class Limiter:
    """The gate that every request of one account goes through."""

    def __init__(self) -> None:
        """Start with all places free."""
        self._free = MAX_CONCURRENT
        self._waiting: dict[Priority, deque[asyncio.Future[None]]] = {
            priority: deque() for priority in Priority
        }
        self._silent_until = 0.0

    def pause(self, seconds: float) -> None:
        """Let nothing through for a while; a longer pause that is already running stays."""
        self._silent_until = max(self._silent_until, time.monotonic() + seconds)

    @asynccontextmanager
    async def place(self, request: str, priority: Priority) -> AsyncIterator[None]:
        """Hold one of the places, the most urgent first and within one priority in the order of arrival.

        Raises PoderoRateLimitedError at once while a pause is running.
        """
        self._check(request)
        await self._take(priority)
        try:
            self._check(request)
            yield
        finally:
            self._pass_on()

    async def _take(self, priority: Priority) -> None:
        # No request waits while a place is free.
        if self._free:
            self._free -= 1
            return
        waiter = asyncio.get_running_loop().create_future()
        self._waiting[priority].append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            # Both may happen in one iteration of the loop, so the place goes to the
            # next.
            if not waiter.cancelled():
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """Give a place to the next who waits; those that were cancelled meanwhile are skipped."""
        for queue in self._waiting.values():
            while queue:
                waiter = queue.popleft()
                if not waiter.done():
                    waiter.set_result(None)
                    return
        self._free += 1

    def _check(self, request: str) -> None:
        if (rest := self._silent_until - time.monotonic()) > 0:
            raise PoderoRateLimitedError(
                request,
                f"not sent: Podero wants a pause of {rest:.0f} s more",
                retry_after=rest,
            )
