"""The dialogs that solve issues, as the front end drives them."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp
from freezegun.api import FrozenDateTimeFactory
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.podero.const import DOMAIN
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import HomeAssistant
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.translation import async_get_translations
from homeassistant.setup import async_setup_component
from simulator import Simulator, cues

from .common import make_entry, open_issues, set_up, state

MY_LINK = "https://my.home-assistant.io/redirect/repairs/"
HOME = "http://10.10.10.10:8123/config/repairs"
DETAIL = "/inverters/[^/]+$"
RESOLVE = "/cues/[^/]+/resolve$"
READ = "/information/resolve$"
SESSION = "/auth_session$"


class Dialog:
    """A fix flow in the front end: what it shows, and its one button."""

    def __init__(self, hass: HomeAssistant, client: Any, issue_id: str) -> None:
        """Initialize for an issue."""
        self._hass = hass
        self._client = client
        self._issue_id = issue_id
        self._step: dict[str, Any] = {}

    async def open(self) -> Dialog:
        """Open it as a click on the issue does."""
        return await self._post(
            "/api/repairs/issues/fix", handler=DOMAIN, issue_id=self._issue_id
        )

    async def submit(self) -> Dialog:
        """Press the button."""
        return await self._post(f"/api/repairs/issues/fix/{self._step['flow_id']}")

    async def _post(self, path: str, **body: str) -> Dialog:
        answer = await self._client.post(path, json=body)
        assert answer.status == HTTPStatus.OK, await answer.text()
        self._step = await answer.json()
        self._texts = await async_get_translations(self._hass, "en", "issues", {DOMAIN})
        return self

    def _text(self, key: str) -> str:
        issue = ir.async_get(self._hass).async_get_issue(DOMAIN, self._issue_id)
        prefix = f"component.{DOMAIN}.issues.{self._issue_id.rpartition('_')[0]}"
        placeholders = (issue and issue.translation_placeholders) or {}
        return self._texts[f"{prefix}.fix_flow.{key}"].format(
            **placeholders | (self._step["description_placeholders"] or {})
        )

    @property
    def done(self) -> bool:
        """Whether it says that the issue is solved."""
        return bool(self._step["type"] == "create_entry")

    @property
    def aborted(self) -> str:
        """With which words it gave up."""
        assert self._step["type"] == "abort"
        return self._text(f"abort.{self._step['reason']}")

    @property
    def step_id(self) -> str:
        """Which form is shown, with all its words."""
        assert self._step["type"] == "form"
        assert self.title
        assert self.description
        step_id: str = self._step["step_id"]
        return step_id

    @property
    def title(self) -> str:
        """The form's title."""
        return self._text(f"step.{self._step['step_id']}.title")

    @property
    def description(self) -> str:
        """What the form says."""
        return self._text(f"step.{self._step['step_id']}.description")

    @property
    def error(self) -> str | None:
        """What the form says went wrong: the key, and the words after it."""
        if not self._step["errors"]:
            return None
        key = self._step["errors"]["base"]
        return f"{key}: {self._text(f'error.{key}')}"

    @property
    def url(self) -> str:
        """Where the form's link leads."""
        _, _, rest = self.description.partition("](")
        return rest.partition(")")[0]


type OpenDialog = Callable[[str], Awaitable[Dialog]]


