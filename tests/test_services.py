"""Actions: what they return, who may call them, and how they say what is wrong."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator
import voluptuous as vol

from custom_components.podero.const import DOMAIN
from homeassistant.auth.models import User
from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.recorder import Recorder
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from simulator import Device, Simulator

from .common import device_entry, make_entry, set_up
from .history.past import everything, imported

ACTIONS = {
    "get_history": {"start": "2026-05-20 00:00:00"},
    "get_charging_sessions": {"start_date": "2026-05-18"},
    "get_charging_decisions": {},
    "get_dashboard": {},
    "import_history": {"start_date": "2026-05-19"},
    "clear_history": {},
    "setup_energy_dashboard": {},
}
OF_ADMINISTRATORS = ("import_history", "clear_history", "setup_energy_dashboard")
OF_CARS = {"get_charging_sessions"}


@pytest.fixture
def inverter(simulator: Simulator) -> Device:
    """Return the inverter of the first household."""
    return simulator.households[0].inverters[0]


@pytest.fixture
def car(simulator: Simulator) -> Device:
    """Return the car of the first household."""
    return simulator.households[0].vehicles[0]


@pytest.fixture
def wallbox(simulator: Simulator) -> Device:
    """Return the wallbox of the first household."""
    return simulator.households[0].wallboxes[0]


@pytest.fixture
async def sunny(now: FrozenDateTimeFactory) -> AsyncGenerator[Simulator]:
    """Run a Podero cloud whose first household charges by the sun alone."""
    simulator = Simulator(seed=1, households=1, days=3, charging_mode="hems")
    await simulator.start()
    yield simulator
    await simulator.stop()


@pytest.fixture
def quiet() -> None:
    """Leave out the log line for each statement of the recorder."""
    logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture
async def recording(
    quiet: None,
    recorder_mock: Recorder,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    entry: MockConfigEntry,
) -> MockConfigEntry:
    """Return the entry of the first household, set up in Vienna beside a recorder."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    assert await async_setup_component(hass, "energy", {})
    await set_up(hass, entry)
    await imported(hass)
    return entry


async def call(
    hass: HomeAssistant, action: str, device: str, **data: Any
) -> dict[str, Any]:
    """Call an action for a device of the registry."""
    response = await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device, **data},
        blocking=True,
        return_response=True,
    )
    assert isinstance(response, dict)
    return response


def registered(hass: HomeAssistant, entry: MockConfigEntry, device: Device) -> str:
    """Return the registry's id of a device."""
    found = device_entry(hass, entry, device.id)
    assert found is not None
    return found.id


async def test_there_without_entries(hass: HomeAssistant) -> None:
    """Automations that use the actions are valid while nothing is set up."""
    assert await async_setup_component(hass, DOMAIN, {})
    assert hass.services.async_services()[DOMAIN].keys() == ACTIONS.keys()
    for action, data in ACTIONS.items():
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action, "nothing", **data)
        assert caught.value.translation_key == "service_device_not_found"


async def test_described(hass: HomeAssistant, loaded: MockConfigEntry) -> None:
    """Every field of every action has a selector."""
    descriptions = (await async_get_all_descriptions(hass))[DOMAIN]
    for action in ACTIONS:
        fields = descriptions[action]["fields"]
        schema = hass.services.async_services()[DOMAIN][action].schema
        assert schema is not None
        assert fields.keys() == {str(key) for key in schema.schema}
        for key in schema.schema:
            assert fields[str(key)].get("required", False) is isinstance(
                key, vol.Required
            )
            assert fields[str(key)]["selector"]


