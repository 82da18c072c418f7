"""Binary sensors of all kinds of devices."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import Simulator

from .common import all_ids, pass_time, set_up, snapshot_entities, state

POLL = timedelta(minutes=5)
NIGHT = datetime(2026, 5, 20, 21, 7, tzinfo=UTC)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_binary_sensors(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    snapshot: SnapshotAssertion,
) -> None:
    """All binary sensors of a household with one device of each kind."""
    now.move_to(NIGHT)
    await set_up(hass, entry)
    snapshot_entities(
        hass, snapshot, entry, "binary_sensor", *all_ids(simulator.households[0])
    )


READ = {
    "is_plugged_in": "plugged_in",
    "is_charging": "charging",
    "is_fully_charged": "fully_charged",
    "is_authenticated": "authenticated",
    "action_needed": "action_needed",
    "is_pause_power_active": "power_paused",
}


SAID = (
    (True, STATE_ON),
    (False, STATE_OFF),
    ("true", STATE_ON),
    (0, STATE_OFF),
    (None, STATE_UNKNOWN),
    (1, STATE_ON),
    ("maybe", STATE_UNKNOWN),
    (False, STATE_OFF),
    (2, STATE_UNKNOWN),
)


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_readings(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """So, not so, or not known."""
    car = simulator.households[0].vehicles[0].id
    for said, shown in SAID:
        simulator.override(car, **dict.fromkeys(READ, said))
        await pass_time(hass, now, POLL)
        for key in READ.values():
            assert state(hass, car, key, "binary_sensor").state == shown, (key, said)


async def test_battery_charging(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
) -> None:
    """A home battery charges while power flows into it."""
    inverter = simulator.households[0].inverters[0].id
    for power, shown in (
        (-1, STATE_ON),
        (700, STATE_OFF),
        (None, STATE_UNKNOWN),
        (0, STATE_OFF),
    ):
        simulator.override(inverter, battery_charge_discharge_power_w=power)
        await pass_time(hass, now, POLL)
        charging = state(hass, inverter, "battery_charging", "binary_sensor")
        assert charging.state == shown, power
