"""Who gets in, by which of the token endpoints, and how far."""

import pytest

from simulator import Simulator

from .conftest import Caller, inverter_path


async def test_client_credentials(caller: Caller, simulator: Simulator) -> None:
    """The documented way works, and a wrong secret does not."""
    token = (await caller.client_token()).check("client_token")
    assert token["expires_in"] == 36_000
    assert "refresh_token" not in token
    (await caller.client_token("wrong")).check("token_error", 401)
    answer = await caller.ask(
        "POST",
        "/oauth2/token/",
        bearer=False,
        json={"grant_type": "client_credentials"},
    )
    assert answer.check("token_error", 401) == {"error": "invalid_client"}
    assert simulator.requests.count("/oauth2/token/", status=401) == 2


async def test_kinds_of_bodies(caller: Caller, simulator: Simulator) -> None:
    """JSON, form, both or none are understood, as is wanted."""
    tokens = simulator.tokens
    for json_works, form_works in (
        (True, False),
        (False, True),
        (True, True),
        (False, False),
    ):
        tokens.accepts_json, tokens.accepts_form = json_works, form_works
        for form, works in ((False, json_works), (True, form_works)):
            answer = await caller.client_token(form=form)
            if works:
                answer.check("client_token")
            else:
                refusal = answer.check("token_error", 400)
                assert refusal == {"error": "unsupported_grant_type"}
    tokens.present = False
    (await caller.client_token()).check("error", 404)
    (await caller.account_token(grant_type="client_credentials")).check(
        "validation_error", 422
    )
    tokens.partners_take_clients = True
    credentials = {"client_id": "demo-client", "client_secret": "demo-secret"}
    answer = await caller.account_token(grant_type="client_credentials", **credentials)
    caller.token = answer.check("client_token")["access_token"]
    (await caller.get("users")).check("users")


async def test_junk_is_no_grant(caller: Caller) -> None:
    """A body that is no JSON, and one that is no object."""
    for body in (b"{", b"[1]"):
        answer = await caller.ask(
            "POST",
            "/oauth2/token/",
            bearer=False,
            data=body,
            headers={"Content-Type": "application/json", "Authorization": "Basic ?"},
        )
        answer.check("token_error", 400)
    (await caller.account_token(grant_type="none")).check("validation_error", 422)


async def test_account(caller: Caller, simulator: Simulator) -> None:
    """An account sees its own user only."""
    answer = await caller.account_token(
        grant_type="password", username="demo", password="demo"
    )
    caller.token = answer.check("account_token")["access_token"]
    (await caller.get("users")).check("error", 403)
    (await caller.get(inverter_path(simulator))).check("inverter")
    (await caller.get(inverter_path(simulator, 1))).check("error", 404)
    (await caller.get("users/by-ext-id/customer-1001")).check("user")
    (await caller.get("users/by-ext-id/customer-1002")).check("error", 404)
    wrong = await caller.account_token(
        grant_type="password", username="demo", password="x"
    )
    wrong.check("error", 401)


@pytest.mark.parametrize("rotates", [True, False])
async def test_refresh_tokens(
    caller: Caller, simulator: Simulator, rotates: bool
) -> None:
    """Rotated ones are good once; others stay."""
    simulator.tokens.rotates = rotates
    first = (
        await caller.account_token(
            grant_type="password", username="demo2", password="demo2"
        )
    ).check("account_token")["refresh_token"]
    answer = await caller.account_token(grant_type="refresh_token", refresh_token=first)
    second = answer.check("account_token")["refresh_token"]
    assert (second == first) is not rotates
    again = await caller.account_token(grant_type="refresh_token", refresh_token=first)
    assert again.status == (400 if rotates else 200)
    (await caller.own("POST", "tokens", {"refuses_refresh": True})).check_status(200)
    refused = await caller.account_token(
        grant_type="refresh_token", refresh_token=second
    )
    assert refused.check("token_error", 400) == {"error": "invalid_grant"}


