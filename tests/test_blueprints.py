"""The blueprints: imported by the links in the documentation, and run on a household."""

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
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.components import automation, persistent_notification
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import (
    CoreState,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import entity_id, make_entry, pass_time, set_up

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "blueprints/automation/podero"
BLUEPRINTS = sorted(path.stem for path in FOLDER.iterdir())
RAW = "https://raw.githubusercontent.com/podero-home-assistant/podero/main/"

EVENING = datetime(2026, 5, 20, 18, 45, tzinfo=UTC)  # 20:45 in Vienna, a Wednesday


def links() -> list[str]:
    """Return the addresses of the blueprints that the documentation lets people import."""
    found = re.findall(
        r"https://my\.home-assistant\.io/redirect/blueprint_import/[^)\s]*",
        (ROOT / "docs/automations.md").read_text(),
    )
    return [parse_qs(urlsplit(link).query)["blueprint_url"][0] for link in found]


@pytest.fixture
async def blueprints(
    hass: HomeAssistant, now: FrozenDateTimeFactory, tmp_path: Path
) -> AsyncGenerator[None]:
    """Set up a Home Assistant in Vienna that has the blueprints."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    hass.config.config_dir = str(tmp_path)
    shutil.copytree(ROOT / "blueprints", tmp_path / "blueprints")
    now.move_to(EVENING)
    for component in ("homeassistant", persistent_notification.DOMAIN):
        assert await async_setup_component(hass, component, {})
    yield
    # An automation keeps its timers until it is turned off.
    await hass.services.async_call(
        automation.DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
    )


@pytest.fixture
async def household(
    hass: HomeAssistant,
    simulator: Simulator,
    blueprints: None,
) -> MockConfigEntry:
    """Set up a household in Vienna, in a Home Assistant that has the blueprints."""
    entry = make_entry(simulator)
    await set_up(hass, entry)
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"heater": {}}}
    )
    return entry


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
    """The documentation links to each blueprint, and to nothing else."""
    assert sorted(Path(link).stem for link in links()) == BLUEPRINTS
    assert len(BLUEPRINTS) == 10


@pytest.mark.parametrize("link", links())
async def test_import(
    hass: HomeAssistant,
    hass_ws_client: WebSocketGenerator,
    aioclient_mock: AiohttpClientMocker,
    tmp_path: Path,
    link: str,
) -> None:
    """The link in the documentation leads to the dialog that imports it, and that succeeds."""
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


# ---- On entities whose states are set by hand

type Entities = dict[str, str]


@pytest.fixture
def letters(hass: HomeAssistant, blueprints: None) -> list[tuple[str, str]]:
    """Return the title and message of each notification, in order."""
    found: list[tuple[str, str]] = []

    @callback
    def listen(
        kind: persistent_notification.UpdateType,
        notes: dict[str, persistent_notification.Notification],
    ) -> None:
        found.extend((note["title"] or "", note["message"]) for note in notes.values())

    persistent_notification.async_register_callback(hass, listen)
    return found


def register(hass: HomeAssistant, name: str, **platforms: str) -> Entities:
    """Register a device of Podero and its entities, and return their ids by their keys."""
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, name)}, name=name
    )
    return {
        key: er.async_get(hass)
        .async_get_or_create(
            platform,
            DOMAIN,
            f"{name}_{key}",
            device_id=device.id,
            translation_key=key,
            suggested_object_id=f"{name}_{key}",
        )
        .entity_id
        for key, platform in platforms.items()
    }


async def become(
    hass: HomeAssistant, entity: str, state: str, **attributes: object
) -> None:
    """Let an entity have a state."""
    hass.states.async_set(entity, state, attributes)
    await hass.async_block_till_done()


async def test_several_cars_not_plugged_in(
    hass: HomeAssistant, now: FrozenDateTimeFactory, letters: list[tuple[str, str]]
) -> None:
    """Each car is told of by itself, with what is known of that car."""
    keys = {
        "plugged_in": "binary_sensor",
        "battery_level": "sensor",
        "location": "device_tracker",
    }
    cars = [register(hass, name, **keys) for name in ("Low", "Full", "Away", "In")]
    for entities, plug, level, place in zip(
        cars,
        ("off", "off", "off", "on"),
        ("20", "80", "unknown", "20"),
        ("home", "home", "not_home", "home"),
        strict=True,
    ):
        await become(hass, entities["plugged_in"], plug)
        await become(hass, entities["battery_level"], level)
        await become(hass, entities["location"], place)
    await use(
        hass,
        "car_not_plugged_in",
        **{key: [entities[key] for entities in cars] for key in keys},
    )
    await pass_time(hass, now, timedelta(minutes=15))
    assert letters == [("Low", "Low is not plugged in.")]
    await become(hass, cars[1]["battery_level"], "79")
    await pass_time(hass, now, timedelta(days=1))
    assert letters[1:] == [
        ("Low", "Low is not plugged in."),
        ("Full", "Full is not plugged in."),
    ]


async def test_several_cars_low_before_departure(
    hass: HomeAssistant, now: FrozenDateTimeFactory, letters: list[tuple[str, str]]
) -> None:
    """Each car is looked at before its own departure, which may be days ahead."""
    cars = {
        name: register(hass, name, battery_level="sensor", deadline=platform)
        for name, platform in (
            ("Sensor", "sensor"),
            ("Time", "time"),
            ("Friday", "sensor"),
            ("Unset", "sensor"),
            ("Full", "sensor"),
        )
    }
    for name, level, deadline in (
        ("Sensor", "41.4", "06:30"),
        ("Time", "42", "06:31:00"),
        ("Friday", "43", "2026-05-22T04:30:00+00:00"),
        ("Unset", "44", "unknown"),
        ("Full", "60", "06:30"),
    ):
        await become(hass, cars[name]["battery_level"], level)
        await become(hass, cars[name]["deadline"], deadline)
    await use(
        hass,
        "car_low_before_departure",
        battery_level=[car["battery_level"] for car in cars.values()],
        charge_deadline=[car["deadline"] for car in cars.values()],
        days=["thu", "fri"],
    )
    seen = []
    for _ in range(40 * 12):
        await pass_time(hass, now, timedelta(minutes=5))
        seen += [(f"{datetime.now(UTC):%d %H:%M}", each[1]) for each in letters]
        letters.clear()
    both = [
        "Sensor is at 41 % and leaves at 06:30.",
        "Time is at 42 % and leaves at 06:31.",
    ]
    unset = "Unset is at 44 % and leaves at 07:00."
    assert seen == [
        *(("21 02:30", each) for each in both),
        ("21 03:00", unset),
        *(("22 02:30", each) for each in [*both, "Friday is at 43 % and leaves at 06:30."]),
        ("22 03:00", unset),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        (
            "deadline_unreachable",
            "ID.4 cannot reach its target by its deadline any more.",
        ),
        ("stalled", "ID.4 is planned to charge now, but does not."),
        ("deadline_missed", "ID.4 was not at its target by its deadline."),
    ],
)
async def test_car_not_ready(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    letters: list[tuple[str, str]],
    reason: str,
    message: str,
) -> None:
    """Somebody hears of a problem that lasts, with its reason."""
    sensor, other = (
        register(hass, name, charging_problem="binary_sensor")["charging_problem"]
        for name in ("ID.4", "Zoe")
    )
    await become(hass, sensor, "off")
    await become(hass, other, "off")
    await use(hass, "car_not_ready", charging_problem=[sensor, other])
    await become(hass, sensor, "on", reason=reason)
    await pass_time(hass, now, timedelta(minutes=4))
    assert letters == []
    await pass_time(hass, now, timedelta(minutes=1, seconds=1))
    assert letters == [("ID.4", message)]
    await become(hass, sensor, "off", reason=None)
    await pass_time(hass, now, timedelta(hours=1))
    assert len(letters) == 1


async def test_car_not_ready_for_another_reason(
    hass: HomeAssistant, now: FrozenDateTimeFactory, letters: list[tuple[str, str]]
) -> None:
    """That it was foretold and that it happened are two things; an outage is none."""
    sensor = register(hass, "ID.4", charging_problem="binary_sensor")[
        "charging_problem"
    ]
    await become(hass, sensor, "unavailable")
    await use(hass, "car_not_ready", charging_problem=[sensor], after=0)
    for state, reason, told in (
        ("on", "stalled", 1),  # Nobody had heard of it.
        ("on", "deadline_unreachable", 2),
        ("on", "deadline_missed", 3),
        ("unavailable", None, 3),
        ("on", "deadline_missed", 3),
        ("off", None, 3),
        ("on", "stalled", 4),
    ):
        await become(hass, sensor, state, reason=reason)
        assert len(letters) == told
    await become(hass, sensor, "unavailable")
    await pass_time(hass, now, timedelta(hours=13))
    await become(hass, sensor, "on", reason="stalled")
    assert len(letters) == 5


async def record(
    hass: HomeAssistant, sensor: str, rows: list[tuple[datetime, float]]
) -> None:
    """Let the recorder hold a sensor's last states of some hours."""
    async_import_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=None,
            source="recorder",
            statistic_id=sensor,
            unit_class=None,
            unit_of_measurement="EUR",
        ),
        [StatisticData(start=at, state=state, sum=state) for at, state in rows],
    )
    await async_wait_recording_done(hass)


