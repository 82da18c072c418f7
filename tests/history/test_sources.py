"""Where the past comes from: an inverter's series, a car's sessions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.podero.api import (
    ElectricVehicle,
    Inverter,
    PoderoAuthenticationError,
    PoderoClient,
    PoderoResponseError,
    PriceZone,
    Resolution,
    Savings,
)
from custom_components.podero.history import SavingsSource
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from simulator import Device, Simulator
from tests.common import make_entry, pass_time, set_up

from .past import (
    BEGIN,
    END,
    HOUR,
    PRECISION,
    assert_true,
    call,
    everything,
    hang_up,
    hourly,
    imported,
    known_statistics,
    only_with_keywords,
    statistic_id,
    statistics,
    this_hour,
)

pytestmark = pytest.mark.usefixtures("vienna")


@pytest.mark.parametrize("reading", ["times only", "nothing", "refused"])
async def test_series_wants_keywords(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    reading: str,
) -> None:
    """Where Podero gives no values without keywords, they are asked for by name."""
    only_with_keywords(simulator, reading)
    await set_up(hass, entry)
    await imported(hass)
    rows = await everything(hass, inverter)
    # Prices are not among the keywords that Podero documents.
    assert {kind for kind, found in rows.items() if not found} == {"price"}
    truth = simulator.energy(inverter.id, BEGIN, END)
    assert rows["home_energy"][-1]["sum"] == pytest.approx(truth["home_energy"])
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    [request] = simulator.requests.find("/data$")
    assert request.query["keywords"].split(",") == [
        "export_power_to_grid_w",
        "battery_charge_level_percent",
        "battery_charge_discharge_power_w",
        "household_consumption_w",
        "solar_production_w",
    ]


async def test_device_that_is_silent_for_a_while(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """An answer full of nulls does not cost the prices of better days."""
    silence = simulator.distort("null")
    await set_up(hass, entry)
    await imported(hass)
    assert not any((await hourly(hass, inverter)).values())
    simulator.distortions.remove(silence)
    await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [inverter], BEGIN, this_hour())


async def test_export_only(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A series that tells the export only gives the same import."""
    simulator.conventions.update(series_grid="export_only")
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, END)


async def test_without_a_battery(hass: HomeAssistant, simulator: Simulator) -> None:
    """An inverter without a battery has no statistics of one."""
    [inverter] = simulator.households[1].inverters
    await set_up(hass, make_entry(simulator, 1, history_days=2))
    await imported(hass)
    rows = await everything(hass, inverter)
    assert {kind for kind, found in rows.items() if not found} == {
        "battery_charge_energy",
        "battery_discharge_energy",
        "battery_level",
    }


@pytest.mark.parametrize("sessions_by", ["plug_in", "end"])
async def test_sessions_corrected_later(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
    sessions_by: str,
) -> None:
    """A session that is set right, or taken back, corrects its statistics."""
    simulator.conventions.update(sessions_by=sessions_by)
    await set_up(hass, entry)
    await imported(hass)
    session = simulator.sessions(car)[-1]
    simulator.correct_session(
        session["id"],
        energy_charged_kwh=3.5,
        actual_cost_eur=None,
        actual_savings_eur=None,
        expected_savings_eur=0.75,
    )
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    rows = await everything(hass, car)
    truth = simulator.energy(car.id, BEGIN, END)
    assert rows["charging_energy"][-1]["sum"] == pytest.approx(truth["charging_energy"])
    assert rows["charging_cost"][-1]["sum"] == pytest.approx(
        truth["charging_cost"], abs=1e-9
    )
    # Savings that are not known yet are the expected ones.
    assert rows["charging_savings"][-1]["sum"] == pytest.approx(
        truth["charging_savings"] + 0.75
    )
    simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())


