"""What was answered, for answers that are older than they should be."""

from collections import deque


class Memory:
    """The last answers by address, with the time at which they were true."""

    def __init__(self, keep: int = 200) -> None:
        """Remember some answers of each address."""
        self._keep = keep
        self._answers: dict[str, deque[tuple[int, bytes]]] = {}

    def add(self, address: str, at: int, body: bytes) -> None:
        """Take note of an answer that is true now."""
        kept = self._answers.setdefault(address, deque(maxlen=self._keep))
        kept.append((at, body))

    def before(self, address: str, at: int) -> bytes:
        """Return the newest answer that is at least as old as a time, else the oldest there is.

        Raises:
            KeyError: Nothing was noted of the address.
        """
        kept = self._answers[address]
        return next((body for when, body in reversed(kept) if when <= at), kept[0][1])

    def clear(self) -> None:
        """Forget all."""
        self._answers.clear()