@pytest.mark.parametrize(
    ("named", "units", "title", "message"),
    [
        (
            ["ID.4", "Inverter"],
            ["EUR", "EUR"],
            "Podero in April 2026",
            "April 2026: 23.40 EUR saved (ID.4 -1.60 EUR, Inverter 25.00 EUR).",
        ),
        (
            ["ID.4", "Inverter"],
            ["EUR", "CHF"],
            "Podero in April 2026",
            "April 2026: saved with ID.4 -1.60 EUR, Inverter 25.00 CHF.",
        ),
        (
            ["ID.4", "New"],
            ["EUR", "EUR"],
            "Podero in April 2026",
            "April 2026: saved with ID.4 -1.60 EUR.",
        ),
        (
            ["New"],
            ["EUR"],
            "Podero in April 2026",
            "Nothing is known of the savings in April 2026.",
        ),
    ],
)
async def test_monthly_savings(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    letters: list[tuple[str, str]],
    named: list[str],
    units: list[str],
    title: str,
    message: str,
) -> None:
    """On the first, the last values before the sensors started anew are told, by the local month."""
    sensors = {
        name: register(hass, name, savings_month="sensor")["savings_month"]
        for name in ("ID.4", "Inverter", "New")
    }
    midnight = datetime(2026, 4, 30, 22, tzinfo=UTC)
    hour = timedelta(hours=1)
    for name, before, after in (("ID.4", -1.6, 0.1), ("Inverter", 25.0, 0.5)):
        await record(
            hass,
            sensors[name],
            [
                (datetime(2026, 3, 31, 21, tzinfo=UTC), 99.0),
                (datetime(2026, 4, 10, tzinfo=UTC), 7.0),
                (midnight - hour, before),
                (midnight, after),
            ],
        )
    for name, unit in zip(named, units, strict=True):
        await become(hass, sensors[name], "0.5", unit_of_measurement=unit)
    now.move_to(datetime(2026, 4, 30, 5, 59, tzinfo=UTC))
    await use(hass, "monthly_savings", savings_month=[sensors[name] for name in named])
    await pass_time(hass, now, timedelta(minutes=1))
    assert letters == []
    await pass_time(hass, now, timedelta(days=1))
    await async_wait_recording_done(hass)
    assert letters == [(title, message)]