async def test_sessions_gone_for_a_moment(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: Device,
) -> None:
    """An answer without any session takes nothing away; one that fails is asked for again."""
    await set_up(hass, entry)
    await imported(hass)
    before = await everything(hass, car)
    assert any(before.values())
    for fault in ({"status": 200, "body": {"total": 0, "items": []}}, {"status": 503}):
        simulator.fail("/sessions$", **fault)
        await pass_time(hass, now, HOUR)
        assert await everything(hass, car) == before
        simulator.heal()
    for _ in range(2):
        await pass_time(hass, now, HOUR)
    await assert_true(hass, simulator, [car], BEGIN, this_hour())


PRICES = {
    "import_price": "podero",
    "price_unit": "EUR/MWh",
    "surcharge": 0.12,
    "tax": 20,
    "export_price": "fixed",
    "export_fixed": 0.07,
}


def costs_of(
    simulator: Simulator,
    device: Device,
    start: datetime,
    end: datetime,
    *,
    surcharge: float = 0.12,
    compensation: float = 0.07,
) -> dict[str, float]:
    """Return what the grid's energy came to, quarter by quarter, with those prices."""
    rows = simulator.rows(
        device, int(start.timestamp()), int(end.timestamp()), served=False
    )
    drawn, fed = 0.0, 0.0
    for row in rows.values():
        kwh = (row["export_power_to_grid_w"] or 0) / 4000
        drawn += max(0, -kwh) * (row["price"] / 1000 + surcharge) * 1.2
        fed += max(0, kwh) * compensation
    return {"grid_import_cost": drawn, "grid_export_compensation": fed}


async def costs(
    hass: HomeAssistant, device: Device, start: datetime, end: datetime
) -> dict[str, float]:
    """Return what the recorder says that it came to."""
    return {
        kind: sum(
            row["change"] for row in await statistics(hass, device, kind, start, end)
        )
        for kind in ("grid_import_cost", "grid_export_compensation")
    }


async def test_costs(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """The grid's energy is money, also where quarters came late, in Home Assistant's currency."""
    simulator.distort(
        "preliminary",
        start=END - timedelta(hours=20),
        end=END - timedelta(hours=3),
        until=END + timedelta(hours=2),
    )
    simulator.distort("late", seconds=5400)
    entry = make_entry(simulator, history_days=2, prices=PRICES)
    await set_up(hass, entry)
    await imported(hass)
    simulator.distortions.clear()
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    end = this_hour()
    expected = costs_of(simulator, inverter, BEGIN, end)
    assert min(expected.values()) > 0.1
    assert await costs(hass, inverter, BEGIN, end) == pytest.approx(expected, abs=1e-6)
    known = await known_statistics(hass)
    for kind in expected:
        found = known[statistic_id(inverter, kind)]
        assert found["statistics_unit_of_measurement"] == "EUR"
        assert found["has_sum"]
    # The same again changes nothing.
    before = await statistics(hass, inverter, "grid_import_cost", BEGIN, end)
    await call(hass, entry, "import_history", inverter, start_date="2026-05-19")
    again = await statistics(hass, inverter, "grid_import_cost", BEGIN, end)
    assert again == before


@pytest.mark.parametrize(
    ("change", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)],
    ids=["the clocks go on", "the clocks go back"],
)
@pytest.mark.parametrize(
    "prices",
    [PRICES, PRICES | {"export_price": "podero"}],
    ids=["fixed compensation", "the market's"],
)
async def test_costs_over_a_change_of_the_clocks(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    change: date,
    hours: int,
    prices: dict[str, Any],
) -> None:
    """Each hour costs the sum of its quarters to 1e-6, as does the local day, and so it stays when imported again."""
    day, after = (
        dt_util.start_of_local_day(change + timedelta(days=ahead)) for ahead in (0, 1)
    )
    assert dt_util.as_utc(after) - dt_util.as_utc(day) == timedelta(hours=hours)
    freezer.move_to(dt_util.as_utc(after) + timedelta(hours=13, minutes=7))
    simulator = Simulator(seed=2, households=2, days=5)
    await simulator.start()
    [inverter] = simulator.households[1].inverters
    entry = make_entry(simulator, 1, history_days=3, prices=prices)
    await set_up(hass, entry)
    await imported(hass)
    start, end = this_hour() - timedelta(days=3), this_hour()

    async def check() -> dict[str, list[dict[str, Any]]]:
        found = {}
        for kind in ("grid_import_cost", "grid_export_compensation"):
            truth = simulator.costs(inverter.id, start, end, prices)
            rows = await statistics(hass, inverter, kind, start, end)
            assert {
                f"{dt_util.utc_from_timestamp(row['start']):%FT%TZ}": row["change"]
                for row in rows
            } == {
                hour["start"]: pytest.approx(hour[kind], abs=PRECISION)
                for hour in truth["hours"]
            }
            assert len(rows) == 72
            assert sum(row["change"] for row in rows) == pytest.approx(
                truth[kind], abs=PRECISION
            )
            # The day that is not as long as others, as the Energy dashboard has it.
            whole = simulator.costs(inverter.id, day, after, prices)
            days = await statistics(hass, inverter, kind, day, after, "day")
            assert days[0]["start"] == day.timestamp()
            assert len(whole["hours"]) == hours
            assert abs(whole[kind]) > 0.01
            assert days[0]["change"] == pytest.approx(whole[kind], abs=PRECISION)
            found[kind] = rows
        return found

    async def import_days(first: datetime, last: datetime) -> None:
        dates = {
            "start_date": dt_util.as_local(first).date().isoformat(),
            "end_date": dt_util.as_local(last).date().isoformat(),
        }
        await call(hass, entry, "import_history", inverter, **dates)

    await check()
    # It begins some hours earlier, which moves all sums.
    await import_days(start, end)
    before = await check()
    for span in ((start, end), (day, day)):
        await import_days(*span)
        assert await check() == before
    await pass_time(hass, freezer, HOUR)
    assert await check() == before
    await hang_up(simulator)
    await simulator.stop()


