"""Seconds, quarters of an hour and the text they become.

Inside the simulator every time is seconds since 1970 in UTC (``int``), a day is
the number of days since then, and a sample's index is the number of quarters.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

QUARTER = 900
DAY = 86_400
QUARTERS_A_DAY = DAY // QUARTER

_CLOCK_TIMES = tuple(
    f"T{quarter // 4:02}:{quarter % 4 * 15:02}:00Z" for quarter in range(QUARTERS_A_DAY)
)
_EPOCH = date(1970, 1, 1)


def iso(seconds: int | None) -> str | None:
    """Return the API's spelling of a time, ``2026-01-31T12:00:00Z``."""
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def _day_text(day: int) -> str:
    return (_EPOCH + timedelta(days=day)).isoformat()


def iso_quarter(index: int) -> str:
    """Return the API's spelling of the time at which a quarter starts."""
    day, quarter = divmod(index, QUARTERS_A_DAY)
    return _day_text(day) + _CLOCK_TIMES[quarter]


def to_day(day: date) -> int:
    """Return the number of a calendar day."""
    return (day - _EPOCH).days


def to_date(day: int) -> date:
    """Return the calendar day of a number."""
    return _EPOCH + timedelta(days=day)


def to_seconds(moment: datetime) -> int:
    """Seconds of a datetime; one without a zone is read as UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())


@cache
def offset(zone: str, hour: int) -> int:
    """Seconds by which a zone's clocks are ahead of UTC in a UTC hour's number."""
    moment = datetime.fromtimestamp(hour * 3600, ZoneInfo(zone))
    return int((moment.utcoffset() or timedelta()).total_seconds())


def local_day(zone: str, seconds: int) -> int:
    """Return the number of the calendar day that a zone's clocks show."""
    return (seconds + offset(zone, seconds // 3600)) // DAY


def from_local(zone: str, day: int, seconds: int) -> int:
    """Return the time at which a zone's clocks show this many seconds after midnight."""
    wall = datetime.fromtimestamp(day * DAY + seconds, UTC)
    return int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp())
