"""What all devices that Podero steers have in common: how old their data is, and what they saved."""

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from simulator import Simulator
from tests.common import pass_time, set_up, state

POLL = timedelta(minutes=5)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
NOON = datetime(2026, 5, 20, 10, 7, tzinfo=UTC)


def outdated(hass: HomeAssistant, device_id: str) -> str:
    """Return whether a device's data is outdated."""
    return state(hass, device_id, "data_outdated", "binary_sensor").state


def updated(moment: datetime) -> dict[str, object]:
    """Return what Podero says of data of a time."""
    return {"current_state_last_updated_at": moment.isoformat()}


# How old


@pytest.mark.parametrize("kind", ["inverter", "heat_pump", "wallbox", "car"])
async def test_data_grows_old_by_itself(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    request: pytest.FixtureRequest,
    kind: str,
) -> None:
    """An hour after the newest data it is outdated, without another poll; fresh data ends that."""
    device_id: str = request.getfixturevalue(kind)
    # A car that is plugged in has news.
    now.move_to(NOON + timedelta(hours=9))
    start = now().replace(tzinfo=UTC)
    simulator.override(device_id, **updated(start + timedelta(minutes=1) - HOUR))
    await set_up(hass, entry)
    assert outdated(hass, device_id) == STATE_OFF
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(minutes=1))
    assert outdated(hass, device_id) == STATE_OFF
    await pass_time(hass, now, SECOND)
    assert outdated(hass, device_id) == STATE_ON
    assert simulator.requests.count(f"{device_id}$") == 0
    simulator.override(device_id, **updated(start))
    await pass_time(hass, now, POLL)
    assert outdated(hass, device_id) == STATE_OFF


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({"is_plugged_in": False, "is_charging": False}, timedelta(hours=24)),
        ({"is_plugged_in": None, "is_charging": None}, timedelta(hours=24)),
        ({"is_plugged_in": True, "is_charging": False}, HOUR),
        ({"is_plugged_in": False, "is_charging": True}, HOUR),
    ],
)
async def test_a_sleeping_car(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    car: str,
    fields: dict[str, object],
    allowed: timedelta,
) -> None:
    """A car that is neither plugged in nor charging may be silent for a day."""
    simulator.override(car, **fields, **updated(NOON - allowed + SECOND))
    await set_up(hass, entry)
    assert outdated(hass, car) == STATE_OFF
    await pass_time(hass, now, 3)
    assert outdated(hass, car) == STATE_ON


@pytest.mark.parametrize("said", [None, "0001-01-01T00:00:00Z", "yesterday"])
async def test_nobody_knows_how_old(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    said: object,
) -> None:
    """Where Podero does not say when, it is not known."""
    simulator.override(inverter, current_state_last_updated_at=said)
    await set_up(hass, entry)
    assert outdated(hass, inverter) == STATE_UNKNOWN


# What it was worth


def savings(path: str, body: dict[str, object]) -> dict[str, object]:
    """Return the arguments of a fault that answers with some savings."""
    return {"path": path, "status": 200, "body": body}


def months(
    unit: object, **totals: tuple[float | None, float | None]
) -> dict[str, object]:
    """Return an answer with total and percentage by month ("m05")."""
    return {
        "metadata": {"units": {"savings": unit}},
        "data": [
            {
                "resolution": "1MONTH",
                "period": {
                    "start_period": f"2026-{month[1:]}-01T00:00:00Z",
                    "end_period": None,
                },
                "savings": {"total": total, "percentage": percentage},
            }
            for month, (total, percentage) in totals.items()
        ],
    }


@pytest.mark.parametrize("kind", ["inverter", "car", "heat_pump"])
@pytest.mark.usefixtures("entity_registry_enabled_by_default")
async def test_savings(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    request: pytest.FixtureRequest,
    kind: str,
) -> None:
    """Savings of this month, and the sum of the year's months, since the beginning of each in the local zone."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    device_id: str = request.getfixturevalue(kind)
    simulator.fail(
        **savings(
            f"{device_id}/savings$",
            months("EUR", m01=(10, 5), m04=(None, None), m05=(2.5, 7.25)),
        )
    )
    await set_up(hass, entry)
    (asked,) = simulator.requests.find(f"{device_id}/savings$")
    assert asked.query["resolution"] == "1MONTH"
    assert datetime.fromisoformat(asked.query["from"]) == datetime(
        2025, 12, 31, 23, tzinfo=UTC
    )
    month = state(hass, device_id, "savings_month")
    assert month.state == "2.5"
    assert month.attributes["unit_of_measurement"] == "EUR"
    assert month.attributes["device_class"] == "monetary"
    assert month.attributes["state_class"] == "total"
    assert month.attributes["percentage"] == 7.25
    assert month.attributes["last_reset"] == "2026-05-01T00:00:00+02:00"
    year = state(hass, device_id, "savings_year")
    assert year.state == "12.5"
    assert year.attributes["last_reset"] == "2026-01-01T00:00:00+01:00"
    assert "percentage" not in year.attributes


async def test_savings_agree_with_the_simulator(
    hass: HomeAssistant,
    simulator: Simulator,
    loaded: MockConfigEntry,
    inverter: str,
    car: str,
    heat_pump: str,
) -> None:
    """They are what the simulator's own counterfactual would have cost more."""
    for device_id in (inverter, car, heat_pump):
        truth = simulator.savings(device_id, datetime(2026, 5, 1, tzinfo=UTC), NOON)
        shown = float(state(hass, device_id, "savings_month").state)
        assert shown == pytest.approx(truth["savings"], abs=1e-6)