class Storm:
    """A home battery, a warning, a forecast and a helper that remembers."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Register the services that the automation calls."""
        self.hass = hass
        self.number = register(hass, "Inverter", battery_min_level="number")[
            "battery_min_level"
        ]
        self.forecast: list[dict[str, str]] | None = []
        self.reachable = True
        hass.services.async_register("number", "set_value", self._set)
        hass.services.async_register(
            "weather",
            "get_forecasts",
            self._get,
            supports_response=SupportsResponse.ONLY,
        )

    async def _set(self, call: ServiceCall) -> None:
        if not self.reachable:
            raise HomeAssistantError("Podero cannot be reached")
        assert call.data["entity_id"] == [self.number]
        self.hass.states.async_set(self.number, str(float(call.data["value"])))

    async def _get(self, call: ServiceCall) -> ServiceResponse:
        if self.forecast is None:
            raise HomeAssistantError("No forecast")
        assert call.data["type"] == "hourly"
        return {"weather.home": {"forecast": list(self.forecast)}}

    @property
    def limit(self) -> float:
        """Return the lowest level of the battery."""
        state = self.hass.states.get(self.number)
        assert state is not None
        return float(state.state)


@pytest.fixture
async def storm(hass: HomeAssistant, blueprints: None) -> Storm:
    """Return a home without a storm."""
    assert await async_setup_component(
        hass, "input_text", {"input_text": {"limit": {}}}
    )
    found = Storm(hass)
    await become(hass, found.number, "15")
    await become(hass, "binary_sensor.warning", "off")
    await become(hass, "weather.home", "cloudy", supported_features=3)
    return found


