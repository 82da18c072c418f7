"""Tokens: how they are asked for, kept, renewed and refused."""

import asyncio
from base64 import b64decode
import gc
import logging
from typing import Any

import aiohttp
from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.podero.api import (
    AccountAuth,
    ClientCredentialsAuth,
    Inverter,
    PoderoAuthenticationError,
    PoderoBadRequestError,
    PoderoClient,
    PoderoConnectionError,
    PoderoError,
    PoderoRateLimitedError,
    PoderoResponseError,
    TokenRoute,
)

from .conftest import ACCOUNT_TOKEN, API, HOME, ORG, TOKEN, USER, Cloud, Handler, reply

USERS = f"{API}/org/{ORG}/users"
INVERTERS = f"{HOME}/inverters"

GRANTED = {"access_token": "granted", "expires_in": 36000, "token_type": "Bearer"}
UNSUPPORTED = reply({"error": "unsupported_grant_type"}, status=400)


def forms(cloud: Cloud) -> list[str]:
    """Return in which ways the cloud was asked for a token."""
    names = {
        (TOKEN, "application/json"): "json",
        (TOKEN, "application/x-www-form-urlencoded"): "form",
        (ACCOUNT_TOKEN, "application/json"): "partners",
    }
    return [names[seen.path, seen.headers["Content-Type"]] for seen in cloud.seen]


