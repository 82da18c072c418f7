"""Signing in, step by step: what goes wrong is said in the form, and can be put right there."""

import asyncio
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.podero.const import DOMAIN
from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from homeassistant.helpers.selector import SelectSelector, TextSelector
from homeassistant.helpers.translation import async_get_translations
from simulator import Simulator

from .common import SETTINGS, make_entry, set_up, state

SOMEBODY = "123e4567-e89b-42d3-a456-426614174000"
TOKEN = "/oauth2/token/"
ACCOUNT_TOKEN = "/auth/token$"
USERS = "/users$"
USER = "/users/[^/]+$"


def client(simulator: Simulator, **changes: str) -> dict[str, str]:
    """Return the input of a partner application."""
    return {
        "host": simulator.url,
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "org_id": simulator.organization_id,
    } | changes


def account(simulator: Simulator, **changes: str) -> dict[str, str]:
    """Return the input of a Podero account."""
    return {
        "host": simulator.url,
        "username": "demo",
        "password": "demo",
        "org_id": simulator.organization_id,
    } | changes


def home(simulator: Simulator, number: int = 0, **changes: Any) -> dict[str, Any]:
    """Return the input of the household form."""
    return {"user_id": simulator.households[number].user_id, **SETTINGS} | changes


async def begin(hass: HomeAssistant, way: str) -> str:
    """Choose a way to sign in; returns the flow's id."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert set(result["menu_options"]) == {"client_credentials", "password"}
    result = await hass.config_entries.flow.async_configure(
        result["flow_id"], {"next_step_id": way}
    )
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == way
    assert result["errors"] == {}
    return result["flow_id"]


async def go_on(
    hass: HomeAssistant, flow_id: str, user_input: dict[str, Any]
) -> ConfigFlowResult:
    """Send a form."""
    result = await hass.config_entries.flow.async_configure(flow_id, user_input)
    await hass.async_block_till_done()
    return result


def fields(result: ConfigFlowResult) -> dict[str, Any]:
    """Return the selectors of a form by field."""
    assert result["data_schema"] is not None
    return {str(key): value for key, value in result["data_schema"].schema.items()}


def suggested(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form shows as typed already."""
    assert result["data_schema"] is not None
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description and "suggested_value" in key.description
    }


def lines(result: ConfigFlowResult) -> list[str]:
    """Return the drop-down's lines."""
    selector = fields(result)["user_id"]
    assert isinstance(selector, SelectSelector)
    assert selector.config["custom_value"] is True
    return [option["label"] for option in selector.config["options"]]


def the_entry(hass: HomeAssistant) -> ConfigEntry:
    """Return the only entry there is."""
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    return entry


