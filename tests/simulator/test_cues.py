"""Actions: signed links, the provider's page, and what becomes of them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from simulator import Cue, Simulator

from .conftest import Answer, Caller, inverter_path

URLS = {"successUrl": "http://localhost/done", "cancelUrl": "http://localhost/not"}


async def _link(caller: Caller, simulator: Simulator) -> str:
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    url: str = detail["actions"][0]["resolution_link"]["url"]
    return url


async def _visit(caller: Caller, address: str, outcome: str) -> Answer:
    """Open the provider's page and press a button."""
    path = urlsplit(address).path
    page = await caller.ask("GET", path, bearer=False)
    assert page.status == 200
    assert "Fronius" in page.body
    assert f'value="{outcome}"' in page.body
    return await caller.ask("POST", path, bearer=False, data={"outcome": outcome})


@pytest.fixture
def cue(simulator: Simulator) -> Cue:
    """Add a pending sign-in of the first inverter."""
    return simulator.add_action(simulator.households[0].inverters[0].id)


async def test_sign_in_again(caller: Caller, simulator: Simulator, cue: Cue) -> None:
    """Resolve, sign in at the provider, and the action is gone."""
    link = await _link(caller, simulator)
    assert link.startswith(f"/api/partners/v2.0/cues/{cue.id}/resolve?secret=")
    redirect = (await caller.ask("POST", link, json=URLS)).check("cue_resolved")[
        "redirect_url"
    ]
    back = await _visit(caller, redirect, "success")
    assert (back.status, back.headers["Location"]) == (303, URLS["successUrl"])
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    assert detail["actions"] == []
    assert detail["action_needed"] is False
    assert detail["is_authenticated"] is True
    over = await caller.ask("GET", urlsplit(redirect).path, bearer=False)
    assert "is over" in over.body
    (await caller.ask("POST", link, json=URLS)).check("error", 404)


async def test_given_up(caller: Caller, simulator: Simulator, cue: Cue) -> None:
    """The action stays, and can be started again."""
    link = await _link(caller, simulator)
    redirect = (await caller.ask("POST", link, json=URLS)).body["redirect_url"]
    back = await _visit(caller, redirect, "cancel")
    assert back.headers["Location"] == URLS["cancelUrl"]
    assert (await caller.get(inverter_path(simulator))).body["action_needed"] is True
    (await caller.ask("POST", link, json=URLS)).check("cue_resolved")
    assert cue.active is True


async def test_secret(caller: Caller, simulator: Simulator, cue: Cue) -> None:
    """It is new every time, lives for an hour, and cannot be made up."""
    link = await _link(caller, simulator)
    assert link != await _link(caller, simulator)
    bare = link.partition("?")[0]
    secret = parse_qs(urlsplit(link).query)["secret"][0]
    first, nonce, signature = secret.split(".")
    longer = f"{int(first, 16) + 60:x}.{nonce}.{signature}"
    for wrong in (
        "",
        "?secret=",
        "?secret=x.y.z",
        f"?secret={longer}",
        f"?secret={secret[:-1]}",
    ):
        (await caller.ask("POST", bare + wrong, json=URLS)).check("error", 403)
    simulator.conventions.secret_refused_status = 404
    simulator.clock.advance(3600)
    (await caller.ask("POST", link, json=URLS)).check("error", 404)
    (await caller.ask("POST", await _link(caller, simulator), json=URLS)).check(
        "cue_resolved"
    )
    assert cue.active is True


async def test_who_may_resolve(caller: Caller, simulator: Simulator, cue: Cue) -> None:
    """The caller needs a token, of the device's owner or the partner."""
    link = await _link(caller, simulator)
    (await caller.ask("POST", link, json=URLS, bearer=False)).check("error", 401)
    for username, status in (("demo2", 404), ("demo", 200)):
        granted = await caller.account_token(
            grant_type="password", username=username, password=username
        )
        caller.token = granted.body["access_token"]
        assert (await caller.ask("POST", link, json=URLS)).status == status
    assert cue.active is True


async def test_required_parameters(caller: Caller, simulator: Simulator) -> None:
    """What the link says is required is required."""
    simulator.add_action(
        simulator.households[0].inverters[0].id,
        required_parameters=["successUrl", "cancelUrl", "language"],
    )
    link = await _link(caller, simulator)
    refused = (await caller.ask("POST", link, json=URLS)).check("validation_error", 422)
    assert refused["detail"][0]["loc"] == ["body", "language"]
    (await caller.ask("POST", link, json=URLS | {"language": "de"})).check(
        "cue_resolved"
    )


@pytest.mark.parametrize("state", ["success", "fail"])
async def test_reported_by_the_partner(
    caller: Caller, simulator: Simulator, cue: Cue, state: str
) -> None:
    """The outcome needs an action under way and its secret, but no token."""
    simulator.conventions.provider_reports = False
    link = await _link(caller, simulator)
    report = link.replace("/resolve?", "/state?")
    body = {"state": state}
    (await caller.ask("POST", report, json=body, bearer=False)).check("error", 404)
    redirect = (await caller.ask("POST", link, json=URLS)).body["redirect_url"]
    await _visit(caller, redirect, "success")
    assert cue.active is True
    (await caller.ask("POST", report, json={"state": "maybe"})).check(
        "validation_error", 422
    )
    done = await caller.ask("POST", report, json=body, bearer=False)
    assert done.check("cue_outcome") == {"action_id": cue.id}
    needed = (await caller.get(inverter_path(simulator))).body["action_needed"]
    assert needed is (state == "fail")
    (await caller.ask("POST", report, json=body)).check("error", 404)


