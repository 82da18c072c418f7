"""How a JSON object becomes a frozen data class: by the types that its fields are declared with.

A device's detail is read every few minutes, most of it the same as before. What costs
time is therefore done once: how a class is read (its plan), and what a text means (the
memory of its reader).
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime, time
from enum import StrEnum
from typing import (
    Annotated,
    Any,
    NamedTuple,
    Protocol,
    Self,
    TypeAliasType,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from . import values
from .bounds import MAX_SESSIONS, MAX_TEXT, Uuid, parse_datetime, parse_enum, parse_time

MAX_REMEMBERED = 4096
"""How many texts a reader remembers the meaning of."""

type Reader = Callable[[Any], Any]

_PLAIN: dict[object, Reader] = {
    bool: values.boolean,
    datetime: parse_datetime,
    time: parse_time,
}


class Meanings(dict[str, Any]):
    """What one reader has made of the texts that it has seen."""

    def __init__(self, read: Reader) -> None:
        """Start without any."""
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Any:
        """Read a text that is not among them."""
        meaning = self._read(text)
        if len(text) <= MAX_TEXT:
            if len(self) >= MAX_REMEMBERED:
                self.clear()
            self[text] = meaning
        return meaning


class Plan(NamedTuple):
    """How an object of one class is read.

    Attributes:
        defaults: What its fields are where they are absent or null.
        flags: The fields that are booleans.
        texts: What the texts in each of its fields mean.
        readers: How other values are read.
        required: The fields without which there is no object.
        flatten: The class's own, bound once; so is `complete`.

    """

    defaults: dict[str, Any]
    flags: frozenset[str]
    texts: dict[str, Meanings]
    readers: dict[str, Reader]
    required: tuple[str, ...]
    flatten: Callable[[dict[str, Any]], dict[str, Any]]
    complete: Callable[[dict[str, Any]], None]


_plans: dict[type, Plan] = {}
_meanings: dict[Reader, Meanings] = {}


@dataclass(frozen=True, kw_only=True)
class Model:
    """A JSON object, read tolerantly.

    Every field has the name that it has in the API. One without a default must be
    readable, or there is no object; any other is None (no items, for a tuple) where it
    is unreadable, and its default where it is absent or null.
    """

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read an object; None when it is none."""
        if not isinstance(value, dict):
            return None
        if (plan := _plans.get(cls)) is None:
            plan = _plans[cls] = _plan(cls)
        defaults, flags, texts, readers, required, flatten, complete = plan
        found = defaults.copy()
        for name, item in flatten(value).items():
            if type(item) is str:
                if name in texts:
                    found[name] = texts[name][item]
            elif item is True or item is False:
                if name in flags:
                    found[name] = item
            elif item is not None and name in readers:
                found[name] = readers[name](item)
        complete(found)
        for name in required:
            if found[name] is None:
                return None
        if "raw" in found:
            found["raw"] = value
        model = object.__new__(cls)
        # The __init__ of a frozen class would take longer than all of the reading.
        object.__setattr__(model, "__dict__", found)
        return model

    @classmethod
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Return an object in which the fields have the names that they have here."""
        return raw

    @classmethod
    def complete(cls, found: dict[str, Any]) -> None:
        """Change the fields that were read by what follows from others."""


@dataclass(frozen=True, kw_only=True)
class Recorded(Model):
    """A JSON object that is kept, for diagnostics.

    Attributes:
        raw: The object as it came; not compared.

    """

    raw: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Identified(Recorded):
    """A JSON object with an id of its own.

    Attributes:
        id: Podero's id.

    """

    id: Uuid


class Listed(Protocol):
    """What lists are made of: things with ids."""

    @property
    def id(self) -> str | int:
        """What tells one from another."""

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read an item; None when it is none."""


def parse_all[M: Listed](kind: type[M], found: list[Any], most: int) -> list[M]:
    """Read the first `most` items of a list; those without a usable id are dropped, of several with the same id the first stays."""
    unique: dict[str | int, M] = {}
    for item in found[:most]:
        if (model := kind.parse(item)) is not None:
            unique.setdefault(model.id, model)
    return list(unique.values())


def keep_position(found: dict[str, Any]) -> None:
    """Drop half a position: a latitude without a longitude, or the other way round."""
    if found["latitude"] is None or found["longitude"] is None:
        found |= {"latitude": None, "longitude": None}


def _plan(kind: type[Model]) -> Plan:
    """Derive a plan from the types that a class declares; done once, when the first of it is read."""
    hints = get_type_hints(kind, include_extras=True)
    declared = fields(kind)
    readers = {
        each.name: _reader(hints[each.name]) for each in declared if each.name != "raw"
    }
    required = tuple(
        each.name
        for each in declared
        if each.name in readers and each.default is MISSING
    )
    return Plan(
        defaults={
            each.name: None if each.default is MISSING else each.default
            for each in declared
        },
        flags=frozenset(
            name for name, read in readers.items() if read is values.boolean
        ),
        texts={
            name: _meanings.setdefault(read, Meanings(read))
            for name, read in readers.items()
        },
        readers=readers,
        required=required,
        flatten=kind.flatten,
        complete=kind.complete,
    )


def value_types(kind: type[Model]) -> dict[str, Any]:
    """Return the Python type of each field, without its quantity and without None."""
    hints = get_type_hints(kind, include_extras=True)
    declared = {each.name: _declared(hints[each.name]) for each in fields(kind)}
    return {
        name: each.__origin__ if get_origin(each) is Annotated else each
        for name, each in declared.items()
    }


def _declared(hint: Any) -> Any:
    """Return what a field is declared as, without the alias and without None."""
    while True:
        if isinstance(hint, TypeAliasType):
            hint = hint.__value__
        elif get_origin(hint) is Union:
            hint = next(each for each in get_args(hint) if each is not type(None))
        else:
            return hint


def _reader(hint: Any) -> Reader:
    """Find the function that reads a type: the one that it is annotated with, or its own."""
    declared = _declared(hint)
    if get_origin(declared) is Annotated:
        reader: Reader = declared.__metadata__[0]
        return reader
    if get_origin(declared) is tuple:
        return _tuple_reader(_reader(get_args(declared)[0]))
    if declared in _PLAIN:
        return _PLAIN[declared]
    if issubclass(declared, StrEnum):
        return parse_enum(declared)
    model: type[Model] = declared
    return model.parse


def _tuple_reader(read: Reader) -> Reader:
    def read_all(value: object) -> tuple[Any, ...]:
        found = values.items(value) or []
        return tuple(
            item for each in found[:MAX_SESSIONS] if (item := read(each)) is not None
        )

    return read_all