async def test_client_credentials(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """The documented request, once, however often a token is wanted."""
    assert await auth.access_token() == "token-1"
    assert await auth.access_token() == "token-1"
    (seen,) = cloud.seen
    scheme, _, credentials = seen.headers["Authorization"].partition(" ")
    assert (seen.path, scheme) == (TOKEN, "Basic")
    assert b64decode(credentials) == b"the-client:s3cr3t-of-the-client"
    assert seen.headers["Content-Type"] == "application/json"
    assert seen.json == {"grant_type": "client_credentials"}
    assert auth.requests == 1
    assert auth.last_renewal is not None
    assert auth.last_error is None


@pytest.mark.parametrize(
    ("oauth2", "partners", "asked", "route"),
    [
        ([reply(GRANTED)], [], ["json"], TokenRoute.OAUTH2_JSON),
        ([UNSUPPORTED, reply(GRANTED)], [], ["json", "form"], TokenRoute.OAUTH2_FORM),
        (
            [reply({"error": "invalid_request"}, status=400), reply(GRANTED)],
            [],
            ["json", "form"],
            TokenRoute.OAUTH2_FORM,
        ),
        (
            [reply("<p>no</p>", status=415), reply(GRANTED)],
            [],
            ["json", "form"],
            TokenRoute.OAUTH2_FORM,
        ),
        (
            [reply(status=422), reply(GRANTED)],
            [],
            ["json", "form"],
            TokenRoute.OAUTH2_FORM,
        ),
        (
            [reply(status=404)],
            [reply(GRANTED)],
            ["json", "partners"],
            TokenRoute.PARTNERS,
        ),
        (
            [reply(status=405)],
            [reply(GRANTED)],
            ["json", "partners"],
            TokenRoute.PARTNERS,
        ),
        (
            [UNSUPPORTED, reply(status=415)],
            [reply(GRANTED)],
            ["json", "form", "partners"],
            TokenRoute.PARTNERS,
        ),
        (
            [UNSUPPORTED, reply(status=404)],
            [reply(GRANTED)],
            ["json", "form", "partners"],
            TokenRoute.PARTNERS,
        ),
    ],
)
async def test_ways_of_asking(
    *,
    cloud: Cloud,
    session: aiohttp.ClientSession,
    oauth2: list[Handler],
    partners: list[Handler],
    asked: list[str],
    route: TokenRoute,
) -> None:
    """The next way is tried only where the way was refused; the one that works is kept."""
    cloud.on("POST", TOKEN, *oauth2)
    cloud.on("POST", ACCOUNT_TOKEN, *partners)
    routes: list[TokenRoute] = []
    auth = ClientCredentialsAuth(
        session,
        cloud.url,
        client_id="id",
        client_secret="secret",
        on_route=routes.append,
    )
    assert await auth.access_token() == "granted"
    assert forms(cloud) == asked
    assert routes == [route]

    cloud.seen.clear()
    assert await auth.access_token(refused="granted") == "granted"
    assert forms(cloud) == asked[-1:]
    assert routes == [route]


async def test_form_body(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """The second way says the same in a form."""
    cloud.on("POST", TOKEN, UNSUPPORTED, reply(GRANTED))
    await auth.access_token()
    assert cloud.seen[1].text == "grant_type=client_credentials"
    assert (
        cloud.seen[1].headers["Authorization"] == cloud.seen[0].headers["Authorization"]
    )


@pytest.mark.parametrize(
    ("remembered", "asked"),
    [
        (TokenRoute.OAUTH2_JSON, ["json", "form"]),
        (TokenRoute.OAUTH2_FORM, ["form"]),
        (TokenRoute.PARTNERS, ["partners", "json", "form"]),
    ],
)
async def test_remembered_way_comes_first(
    cloud: Cloud,
    session: aiohttp.ClientSession,
    remembered: TokenRoute,
    asked: list[str],
) -> None:
    """What worked is tried first, and the others again when it stops working."""

    async def only_forms(request: web.Request) -> web.Response:
        if request.content_type == "application/json":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        return web.json_response(GRANTED)

    cloud.on("POST", TOKEN, only_forms)
    routes: list[TokenRoute] = []
    auth = ClientCredentialsAuth(
        session,
        cloud.url,
        client_id="id",
        client_secret="secret",
        route=remembered,
        on_route=routes.append,
    )
    assert await auth.access_token() == "granted"
    assert forms(cloud) == asked
    assert routes == [TokenRoute.OAUTH2_FORM] * (len(asked) > 1)


async def test_no_way_works(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """What is told is the first refusal: it came from the documented way."""
    cloud.on("POST", TOKEN, UNSUPPORTED)
    cloud.on("POST", ACCOUNT_TOKEN, reply(status=422))
    with pytest.raises(PoderoBadRequestError) as caught:
        await auth.access_token()
    assert caught.value.detail == "unsupported_grant_type"
    assert forms(cloud) == ["json", "form", "partners"]
    assert auth.last_error == "POST /oauth2/token/: answered 400"
    assert auth.last_error_at is not None


async def test_no_token_endpoint(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """A server that is not Podero's is told apart from a missing resource."""
    cloud.on("POST", TOKEN, reply(status=404))
    with pytest.raises(PoderoError, match="no token endpoint") as caught:
        await auth.access_token()
    assert type(caught.value) is PoderoResponseError


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply({"error": "invalid_client"}, status=401), PoderoAuthenticationError),
        (reply("<h1>no</h1>", status=401), PoderoAuthenticationError),
        (reply(status=403), PoderoAuthenticationError),
        (reply({"error": "invalid_client"}, status=400), PoderoAuthenticationError),
        (
            reply({"error": "unauthorized_client"}, status=400),
            PoderoAuthenticationError,
        ),
        (reply({"error": "invalid_scope"}, status=400), PoderoAuthenticationError),
        (reply({"detail": "invalid_grant"}, status=400), PoderoAuthenticationError),
        (reply({"error": ["invalid_client"]}, status=400), PoderoBadRequestError),
        (reply({"error": "something_else"}, status=400), PoderoBadRequestError),
        (reply([], status=400), PoderoBadRequestError),
        (reply({"error": "invalid_client"}, status=500), PoderoResponseError),
        (reply("<html>", status=502), PoderoResponseError),
        (
            reply(status=302, headers={"Location": "https://evil.example"}),
            PoderoResponseError,
        ),
        (reply(status=429), PoderoRateLimitedError),
        (reply("<html>Welcome</html>"), PoderoResponseError),
        (reply(), PoderoResponseError),
        (reply([GRANTED]), PoderoResponseError),
        (reply({"access_token": None}), PoderoResponseError),
        (reply({"access_token": ""}), PoderoResponseError),
        (reply({"access_token": "a\r\nX: y"}), PoderoResponseError),
        (reply({"error": "invalid_client"}), PoderoResponseError),
    ],
)
async def test_refusals(
    *,
    cloud: Cloud,
    auth: ClientCredentialsAuth,
    account: AccountAuth,
    freezer: FrozenDateTimeFactory,
    answer: Handler,
    kind: type[PoderoError],
) -> None:
    """Only a refusal of the credentials is one; the next call asks again, after a wait if it was."""
    for signed_in, path in ((auth, TOKEN), (account, ACCOUNT_TOKEN)):
        cloud.on("POST", path, answer, reply(GRANTED))
        with pytest.raises(PoderoError) as caught:
            await signed_in.access_token()
        assert type(caught.value) is kind
        assert caught.value.request == f"POST {path}"
        assert signed_in.last_error == str(caught.value)
        assert "s3cr3t" not in signed_in.last_error
        refused = kind is PoderoAuthenticationError
        assert signed_in.refusals == refused
        if refused:
            assert caught.value.retry_after == 300
            freezer.tick(300)
        assert await signed_in.access_token() == "granted"


async def test_unreachable(
    session: aiohttp.ClientSession, socket_enabled: None, unused_tcp_port: int
) -> None:
    """Nobody there is no refusal."""
    auth = ClientCredentialsAuth(
        session,
        f"http://127.0.0.1:{unused_tcp_port}",
        client_id="i",
        client_secret="s3cr3t",
    )
    with pytest.raises(PoderoConnectionError):
        await auth.access_token()


@pytest.mark.parametrize(
    ("expires_in", "early", "late"),
    [
        (36000, 35600, 200),
        ("36000", 35600, 200),
        (100, 85, 10),
        (1, 50, 5),
        (1e9, 86000, 200),
        ("1e300", 86000, 200),
        (1e400, 3200, 200),
        (None, 3200, 200),
        ("soon", 3200, 200),
        (-5, 3200, 200),
        (0, 3200, 200),
        ([], 3200, 200),
    ],
)
async def test_renewed_early(
    *,
    cloud: Cloud,
    auth: ClientCredentialsAuth,
    freezer: FrozenDateTimeFactory,
    expires_in: Any,
    early: int,
    late: int,
) -> None:
    """A token is renewed before its end, an hour after it came where the end is not told."""
    cloud.on(
        "POST",
        TOKEN,
        reply({"access_token": "old", "expires_in": expires_in}),
        reply({"access_token": "new"}),
    )
    assert await auth.access_token() == "old"
    freezer.tick(early)
    assert await auth.access_token() == "old"
    freezer.tick(late)
    assert await auth.access_token() == "new"


async def test_one_request_for_all(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """Twenty that want a token at once cause one request; a refused token is dropped once."""
    tokens = await asyncio.gather(*(auth.access_token() for _ in range(20)))
    assert set(tokens) == {"token-1"}
    assert auth.requests == 1
    again = await asyncio.gather(
        *(auth.access_token(refused="token-1") for _ in range(20))
    )
    assert set(again) == {"token-2"}
    assert await auth.access_token(refused="token-1") == "token-2"
    assert await auth.access_token() == "token-2"
    assert auth.requests == len(cloud.seen) == 2


async def test_one_failure_for_all(cloud: Cloud, auth: ClientCredentialsAuth) -> None:
    """A failure is told to everybody who waited."""
    cloud.on("POST", TOKEN, reply(status=500))
    found = await asyncio.gather(
        *(auth.access_token() for _ in range(5)), return_exceptions=True
    )
    assert [type(error) for error in found] == [PoderoResponseError] * 5
    assert auth.requests == 1


@pytest.mark.parametrize("status", [200, 500])
async def test_cancelled_waiters_lose_nothing(
    cloud: Cloud, account: AccountAuth, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Cancelling who waits leaves the request alone: its answer may hold a refresh token."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.json_response(
            {**GRANTED, "refresh_token": "refresh-1"}, status=status
        )

    cloud.on("POST", ACCOUNT_TOKEN, slow)
    first, second = (asyncio.create_task(account.access_token()) for _ in range(2))
    await arrived.wait()
    first.cancel()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert first.cancelled()
    assert second.cancelled()
    third = asyncio.create_task(account.access_token())
    go_on.set()
    (found,) = await asyncio.gather(third, return_exceptions=True)
    assert account.requests == 1
    if status == 200:
        assert found == "granted"
        assert account.refresh_token == "refresh-1"
    else:
        assert isinstance(found, PoderoResponseError)
        assert account.refresh_token == "refresh-0"
    assert not [
        record for record in caplog.records if record.levelno >= logging.WARNING
    ]


async def test_renewal_nobody_waits_for(
    cloud: Cloud, account: AccountAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure that nobody is left to hear of is no complaint in the log."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.json_response({}, status=500)

    cloud.on("POST", ACCOUNT_TOKEN, slow)
    waiter = asyncio.create_task(account.access_token())
    await arrived.wait()
    renewal = account._renewal
    assert renewal is not None
    waiter.cancel()
    await asyncio.wait((waiter,))
    go_on.set()
    await asyncio.wait((renewal,))
    assert account.last_error is not None
    del renewal, waiter
    gc.collect()
    assert not [
        record for record in caplog.records if record.levelno >= logging.WARNING
    ]


async def test_stopped_renewal(cloud: Cloud, account: AccountAuth) -> None:
    """When the renewal itself is stopped, as at shutdown, whoever waits is too; the next call begins anew."""
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        arrived.set()
        await go_on.wait()
        return web.json_response(GRANTED)

    cloud.on("POST", ACCOUNT_TOKEN, slow, reply(GRANTED))
    waiter = asyncio.create_task(account.access_token())
    await arrived.wait()
    assert account._renewal is not None
    account._renewal.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    go_on.set()
    assert await account.access_token() == "granted"


async def test_account(cloud: Cloud, session: aiohttp.ClientSession) -> None:
    """Name and password are used once; afterwards refresh tokens follow one another."""
    cloud.on(
        "POST",
        ACCOUNT_TOKEN,
        reply({**GRANTED, "access_token": "a-1", "refresh_token": "r-1"}),
        reply({**GRANTED, "access_token": "a-2", "refresh_token": "r-2"}),
        reply({**GRANTED, "access_token": "a-3"}),
        reply({**GRANTED, "access_token": "a-4", "refresh_token": "r-2"}),
        reply({**GRANTED, "access_token": "a-5", "refresh_token": "r-3"}),
    )
    kept: list[str] = []
    auth = AccountAuth(session, cloud.url, on_refresh_token=kept.append)
    await auth.sign_in(username="ada@example.com", password="p4ssw0rd")
    assert auth.refresh_token == "r-1"
    assert await auth.access_token() == "a-1"
    for count in range(2, 6):
        assert await auth.access_token(refused=f"a-{count - 1}") == f"a-{count}"
    assert kept == ["r-1", "r-2", "r-3"]
    assert auth.refresh_token == "r-3"
    assert [seen.json for seen in cloud.seen] == [
        {
            "grant_type": "password",
            "username": "ada@example.com",
            "password": "p4ssw0rd",
        },
        *(
            {"grant_type": "refresh_token", "refresh_token": f"r-{count}"}
            for count in (1, 2, 2, 2)
        ),
    ]
    assert auth.requests == 5
    assert "p4ssw0rd" not in repr(vars(auth))
    assert "ada@example.com" not in repr(vars(auth))


async def test_rotated_token_is_kept_before_use(
    cloud: Cloud, session: aiohttp.ClientSession
) -> None:
    """Whoever keeps the refresh token hears of it while the access token is still unknown."""
    cloud.on("POST", ACCOUNT_TOKEN, reply({**GRANTED, "refresh_token": "r-1"}))
    order: list[str] = []
    auth = AccountAuth(
        session, cloud.url, refresh_token="r-0", on_refresh_token=order.append
    )
    order.append(await auth.access_token())
    assert order == ["r-1", "granted"]

    silent = AccountAuth(session, cloud.url, refresh_token="r-0")
    assert await silent.access_token() == "granted"
    assert silent.refresh_token == "r-1"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(GRANTED), PoderoResponseError),
        (
            reply({"detail": "No account ada@example.com with p4ssw0rd"}, status=401),
            PoderoAuthenticationError,
        ),
        (reply({"error": "invalid_grant"}, status=400), PoderoAuthenticationError),
        (reply(status=503, headers={"Retry-After": "20"}), PoderoResponseError),
    ],
)
async def test_sign_in_fails(
    cloud: Cloud,
    session: aiohttp.ClientSession,
    answer: Handler,
    kind: type[PoderoError],
) -> None:
    """Nothing half made, and neither name nor password in what is told."""
    cloud.on("POST", ACCOUNT_TOKEN, answer)
    with pytest.raises(PoderoError) as caught:
        await AccountAuth(session, cloud.url).sign_in(
            username="ada@example.com", password="p4ssw0rd"
        )
    assert type(caught.value) is kind
    shown = f"{caught.value} {caught.value.detail}"
    assert "p4ssw0rd" not in shown
    assert "ada@" not in shown


