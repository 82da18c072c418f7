"""Polling: how often, what is believed, and what an outage looks like."""

import asyncio
from datetime import timedelta
from itertools import pairwise
import logging
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.podero.const import DOMAIN
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from simulator import Simulator
from simulator.devices import to_list_item

from .common import (
    device_entry,
    device_ids,
    entity_id,
    make_entry,
    pass_time,
    set_up,
    state,
)

LISTS = "/(inverters|electric-vehicles)$"
HOUR = timedelta(hours=1)
INTEGRATION = "custom_components.podero"


@pytest.fixture(autouse=True)
def _inverters_and_cars_only(simulator: Simulator) -> None:
    """Let the organization have no other kinds; tests/test_household.py has them all."""
    simulator.conventions.absent = {
        "heat-pumps": 404,
        "wallboxes": 404,
        "charging-config": 404,
    }


async def polls(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    simulator: Simulator,
    path: str,
    *,
    step: float,
    steps: int,
) -> list[int]:
    """Let time pass in steps; returns the seconds between the polls of something."""
    simulator.requests.clear()
    for _ in range(steps):
        await pass_time(hass, now, step)
    return [
        second.at - first.at
        for first, second in pairwise(simulator.requests.find(f"{path}$"))
    ]


def ours(caplog: pytest.LogCaptureFixture) -> list[tuple[int, str]]:
    """Return the integration's records but for those that nobody sees by default."""
    return [
        (record.levelno, record.getMessage())
        for record in caplog.records
        if record.name.startswith(INTEGRATION) and record.levelno > logging.DEBUG
    ]


# How often


async def test_details_every_five_minutes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """Each device is asked for every five minutes, and not all at the same moment."""
    asked = await polls(hass, now, simulator, inverter, step=15, steps=88)
    assert asked == [300] * 3
    times = {
        device_id: {item.at for item in simulator.requests.find(f"{device_id}$")}
        for device_id in (inverter, car)
    }
    assert len(times[car]) == 4
    assert simulator.requests.count(LISTS) == 0


async def test_first_poll_comes_early(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """After the start every device was polled again within five minutes."""
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(minutes=5))
    family, other = simulator.households[:2]
    for device in (*family.inverters, *family.vehicles):
        assert simulator.requests.count(f"{device.id}$") == 1
    assert simulator.requests.count(other.user_id) == 0


async def test_charging_car_every_minute(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """A car that charges is looked at every minute, and less often once it is done."""
    simulator.override(car, is_charging=True)
    await pass_time(hass, now, timedelta(minutes=5))
    asked = await polls(hass, now, simulator, car, step=5, steps=61)
    assert asked == [60] * 4
    simulator.override(car, is_charging=False)
    await pass_time(hass, now, timedelta(minutes=1))
    asked = await polls(hass, now, simulator, car, step=15, steps=61)
    assert asked == [300] * 2


async def test_requested_boost_every_minute(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """A boost that somebody else asked for is followed every minute."""
    simulator.override(car, boost_state="requested")
    await pass_time(hass, now, timedelta(minutes=5))
    asked = await polls(hass, now, simulator, car, step=5, steps=49)
    assert asked == [60] * 3


async def test_boost_is_watched(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    car: str,
) -> None:
    """After a boost was asked for here, the car is looked at every ten seconds, for three minutes at most."""
    await set_up(hass, make_entry(simulator, allow_control=True))
    simulator.override(car, boost_state="available")
    await pass_time(hass, now, timedelta(minutes=5))
    simulator.fail("/boost$", status=204)
    simulator.override(car, boost_state="requested")
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, "button", car, "boost")},
        blocking=True,
    )
    asked = await polls(hass, now, simulator, car, step=2, steps=181)
    often = asked.count(10)
    assert asked == [10] * often + [60] * (len(asked) - often)
    assert 16 <= often <= 18
    assert len(asked) > often