async def test_get_history(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """Points come under the names of the entities, with Home Assistant's signs, in order."""
    simulator.distort("shuffled")
    answer = await call(
        hass,
        "get_history",
        registered(hass, loaded, inverter),
        start="2026-05-19T22:00:00+00:00",
        end="2026-05-20T08:00:00+00:00",
    )
    points = answer["points"]
    assert [point["time"] for point in points] == [
        (
            datetime(2026, 5, 19, 22, tzinfo=UTC) + timedelta(minutes=15 * each)
        ).isoformat()
        for each in range(40)
    ]
    assert points[0].keys() == {
        "time",
        "solar_power",
        "grid_power",
        "home_power",
        "battery_power",
        "battery_level",
        "price",
        "estimated_consumption",
        "unoptimized_consumption",
    }
    for point in points:
        # What comes in goes out.
        assert point["solar_power"] + point["grid_power"] + point["battery_power"] == (
            pytest.approx(point["home_power"])
        )
    assert {point["grid_power"] > 0 for point in points} == {True, False}


async def test_get_history_of_a_silent_cloud(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, inverter: Device
) -> None:
    """Without keywords there may be nothing; then the fields are asked for by name."""
    simulator.distort("missing")
    simulator.requests.clear()
    answer = await call(
        hass,
        "get_history",
        registered(hass, loaded, inverter),
        start="2026-05-20T00:00:00+00:00",
    )
    assert answer == {"points": []}
    assert [
        "keywords" in request.query for request in simulator.requests.find("/data$")
    ] == [False, True]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ("2026-05-20 00:00:00", "2026-05-19T22:00:00Z"),
        ("2026-05-20T00:00:00Z", "2026-05-20T00:00:00Z"),
        ("2026-05-20T00:00:00-03:00", "2026-05-20T03:00:00Z"),
    ],
)
async def test_times(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    inverter: Device,
    given: str,
    asked: str,
) -> None:
    """A time without a zone is one of Home Assistant's; the end is now if left out."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    await call(hass, "get_history", registered(hass, loaded, inverter), start=given)
    [request] = simulator.requests.find("/data$")
    assert request.query["from_datetime"] == asked
    assert request.query["to_datetime"] == "2026-05-20T10:07:00Z"
    assert request.query["resolution"] == "15MIN"


@pytest.mark.parametrize(
    ("resolution", "points"), [("1HOUR", 24), ("1DAY", 1), ("1WEEK", 1), ("1MONTH", 1)]
)
async def test_resolutions(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    inverter: Device,
    resolution: str,
    points: int,
) -> None:
    """Podero sums up, if asked to."""
    answer = await call(
        hass,
        "get_history",
        registered(hass, loaded, inverter),
        start="2026-05-18T00:00:00Z",
        end="2026-05-19T00:00:00Z",
        resolution=resolution,
    )
    assert len(answer["points"]) == points


async def test_get_charging_sessions(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: Device
) -> None:
    """Sessions come as plain data, with what they come to."""
    answer = await call(
        hass,
        "get_charging_sessions",
        registered(hass, loaded, car),
        start_date="2026-05-16",
    )
    truth = simulator.sessions(car)
    assert [session["id"] for session in answer["sessions"]] == [
        session["id"] for session in truth
    ]
    for session, true in zip(answer["sessions"], truth, strict=True):
        assert session.keys() == true.keys()
        assert session["energy_charged_kwh"] == true["energy_charged_kwh"]
        assert datetime.fromisoformat(
            session["plug_in_time"]
        ) == datetime.fromisoformat(str(true["plug_in_time"]))
    assert answer["totals"] == {
        "sessions": len(truth),
        "energy_kwh": pytest.approx(sum(each["energy_charged_kwh"] for each in truth)),
        "cost_eur": pytest.approx(sum(each["actual_cost_eur"] for each in truth)),
        "savings_eur": pytest.approx(
            sum(each["actual_savings_eur"] or 0 for each in truth)
        ),
    }


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        ("UTC", "2026-05-19", "2026-05-19"),
        ("Europe/Vienna", "2026-05-18", "2026-05-19"),
        ("America/Los_Angeles", "2026-05-19", "2026-05-20"),
    ],
)
async def test_sessions_of_a_local_day(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    car: Device,
    zone: str,
    first: str,
    last: str,
) -> None:
    """A session belongs to the day of Home Assistant's zone on which its plug went in."""
    await hass.config.async_set_time_zone(zone)
    begin = dt_util.start_of_local_day(date(2026, 5, 19))
    end = dt_util.start_of_local_day(date(2026, 5, 20))
    names = {
        "the evening before": begin - timedelta(seconds=1),
        "the first second": begin,
        "the last second": end - timedelta(seconds=1),
        "the next day": end,
        "never": None,
    }
    items = [
        {"id": name, "plug_in_time": time and time.isoformat()}
        for name, time in names.items()
    ]
    simulator.fail("/sessions$", status=200, body={"total": 5, "items": items})
    answer = await call(
        hass,
        "get_charging_sessions",
        registered(hass, loaded, car),
        start_date="2026-05-19",
        end_date="2026-05-19",
    )
    assert [session["id"] for session in answer["sessions"]] == [
        "the first second",
        "the last second",
    ]
    assert answer["totals"] == {
        "sessions": 2,
        "energy_kwh": 0,
        "cost_eur": 0,
        "savings_eur": 0,
    }
    [request] = simulator.requests.find("/sessions$")[-1:]
    # Podero's days are those of UTC.
    assert (request.query["from"], request.query["to"]) == (first, last)