async def test_partner_application(hass: HomeAssistant, simulator: Simulator) -> None:
    """A client id and secret lead to a household whose devices show."""
    flow_id = await begin(hass, "client_credentials")
    result = await go_on(
        hass,
        flow_id,
        client(
            simulator,
            host=f" {simulator.url}/ ",
            org_id=f" {simulator.organization_id.upper()} ",
            client_secret=" demo-secret ",
        ),
    )
    assert result["step_id"] == "household"
    assert result["errors"] == {}
    assert lines(result) == [
        "Jonas Wiegand (1 inverter)",
        "Lena Brandner (1 inverter, 1 electric vehicle, 1 heat pump, 1 wallbox)",
    ]
    result = await go_on(hass, flow_id, home(simulator, history_days=12.0))
    assert result["type"] is FlowResultType.CREATE_ENTRY

    entry = the_entry(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.title == f"Podero {simulator.organization_id[:8]}"
    assert entry.unique_id == simulator.organization_id
    assert dict(entry.data) == {
        "host": simulator.url,
        "org_id": simulator.organization_id,
        "client_id": "demo-client",
        "client_secret": "demo-secret",
        "token_route": "oauth2_json",
    }
    (household,) = entry.subentries.values()
    user_id = simulator.households[0].user_id
    assert household.subentry_type == "household"
    assert household.title == "Lena Brandner"
    assert household.unique_id == user_id
    assert dict(household.data) == {
        "user_id": user_id,
        "history_days": 12,
        "energy_dashboard": False,
        "allow_control": False,
    }
    assert isinstance(household.data["history_days"], int)
    assert hass.states.async_entity_ids_count() > 50


async def test_account(hass: HomeAssistant, simulator: Simulator) -> None:
    """A user name and password are exchanged for a refresh token, and forgotten."""
    flow_id = await begin(hass, "password")
    result = await go_on(hass, flow_id, account(simulator))
    # Such an account may not list the organization's users.
    assert result["step_id"] == "household"
    assert isinstance(fields(result)["user_id"], TextSelector)
    user_id = simulator.households[0].user_id
    result = await go_on(hass, flow_id, home(simulator, user_id=user_id.upper()))
    assert result["type"] is FlowResultType.CREATE_ENTRY

    entry = the_entry(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert entry.title == f"Podero {user_id[:8]}"
    assert entry.unique_id == user_id
    assert entry.data.keys() == {"host", "org_id", "refresh_token"}
    assert "demo" not in entry.data.values()
    # The entry goes on with the tokens that the sign-in gave.
    assert simulator.requests.count(ACCOUNT_TOKEN) == 1
    (household,) = entry.subentries.values()
    assert household.title == "Lena Brandner"
    assert household.unique_id == user_id


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"host": "http://podero.example"}, {"host": "invalid_host"}),
        ({"host": "not a host"}, {"host": "invalid_host"}),
        ({"host": "http://127.0.0.1:1"}, {"base": "cannot_connect"}),
        ({"org_id": "my organization"}, {"org_id": "invalid_org_id"}),
        ({"org_id": SOMEBODY}, {"base": "org_not_found"}),
        ({"client_id": "nobody"}, {"base": "invalid_auth"}),
        ({"client_secret": "guess"}, {"base": "invalid_auth"}),
    ],
)
async def test_wrong_input(
    hass: HomeAssistant,
    simulator: Simulator,
    changes: dict[str, str],
    errors: dict[str, str],
) -> None:
    """What was typed wrongly is named, shown again but for the secret, and can be corrected."""
    flow_id = await begin(hass, "client_credentials")
    typed = client(simulator, **changes)
    result = await go_on(hass, flow_id, typed)
    assert result["step_id"] == "client_credentials"
    assert result["errors"] == errors
    del typed["client_secret"]
    assert suggested(result) == typed
    await finish(hass, simulator, flow_id)


async def finish(hass: HomeAssistant, simulator: Simulator, flow_id: str) -> None:
    """Show that nothing was half made, and that the flow still gets there."""
    assert hass.config_entries.async_entries(DOMAIN) == []
    result = await go_on(hass, flow_id, client(simulator))
    assert result["step_id"] == "household"
    result = await go_on(hass, flow_id, home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert the_entry(hass).state is ConfigEntryState.LOADED


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"path": ".", "html": True}, "cannot_connect"),
        ({"path": ".", "html": True, "status": 404}, "cannot_connect"),
        ({"path": TOKEN, "text": "OK"}, "cannot_connect"),
        ({"path": TOKEN, "status": 200, "body": []}, "cannot_connect"),
        ({"path": TOKEN, "status": 200, "body": {}}, "cannot_connect"),
        ({"path": TOKEN, "status": 500}, "cannot_connect"),
        ({"path": TOKEN, "redirect": "https://podero.example/"}, "cannot_connect"),
        ({"path": TOKEN, "cut": True}, "cannot_connect"),
        ({"path": TOKEN, "disconnect": True}, "cannot_connect"),
        ({"path": TOKEN, "status": 429}, "rate_limited"),
        (
            {"path": TOKEN, "status": 400, "body": {"error": "invalid_scope"}},
            "invalid_auth",
        ),
        (
            {"path": TOKEN, "status": 400, "body": {"error": "unauthorized_client"}},
            "invalid_auth",
        ),
        ({"path": TOKEN, "status": 403}, "invalid_auth"),
        ({"path": USERS, "html": True}, "cannot_connect"),
        ({"path": USERS, "status": 200, "body": {"users": None}}, "cannot_connect"),
        ({"path": USERS, "status": 200, "body": "7"}, "cannot_connect"),
        ({"path": USERS, "status": 503}, "cannot_connect"),
        ({"path": USERS, "cut": True}, "cannot_connect"),
        ({"path": USERS, "oversized": True}, "cannot_connect"),
        (
            {"path": USERS, "status": 429, "headers": {"Retry-After": "120"}},
            "rate_limited",
        ),
        ({"path": USERS, "status": 401}, "invalid_auth"),
        ({"path": USERS, "status": 403}, "org_not_found"),
        ({"path": USERS, "status": 404}, "org_not_found"),
    ],
)
async def test_podero_in_trouble(
    hass: HomeAssistant, simulator: Simulator, fault: dict[str, Any], error: str
) -> None:
    """Whatever Podero answers, the form says what it means, and works once it is over."""
    simulator.fail(**fault)
    flow_id = await begin(hass, "client_credentials")
    result = await go_on(hass, flow_id, client(simulator))
    assert result["step_id"] == "client_credentials"
    assert result["errors"] == {"base": error}
    simulator.heal()
    await finish(hass, simulator, flow_id)


