"""What the entities of a device show, looked at together with each poll that brings something new."""

from collections.abc import Callable, Collection, Iterable
from itertools import chain

from homeassistant.core import CALLBACK_TYPE, callback

type Reads[DataT] = Collection[Callable[[DataT], object]]
"""Functions that read something from a device's data."""


class Views[DataT]:
    """Tells whose functions read something else from a device's data than the last time.

    Most of what a device shows stays as it is from poll to poll, and many entities have
    a function in common, so this costs a fraction of calling them all.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        # In the same order: each function, what it read last, and whom to call.
        self._reads: list[Callable[[DataT], object]] = []
        self._values: list[object] = []
        self._updates: list[list[CALLBACK_TYPE]] = []

    @callback
    def add(
        self, reads: Reads[DataT], update: CALLBACK_TYPE, data: DataT
    ) -> CALLBACK_TYPE:
        """Add what is read for somebody, and return what removes it."""
        for read in reads:
            if read in self._reads:
                self._updates[self._reads.index(read)].append(update)
            else:
                self._reads.append(read)
                self._values.append(read(data))
                self._updates.append([update])

        @callback
        def remove() -> None:
            for read in reads:
                at = self._reads.index(read)
                self._updates[at].remove(update)
                if not self._updates[at]:
                    del self._reads[at], self._values[at], self._updates[at]

        return remove

    @callback
    def changed(self, data: DataT) -> Iterable[CALLBACK_TYPE]:
        """Return whom to call for what is read from newer data, each once."""
        before = self._values
        self._values = values = [read(data) for read in self._reads]
        if values == before:
            return ()
        changed = [
            updates
            for updates, old, new in zip(self._updates, before, values, strict=True)
            if old is not new and old != new
        ]
        return dict.fromkeys(chain.from_iterable(changed))

    @callback
    def everybody(self) -> Iterable[CALLBACK_TYPE]:
        """Return all, each once."""
        return dict.fromkeys(chain.from_iterable(self._updates))
