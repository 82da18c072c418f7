"""What time it is: always the same summer afternoon, so that the pictures stay the same.

The servers run under libfaketime, which scripts/e2e unpacks; the browser's pages get
a shifted ``Date``. Without the library all of it happens in the present.
"""

from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path

from scripts.demonstration.home_assistant import ROOT

# A sunny Wednesday in September, 14:52 in Vienna. The car has come home and waits for its plan, and
# the month has seen some charging.
AFTERNOON = datetime(2026, 9, 16, 12, 52, tzinfo=UTC)

LIBRARY: Path | None = next(
    chain(
        (ROOT / ".tools" / "faketime").rglob("libfaketime.so.1"),
        Path("/usr/lib").glob("*/faketime/libfaketime.so.1"),
    ),
    None,
)
OFFSET = AFTERNOON - datetime.now(UTC) if LIBRARY else timedelta()

# For the servers.
ENVIRONMENT = (
    {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME": f"{OFFSET.total_seconds():+.0f}",
        # Only the calendar is shifted: neither timers nor the times of files.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
        # Its remedy for older C libraries lets Python's threads spin in newer ones.
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
    }
    if LIBRARY
    else {}
)

# For the browser's pages.
SCRIPT = f"""
(() => {{
  const offset = {OFFSET.total_seconds() * 1000:.0f};
  const now = () => RealDate.now() + offset;
  const RealDate = Date;
  globalThis.Date = new Proxy(RealDate, {{
    construct: (target, given, made) =>
      Reflect.construct(target, given.length ? given : [now()], made),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  }});
}})();
"""