async def test_negative_savings(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry, inverter: str
) -> None:
    """What was lost is shown as it is."""
    simulator.fail(**savings(f"{inverter}/savings$", months("EUR", m05=(-1.25, -3.5))))
    await set_up(hass, entry)
    shown = state(hass, inverter, "savings_month")
    assert shown.state == "-1.25"
    assert shown.attributes["percentage"] == -3.5


@pytest.mark.parametrize(
    ("unit", "price_zone", "shown"),
    [
        ("SEK", "AT", "SEK"),
        (" huf ", "AT", "HUF"),
        ("points", "AT", "EUR"),
        (None, "DE_LU", "EUR"),
        (None, "SE_3", None),
        ("points", "CH", None),
        (None, None, None),
    ],
)
async def test_currency_of_savings(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    unit: object,
    price_zone: str | None,
    shown: str | None,
) -> None:
    """The currency is the one that Podero names, else EUR where the zone pays in it; else there is no entity."""
    simulator.override(inverter, price_zone=price_zone)
    simulator.fail(**savings(f"{inverter}/savings$", months(unit, m05=(3, None))))
    await set_up(hass, entry)
    if shown is None:
        assert not er.async_get(hass).async_get_entity_id(
            "sensor", "podero", f"{inverter}_savings_month"
        )
    else:
        month = state(hass, inverter, "savings_month")
        assert month.attributes["unit_of_measurement"] == shown


async def test_currency_that_changes(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """An amount is never shown in a currency that it is not in."""
    for unit, total in ((None, 3), ("SEK", 33)):
        simulator.fail(
            **savings(f"{inverter}/savings$", months(unit, m05=(total, None))), times=1
        )
    await set_up(hass, entry)
    shown = state(hass, inverter, "savings_month")
    assert (shown.state, shown.attributes["unit_of_measurement"]) == ("3.0", "EUR")
    await pass_time(hass, now, timedelta(hours=6, minutes=5))
    shown = state(hass, inverter, "savings_month")
    assert (shown.state, shown.attributes["unit_of_measurement"]) == ("33.0", "SEK")


async def test_a_currency_that_is_no_longer_known(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """What is unavailable for that reason keeps its unit, so that its statistics go on."""
    simulator.fail(**savings(f"{inverter}/savings$", months(None, m05=(3, None))))
    await set_up(hass, entry)
    simulator.override(inverter, price_zone="SE_3")
    await pass_time(hass, now, timedelta(minutes=5))
    shown = state(hass, inverter, "savings_month")
    assert shown.state == STATE_UNAVAILABLE
    assert shown.attributes["unit_of_measurement"] == "EUR"


async def test_savings_are_asked_for_every_six_hours(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    inverter: str,
) -> None:
    """Four times a day; what fails is tried again, and shown as it was."""
    simulator.requests.clear()
    before = state(hass, inverter, "savings_month").state
    fault = simulator.fail(f"{inverter}/savings$", status=500, times=1)
    for _ in range(24):
        await pass_time(hass, now, HOUR)
        if fault.struck and not simulator.requests.count(
            f"{inverter}/savings$", status=200
        ):
            assert state(hass, inverter, "savings_month").state == before
    assert fault.struck == 1
    assert 3 <= simulator.requests.count(f"{inverter}/savings$", status=200) <= 4


async def test_savings_of_a_new_month(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
) -> None:
    """At midnight the month's savings are not those of the month before, without a poll."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    midnight = datetime(2026, 5, 31, 22, tzinfo=UTC)
    now.move_to(midnight - timedelta(minutes=1))
    await set_up(hass, entry)
    assert state(hass, inverter, "savings_month").state != STATE_UNKNOWN
    simulator.requests.clear()
    await pass_time(hass, now, timedelta(minutes=1))
    assert simulator.requests.count("/savings$") == 0
    shown = state(hass, inverter, "savings_month")
    assert shown.state == STATE_UNKNOWN
    assert datetime.fromisoformat(shown.attributes["last_reset"]) == midnight
    await pass_time(hass, now, timedelta(hours=6, minutes=1))
    assert state(hass, inverter, "savings_month").state != STATE_UNKNOWN


@pytest.mark.parametrize("status", [403, 404, 405])
async def test_no_savings(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    """Where Podero has no savings there is no entity and no log line, and it is asked daily."""
    simulator.fail(f"{inverter}/savings$", status=status)
    await set_up(hass, entry)
    for _ in range(46):
        await pass_time(hass, now, timedelta(minutes=30))
    assert simulator.requests.count(f"{inverter}/savings$") == 1
    assert not er.async_get(hass).async_get_entity_id(
        "sensor", "podero", f"{inverter}_savings_month"
    )
    assert not [
        record
        for record in caplog.records
        if record.name.startswith("custom_components") and record.levelname != "DEBUG"
    ]