async def test_new_prices(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """New prices hold for the hours that are imported from then on; by hand a span is priced anew."""
    entry = make_entry(simulator, history_days=2)
    await set_up(hass, entry)
    await imported(hass)
    assert await costs(hass, inverter, BEGIN, END) == {
        "grid_import_cost": 0,
        "grid_export_compensation": 0,
    }

    async def change(**prices: Any) -> None:
        [subentry] = entry.subentries.values()
        hass.config_entries.async_update_subentry(
            entry, subentry, data={**subentry.data, "prices": {**PRICES, **prices}}
        )
        await hass.async_block_till_done()
        await imported(hass)

    # Of what was imported without prices nothing is priced.
    await change()
    await pass_time(hass, now, timedelta(hours=12))
    middle = this_hour()
    first = costs_of(simulator, inverter, END, middle)
    assert await costs(hass, inverter, BEGIN, END) == {
        "grid_import_cost": 0,
        "grid_export_compensation": 0,
    }
    assert await costs(hass, inverter, END, middle) == pytest.approx(first)

    # A night and a day later with other prices the first ones still hold, restart or not.
    await change(surcharge=0.5, export_fixed=0.01)
    new = {"surcharge": 0.5, "compensation": 0.01}
    for _ in range(2):
        await hass.config_entries.async_reload(entry.entry_id)
        await pass_time(hass, now, timedelta(hours=12))
    end = this_hour()
    second = costs_of(simulator, inverter, middle, end, **new)
    assert min(second.values()) > 0.01
    assert await costs(hass, inverter, END, middle) == pytest.approx(first)
    assert await costs(hass, inverter, middle, end) == pytest.approx(second)

    # By hand the whole span is priced anew, and stays so.
    await call(hass, entry, "import_history", inverter, start_date="2026-05-20")
    for _ in range(2):
        assert await costs(hass, inverter, END, end) == pytest.approx(
            costs_of(simulator, inverter, END, end, **new)
        )
        await pass_time(hass, now, HOUR)


async def test_late_quarters_of_an_hour_priced_before(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """An hour whose energy is corrected after the prices changed is priced by those of now."""
    late = simulator.distort("late", seconds=5400)
    entry = make_entry(
        simulator,
        history_days=2,
        prices={"export_price": "fixed", "export_fixed": 0.3},
    )
    end = END - timedelta(hours=1)
    now.move_to(end + timedelta(minutes=7))
    await set_up(hass, entry)
    await imported(hass)
    [subentry] = entry.subentries.values()
    prices = {"export_price": "fixed", "export_fixed": 0.6}
    simulator.distortions.remove(late)
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "prices": prices}
    )
    await hass.async_block_till_done()
    await imported(hass)
    rows = await statistics(hass, inverter, "grid_export_compensation", BEGIN, end)
    energies = await statistics(hass, inverter, "grid_export_energy", BEGIN, end)
    assert len(rows) == 47
    for row, energy in zip(rows, energies, strict=True):
        is_late = row["start"] >= (end - timedelta(hours=2)).timestamp()
        assert energy["state"] > 0 or not is_late
        assert row["state"] == pytest.approx(
            energy["state"] * (0.6 if is_late else 0.3)
        )


