"""Asking for a stretch of the past in pieces that Podero allows."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from ..api import PoderoBadRequestError, PoderoConnectionError, PoderoResponseError
from .hours import Hours
from .sources import Source

HOUR = timedelta(hours=1)
SHORTEST_SPAN = timedelta(days=1)
# A span that was too long will be again: growing back costs a request each time.
SUCCESSES_TO_GROW = 4


class Spans:
    """The length of the spans that a source is asked for.

    It halves when Podero refuses one, or cannot cope, and slowly grows back.
    """

    def __init__(self, source: Source) -> None:
        """Begin with the source's longest."""
        self._source = source
        self._length = source.longest
        self._successes = 0

    async def async_fetch(
        self, start: datetime, end: datetime, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[Hours, datetime, datetime]]:
        """Yield the hours of a stretch, oldest first, with the span that they are of.

        What Podero refuses because it is from before a device's first day is left out.

        Raises:
            PoderoBadRequestError: Podero refused the last day, too.
            PoderoError: Podero could not be asked.
        """
        while start < end:
            stop = min(start + self._length, end)
            try:
                hours = await self._source.async_hours(start, stop, since=since)
            except PoderoBadRequestError:
                if stop - start > SHORTEST_SPAN:
                    self._halve(stop - start)
                    continue
                # Not too long, then: perhaps too long ago.
                if (accepted := await self._async_first_accepted(start, end)) is None:
                    raise
                start = accepted
                continue
            except PoderoConnectionError, PoderoResponseError:
                # Perhaps it takes too long, or is too much. Next time will tell.
                self._halve(stop - start)
                raise
            yield hours, start, stop
            start = stop
            self._successes += 1
            if self._successes >= SUCCESSES_TO_GROW:
                self._successes = 0
                self._length = min(self._length * 2, self._source.longest)

    def _halve(self, length: timedelta) -> None:
        self._length = max(_whole_hours(length / 2), SHORTEST_SPAN)
        self._successes = 0

    async def _async_first_accepted(
        self, refused: datetime, end: datetime
    ) -> datetime | None:
        """Return the earliest hour that Podero gives, by halving; None if it gives none.

        What is refused is taken for the time before the device's first day, unless
        the following day is given.
        """
        accepted = end - HOUR
        following = refused + SHORTEST_SPAN
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
            await self._source.async_hours(start, min(start + SHORTEST_SPAN, end))
        except PoderoBadRequestError:
            return False
        return True


def _whole_hours(span: timedelta) -> timedelta:
    return span // HOUR * HOUR
