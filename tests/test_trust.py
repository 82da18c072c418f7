"""The sweep: a marker in everything that is secret or personal, a whole life, and a look where none may be.

A marker that design.md shows on purpose is looked for there, too: the title of a household, which
is the name of its device, the position of a tracker, the state attribute of a device's error, and the words of a dialog.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import itertools
import json
import logging
from types import SimpleNamespace
from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import CLIENT_ID, flush_store
from pytest_homeassistant_custom_component.components.diagnostics import (
    get_diagnostics_for_config_entry,
    get_diagnostics_for_device,
)
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.podero.const import DOMAIN
from homeassistant.auth.models import Credentials, User
from homeassistant.components.recorder import Recorder
from homeassistant.config_entries import SOURCE_REAUTH, SOURCE_USER, ConfigEntry
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from homeassistant.setup import async_setup_component
from simulator import Simulator, cues, tokens
from simulator.household import Person
from simulator.routes_users import user_json

from .common import entity_id, pass_time, state

POLL = timedelta(minutes=6)
# The car charges at home, so there is a session.
NIGHT = datetime(2026, 5, 20, 23, 7, tzinfo=UTC)

CLIENT = {"client_id": "zz-client-id", "client_secret": "zz-client-secret"}
ACCOUNT = {"username": "zz-user@zz-account.example", "password": "zz-password"}
TOKENS = "zz-token"
LINK_SECRET = "zz-link-secret"
MESSAGE = "zz-message about your zz-contract"
LIFECYCLE_ERROR = "zz-lifecycle-error"
POSITION = {"latitude": 47.1234567, "longitude": 15.7654321}
ADDRESS = {"latitude": 46.9876543, "longitude": 14.3456789}
PERSON = Person(
    first_name="zz-first", last_name="zz-last", street="zz-street 5", zip_code="zz-8010",
    town="zz-town", country="AT",
)  # fmt: skip
NAME = "zz-first zz-last"
DEVICE = {
    "comment": "zz-comment",
    "external_device_id": "zz-serial",
    "lifecycle_error": LIFECYCLE_ERROR,
    "embeddable_url": "https://podero.example/zz-embed?secret=zz-embed-secret",
    "authorization_url": "https://podero.example/zz-authorize",
    "building": "zz-building",
    "driver": "zz-driver",
    "contract": {"holder": "zz-holder", "zz-key": 1},
    "garage": {"latitude": 45.1928374},
}
# What Podero may say with an error: everything that it was told, and whom it is about.
GOSSIP = (
    "zz-mail@zz-gossip.example is not allowed, token=zz-token-of-old,"
    " see https://podero.example/?secret=zz-link-secret-of-old"
)

MARKERS = ("zz-", "zz%2D", "/provider/", "secret=zz")
NUMBERS = [
    str(number) for number in (*POSITION.values(), *ADDRESS.values(), 45.1928374)
]


@pytest.fixture
async def hass_access_token(
    hass: HomeAssistant, hass_admin_user: User, hass_admin_credential: Credentials
) -> str:
    """Return a token that outlives the days that this takes."""
    await hass.auth.async_link_user(hass_admin_user, hass_admin_credential)
    token = await hass.auth.async_create_refresh_token(
        hass_admin_user,
        CLIENT_ID,
        credential=hass_admin_credential,
        access_token_expiration=timedelta(days=9),
    )
    return hass.auth.async_create_access_token(token)


@pytest.fixture
def world(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    """Return a cloud that has a marker wherever something is secret or personal."""
    count = itertools.count()
    monkeypatch.setattr(
        tokens,
        "secrets",
        SimpleNamespace(token_urlsafe=lambda _: f"{TOKENS}-{next(count)}"),
    )
    sign = cues.Cues._sign
    monkeypatch.setattr(
        cues.Cues, "_sign", lambda *args: f"{LINK_SECRET}-{sign(*args)}"
    )
    simulator.tokens.client_id = CLIENT["client_id"]
    simulator.tokens.client_secret = CLIENT["client_secret"]
    simulator.tokens.add_account(*ACCOUNT.values(), simulator.households[1].user_id)
    for family in simulator.households:
        household = family.household
        household.template = replace(household.template, person=PERSON)
        household.place = replace(household.place, **ADDRESS)
        household.external_id = "zz-customer"
    for device in simulator.devices.values():
        model = simulator.detail(device, simulator.url)["device_model"]
        assert isinstance(model, dict)
        instructions = {
            "cloud_service": "zz-cloud",
            "cloud_service_instructions": "zz-instructions",
            "cloud_service_signup_link": "https://zz-signup.example",
        }
        simulator.override(
            device.id, **DEVICE | POSITION, device_model=model | instructions
        )
    simulator.clock.set(NIGHT)
    return simulator


def find(shown: object) -> list[str]:
    """Return the markers in what is shown, each with what stands around it."""
    text = shown if isinstance(shown, str) else json.dumps(shown, default=str)
    return [
        text[max(place - 60, 0) : place + 60]
        for marker in (*MARKERS, *NUMBERS)
        for place in _places(text, marker)
    ]


def _places(text: str, marker: str) -> Iterator[int]:
    place = -1
    while (place := text.find(marker, place + 1)) >= 0:
        yield place


async def fill_in(hass: HomeAssistant, flow_id: str, **values: Any) -> dict[str, Any]:
    """Send a form of the config flow; what it shows afterwards has no secret in it."""
    result = await hass.config_entries.flow.async_configure(flow_id, values)
    await hass.async_block_till_done(wait_background_tasks=True)
    schema = result.get("data_schema")
    suggested = [
        key.description for key in (schema.schema if schema else ()) if key.description
    ]
    for secret in ("zz-client-secret", "zz-password", TOKENS):
        assert secret not in str((suggested, result.get("errors")))
    return dict(result)


async def sign_in(
    hass: HomeAssistant, world: Simulator, number: int, way: str, **credentials: str
) -> ConfigEntry:
    """Set a household up through the flow, by way of every error."""
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    flow_id = flow["flow_id"]
    await hass.config_entries.flow.async_configure(flow_id, {"next_step_id": way})
    form = {"host": world.url, "org_id": world.organization_id, **credentials}
    wrong = dict.fromkeys(credentials, "zz-wrong")
    assert (await fill_in(hass, flow_id, **form | wrong))["errors"]
    echo = {
        "detail": [
            {"loc": ["body", key], "msg": f"{value} is bad", "input": value}
            for key, value in credentials.items()
        ]
    }
    for fault in (
        {"status": 400, "body": {"error": "invalid_grant", "detail": GOSSIP}},
        {"status": 422, "body": echo},
        {"status": 500, "body": f"<html>{GOSSIP} {list(credentials.values())}</html>"},
        {"disconnect": True},
        {"redirect": f"{world.url}/?secret=zz-redirect"},
    ):
        rule = world.fail("token", **fault)
        assert (await fill_in(hass, flow_id, **form))["errors"]
        world.faults.remove(rule)
    result = await fill_in(hass, flow_id, **form)
    assert result["step_id"] == "household"
    result = await fill_in(
        hass,
        flow_id,
        user_id=world.households[number].user_id,
        history_days=1,
        energy_dashboard=True,
        allow_control=True,
    )
    entry: ConfigEntry = result["result"]
    return entry


async def command(
    hass: HomeAssistant, domain: str, service: str, **data: Any
) -> str | None:
    """Do as an automation does; returns what it says went wrong."""
    try:
        await hass.services.async_call(domain, service, data, blocking=True)
    except HomeAssistantError as err:
        return str(err)
    return None


async def walk_dialogs(
    hass: HomeAssistant, client: Any, world: Simulator, inverter: str
) -> None:
    """Open every dialog and go through it, by way of errors."""
    for key, path in (("reauthenticate", "/resolve$"), ("information", "/resolve$")):
        answer = await client.post(
            "/api/repairs/issues/fix",
            json={"handler": DOMAIN, "issue_id": f"{key}_{inverter}"},
        )
        form = await answer.json()
        if key == "information":
            assert MESSAGE in form["description_placeholders"]["messages"]
        faults: tuple[dict[str, Any], ...] = (
            {"status": 403, "body": {"detail": GOSSIP}},
            {"status": 500, "body": GOSSIP},
            {"status": 200, "body": {"redirect_url": "http://zz-elsewhere.example/"}},
            {},
        )
        for fault in faults:
            if fault:
                world.fail(path, times=1, **fault)
            answer = await client.post(
                f"/api/repairs/issues/fix/{form['flow_id']}", json={}
            )
            form = await answer.json()
            assert not find(form.get("errors"))
            assert not find((form.get("description_placeholders") or {}).get("error"))


@pytest.mark.usefixtures(
    "recorder_mock", "entity_registry_enabled_by_default", "hass_storage"
)
async def test_sweep(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    world: Simulator,
    now: FrozenDateTimeFactory,
    hass_client: ClientSessionGenerator,
    hass_ws_client: WebSocketGenerator,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Nothing secret or personal gets anywhere but where it is meant to."""
    for component in ("diagnostics", "energy", "repairs", "system_health"):
        assert await async_setup_component(hass, component, {})
    # The event bus and the database carry the tracker's position, whatever Podero does.
    for name in (
        "homeassistant.core",
        "homeassistant.components.recorder",
        "sqlalchemy.engine",
    ):
        caplog.set_level(logging.WARNING, name)
    for name in (
        "aiohttp",
        "custom_components.podero",
        "homeassistant.components.recorder.statistics",
        "homeassistant.components.repairs",
        "homeassistant.config_entries",
        "homeassistant.helpers",
    ):
        caplog.set_level(logging.DEBUG, name)

    # Set-up
    entry = await sign_in(hass, world, 0, "client_credentials", **CLIENT)
    account = await sign_in(hass, world, 1, "password", **ACCOUNT)
    family = world.households[0]
    inverter, car = family.inverters[0].id, family.vehicles[0].id
    assert entry.data["client_secret"] == CLIENT["client_secret"]
    assert account.data["refresh_token"].startswith(TOKENS)
    assert [each.title for each in entry.subentries.values()] == [NAME]

    # Polls, and errors of every kind
    for device_id in (inverter, car):
        world.add_action(device_id)
        world.add_action(device_id, "information", message=MESSAGE)
        world.add_action(device_id, "of_tomorrow")
    await pass_time(hass, now, POLL)
    for fault in (
        {"status": 400, "body": {"error": "zz-mail@zz-gossip.example"}},
        {"status": 403, "body": {"detail": GOSSIP}},
        {"status": 404, "body": GOSSIP},
        {"status": 422, "body": {"detail": [{"msg": "bad", "input": "zz-input"}]}},
        {"status": 429, "body": {"detail": GOSSIP}},
        {"status": 500, "body": {"message": GOSSIP}},
        {"status": 503, "body": f"<h1>{GOSSIP}</h1>"},
        {"body": f"{{{GOSSIP}", "status": 200},
        {"body": [GOSSIP], "status": 200},
        {"html": True},
        {"cut": True},
        {"disconnect": True},
        {"oversized": True},
        {"redirect": f"{world.url}/zz-redirect?secret=zz-redirect"},
    ):
        rule = world.fail("/users/", **fault)
        await pass_time(hass, now, POLL)
        world.faults.remove(rule)
        await pass_time(hass, now, timedelta(hours=1))
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE

    # Actions and controls
    registry = dr.async_get(hass)
    devices = {
        device_id: registry.async_get_device_by_identifier(
            (DOMAIN, device_id), entry.entry_id
        )
        for device_id in (inverter, car)
    }
    told: list[str | None] = []
    switch = entity_id(hass, "switch", car, "smart_optimization")
    for fault in ({}, {"status": 409, "body": {"reason": GOSSIP}}, {"status": 500}):
        rule = world.fail(
            "/(boost|data|sessions|inverters/.*|electric-vehicles/.*)$", **fault
        )
        told += [
            await command(hass, "switch", "turn_off", entity_id=switch),
            await command(
                hass,
                "button",
                "press",
                entity_id=entity_id(hass, "button", car, "boost"),
            ),
        ]
        for service, device_id in (
            ("import_history", inverter),
            ("import_history", car),
            ("setup_energy_dashboard", inverter),
            ("clear_history", car),
        ):
            device = devices[device_id]
            assert device is not None
            dates = {"start_date": "2026-05-19"} if service == "import_history" else {}
            told.append(
                await command(hass, DOMAIN, service, device_id=device.id, **dates)
            )
        world.faults.remove(rule)
    assert any(told)
    assert not find(told)

    # Repairs
    await pass_time(hass, now, timedelta(hours=1))
    client = await hass_client()
    issues = [
        issue for issue in ir.async_get(hass).issues.values() if issue.domain == DOMAIN
    ]
    assert {issue.translation_key for issue in issues} == {
        "reauthenticate",
        "information",
        "unsupported_action",
    }
    assert not find(issues)
    await walk_dialogs(hass, client, world, inverter)

    # Credentials that are refused
    rule = world.fail("/users/", status=401, body={"detail": GOSSIP})
    await pass_time(hass, now, POLL)
    world.faults.remove(rule)
    world.tokens.client_secret = "zz-rotated"
    world.tokens.revoke_access()
    world.tokens.revoke_refresh()
    await pass_time(hass, now, timedelta(hours=1))
    flows = hass.config_entries.flow.async_progress()
    assert [flow["context"]["source"] for flow in flows] == [SOURCE_REAUTH] * 2
    assert not find(flows)
    for flow in flows:
        mine = flow["context"]["entry_id"] == entry.entry_id
        result = await fill_in(
            hass,
            flow["flow_id"],
            **CLIENT | {"client_secret": "zz-rotated"} if mine else ACCOUNT,
        )
        assert result["reason"] == "reauth_successful"
    await pass_time(hass, now, POLL)

    # What a maintainer is given
    shown: list[object] = [
        await get_diagnostics_for_config_entry(hass, hass_client, each)
        for each in (entry, account)
    ]
    for device in devices.values():
        assert device is not None
        shown.append(await get_diagnostics_for_device(hass, hass_client, entry, device))
    assert all(shown)
    assert not find(shown)
    socket = await hass_ws_client()
    await socket.send_json_auto_id({"type": "system_health/info"})
    while (message := await socket.receive_json()).get("event", {}).get(
        "type"
    ) != "finish":
        assert not find(message)
    await socket.send_json_auto_id({"type": "persistent_notification/get"})
    assert not find(await socket.receive_json())

    # What everybody sees
    tracker = state(hass, car, "location", "device_tracker")
    assert tracker.attributes["latitude"] == POSITION["latitude"]
    lifecycle = state(hass, car, "lifecycle_state")
    assert lifecycle.attributes["lifecycle_error"] == LIFECYCLE_ERROR
    mode = state(hass, family.user_id, "charging_mode", "select")
    assert mode.name == f"{NAME} Charging mode"
    own = {
        each.entity_id
        for household in world.households
        for each in er.async_get(hass).entities.values()
        if each.unique_id.startswith(household.user_id)
    }
    for each in hass.states.async_all():
        attributes = {
            key: value
            for key, value in each.attributes.items()
            if key != "lifecycle_error"
            and not (each.entity_id in own and key == "friendly_name")
            and not (
                each.entity_id == tracker.entity_id and key in (*POSITION, "in_zones")
            )
        }
        assert not find([each.entity_id, each.state, attributes])
    assert not find([each.title for each in (entry, account)])

    # What stays on disk, but for what signs in
    await flush_store(ir.async_get(hass)._store)
    stored = {
        key: val for key, val in hass_storage.items() if key != "core.config_entries"
    }
    assert not find(json.dumps(stored, default=str).replace(f'"name": "{NAME}"', ""))

    # And all that was logged
    assert "Lost " in caplog.text
    assert "answered 200 with" in caplog.text
    assert not find(
        [
            f"{record.name} {record.getMessage()} {record.exc_text}"
            for record in caplog.records
        ]
    )

    # None of this means anything unless the markers were really sent.
    served = json.dumps(
        [user_json(world, each.household) for each in world.households]
        + [world.detail(device, world.url) for device in world.devices.values()]
    )
    for marker in (
        *DEVICE.values(), "zz-street", "zz-8010", "zz-town", "zz-customer", "zz-first",
        "zz-signup", LINK_SECRET, *NUMBERS,
    ):  # fmt: skip
        assert (marker if isinstance(marker, str) else json.dumps(marker)) in served