async def test_no_sessions(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: Device
) -> None:
    """No session is no error."""
    device = registered(hass, loaded, car)
    simulator.fail("/sessions$", status=200, body={"total": 0, "items": []})
    answer = await call(hass, "get_charging_sessions", device, start_date="2026-05-20")
    assert answer == {
        "sessions": [],
        "totals": {"sessions": 0, "energy_kwh": 0, "cost_eur": 0, "savings_eur": 0},
    }


async def test_solar_sessions(hass: HomeAssistant, sunny: Simulator) -> None:
    """A wallbox's sessions are those of solar charging, by their start."""
    entry = make_entry(sunny)
    await set_up(hass, entry)
    [wallbox] = sunny.households[0].wallboxes
    answer = await call(
        hass,
        "get_charging_sessions",
        registered(hass, entry, wallbox),
        start_date="2026-05-18",
        end_date="2026-05-19",
    )
    truth = sunny.wallbox(wallbox).sessions[-2:]
    assert [
        (session["id"], datetime.fromisoformat(session["started_at"]).timestamp())
        for session in answer["sessions"]
    ] == [(session.id, session.started_at) for session in truth]
    assert all(each["energy_from_solar_kwh"] > 0 for each in answer["sessions"])
    assert answer["totals"] == {
        "sessions": 2,
        "energy_kwh": pytest.approx(
            sum(each["energy_from_solar_kwh"] for each in answer["sessions"])
        ),
        # What solar charging costs, Podero does not say.
        "cost_eur": 0,
        "savings_eur": pytest.approx(
            sum(
                each["savings_eur"]
                for each in answer["sessions"]
                if each["has_complete_price_coverage"]
            )
        ),
    }


async def test_savings_without_prices(hass: HomeAssistant, sunny: Simulator) -> None:
    """What a session saved counts only where the prices of all of it are known."""
    entry = make_entry(sunny)
    await set_up(hass, entry)
    items = [
        {
            "id": number,
            "started_at": "2026-05-20T08:00:00Z",
            "savings_eur": 1.5,
            "has_complete_price_coverage": is_complete,
        }
        for number, is_complete in enumerate((True, False, None))
    ]
    sunny.fail("/hems-sessions$", status=200, body={"total": 3, "items": items})
    [wallbox] = sunny.households[0].wallboxes
    device = registered(hass, entry, wallbox)
    answer = await call(hass, "get_charging_sessions", device, start_date="2026-05-20")
    assert answer["totals"]["sessions"] == 3
    assert answer["totals"]["savings_eur"] == 1.5


# Why solar charging did what it did


async def test_decisions_of_the_session_under_way(
    hass: HomeAssistant, sunny: Simulator, now: FrozenDateTimeFactory
) -> None:
    """Each decision comes with its time, reason, export and target, and with what the wallbox was told."""
    # A sunny afternoon, with a car at the wallbox.
    now.tick(timedelta(hours=5))
    [wallbox] = sunny.households[0].wallboxes
    entry = make_entry(sunny)
    await set_up(hass, entry)
    answer = await call(
        hass, "get_charging_decisions", registered(hass, entry, wallbox)
    )
    session = sunny.wallbox(wallbox).sessions[-1]
    truth: dict[str, Any] = session.detail(sunny.clock.seconds())
    assert answer.keys() == {"session", "decisions", "commands"}
    assert answer["session"]["id"] == session.id
    assert answer["session"]["ended_at"] is None
    assert len(answer["decisions"]) > 5
    assert len(answer["commands"]) > 0
    for part in ("decisions", "commands"):
        for each, true in zip(answer[part], truth[part], strict=True):
            assert datetime.fromisoformat(each["time"]) == datetime.fromisoformat(
                true["time"]
            )
            assert each | {"time": true["time"]} == true