@pytest.mark.parametrize(
    "body",
    [
        {"access_token": "", "refresh_token": "refresh-1"},
        {"access_token": None, "refresh_token": "refresh-1"},
        {"access_token": ["a"], "expires_in": {}, "refresh_token": "refresh-1"},
        {"access_token": "a b", "refresh_token": "refresh-1"},
        {"refresh_token": "refresh-1"},
        [{"access_token": "a", "refresh_token": "refresh-1"}],
        '{"access_token": "a", "refresh_token" :\n"refresh\\u002d1", "expires_in": }',
        '\ufeff{"refresh_token":"refresh-1","access_token":"a"',
    ],
)
async def test_rotated_token_survives_a_bad_answer(
    cloud: Cloud, account: AccountAuth, body: Any
) -> None:
    """The new refresh token is kept, whatever is wrong with the rest: the old one is used up."""
    cloud.on("POST", ACCOUNT_TOKEN, reply(body), reply(GRANTED))
    with pytest.raises(PoderoResponseError):
        await account.access_token()
    assert account.refresh_token == "refresh-1"
    assert await account.access_token() == "granted"
    assert [seen.json["refresh_token"] for seen in cloud.seen] == [
        "refresh-0",
        "refresh-1",
    ]


@pytest.mark.parametrize(
    "rotated",
    [None, "", 7, "a b", "a\nb", "\u00e4", "\ud800", "x" * 8193, ["refresh-1"]],
)
async def test_no_refresh_token(
    cloud: Cloud, account: AccountAuth, rotated: Any
) -> None:
    """What cannot be one does not push out the one that there is."""
    cloud.on("POST", ACCOUNT_TOKEN, reply({**GRANTED, "refresh_token": rotated}))
    assert await account.access_token() == "granted"
    assert account.refresh_token == "refresh-0"


