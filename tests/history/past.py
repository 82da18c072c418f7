"""Helpers of the tests of the history: import, and compare with what truly was."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Literal

from aiohttp import web
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.const import DOMAIN
from custom_components.podero.history import Importer
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Device, Fault, Request, Simulator, routes_series
from simulator.errors import bad_series
from simulator.web import answer
from tests.common import device_entry
from tests.conftest import NOON

# What an entry with two days of history imports when it is set up at noon.
END = NOON.replace(minute=0)
BEGIN = END - timedelta(days=2)
# When the day of 18 May begins in Vienna.
EIGHTEENTH = datetime(2026, 5, 17, 22, tzinfo=dt_util.UTC)
# When the simulator's data begins.
FIRST = datetime(2026, 5, 17, tzinfo=dt_util.UTC)
# Until whatever happens hourly has happened.
HOUR = timedelta(hours=1, minutes=1)
IMPORTED = "history_imported_until"

ENERGIES = (
    "solar_energy",
    "grid_import_energy",
    "grid_export_energy",
    "home_energy",
    "battery_charge_energy",
    "battery_discharge_energy",
)
LEVELS = ("battery_level", "price")
# By the day; the simulator's truth is by the hour.
SAVINGS = ("savings",)
CHARGING = ("charging_energy", "charging_cost", "charging_savings")
PRECISION = 1e-6

type Rows = list[dict[str, Any]]


async def imported(hass: HomeAssistant) -> None:
    """Wait until all imports that are under way have ended."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def begin_set_up(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add an entry and set it up; its imports may take as long as they like."""
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()


