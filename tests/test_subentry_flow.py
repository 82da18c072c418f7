"""Adding further households to an organization, changing and removing them."""

from typing import Any

from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntryState,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import SelectSelector, TextSelector
from simulator import Family, Simulator

from .common import SETTINGS, device_entry, device_ids, set_up
from .test_config_flow import SOMEBODY, USER, USERS


async def begin(hass: HomeAssistant, entry: MockConfigEntry) -> SubentryFlowResult:
    """Start to add a household."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, "household"), context={"source": SOURCE_USER}
    )


async def go_on(
    hass: HomeAssistant, result: SubentryFlowResult, user_input: dict[str, Any]
) -> SubentryFlowResult:
    """Send the form."""
    result = await hass.config_entries.subentries.async_configure(
        result["flow_id"], user_input
    )
    await hass.async_block_till_done(wait_background_tasks=True)
    return result


def everything_of(*families: Family) -> set[str]:
    """Return the ids of all that some households have in the registry."""
    return {
        device.id
        for family in families
        for device in (
            *family.inverters,
            *family.vehicles,
            *family.heat_pumps,
            *family.wallboxes,
        )
    } | {family.user_id for family in families if family.vehicles}


def selector(result: SubentryFlowResult) -> Any:
    """Return how the household is chosen."""
    assert result["data_schema"] is not None
    return result["data_schema"].schema["user_id"]


def suggested_prices(result: SubentryFlowResult) -> dict[str, Any]:
    """Return what the form's section of prices shows as typed already."""
    assert result["data_schema"] is not None
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema["prices"].schema.schema
        if key.description
    }