async def protect(hass: HomeAssistant, storm: Storm, **inputs: object) -> None:
    """Keep a reserve before storms."""
    await use(
        hass,
        "storm_reserve",
        battery_min_level=storm.number,
        remembered="input_text.limit",
        **inputs,
    )


async def test_storm_reserve_by_warning(hass: HomeAssistant, storm: Storm) -> None:
    """The limit is raised with a warning, and put back once it is known to be over."""
    await protect(hass, storm, warnings=["binary_sensor.warning"])
    for warning, limit in (
        ("unavailable", 15),
        ("on", 80),
        ("unavailable", 80),
        ("on", 80),
        ("off", 15),
        ("on", 80),
    ):
        await become(hass, "binary_sensor.warning", warning)
        assert storm.limit == limit
    # By hand, in the middle of a storm.
    await become(hass, storm.number, "30")
    await become(hass, "binary_sensor.warning", "off")
    assert storm.limit == 30
    # Higher than the reserve already, or not known.
    for before in ("90", "80"):
        await become(hass, storm.number, before)
        await become(hass, "binary_sensor.warning", "on")
        await become(hass, "binary_sensor.warning", "off")
        assert storm.limit == float(before)


async def test_storm_reserve_by_forecast(
    hass: HomeAssistant, now: FrozenDateTimeFactory, storm: Storm
) -> None:
    """A storm within the hours that are looked at is near; one that is there is, too."""

    async def hour(*forecast: tuple[int, str]) -> float:
        """Return the limit after an hour, with a forecast for hours ahead."""
        storm.forecast = [
            {
                "datetime": (datetime.now(UTC) + timedelta(hours=ahead)).isoformat(),
                "condition": condition,
            }
            for ahead, condition in forecast
        ]
        await pass_time(hass, now, timedelta(hours=1))
        return storm.limit

    await protect(hass, storm, weather="weather.home", reserve=60)
    assert await hour((1, "sunny"), (14, "lightning")) == 15
    assert await hour((1, "sunny"), (13, "lightning")) == 60
    await become(hass, "weather.home", "lightning-rainy", supported_features=3)
    assert await hour((1, "sunny")) == 60
    await become(hass, "weather.home", "unavailable")
    assert await hour((1, "sunny")) == 60
    await become(hass, "weather.home", "sunny", supported_features=3)
    assert await hour() == 60
    storm.forecast = None
    await pass_time(hass, now, timedelta(hours=1))
    assert storm.limit == 60
    assert await hour((1, "sunny")) == 15
    assert hass.states.is_state("input_text.limit", "")