async def set_up_again(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Set an entry up that was unloaded, and wait for its imports."""
    assert await hass.config_entries.async_setup(entry.entry_id)
    await imported(hass)


async def until(condition: Callable[[], bool]) -> None:
    """Let everything run until something has come true."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            # Nothing tells of it: what is waited for happens in another thread, or in the cloud.
            await asyncio.sleep(0)


async def hang_up(simulator: Simulator) -> None:
    """Close all connections to the simulator: with the clock stopped it would wait for ever."""
    assert simulator._runner is not None and simulator._runner.server is not None
    for connection in simulator._runner.server.connections:
        if connection.transport is not None:
            connection.transport.close()
    await until(lambda: simulator.requests.running == 0)


def has_struck(fault: Fault) -> bool:
    """Return whether something has gone wrong as ordered."""
    return fault.struck > 0


def this_hour() -> datetime:
    """Return the beginning of the hour: the first that is not imported yet."""
    return dt_util.utcnow().replace(minute=0, second=0, microsecond=0)


def history(entry: MockConfigEntry, device: Device) -> Importer:
    """Return what imports a device's history."""
    importer: Importer = entry.runtime_data.device(device.id).importer
    return importer


def spans(simulator: Simulator) -> list[timedelta]:
    """Return how long the spans were that were asked for, one after the other."""
    return [
        _asked(request, "to_datetime") - _asked(request, "from_datetime")
        for request in simulator.requests.find("/data$")
        if "keywords" not in request.query
    ]


def starts(simulator: Simulator, **which: Any) -> list[datetime]:
    """Return from when on the series was asked for, each time."""
    return [
        _asked(request, "from_datetime")
        for request in simulator.requests.find("/data$", **which)
    ]


def _asked(request: Request, name: str) -> datetime:
    return datetime.fromisoformat(request.query[name])


def statistic_id(device: Device, kind: str) -> str:
    """Return the id that the documentation promises."""
    return f"podero:{device.id.replace('-', '')}_{kind}"


def kinds_of(device: Device) -> tuple[str, ...]:
    """Return the kinds of statistics that a device has."""
    return ENERGIES + LEVELS + SAVINGS if device.kind == "inverters" else CHARGING


async def known_statistics(hass: HomeAssistant) -> dict[str, dict[str, Any]]:
    """Return what the recorder knows of Podero's statistics, by their ids."""
    listed = await get_instance(hass).async_add_executor_job(list_statistic_ids, hass)
    return {each["statistic_id"]: each for each in listed if each["source"] == DOMAIN}


async def statistics(
    hass: HomeAssistant,
    device: Device,
    kind: str,
    start: datetime,
    end: datetime | None = None,
    period: Literal["hour", "day", "week", "month"] = "hour",
) -> Rows:
    """Return what the recorder says of one statistic."""
    found = await get_instance(hass).async_add_executor_job(
        lambda: statistics_during_period(
            hass,
            start,
            end,
            {statistic_id(device, kind)},
            period,
            None,
            {"change", "sum", "state", "mean", "min", "max"},
        )
    )
    return [dict(row) for row in found.get(statistic_id(device, kind), [])]


async def everything(hass: HomeAssistant, device: Device) -> dict[str, Rows]:
    """Return all that the recorder holds of a device, hour by hour."""
    begin = datetime(2020, 1, 1, tzinfo=dt_util.UTC)
    return {
        kind: await statistics(hass, device, kind, begin) for kind in kinds_of(device)
    }


async def hourly(hass: HomeAssistant, device: Device) -> dict[str, Rows]:
    """Return all that the recorder holds of a device, but what is by the day."""
    rows = await everything(hass, device)
    return {kind: rows[kind] for kind in kinds_of(device) if kind not in SAVINGS}


def months(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yield the months that a span touches, in Home Assistant's time zone, cut to it."""
    begin = start
    while begin < end:
        month = dt_util.start_of_local_day(dt_util.as_local(begin)).replace(day=1)
        following = dt_util.start_of_local_day(
            (month + timedelta(days=32)).date().replace(day=1)
        )
        yield begin, min(following, end)
        begin = following


async def assert_true(
    hass: HomeAssistant,
    simulator: Simulator,
    devices: Iterable[Device],
    start: datetime,
    end: datetime,
    *,
    served: bool = False,
) -> int:
    """Compare every month of every kind with what truly was; returns how many there were.

    Or, if Podero does not tell all of it yet, with what it serves; a mean of hours that
    have gaps is another one than that of the quarters, so then it is of the sums only.
    """
    compared = 0
    for device in devices:
        for kind in kinds_of(device):
            found = {
                row["start"]: row
                for row in await statistics(hass, device, kind, start, end, "month")
            }
            for begin, finish in months(start, end):
                if kind in SAVINGS or (served and kind in LEVELS):
                    continue
                truth = simulator.energy(device.id, begin, finish, served=served)[kind]
                month = dt_util.start_of_local_day(dt_util.as_local(begin)).replace(
                    day=1
                )
                row = found.get(month.timestamp(), {"change": 0.0})
                where = f"{kind} of {month:%Y-%m}"
                if isinstance(truth, dict):
                    for name, value in truth.items():
                        assert row[name] == pytest.approx(value, rel=PRECISION), where
                else:
                    assert row["change"] == pytest.approx(
                        truth, rel=PRECISION, abs=1e-9
                    ), where
                compared += 1
            rows = await statistics(hass, device, kind, start, end)
            if kind not in LEVELS + SAVINGS and rows:
                # No hour is lost or counted twice, whatever the months say.
                whole = simulator.energy(device.id, start, end, served=served)[kind]
                assert rows[-1]["sum"] - rows[0]["sum"] + rows[0]["state"] == (
                    pytest.approx(whole, rel=PRECISION)
                ), kind
                assert [row["start"] for row in rows] == sorted(
                    {row["start"] for row in rows}
                )
                for before, after in pairwise(rows):
                    assert after["sum"] == pytest.approx(
                        before["sum"] + after["state"], rel=1e-9, abs=1e-9
                    ), f"{kind} does not run on"
    return compared


async def call(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    action: str,
    device: Device,
    **data: Any,
) -> dict[str, Any]:
    """Call an action for a device and return its response."""
    registered = device_entry(hass, entry, device.id)
    assert registered is not None
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": registered.id, **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


def only_with_keywords(simulator: Simulator, reading: str) -> None:
    """Make the cloud give values only to those who name them."""
    [runner] = [simulator._runner]
    assert runner is not None

    @web.middleware
    async def picky(request: web.Request, handler: Any) -> web.StreamResponse:
        if not request.path.endswith("/data") or request.query.get("keywords"):
            return await handler(request)
        if reading == "refused":
            return answer({"error": "keywords are required"}, 400)
        await routes_series.get_series(request)
        times = [{"time": "2026-05-19T10:00:00Z"}] if reading == "times only" else []
        return answer({"metadata": {}, "data": times})

    runner.app._middlewares_handlers += ((picky, True),)


class Refusals:
    """A cloud that refuses spans by when they begin."""

    def __init__(self, simulator: Simulator, refused: Any) -> None:
        """Refuse what is to be refused from now on."""
        original = simulator.rows

        def rows(device: Device, start: int, end: int, **kwargs: Any) -> Any:
            if kwargs.get("served", True) and refused(start, end):
                raise bad_series("no data for this period")
            return original(device, start, end, **kwargs)

        simulator.rows = rows
