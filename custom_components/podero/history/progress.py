"""How far a device's past has been imported. Pure rules, also for clocks that are wrong.

A clock can be wrong in both directions, for example before the first time
synchronization after a start. An hour whose energy Podero knows has certainly ended.
So a clock that is behind the newest of these hours changes nothing, and what a later
clock said is corrected once a clock is read that is earlier, yet not behind.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Self

from homeassistant.util import dt as dt_util

from .hours import Hours
from .statistics import STATISTICS

HOUR = timedelta(hours=1)
BUCKET = 30 * 24 * 3600
"""Rows are counted by stretches of 30 days: seconds."""
# A device without data for this long starts again, because the clock may have been
# years behind.
LONGEST_SILENCE = timedelta(days=7)
# Adjacent gaps are requested together, up to this length.
LONGEST_GAP = timedelta(days=31)
# The maximum number of gaps; with more, they are not divided any further.
MOST_GAPS = 200

type Span = tuple[datetime, datetime]
"""From the first hour to the hour after the last."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the recorder has of a device.

    Attributes:
        counts: The number of rows of all its statistics, by bucket.
        newest: The last hour that has a row.
    """

    counts: Mapping[int, int]
    newest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a device's past has been imported.

    Attributes:
        days: The days of history that its household asked for.
        reach: The days before `since` at which `start` lies, unless it was moved by hand.
        since: The time at which `start` was set, as the clock said.
        start: Nothing earlier is imported by itself.
        until: Everything from the start to here was asked for, and written; but see `gaps`.
        newest: The last hour whose energy Podero knew.
        accepted: The first hour for which Podero did not refuse to answer.
        gaps: Spans that are asked for again, those that waited longest first.
        counts: The number of rows that were written, by bucket.
        complete: Whether the first import has come to its end.
        shown: Whether the Energy dashboard was offered what was imported.
        pricing: What the source says of the household's prices.
        priced_from: The first hour that was imported with them.
    """

    days: int
    reach: int
    since: datetime
    start: datetime
    until: datetime
    newest: datetime | None = None
    accepted: datetime | None = None
    gaps: tuple[Span, ...] = ()
    counts: Mapping[int, int] = field(default_factory=dict)
    complete: bool = False
    shown: bool = False
    pricing: str | None = None
    priced_from: datetime | None = None

    @classmethod
    def begin(
        cls, now: datetime, days: int, pricing: str | None, recorded: Recorded
    ) -> Self:
        """Return the progress of a device of which nothing is known but its rows.

        Args:
            now: This hour.
            days: The days of history that its household wants.
            pricing: What the source says of the prices.
            recorded: What an earlier set-up left; no hole may come after it.

        """
        start = now - timedelta(days=days)
        if recorded.newest is not None:
            start = min(start, recorded.newest + HOUR)
        return cls(
            days=days,
            reach=days,
            since=now,
            start=start,
            until=start,
            counts=recorded.counts,
            pricing=pricing,
        )

    def at(
        self,
        now: datetime,
        days: int,
        pricing: str | None = None,
        *,
        has_energy: bool = True,
    ) -> Self:
        """Return the progress as it is to be seen now.

        Args:
            now: This hour, as the clock says.
            days: The days of history that the household wants.
            pricing: What the source says of the prices; new ones hold for the hours
                that are imported from now on.
            has_energy: Whether the device has energies at all. If not, whatever it
                gave shows that the clock was right when this began.

        """
        progress = self
        if self.pricing != pricing:
            progress = replace(self, pricing=pricing, priced_from=self.until)
        if self.newest is not None and now <= self.newest:
            # The clock is behind.
            return progress
        reach = timedelta(days=self.reach)
        is_silent = self.newest is None if has_energy else not self.counts
        if is_silent and now - self.since > LONGEST_SILENCE:
            start = now - reach
            progress = replace(
                progress, since=now, start=start, until=start, accepted=None, gaps=()
            )
        if self.since > now:
            # The clock was ahead.
            start = min(self.start, now - reach)
            progress = replace(progress, since=now, start=start)
        if progress.until > now:
            known = progress.start if self.newest is None else self.newest + HOUR
            progress = replace(
                progress,
                until=max(progress.start, known),
                gaps=tuple(gap for gap in self.gaps if gap[1] <= now),
            )
        if self.days != days:
            start = min(progress.start, now - timedelta(days=days))
            progress = replace(progress, days=days, reach=days, since=now, start=start)
        if progress.start < self.start:
            progress = replace(progress, until=progress.start)
        return progress

    def compared(self, recorded: Recorded) -> Self:
        """Return the progress as far as the recorder has what was written.

        Its database may be new, or an older one. What is missing is imported again from
        its first bucket on.
        """
        lost = [
            bucket
            for bucket, count in self.counts.items()
            if recorded.counts.get(bucket, 0) < count
        ]
        until = self.until
        if lost:
            first = dt_util.utc_from_timestamp(min(lost) * BUCKET)
            until = max(self.start, min(until, first))
        return replace(self, until=until, counts=recorded.counts)

    def written(self, span: Span, hours: Hours, rows: Mapping[int, int]) -> Self:
        """Return the progress after a span was written.

        Args:
            span: The span, as it was asked for.
            hours: What Podero gave.
            rows: How many rows more there are now, by bucket.

        """
        # Prices and savings may be known ahead.
        known = [
            dt_util.utc_from_timestamp(max(amounts))
            for kind, amounts in hours.sums.items()
            if amounts and STATISTICS[kind].is_energy
        ]
        if self.newest is not None:
            known.append(self.newest)
        counts = Counter(self.counts)
        counts.update(rows)
        progress = replace(
            self,
            newest=max(known, default=None),
            accepted=span[0] if self.accepted is None else min(self.accepted, span[0]),
            counts=dict(counts),
            gaps=_without(self.gaps, span),
        )
        return progress.with_gap(span) if hours.is_partial else progress

    def with_gap(self, span: Span) -> Self:
        """Return the progress with a span that is to be asked for again."""
        gaps = list(_without(self.gaps, span))
        for gap in (*gaps,):
            joined = min(gap[0], span[0]), max(gap[1], span[1])
            is_next = gap[1] == span[0] or gap[0] == span[1]
            if is_next and joined[1] - joined[0] <= LONGEST_GAP:
                gaps.remove(gap)
                span = joined
        return replace(self, gaps=(*gaps, span))

    def with_refused_gap(self, span: Span) -> Self:
        """Return the progress after a gap was refused again: its halves wait for their next turn."""
        start, end = span
        middle = start + (end - start) / 2 // HOUR * HOUR
        gaps = _without(self.gaps, span)
        if middle == start or len(gaps) >= MOST_GAPS:
            return replace(self, gaps=(*gaps, span))
        return replace(self, gaps=(*gaps, (start, middle), (middle, end)))

    def imported_by_hand(self, start: datetime, end: datetime) -> Self:
        """Return the progress after a span was imported on request.

        It is kept up to date from its start on. What lies between, if anything, is
        fetched by the next hourly import.
        """
        progress = self
        if self.priced_from is not None and start < self.priced_from <= end:
            progress = replace(progress, priced_from=start)
        if start < self.start:
            progress = replace(progress, start=start, until=min(self.until, end))
        return progress

    def cleared(self, now: datetime) -> Self:
        """Return the progress after all rows were deleted: new ones begin now."""
        if self.newest is not None:
            # The clock may be behind.
            now = max(now, self.newest + HOUR)
        return replace(
            self, reach=0, since=now, start=now, until=now, gaps=(), counts={}
        )

    def outside_gaps(self, start: datetime, end: datetime) -> Iterable[Span]:
        """Return the parts of a span that are not asked for as gaps, oldest first."""
        parts: tuple[Span, ...] = ((start, end),) if start < end else ()
        for gap in self.gaps:
            parts = _without(parts, gap)
        return parts


def _without(spans: Iterable[Span], away: Span) -> tuple[Span, ...]:
    """Return what is left of some spans without another one."""
    return tuple(
        (start, end)
        for span in spans
        for start, end in (
            (span[0], min(span[1], away[0])),
            (max(span[0], away[1]), span[1]),
        )
        if start < end
    )
