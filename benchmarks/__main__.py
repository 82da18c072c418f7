"""``python -m benchmarks``: measure what the documentation claims."""

import argparse
import sys

from benchmarks.history import compare


def main() -> int:
    """Measure, and return the exit status."""
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 where a claim does not hold"
    )
    asked = parser.parse_args()
    holds = compare()
    return 1 if asked.check and not holds else 0


if __name__ == "__main__":
    sys.exit(main())
