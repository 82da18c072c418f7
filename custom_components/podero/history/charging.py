"""A car's charging sessions as hours of statistics. Pure arithmetic.

The energy and money of a session are distributed evenly over the time it charged: the
desired window within plug-in and end, or all of it where there is none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from ..api import Session
from .hours import HOUR, Hours, total

READERS: Mapping[str, Callable[[Session], float | None]] = {
    "charging_energy": lambda session: session.energy_charged_kwh,
    "charging_cost": lambda session: session.actual_cost_eur,
    "charging_savings": lambda session: session.savings_eur,
}
"""What a session says of each kind of statistic (kWh or EUR)."""


def charging_time(session: Session) -> tuple[float, float] | None:
    """Return from when to when a session charged, in seconds since 1970.

    None for one that is still under way. Both ends are the same where nothing
    is known but the end.
    """
    if (ended := session.ended_at) is None:
        return None
    end = ended.timestamp()
    start = min(_seconds(session.plug_in_time, end), end)
    wanted_start = max(_seconds(session.desired_charging_start_time, start), start)
    wanted_end = min(_seconds(session.desired_charging_end_time, end), end)
    return (wanted_start, wanted_end) if wanted_start < wanted_end else (start, end)


def charging_hours(
    sessions: Iterable[Session], start: datetime, end: datetime
) -> Hours:
    """Return the hours of a span.

    Args:
        sessions: All that may touch the span, in any order; of several with the
            same id the last counts.
        start: The first hour.
        end: The hour after the last; it is not over yet, or not wanted.

    """
    first, after = int(start.timestamp()), int(end.timestamp())
    sums: dict[str, dict[int, list[float]]] = {
        kind: defaultdict(list) for kind in READERS
    }
    unique = {session.id: session for session in sessions}
    for _, session in sorted(unique.items()):
        if (span := charging_time(session)) is None:
            continue
        for hour, share in _shares(*span, first, after):
            for kind, read in READERS.items():
                if (amount := read(session)) is not None:
                    sums[kind][hour].append(amount * share)
    return Hours(
        sums={
            kind: {
                hour: amount
                for hour, amounts in hours.items()
                if (amount := total(amounts)) is not None
            }
            for kind, hours in sums.items()
        },
        # An answer without any session in months is more likely an error.
        is_whole=bool(unique),
    )


def _seconds(moment: datetime | None, otherwise: float) -> float:
    return otherwise if moment is None else moment.timestamp()


def _shares(
    start: float, end: float, first: int, after: int
) -> Iterable[tuple[int, float]]:
    """Yield the hours of a window that a span touches, and how much of the span lies in each."""
    begin = int(start // HOUR) * HOUR
    if start == end:
        if first <= begin < after:
            yield begin, 1.0
        return
    hour = max(begin, first)
    while hour < min(end, after):
        yield hour, (min(hour + HOUR, end) - max(hour, start)) / (end - start)
        hour += HOUR
