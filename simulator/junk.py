"""Values that no answer should have, drawn from a seed."""

from collections.abc import Callable
from dataclasses import dataclass
import random
import re

_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_ID = re.compile(r"(^|_)id$")
NUMBERS: tuple[object, ...] = (
    None, "", "12.5", "n/a", "1e400", 1e308, -1e308, -0.0, 0, -1, 10**30, True, [], {},
)  # fmt: skip
TIMES: tuple[object, ...] = (
    None, "", "soon", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00",
    "1969-12-31T23:59:59Z", "2026-02-30T25:61:00Z", "2026-06-17 12:00:00", 1_781_700_000, [],
)  # fmt: skip
TEXTS: tuple[object, ...] = (
    None, "", "x" * 10_000, "[**verify your account**](https://evil.example/)", "<img src=x onerror=alert(1)>",
    "line one\nline two\r\n2026-11-24 12:00:00 ERROR forged", "\x00\x07\x1b[31mred\x1b[0m", "{{ states }}",
    "\u202eright to left", "| a | b |\n|---|---|", "\U0001f697" * 200, 7, False, [], {},
)  # fmt: skip
FLAGS: tuple[object, ...] = (None, "true", "yes", 0, 1, 2, "", [], {})
IDS: tuple[object, ...] = (None, "", ".", "..", "../../oauth2/token/", "not-a-uuid", 42)


@dataclass(kw_only=True)
class Junk:
    """How much of an answer is spoilt, and which fields."""

    seed: int = 1
    rate: float = 0.1
    """Share of the fields struck."""
    fields: str = "."
    """Regular expression searched for in a field's name."""
    ids: bool = False
    """Whether ids may be struck too."""
    drawn: int = 0
    """How many answers there were; each draws anew."""

    def spoil(self, answer: object) -> object:
        """Return an answer with some of its values exchanged."""
        self.drawn += 1
        chance = random.Random(f"{self.seed}/{self.drawn}")
        pattern = re.compile(self.fields)

        def is_struck(name: str) -> bool:
            if not pattern.search(name) or (_ID.search(name) and not self.ids):
                return False
            return chance.random() < self.rate

        return _spoil(answer, "", is_struck, chance)


def _spoil(
    value: object, name: str, is_struck: Callable[[str], bool], chance: random.Random
) -> object:
    if isinstance(value, dict):
        return {
            key: _spoil(item, key, is_struck, chance) for key, item in value.items()
        }
    if isinstance(value, list):
        return [_spoil(item, name, is_struck, chance) for item in value]
    return chance.choice(_choices(value, name)) if is_struck(name) else value


def _choices(value: object, name: str) -> tuple[object, ...]:
    if _ID.search(name):
        return IDS
    if isinstance(value, bool):
        return FLAGS
    if isinstance(value, int | float):
        return NUMBERS
    if isinstance(value, str):
        return TIMES if _TIME.match(value) else TEXTS
    return NUMBERS + TIMES + TEXTS
