"""What happens in the middle of something else: no error, nothing lost, nothing left behind."""

from collections.abc import Generator
from dataclasses import replace
from datetime import timedelta
import logging
from types import MappingProxyType

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.podero.const import DOMAIN
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_STATE_CHANGED, STATE_UNAVAILABLE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from simulator import Simulator

from .common import (
    device_entry,
    device_ids,
    entity_id,
    household,
    make_entry,
    pass_time,
    set_up,
    state,
)

HOUR = timedelta(hours=1, minutes=1)
# What a household asks for, one after the other.
PATHS = [
    "/inverters$",
    "/charging-config$",
    "/electric-vehicles/[^/]+$",
    "/wallboxes/.*",
    "/sessions",
]
ACTIONS: dict[str, dict[str, str]] = {
    "get_history": {"start": "2026-05-18 00:00:00"},
    "get_charging_sessions": {"start_date": "2026-05-17"},
    "get_charging_decisions": {},
    "get_dashboard": {},
    "import_history": {"start_date": "2026-05-18"},
    "clear_history": {},
}


@pytest.fixture(autouse=True)
def no_errors(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Check that nothing of it is an error in the log."""
    yield
    for when in ("setup", "call"):
        for each in caplog.get_records(when):
            assert each.levelno < logging.ERROR, each.getMessage()


def remove_first(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Remove an entry's first household."""
    hass.config_entries.async_remove_subentry(entry, next(iter(entry.subentries)))


@pytest.mark.parametrize("path", PATHS)
async def test_a_household_is_removed_during_a_poll(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    path: str,
) -> None:
    """What was asked for a household that is no longer there comes to nothing."""
    await set_up(hass, both)
    model = {"device_model": {"manufacturer": "Another"}}
    simulator.fail(path, hold="after", fields=model)
    now.tick(HOUR)
    async_fire_time_changed(hass)
    await simulator.faults.until_held()
    remove_first(hass, both)
    simulator.faults.clear()
    await hass.async_block_till_done(wait_background_tasks=True)
    assert both.state is ConfigEntryState.LOADED
    assert device_ids(hass, both) == {simulator.households[1].inverters[0].id}


@pytest.mark.parametrize("path", PATHS)
async def test_a_household_is_removed_during_set_up(
    hass: HomeAssistant, simulator: Simulator, both: MockConfigEntry, path: str
) -> None:
    """A household that goes while it is looked at is forgotten without a reload by hand."""
    both.add_to_hass(hass)
    simulator.fail(path, hold="after")
    task = hass.async_create_task(hass.config_entries.async_setup(both.entry_id))
    await simulator.faults.until_held()
    remove_first(hass, both)
    simulator.faults.clear()
    await task
    await hass.async_block_till_done(wait_background_tasks=True)
    assert both.state is ConfigEntryState.LOADED
    assert device_ids(hass, both) == {simulator.households[1].inverters[0].id}
    assert both.runtime_data.households.keys() == both.subentries.keys()


@pytest.mark.parametrize("path", PATHS)
async def test_a_household_is_added_during_set_up(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, path: str
) -> None:
    """A household that comes while others are looked at is not missed."""
    entry.add_to_hass(hass)
    simulator.fail(path, hold="after")
    task = hass.async_create_task(hass.config_entries.async_setup(entry.entry_id))
    await simulator.faults.until_held()
    second = household(simulator, 1)
    hass.config_entries.async_add_subentry(
        entry, ConfigSubentry(**{**second, "data": MappingProxyType(second["data"])})
    )
    simulator.faults.clear()
    await task
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert simulator.households[1].inverters[0].id in device_ids(hass, entry)


async def test_unloaded_while_new_devices_are_added(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
) -> None:
    """New devices whose turn has not come yet wait for the next set-up."""
    await set_up(hass, entry)
    user_id = simulator.households[0].user_id
    added = [simulator.add_inverter(user_id).id for _ in range(3)]

    @callback
    def unload(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        hass.async_create_task(
            hass.config_entries.async_unload(entry.entry_id), eager_start=False
        )

    hass.bus.async_listen_once(er.EVENT_ENTITY_REGISTRY_UPDATED, unload)
    await pass_time(hass, now, HOUR)
    assert entry.state is ConfigEntryState.NOT_LOADED
    registry = er.async_get(hass)
    assert any(
        registry.async_get_entity_id("sensor", DOMAIN, f"{each}_solar_power") is None
        for each in added
    )
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    for each in added:
        assert state(hass, each, "solar_power").state != STATE_UNAVAILABLE


async def test_a_model_changes_while_its_household_is_removed(
    hass: HomeAssistant, simulator: Simulator, both: MockConfigEntry, inverter: str
) -> None:
    """Nothing is registered for a household that is no longer there."""
    await set_up(hass, both)
    coordinator = both.runtime_data.device(inverter).coordinator

    @callback
    def answer(event: Event[EventStateChangedData]) -> None:
        device = coordinator.data.device
        model = replace(device.device_model, manufacturer="Another")
        device = replace(device, device_model=model)
        coordinator.async_set_updated_data(coordinator.data.with_facts(device=device))

    hass.bus.async_listen_once(EVENT_STATE_CHANGED, answer)
    remove_first(hass, both)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert coordinator.data.device.device_model.manufacturer == "Another"
    assert both.state is ConfigEntryState.LOADED
    assert device_ids(hass, both) == {simulator.households[1].inverters[0].id}


@pytest.mark.parametrize("is_unloaded", [False, True])
async def test_an_answer_comes_while_the_entry_unloads(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    *,
    is_unloaded: bool,
) -> None:
    """What a device turns out to have then, or afterwards, is added by the next set-up, and once."""
    device_id = simulator.add_inverter(simulator.households[0].user_id).id
    await set_up(hass, entry)
    coordinator = entry.runtime_data.device(device_id).coordinator
    simulator.override(device_id, is_battery_connected=True)

    @callback
    def answer(event: Event[EventStateChangedData] | None = None) -> None:
        device = replace(coordinator.data.device, is_battery_connected=True)
        coordinator.async_set_updated_data(coordinator.data.with_facts(device=device))

    if not is_unloaded:
        hass.bus.async_listen_once(EVENT_STATE_CHANGED, answer)
    assert await hass.config_entries.async_unload(entry.entry_id)
    if is_unloaded:
        answer()
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert state(hass, device_id, "battery_level").state != STATE_UNAVAILABLE


@pytest.mark.parametrize("hold", ["before", "after"])
async def test_control_is_taken_away_during_a_command(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    inverter: str,
    hold: str,
) -> None:
    """A command that is under way ends, and the reading takes the control's place."""
    entry = make_entry(simulator, allow_control=True)
    await set_up(hass, entry)
    switch = entity_id(hass, "switch", inverter, "smart_optimization")
    simulator.fail(f"{inverter}$", method="PUT", hold=hold)
    command = hass.async_create_task(
        hass.services.async_call(
            "switch", "turn_off", {"entity_id": switch}, blocking=True
        )
    )
    await simulator.faults.until_held()
    [subentry] = entry.subentries.values()
    hass.config_entries.async_update_subentry(
        entry, subentry, data={**subentry.data, "allow_control": False}
    )
    simulator.faults.clear()
    await command
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert state(hass, inverter, "smart_optimization", "binary_sensor").state == "off"
    assert er.async_get(hass).async_get(switch) is None
    assert hass.states.get(switch) is None


@pytest.mark.parametrize("path", ["/data$", "/savings$", "/sessions$"])
@pytest.mark.parametrize("event", ["household", "entry", "sign_in"])
async def test_in_the_middle_of_an_import(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    path: str,
    event: str,
) -> None:
    """An import ends with its household, and one that is signed in anew begins again."""
    entry = make_entry(simulator, 0, 1, history_days=2)
    simulator.fail(path, hold="after")
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await simulator.faults.until_held()
    match event:
        case "household":
            remove_first(hass, entry)
        case "entry":
            await hass.config_entries.async_remove(entry.entry_id)
        case _:
            simulator.tokens.client_secret = "rotated"
            simulator.tokens.revoke_access()
            flow = await entry.start_reauth_flow(hass)
            result = await hass.config_entries.flow.async_configure(
                flow["flow_id"],
                {"client_id": "demo-client", "client_secret": "rotated"},
            )
            assert result["reason"] == "reauth_successful"
    simulator.faults.clear()
    await hass.async_block_till_done(wait_background_tasks=True)
    await pass_time(hass, now, HOUR)
    if event == "entry":
        assert simulator.requests.running == 0
        return
    assert entry.state is ConfigEntryState.LOADED
    importers = [
        device.importer
        for each in entry.runtime_data.households.values()
        for device in each.data.values()
        if device.importer is not None
    ]
    assert importers
    assert all(importer.is_complete for importer in importers)


async def test_actions_while_the_entry_is_unloaded(
    recorder_mock: Recorder, hass: HomeAssistant, simulator: Simulator
) -> None:
    """Each action answers, or says in words why not: in the middle, and afterwards."""
    entry = make_entry(simulator, history_days=1)
    await set_up(hass, entry)
    family = simulator.households[0]
    devices = [
        found
        for each in family.inverters + family.vehicles + family.wallboxes
        if (found := device_entry(hass, entry, each.id)) is not None
    ]

    async def call(device_id: str, action: str) -> object:
        try:
            return await hass.services.async_call(
                DOMAIN,
                action,
                {"device_id": device_id, **ACTIONS[action]},
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as err:
            return err.translation_key

    simulator.fail("/org/", hold="after")
    calls = [
        hass.async_create_task(call(device.id, action))
        for device in devices
        for action in ACTIONS
    ]
    await simulator.faults.until_held(3)
    assert await hass.config_entries.async_unload(entry.entry_id)
    simulator.faults.clear()
    answers = [await each for each in calls]
    assert all(answers)
    assert any(isinstance(each, dict) for each in answers)
    for device in devices:
        for action in ACTIONS:
            assert isinstance(await call(device.id, action), str)