async def test_ongoing_boost_is_not_watched(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    car: str,
) -> None:
    """Once the boost is under way there is nothing to wait for."""
    await set_up(hass, make_entry(simulator, allow_control=True))
    simulator.fail("/boost$", status=204)
    simulator.override(car, boost_state="available")
    await pass_time(hass, now, timedelta(minutes=5))
    simulator.override(car, boost_state="ongoing", is_charging=True)
    await hass.services.async_call(
        "button",
        "press",
        {"entity_id": entity_id(hass, "button", car, "boost")},
        blocking=True,
    )
    assert state(hass, car, "boost_state").state == "ongoing"
    asked = await polls(hass, now, simulator, car, step=5, steps=26)
    assert asked == [60]


async def test_lists_hourly(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """Both lists are asked for once an hour."""
    asked = await polls(hass, now, simulator, "/inverters", step=300, steps=37)
    assert asked == [3600, 3600]
    assert simulator.requests.count("/electric-vehicles$") == 3


async def test_at_most_four_at_once(
    hass: HomeAssistant, simulator: Simulator, both: MockConfigEntry
) -> None:
    """However many devices there are, Podero gets no more than four requests at once."""
    for _ in range(5):
        simulator.add_inverter(simulator.households[0].user_id)
    await set_up(hass, both)
    assert len(device_ids(hass, both)) == 8
    assert simulator.requests.most_at_once <= 4


async def test_asking_by_hand(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """homeassistant.update_entity looks at once, and for all entities of the device together."""
    await async_setup_component(hass, "homeassistant", {})
    simulator.override(inverter, current_solar_production_w=1234)
    simulator.requests.clear()
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {
            "entity_id": [
                entity_id(hass, "sensor", inverter, "solar_power"),
                entity_id(hass, "sensor", inverter, "home_power"),
            ]
        },
        blocking=True,
    )
    await pass_time(hass, now, 11)
    assert state(hass, inverter, "solar_power").state == "1234.0"
    assert 1 <= simulator.requests.count(f"{inverter}$") <= 2


# Outages


@pytest.mark.parametrize(
    "fault",
    [{"status": 500}, {"html": True}, {"cut": True}, {"disconnect": True}],
)
async def test_lost_and_back(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    caplog: pytest.LogCaptureFixture,
    fault: dict[str, Any],
) -> None:
    """A device that does not answer is unavailable; the others are not. The log says so once, and once that it is back."""
    simulator.fail(f"{inverter}$", **fault)
    caplog.clear()
    for _ in range(4):
        await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    assert (
        state(hass, inverter, "curtailment", "binary_sensor").state == STATE_UNAVAILABLE
    )
    assert state(hass, car, "battery_level").state != STATE_UNAVAILABLE
    ((level, message),) = ours(caplog)
    assert level == logging.INFO
    assert message.startswith(f"Error fetching inverter {inverter[:8]} data: ")
    caplog.clear()
    simulator.heal()
    for _ in range(3):
        await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    ((level, message),) = ours(caplog)
    assert level == logging.INFO
    assert message.endswith("recovered")


async def test_a_detail_that_fails_at_the_start(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """A device that does not answer when it is found is there, unavailable, until it does."""
    simulator.fail(f"{inverter}$", status=502)
    await set_up(hass, entry)
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    assert device_entry(hass, entry, inverter) is not None
    simulator.heal()
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_rate_limit_pauses_everything(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """After a 429 nothing at all is asked until the pause is over; then everything is as before."""
    await set_up(hass, both)
    simulator.fail(f"{inverter}$", status=429, headers={"Retry-After": "1690"}, times=1)
    simulator.requests.clear()
    while not simulator.requests.count(status=429):
        await pass_time(hass, now, 10)
    limited_at = simulator.requests.find(status=429)[0].at
    simulator.requests.clear()
    for _ in range(5):
        await pass_time(hass, now, timedelta(minutes=5))
    assert simulator.requests.total == 0
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    other = simulator.households[1].inverters[0].id
    assert state(hass, other, "solar_power").state == STATE_UNAVAILABLE
    while simulator.clock.seconds() < limited_at + 1770:
        await pass_time(hass, now, 15)
    assert simulator.requests.log[0].at - limited_at >= 1690
    for device_id in (inverter, other):
        assert state(hass, device_id, "solar_power").state != STATE_UNAVAILABLE
    assert {level for level, _ in ours(caplog)} == {logging.INFO}


async def test_the_unexpected(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What nobody thought of is in the log, takes nothing away, and does not last."""

    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("Session is closed")

    with monkeypatch.context() as patch:
        patch.setattr(aiohttp.ClientSession, "request", explode)
        await pass_time(hass, now, HOUR)
    assert "Unexpected error fetching the devices of household" in caplog.text
    assert device_entry(hass, loaded, inverter) is not None
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    caplog.clear()
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert {level for level, _ in ours(caplog)} == {logging.INFO}


# Devices that come and go


async def test_a_new_device(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """A device that was bought is there within the hour, with its entities."""
    user_id = simulator.households[0].user_id
    added = [simulator.add_inverter(user_id), simulator.add_vehicle(user_id)]
    await pass_time(hass, now, HOUR)
    for device in added:
        assert device_entry(hass, loaded, device.id) is not None
        assert state(hass, device.id, "connection_status").state == "ok"
    assert state(hass, added[1].id, "battery_level").state.isdecimal()
    # Bought without a battery.
    assert f"{added[0].id}_battery_level" not in {
        each.unique_id for each in er.async_get(hass).entities.values()
    }


async def test_a_device_that_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A device goes when two lists in a row lack it, not before, and nobody asks for it any more."""
    simulator.add_inverter(simulator.households[0].user_id)
    await pass_time(hass, now, HOUR)
    simulator.remove(inverter)
    await pass_time(hass, now, HOUR)
    assert device_entry(hass, loaded, inverter) is not None
    await pass_time(hass, now, HOUR)
    assert device_entry(hass, loaded, inverter) is None
    assert len(device_ids(hass, loaded)) == 2
    assert not [
        each
        for each in er.async_get(hass).entities.values()
        if each.unique_id.startswith(inverter)
    ]
    assert "Fronius Symo GEN24 10.0 Plus is gone from Podero" in caplog.text
    simulator.requests.clear()
    await pass_time(hass, now, HOUR)
    assert simulator.requests.count(inverter) == 0
    assert state(hass, car, "battery_level").state != STATE_UNAVAILABLE


async def test_a_device_that_was_missing_once(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """A list that lacks a device now and then takes nothing away."""
    simulator.add_inverter(simulator.households[0].user_id)
    await pass_time(hass, now, HOUR)
    for _ in range(2):
        simulator.hide(inverter)
        await pass_time(hass, now, HOUR)
        simulator.restore(inverter)
        await pass_time(hass, now, HOUR)
    assert device_entry(hass, loaded, inverter) is not None
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_a_device_that_is_deleted(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """A device whose detail says that it was deleted goes with the next poll; it can come back."""
    simulator.conventions.hides_deleted = False
    simulator.delete(inverter)
    await pass_time(hass, now, timedelta(minutes=5))
    assert device_ids(hass, loaded) == {car}
    simulator.restore(inverter)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {car, inverter}
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_a_deleted_device_that_podero_hides(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """Where Podero does not tell that a device was deleted, the lists do."""
    simulator.delete(inverter)
    await pass_time(hass, now, HOUR)
    assert state(hass, inverter, "solar_power").state == STATE_UNAVAILABLE
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {car}


async def test_an_answer_after_the_device_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """A detail that arrives when the device was let go brings nothing of it back."""
    simulator.hide(inverter)
    await pass_time(hass, now, HOUR)
    simulator.add_action(inverter)
    simulator.fail(f"{inverter}$", delay=60, times=1)
    now.tick(HOUR)
    async_fire_time_changed(hass)
    while device_entry(hass, loaded, inverter):  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    assert simulator.requests.running == 1
    now.tick(25)
    simulator.faults.clear()
    now.tick(36)
    while simulator.requests.running:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert device_ids(hass, loaded) == {car}
    assert not ir.async_get(hass).issues


async def test_a_list_that_names_deleted_devices(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """A device that the list itself calls deleted is not taken up, and let go at once."""
    fault = simulator.fail("/inverters$", fields={"deleted_at": "2026-05-19T10:00:00Z"})
    await set_up(hass, entry)
    assert device_ids(hass, entry) == {car}
    simulator.faults.remove(fault)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, entry) == {car, inverter}
    simulator.faults.add(fault)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, entry) == {car}


async def several(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> list[str]:
    """Let the first household have two inverters; returns their ids."""
    family = simulator.households[0]
    added = simulator.add_inverter(family.user_id)
    await pass_time(hass, now, HOUR)
    return [family.inverters[0].id, added.id]


async def test_an_empty_list_is_not_believed(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """Where there were several devices, a list that is suddenly empty is more likely wrong than right."""
    inverters = await several(hass, simulator, now)
    simulator.fail("/inverters$", status=200, body=[])
    for _ in range(4):
        await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) >= set(inverters)
    for each in inverters:
        assert state(hass, each, "solar_power").state != STATE_UNAVAILABLE


async def test_an_empty_list_that_is_confirmed(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """An empty list is believed of the devices that Podero does not know by themselves, or calls deleted."""
    first, second = await several(hass, simulator, now)
    simulator.fail("/inverters$", status=200, body=[])
    simulator.remove(first)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {first, second, car}
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {second, car}


async def test_an_empty_list_in_doubt(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    car: str,
) -> None:
    """A device that cannot be asked whether it is there stays; one that says it was deleted goes."""
    first, second = await several(hass, simulator, now)
    simulator.fail("/inverters$", status=200, body=[])
    simulator.fail(f"{first}$", status=500)
    simulator.fail(f"{second}$", status=500, after=0)
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {first, second, car}
    simulator.faults.clear()
    simulator.fail("/inverters$", status=200, body=[])
    simulator.delete(second)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {first, car}


async def test_the_last_device_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """Where there was one device, two empty lists are enough."""
    simulator.hide(inverter)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {inverter, car}
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {car}


async def test_one_list_fails(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The devices of a kind whose list fails are left as they are; the other kind's come and go."""
    simulator.fail("/inverters$", status=500)
    simulator.hide(car)
    caplog.clear()
    await pass_time(hass, now, HOUR)
    added = simulator.add_vehicle(simulator.households[0].user_id)
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert device_ids(hass, loaded) == {inverter, added.id}
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert not [message for _, message in ours(caplog) if "Lost" in message]


async def test_a_list_that_fails_is_tried_again_soon(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """A kind that was not there at the start does not have to wait for an hour."""
    simulator.fail("/inverters$", status=500, times=1)
    await set_up(hass, entry)
    assert device_entry(hass, entry, inverter) is None
    await pass_time(hass, now, timedelta(minutes=5))
    assert device_entry(hass, entry, inverter) is not None


async def test_both_lists_fail(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Without any list the devices stay, and are polled on; the log says it once."""
    simulator.fail(LISTS, status=503)
    caplog.clear()
    for _ in range(13):
        await pass_time(hass, now, timedelta(minutes=15))
    assert device_ids(hass, loaded) == {inverter, car}
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    assert [message[:16] for _, message in ours(caplog)] == ["Error fetching t"]


async def test_left_behind_by_an_earlier_run(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    car: str,
) -> None:
    """A device that went while Home Assistant was off goes after two lists; one of another integration stays."""
    entry.add_to_hass(hass)
    (household,) = entry.subentries
    registry = dr.async_get(hass)
    for domain in (DOMAIN, "another"):
        registry.async_get_or_create(
            config_entry_id=entry.entry_id,
            config_subentry_id=household,
            identifiers={(domain, f"left-{domain}")},
        )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert device_ids(hass, entry) == {inverter, car, "left-podero", "left-another"}
    simulator.fail("/electric-vehicles$", status=500, times=1)
    await pass_time(hass, now, HOUR)
    # A device of unknown kind takes both lists to be missed.
    assert "left-podero" in device_ids(hass, entry)
    await pass_time(hass, now, HOUR)
    assert device_ids(hass, entry) == {inverter, car, "left-another"}


async def test_another_model(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """A device that was swapped under the same id shows as what it is now; entities keep their ids."""
    before = device_entry(hass, loaded, inverter)
    assert before is not None
    assert (before.manufacturer, before.model, before.hw_version) == (
        "Fronius",
        "Symo GEN24 10.0 Plus (2023)",
        None,
    )
    assert before.configuration_url == simulator.url
    solar = entity_id(hass, "sensor", inverter, "solar_power")
    simulator.change_model(inverter, "Kostal", "Plenticore", None)
    await pass_time(hass, now, timedelta(minutes=5))
    after = device_entry(hass, loaded, inverter)
    assert after is not None
    assert after.id == before.id
    assert (after.name, after.manufacturer, after.model, after.hw_version) == (
        "Kostal Plenticore",
        "Kostal",
        "Plenticore",
        None,
    )
    assert entity_id(hass, "sensor", inverter, "solar_power") == solar


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (None, "Podero inverter"),
        ({"manufacturer": None, "model": None}, "Podero inverter"),
        ({"manufacturer": "Sungrow", "model": " "}, "Sungrow"),
        ({"manufacturer": None, "model": "SG10"}, "SG10"),
        ("junk", "Podero inverter"),
    ],
)
async def test_name_of_a_device(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    model: object,
    name: str,
) -> None:
    """A device is called by manufacturer and model, as far as they are known."""
    simulator.override(inverter, device_model=model)
    await set_up(hass, entry)
    device = device_entry(hass, entry, inverter)
    assert device is not None
    assert device.name == name


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what worries people, but for what every test run says."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.INFO
        and record.name not in ("asyncio", "homeassistant.loader")
    ]


async def test_a_device_that_moves(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    car: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A device that another household of the entry has now takes its page, names and entities along."""
    await set_up(hass, both)
    first, second = both.subentries.values()
    before = device_entry(hass, both, car)
    assert before is not None
    assert before.config_subentry_id == first.subentry_id
    registry = er.async_get(hass)
    level = entity_id(hass, "sensor", car, "battery_level")
    registry.async_update_entity(level, new_entity_id="sensor.our_car")
    dr.async_get(hass).async_update_device(before.id, name_by_user="Our car")
    await hass.async_block_till_done()
    simulator.move(car, simulator.households[1].user_id)
    simulator.override(car, battery_level=33)
    caplog.clear()
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, car, "battery_level").state == STATE_UNAVAILABLE
    await pass_time(hass, now, HOUR)
    after = device_entry(hass, both, car)
    assert after is not None
    assert after.id == before.id
    assert after.name_by_user == "Our car"
    assert after.config_subentry_id == second.subentry_id
    assert entity_id(hass, "sensor", car, "battery_level") == "sensor.our_car"
    assert state(hass, car, "battery_level").state == "33"
    plugged_in = state(hass, car, "plugged_in", "binary_sensor").state
    assert plugged_in != STATE_UNAVAILABLE
    entities = er.async_entries_for_device(
        registry, after.id, include_disabled_entities=True
    )
    assert {each.config_subentry_id for each in entities} == {second.subentry_id}
    # Nobody looks for it at the old place any more.
    simulator.requests.clear()
    simulator.override(car, battery_level=34)
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, car, "battery_level").state == "34"
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert simulator.requests.count(f"{simulator.households[0].user_id}.*{car}") == 0
    assert len(device_ids(hass, both)) == 3
    assert warnings(caplog) == []


async def test_a_device_that_moved_while_home_assistant_was_off(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    car: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """So does one that moved between two runs."""
    await set_up(hass, both)
    assert await hass.config_entries.async_unload(both.entry_id)
    simulator.move(car, simulator.households[1].user_id)
    assert await hass.config_entries.async_setup(both.entry_id)
    await hass.async_block_till_done()
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    device = device_entry(hass, both, car)
    assert device is not None
    _, second = both.subentries
    assert device.config_subentry_id == second
    assert state(hass, car, "battery_level").state != STATE_UNAVAILABLE
    assert state(hass, car, "authenticated", "binary_sensor").state == STATE_ON
    assert warnings(caplog) == []


async def test_a_device_that_two_households_have(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A device that Podero shows to two people is there once, and stays where it is."""
    await set_up(hass, both)
    first, second = simulator.households
    before = device_entry(hass, both, inverter)
    assert before is not None
    device = simulator.device(inverter)
    answer = to_list_item(simulator.detail(device, simulator.url), "")
    simulator.fail(f"{second.user_id}/inverters$", status=200, body=[answer])
    simulator.fail(
        f"{second.user_id}/inverters/{inverter}$",
        status=200,
        body=simulator.detail(device, simulator.url),
    )
    caplog.clear()
    for _ in range(3):
        await pass_time(hass, now, HOUR)
    assert device_entry(hass, both, inverter) == before
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(minutes=5))
    assert simulator.requests.count(f"{first.user_id}.*{inverter}$") == 1
    assert simulator.requests.count(f"{second.user_id}.*{inverter}$") == 0
    assert warnings(caplog) == []


@pytest.mark.parametrize("zone", ["Nowhere/Land", "../../etc", "Europe", "x" * 300])
async def test_weekly_policy_of_an_unknown_zone(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    car: str,
    caplog: pytest.LogCaptureFixture,
    zone: str,
) -> None:
    """Where a weekly policy names no time zone that there is, its deadlines are of Home Assistant's."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    simulator.fail("/charge-policy$", fields={"data.timezone": zone})
    await set_up(hass, entry)
    # On a Wednesday, for the car that is plugged in from the afternoon on.
    assert state(hass, car, "next_deadline").state == "2026-05-21T04:00:00+00:00"
    assert not [each for each in caplog.records if each.levelno >= logging.ERROR]


async def test_a_listener_that_fails(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that fails is in the log, and leaves the others alone."""

    def explode() -> None:
        raise RuntimeError("A listener that fails")

    coordinator = loaded.runtime_data.device(inverter).coordinator
    remove = coordinator.async_add_listener(
        explode, (lambda data: data.device.current_solar_production_w,)
    )
    simulator.override(inverter, current_solar_production_w=4321)
    await pass_time(hass, now, timedelta(minutes=5))
    assert state(hass, inverter, "solar_power").state == "4321.0"
    assert "A listener that fails" in caplog.text
    remove()


async def test_a_name_forges_no_log_line(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A line of the log is one line, whatever a device is called."""
    forged = "2026-11-24 12:00:00 ERROR (MainThread) [homeassistant] forged"
    simulator.override(
        inverter,
        device_model={"manufacturer": f"A\n{forged}", "model": f"B\r\n{forged}"},
    )
    await set_up(hass, entry)
    simulator.delete(inverter)
    for _ in range(3):
        await pass_time(hass, now, timedelta(hours=1))
    gone = [each for each in caplog.messages if "is gone from Podero" in each]
    assert len(gone) == 1
    assert forged in gone[0]
    assert not [
        line
        for record in caplog.records
        if record.name.startswith("custom_components.podero")
        for line in record.getMessage().splitlines()
        if line.startswith(forged)
    ]