async def test_decisions_of_a_session_that_is_over(
    hass: HomeAssistant, sunny: Simulator
) -> None:
    """Between two sessions the last one is told of; any other is by its number."""
    [wallbox] = sunny.households[0].wallboxes
    entry = make_entry(sunny)
    await set_up(hass, entry)
    device = registered(hass, entry, wallbox)
    before, last = sunny.wallbox(wallbox).sessions[-2:]
    answer = await call(hass, "get_charging_decisions", device)
    assert answer["session"]["id"] == last.id
    assert answer["session"]["ended_at"] is not None
    assert len(answer["decisions"]) == len(last.decisions)
    sunny.requests.clear()
    answer = await call(hass, "get_charging_decisions", device, session_id=before.id)
    assert answer["session"]["id"] == before.id
    assert len(answer["decisions"]) == len(before.decisions)
    assert sunny.requests.count("/hems-sessions/") == 1
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, "get_charging_decisions", device, session_id=1)
    assert caught.value.translation_key == "not_found"


async def test_no_solar_session_yet(
    hass: HomeAssistant, loaded: MockConfigEntry, wallbox: Device
) -> None:
    """A wallbox that never charged by the sun has nothing to tell."""
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, "get_charging_decisions", registered(hass, loaded, wallbox))
    assert caught.value.translation_key == "no_session"
    assert caught.value.translation_placeholders == {
        "device": loaded.runtime_data.device(wallbox.id).coordinator.device_name
    }


# Statistics


async def test_import_and_clear(
    hass: HomeAssistant,
    simulator: Simulator,
    recording: MockConfigEntry,
    inverter: Device,
    car: Device,
) -> None:
    """Importing tells what came, in local days; clearing tells what went, without any if need be."""
    device = registered(hass, recording, inverter)
    answer = await call(
        hass, "import_history", device, start_date="2026-05-19", end_date="2026-05-19"
    )
    begin = datetime(2026, 5, 18, 22, tzinfo=UTC)
    truth = simulator.energy(inverter.id, begin, begin + timedelta(days=1))
    assert answer["hours"] == 24
    assert answer["energy_kwh"] == pytest.approx(
        {kind: truth[kind] for kind in answer["energy_kwh"]}
    )
    assert len(answer["energy_kwh"]) == 6
    cleared = await call(hass, "clear_history", device)
    assert len(cleared["statistics"]) == 9
    assert all(
        each.startswith(f"podero:{inverter.id.replace('-', '')}_")
        for each in cleared["statistics"]
    )
    assert await call(hass, "clear_history", device) == {"statistics": []}
    # Today is still under way: its hours that are over count.
    answer = await call(hass, "import_history", device, start_date="2026-05-20")
    assert answer["hours"] == 12
    answer = await call(
        hass,
        "import_history",
        registered(hass, recording, car),
        start_date="2026-05-17",
    )
    begin = datetime(2026, 5, 16, 22, tzinfo=UTC)
    truth = simulator.energy(car.id, begin, begin + timedelta(days=4))
    assert answer["energy_kwh"] == {
        "charging_energy": pytest.approx(truth["charging_energy"])
    }
    # Nobody has to listen to the answer.
    for action in ("import_history", "clear_history"):
        await hass.services.async_call(
            DOMAIN, action, {"device_id": device, **ACTIONS[action]}, blocking=True
        )