async def test_add_a_household(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """The second household's devices show beside the first's, under their own household."""
    first, second = simulator.households
    result = await begin(hass, loaded)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "user"
    assert result["errors"] == {}
    assert isinstance(selector(result), SelectSelector)
    # Those that are set up are not offered.
    assert [option["value"] for option in selector(result).config["options"]] == [
        second.user_id
    ]
    result = await go_on(
        hass,
        result,
        {
            "user_id": second.user_id,
            **SETTINGS,
            "history_days": 7,
            "allow_control": True,
        },
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    added = next(
        each for each in loaded.subentries.values() if each.unique_id == second.user_id
    )
    assert added.title == "Jonas Wiegand"
    assert dict(added.data) == {
        "user_id": second.user_id,
        "history_days": 7,
        "energy_dashboard": False,
        "allow_control": True,
    }
    assert loaded.state is ConfigEntryState.LOADED
    assert device_ids(hass, loaded) == everything_of(first, second)
    device = device_entry(hass, loaded, second.inverters[0].id)
    assert device is not None
    assert device.config_subentry_id == added.subentry_id
    entities = er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    )
    assert entities
    assert {each.config_subentry_id for each in entities} == {added.subentry_id}


async def test_household_is_set_up_already(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A household that is there is not added twice."""
    first = simulator.households[0]
    result = await go_on(
        hass, await begin(hass, loaded), {"user_id": first.user_id, **SETTINGS}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert len(loaded.subentries) == 1


@pytest.mark.parametrize(
    ("fault", "errors"),
    [
        ({"path": USERS, "status": 500}, {"base": "cannot_connect"}),
        ({"path": USERS, "html": True}, {"base": "cannot_connect"}),
        ({"path": USERS, "status": 429}, {"base": "rate_limited"}),
        ({"path": USERS, "status": 401}, {"base": "invalid_auth"}),
        ({"path": USERS, "cut": True}, {"base": "cannot_connect"}),
    ],
)
async def test_podero_in_trouble(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    loaded: MockConfigEntry,
    fault: dict[str, Any],
    errors: dict[str, str],
) -> None:
    """The form says what is wrong, and works once it is over."""
    simulator.fail(**fault)
    result = await begin(hass, loaded)
    assert result["errors"] == errors
    assert isinstance(selector(result), TextSelector)
    simulator.heal()
    now.tick(61)
    user_id = simulator.households[1].user_id
    result = await go_on(hass, result, {"user_id": user_id, **SETTINGS})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert len(loaded.subentries) == 2


async def test_user_not_found(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """A user that Podero does not know is refused at the field, one it cannot look up is not."""
    result = await begin(hass, loaded)
    result = await go_on(hass, result, {"user_id": SOMEBODY, **SETTINGS})
    assert result["errors"] == {"user_id": "user_not_found"}
    simulator.fail(USER, status=500)
    result = await go_on(hass, result, {"user_id": SOMEBODY, **SETTINGS})
    assert result["errors"] == {"base": "cannot_connect"}
    user_id = simulator.households[1].user_id
    result = await go_on(hass, result, {"user_id": user_id, **SETTINGS})
    assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_add_while_the_entry_is_not_loaded(
    hass: HomeAssistant, simulator: Simulator, entry: MockConfigEntry
) -> None:
    """An entry that could not be set up can be given the household that works."""
    simulator.fail(simulator.households[0].user_id, status=404)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state is ConfigEntryState.SETUP_RETRY
    user_id = simulator.households[1].user_id
    result = await go_on(
        hass, await begin(hass, entry), {"user_id": user_id, **SETTINGS}
    )
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert entry.state is ConfigEntryState.LOADED
    assert device_ids(hass, entry) == {simulator.households[1].inverters[0].id}


async def test_change_a_household(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """The settings can be changed, the household cannot; the change is in force at once."""
    (household,) = loaded.subentries.values()
    result = await loaded.start_subentry_reconfigure_flow(hass, household.subentry_id)
    assert result["step_id"] == "reconfigure"
    assert result["description_placeholders"] == {"household": "Household 1"}
    assert set(result["data_schema"].schema) == {
        "history_days",
        "energy_dashboard",
        "allow_control",
        "prices",
    }
    assert hass.states.async_entity_ids("button") == []
    result = await go_on(
        hass,
        result,
        {"history_days": 5, "energy_dashboard": False, "allow_control": True},
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    (household,) = loaded.subentries.values()
    assert dict(household.data) == {
        "user_id": simulator.households[0].user_id,
        "history_days": 5,
        "energy_dashboard": False,
        "allow_control": True,
    }
    assert loaded.state is ConfigEntryState.LOADED
    assert hass.states.async_entity_ids("button") != []


async def test_name_of_a_household_is_plain_text(
    hass: HomeAssistant, loaded: MockConfigEntry
) -> None:
    """A person's name makes neither a link nor a picture in the form."""
    (household,) = loaded.subentries.values()
    hass.config_entries.async_update_subentry(
        loaded, household, title="[Lena](https://evil.example)\n<img src=x> *B*"
    )
    result = await loaded.start_subentry_reconfigure_flow(hass, household.subentry_id)
    assert result["description_placeholders"] == {
        "household": r"\[Lena\](https://evil.example) \<img src=x\> \*B\*"
    }


async def test_change_the_prices(
    hass: HomeAssistant, simulator: Simulator, loaded: MockConfigEntry
) -> None:
    """Prices can be added later; the form then shows them, and a fixed price may not be missing."""
    (household,) = loaded.subentries.values()
    result = await loaded.start_subentry_reconfigure_flow(hass, household.subentry_id)
    fixed = {"import_price": "fixed", "tax": 20, "surcharge": 0.01}
    result = await go_on(hass, result, {**SETTINGS, "prices": fixed})
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"prices": "price_missing"}
    # What was typed is not lost.
    assert suggested_prices(result)["tax"] == 20
    result = await go_on(
        hass, result, {**SETTINGS, "prices": fixed | {"import_fixed": 0.31}}
    )
    assert result["reason"] == "reconfigure_successful"
    (household,) = loaded.subentries.values()
    prices = {
        "import_price": "fixed",
        "import_fixed": 0.31,
        "price_unit": "EUR/MWh",
        "surcharge": 0.01,
        "tax": 20,
        "export_price": "none",
    }
    assert household.data["prices"] == prices
    result = await loaded.start_subentry_reconfigure_flow(hass, household.subentry_id)
    assert suggested_prices(result) == prices
    # Whoever leaves the section alone leaves the prices alone.
    result = await go_on(hass, result, SETTINGS)
    (household,) = loaded.subentries.values()
    assert household.data["prices"] == prices


async def test_remove_a_household(
    hass: HomeAssistant, simulator: Simulator, both: MockConfigEntry
) -> None:
    """With a household its devices and entities go; the other one's stay."""
    await set_up(hass, both)
    first, second = simulator.households
    assert device_ids(hass, both) == everything_of(first, second)
    (subentry_id,) = (
        each.subentry_id
        for each in both.subentries.values()
        if each.unique_id == first.user_id
    )
    hass.config_entries.async_remove_subentry(both, subentry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert device_ids(hass, both) == {second.inverters[0].id}
    assert both.state is ConfigEntryState.LOADED
    entities = er.async_entries_for_config_entry(er.async_get(hass), both.entry_id)
    assert entities
    assert all(each.unique_id.startswith(second.inverters[0].id) for each in entities)
    (remaining,) = both.subentries
    hass.config_entries.async_remove_subentry(both, remaining)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert both.state is ConfigEntryState.LOADED
    assert device_ids(hass, both) == set()
