"""The blueprints: imported by the links in the README, and run on a household."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import re
import shutil
from urllib.parse import parse_qs, urlsplit

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from homeassistant.components import automation, persistent_notification
from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import entity_id, make_entry, pass_time, set_up

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "blueprints/automation/podero"
BLUEPRINTS = sorted(path.stem for path in FOLDER.iterdir())
RAW = "https://raw.githubusercontent.com/podero-home-assistant/podero/main/"

EVENING = datetime(2026, 5, 20, 18, 45, tzinfo=UTC)  # 20:45 in Vienna, a Wednesday


def links() -> list[str]:
    """Return the addresses of the blueprints that the README lets people import."""
    found = re.findall(
        r"https://my\.home-assistant\.io/redirect/blueprint_import/[^)\s]*",
        (ROOT / "README.md").read_text(),
    )
    return [parse_qs(urlsplit(link).query)["blueprint_url"][0] for link in found]


@pytest.fixture
async def household(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    tmp_path: Path,
) -> AsyncGenerator[MockConfigEntry]:
    """Set up a household in Vienna, in a Home Assistant that has the blueprints."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(ROOT / "blueprints", tmp_path / "blueprints")
    now.move_to(EVENING)
    entry = make_entry(simulator)
    await set_up(hass, entry)
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"heater": {}}}
    )
    for component in ("homeassistant", persistent_notification.DOMAIN):
        assert await async_setup_component(hass, component, {})
    yield entry
    # An automation keeps its timers until it is turned off.
    await hass.services.async_call(
        automation.DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.fixture
def notes(hass: HomeAssistant, household: MockConfigEntry) -> dict[str, str]:
    """Return the notifications that the automation makes, by their ids."""
    told: dict[str, str] = {}

    @callback
    def listen(
        kind: persistent_notification.UpdateType,
        notes: dict[str, persistent_notification.Notification],
    ) -> None:
        told.update({key: note["message"] for key, note in notes.items()})

    persistent_notification.async_register_callback(hass, listen)
    return told


async def use(hass: HomeAssistant, blueprint: str, **inputs: object) -> None:
    """Make an automation from a blueprint."""
    assert await async_setup_component(
        hass,
        automation.DOMAIN,
        {
            automation.DOMAIN: {
                "use_blueprint": {"path": f"podero/{blueprint}.yaml", "input": inputs}
            }
        },
    )
    await hass.async_block_till_done()
    assert [state.state for state in hass.states.async_all(automation.DOMAIN)] == ["on"]


async def say(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    device: str,
    **values: object,
) -> None:
    """Let a device say something else, until the next poll has it."""
    simulator.override(device, **values)
    await pass_time(hass, now, timedelta(minutes=5, seconds=1))


def heater(hass: HomeAssistant) -> str:
    """Return whether what the automation switches is on."""
    state = hass.states.get("input_boolean.heater")
    assert state is not None
    return state.state


def test_each_has_a_link() -> None:
    """The README links to each blueprint, and to nothing else."""
    assert sorted(Path(link).stem for link in links()) == BLUEPRINTS
    assert len(BLUEPRINTS) == 5


@pytest.mark.parametrize("link", links())
async def test_import(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    aioclient_mock: AiohttpClientMocker,
    tmp_path: Path,
    link: str,
) -> None:
    """The link in the README leads to the dialog that imports it, and that succeeds."""
    hass.config.config_dir = str(tmp_path)
    path = link.partition("/blob/main/")[2]
    text = (ROOT / path).read_text()
    aioclient_mock.get(RAW + path, text=text)
    assert await async_setup_component(hass, automation.DOMAIN, {})
    client = await hass_ws_client(hass)

    await client.send_json_auto_id({"type": "blueprint/import", "url": link})
    answer = await client.receive_json()
    assert answer["success"], answer
    found = answer["result"]
    assert found["validation_errors"] is None
    metadata = found["blueprint"]["metadata"]
    assert metadata["source_url"] == link
    assert f"source_url: {link}\n" in text
    oldest = json.loads((ROOT / "hacs.json").read_text())["homeassistant"]
    assert metadata["homeassistant"]["min_version"] == oldest

    await client.send_json_auto_id(
        {
            "type": "blueprint/save",
            "domain": "automation",
            "path": found["suggested_filename"],
            "yaml": found["raw_data"],
            "source_url": link,
        }
    )
    assert (await client.receive_json())["success"]
    await client.send_json_auto_id({"type": "blueprint/list", "domain": "automation"})
    listed = (await client.receive_json())["result"]
    assert listed[f"podero-home-assistant/{Path(path).name}"]["metadata"]["name"]


async def test_car_not_plugged_in(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    notes: dict[str, str],
    car: str,
) -> None:
    """At nine somebody hears of it, once a day and only while it is so."""
    plug = entity_id(hass, "binary_sensor", car, "plugged_in")
    await use(hass, "car_not_plugged_in", plugged_in=plug)
    await say(hass, simulator, now, car, is_plugged_in=False)
    assert list(notes.values()) == []
    await pass_time(hass, now, timedelta(minutes=15))
    assert list(notes.values()) == ["Volkswagen ID.4 is not plugged in."]
    await say(hass, simulator, now, car, is_plugged_in=True)
    await pass_time(hass, now, timedelta(days=1))
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("inputs", "values"),
    [
        ({}, {"is_plugged_in": True}),
        ({}, {"is_plugged_in": None}),
        ({"days": ["mon", "tue"]}, {}),
        ({"enough": 70}, {"battery_level": 71}),
        ({"location": True}, {"latitude": 0, "longitude": 0}),
    ],
)
async def test_car_may_stay_unplugged(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: MockConfigEntry,
    notes: dict[str, str],
    car: str,
    inputs: dict[str, object],
    values: dict[str, object],
) -> None:
    """Nobody is bothered where there is no reason to."""
    given: dict[str, object] = {
        "plugged_in": entity_id(hass, "binary_sensor", car, "plugged_in"),
        "battery_level": entity_id(hass, "sensor", car, "battery_level"),
        "enough": 101,
    } | inputs
    if "location" in given:
        tracker = entity_id(hass, "device_tracker", car, "location")
        er.async_get(hass).async_update_entity(tracker, disabled_by=None)
        await hass.config_entries.async_reload(household.entry_id)
        given["location"] = tracker
    await use(hass, "car_not_plugged_in", **given)
    await say(
        hass,
        simulator,
        now,
        car,
        **{"is_plugged_in": False, "battery_level": 20} | values,
    )
    await pass_time(hass, now, timedelta(minutes=15))
    assert list(notes.values()) == []