@pytest.mark.parametrize(
    "action", ["get_history", "get_charging_sessions", "import_history"]
)
@pytest.mark.parametrize(
    ("first", "last", "key"),
    [
        ("2026-05-20", "2026-05-18", "end_before_start"),
        ("2026-05-23", "2026-05-24", "start_in_future"),
        ("2024-05-17", "2026-05-20", "span_too_long"),
    ],
)
async def test_spans_that_make_no_sense(
    hass: HomeAssistant,
    recording: MockConfigEntry,
    inverter: Device,
    car: Device,
    action: str,
    first: str,
    last: str,
    key: str,
) -> None:
    """What the user got wrong is told as such."""
    device = registered(hass, recording, car if action in OF_CARS else inverter)
    data = (
        {"start": f"{first} 12:00:00", "end": f"{last} 12:00:00"}
        if action == "get_history"
        else {"start_date": first, "end_date": last}
    )
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, device, **data)
    assert caught.value.translation_key == key
    assert caught.value.translation_domain == DOMAIN


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    "action", ["get_history", "get_charging_sessions", "import_history"]
)
async def test_days_at_the_end_of_the_calendar(
    hass: HomeAssistant,
    recording: MockConfigEntry,
    inverter: Device,
    car: Device,
    action: str,
    day: str,
) -> None:
    """A day that begins or ends beyond the calendar is the user's mistake, too."""
    await hass.config.async_set_time_zone(
        "Europe/Vienna" if day < "1000" else "America/Los_Angeles"
    )
    device = registered(hass, recording, car if action in OF_CARS else inverter)
    data = (
        {"start": f"{day} 00:00:00", "end": f"{day} 23:00:00"}
        if action == "get_history"
        else {"start_date": day, "end_date": day}
    )
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, device, **data)
    assert caught.value.translation_key == "span_too_long"


async def test_two_years_are_allowed(
    hass: HomeAssistant,
    recording: MockConfigEntry,
    inverter: Device,
    now: FrozenDateTimeFactory,
) -> None:
    """Two years, with the leap day that may be in them, are not too long."""
    device = registered(hass, recording, inverter)
    today = date(2026, 5, 20)
    answer = await call(
        hass,
        "import_history",
        device,
        start_date=(today - timedelta(days=730)).isoformat(),
        end_date=today.isoformat(),
    )
    assert answer["hours"] > 72


@pytest.mark.parametrize(
    ("action", "kinds", "key"),
    [
        ("get_history", ("vehicles", "heat_pumps", "wallboxes", None), "no_series"),
        ("get_charging_sessions", ("inverters", "heat_pumps", None), "no_sessions"),
        (
            "get_charging_decisions",
            ("inverters", "vehicles", "heat_pumps", None),
            "no_decisions",
        ),
        ("import_history", ("wallboxes", None), "no_history"),
        ("clear_history", ("wallboxes", None), "no_history"),
    ],
)
async def test_wrong_kind(
    hass: HomeAssistant,
    simulator: Simulator,
    recording: MockConfigEntry,
    action: str,
    kinds: tuple[str | None, ...],
    key: str,
) -> None:
    """A device that has no such thing is named; None is the household itself."""
    family = simulator.households[0]
    for kind in kinds:
        found = device_entry(
            hass,
            recording,
            family.user_id if kind is None else getattr(family, kind)[0].id,
        )
        assert found is not None
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action, found.id, **ACTIONS[action])
        assert caught.value.translation_key == key
        assert caught.value.translation_placeholders == {"device": found.name}


@pytest.mark.parametrize("action", ACTIONS)
async def test_wrong_devices(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    inverter: Device,
    action: str,
) -> None:
    """A device that is gone, one of others and one that is not loaded are told apart."""
    data = ACTIONS[action]
    gone = dr.async_get(hass).async_get_or_create(
        config_entry_id=loaded.entry_id,
        identifiers={(DOMAIN, "00000000-0000-0000-0000-000000000000")},
        name="An old car",
    )
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, gone.id, **data)
    assert caught.value.translation_key == "device_gone"
    assert caught.value.translation_placeholders == {"device": "An old car"}

    other = MockConfigEntry(domain="other")
    other.add_to_hass(hass)
    foreign = dr.async_get(hass).async_get_or_create(
        config_entry_id=other.entry_id, identifiers={("other", "1")}
    )
    with pytest.raises(ServiceValidationError):
        await call(hass, action, foreign.id, **data)

    right = registered(hass, loaded, inverter)
    assert await hass.config_entries.async_unload(loaded.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, right, **data)
    assert caught.value.translation_key == "service_config_entry_not_loaded"


# Who may


