"""Fetching a span of the past in chunks that Podero allows."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..api import PoderoBadRequestError, PoderoConnectionError, PoderoResponseError
from .hours import Hours
from .progress import Span
from .sources import Source

HOUR = timedelta(hours=1)
SHORTEST = timedelta(days=1)
# Each attempt to grow back may cost a refused request.
SUCCESSES_TO_GROW = 4


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """A part of a stretch.

    Attributes:
        span: From when to when it is.
        hours: What Podero gave; None where it refused.
    """

    span: Span
    hours: Hours | None


class ChunkedFetch:
    """Asks a source for stretches in chunks.

    Their length halves when Podero refuses one, or cannot cope, and slowly grows back.
    """

    def __init__(self, source: Source) -> None:
        """Begin with the source's longest."""
        self._source = source
        self._length = source.longest
        self._successes = 0

    async def async_fetch(
        self,
        span: Span,
        *,
        end: datetime,
        accepted: datetime | None,
        since: datetime | None = None,
    ) -> AsyncGenerator[Chunk]:
        """Yield the chunks of a stretch, oldest first.

        A day that is refused is from before the device's first day while nothing was
        accepted before it, and left out. Later it is a chunk without hours, as long as
        Podero gives anything after it.

        Args:
            span: The stretch.
            end: The end of all that there is, the stretch's or later.
            accepted: The first hour that Podero ever gave.
            since: The first hour that corrections may have; asked for with the newest
                chunk.

        Raises:
            PoderoBadRequestError: Podero refused the last day, too.
            PoderoError: Podero could not be asked.
        """
        start, last = span
        is_end_accepted = False
        while start < last:
            stop = min(start + self._length, last)
            try:
                hours = await self._source.async_hours(
                    start, stop, since=since if stop == end else None
                )
            except PoderoBadRequestError:
                if stop - start > SHORTEST:
                    self._halve(stop - start)
                    continue
                # So the chunk was not too long.
                if accepted is None or start < accepted:
                    first = await self._async_first_accepted(start, end)
                    if first is None:
                        raise
                    start = first
                    continue
                is_end_accepted = is_end_accepted or await self._async_is_followed(
                    start, stop, end
                )
                if not is_end_accepted:
                    raise
                yield Chunk(span=(start, stop), hours=None)
                start = stop
                continue
            except PoderoConnectionError, PoderoResponseError:
                # Perhaps the chunk is too large. The next one is shorter.
                self._halve(stop - start)
                raise
            accepted = start if accepted is None else min(accepted, start)
            yield Chunk(span=(start, stop), hours=hours)
            start = stop
            self._successes += 1
            if self._successes >= SUCCESSES_TO_GROW:
                self._successes = 0
                self._length = min(self._length * 2, self._source.longest)

    def _halve(self, length: timedelta) -> None:
        self._length = max(_whole_hours(length / 2), SHORTEST)
        self._successes = 0

    async def _async_is_followed(
        self, start: datetime, stop: datetime, end: datetime
    ) -> bool:
        """Return whether Podero gives anything after a day that it refuses."""
        if stop < end and await self._async_is_accepted(stop, end):
            return True
        newest = end - HOUR
        return newest > start and await self._async_is_accepted(newest, end)

    async def _async_first_accepted(
        self, refused: datetime, end: datetime
    ) -> datetime | None:
        """Return the earliest hour that Podero gives, by halving; None if it gives none.

        What is refused is taken for the time before the device's first day, unless
        the following day is given.
        """
        accepted = end - HOUR
        following = refused + SHORTEST
        if accepted <= refused:
            return None
        if following < accepted and await self._async_is_accepted(following, end):
            accepted = following
        elif not await self._async_is_accepted(accepted, end):
            return None
        while accepted - refused > HOUR:
            middle = refused + _whole_hours((accepted - refused) / 2)
            if await self._async_is_accepted(middle, end):
                accepted = middle
            else:
                refused = middle
        return accepted

    async def _async_is_accepted(self, start: datetime, end: datetime) -> bool:
        try:
            await self._source.async_hours(start, min(start + SHORTEST, end))
        except PoderoBadRequestError:
            return False
        return True


async def async_one_ahead[T](found: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """Yield what a generator yields, whose next item comes while one is worked on."""

    async def following() -> T | None:
        return await anext(found, None)

    task = asyncio.create_task(following())
    try:
        while (item := await task) is not None:
            task = asyncio.create_task(following())
            yield item
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await found.aclose()


def _whole_hours(span: timedelta) -> timedelta:
    return span // HOUR * HOUR
