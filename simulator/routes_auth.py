"""Both token endpoints."""

import base64
from binascii import Error as Base64Error

from aiohttp import web
import orjson

from .cues import API
from .errors import ApiError, invalid, refused
from .web import WORLD, answer, json_body

routes = web.RouteTableDef()


def _basic(request: web.Request) -> tuple[str, str] | None:
    scheme, _, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, password = (
            base64.b64decode(coded, validate=True).decode().partition(":")
        )
    except Base64Error, UnicodeDecodeError:
        return None
    return name, password


async def _grant_type(request: web.Request) -> str | None:
    """Return the grant type, if the body is of a kind that is understood."""
    tokens = request.app[WORLD].tokens
    if request.content_type == "application/json":
        if not tokens.accepts_json:
            return None
        try:
            body = orjson.loads(await request.read())
        except orjson.JSONDecodeError:
            return None
        return body.get("grant_type") if isinstance(body, dict) else None
    if not tokens.accepts_form:
        return None
    return str((await request.post()).get("grant_type"))


@routes.post("/oauth2/token/")
async def client_token(request: web.Request) -> web.Response:
    """Give a token to a partner's application."""
    tokens = request.app[WORLD].tokens
    if not tokens.present:
        raise refused(404, "Not Found")
    if tokens.is_refused():
        raise refused(tokens.refusal_status, "Access denied")
    if await _grant_type(request) != "client_credentials":
        raise ApiError(400, {"error": "unsupported_grant_type"})
    credentials = _basic(request)
    granted = tokens.for_client(*credentials) if credentials else None
    if granted is None:
        raise ApiError(401, {"error": "invalid_client"}, {"WWW-Authenticate": "Basic"})
    return answer(granted, headers={"Cache-Control": "no-store"})


@routes.post(f"{API}/auth/token")
async def account_token(request: web.Request) -> web.Response:
    """Give a token to an account, by password or refresh token."""
    tokens = request.app[WORLD].tokens
    if tokens.is_refused():
        raise refused(tokens.refusal_status, "Access denied")
    body = await json_body(request)
    grant_type = body.get("grant_type")
    if grant_type == "password":
        granted = tokens.for_password(
            str(body.get("username")), str(body.get("password"))
        )
        if granted is None:
            raise refused(401, "Invalid username or password")
    elif grant_type == "refresh_token":
        granted = tokens.for_refresh(str(body.get("refresh_token")))
        if granted is None:
            raise ApiError(400, {"error": "invalid_grant"})
    elif grant_type in {"client_credentials", None} and tokens.partners_take_clients:
        credentials = _basic(request) or (
            str(body.get("client_id")),
            str(body.get("client_secret")),
        )
        granted = tokens.for_client(*credentials)
        if granted is None:
            raise ApiError(401, {"error": "invalid_client"})
    else:
        raise invalid(
            "Input should be 'password' or 'refresh_token'",
            "body",
            "grant_type",
            kind="enum",
        )
    return answer(granted)
