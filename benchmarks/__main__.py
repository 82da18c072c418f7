"""``python -m benchmarks``: measure what docs/performance.md says, and compare it with its bars."""

import argparse
from pathlib import Path
import subprocess
import sys

from .figures import Figure, taken_over
from .report import table, write

# The measurements, each a process of its own, and the rows that each of them gives.
MEASUREMENTS = {
    "refresh": ("refresh-nothing", "refresh-one", "refresh-all"),
    "parse": ("parse",),
    "history": ("backfill", "backfill-memory", "backfill-held"),
    "households": (
        "households",
        "households-tokens",
        "households-at-once",
        "households-second",
        "held",
        "start",
    ),
    "imports": ("import",),
    "entities": ("memory", "set-up"),
}
ROWS = [row for rows in MEASUREMENTS.values() for row in rows]


def measure(rows: list[str], *, short: bool) -> list[Figure]:
    """Do the measurements that give some rows."""
    found: list[Figure] = []
    for module, given in MEASUREMENTS.items():
        if not set(given) & set(rows):
            continue
        print(f"measuring {module}", file=sys.stderr, flush=True)
        done = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *(["--short"] * short)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        found += [each for each in taken_over(done.stdout) if each.row in rows]
    return found


def main() -> int:
    """Measure, and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench",
        description="Measures Podero beside its peers, in turns, in CPU time.",
    )
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"only these: {', '.join(ROWS)}"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 where a bar is not met"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="less of everything, for CI; with --check only ratios of twice their bar fail",
    )
    parser.add_argument(
        "--write", action="store_true", help="put table and chart into docs/"
    )
    asked = parser.parse_args()
    if unknown := set(asked.rows) - set(ROWS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    figures = measure(asked.rows or ROWS, short=asked.short)
    print(table(figures))
    if asked.write:
        write(figures, Path("docs"))
    failed = [
        each.row
        for each in figures
        if not (each.is_nearly_met if asked.short else each.is_met)
    ]
    if failed:
        print(f"not met: {', '.join(failed)}")
    return 1 if asked.check and failed else 0


if __name__ == "__main__":
    sys.exit(main())