async def test_no_answer_in_time(
    hass: HomeAssistant, simulator: Simulator, now: FrozenDateTimeFactory
) -> None:
    """After half a minute without an answer it is said that there is none."""
    simulator.fail(USERS, delay=3600)
    flow_id = await begin(hass, "client_credentials")
    waiting = hass.async_create_task(
        hass.config_entries.flow.async_configure(flow_id, client(simulator))
    )
    while simulator.requests.running == 0 or not simulator.tokens.issued:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(0)
    now.tick(31)
    assert (await waiting)["errors"] == {"base": "cannot_connect"}
    simulator.heal()
    await finish(hass, simulator, flow_id)


async def test_the_unexpected(
    hass: HomeAssistant,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What nobody thought of is in the log, and does not end the flow."""

    def explode(*_: Any, **__: Any) -> None:
        raise RuntimeError("Session is closed")

    flow_id = await begin(hass, "client_credentials")
    with monkeypatch.context() as patch:
        patch.setattr(aiohttp.ClientSession, "request", explode)
        result = await go_on(hass, flow_id, client(simulator))
    assert result["errors"] == {"base": "unknown"}
    assert "Unexpected error while signing in" in caplog.text
    assert "demo-secret" not in caplog.text
    await finish(hass, simulator, flow_id)


@pytest.mark.parametrize(
    ("changes", "fault", "errors"),
    [
        ({"password": "guess"}, None, {"base": "invalid_auth"}),
        ({"host": "http://podero.example"}, None, {"host": "invalid_host"}),
        ({"org_id": "12"}, None, {"org_id": "invalid_org_id"}),
        ({}, {"path": ACCOUNT_TOKEN, "html": True}, {"base": "cannot_connect"}),
        ({}, {"path": ACCOUNT_TOKEN, "status": 500}, {"base": "cannot_connect"}),
        ({}, {"path": ACCOUNT_TOKEN, "status": 429}, {"base": "rate_limited"}),
        (
            {},
            {
                "path": ACCOUNT_TOKEN,
                "status": 200,
                "body": {"access_token": "a", "refresh_token": None},
            },
            {"base": "cannot_connect"},
        ),
        ({}, {"path": USERS, "status": 500}, {"base": "cannot_connect"}),
    ],
)
async def test_account_in_trouble(
    hass: HomeAssistant,
    simulator: Simulator,
    changes: dict[str, str],
    fault: dict[str, Any] | None,
    errors: dict[str, str],
) -> None:
    """An account's sign-in says what is wrong just so, and recovers."""
    for each in [fault] if fault else []:
        simulator.fail(**each)
    flow_id = await begin(hass, "password")
    typed = account(simulator, **changes)
    result = await go_on(hass, flow_id, typed)
    assert result["step_id"] == "password"
    assert result["errors"] == errors
    del typed["password"]
    assert suggested(result) == typed
    simulator.heal()
    await go_on(hass, flow_id, account(simulator, username="demo2", password="demo2"))
    result = await go_on(hass, flow_id, home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_the_way_of_asking_that_works_is_remembered(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An endpoint that reads forms only is asked with a form from then on."""
    simulator.tokens.accepts_json, simulator.tokens.accepts_form = False, True
    flow_id = await begin(hass, "client_credentials")
    await go_on(hass, flow_id, client(simulator))
    assert simulator.requests.count(TOKEN) == 2
    await go_on(hass, flow_id, home(simulator))
    entry = the_entry(hass)
    assert entry.data["token_route"] == "oauth2_form"
    assert entry.state is ConfigEntryState.LOADED
    # The entry goes on with the token that the sign-in gave.
    assert simulator.requests.count(TOKEN) == 2


# The household


async def sign_in(hass: HomeAssistant, simulator: Simulator) -> ConfigFlowResult:
    """Go as far as the household form."""
    result = await go_on(
        hass, await begin(hass, "client_credentials"), client(simulator)
    )
    assert result["step_id"] == "household"
    return result


async def test_organization_without_users(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An empty organization says so before anything is typed; a user id still helps."""
    simulator.fail(USERS, status=200, body=[])
    result = await sign_in(hass, simulator)
    assert result["errors"] == {"user_id": "user_not_found"}
    assert isinstance(fields(result)["user_id"], TextSelector)
    result = await go_on(hass, result["flow_id"], home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["result"].subentries


@pytest.mark.parametrize("user_id", ["Lena Brandner", SOMEBODY, ""])
async def test_user_not_found(
    hass: HomeAssistant, simulator: Simulator, user_id: str
) -> None:
    """A user that Podero does not know is refused at the field."""
    result = await sign_in(hass, simulator)
    result = await go_on(
        hass,
        result["flow_id"],
        home(simulator, user_id=user_id, history_days=3, allow_control=True),
    )
    assert result["step_id"] == "household"
    assert result["errors"] == {"user_id": "user_not_found"}
    assert suggested(result)["history_days"] == 3
    assert suggested(result)["allow_control"] is True
    assert hass.config_entries.async_entries(DOMAIN) == []
    result = await go_on(hass, result["flow_id"], home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 500}, "cannot_connect"),
        ({"html": True}, "cannot_connect"),
        ({"disconnect": True}, "cannot_connect"),
        ({"status": 429}, "rate_limited"),
        ({"status": 401}, "invalid_auth"),
    ],
)
async def test_household_in_trouble(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    fault: dict[str, Any],
    error: str,
) -> None:
    """A typed user that cannot be looked up now can be tried again."""
    simulator.fail(USERS, status=200, body=[])
    result = await sign_in(hass, simulator)
    broken = simulator.fail(USER, **fault)
    result = await go_on(hass, result["flow_id"], home(simulator, 1))
    assert result["errors"] == {"base": error}
    simulator.faults.remove(broken)
    now.tick(61)
    result = await go_on(hass, result["flow_id"], home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_an_account_that_sees_devices_only(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Who may not see the person may still set up the devices, under the user's id."""
    simulator.fail(USER, status=403)
    flow_id = await begin(hass, "password")
    await go_on(hass, flow_id, account(simulator))
    result = await go_on(hass, flow_id, home(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (household,) = the_entry(hass).subentries.values()
    assert household.title == simulator.households[0].user_id


async def test_somebody_elses_household(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An account that may see neither the person nor the devices is told at the field."""
    simulator.fail("/users/", status=403)
    flow_id = await begin(hass, "password")
    await go_on(hass, flow_id, account(simulator))
    result = await go_on(hass, flow_id, home(simulator, 1))
    assert result["errors"] == {"user_id": "user_not_found"}
    simulator.heal()
    result = await go_on(hass, flow_id, home(simulator))
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_user_without_devices(hass: HomeAssistant, simulator: Simulator) -> None:
    """A user without devices comes last, and can be set up for the devices to come."""
    (inverter,) = simulator.households[1].inverters
    simulator.remove(inverter.id)
    result = await sign_in(hass, simulator)
    assert lines(result) == [
        "Lena Brandner (1 inverter, 1 electric vehicle, 1 heat pump, 1 wallbox)",
        "Jonas Wiegand (no devices)",
    ]
    result = await go_on(hass, result["flow_id"], home(simulator, 1))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = the_entry(hass)
    assert entry.state is ConfigEntryState.LOADED
    assert hass.states.async_entity_ids(["sensor", "binary_sensor"]) == []


PRICES = {
    "import_price": "podero",
    "price_unit": "ct/kWh",
    "surcharge": 0.05,
    "tax": 19,
    "export_price": "fixed",
    "export_fixed": 0.082,
}


async def test_prices(hass: HomeAssistant, simulator: Simulator) -> None:
    """What power costs is asked for in a section of its own, closed, and kept as it was typed."""
    result = await sign_in(hass, simulator)
    prices = fields(result)["prices"]
    assert prices.options == {"collapsed": True}
    defaults = {
        str(key): None if key.default is vol.UNDEFINED else key.default()
        for key in prices.schema.schema
    }
    assert defaults == {
        "import_price": "none",
        "import_fixed": None,
        "price_unit": "EUR/MWh",
        "surcharge": 0,
        "tax": 0,
        "export_price": "none",
        "export_fixed": None,
    }
    result = await go_on(hass, result["flow_id"], home(simulator, prices=PRICES))
    assert result["type"] is FlowResultType.CREATE_ENTRY
    (household,) = the_entry(hass).subentries.values()
    assert household.data["prices"] == PRICES


@pytest.mark.parametrize("price", ["import", "export"])
async def test_fixed_price_is_missing(
    hass: HomeAssistant, simulator: Simulator, price: str
) -> None:
    """A fixed price has to be said; nothing is a price, too."""
    result = await sign_in(hass, simulator)
    chosen = {f"{price}_price": "fixed"}
    result = await go_on(hass, result["flow_id"], home(simulator, prices=chosen))
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "household"
    assert result["errors"] == {"prices": "price_missing"}
    free = chosen | {f"{price}_fixed": 0}
    result = await go_on(hass, result["flow_id"], home(simulator, prices=free))
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "wrong",
    [
        {"import_price": "guessed"},
        {"price_unit": "USD/MWh"},
        {"tax": -101},
        {"surcharge": "a little"},
        {"import_fixed": 1e9},
    ],
)
async def test_prices_that_make_no_sense(
    hass: HomeAssistant, simulator: Simulator, wrong: dict[str, Any]
) -> None:
    """What the form does not offer is refused."""
    result = await sign_in(hass, simulator)
    with pytest.raises(InvalidData):
        await go_on(hass, result["flow_id"], home(simulator, prices=wrong))


async def test_namesakes(hass: HomeAssistant, simulator: Simulator) -> None:
    """People of the same name are told apart, and counters beyond one are plural."""
    simulator.fail(
        USERS, fields={"first_name": "Ada", "last_name": "Example", "num_inverters": 2}
    )
    result = await sign_in(hass, simulator)
    first, second = (family.user_id[:8] for family in simulator.households)
    assert sorted(lines(result)) == sorted(
        [
            f"Ada Example {first} (2 inverters, 1 electric vehicle, 1 heat pump, 1 wallbox)",
            f"Ada Example {second} (2 inverters)",
        ]
    )


@pytest.mark.parametrize(
    ("language", "fields", "some", "others"),
    [
        (
            "de",
            {"num_heat_pumps": 2},
            "1 Wechselrichter, 1 Elektrofahrzeug, 2 Wärmepumpen, 1 Wallbox",
            "1 Wechselrichter, 2 Wärmepumpen",
        ),
        (
            "pl",
            {"num_inverters": 0, "num_wallboxes": 0},
            "1 pojazd elektryczny, 1 pompa ciepła",
            "brak urządzeń",
        ),
    ],
)
async def test_counters_in_another_language(
    hass: HomeAssistant,
    simulator: Simulator,
    language: str,
    fields: dict[str, int],
    some: str,
    others: str,
) -> None:
    """What a household has is told in Home Assistant's language."""
    hass.config.language = language
    simulator.fail(USERS, fields=fields)
    result = await sign_in(hass, simulator)
    assert {*lines(result)} == {f"Lena Brandner ({some})", f"Jonas Wiegand ({others})"}


@pytest.mark.parametrize(
    ("person", "title"),
    [
        ({"first_name": None}, "Brandner"),
        ({"first_name": None, "last_name": None}, "lena.brandner@example.com"),
        ({"first_name": None, "last_name": None, "email": None}, "customer-1001"),
    ],
)
async def test_title_of_a_household(
    hass: HomeAssistant, simulator: Simulator, person: dict[str, None], title: str
) -> None:
    """A household is called by name, else e-mail address, else the partner's id."""
    simulator.fail(USERS, fields=person)
    result = await sign_in(hass, simulator)
    result = await go_on(hass, result["flow_id"], home(simulator))
    (household,) = result["result"].subentries.values()
    assert household.title == title


@pytest.mark.parametrize("days", [-1, 731])
async def test_days_of_history_have_bounds(
    hass: HomeAssistant, simulator: Simulator, days: int
) -> None:
    """Two years are the most."""
    result = await sign_in(hass, simulator)
    with pytest.raises(InvalidData):
        await go_on(hass, result["flow_id"], home(simulator, history_days=days))
    result = await go_on(hass, result["flow_id"], home(simulator, history_days=0))
    assert result["type"] is FlowResultType.CREATE_ENTRY


# What is set up already


async def test_organization_is_set_up_already(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """An organization is set up once; further households are added to it."""
    entry.add_to_hass(hass)
    flow_id = await begin(hass, "client_credentials")
    result = await go_on(hass, flow_id, client(simulator))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert the_entry(hass) is entry


async def test_household_is_set_up_already(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """A household is set up once, however the other entry signs in."""
    entry.add_to_hass(hass)
    flow_id = await begin(hass, "password")
    await go_on(hass, flow_id, account(simulator))
    result = await go_on(hass, flow_id, home(simulator))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert the_entry(hass) is entry


async def test_account_is_set_up_already(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An account's entry is there even while it has no household."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        unique_id=simulator.households[0].user_id,
        data={
            "host": simulator.url,
            "org_id": simulator.organization_id,
            "refresh_token": "old",
        },
    )
    entry.add_to_hass(hass)
    flow_id = await begin(hass, "password")
    await go_on(hass, flow_id, account(simulator))
    result = await go_on(hass, flow_id, home(simulator))
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"


async def test_two_accounts_of_one_organization(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Two people of one organization live side by side."""
    for number, name in enumerate(("demo", "demo2")):
        flow_id = await begin(hass, "password")
        await go_on(hass, flow_id, account(simulator, username=name, password=name))
        result = await go_on(hass, flow_id, home(simulator, number))
        assert result["type"] is FlowResultType.CREATE_ENTRY
    entries = hass.config_entries.async_entries(DOMAIN)
    assert [entry.state for entry in entries] == [ConfigEntryState.LOADED] * 2
    assert len({entry.unique_id for entry in entries}) == 2


# Signing in again


async def account_entry(hass: HomeAssistant, simulator: Simulator) -> ConfigEntry:
    """Set up the first household by its account."""
    flow_id = await begin(hass, "password")
    await go_on(hass, flow_id, account(simulator))
    await go_on(hass, flow_id, home(simulator))
    return the_entry(hass)


async def reauth(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    """Return the form that asks to sign in again."""
    entry.async_start_reauth(hass)
    await hass.async_block_till_done()
    (flow,) = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"
    return await hass.config_entries.flow.async_configure(flow["flow_id"])


async def test_reauth_of_an_application(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A new secret takes the old one's place, and the entry goes on with it."""
    simulator.tokens.client_secret = "fresh-secret"
    result = await reauth(hass, loaded)
    assert fields(result).keys() == {"client_id", "client_secret"}
    assert suggested(result) == {"client_id": "demo-client"}
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await go_on(hass, result["flow_id"], typed)
    assert result["errors"] == {"base": "invalid_auth"}
    typed["client_secret"] = "fresh-secret"
    result = await go_on(hass, result["flow_id"], typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reauth_successful"
    assert loaded.data["client_secret"] == "fresh-secret"
    assert loaded.state is ConfigEntryState.LOADED
    assert loaded.unique_id == simulator.organization_id
    assert len(loaded.subentries) == 1


async def test_reauth_of_an_account(hass: HomeAssistant, simulator: Simulator) -> None:
    """The password is asked for again, and again only a token is kept."""
    entry = await account_entry(hass, simulator)
    simulator.tokens.revoke_access()
    simulator.tokens.revoke_refresh()
    await hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    before = entry.data["refresh_token"]
    result = await reauth(hass, entry)
    assert fields(result).keys() == {"username", "password"}
    result = await go_on(
        hass, result["flow_id"], {"username": "demo", "password": "guess"}
    )
    assert result["errors"] == {"base": "invalid_auth"}
    assert suggested(result) == {"username": "demo"}
    result = await go_on(
        hass, result["flow_id"], {"username": "demo", "password": "demo"}
    )
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.data["refresh_token"] != before
    # By password at first, refused when it was reloaded, and twice by password now.
    assert simulator.requests.count(ACCOUNT_TOKEN) == 4
    assert entry.data.keys() == {"host", "org_id", "refresh_token"}


async def test_reauth_with_another_account(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """An account that cannot read the entry's household is the wrong one."""
    entry = await account_entry(hass, simulator)
    before = dict(entry.data)
    result = await reauth(hass, entry)
    result = await go_on(
        hass, result["flow_id"], {"username": "demo2", "password": "demo2"}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "wrong_account"
    assert dict(entry.data) == before


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize("flow", ["reauth", "reconfigure"])
async def test_one_household_is_gone(
    hass: HomeAssistant,
    simulator: Simulator,
    both: MockConfigEntry,
    flow: str,
    status: int,
) -> None:
    """A customer that Podero deleted does not lock the others out; it is named."""
    await set_up(hass, both)
    first, second = simulator.households
    (gone,) = (
        each.subentry_id
        for each in both.subentries.values()
        if each.unique_id == first.user_id
    )
    hass.config_entries.async_update_subentry(
        both, both.subentries[gone], title="A*da*\nExample"
    )
    await hass.async_block_till_done()
    simulator.fail(first.user_id, status=status)
    simulator.tokens.client_secret = "fresh-secret"
    typed = {"client_id": "demo-client", "client_secret": "fresh-secret"}
    if flow == "reauth":
        result = await reauth(hass, both)
    else:
        result = await reconfigure(hass, both)
        typed["host"] = simulator.url
    result = await go_on(hass, result["flow_id"], typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == f"{flow}_successful"
    assert result["description_placeholders"] == {"households": "A\\*da\\* Example"}
    # The text is not Home Assistant's own, which names nobody.
    assert "translation_domain" not in result
    texts = await async_get_translations(hass, "en", "config", {DOMAIN})
    assert "{households}" in texts[f"component.{DOMAIN}.config.abort.{flow}_successful"]
    assert both.data["client_secret"] == "fresh-secret"
    assert both.state is ConfigEntryState.LOADED
    assert len(both.subentries) == 2
    # The start does not wait for the rest of the lists.
    await hass.async_block_till_done(wait_background_tasks=True)
    inverter = second.inverters[0].id
    assert state(hass, inverter, "solar_power").state != STATE_UNAVAILABLE


async def test_all_households_are_gone(
    hass: HomeAssistant, simulator: Simulator, both: MockConfigEntry
) -> None:
    """Credentials that read none of the households are somebody else's."""
    await set_up(hass, both)
    for family in simulator.households:
        simulator.fail(family.user_id, status=404)
    before = dict(both.data)
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await reauth(hass, both)
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "wrong_account"
    assert dict(both.data) == before


async def test_no_household_yet(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """An entry without households has none that could be missed."""
    for subentry_id in list(loaded.subentries):
        hass.config_entries.async_remove_subentry(loaded, subentry_id)
    await hass.async_block_till_done()
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await reauth(hass, loaded)
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "reauth_successful"
    assert result.get("description_placeholders") is None


async def test_reauth_without_rights_in_the_organization(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """An application that may not see the organization is told so, and can be corrected."""
    result = await reauth(hass, loaded)
    simulator.fail(USERS, status=403)
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await go_on(hass, result["flow_id"], typed)
    assert result["errors"] == {"base": "org_not_found"}


async def test_a_refusal_is_said_at_once(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """Whatever was refused before, a sign-in that somebody types is tried, and told about."""
    simulator.tokens.client_secret = "fresh-secret"
    await set_up_in_vain(hass, entry)
    result = await reauth(hass, entry)
    for secret, errors in (("guess", "invalid_auth"), ("guess again", "invalid_auth")):
        asked = simulator.requests.count(TOKEN)
        result = await go_on(
            hass,
            result["flow_id"],
            {"client_id": "demo-client", "client_secret": secret},
        )
        assert result["errors"] == {"base": errors}
        assert simulator.requests.count(TOKEN) == asked + 1
    result = await go_on(
        hass,
        result["flow_id"],
        {"client_id": "demo-client", "client_secret": "fresh-secret"},
    )
    assert result["reason"] == "reauth_successful"
    assert entry.state is ConfigEntryState.LOADED


async def set_up_in_vain(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Add an entry whose credentials are refused."""
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    assert entry.state is ConfigEntryState.SETUP_RETRY


async def test_reauth_while_podero_is_in_trouble(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """That the households cannot be read now does not make it the wrong account."""
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await reauth(hass, loaded)
    simulator.fail(USER, status=502)
    result = await go_on(hass, result["flow_id"], typed)
    assert result["errors"] == {"base": "cannot_connect"}
    simulator.heal()
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "reauth_successful"


# Signing in differently


async def reconfigure(hass: HomeAssistant, entry: Any) -> ConfigFlowResult:
    """Return the form that changes the sign-in."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    assert result["step_id"] == "reconfigure"
    return result


async def test_reconfigure_the_host(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Another address needs the secret again: it was given for the old one only."""
    result = await reconfigure(hass, loaded)
    assert list(fields(result)) == [
        "host",
        "client_id",
        "client_secret",
        "username",
        "password",
    ]
    assert suggested(result) == {"host": simulator.url, "client_id": "demo-client"}
    typed = {"client_id": "demo-client", "client_secret": "demo-secret"}
    result = await go_on(
        hass, result["flow_id"], {"host": "http://127.0.0.1:1"} | typed
    )
    assert result["errors"] == {"base": "cannot_connect"}
    assert suggested(result)["host"] == "http://127.0.0.1:1"
    result = await go_on(hass, result["flow_id"], {"host": "ftp://127.0.0.1"})
    assert result["errors"] == {"host": "invalid_host"}
    elsewhere = Simulator(seed=1, households=2, days=3)
    await elsewhere.start()
    host = f"{elsewhere.url}/"
    result = await go_on(
        hass, result["flow_id"], {"host": host} | typed | {"client_secret": ""}
    )
    assert result["errors"] == {"base": "invalid_auth"}
    assert elsewhere.requests.total == 0
    result = await go_on(hass, result["flow_id"], {"host": host} | typed)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert loaded.data["host"] == elsewhere.url
    assert loaded.data["client_secret"] == "demo-secret"
    assert loaded.state is ConfigEntryState.LOADED
    await elsewhere.stop()


async def test_reconfigure_keeps_the_secret(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """At the same address a secret that is left empty stays as it is."""
    result = await reconfigure(hass, loaded)
    typed = {"host": simulator.url, "client_id": "demo-client", "client_secret": ""}
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "reconfigure_successful"
    assert loaded.data["client_secret"] == "demo-secret"


async def test_reconfigure_to_an_account(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """From a partner application to the household's own account; nothing of the client stays."""
    result = await reconfigure(hass, loaded)
    typed = {"host": simulator.url, "username": "demo2", "password": "demo2"}
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "wrong_account"
    assert loaded.data["client_id"] == "demo-client"

    result = await reconfigure(hass, loaded)
    typed |= {"client_id": "demo-client", "username": "demo", "password": "demo"}
    result = await go_on(hass, result["flow_id"], typed)
    assert result["reason"] == "reconfigure_successful"
    assert loaded.data.keys() == {"host", "org_id", "refresh_token"}
    assert loaded.unique_id == simulator.households[0].user_id
    assert loaded.state is ConfigEntryState.LOADED


async def test_reconfigure_to_an_application(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """From an account to a partner application."""
    entry = await account_entry(hass, simulator)
    result = await reconfigure(hass, entry)
    assert list(fields(result)) == [
        "host",
        "username",
        "password",
        "client_id",
        "client_secret",
    ]
    result = await go_on(hass, result["flow_id"], {"host": simulator.url})
    assert result["errors"] == {"base": "invalid_auth"}
    result = await go_on(
        hass,
        result["flow_id"],
        {
            "host": simulator.url,
            "client_id": "demo-client",
            "client_secret": "demo-secret",
        },
    )
    assert result["reason"] == "reconfigure_successful"
    assert entry.unique_id == simulator.organization_id
    assert "refresh_token" not in entry.data
    assert entry.data["client_secret"] == "demo-secret"
    assert entry.state is ConfigEntryState.LOADED


async def test_reconfigure_into_what_is_there(
    hass: HomeAssistant, simulator: Simulator
) -> None:
    """Two entries do not become the same organization's."""
    entry = await account_entry(hass, simulator)
    make_entry(simulator, 1).add_to_hass(hass)
    before = dict(entry.data)
    result = await reconfigure(hass, entry)
    result = await go_on(
        hass,
        result["flow_id"],
        {
            "host": simulator.url,
            "client_id": "demo-client",
            "client_secret": "demo-secret",
        },
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert dict(entry.data) == before