async def test_tokens_end(caller: Caller, simulator: Simulator) -> None:
    """They expire on the simulator's clock, and can be revoked."""
    (await caller.get("users")).check("users")
    simulator.clock.advance(36_000)
    (await caller.get("users")).check("error", 401)
    await caller.sign_in()
    (await caller.get("users")).check("users")
    (await caller.own("POST", "tokens", {"revoke": "all"})).check_status(200)
    (await caller.get("users")).check("error", 401)


async def test_secret_rotates(caller: Caller) -> None:
    """The old secret is worthless, the new one works."""
    (await caller.own("POST", "tokens", {"client_secret": "new-secret"})).check_status(
        200
    )
    (await caller.client_token()).check("token_error", 401)
    (await caller.client_token("new-secret")).check("client_token")
    (await caller.own("POST", "tokens", {"refuses_clients": True})).check_status(200)
    (await caller.client_token("new-secret")).check("token_error", 401)
    (await caller.own("POST", "tokens", {"nonsense": True})).check(
        "validation_error", 422
    )


@pytest.mark.parametrize("told", ["36000", None, "soon", 60])
async def test_lifetime_as_told(
    caller: Caller, simulator: Simulator, told: object
) -> None:
    """A lifetime that is told in an odd way is an hour."""
    simulator.tokens.expires_in = told
    answer = await caller.client_token()
    assert answer.body["expires_in"] == told
    caller.token = answer.body["access_token"]
    simulator.clock.advance(59 if told == 60 else 3599)
    (await caller.get("users")).check("users")
    simulator.clock.advance(1)
    (await caller.get("users")).check("error", 401)


async def test_refused_once(caller: Caller, simulator: Simulator) -> None:
    """Whoever asks, as often as wanted, then all is well."""
    switches = {"refusals": 2, "refusal_status": 403}
    (await caller.own("POST", "tokens", switches)).check_status(200)
    (await caller.client_token()).check("error", 403)
    password = {"grant_type": "password", "username": "demo", "password": "demo"}
    (await caller.account_token(**password)).check("error", 403)
    (await caller.client_token()).check("client_token")
    (await caller.account_token(**password)).check("account_token")


async def test_empty_access_token_beside_a_rotated_one(
    caller: Caller, simulator: Simulator
) -> None:
    """Only the new refresh token is good from then on."""
    password = {"grant_type": "password", "username": "demo", "password": "demo"}
    old = (await caller.account_token(**password)).body["refresh_token"]
    simulator.tokens.empty_access = 1
    renewal = {"grant_type": "refresh_token"}
    empty = (await caller.account_token(**renewal, refresh_token=old)).body
    assert empty["access_token"] == ""
    (await caller.account_token(**renewal, refresh_token=old)).check("token_error", 400)
    again = await caller.account_token(**renewal, refresh_token=empty["refresh_token"])
    assert again.check("account_token")["access_token"]


async def test_reuse_revokes(caller: Caller, simulator: Simulator) -> None:
    """A refresh token used twice costs its account all tokens, and nobody else any."""
    simulator.tokens.revokes_on_reuse = True
    one = {"grant_type": "password", "username": "demo", "password": "demo"}
    two = {"grant_type": "password", "username": "demo2", "password": "demo2"}
    old = (await caller.account_token(**one)).body["refresh_token"]
    other = (await caller.account_token(**two)).body["refresh_token"]
    renewal = {"grant_type": "refresh_token"}
    new = (await caller.account_token(**renewal, refresh_token=old)).body
    caller.token = new["access_token"]
    path = inverter_path(simulator)
    (await caller.get(path)).check("inverter")
    (await caller.account_token(**renewal, refresh_token=old)).check("token_error", 400)
    (await caller.get(path)).check("error", 401)
    (await caller.account_token(**renewal, refresh_token=new["refresh_token"])).check(
        "token_error", 400
    )
    (await caller.account_token(**renewal, refresh_token=other)).check("account_token")
    (await caller.account_token(**one)).check("account_token")