async def test_storm_reserve_is_tried_again(
    hass: HomeAssistant, now: FrozenDateTimeFactory, storm: Storm
) -> None:
    """What Podero did not take is tried again, also after a restart."""
    storm.reachable = False
    await protect(hass, storm, warnings=["binary_sensor.warning"])
    await become(hass, "binary_sensor.warning", "on")
    assert storm.limit == 15
    storm.reachable = True
    await pass_time(hass, now, timedelta(hours=1))
    assert storm.limit == 80
    storm.reachable = False
    await become(hass, "binary_sensor.warning", "off")
    assert storm.limit == 80
    await become(hass, storm.number, "unavailable")
    storm.reachable = True
    await pass_time(hass, now, timedelta(hours=1))
    await become(hass, storm.number, "80")
    await pass_time(hass, now, timedelta(hours=1))
    assert storm.limit == 15


async def test_storm_reserve_after_a_restart(hass: HomeAssistant, storm: Storm) -> None:
    """A storm that ended while Home Assistant was off is over."""
    await become(hass, storm.number, "80")
    await hass.services.async_call(
        "input_text",
        "set_value",
        {"entity_id": "input_text.limit", "value": "15.0"},
        blocking=True,
    )
    hass.set_state(CoreState.not_running)
    await protect(hass, storm, warnings=["binary_sensor.warning"])
    await hass.async_start()
    await hass.async_block_till_done()
    assert storm.limit == 15


@pytest.fixture
async def optimization(hass: HomeAssistant, blueprints: None) -> list[str]:
    """Return switches that are on, beside a helper that remembers."""
    assert await async_setup_component(
        hass, "input_boolean", {"input_boolean": {"turned_off": {}, "holiday": {}}}
    )

    async def switch(call: ServiceCall) -> None:
        """Switch those that are available, as the component does."""
        for entity in call.data["entity_id"]:
            if not hass.states.is_state(entity, "unavailable"):
                hass.states.async_set(entity, call.service.removeprefix("turn_"))

    for service in ("turn_on", "turn_off"):
        hass.services.async_register("switch", service, switch)
    switches = [
        register(hass, name, smart_optimization="switch")["smart_optimization"]
        for name in ("Inverter", "ID.4")
    ]
    for each in switches:
        await become(hass, each, "on")
    return switches


def states(hass: HomeAssistant, entities: list[str]) -> list[str]:
    """Return the states of some entities."""
    return [found.state for each in entities if (found := hass.states.get(each))]


async def test_away_by_people(
    hass: HomeAssistant, now: FrozenDateTimeFactory, optimization: list[str]
) -> None:
    """Off when all have been away for long enough, on when one of them is back."""
    people = ["person.ada", "person.ben"]
    for person in people:
        await become(hass, person, "home")
    await use(
        hass,
        "away",
        smart_optimization=optimization,
        remembered="input_boolean.turned_off",
        people=people,
    )
    await become(hass, "person.ada", "not_home")
    await pass_time(hass, now, timedelta(days=2))
    await become(hass, "person.ben", "Work")
    await pass_time(hass, now, timedelta(hours=23, minutes=30))
    assert states(hass, optimization) == ["on", "on"]
    await pass_time(hass, now, timedelta(hours=1))
    assert states(hass, optimization) == ["off", "off"]
    # By hand, while away.
    await become(hass, optimization[0], "on")
    await become(hass, "person.ben", "unknown")
    await pass_time(hass, now, timedelta(hours=30))
    assert states(hass, optimization) == ["on", "off"]
    await become(hass, "person.ben", "home")
    assert states(hass, optimization) == ["on", "on"]
    # By hand, at home.
    await become(hass, optimization[0], "off")
    await pass_time(hass, now, timedelta(hours=30))
    assert states(hass, optimization) == ["off", "on"]