async def test_text_that_is_no_json_string(cloud: Cloud, account: AccountAuth) -> None:
    """Neither does half an escape sequence."""
    cloud.on("POST", ACCOUNT_TOKEN, reply('{"refresh_token": "\\x"}'))
    with pytest.raises(PoderoResponseError):
        await account.access_token()
    assert account.refresh_token == "refresh-0"


async def test_way_of_asking_is_kept_for_good_tokens_only(
    cloud: Cloud, session: aiohttp.ClientSession
) -> None:
    """A web page in place of a token teaches nothing."""
    cloud.on("POST", ACCOUNT_TOKEN, reply(status=404), reply(GRANTED))
    cloud.on("POST", TOKEN, reply("<html>Welcome</html>"))
    auth = ClientCredentialsAuth(
        session,
        cloud.url,
        client_id="id",
        client_secret="secret",
        route=TokenRoute.PARTNERS,
        on_route=lambda route: pytest.fail(str(route)),
    )
    with pytest.raises(PoderoResponseError):
        await auth.access_token()
    assert await auth.access_token() == "granted"
    assert forms(cloud) == ["partners", "json", "partners"]


async def test_wait_after_refusals(
    cloud: Cloud, session: aiohttp.ClientSession, freezer: FrozenDateTimeFactory
) -> None:
    """Refused credentials are tried again after 5 min, doubling to 6 h; meanwhile the answer is the same, at once."""
    told: list[int | str] = []
    auth = ClientCredentialsAuth(
        session,
        cloud.url,
        client_id="id",
        client_secret="secret",
        on_refused=told.append,
        on_accepted=lambda: told.append("accepted"),
    )
    cloud.on("POST", TOKEN, reply({"error": "invalid_client"}, status=401))
    for count, minutes in enumerate((5, 10, 20, 40, 80, 160, 320, 360, 360), 1):
        with pytest.raises(PoderoAuthenticationError) as caught:
            await auth.access_token()
        assert caught.value.status == 401
        assert caught.value.retry_after == pytest.approx(minutes * 60)
        freezer.tick(minutes * 60 - 1)
        with pytest.raises(
            PoderoAuthenticationError, match=f"POST {TOKEN}: not sent"
        ) as caught:
            await auth.access_token()
        assert caught.value.retry_after == pytest.approx(1)
        assert (auth.refusals, auth.requests, len(cloud.seen)) == (count,) * 3
        freezer.tick(1)
    assert told == list(range(1, 10))

    cloud.on("POST", TOKEN, reply(GRANTED))
    assert await auth.access_token() == "granted"
    # Whether the token is any good is up to the first resource.
    assert auth.refusals == 9
    auth.accept()
    auth.accept()
    assert told[9:] == ["accepted"]
    assert auth.refusals == 0