async def test_information(caller: Caller, simulator: Simulator) -> None:
    """A message is shown until it is marked as read."""
    device_id = simulator.households[0].inverters[0].id
    body = {"code": "information", "message": "Your tariff changes."}
    created = await caller.own("POST", f"devices/{device_id}/actions", body)
    assert created.status == 201
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    assert (detail["action_needed"], detail["has_notification"]) == (False, True)
    assert detail["actions"][0]["metadata"] == {"message": "Your tariff changes."}
    simulator.conventions.information_needs_action = True
    assert (await caller.get(inverter_path(simulator))).body["action_needed"] is True
    link = detail["actions"][0]["resolution_link"]["url"]
    assert "/information/resolve?secret=" in link
    wrong = link.replace("/information/", "/")
    (await caller.ask("POST", wrong, json=URLS)).check("error", 404)
    read = (await caller.ask("POST", link)).check("cue_outcome")
    assert read == {"action_id": created.body["id"]}
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    assert (detail["action_needed"], detail["has_notification"]) == (False, False)


async def test_actions_come_and_go(caller: Caller, simulator: Simulator) -> None:
    """Any code, removed from outside."""
    device_id = simulator.households[0].inverters[0].id
    created = (
        await caller.own(
            "POST", f"devices/{device_id}/actions", {"code": "sign_contract"}
        )
    ).body
    detail = (await caller.get(inverter_path(simulator))).body
    assert [action["code"] for action in detail["actions"]] == ["sign_contract"]
    assert detail["action_needed"] is True
    link = detail["actions"][0]["resolution_link"]["url"]
    (await caller.ask("POST", link.replace("/resolve", "/information/resolve"))).check(
        "error", 404
    )
    assert (await caller.own("GET", f"devices/{device_id}")).body["actions"] == [
        {"id": created["id"], "code": "sign_contract"}
    ]
    (await caller.own("DELETE", f"actions/{created['id']}")).check_status(204)
    (await caller.own("DELETE", f"actions/{created['id']}")).check("error", 404)
    assert (await caller.get(inverter_path(simulator))).body["actions"] == []


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("host", "/api/partners/v2.0/cues/"),
        ("api", "/cues/"),
        ("bare", "cues/"),
        ("absolute", "http://127.0.0.1:"),
        ("foreign", "https://podero.example.net/api/partners/v2.0/cues/"),
    ],
)
async def test_forms_of_links(
    caller: Caller, simulator: Simulator, form: str, start: str
) -> None:
    """The link is written in any of the ways it could be."""
    device_id = simulator.households[0].inverters[0].id
    simulator.add_action(device_id, link=form)
    assert (await _link(caller, simulator)).startswith(start)


async def test_link_without_secret(caller: Caller, simulator: Simulator) -> None:
    """A link can lack what makes it work."""
    simulator.add_action(simulator.households[0].inverters[0].id, link="no_secret")
    assert "secret" not in await _link(caller, simulator)


@pytest.mark.parametrize("clears", [True, False])
async def test_auth_session(
    caller: Caller, simulator: Simulator, cue: Cue, clears: bool
) -> None:
    """The other way to sign in again, without a link; it may clear the action too."""
    simulator.conventions.auth_session_clears_cue = clears
    simulator.add_action(cue.device_id, "information", message="Hello")
    path = f"{inverter_path(simulator)}/auth_session"
    (await caller.ask("POST", path, json={"success_url": 1})).check(
        "validation_error", 422
    )
    started = (
        await caller.ask("POST", path, json={"success_url": None, "cancel_url": None})
    ).check("auth_session")
    assert started["device_id"] == cue.device_id
    back = await _visit(caller, started["authentication_url"], "success")
    assert "Done" in back.body
    detail = (await caller.get(inverter_path(simulator))).check("inverter")
    assert detail["is_authenticated"] is True
    codes = [action["code"] for action in detail["actions"]]
    assert codes == (["information"] if clears else ["reauthenticate", "information"])


async def test_auth_session_given_up(
    caller: Caller, simulator: Simulator, cue: Cue
) -> None:
    """Nothing changes."""
    path = f"{inverter_path(simulator)}/auth_session"
    body = {"success_url": "http://localhost/", "cancel_url": "http://localhost/no"}
    started = (await caller.ask("POST", path, json=body)).check("auth_session")
    back = await _visit(caller, started["authentication_url"], "cancel")
    assert back.headers["Location"] == "http://localhost/no"
    assert (await caller.get(inverter_path(simulator))).body[
        "is_authenticated"
    ] is False
    assert cue.id in simulator.cues.pending


async def test_provider_elsewhere(
    caller: Caller, simulator: Simulator, cue: Cue
) -> None:
    """The provider's address can have another scheme; unknown visits are not found."""
    simulator.conventions.provider_scheme = "https"
    link = await _link(caller, simulator)
    redirect = (await caller.ask("POST", link, json=URLS)).check("cue_resolved")[
        "redirect_url"
    ]
    assert redirect.startswith("https://127.0.0.1:")
    for method in ("GET", "POST"):
        assert (
            await caller.ask(method, "/provider/nobody", bearer=False)
        ).status == 404
