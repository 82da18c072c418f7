"""What the entities of a device show, looked at again only where a field changed that it is made of."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import compress
from operator import is_not
from typing import Any

from homeassistant.core import CALLBACK_TYPE, callback

from .kinds.kind import DeviceData

type Reads[DataT] = Collection[Callable[[DataT], object]]
"""Functions that read something from a device's data: from nothing else, and never all of the device at once."""


class Watched:
    """Stands in for a device's data, or for the device in it, and notes the names of the fields that a function looks at.

    What the function returns depends on these alone, as long as they have the same values.
    """

    __slots__ = ("_fields", "_looked_at", "_model", "device")

    def __init__(self, model: Any, looked_at: list[str]) -> None:
        """Stand in for a model; the names are added to a list."""
        self._model = model
        self._fields = vars(model)
        self._looked_at = looked_at
        if "device" in self._fields:
            self.device = Watched(model.device, looked_at)

    def __getattr__(self, name: str) -> Any:
        """Return what the model has by this name; a property looks at fields in turn."""
        if name in self._fields:
            self._looked_at.append(name)
            return self._fields[name]
        return getattr(type(self._model), name).__get__(self)


def _nothing(data: DeviceData[Any]) -> None:
    """Read nothing."""


@dataclass(slots=True, kw_only=True, eq=False)
class _View[DataT]:
    """A function, its last value, and the listeners to call when that changes."""

    read: Callable[[DataT], object]
    value: object = None
    updates: tuple[CALLBACK_TYPE, ...] = ()


class Views[DataT: DeviceData[Any]]:
    """Finds the listeners whose functions read another value than the last time.

    Of the many fields of a device few change from one poll to the next, and many
    entities have a function in common, so this costs a fraction of calling them all.
    """

    def __init__(self, data: DataT) -> None:
        """Start without listeners."""
        self._data = data
        self._views: dict[Callable[[DataT], object], _View[DataT]] = {}
        # By the name of a field, of the data or of the device: the functions that read it.
        self._looking_at: dict[str, tuple[_View[DataT], ...]] = {}

    @callback
    def add(self, reads: Reads[DataT], update: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Add a listener and what it reads, and return a function that removes it."""
        # A listener that reads nothing only follows whether the device is available.
        reads = reads or (_nothing,)
        for read in reads:
            if read not in self._views:
                view = self._views[read] = _View(read=read)
                self._look([view])
            self._views[read].updates += (update,)
        return partial(self._remove, reads, update)

    @callback
    def _remove(self, reads: Reads[DataT], update: CALLBACK_TYPE) -> None:
        """Remove a listener, and what nobody else reads."""
        for read in reads:
            view = self._views[read]
            at = view.updates.index(update)
            view.updates = view.updates[:at] + view.updates[at + 1 :]
            if not view.updates:
                del self._views[read]
                for name, looking in self._looking_at.items():
                    self._looking_at[name] = tuple(
                        each for each in looking if each is not view
                    )

    @callback
    def changed(self, data: DataT) -> Iterable[CALLBACK_TYPE]:
        """Return the listeners whose values differ in newer data, each once."""
        before, self._data = self._data, data
        due: dict[_View[DataT], None] = {}
        for old, new in ((before, data), (before.device, data.device)):
            if old is new:
                continue
            known, found = vars(old), vars(new)
            # Both have the same fields in the same order.
            others = map(is_not, known.values(), found.values())
            for name in compress(found, others):
                if name in self._looking_at and found[name] != known[name]:
                    due.update(dict.fromkeys(self._looking_at[name]))
        changed = self._look(due)
        return dict.fromkeys(update for view in changed for update in view.updates)

    @callback
    def all_listeners(self) -> Iterable[CALLBACK_TYPE]:
        """Return all listeners, each once."""
        return dict.fromkeys(
            update for view in self._views.values() for update in view.updates
        )

    def _look(self, due: Iterable[_View[DataT]]) -> list[_View[DataT]]:
        """Read again; returns the views whose value changed."""
        looked_at: list[str] = []
        stand_in: Any = Watched(self._data, looked_at)
        changed = []
        for view in due:
            value = view.read(stand_in)
            for name in looked_at:
                if view not in (looking := self._looking_at.get(name, ())):
                    self._looking_at[name] = (*looking, view)
            looked_at.clear()
            if value != view.value:
                view.value = value
                changed.append(view)
        return changed