async def test_away_by_holiday(
    hass: HomeAssistant, now: FrozenDateTimeFactory, optimization: list[str]
) -> None:
    """Off while something is on; what could not be reached is tried again."""
    await use(
        hass,
        "away",
        smart_optimization=optimization,
        remembered="input_boolean.turned_off",
        away=["input_boolean.holiday"],
    )
    await become(hass, "input_boolean.holiday", "on")
    assert states(hass, optimization) == ["off", "off"]
    await become(hass, "input_boolean.holiday", "unavailable")
    assert states(hass, optimization) == ["off", "off"]
    await become(hass, optimization[1], "unavailable")
    await become(hass, "input_boolean.holiday", "off")
    assert states(hass, optimization) == ["on", "unavailable"]
    await become(hass, optimization[1], "off")
    await pass_time(hass, now, timedelta(hours=1))
    assert states(hass, optimization) == ["on", "on"]
    assert hass.states.is_state("input_boolean.turned_off", "off")


async def test_away_after_a_restart(
    hass: HomeAssistant, optimization: list[str]
) -> None:
    """Who came back while Home Assistant was off finds it on."""
    for each in optimization:
        await become(hass, each, "off")
    await become(hass, "input_boolean.turned_off", "on")
    hass.set_state(CoreState.not_running)
    await use(
        hass,
        "away",
        smart_optimization=optimization,
        remembered="input_boolean.turned_off",
        away=["input_boolean.holiday"],
    )
    await hass.async_start()
    await hass.async_block_till_done()
    assert states(hass, optimization) == ["on", "on"]


@pytest.mark.parametrize(
    ("question", "values", "answer"),
    [
        (
            "Why is the car not charging?",
            {
                "charging_status": "waiting_for_plan",
                "planned_start": "2026-05-20T21:00:00+00:00",
                "planned_end": "2026-05-20T23:30:00+00:00",
                "charging_problem": "off",
            },
            "ID.4: Waiting for plan. Planned from 23:00 to Thursday 01:30.",
        ),
        (
            "why isn't my car charging",
            {
                "charging_status": "interrupted",
                "planned_start": "2026-05-20T18:00:00+00:00",
                "planned_end": "unknown",
                "charging_problem": "stalled",
            },
            (
                "ID.4: Interrupted. Planned from 20:00."
                " It is planned to charge now, but does not."
            ),
        ),
        (
            "When will the car charge",
            {"charging_status": "waiting", "charging_problem": "deadline_unreachable"},
            "ID.4: Waiting. It cannot reach its target by its deadline any more.",
        ),
        (
            "why is my car not charging",
            {
                "charging_status": "not_optimized",
                "charging_problem": "deadline_missed",
            },
            "ID.4: Not optimized. It was not at its target by its deadline.",
        ),
        (
            "Why is not the car charging",
            {"charging_status": "unavailable"},
            "ID.4: unavailable.",
        ),
    ],
)
async def test_why_not_charging(
    hass: HomeAssistant,
    blueprints: None,
    question: str,
    values: dict[str, str],
    answer: str,
) -> None:
    """A question is answered with what the car does, its plan and its problem."""
    assert await async_setup_component(hass, "conversation", {})
    hass.config.components.add(DOMAIN)  # As it is where there are cars.
    await async_get_translations(hass, "en", "entity", [DOMAIN])
    keys = {
        "charging_status": "sensor",
        "planned_start": "sensor",
        "planned_end": "sensor",
        "charging_problem": "binary_sensor",
    }
    car, other = register(hass, "ID.4", **keys), register(hass, "Zoe", **keys)
    await become(hass, other["planned_start"], "2026-05-20T22:00:00+00:00")
    await become(hass, other["charging_problem"], "on", reason="stalled")
    for key, value in values.items():
        if key == "charging_problem" and value != "off":
            await become(hass, car[key], "on", reason=value)
        else:
            await become(hass, car[key], value)
    await use(
        hass,
        "why_not_charging",
        charging_status=[car["charging_status"]],
        **{key: [car[key], other[key]] for key in list(keys)[1:]},
    )
    reply = await hass.services.async_call(
        "conversation",
        "process",
        {"text": question},
        blocking=True,
        return_response=True,
    )
    assert reply["response"]["speech"]["plain"]["speech"] == answer