async def savings_of(
    client: PoderoClient, entry: MockConfigEntry, device: Device
) -> dict[date, float]:
    """Return what Podero says that was saved, by day."""
    [subentry] = entry.subentries.values()
    answer = await client.savings(
        Inverter,
        subentry.data["user_id"],
        device.id,
        start=BEGIN - timedelta(days=90),
        end=dt_util.utcnow(),
        resolution=Resolution.DAY,
    )
    return {period.start.date(): period.total or 0.0 for period in answer.periods}


def asked_by_day(simulator: Simulator, device: Device) -> int:
    """Return how often a device's savings by the day were asked for."""
    return sum(
        request.query["resolution"] == "1DAY"
        for request in simulator.requests.find(f"{device.id}/savings$")
    )


async def recorded_savings(hass: HomeAssistant, device: Device) -> dict[date, float]:
    """Return what the recorder says that was saved, by local day."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    rows = await statistics(hass, device, "savings", begin)
    days = [dt_util.as_local(dt_util.utc_from_timestamp(row["start"])) for row in rows]
    assert all((day.hour, day.minute) == (0, 0) for day in days)
    return {day.date(): row["state"] for day, row in zip(days, rows, strict=True)}


async def test_savings(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
) -> None:
    """Each day's savings are one row, corrected for 35 days back, but not before the start."""
    simulator = Simulator(seed=1, days=80)
    await simulator.start()
    [inverter] = simulator.households[0].inverters
    entry = make_entry(simulator, history_days=60)
    await set_up(hass, entry)
    await imported(hass)
    client = entry.runtime_data.client
    truth = await savings_of(client, entry, inverter)
    found = await recorded_savings(hass, inverter)
    # The first day began before the start.
    assert min(found) == (END - timedelta(days=59)).date()
    assert found == pytest.approx(
        {day: total for day, total in truth.items() if day >= min(found)}
    )
    assert len(found) == 60 and any(found.values())
    known = await known_statistics(hass)
    unit = known[statistic_id(inverter, "savings")]["statistics_unit_of_measurement"]
    assert unit == "EUR"

    # What is different now is so for the last 35 days; they are asked for every 6 hours.
    original = simulator.rows

    def dear(*args: Any, **kwargs: Any) -> Any:
        rows = original(*args, **kwargs)
        return {
            at: row if row["price"] is None else {**row, "price": 2 * row["price"]}
            for at, row in rows.items()
        }

    simulator.rows = dear
    simulator.requests.clear()
    for _ in range(7):
        await pass_time(hass, now, HOUR)
    assert asked_by_day(simulator, inverter) == 1
    corrected = await savings_of(client, entry, inverter)
    after = await recorded_savings(hass, inverter)
    oldest = (END - timedelta(days=35)).date()
    for day, total in after.items():
        expected = corrected[day] if day > oldest else found.get(day)
        assert total == pytest.approx(expected), day
    assert after != found
    assert min(after) == min(found)
    # Sums run on.
    rows = await statistics(hass, inverter, "savings", BEGIN - timedelta(days=90))
    assert rows[-1]["sum"] == pytest.approx(sum(after.values()))
    await hass.config_entries.async_unload(entry.entry_id)
    await hang_up(simulator)
    await simulator.stop()


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_savings_that_are_not_there(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """A household without savings has the rest; they are asked for again after a day."""
    caplog.set_level(logging.INFO, "custom_components.podero")
    simulator.fail("/savings$", status=status)
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, END)
    assert not await recorded_savings(hass, inverter)
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(hours=12))
    assert asked_by_day(simulator, inverter) == 0
    simulator.heal()
    await pass_time(hass, now, timedelta(hours=13))
    assert asked_by_day(simulator, inverter) >= 1
    assert len(await recorded_savings(hass, inverter)) == 3
    said = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("custom_components.podero")
    ]
    assert not [line for line in said if "avings" in line]


