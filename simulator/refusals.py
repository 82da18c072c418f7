"""Parts of the past that the series endpoint refuses for a while."""

from dataclasses import asdict, dataclass


@dataclass(kw_only=True)
class Refusal:
    """A span of time: every series that touches it is refused, however long or short."""

    start: int
    end: int
    device_id: str | None = None
    """None for all."""
    tries: int | None = None
    """How often it refuses; None for always."""
    until: int | None = None
    """Simulated time at which it is over."""
    refused: int = 0

    def strikes(self, device_id: str, start: int, end: int, now: int) -> bool:
        """Whether it refuses a series; counts it if so."""
        if self.device_id not in {None, device_id} or not (
            start < self.end and end > self.start
        ):
            return False
        over = self.until is not None and now >= self.until
        if over or (self.tries is not None and self.refused >= self.tries):
            return False
        self.refused += 1
        return True

    def to_json(self) -> dict[str, object]:
        """Return the rule, times in seconds."""
        return asdict(self)
