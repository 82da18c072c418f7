"""Time: the cloud's, which is right, and Home Assistant's, which need not be."""

from datetime import UTC, datetime, timedelta
import time

from freezegun.api import FrozenDateTimeFactory
import pytest

from simulator import Simulator


class Clocks:
    """The clocks of a life; all of them stand still until time passes.

    What measures time (``time.monotonic``, and so the event loop) does not notice when
    somebody sets a clock. It counts from 0: seconds since 1970 are too large for the event
    loop to see that a timer of this very moment is due, and it would spin until the next tick.
    """

    def __init__(
        self, freezer: FrozenDateTimeFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Start with clocks that are right."""
        self._freezer = freezer
        self._error = timedelta(0)
        self._passed = timedelta(0)
        monkeypatch.setattr(time, "monotonic", self._monotonic)

    def _monotonic(self) -> float:
        """Measure time as ``time.monotonic`` does."""
        return self._passed.total_seconds()

    @property
    def is_right(self) -> bool:
        """Whether Home Assistant's clock is right."""
        return not self._error

    @property
    def now(self) -> datetime:
        """The true time."""
        return datetime.now(UTC) - self._error

    def tick(self, span: timedelta) -> None:
        """Let time pass."""
        self._freezer.tick(span)
        self._passed += span

    def set(self, simulator: Simulator, error: timedelta) -> None:
        """Set Home Assistant's clock wrong by some time, or right; the cloud's goes on."""
        change = error - self._error
        self._freezer.tick(change)
        self._error = error
        simulator.clock.advance(-change.total_seconds())
