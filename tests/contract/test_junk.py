"""A household whose cloud sends junk: all that a person can look at still works."""

from datetime import timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.podero.const import DOMAIN
from custom_components.podero.diagnostics import async_get_config_entry_diagnostics
from homeassistant.components.recorder import Recorder, get_instance
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, MAX_LENGTH_STATE_STATE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.json import json_bytes
from homeassistant.util import dt as dt_util
from simulator import Simulator
from tests.common import device_entry, entity_id, make_entry, pass_time, set_up
from tests.history.past import known_statistics

from .judge import is_number

PAYLOADS = 120
"""Of each share of junk."""
PRICES = {"import_price": "podero", "tax": 20.0, "export_price": "podero"}
# What a service of Home Assistant may say of an answer that cannot be used.
ACTIONS: dict[str, dict[str, str]] = {
    "get_history": {"start": "2026-05-18 00:00:00"},
    "get_charging_sessions": {"start_date": "2026-05-17"},
    "get_charging_decisions": {},
    "get_dashboard": {},
    "import_history": {"start_date": "2026-05-18"},
}


@pytest.fixture
async def home(
    quiet: None,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entity_registry_enabled_by_default: None,
    simulator: Simulator,
) -> None:
    """Run Home Assistant with all that shows something of a device."""
    await hass.config.async_set_time_zone("Europe/Vienna")


async def look_at_everything(
    hass: HomeAssistant, simulator: Simulator, entry: Any
) -> int:
    """Call every action for every device, and look at calendars; returns how many answered."""
    answered = 0
    unworded: list[str] = []
    family = simulator.households[0]
    for device in simulator.devices.values():
        registered = device_entry(hass, entry, device.id)
        if registered is None:
            continue
        for action, data in ACTIONS.items():
            try:
                response = await hass.services.async_call(
                    DOMAIN,
                    action,
                    {"device_id": registered.id, **data},
                    blocking=True,
                    return_response=True,
                )
            except HomeAssistantError as err:
                unworded += [] if err.translation_key else [action]
                continue
            assert_plain(response)
            answered += 1
    calendar = entity_id(hass, "calendar", family.vehicles[0].id, "charging_sessions")
    shown = await hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": calendar,
            "start_date_time": "2026-05-01T00:00:00+00:00",
            "end_date_time": "2026-06-01T00:00:00+00:00",
        },
        blocking=True,
        return_response=True,
    )
    assert_plain(shown)
    assert unworded == []
    return answered


def assert_plain(value: Any) -> None:
    """Check that all numbers of a response are finite, and all texts of a bearable length."""
    if isinstance(value, dict):
        for key, item in value.items():
            assert_plain(key)
            assert_plain(item)
    elif isinstance(value, list):
        for item in value:
            assert_plain(item)
    elif isinstance(value, str):
        assert len(value) <= 2000
    else:
        assert value is None or isinstance(value, bool) or is_number(value)


def assert_good_states(hass: HomeAssistant) -> None:
    """Check all states and their attributes."""
    for state in hass.states.async_all():
        assert len(state.state) <= MAX_LENGTH_STATE_STATE
        # A text may say anything.
        if ATTR_UNIT_OF_MEASUREMENT in state.attributes:
            assert state.state not in {"nan", "inf", "-inf", "-0.0"}
        assert len(state.as_dict_json) <= 16384, state.entity_id


@pytest.mark.parametrize("rate", [0.02, 0.3, 1.0])
@pytest.mark.usefixtures("home")
async def test_junk(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    rate: float,
) -> None:
    """No error, no state that Home Assistant does not take; and with the first good answer all is well."""
    entry = make_entry(
        simulator, 0, 1, history_days=2, allow_control=True, prices=PRICES
    )
    for device in simulator.devices.values():
        simulator.add_action(device.id, "information", message="Good news")
        simulator.add_action(device.id)
    await set_up(hass, entry)
    simulator.plug_wallbox(simulator.households[0].wallboxes[0].id)
    simulator.requests.clear()
    # What says that it was deleted is taken at its word.
    simulator.junk(seed=int(rate * 100), rate=rate, fields="^(?!deleted_at)")
    answered = 0
    while simulator.requests.total < PAYLOADS:
        await pass_time(hass, now, timedelta(minutes=61))
        assert entry.state is ConfigEntryState.LOADED
        assert_good_states(hass)
        answered += await look_at_everything(hass, simulator, entry)
    assert json_bytes(await async_get_config_entry_diagnostics(hass, entry))
    assert answered > 10
    rows = 0
    for found in (
        await get_instance(hass).async_add_executor_job(
            statistics_during_period,
            hass,
            dt_util.utc_from_timestamp(0),
            None,
            {*await known_statistics(hass)},
            "hour",
            None,
            {"sum", "state", "mean", "min", "max"},
        )
    ).values():
        rows += len(found)
        assert all(
            is_number(value) or value is None for row in found for value in row.values()
        )
    assert rows > 100

    simulator.heal()
    for _ in range(3):
        await pass_time(hass, now, timedelta(minutes=61))
    assert_good_states(hass)
    errors = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert not errors, errors[0].getMessage()
