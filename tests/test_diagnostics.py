"""What a person may attach to a bug report: everything that helps, nothing that is anybody's business."""

from datetime import UTC, datetime, timedelta
import json
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from simulator import Simulator

from .common import device_entry, make_entry, pass_time, set_up

# The car charges.
NIGHT = datetime(2026, 5, 20, 23, 7, tzinfo=UTC)
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


@pytest.fixture(autouse=True)
async def _diagnostics(hass: HomeAssistant) -> None:
    """Set up what shows diagnostics."""
    assert await async_setup_component(hass, "diagnostics", {})


def plant(simulator: Simulator) -> None:
    """Put a marker into every text that may be personal, and into some that nobody knows yet."""
    for device in simulator.devices.values():
        detail = simulator.detail(device, simulator.url)
        owner, model = detail["owner"], detail["device_model"]
        assert isinstance(owner, dict)
        assert isinstance(model, dict)
        simulator.override(
            device.id,
            owner=dict.fromkeys(owner, "MARKER owner"),
            device_model=model
            | dict.fromkeys(
                (
                    "cloud_service",
                    "cloud_service_instructions",
                    "cloud_service_signup_link",
                    "of_tomorrow",
                ),
                "MARKER model",
            ),
            external_device_id="MARKER serial number",
            comment="MARKER comment",
            lifecycle_error="MARKER lena@example.com has no rights",
            embeddable_url="https://podero.example/MARKER?secret=MARKER",
            authorization_url="https://podero.example/MARKER",
            building="MARKER building",
            latitude=47.123456,
            longitude=15.654321,
            field_of_tomorrow="MARKER",
            object_of_tomorrow={"deep": ["MARKER", {"deeper": "MARKER"}]},
            list_of_tomorrow=["MARKER"],
            number_of_tomorrow=47.123456,
        )


def check(shown: Any, simulator: Simulator, *secrets: str) -> str:
    """Return what is shown as text, after a look for what must not be in it."""
    text = json.dumps(shown)
    assert "MARKER" not in text
    for family in simulator.households:
        person = family.household.template.person
        secrets += (
            family.user_id,
            family.household.external_id,
            person.last_name,
            person.email,
            person.street,
        )
    for secret in (*secrets, simulator.organization_id, "47.123456", "15.654321"):
        assert secret not in text
    assert "@example.com" not in text
    assert "secret=" not in text
    return text