async def test_administrators_only(
    hass: HomeAssistant,
    recording: MockConfigEntry,
    inverter: Device,
    hass_ws_client: WebSocketGenerator,
    hass_read_only_access_token: str,
    hass_read_only_user: User,
) -> None:
    """Who may only look can change neither statistics nor the Energy dashboard, by no way."""
    device = registered(hass, recording, inverter)
    await call(hass, "import_history", device, start_date="2026-05-19")
    manager = await async_get_manager(hass)
    before = await everything(hass, inverter), manager.data
    client = await hass_ws_client(hass, hass_read_only_access_token)
    for action in OF_ADMINISTRATORS:
        data = {"device_id": device, **ACTIONS[action]}
        await client.send_json_auto_id(
            {
                "type": "call_service",
                "domain": DOMAIN,
                "service": action,
                "service_data": data,
                "return_response": True,
            }
        )
        answer = await client.receive_json()
        assert answer["success"] is False
        assert answer["error"]["message"] == "Unauthorized"
        assert answer["error"]["message"] == "Unauthorized"
        with pytest.raises(Unauthorized):
            await hass.services.async_call(
                DOMAIN,
                action,
                data,
                blocking=True,
                context=Context(user_id=hass_read_only_user.id),
            )
    assert (await everything(hass, inverter), manager.data) == before
    assert before[0]["solar_energy"]
    # An automation has no user.
    answer = await call(hass, "clear_history", device)
    assert answer["statistics"]


@pytest.mark.parametrize("action", ["get_history", "get_charging_sessions"])
async def test_everyone_may_look(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    inverter: Device,
    car: Device,
    hass_read_only_user: User,
    action: str,
) -> None:
    """What only returns what there is anyway is for everyone."""
    device = registered(hass, loaded, car if action in OF_CARS else inverter)
    assert await hass.services.async_call(
        DOMAIN,
        action,
        {"device_id": device, **ACTIONS[action]},
        blocking=True,
        return_response=True,
        context=Context(user_id=hass_read_only_user.id),
    )


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"status": 500}, "bad_response"),
        ({"status": 403}, "no_access"),
        ({"status": 404}, "not_found"),
        ({"status": 429}, "rate_limited"),
        ({"disconnect": True}, "cannot_connect"),
    ],
)
@pytest.mark.parametrize(
    "action", ["get_history", "get_charging_sessions", "import_history"]
)
async def test_what_podero_did(
    hass: HomeAssistant,
    simulator: Simulator,
    recording: MockConfigEntry,
    inverter: Device,
    car: Device,
    action: str,
    fault: dict[str, Any],
    key: str,
) -> None:
    """Podero's failures are Home Assistant's errors, not the user's fault."""
    device = registered(hass, recording, car if action in OF_CARS else inverter)
    simulator.fail("/data$|/sessions$", **fault)
    with pytest.raises(HomeAssistantError) as caught:
        await call(hass, action, device, **ACTIONS[action])
    assert not isinstance(caught.value, ServiceValidationError)
    assert (caught.value.translation_domain, caught.value.translation_key) == (
        DOMAIN,
        key,
    )


async def test_without_recorder_and_dashboard(
    hass: HomeAssistant, loaded: MockConfigEntry, inverter: Device, car: Device
) -> None:
    """Without a recorder everything else works, and the actions that need one say so."""
    device = registered(hass, loaded, inverter)
    assert (await call(hass, "get_history", device, **ACTIONS["get_history"]))["points"]
    for action, key in {
        "import_history": "no_recorder",
        "clear_history": "no_recorder",
        "setup_energy_dashboard": "no_energy_dashboard",
    }.items():
        with pytest.raises(HomeAssistantError) as caught:
            await call(hass, action, device, **ACTIONS[action])
        assert caught.value.translation_key == key


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("get_history", {"start": "yesterday"}),
        ("get_history", {"start": "2026-05-20 00:00:00", "resolution": "5MIN"}),
        ("get_charging_sessions", {"start_date": "20.5."}),
        ("import_history", {}),
        ("setup_energy_dashboard", {"dry_run": "perhaps"}),
    ],
)
async def test_schemas(
    hass: HomeAssistant,
    loaded: MockConfigEntry,
    inverter: Device,
    action: str,
    data: dict[str, Any],
) -> None:
    """What is no date, no resolution or not there is refused before anything is asked."""
    with pytest.raises(vol.Invalid):
        await call(hass, action, registered(hass, loaded, inverter), **data)
