"""Chance that is the same for the same seed, whenever and in whatever order it is asked."""

from collections.abc import Callable
import random
from uuid import UUID, uuid5

_NAMESPACE = UUID("5b0a1c9e-6f3d-4b57-9a43-0f6a2d8c7e11")


def dice(*key: object) -> random.Random:
    """Return a random generator that belongs to a key."""
    return random.Random("/".join(map(str, key)))


def uuid(*key: object) -> str:
    """Return a UUID that belongs to a key."""
    return str(uuid5(_NAMESPACE, "/".join(map(str, key))))


class Daily[T]:
    """A function of the day that remembers the few days it was asked for last."""

    def __init__(self, make: Callable[[int], T], keep: int = 4) -> None:
        """Wrap a function that takes the number of a day."""
        self._make = make
        self._keep = keep
        self._days: dict[int, T] = {}

    def __call__(self, day: int) -> T:
        """Return the function's value for a day."""
        if (found := self._days.get(day)) is None:
            while len(self._days) >= self._keep:
                del self._days[next(iter(self._days))]
            found = self._days[day] = self._make(day)
        return found