@pytest.mark.parametrize(
    ("deadline", "inputs", "looks_at", "time"),
    [
        (None, {"departure_time": "07:00:00"}, "2026-05-21T05:00", "07:00"),
        ("06:30", {"charge_deadline": True}, "2026-05-21T04:30", "06:30"),
        (None, {"charge_deadline": True}, "2026-05-21T05:00", "07:00"),
        ("01:00", {"charge_deadline": True}, "2026-05-20T23:00", "01:00"),
    ],
)
async def test_car_low_before_departure(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    notes: dict[str, str],
    car: str,
    deadline: str | None,
    inputs: dict[str, object],
    looks_at: str,
    time: str,
) -> None:
    """Two hours before departure somebody hears that the car is low, and only then."""
    if "charge_deadline" in inputs:
        inputs = {"charge_deadline": entity_id(hass, "sensor", car, "charge_deadline")}
    simulator.override(car, battery_level=41, charge_deadline_at=deadline)
    await pass_time(hass, now, timedelta(minutes=5))
    await use(
        hass,
        "car_low_before_departure",
        battery_level=entity_id(hass, "sensor", car, "battery_level"),
        days=["thu"],
        **inputs,
    )
    at = datetime.fromisoformat(f"{looks_at}+02:00")
    await pass_time(hass, now, at - timedelta(minutes=1) - datetime.now(UTC))
    assert list(notes.values()) == []
    await pass_time(hass, now, timedelta(minutes=1))
    assert list(notes.values()) == [f"Volkswagen ID.4 is at 41 % and leaves at {time}."]
    await pass_time(hass, now, timedelta(minutes=1))
    await pass_time(hass, now, timedelta(hours=4))
    await pass_time(hass, now, timedelta(days=1) - timedelta(hours=4))
    assert len(notes) == 1


@pytest.mark.parametrize("level", [60, None])
async def test_car_full_enough_before_departure(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    notes: dict[str, str],
    car: str,
    level: int | None,
) -> None:
    """A car at the wanted level, or at one that nobody knows, is no news."""
    await use(
        hass,
        "car_low_before_departure",
        battery_level=entity_id(hass, "sensor", car, "battery_level"),
    )
    await say(hass, simulator, now, car, battery_level=level)
    await pass_time(hass, now, timedelta(hours=8))
    await pass_time(hass, now, timedelta(hours=1))
    assert list(notes.values()) == []


async def test_solar_surplus(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: MockConfigEntry,
    inverter: str,
) -> None:
    """Enough for long enough switches on, too little for long enough off."""
    simulator.override(inverter, solar_surplus_w=500)
    await use(
        hass,
        "solar_surplus",
        solar_surplus=entity_id(hass, "sensor", inverter, "solar_surplus"),
        consumer={"entity_id": "input_boolean.heater"},
    )
    await say(hass, simulator, now, inverter, solar_surplus_w=2500)
    await pass_time(hass, now, timedelta(minutes=14))
    assert heater(hass) == "off"
    await pass_time(hass, now, timedelta(minutes=1, seconds=1))
    assert heater(hass) == "on"
    await say(hass, simulator, now, inverter, solar_surplus_w=100)
    await pass_time(hass, now, timedelta(hours=1))
    assert heater(hass) == "on"
    await say(hass, simulator, now, inverter, solar_surplus_w=-100)
    await pass_time(hass, now, timedelta(minutes=5))
    await say(hass, simulator, now, inverter, solar_surplus_w=100)
    await pass_time(hass, now, timedelta(minutes=30))
    assert heater(hass) == "on"
    await say(hass, simulator, now, inverter, solar_surplus_w=-100)
    await pass_time(hass, now, timedelta(minutes=15))
    assert heater(hass) == "off"


