"""Heat pumps: what is reported of them, and what can be changed."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import Simulator
from tests.common import entity_id, make_entry, pass_time, set_up, state

from .contract import HEAT_PUMP, read, registered

POLL = timedelta(minutes=5)

FIELDS = {
    "power": "current_power_consumption_w",
    "outdoor_temperature": "outdoor_temperature",
    "indoor_temperature": "indoor_actual_temperature",
    "indoor_target_temperature": "indoor_target_temperature",
    "hot_water_temperature": "dhw_temperature",
    "inlet_temperature": "inlet_temperature",
    "outlet_temperature": "outlet_temperature",
    "hot_water_target_temperature": "dhw_standard_temperature",
    "indoor_target_offset": "indoor_target_temperature_offset",
    "consumption_last_day": "consumption_last_day_kwh",
    "consumption_last_week": "consumption_last_week_kwh",
    "consumption_last_month": "consumption_last_month_kwh",
}
USES = {
    "space_heating": "is_space_heating_enabled",
    "hot_water_heating": "is_hot_water_heating_enabled",
    "pool_heating": "is_pool_heating_enabled",
    "space_cooling": "is_space_cooling_enabled",
    "away_mode": "is_away_mode_enabled",
}
OTHERS = {
    "heating_mode": "current_mode",
    "optimization_level": "optimization_level",
    "operational_mode": "operational_mode",
    "consumption_updated": "consumption_last_updated_at",
}


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_values(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    heat_pump: str,
) -> None:
    """Every entity shows its field."""
    detail = simulator.detail(simulator.device(heat_pump), "")
    for key, field in FIELDS.items():
        assert float(state(hass, heat_pump, key).state) == detail[field], key
    for key, field in USES.items():
        shown = state(hass, heat_pump, key, "binary_sensor")
        assert shown.state == ("on" if detail[field] else "off"), key
    assert state(hass, heat_pump, "optimization_level").state == "mid"


@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_only_what_is_reported(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    heat_pump: str,
) -> None:
    """A field that a heat pump does not report makes no entity, until it does."""
    fields = FIELDS | USES | OTHERS
    own = read(HEAT_PUMP)
    assert {key for _, key in own} == fields.keys()
    simulator.override(heat_pump, **dict.fromkeys(fields.values()))
    await set_up(hass, entry)
    assert not own.keys() & registered(hass, entry, heat_pump).keys()
    assert state(hass, heat_pump, "connection_status").state == "ok"
    simulator.override(heat_pump, outdoor_temperature=-7.5)
    await pass_time(hass, now, POLL)
    assert own.keys() & registered(hass, entry, heat_pump).keys() == {
        ("sensor", "outdoor_temperature")
    }
    assert state(hass, heat_pump, "outdoor_temperature").state == "-7.5"
    simulator.restore(heat_pump)
    await pass_time(hass, now, POLL)
    assert own.keys() <= registered(hass, entry, heat_pump).keys()
    simulator.override(heat_pump, outdoor_temperature=None)
    await pass_time(hass, now, POLL)
    assert state(hass, heat_pump, "outdoor_temperature").state == STATE_UNAVAILABLE


async def test_older_names(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, heat_pump: str
) -> None:
    """The name that older answers have for the hot water's temperature is read as well."""
    simulator.override(heat_pump, dhw_temperature=None, dhw_actual_temperature=44.4)
    await set_up(hass, entry)
    assert state(hass, heat_pump, "hot_water_temperature").state == "44.4"


async def test_heating_mode(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    heat_pump: str,
) -> None:
    """The mode is one of four, and means nothing while the optimization is off."""
    for said, shown in (("min", "min"), ("Low", "low"), ("MID", "mid"), ("max", "max")):
        simulator.override(heat_pump, current_mode=said)
        await pass_time(hass, now, POLL)
        assert state(hass, heat_pump, "heating_mode").state == shown
    for off in (False, None):
        simulator.override(heat_pump, is_smart_optimization_active=off)
        await pass_time(hass, now, POLL)
        assert state(hass, heat_pump, "heating_mode").state == STATE_UNKNOWN


@pytest.mark.parametrize(
    ("option", "sent"), [("low", "Low"), ("mid", "Mid"), ("max", "Max")]
)
async def test_optimization_level(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    heat_pump: str,
    option: str,
    sent: str,
) -> None:
    """The level is chosen, sent in Podero's spelling, and shown without another poll."""
    await set_up(hass, make_entry(simulator, allow_control=True))
    simulator.requests.clear()
    level = entity_id(hass, "select", heat_pump, "optimization_level")
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": level, "option": option},
        blocking=True,
    )
    assert [each.method for each in simulator.requests.log] == ["PUT"]
    assert simulator.detail(simulator.device(heat_pump), "")["optimization_level"] == (
        sent
    )
    assert state(hass, heat_pump, "optimization_level", "select").state == option


async def test_smart_optimization(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    heat_pump: str,
) -> None:
    """The optimization is switched off, and with it goes the mode."""
    await set_up(hass, make_entry(simulator, allow_control=True))
    switch = entity_id(hass, "switch", heat_pump, "smart_optimization")
    assert state(hass, heat_pump, "heating_mode").state != STATE_UNKNOWN
    await hass.services.async_call(
        "switch", "turn_off", {"entity_id": switch}, blocking=True
    )
    detail = simulator.detail(simulator.device(heat_pump), "")
    assert detail["is_smart_optimization_active"] is False
    assert state(hass, heat_pump, "smart_optimization", "switch").state == "off"
    assert state(hass, heat_pump, "heating_mode").state == STATE_UNKNOWN
