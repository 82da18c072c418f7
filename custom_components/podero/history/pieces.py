"""A span of the series that does not fit one answer, asked for in pieces."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from ..api import PoderoBadRequestError, Resolution, Series, SeriesPoint

# 8,832 quarters of an hour: some 2 MiB, and Podero's answers are read up to 8 MiB.
LONGEST_QUARTERS = timedelta(days=92)
SHORTEST = timedelta(days=1)
# In a row: what is older is from before the device's first day.
REFUSED_DAYS = 2

type Ask = Callable[[datetime, datetime, Resolution], Awaitable[Series]]


async def async_in_pieces(
    ask: Ask, start: datetime, end: datetime, resolution: Resolution
) -> list[SeriesPoint]:
    """Return the points of a span by time, each once.

    The newest piece is asked for first. One that Podero refuses (400) is halved; a day
    that is refused is left out, and after the second in a row all that is older is taken
    for the time before the device's first day.

    Args:
        ask: Asks for one piece.
        start: The beginning.
        end: The end.
        resolution: The length of the buckets; pieces are cut where they begin in UTC.

    Raises:
        PoderoBadRequestError: Podero refused the newest days.
        PoderoError: Podero could not be asked.

    """
    found: dict[datetime, SeriesPoint] = {}
    longest = LONGEST_QUARTERS if resolution is Resolution.QUARTER_HOUR else end - start
    length, accepted = longest, timedelta(0)
    refused_days = 0
    while start < end and refused_days < REFUSED_DAYS:
        begin = max(start, _bucket_start(end - length, resolution))
        try:
            series = await ask(begin, end, resolution)
        except PoderoBadRequestError:
            length = min(length, end - begin) / 2
            if length >= SHORTEST:
                continue
            refused_days += 1
            if refused_days == REFUSED_DAYS and not accepted:
                raise
            length = accepted or longest
        else:
            found.update((point.time, point) for point in series.points)
            accepted = max(accepted, end - begin)
            refused_days = 0
        end = begin
    return [point for _, point in sorted(found.items())]


def _bucket_start(moment: datetime, resolution: Resolution) -> datetime:
    """Return the beginning of the bucket that a time lies in."""
    moment = moment.astimezone(UTC)
    hour = moment.replace(minute=0, second=0, microsecond=0)
    day = hour.replace(hour=0)
    match resolution:
        case Resolution.QUARTER_HOUR | Resolution.HOUR:
            return hour
        case Resolution.DAY:
            return day
        case Resolution.WEEK:
            return day - timedelta(days=day.weekday())
        case _:
            return day.replace(day=1)
