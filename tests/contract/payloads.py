"""Payloads drawn from the JSON schemas of the contract: some keep it, most break it somewhere.

The same seed and number give the same payload.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from functools import cache
import json
from pathlib import Path
import random
import re
from typing import Any
from uuid import UUID

CONTRACT = Path(__file__).parent
SEED = 20261124

NUMBERS: tuple[object, ...] = (
    None, "", "12.5", " 7 ", "1e3", "NaN", "-Infinity", "n/a", "1e400", "0x10", "१२", 1e308, -1e308, 5e-324, -0.0, 0,
    -1, 1, 99.999, 1e7, 1e9, 10**30, -(10**400), 2**63, True, False, [], {}, [1], {"value": 1}, 1.0000001e15, 1000.5,
)  # fmt: skip
TIMES: tuple[object, ...] = (
    None, "", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00",
    "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+14:00", "2200-12-31T23:59:59Z", "2026-02-30T25:61:00Z",
    "2026-06-17 12:00:00", "2026-06-17", "20260617T120000Z", "2026-W25-3", "2026-06-17T12:00:00.123456789Z",
    "2026-06-17t12:00:00z", "2026-06-17T12:00:00+23:59", "2026-03-29T02:30:00", "2026-10-25T02:30:00+01:00",
    "24:00:00", "06:00", "06:00:00+02:00", 1_781_700_000, 1e300, -1, True, [], {},
)  # fmt: skip
TEXTS: tuple[object, ...] = (
    None, "", "   ", "x" * 300, "x" * 20_000, "[**verify your account**](https://evil.example/)",
    "<img src=x onerror=alert(1)>", "line one\nline two\r\n2026-11-24 12:00:00 ERROR forged", "\x00\x07\x1b[31mred\x1b[0m",
    "{{ states }}", "{% for i in range(9) %}", "\u202eright to left", "\u200b", "\u2028", "| a | b |\n|---|---|",
    "\U0001f697" * 200, "\ud800", "unknown", "unavailable", "UNKNOWN", "None", "a_new_word", "1" * 5000, "%s %d {}",
    "../../etc/passwd", "javascript:alert(1)", 7, 10**400, 1.5, False, [], {}, ["text"], {"text": "text"},
)  # fmt: skip
FLAGS: tuple[object, ...] = (None, "true", "False", "yes", 0, 1, 2, 0.0, -1, "", [], {})
IDS: tuple[object, ...] = (
    None,
    "",
    ".",
    "..",
    "../../oauth2/token/",
    "not-a-uuid",
    42,
    True,
    [],
    {},
    "0" * 32,
)
OBJECTS: tuple[object, ...] = (
    None,
    [],
    {},
    "",
    "text",
    7,
    True,
    [[]],
    [None],
    {"unknown_field": {"a": [1]}},
)
LISTS: tuple[object, ...] = (
    None,
    {},
    [None],
    [[]],
    ["text"],
    [7, {}],
    "text",
    0,
    {"items": []},
    {"data": [None]},
)
RUDE = (*NUMBERS, *TIMES, *TEXTS, *FLAGS, *IDS, *OBJECTS, *LISTS)  # fmt: skip

WORDS = (
    "reauthenticate",
    "information",
    "solar",
    "home",
    "Nordlicht",
    "no_prices",
    "2026",
    "x",
)
MANNERS = (0.0, 0.02, 0.1, 0.4, 1.0)
"""Shares of the values that break the contract, one of them for each payload."""


@cache
def schema(name: str) -> dict[str, Any]:
    """Return one of the contract's schemas."""
    text = (CONTRACT / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


class Payloads:
    """A source of payloads.

    Attributes:
        name: What draws it, for messages: a seed and a number.
    """

    def __init__(self, number: int, seed: int = SEED) -> None:
        """Begin with the payloads of a number."""
        self.name = f"{seed}/{number}"
        self._chance = random.Random(self.name)
        self._rudeness = 0.0

    def draw(self, name: str, *at: str) -> Any:
        """Return a payload as JSON would give it.

        Args:
            name: The schema, a file of the contract.
            at: The properties and items ("[]") that lead to a part of it, if not all is wanted.

        """
        self._rudeness = self._chance.choice(MANNERS)
        root = schema(name)
        part: Mapping[str, Any] = root
        for step in at:
            part = _resolved(part, root)
            part = part["items"] if step == "[]" else part["properties"][step]
        return self._value(part, root)

    def choice[T](self, *values: T) -> T:
        """Return one of some values."""
        return self._chance.choice(values)

    def _pick(self, values: Sequence[object]) -> Any:
        """Return one of some rude values; a payload that is changed leaves the others alone."""
        return deepcopy(self._chance.choice(values))

    def _is_rude(self) -> bool:
        return self._chance.random() < self._rudeness

    def _value(self, part: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
        part = _resolved(part, root)
        for several in ("anyOf", "oneOf"):
            if several in part:
                return self._value(self._chance.choice(part[several]), root)
        if "const" in part:
            return self._pick(RUDE) if self._is_rude() else part["const"]
        if "enum" in part:
            return self._word(part["enum"])
        kinds = part.get("type", "object")
        kind = self._chance.choice(kinds) if isinstance(kinds, list) else kinds
        match kind:
            case "object":
                return self._object(part, root)
            case "array":
                return self._array(part, root)
            case "string":
                return self._text(part)
            case "integer" | "number":
                return self._number(part, is_whole=kind == "integer")
            case "boolean":
                rude = self._is_rude()
                return self._pick(FLAGS if rude else (True, False))
            case _:
                return self._pick(RUDE) if self._is_rude() else None

    def _object(self, part: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
        # An object as a whole is spoilt less often than what is in it.
        if self._is_rude() and self._chance.random() < 0.1:
            return self._pick(OBJECTS)
        found: dict[str, Any] = {}
        for name, inner in part.get("properties", {}).items():
            if self._is_rude() and self._chance.random() < 0.2:
                continue
            found[name] = self._value(inner, root)
        if self._is_rude():
            found["a_field_of_tomorrow"] = self._pick(RUDE)
        if not part.get("properties"):
            # Free-form, such as metadata: whatever it may have to say.
            found |= {
                name: self._pick((*WORDS, "EUR", "Wh", *RUDE))
                for name in ("units", "savings", "consumption", "price", "message")
                if self._chance.random() < 0.3
            }
        return found

    def _array(self, part: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
        if self._is_rude() and self._chance.random() < 0.2:
            return self._pick(LISTS)
        count = self._chance.choice((0, 1, 2, 3, 7))
        if self._is_rude():
            count = self._chance.choice((count, count, 60))
        return [self._value(part.get("items", {}), root) for _ in range(count)]

    def _text(self, part: Mapping[str, Any]) -> Any:
        chance = self._chance
        match part.get("format"):
            case "uuid":
                if self._is_rude():
                    return self._pick(IDS)
                return str(UUID(int=chance.getrandbits(128), version=4))
            case "date-time":
                return self._pick(TIMES) if self._is_rude() else self._time()
            case "time":
                return self._pick(TIMES) if self._is_rude() else self._clock()
            case "uri":
                address = f"https://app.podero.com/{chance.choice(WORDS)}"
                return self._pick(TEXTS) if self._is_rude() else address
        if self._is_rude():
            return self._pick((*TEXTS, *TIMES, *NUMBERS))
        drawn = chance.choice((chance.choice(WORDS), self._time(), self._clock()))
        return drawn[: part.get("maxLength", 255)]

    def _number(self, part: Mapping[str, Any], *, is_whole: bool) -> Any:
        if self._is_rude():
            return self._pick(NUMBERS)
        least, most = part.get("minimum", -20_000), part.get("maximum", 20_000)
        if is_whole:
            return self._chance.randint(int(least), int(most))
        return round(self._chance.uniform(least, most), self._chance.randint(0, 6))

    def _word(self, words: list[Any]) -> Any:
        word = self._chance.choice(words)
        if not self._is_rude():
            return word
        swapped = str(word).swapcase()
        return self._pick((swapped, f" {word} ", f"{word}_2", *TEXTS))

    def _time(self) -> str:
        chance = self._chance
        day = f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        zone = chance.choice(("Z", "Z", "+02:00", "-05:30"))
        return f"{day}T{self._clock()}{zone}"

    def _clock(self) -> str:
        hour, minute = self._chance.randrange(24), self._chance.randrange(60)
        return f"{hour:02}:{minute:02}:00"


def _resolved(part: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in part:
        [name] = re.findall(r"^#/\$defs/(.+)$", part["$ref"])
        part = root["$defs"][name]
    return part
