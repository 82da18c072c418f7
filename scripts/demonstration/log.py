"""What Home Assistant's log of a clean run must not hold."""

from itertools import pairwise
from pathlib import Path
import re

# A record starts with its time (with its offset from Home Assistant 2026.11 on);
# what follows until the next belongs to it.
RECORD = re.compile(
    r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}(?:[+-]\d\d:\d\d)? (?P<level>[A-Z]+) ",
    re.MULTILINE,
)
ROOT = str(Path(__file__).parents[2])
LOUD = {"WARNING", "ERROR", "CRITICAL"}


def complaints(log: Path) -> list[str]:
    """Return the warnings and errors that name podero.

    Reports of blocking calls and of deprecated uses name the integration that
    they are about and are warnings, so they are among them. The checkout's own
    path, which may hold the word, does not count. That no record can be read at
    all is a complaint, too.
    """
    words = log.read_text(errors="replace").replace(ROOT, "")
    starts = [record.start() for record in RECORD.finditer(words)]
    if not starts:
        return ["no record that could be read"]
    records = [words[a:b] for a, b in pairwise([*starts, len(words)])]
    return [
        record.strip()
        for record in records
        if (found := RECORD.match(record))
        and found["level"] in LOUD
        and "podero" in record.casefold()
    ]