@pytest.mark.parametrize(
    ("surplus", "expected"), [(-100, "off"), (100, "on"), (None, "on")]
)
async def test_solar_surplus_after_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: MockConfigEntry,
    inverter: str,
    surplus: int | None,
    expected: str,
) -> None:
    """What was on when Home Assistant stopped does not stay on for ever."""
    await say(hass, simulator, now, inverter, solar_surplus_w=surplus)
    await hass.services.async_call(
        "input_boolean", "turn_on", {"entity_id": "input_boolean.heater"}, blocking=True
    )
    hass.set_state(CoreState.not_running)
    await use(
        hass,
        "solar_surplus",
        solar_surplus=entity_id(hass, "sensor", inverter, "solar_surplus"),
        consumer={"entity_id": "input_boolean.heater"},
    )
    await hass.async_start()
    await hass.async_block_till_done()
    assert heater(hass) == expected


async def test_use_the_power(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: MockConfigEntry,
    inverter: str,
) -> None:
    """Curtailment or a negative price switches on, the end of both off."""
    hass.states.async_set("sensor.price", "12.5")
    simulator.override(inverter, is_curtailment_active=False)
    await pass_time(hass, now, timedelta(minutes=5))
    await use(
        hass,
        "use_the_power",
        curtailment=entity_id(hass, "binary_sensor", inverter, "curtailment"),
        price="sensor.price",
        consumer={"entity_id": "input_boolean.heater"},
    )
    await say(hass, simulator, now, inverter, is_curtailment_active=True)
    await pass_time(hass, now, timedelta(minutes=4))
    assert heater(hass) == "off"
    await pass_time(hass, now, timedelta(minutes=1))
    assert heater(hass) == "on"
    hass.states.async_set("sensor.price", "-0.1")
    await say(hass, simulator, now, inverter, is_curtailment_active=False)
    await pass_time(hass, now, timedelta(minutes=10))
    assert heater(hass) == "on"
    hass.states.async_set("sensor.price", "unavailable")
    await hass.async_block_till_done()
    await pass_time(hass, now, timedelta(minutes=5, seconds=1))
    assert heater(hass) == "off"


@pytest.mark.parametrize(("curtailed", "expected"), [(True, "on"), (False, "off")])
async def test_use_the_power_after_a_restart(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    household: MockConfigEntry,
    inverter: str,
    curtailed: bool,
    expected: str,
) -> None:
    """After a restart it is as it has to be, whatever it was before."""
    await say(hass, simulator, now, inverter, is_curtailment_active=curtailed)
    await hass.services.async_call(
        "input_boolean",
        "turn_off" if curtailed else "turn_on",
        {"entity_id": "input_boolean.heater"},
        blocking=True,
    )
    hass.set_state(CoreState.not_running)
    await use(
        hass,
        "use_the_power",
        curtailment=entity_id(hass, "binary_sensor", inverter, "curtailment"),
        consumer={"entity_id": "input_boolean.heater"},
    )
    await hass.async_start()
    await hass.async_block_till_done()
    assert heater(hass) == expected


async def test_podero_needs_you(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    notes: dict[str, str],
    car: str,
    inverter: str,
) -> None:
    """Somebody hears of it at once, and each evening until it is done."""
    await use(
        hass,
        "podero_needs_you",
        action_needed=[
            entity_id(hass, "binary_sensor", device, "action_needed")
            for device in (car, inverter)
        ],
        reminder="20:55:00",
        actions=[
            {
                "action": "persistent_notification.create",
                "data": {"message": "{{ devices }}"},
            }
        ],
    )
    cue = simulator.add_action(car)
    await pass_time(hass, now, timedelta(minutes=5, seconds=1))
    assert list(notes.values()) == ["Volkswagen ID.4"]
    await pass_time(hass, now, timedelta(minutes=5))
    assert list(notes.values()) == ["Volkswagen ID.4"] * 2
    simulator.remove_action(cue.id)
    await pass_time(hass, now, timedelta(minutes=5))
    await pass_time(hass, now, timedelta(days=1))
    assert len(notes) == 2


async def test_podero_needs_you_as_it_is(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    notes: dict[str, str],
    car: str,
) -> None:
    """The notification of its own says which device and where to look, and is one only."""
    sensor = entity_id(hass, "binary_sensor", car, "action_needed")
    await use(hass, "podero_needs_you", action_needed=[sensor])
    simulator.add_action(car)
    await pass_time(hass, now, timedelta(minutes=5, seconds=1))
    await pass_time(hass, now, timedelta(days=1))
    assert notes == {
        "podero_needs_you": "Podero needs you for Volkswagen ID.4."
        " Look at Settings > System > Repairs."
    }