@pytest.fixture
async def open_dialog(
    hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> OpenDialog:
    """Return what opens the dialog of an issue."""
    assert await async_setup_component(hass, "repairs", {})
    client = await hass_client()

    async def open_dialog(issue_id: str) -> Dialog:
        return await Dialog(hass, client, issue_id).open()

    return open_dialog


async def leave_provider(url: str, outcome: str) -> str:
    """Do as a person on the manufacturer's page does; returns where the browser is sent."""
    async with (
        aiohttp.ClientSession() as browser,
        browser.post(url, data={"outcome": outcome}, allow_redirects=False) as answer,
    ):
        assert answer.status == HTTPStatus.SEE_OTHER
        return answer.headers["Location"]


# Signing in at the manufacturer again


@pytest.mark.parametrize("link", ["host", "api", "bare", "absolute"])
async def test_reauthenticate(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    link: str,
) -> None:
    """Opening says what is asked, going on leads to the manufacturer, and coming back looks anew."""
    simulator.add_action(inverter, link=link)
    await set_up(hass, entry)
    assert state(hass, inverter, "authenticated", "binary_sensor").state == STATE_OFF
    dialog = await open_dialog(f"reauthenticate_{inverter}")
    assert dialog.step_id == "confirm"
    assert "Fronius" in dialog.title
    assert simulator.requests.count(RESOLVE) == 0

    await dialog.submit()
    assert dialog.step_id == "sign_in"
    assert simulator.requests.count(RESOLVE) == 1
    assert dialog.url.startswith(f"{simulator.url}/provider/")
    assert await leave_provider(dialog.url, "success") == HOME
    await dialog.submit()
    assert dialog.done
    assert not open_issues(hass)
    # Without waiting for the next poll.
    assert state(hass, inverter, "authenticated", "binary_sensor").state == STATE_ON


@pytest.mark.parametrize("has_action", [True, False])
@pytest.mark.parametrize("kind", ["vehicles", "heat_pumps", "wallboxes"])
async def test_every_kind(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    open_dialog: OpenDialog,
    kind: str,
    has_action: bool,
) -> None:
    """Every kind of device can be connected again, by its action or without one, and has messages."""
    [device] = getattr(simulator.households[0], kind)
    if has_action:
        simulator.add_action(device.id)
    else:
        simulator.override(device.id, is_authenticated=False)
    simulator.add_action(device.id, "information", message="Hello")
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{device.id}")).submit()
    assert simulator.requests.count(SESSION) == (not has_action)
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done
    dialog = await (await open_dialog(f"information_{device.id}")).submit()
    assert dialog.done
    assert not open_issues(hass)


async def test_names_are_plain_text(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """A name from the cloud makes neither a link nor a picture nor anything bold."""
    simulator.override(
        inverter,
        device_model={
            "manufacturer": "[**verify your account**](https://evil.example)",
            "model": "<img src=x> __A_B__ &lt; R&D",
        },
    )
    for code in ("reauthenticate", "information", "_reboot_"):
        simulator.add_action(inverter, code, message="- __Hello__ &amp; bye")
    await set_up(hass, entry)
    name = (
        r"\[\*\*verify your account\*\*\](https://evil.example)"
        r" \<img src=x\> \_\_A_B\_\_ \&lt; R&D"
    )
    plain = (
        "[**verify your account**](https://evil.example) <img src=x> __A_B__ &lt; R&D"
    )
    texts = await async_get_translations(hass, "en", "issues", {DOMAIN})
    for issue in open_issues(hass).values():
        assert issue.translation_placeholders is not None
        # Titles are shown as they are, without Markdown.
        path = f"component.{DOMAIN}.issues.{issue.translation_key}"
        title = texts[f"{path}.title"].format(**issue.translation_placeholders)
        assert plain in title
        description = texts.get(f"{path}.description", "{device_markdown}")
        assert plain not in description.format(**issue.translation_placeholders)
    codes = open_issues(hass)[f"unsupported_action_{inverter}"].translation_placeholders
    assert codes is not None
    assert codes["codes"] == r"\_reboot\_"
    dialog = await open_dialog(f"reauthenticate_{inverter}")
    assert name in dialog.description
    assert plain in dialog.title
    assert plain not in dialog.description
    await dialog.submit()
    assert name in dialog.description
    dialog = await open_dialog(f"information_{inverter}")
    assert plain in dialog.title
    assert r"\- \_\_Hello\_\_ \&amp; bye" in dialog.description


async def test_way_back_to_a_home_assistant_without_an_address(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """Where Home Assistant knows no address of its own, My Home Assistant finds it."""
    assert hass.config.api is not None
    hass.config.api.local_ip = "127.0.0.1"
    simulator.add_action(inverter)
    await set_up(hass, entry)
    await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    (errand,) = simulator.cues.errands.values()
    assert (errand.success_url, errand.cancel_url) == (MY_LINK, MY_LINK)


async def test_still_pending(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    car: str,
    open_dialog: OpenDialog,
) -> None:
    """Who gives up at the manufacturer's is told so, and gets another page."""
    simulator.add_action(car)
    await set_up(hass, entry)
    dialog = await open_dialog(f"reauthenticate_{car}")
    await dialog.submit()
    first = dialog.url
    await leave_provider(first, "cancel")
    await dialog.submit()
    assert dialog.step_id == "confirm"
    assert dialog.error is not None
    assert dialog.error.startswith("still_pending: ")
    assert list(open_issues(hass)) == [f"reauthenticate_{car}"]
    await dialog.submit()
    assert dialog.url != first
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done


async def test_slow_provider(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """Where Podero takes a while, going on once more is enough; no second page is asked for."""
    simulator.conventions.provider_reports = False
    cue = simulator.add_action(inverter)
    await set_up(hass, entry)
    dialog = await open_dialog(f"reauthenticate_{inverter}")
    await dialog.submit()
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.step_id == "confirm"
    simulator.remove_action(cue.id)
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(RESOLVE) == 1


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, HOME),
        (
            {"internal_url": "http://192.168.1.8:8123"},
            "http://192.168.1.8:8123/config/repairs",
        ),
        (
            {
                "internal_url": "http://192.168.1.8:8123",
                "external_url": "https://home.example",
            },
            "https://home.example/config/repairs",
        ),
    ],
)
@pytest.mark.parametrize("has_action", [True, False])
async def test_way_back(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    config: dict[str, str],
    expected: str,
    has_action: bool,
) -> None:
    """The manufacturer sends the browser back to this Home Assistant, however it went."""
    await async_process_ha_core_config(hass, config)
    if has_action:
        simulator.add_action(inverter)
    else:
        simulator.override(inverter, is_authenticated=False)
    await set_up(hass, entry)
    await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    (errand,) = simulator.cues.errands.values()
    assert (errand.success_url, errand.cancel_url) == (expected, expected)
    assert (errand.cue_id is not None) is has_action


@pytest.mark.parametrize(
    "names",
    [[], ["successUrl"], ["cancelUrl", "successUrl"], ["successUrl", "language"]],
)
async def test_required_parameters(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    names: list[str],
) -> None:
    """What Podero names is sent; where it names nothing, what its documentation asks for."""
    simulator.add_action(inverter, required_parameters=names)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.step_id == "sign_in"
    (errand,) = simulator.cues.errands.values()
    assert errand.success_url == HOME
    assert errand.cancel_url == (None if names and names[0] != "cancelUrl" else HOME)


async def test_unknown_parameters(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """What is not known is told, not guessed; the next try does without the link."""
    simulator.add_action(
        inverter, required_parameters=["successUrl", "customerNumber", "pin"]
    )
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.step_id == "confirm"
    assert dialog.error is not None
    assert dialog.error.startswith("unknown_parameters: ")
    assert "customerNumber, pin" in dialog.error
    assert simulator.requests.count(RESOLVE) == 0
    await dialog.submit()
    assert simulator.requests.count(RESOLVE) == 0
    assert simulator.requests.count(SESSION) == 1
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done


@pytest.mark.parametrize("link", ["foreign", "no_secret"])
async def test_link_that_is_not_safe(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    link: str,
) -> None:
    """A link that leads elsewhere, or has no secret, is not used; the next try does without."""
    simulator.add_action(inverter, link=link)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.error is not None
    assert dialog.error.startswith("link_refused: ")
    assert simulator.requests.count("/cues/") == 0
    await dialog.submit()
    assert dialog.step_id == "sign_in"
    assert simulator.requests.count("/cues/") == 0
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done


@pytest.mark.parametrize(
    "page",
    [
        "http://provider.example/login",
        "javascript:alert(1)",
        "//provider.example",
        "ftp://provider.example/",
        "",
        None,
    ],
)
async def test_page_that_is_not_safe(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    page: object,
) -> None:
    """Nobody is sent to a page without https, from wherever its address came."""
    simulator.add_action(inverter)
    simulator.fail(RESOLVE, fields={"redirect_url": page})
    simulator.fail(SESSION, fields={"authentication_url": page}, times=1)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.error is not None
    assert dialog.error.startswith("link_refused: ")
    await dialog.submit()
    assert dialog.step_id == "confirm"
    assert dialog.error is not None
    assert dialog.error.startswith("link_refused: ")


async def test_page_with_brackets(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """A bracket in the address does not end the link too early."""
    simulator.add_action(inverter)
    simulator.fail(
        RESOLVE, fields={"redirect_url": "https://provider.example/a(b)?c=)"}
    )
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.url == "https://provider.example/a%28b%29?c=%29"


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (401, "link_expired"),
        (403, "link_expired"),
        (404, "link_gone"),
        (409, "bad_response"),
        (422, "bad_response"),
    ],
)
async def test_refused_link(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    status: int,
    key: str,
) -> None:
    """A link that Podero refuses is told, does no harm to the sign-in, and the next try does without."""
    simulator.add_action(inverter)
    simulator.fail(RESOLVE, status=status, times=2)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.step_id == "confirm"
    assert dialog.error is not None
    assert dialog.error.startswith(f"{key}: ")
    assert f"(Simulated {status})" in dialog.error
    assert "secret" not in dialog.error
    await dialog.submit()
    assert simulator.requests.count(SESSION) == 1
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done
    assert not hass.config_entries.flow.async_progress()


async def test_link_is_tried_again(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """Where a sign-in without the link leaves the action pending, the link has its turn again."""
    simulator.conventions.auth_session_clears_cue = False
    simulator.add_action(inverter)
    simulator.fail(RESOLVE, status=403, times=1)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    await dialog.submit()
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.error is not None
    assert dialog.error.startswith("still_pending")
    await dialog.submit()
    assert simulator.requests.count(RESOLVE) == 2
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done


async def test_secret_of_the_last_poll_is_not_used(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A dialog that was open for longer than a secret lives still gets a fresh link."""
    monkeypatch.setattr(cues, "SECRET_LIFETIME", 60)
    simulator.add_action(inverter)
    await set_up(hass, entry)
    dialog = await open_dialog(f"reauthenticate_{inverter}")
    now.tick(61)
    await dialog.submit()
    assert dialog.step_id == "sign_in"


async def test_somebody_was_faster(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """An action that is done elsewhere needs nothing any more, noticed at whichever moment."""
    issue_id = f"reauthenticate_{inverter}"
    cue = simulator.add_action(inverter)
    await set_up(hass, entry)
    before = await open_dialog(issue_id)
    link = simulator.cues.to_json(cue, simulator.url)
    simulator.remove_action(cue.id)
    simulator.requests.clear()
    # The detail still has the action, its link no longer leads anywhere.
    simulator.fail(
        DETAIL, fields={"actions": [link], "is_authenticated": False}, times=1
    )
    await before.submit()
    assert before.done
    assert simulator.requests.count(RESOLVE, status=404) == 1
    assert not open_issues(hass)

    cue = simulator.add_action(inverter)
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    dialog = await open_dialog(issue_id)
    simulator.remove_action(cue.id)
    simulator.requests.clear()
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(method="POST") == 0


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"status": 500}, "bad_response"),
        ({"html": True}, "bad_response"),
        ({"cut": True}, "cannot_connect"),
        ({"status": 429, "headers": {"Retry-After": "1"}}, "rate_limited"),
        ({"status": 403}, "no_access"),
        ({"status": 404}, "not_found"),
    ],
)
async def test_trouble_on_the_way(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    fault: dict[str, Any],
    key: str,
) -> None:
    """Trouble at either look is told, and the dialog goes on from where it is."""
    simulator.add_action(inverter)
    await set_up(hass, entry)
    dialog = await open_dialog(f"reauthenticate_{inverter}")
    simulator.fail(DETAIL, times=1, **fault)
    await dialog.submit()
    assert dialog.step_id == "confirm"
    assert dialog.error is not None
    assert dialog.error.startswith(f"{key}: ")

    now.tick(5)
    await dialog.submit()
    assert dialog.error is None
    page = dialog.url
    await leave_provider(page, "success")
    simulator.fail(DETAIL, times=1, **fault)
    await dialog.submit()
    assert dialog.step_id == "sign_in"
    assert dialog.url == page
    assert dialog.error is not None
    assert dialog.error.startswith(f"{key}: ")
    now.tick(5)
    await dialog.submit()
    assert dialog.done


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"status": 502}, "bad_response"),
        ({"disconnect": True}, "cannot_connect"),
        ({"status": 429, "headers": {"Retry-After": "1"}}, "rate_limited"),
    ],
)
async def test_outage_is_not_the_links_fault(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    fault: dict[str, Any],
    key: str,
) -> None:
    """After an outage the link is used all the same."""
    simulator.add_action(inverter)
    await set_up(hass, entry)
    simulator.fail(RESOLVE, times=1, **fault)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert dialog.error is not None
    assert dialog.error.startswith(f"{key}: ")
    now.tick(5)
    await dialog.submit()
    assert dialog.step_id == "sign_in"
    assert simulator.requests.count(SESSION) == 0


async def test_without_an_action(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    car: str,
    open_dialog: OpenDialog,
) -> None:
    """Where only the state says so, a sign-in without an action is begun."""
    simulator.override(car, is_authenticated=False)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{car}")).submit()
    assert simulator.requests.count(SESSION) == 1
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done
    assert not open_issues(hass)


async def test_reload_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """A dialog survives a reload of its entry."""
    simulator.add_action(inverter)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert await hass.config_entries.async_reload(entry.entry_id)
    await leave_provider(dialog.url, "success")
    await dialog.submit()
    assert dialog.done
    assert not open_issues(hass)


async def test_entry_unloaded_in_the_middle(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """Without the device's entry the dialog says so and ends."""
    simulator.add_action(inverter)
    await set_up(hass, entry)
    dialog = await (await open_dialog(f"reauthenticate_{inverter}")).submit()
    assert await hass.config_entries.async_unload(entry.entry_id)
    await dialog.submit()
    assert "no longer" in dialog.aborted


async def test_dialogs_of_several_entries(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    open_dialog: OpenDialog,
) -> None:
    """The dialog asks by the entry that the device belongs to."""
    await set_up(hass, entry)
    other = make_entry(simulator, 1)
    theirs = simulator.households[1].inverters[0].id
    simulator.add_action(theirs)
    await set_up(hass, other)
    dialog = await (await open_dialog(f"reauthenticate_{theirs}")).submit()
    assert dialog.step_id == "sign_in"


# Messages


async def test_information(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """All messages are shown with their times, as they are, and marked as read in one go."""
    await hass.config.async_set_time_zone("Europe/Vienna")
    simulator.add_action(inverter, "information", message="Your\ntariff *changes*")
    now.tick(timedelta(minutes=3))
    simulator.add_action(
        inverter, "information", message="[Click](https://evil.example)"
    )
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    assert dialog.step_id == "confirm"
    assert (
        "**2026-05-20 12:07**\nYour tariff \\*changes\\*\n\n"
        "**2026-05-20 12:10**\n\\[Click\\](https://evil.example)"
    ) in dialog.description
    assert simulator.requests.count(READ) == 0
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(READ, status=200) == 2
    assert not simulator.cues.pending
    assert not open_issues(hass)
    assert state(hass, inverter, "notification", "binary_sensor").state == STATE_OFF


async def test_message_that_came_meanwhile(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """What nobody saw yet is shown, not marked as read."""
    simulator.add_action(inverter, "information", message="First")
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    simulator.add_action(inverter, "information", message="Second")
    await dialog.submit()
    assert dialog.error is None
    assert "Second" in dialog.description
    assert "First" not in dialog.description
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(READ) == 2


async def test_many_messages(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """At most twenty links are followed at once; the rest is shown again."""
    for number in range(25):
        simulator.add_action(inverter, "information", message=f"Number {number}.")
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    assert "Number 24." in dialog.description
    await dialog.submit()
    assert simulator.requests.count(READ, status=200) == 20
    assert dialog.step_id == "confirm"
    assert dialog.error is None
    assert "Number 19." not in dialog.description
    assert "Number 20." in dialog.description
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(READ, status=200) == 25


async def test_link_to_something_else(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    car: str,
    open_dialog: OpenDialog,
) -> None:
    """A link to anything but an action's end is not followed, though it is Podero's own."""
    user = f"org/{simulator.organization_id}/users/{simulator.households[0].user_id}"
    boost = f"/api/partners/v2.0/{user}/electric-vehicles/{car}/boost?secret=1"
    link = {"url": boost, "required_parameters": []}
    actions = [
        {"code": "information", "metadata": {"message": "Hi"}, "resolution_link": link},
        {"code": "reauthenticate", "resolution_link": link},
    ]
    simulator.fail(DETAIL, fields={"actions": actions})
    await set_up(hass, entry)
    for key in ("information", "reauthenticate"):
        dialog = await (await open_dialog(f"{key}_{inverter}")).submit()
        assert dialog.error is not None
        assert dialog.error.startswith("link_refused: ")
    assert simulator.requests.count(method="POST") == simulator.requests.count("token")


async def test_message_read_elsewhere(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """A message that is gone needs no marking, noticed at whichever moment."""
    issue_id = f"information_{inverter}"
    cue = simulator.add_action(inverter, "information", message="Hello")
    await set_up(hass, entry)
    dialog = await open_dialog(issue_id)
    link = simulator.cues.to_json(cue, simulator.url)
    simulator.remove_action(cue.id)
    simulator.fail(DETAIL, fields={"actions": [link]}, times=1)
    await dialog.submit()
    assert dialog.done
    assert simulator.requests.count(READ, status=404) == 1

    cue = simulator.add_action(inverter, "information", message="Hello again")
    assert await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done(wait_background_tasks=True)
    dialog = await open_dialog(issue_id)
    simulator.remove_action(cue.id)
    await dialog.submit()
    assert dialog.done


async def test_message_without_words_time_or_link(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """What cannot be marked as read is told; the issue stays."""
    simulator.fail(DETAIL, fields={"actions": [{"code": "information"}]})
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    assert "…" in dialog.description
    await dialog.submit()
    assert dialog.error is not None
    assert dialog.error.startswith("still_unread: ")
    assert list(open_issues(hass)) == [f"information_{inverter}"]


@pytest.mark.parametrize(
    ("fault", "key"),
    [
        ({"status": 403}, "link_expired"),
        ({"status": 401}, "link_expired"),
        ({"status": 422}, "bad_response"),
        ({"status": 200, "body": {}}, "still_unread"),
        ({"status": 500}, "bad_response"),
        ({"disconnect": True}, "cannot_connect"),
        ({"status": 429, "headers": {"Retry-After": "1"}}, "rate_limited"),
    ],
)
async def test_message_that_cannot_be_marked(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    fault: dict[str, Any],
    key: str,
) -> None:
    """Whatever goes wrong is told, the message stays, and trying again works."""
    simulator.add_action(inverter, "information", message="Hello")
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    simulator.fail(READ, times=2 if fault.get("status") == 401 else 1, **fault)
    await dialog.submit()
    assert dialog.error is not None
    assert dialog.error.startswith(f"{key}: ")
    assert "Hello" in dialog.description
    assert list(open_issues(hass)) == [f"information_{inverter}"]
    now.tick(5)
    await dialog.submit()
    assert dialog.done


@pytest.mark.parametrize("link", ["foreign", "no_secret"])
async def test_message_with_an_unsafe_link(
    hass: HomeAssistant,
    simulator: Simulator,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
    link: str,
) -> None:
    """A link that is not safe is not used; the other messages are marked all the same."""
    simulator.add_action(inverter, "information", message="Bad", link=link)
    simulator.add_action(inverter, "information", message="Good")
    await set_up(hass, entry)
    dialog = await open_dialog(f"information_{inverter}")
    await dialog.submit()
    assert dialog.error is not None
    assert dialog.error.startswith("link_refused: ")
    assert "Good" not in dialog.description
    assert simulator.requests.count(READ) == 1


async def test_message_gone_before_the_dialog(
    hass: HomeAssistant,
    simulator: Simulator,
    now: FrozenDateTimeFactory,
    entry: MockConfigEntry,
    inverter: str,
    open_dialog: OpenDialog,
) -> None:
    """A second dialog of a message that the first one marked as read is done by itself."""
    simulator.add_action(inverter, "information", message="Hello")
    await set_up(hass, entry)
    first = await open_dialog(f"information_{inverter}")
    second = await open_dialog(f"information_{inverter}")
    for dialog in (first, second):
        await dialog.submit()
        assert dialog.done
    assert simulator.requests.count(READ) == 1
