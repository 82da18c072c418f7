"""Actions: what they return, and how they say what is wrong."""

from datetime import UTC, date, datetime, timedelta
import logging
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.podero.const import DOMAIN
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.service import async_get_all_descriptions
from homeassistant.setup import async_setup_component
from simulator import Device, Simulator

from .common import device_entry, set_up
from .history.past import imported

ACTIONS = {
    "get_history": {"start": "2026-05-20 00:00:00"},
    "get_charging_sessions": {"start_date": "2026-05-18"},
    "import_history": {"start_date": "2026-05-19"},
    "clear_history": {},
    "setup_energy_dashboard": {},
}
OF_INVERTERS = {"get_history"}
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
        end_date="2026-05-20",
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


async def test_no_sessions(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry, car: Device
) -> None:
    """No session is no error, and a session that says nothing counts as one."""
    device = registered(hass, loaded, car)
    nothing = simulator.fail("/sessions$", status=200, body={"total": 0, "items": []})
    answer = await call(hass, "get_charging_sessions", device, start_date="2026-05-20")
    assert answer == {
        "sessions": [],
        "totals": {"sessions": 0, "energy_kwh": 0, "cost_eur": 0, "savings_eur": 0},
    }
    [request] = simulator.requests.find("/sessions$")[-1:]
    assert (request.query["from"], request.query["to"]) == ("2026-05-20", "2026-05-20")
    simulator.faults.remove(nothing)
    simulator.fail("/sessions$", status=200, body={"total": 1, "items": [{"id": "a"}]})
    answer = await call(hass, "get_charging_sessions", device, start_date="2026-05-20")
    assert answer["totals"] == {
        "sessions": 1,
        "energy_kwh": 0,
        "cost_eur": 0,
        "savings_eur": 0,
    }


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


@pytest.mark.parametrize("action", ACTIONS)
async def test_wrong_devices(
    hass: HomeAssistant,
    simulator: Simulator,
    recording: MockConfigEntry,
    inverter: Device,
    car: Device,
    action: str,
) -> None:
    """A device of the wrong kind, one that is gone and one of others are told apart."""
    data = ACTIONS[action]
    if action in OF_INVERTERS | OF_CARS:
        wrong = inverter if action in OF_CARS else car
        with pytest.raises(ServiceValidationError) as caught:
            await call(hass, action, registered(hass, recording, wrong), **data)
        assert caught.value.translation_key in {
            "not_inverters",
            "not_electric_vehicles",
        }

    gone = dr.async_get(hass).async_get_or_create(
        config_entry_id=recording.entry_id,
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

    right = registered(hass, recording, car if action in OF_CARS else inverter)
    assert await hass.config_entries.async_unload(recording.entry_id)
    with pytest.raises(ServiceValidationError) as caught:
        await call(hass, action, right, **data)
    assert caught.value.translation_key == "service_config_entry_not_loaded"


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
