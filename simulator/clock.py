"""The simulator's time: the machine's by default, or set, frozen, advanced, sped up."""

from datetime import UTC, datetime

from .times import to_seconds


class Clock:
    """Time that follows ``datetime.now(UTC)``, with an offset and a speed.

    As that is its only source, a test that freezes it freezes the simulator too.
    """

    def __init__(self) -> None:
        """Start with real time."""
        self._shown = self._anchor = datetime.now(UTC)
        self._speed = 1.0
        self._frozen = False

    def now(self) -> datetime:
        """Return the simulated time, in UTC."""
        if self._frozen:
            return self._shown
        return self._shown + (datetime.now(UTC) - self._anchor) * self._speed

    def seconds(self) -> int:
        """Return the simulated time in whole seconds since 1970."""
        return to_seconds(self.now())

    @property
    def speed(self) -> float:
        """Simulated seconds in a real one."""
        return self._speed

    @property
    def frozen(self) -> bool:
        """Whether time stands still."""
        return self._frozen

    def set(self, moment: datetime) -> None:
        """Go to a time and run on from there."""
        self._shown = (
            moment.replace(tzinfo=UTC)
            if moment.tzinfo is None
            else moment.astimezone(UTC)
        )
        self._anchor = datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Jump ahead, or back."""
        now = self.now()
        self.set(datetime.fromtimestamp(now.timestamp() + seconds, UTC))

    def run(self, speed: float) -> None:
        """Let time pass at another speed from now on."""
        self.set(self.now())
        self._speed = speed

    def freeze(self, frozen: bool = True) -> None:
        """Stop time, or let it run again from where it stands."""
        self.set(self.now())
        self._frozen = frozen

    def reset(self) -> None:
        """Back to real time."""
        self._shown = self._anchor = datetime.now(UTC)
        self._speed = 1.0
        self._frozen = False