async def test_refusals_of_a_year(
    auth: ClientCredentialsAuth, freezer: FrozenDateTimeFactory
) -> None:
    """However often it was in vain, the wait is a number."""
    error = PoderoAuthenticationError(f"POST {TOKEN}", "refused", status=403)
    for count in range(1, 1461):
        assert auth.refuse(error) is error
        assert auth.refusals == count
        freezer.tick(21600)
    assert error.retry_after == 21600


async def test_refused_while_many_wait(
    cloud: Cloud, auth: ClientCredentialsAuth
) -> None:
    """One refusal is one, however many hear of it."""
    cloud.on("POST", TOKEN, reply(status=403))
    found = await asyncio.gather(
        *(auth.access_token() for _ in range(20)), return_exceptions=True
    )
    assert {type(error) for error in found} == {PoderoAuthenticationError}
    assert (auth.refusals, auth.requests) == (1, 1)


async def test_all_resources_refuse_fresh_tokens(
    cloud: Cloud, client: PoderoClient, freezer: FrozenDateTimeFactory
) -> None:
    """It counts as one refusal in five minutes, and no further token is asked for meanwhile."""
    cloud.on("GET", USERS, reply(status=401))
    for refusals, wait in ((1, 300), (2, 600)):
        found = await asyncio.gather(
            *(client.users() for _ in range(20)), return_exceptions=True
        )
        assert {type(error) for error in found} == {PoderoAuthenticationError}
        assert client.auth.refusals == refusals
        assert client.auth.requests == refusals + 1
        freezer.tick(wait)
    cloud.on("GET", USERS, reply([]))
    assert await client.users() == []
    assert client.auth.refusals == 0


