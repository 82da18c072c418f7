"""What the entities of a device show, looked at together with each poll that brings something new."""

from collections.abc import Callable, Collection, Iterable

from homeassistant.core import CALLBACK_TYPE, callback

type Reads[DataT] = Collection[Callable[[DataT], object]]
"""Functions that read something from a device's data."""


class Views[DataT]:
    """Tells whose functions read something else from a device's data than the last time.

    Most of what a device shows stays as it is from poll to poll, so this costs less than
    calling all entities. The lists are parallel, with an item for each function.
    """

    def __init__(self) -> None:
        """Start with nobody."""
        self._reads: list[Callable[[DataT], object]] = []
        self._values: list[object] = []
        self._updates: list[CALLBACK_TYPE] = []

    @callback
    def add(
        self, reads: Reads[DataT], update: CALLBACK_TYPE, data: DataT
    ) -> CALLBACK_TYPE:
        """Add what is read for somebody, and return what removes it."""
        self._reads += reads
        self._values += [read(data) for read in reads]
        self._updates += [update] * len(reads)

        @callback
        def remove() -> None:
            kept = [at for at, each in enumerate(self._updates) if each is not update]
            self._reads = [self._reads[at] for at in kept]
            self._values = [self._values[at] for at in kept]
            self._updates = [self._updates[at] for at in kept]

        return remove

    @callback
    def changed(self, data: DataT) -> Iterable[CALLBACK_TYPE]:
        """Return whom to call for what is read from newer data."""
        before = self._values
        self._values = [read(data) for read in self._reads]
        return dict.fromkeys(
            update
            for update, old, new in zip(
                self._updates, before, self._values, strict=True
            )
            if old is not new and old != new
        )

    @callback
    def everybody(self) -> Iterable[CALLBACK_TYPE]:
        """Return all, each once."""
        return dict.fromkeys(self._updates)