@pytest.mark.parametrize(
    "fault", [{"status": 503}, {"status": 400}, {"status": 200, "body": "no"}]
)
async def test_savings_that_fail(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    fault: dict[str, Any],
) -> None:
    """Savings that cannot be had leave the series alone, and come when they can."""
    simulator.fail("/savings$", **fault)
    await set_up(hass, entry)
    await imported(hass)
    await assert_true(hass, simulator, [inverter], BEGIN, END)
    assert not await recorded_savings(hass, inverter)
    simulator.heal()
    for _ in range(7):
        await pass_time(hass, now, HOUR)
    assert len(await recorded_savings(hass, inverter)) == 2


async def test_savings_with_refused_credentials(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A sign-in that is no longer good is told, whatever was asked for."""
    await set_up(hass, entry)
    await imported(hass)
    source = entry.runtime_data.device(inverter.id).source
    simulator.fail("/savings$", status=401)
    with pytest.raises(PoderoAuthenticationError):
        await source.async_hours(BEGIN, END)


async def test_old_savings_that_fail(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: Device
) -> None:
    """A span that no later import looks back to is marked to be asked for again."""
    await set_up(hass, entry)
    await imported(hass)
    source = entry.runtime_data.device(inverter.id).source
    old = (END - timedelta(days=50), END - timedelta(days=40))
    for fault, is_partial in (({"status": 503}, True), ({"status": 400}, False)):
        simulator.fail("/savings$", **fault)
        assert (await source.async_hours(*old)).is_partial is is_partial
        assert not (await source.async_hours(BEGIN, END)).is_partial
        simulator.heal()
    assert not (await source.async_hours(*old)).is_partial


async def test_source_of_savings_alone(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, car: Device
) -> None:
    """A device without a series, such as a heat pump, may have savings all the same."""
    await set_up(hass, entry)
    [subentry] = entry.subentries.values()
    zone = PriceZone.SE_1
    source = SavingsSource(
        entry.runtime_data.client,
        ElectricVehicle,
        subentry.data["user_id"],
        car.id,
        price_zone=lambda: zone,
    )
    hours = await source.async_hours(BEGIN, END)
    assert source.kinds == ("savings",)
    assert source.pricing is None
    assert hours.found == {
        int(datetime(2026, 5, day, 22, tzinfo=UTC).timestamp()) for day in (18, 19)
    }
    # Without a unit it depends on the price zone whether the currency is known.
    original = Savings.parse
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Savings, "parse", lambda value: replace(original(value), unit=None)
        )
        assert (await source.async_hours(BEGIN, END)).found == set()
        zone = PriceZone.AT
        assert (await source.async_hours(BEGIN, END)).found == hours.found
    simulator.fail("/savings$", status=503)
    with pytest.raises(PoderoResponseError):
        await source.async_hours(BEGIN, END)
