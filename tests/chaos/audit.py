"""What must be so in the end: every hour as it truly was, and nothing to be ashamed of in the log."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
import logging
import traceback
from typing import Any, override

import pytest

from homeassistant.util import dt as dt_util
from simulator import Device, Simulator
from tests.history.past import CHARGING, ENERGIES, LEVELS, PRECISION, statistic_id

HOUR = timedelta(hours=1)
COSTS = ("grid_import_cost", "grid_export_compensation")
# Money that is earned or saved may be lost again.
MAY_FALL = {*COSTS, "savings", "charging_savings"}
SAVINGS_REST = timedelta(hours=8)

OURS = "podero"


class LogBook(logging.Handler):
    """Remembers what should not be in the log.

    Attributes:
        errors: Those records, as texts.
    """

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__(logging.WARNING)
        self.errors: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Remember errors of ours, tracebacks that lead through our code, and lost tasks."""
        said = record.getMessage()
        traced = (
            "".join(traceback.format_exception(*record.exc_info))
            if record.exc_info and record.exc_info[0]
            else ""
        )
        is_error = record.levelno >= logging.ERROR
        is_ours = record.name.startswith(f"custom_components.{OURS}")
        # What it says of a database that is locked names the statistics.
        is_recorder = record.name.startswith("homeassistant.components.recorder")
        if (
            (is_ours and (is_error or traced))
            or f"custom_components/{OURS}" in traced + said
            or (is_error and record.name == "asyncio")
            or (is_error and not is_recorder and OURS in said.casefold())
        ):
            self.errors.append(f"{record.name}: {said}\n{traced}")


class Audit:
    """The comparison of all statistics with the truth.

    Attributes:
        hours: How many hours of how many statistics were compared.
        findings: What is wrong.
    """

    def __init__(self, simulator: Simulator, prices: Mapping[str, object]) -> None:
        """Begin an audit of what a simulator's households have imported."""
        self._simulator = simulator
        self._prices = prices
        self.hours = 0
        self.findings: list[str] = []

    def compare(
        self,
        device: Device,
        recorded: Mapping[str, list[dict[str, Any]]],
        begin: datetime,
        end: datetime,
    ) -> None:
        """Compare all statistics of a device between two times."""
        truth = self._truth(device, begin, end)
        for kind, hours in truth.items():
            rows = recorded.get(statistic_id(device, kind), [])
            by_hour = {row["start"]: row for row in rows}
            if len(by_hour) != len(rows):
                self._find(device, kind, "has an hour twice")
            wrong = [
                (hour, by_hour.get(hour), value)
                for hour, value in hours.items()
                if not _is_same(by_hour.get(hour), value)
            ]
            # A row that nobody knows of.
            wrong += [
                (hour, row, None)
                for hour, row in by_hour.items()
                if kind != "savings"
                and begin.timestamp() <= hour < end.timestamp()
                and hour not in hours
                and (row.get("state") or row.get("mean"))
            ]
            self.hours += len(hours)
            if wrong:
                hour, row, value = wrong[0]
                moment = dt_util.utc_from_timestamp(hour)
                self._find(
                    device,
                    kind,
                    f"{len(wrong)} of {len(hours)} hours are wrong, the first at "
                    f"{moment}, the last at {dt_util.utc_from_timestamp(wrong[-1][0])}"
                    f": {row} is not {value}",
                )
            if kind not in LEVELS:
                self._check_sums(device, kind, rows)

    def _check_sums(
        self, device: Device, kind: str, rows: list[dict[str, Any]]
    ) -> None:
        before = 0.0
        for row in rows:
            where = dt_util.utc_from_timestamp(row["start"])
            if row["sum"] != pytest.approx(before + row["state"], rel=1e-9, abs=1e-6):
                self._find(device, kind, f"the sum does not go on at {where}")
                return
            if row["sum"] < before - 1e-9 and kind not in MAY_FALL:
                self._find(device, kind, f"the sum falls at {where}")
                return
            before = row["sum"]

    def _find(self, device: Device, kind: str, what: str) -> None:
        self.findings.append(f"{kind} of {device.kind} {device.id}: {what}")

    def _truth(
        self, device: Device, begin: datetime, end: datetime
    ) -> dict[str, dict[float, Any]]:
        """Return what each hour of each statistic has to be."""
        truth: dict[str, dict[float, Any]] = defaultdict(dict)
        kinds = {
            "inverters": ENERGIES + LEVELS,
            "electric-vehicles": CHARGING,
        }.get(str(device.kind), ())
        hour = begin
        while kinds and hour < end:
            found = self._simulator.energy(device.id, hour, hour + HOUR)
            if found.get("quarters", 4):
                for kind in kinds:
                    # Neither a battery that there is not nor a session has rows.
                    if (value := found[kind]) or kind in ENERGIES[:4] + LEVELS[1:]:
                        truth[kind][hour.timestamp()] = value
            hour += HOUR
        if str(device.kind) == "inverters":
            self._add_costs(truth, device, begin, end)
        if str(device.kind) != "electric-vehicles" and str(device.kind) != "wallboxes":
            truth["savings"] = self._savings(device, begin)
        return truth

    def _add_costs(
        self,
        truth: dict[str, dict[float, Any]],
        device: Device,
        begin: datetime,
        end: datetime,
    ) -> None:
        costs = self._simulator.costs(device.id, begin, end, self._prices)
        hours = costs["hours"]
        assert isinstance(hours, list)
        for hour in hours:
            start = datetime.fromisoformat(hour["start"]).timestamp()
            for kind in COSTS:
                if hour[kind]:
                    truth[kind][start] = hour[kind]

    def _savings(self, device: Device, begin: datetime) -> dict[float, Any]:
        """Return the savings of the days that are well over, at their first hours."""
        found: dict[float, Any] = {}
        born = dt_util.utc_from_timestamp(device.created_at)
        day = dt_util.start_of_local_day(dt_util.as_local(max(begin, born)) + HOUR * 24)
        while True:
            following = dt_util.start_of_local_day(day + timedelta(hours=30))
            if following > dt_util.now() - SAVINGS_REST:
                return found
            saved = self._simulator.savings(device.id, day, following)["savings"]
            found[dt_util.as_utc(day).timestamp()] = saved
            day = following


def _is_same(row: Mapping[str, Any] | None, value: Any) -> bool:
    """Return whether a row is as it has to be; nothing at all is as good as nothing."""
    if row is None:
        return value is None
    if isinstance(value, dict):
        return all(
            row[name] == pytest.approx(number, rel=PRECISION, abs=1e-9)
            for name, number in value.items()
        )
    return bool(row["state"] == pytest.approx(value or 0.0, rel=PRECISION, abs=2e-6))
