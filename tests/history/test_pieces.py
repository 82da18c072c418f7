"""get_history: spans that do not fit one answer, and the same values as the statistics."""

from collections import defaultdict
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from simulator import Device, Simulator
from tests.common import make_entry, set_up

from .past import (
    BEGIN,
    END,
    Refusals,
    call,
    hang_up,
    imported,
    only_with_keywords,
    spans,
    starts,
    statistics,
)

pytestmark = pytest.mark.usefixtures("vienna")


async def history(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    device: Device,
    start: datetime,
    end: datetime = END,
    **data: Any,
) -> dict[str, dict[str, Any]]:
    """Return the points of get_history by their time."""
    answer = await call(
        hass,
        entry,
        "get_history",
        device,
        start=start.isoformat(),
        end=end.isoformat(),
        **data,
    )
    times = [point["time"] for point in answer["points"]]
    assert times == sorted({*times})
    return {point["time"]: point for point in answer["points"]}


@pytest.fixture
async def long_past(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud that knows two years."""
    simulator = Simulator(seed=1, days=740)
    await simulator.start()
    yield simulator
    await hang_up(simulator)
    await simulator.stop()


async def test_two_years(hass: HomeAssistant, long_past: Simulator) -> None:
    """The longest span is asked for in pieces, and comes as one."""
    [device] = long_past.households[0].inverters
    entry = make_entry(long_past)
    await set_up(hass, entry)
    await imported(hass)
    long_past.requests.clear()
    start = END - timedelta(days=731)
    points = await history(hass, entry, device, start)
    assert [*points] == [
        (start + timedelta(minutes=15 * quarter)).isoformat()
        for quarter in range(731 * 96)
    ]
    assert long_past.requests.count("/data$") == 8
    truth = long_past.energy(device.id, start, END)
    assert sum(
        point["solar_power"] for point in points.values()
    ) / 4000 == pytest.approx(truth["solar_energy"])
    # Longer buckets are fewer: only what Podero itself finds too long is cut.
    long_past.requests.clear()
    days = await history(hass, entry, device, start, resolution="1DAY")
    assert len(days) == 732
    assert long_past.requests.count("/data$", status=400) == 2
    assert long_past.requests.count("/data$", status=200) == 4


@pytest.mark.parametrize(
    ("resolution", "hours"),
    [("15MIN", 0.25), ("1HOUR", 1), ("1DAY", 24), ("1WEEK", 168)],
)
async def test_pieces_that_podero_allows(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    inverter: Device,
    resolution: str,
    hours: float,
) -> None:
    """What Podero finds too long is halved, cut where its buckets begin, and asked for no oftener than need be."""
    start = datetime(2026, 1, 5, tzinfo=UTC)
    end = start + timedelta(weeks=19)
    whole = await history(hass, loaded, inverter, start, end, resolution=resolution)
    assert len(whole) > 0
    simulator.conventions.update(max_span_days=30)
    simulator.requests.clear()
    again = await history(hass, loaded, inverter, start, end, resolution=resolution)
    assert again == whole
    assert simulator.requests.count("/data$", status=400) <= 3
    assert simulator.requests.count("/data$") <= 12
    accepted = starts(simulator, status=200)
    assert all(
        (begin - start) % timedelta(hours=hours) == timedelta(0) for begin in accepted
    )


async def test_months_are_not_cut(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """Months are asked for as wholes, and a cloud that refuses even those is believed."""
    start = datetime(2026, 1, 20, tzinfo=UTC)
    whole = await history(hass, loaded, inverter, start, resolution="1MONTH")
    simulator.conventions.update(max_span_days=31)
    simulator.requests.clear()
    assert await history(hass, loaded, inverter, start, resolution="1MONTH") == whole
    assert [*map(datetime.isoformat, starts(simulator, status=200))] == [
        "2026-05-01T00:00:00+00:00",
        "2026-04-01T00:00:00+00:00",
        "2026-03-01T00:00:00+00:00",
        "2026-02-01T00:00:00+00:00",
        "2026-01-20T00:00:00+00:00",
    ]
    simulator.conventions.update(max_span_days=8)
    with pytest.raises(HomeAssistantError):
        await history(hass, loaded, inverter, start, resolution="1MONTH")


async def test_before_the_first_day(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """What Podero refuses because it is from before the device's first day is left out."""
    first = END - timedelta(hours=50)
    whole = await history(hass, loaded, inverter, first)
    Refusals(simulator, lambda start, end: start < first.timestamp())
    simulator.requests.clear()
    found = await history(hass, loaded, inverter, END - timedelta(days=700))
    # The day in which the data begins is refused as a whole.
    assert found.items() <= whole.items()
    assert len(found) >= 24 * 4
    assert simulator.requests.count("/data$") <= 24


async def test_a_day_that_is_refused(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """One day that Podero cannot give costs no more than the two around it."""
    whole = await history(hass, loaded, inverter, END - timedelta(days=4))
    broken = (END - timedelta(hours=40)).timestamp()
    Refusals(simulator, lambda start, end: start <= broken < end)
    found = await history(hass, loaded, inverter, END - timedelta(days=20))
    assert found.items() <= whole.items()
    oldest, newest = min(found), max(found)
    assert (oldest, newest) == (min(whole), max(whole))
    assert len(whole) - len(found) <= 2 * 96


async def test_refused_for_good(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """If Podero refuses everything it is said, after few requests; so is any other error."""
    simulator.fail("/data$", status=400, body={"error": "no such thing"})
    simulator.requests.clear()
    with pytest.raises(HomeAssistantError):
        await history(hass, loaded, inverter, END - timedelta(days=731))
    assert simulator.requests.count("/data$") <= 32
    simulator.heal()
    simulator.fail("/data$", status=503)
    with pytest.raises(HomeAssistantError):
        await history(hass, loaded, inverter, END - timedelta(days=2))


@pytest.mark.parametrize("reading", ["times only", "nothing", "refused"])
async def test_keywords_are_learnt_once(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    reading: str,
) -> None:
    """What the import has learnt of the keywords holds for get_history too."""
    only_with_keywords(simulator, reading)
    await set_up(hass, entry)
    await imported(hass)
    simulator.requests.clear()
    assert await history(hass, entry, inverter, BEGIN)
    [request] = simulator.requests.find("/data$")
    assert "household_consumption_w" in request.query["keywords"]


async def test_the_same_hour_is_the_same_energy(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """The sign of the export is judged by the hour, in get_history as in the statistics."""
    simulator.conventions.update(series_grid="export_only")
    original = simulator.rows
    # One hour of the series says imports, at its second quarter; the others say 0.
    signed = int((END - timedelta(hours=10)).timestamp()) // 900 + 1

    def rows(device: Device, start: int, end: int, **kwargs: Any) -> Any:
        found = original(device, start, end, **kwargs)
        if signed in found:
            found[signed] = dict(found[signed]) | {"export_power_to_grid_w": -50.0}
        return found

    simulator.rows = rows
    await set_up(hass, entry)
    await imported(hass)
    points = await history(hass, entry, inverter, BEGIN)
    drawn = defaultdict[float, float](float)
    for time, point in points.items():
        hour = datetime.fromisoformat(time).replace(minute=0).timestamp()
        drawn[hour] += max(0, point["grid_power"]) / 4000
    recorded = await statistics(hass, inverter, "grid_import_energy", BEGIN, END)
    assert {row["start"]: row["state"] for row in recorded} == {
        hour: pytest.approx(kwh) for hour, kwh in drawn.items()
    }
    assert sum(kwh > 0 for kwh in drawn.values()) > 1
    # It does not depend on where the span begins or ends within an hour either.
    begin = datetime.fromtimestamp(signed * 900, UTC)
    for start, end, count in (
        (begin + timedelta(minutes=15), begin + timedelta(minutes=45), 2),
        (begin + timedelta(minutes=20), begin + timedelta(minutes=31), 2),
        (begin - timedelta(minutes=15), begin, 1),
    ):
        some = await history(hass, entry, inverter, start, end)
        assert some.items() <= points.items()
        assert len(some) == count
    # An hour that is not over is asked for as far as it is.
    simulator.requests.clear()
    await history(hass, entry, inverter, END, END + timedelta(minutes=7))
    assert spans(simulator) == [timedelta(minutes=7)]