def by_kind(household: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the devices of a household that has one of each kind."""
    return {device["kind"]: device for device in household["devices"]}


async def test_entry(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    both: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """An entry shows how it signs in, what was asked, what failed, and every device's answer."""
    simulator.clock.set(NIGHT)
    inverter = simulator.households[0].inverters[0].id
    plant(simulator)
    simulator.add_action(inverter)
    simulator.add_action(inverter, "information", message="MARKER message")
    await set_up(hass, both)
    other = simulator.households[1].inverters[0].id
    simulator.fail(f"{other}$", status=500, body={"detail": "MARKER is out of order"})
    await pass_time(hass, now, timedelta(minutes=6))

    shown = await get_diagnostics_for_config_entry(hass, hass_client, both)
    text = check(shown, simulator, "demo-client", "demo-secret")
    token = simulator.requests.find("token")[0]
    assert token.status == 200
    assert shown["entry"]["host"] == simulator.url
    assert shown["requests"]["total"] == simulator.requests.count("/users/")
    assert shown["requests"]["errors"] == 2
    # The second household has nothing that charges.
    absent, error = shown["requests"]["last_errors"]
    assert absent["error"].endswith("/users/{user 2}/charging-config: answered 404")
    assert error["error"].endswith(f"/inverters/{other}: answered 500")
    assert shown["requests"]["token"]["requests"] == 1
    first, second = shown["households"]
    assert first["settings"] == {
        "history_days": 0,
        "energy_dashboard": False,
        "allow_control": False,
    }
    assert first["polling"]["successful"] is True
    kinds = by_kind(first)
    assert kinds.keys() == {
        "inverter",
        "electric_vehicle",
        "heat_pump",
        "wallbox",
        "household",
    }
    answer = kinds["inverter"]["answer"]
    assert answer["current_solar_production_w"] == 0
    assert answer["household_consumption_w"] > 0
    assert answer["connection_status"] == "error"
    assert answer["price_zone"] == "AT"
    assert answer["device_model"]["model"] == "Symo GEN24 10.0 Plus"
    assert [each["code"] for each in answer["actions"]] == [
        "reauthenticate",
        "information",
    ]
    # That a field is there can be seen, whatever stands in it.
    for device in simulator.devices.values():
        if device.kind.value != "wallboxes" and device.home.number == 0:
            [shown_answer] = [
                each["answer"]
                for each in first["devices"]
                if each["answer"].get("id") == device.id
            ]
            detail = simulator.detail(device, simulator.url)
            assert shown_answer.keys() == detail.keys()
    (lost,) = [each for each in second["devices"] if each["kind"] == "inverter"]
    assert lost["polling"]["successful"] is False
    assert lost["polling"]["last"][-1]["error"].endswith("answered 500")
    # Of all the ids only those of devices and sessions are left.
    assert set(re.findall(UUID, text)) & set(simulator.devices)


async def test_parts(
    hass: HomeAssistant,
    now: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
) -> None:
    """What is asked for beside a detail is shown, too: sessions, savings, the week, how the household charges."""
    simulator = Simulator(seed=1, households=1, days=3, charging_mode="hems")
    await simulator.start()
    family = simulator.households[0]
    plant(simulator)
    entry = make_entry(simulator)
    await set_up(hass, entry)
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    check(shown, simulator)
    kinds = by_kind(shown["households"][0])

    car = kinds["electric_vehicle"]
    sessions = simulator.sessions(family.vehicles[0])
    assert car["parts"]["completed"]["count"] == len(sessions)
    last = car["parts"]["completed"]["last"][-1]
    assert last["session_outcome"] == "optimized"
    assert last["energy_charged_kwh"] > 0
    week = car["parts"]["weekly"]["policy"]["days"]
    assert week["count"] == 7
    assert [each["charge_deadline"] for each in week["last"]] == [
        *["06:00:00"] * 5,
        *["08:00:00"] * 2,
    ]

    savings = kinds["inverter"]["parts"]["savings"]
    assert savings["unit"] == "EUR"
    assert savings["periods"]["last"][-1]["start"].startswith("2026-05")
    assert savings["periods"]["last"][-1]["total"] is not None

    solar = kinds["wallbox"]["parts"]["completed"]
    assert solar["count"] > 0
    assert solar["last"][-1]["energy_from_solar_kwh"] > 0

    config = kinds["household"]["answer"]
    assert config["mode"] == "hems"
    assert config["hems_eligible"] is True
    assert config["hems_min_export_to_start_w"] > 0
    assert config["status_solar_kwh_today"] is not None
    assert config["available_modes"]["count"] == 4
    assert {each["mode"] for each in config["available_modes"]["last"]} >= {"hems"}
    assert config["devices"]["last"][0]["device_id"] in simulator.devices
    await simulator.stop()


async def test_account(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
) -> None:
    """An account's token is no less a secret, nor is the one that was refused."""
    granted = simulator.tokens.for_password("demo", "demo")
    assert granted is not None
    entry = make_entry(simulator, data={"refresh_token": granted["refresh_token"]})
    await set_up(hass, entry)
    refresh_token = entry.data["refresh_token"]
    simulator.tokens.revoke_access()
    simulator.tokens.revoke_refresh()
    await pass_time(hass, now, timedelta(minutes=6))
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    check(shown, simulator, str(granted["refresh_token"]), refresh_token)
    assert "refused" in shown["requests"]["token"]["last_error"]


async def test_device(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """A device shows its own answer, and no other device's."""
    plant(simulator)
    await set_up(hass, entry)
    inverter = simulator.households[0].inverters[0].id
    device = device_entry(hass, entry, inverter)
    assert device is not None
    shown = await get_diagnostics_for_device(hass, hass_client, entry, device)
    check(shown, simulator, "demo-client", "demo-secret")
    (only,) = shown["devices"]
    assert only["kind"] == "inverter"
    assert only["answer"]["id"] == inverter
    assert only["parts"].keys() == {"savings"}


async def test_junk(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """An answer of another shape than the contract's is shown all the same."""
    family = simulator.households[0]
    simulator.override(
        family.inverters[0].id,
        device_model="MARKER",
        actions="MARKER",
        owner=["MARKER"],
        current_power_to_grid_w={"MARKER": 1},
        connection_status=["MARKER"],
    )
    simulator.override(
        family.vehicles[0].id,
        device_model={"device_type": "MARKER", "model": {"name": "MARKER"}},
        actions=[
            {"code": "of_tomorrow"},
            {"code": "information", "resolution_link": None, "message": "MARKER"},
            "MARKER",
        ],
    )
    simulator.charging_overrides[family.user_id] = {
        "actions": ["MARKER"],
        "device_model": {"model": "MARKER"},
        "status": "MARKER",
    }
    await set_up(hass, entry)
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    check(shown, simulator)
    kinds = by_kind(shown["households"][0])
    assert kinds["inverter"]["answer"]["actions"] == []
    assert [
        each["code"] for each in kinds["electric_vehicle"]["answer"]["actions"]
    ] == ["of_tomorrow", "information"]
    assert "MARKER" not in kinds["household"]["answer"]["actions"]


async def test_a_device_that_was_only_listed(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """Of a device whose detail never came, the list's part is shown, and that there was no more."""
    plant(simulator)
    inverter = simulator.households[0].inverters[0].id
    simulator.fail(f"{inverter}$", status=502)
    await set_up(hass, entry)
    device = device_entry(hass, entry, inverter)
    assert device is not None
    shown = await get_diagnostics_for_device(hass, hass_client, entry, device)
    check(shown, simulator)
    (only,) = shown["devices"]
    assert only["polling"]["successful"] is False
    assert only["answer"]["price_zone"] == "AT"
    assert "actions" not in only["answer"]


async def test_history(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    simulator: Simulator,
    hass_client: ClientSessionGenerator,
) -> None:
    """With a recorder it is told how far the past was imported, and into what."""
    entry = make_entry(simulator, history_days=1)
    await set_up(hass, entry)
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    check(shown, simulator)
    kinds = by_kind(shown["households"][0])
    for kind in ("inverter", "electric_vehicle", "heat_pump"):
        history = kinds[kind]["history"]
        assert history["complete"] is True
        assert history["last_error"] is None
        assert all(each.startswith("podero:") for each in history["statistics"])
        assert history["statistics"]
    assert kinds["wallbox"]["history"] is kinds["household"]["history"] is None


async def test_very_long_texts(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    hass_client: ClientSessionGenerator,
    inverter: str,
) -> None:
    """What Podero names with a word is a word, not a page."""
    simulator.override(inverter, lifecycle_state="x" * 20_000, current_mode="a\nb")
    await set_up(hass, entry)
    shown = await get_diagnostics_for_config_entry(hass, hass_client, entry)
    answer = by_kind(shown["households"][0])["inverter"]["answer"]
    assert len(answer["lifecycle_state"]) == 255
    assert answer["current_mode"] == "a b"