async def test_one_resource_refuses_fresh_tokens(
    cloud: Cloud, client: PoderoClient, freezer: FrozenDateTimeFactory
) -> None:
    """The others go on with the token that they have, and nobody has to sign in again."""
    cloud.on("GET", USERS, reply(status=401))
    cloud.on("GET", INVERTERS, reply([]))
    for count in range(1, 4):
        with pytest.raises(PoderoAuthenticationError):
            await client.users()
        assert client.auth.refusals == 1
        assert await client.devices(Inverter, USER) == []
        assert client.auth.refusals == 0
        assert client.auth.requests == count + 1
        freezer.tick(300)


async def test_refused_credentials_are_no_pause(
    cloud: Cloud, client: PoderoClient
) -> None:
    """Everybody hears that the credentials were refused, not that Podero wants a pause."""
    cloud.on("POST", TOKEN, reply(status=401))
    for _ in range(3):
        with pytest.raises(PoderoAuthenticationError):
            await client.users()
    assert [seen.path for seen in cloud.seen] == [TOKEN]


async def test_nothing_secret_is_shown(
    auth: ClientCredentialsAuth, account: AccountAuth
) -> None:
    """Printing a sign-in gives no secret away."""
    assert "s3cr3t" not in repr(auth)
    assert "refresh-0" not in repr(account)
