"""What the recorder holds already, and what becomes of it."""

from datetime import timedelta
import logging

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.components.recorder import get_instance
from homeassistant.core import HomeAssistant
from simulator import Device, Simulator
from tests.common import make_entry, pass_time, set_up

from .past import (
    BEGIN,
    EIGHTEENTH,
    END,
    HOUR,
    assert_true,
    call,
    imported,
    known_statistics,
    statistic_id,
    statistics,
    this_hour,
)

pytestmark = pytest.mark.usefixtures("vienna")


async def test_sums_that_a_crash_left_behind(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """A span written without moving what comes after it is mended by the next import."""
    await set_up(hass, entry)
    await imported(hass)
    begin = BEGIN + timedelta(hours=10)
    get_instance(hass).async_adjust_statistics(
        statistic_id(inverter, "home_energy"), begin, 12.5, "kWh"
    )
    await call(
        hass,
        entry,
        "import_history",
        inverter,
        start_date="2026-05-18",
        end_date="2026-05-18",
    )
    await assert_true(hass, simulator, [inverter], EIGHTEENTH, END)


async def test_price_in_another_unit(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Prices in another unit than those that there are are left out; nothing is deleted."""
    caplog.set_level(logging.INFO)
    simulator.conventions.update(tells_units=False)
    await set_up(hass, entry)
    await imported(hass)
    prices = await statistics(hass, inverter, "price", BEGIN)
    assert await price_unit(hass, inverter) == "EUR/MWh"

    for unit in ("ct/kWh", "EUR/kWh", "ct/kWh"):
        simulator.conventions.update(tells_units=True, price_unit=unit)
        await pass_time(hass, now, HOUR)
        assert await statistics(hass, inverter, "price", BEGIN) == prices
        assert await price_unit(hass, inverter) == "EUR/MWh"
    await call(hass, entry, "import_history", inverter, start_date="2026-05-20")
    assert await statistics(hass, inverter, "price", BEGIN) == prices
    assert await price_unit(hass, inverter) == "EUR/MWh"
    # Each unit is told once.
    told = [each for each in caplog.messages if "left out" in each]
    assert len(told) == 2
    # An answer that names no unit means the same as those before, or the usual one.
    simulator.conventions.update(tells_units=False, price_unit="EUR/MWh")
    await pass_time(hass, now, HOUR)
    again = await statistics(hass, inverter, "price", BEGIN)
    assert again[: len(prices)] == prices
    assert len(again) == 48 + 4
    await assert_energies(hass, simulator, inverter)


async def test_price_in_the_households_unit(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: Device,
) -> None:
    """Where the answer names no unit, the one that the household set holds; a named one goes before it."""
    simulator.conventions.update(tells_units=False, price_unit="ct/kWh")
    prices = {"import_price": "none", "export_price": "none", "price_unit": "ct/kWh"}
    entry = make_entry(simulator, history_days=2, prices=prices)
    await set_up(hass, entry)
    await imported(hass)
    rows = await statistics(hass, inverter, "price", BEGIN)
    assert len(rows) == 48
    assert await price_unit(hass, inverter) == "ct/kWh"

    # Another setting is another unit: what is recorded stays as it is.
    [household] = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry,
        household,
        data={**household.data, "prices": {**prices, "price_unit": "EUR/kWh"}},
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, now, HOUR)
    assert await statistics(hass, inverter, "price", BEGIN) == rows
    # Until Podero says better.
    simulator.conventions.update(tells_units=True)
    await pass_time(hass, now, HOUR)
    again = await statistics(hass, inverter, "price", BEGIN)
    assert again[: len(rows)] == rows
    assert len(again) == 48 + 2
    assert await price_unit(hass, inverter) == "ct/kWh"


async def test_another_name(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """Statistics take the name that the device has now."""
    await set_up(hass, entry)
    await imported(hass)
    model = {"manufacturer": "Fronius", "model": "Verto", "year": 2026}
    simulator.override(inverter.id, device_model=model)
    await pass_time(hass, now, timedelta(minutes=6))
    await pass_time(hass, now, HOUR)
    known = await known_statistics(hass)
    solar = known[statistic_id(inverter, "solar_energy")]
    assert solar["name"] == "Fronius Verto Solar energy"


async def test_very_long_names(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
) -> None:
    """A name fits where databases keep it."""
    long = {"manufacturer": "M" * 255, "model": "N" * 255, "year": 2026}
    simulator.override(inverter.id, device_model=long)
    await set_up(hass, entry)
    await imported(hass)
    known = await known_statistics(hass)
    names = {each["name"] for each in known.values() if each["name"][0] == "M"}
    # Each tells the statistics of a device from one another.
    assert len(names) == len([each for each in known if inverter.id[:8] in each])
    assert max(map(len, names)) == 255
    assert "solar_energy" in {each.partition("_")[2] for each in known}


@pytest.mark.parametrize("name", ["x" * 33, "[a](b)" * 20])
async def test_what_is_no_unit(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: Device,
    name: str,
) -> None:
    """A text that no unit is as long as does not become the statistic's unit."""
    simulator.conventions.update(price_unit_name=name)
    await set_up(hass, entry)
    await imported(hass)
    assert await price_unit(hass, inverter) == "EUR/MWh"


async def assert_energies(
    hass: HomeAssistant, simulator: Simulator, device: Device
) -> None:
    """Compare the energies only: the truth knows prices in one unit."""
    for kind in ("solar_energy", "home_energy"):
        rows = await statistics(hass, device, kind, BEGIN, this_hour())
        truth = simulator.energy(device.id, BEGIN, this_hour())[kind]
        assert rows[-1]["sum"] == pytest.approx(truth, rel=1e-6)


async def price_unit(hass: HomeAssistant, inverter: Device) -> str:
    """Return what prices are in."""
    known = await known_statistics(hass)
    unit = known[statistic_id(inverter, "price")]["statistics_unit_of_measurement"]
    assert isinstance(unit, str)
    return unit
