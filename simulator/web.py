"""What all routes share: reading requests, writing answers, knowing the caller."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from aiohttp import web
import orjson

from .devices import Device, Kind
from .errors import ApiError, invalid, not_found, refused
from .tokens import Grant
from .world import World

WORLD = web.AppKey("world", World)


def answer(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a JSON answer."""
    return web.Response(
        body=orjson.dumps(body),
        status=status,
        content_type="application/json",
        charset="utf-8",
        headers=headers,
    )


async def json_body(request: web.Request) -> dict[str, Any]:
    """Return the request's JSON object; empty where there is no body.

    Raises:
        ApiError: 400 where it is no JSON, 422 where it is no object.
    """
    if not (raw := await request.read()):
        return {}
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise refused(400, "Cannot parse request body") from None
    if not isinstance(body, dict):
        raise invalid("Input should be a valid dictionary", "body", kind="dict_type")
    return body


def path_uuid(request: web.Request, name: str) -> str:
    """Return a UUID of the path.

    Raises:
        ApiError: 422, it is none.
    """
    text = request.match_info[name]
    try:
        return str(UUID(text))
    except ValueError:
        raise invalid(
            "Input should be a valid UUID", "path", name, kind="uuid_parsing"
        ) from None


def flag(request: web.Request, name: str) -> bool:
    """Return a boolean of the query, false by default.

    Raises:
        ApiError: 422, it is none.
    """
    text = request.query.get(name, "false").lower()
    if text not in {"true", "1", "false", "0"}:
        raise invalid(
            "Input should be a valid boolean", "query", name, kind="bool_parsing"
        )
    return text in {"true", "1"}


def number(
    request: web.Request, name: str, default: int, low: int, high: int | None = None
) -> int:
    """Return an integer of the query.

    Raises:
        ApiError: 422, it is none or out of bounds.
    """
    text = request.query.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        raise invalid(
            "Input should be a valid integer", "query", name, kind="int_parsing"
        ) from None
    if value < low or (high is not None and value > high):
        raise invalid(f"Input should be from {low} to {high}", "query", name)
    return value


def day(request: web.Request, name: str) -> date:
    """Return a required date of the query.

    Raises:
        ApiError: 422, it is missing or none.
    """
    if (text := request.query.get(name)) is None:
        raise invalid("Field required", "query", name, kind="missing")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid(
            "Input should be a valid date", "query", name, kind="date_parsing"
        ) from None


def moment(text: str) -> datetime:
    """Return a time; one without a zone is read as UTC.

    Raises:
        ValueError: It is none.
    """
    parsed = datetime.fromisoformat(text.replace(" ", "+"))
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed


def authorize(request: web.Request) -> Grant:
    """Return what the caller's token allows.

    Raises:
        ApiError: 401, there is no token or it is worthless.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    grant = (
        request.app[WORLD].tokens.grant(token) if scheme.lower() == "bearer" else None
    )
    if grant is None:
        raise ApiError(401, {"detail": "Unauthorized"}, {"WWW-Authenticate": "Bearer"})
    return grant


def enter_organization(request: web.Request) -> Grant:
    """Return the caller's rights in the organization of the path.

    Raises:
        ApiError: 401, 403 or 404.
    """
    world = request.app[WORLD]
    grant = authorize(request)
    if path_uuid(request, "org_id") != world.organization_id:
        status = world.conventions.unknown_org_status
        detail = (
            "Not Found" if status == 404 else "You have no access to this organization"
        )
        raise refused(status, detail)
    return grant


def enter_user(request: web.Request) -> str:
    """Return the id of the path's user, whom the caller may see.

    Raises:
        ApiError: 401, 403 or 404.
    """
    grant = enter_organization(request)
    user_id = path_uuid(request, "user_id")
    if grant.user_id not in {None, user_id}:
        raise not_found()
    return request.app[WORLD].household(user_id).user_id


def enter_device(request: web.Request, kind: Kind) -> Device:
    """Return the path's device, which the caller may see.

    Raises:
        ApiError: 401, 403 or 404.
    """
    world = request.app[WORLD]
    user_id = enter_user(request)
    device = world.device(path_uuid(request, "device_id"))
    wanted = flag(request, "include_deleted")
    if device.kind is not kind or user_id not in device.users or not device.exists:
        raise not_found()
    hidden = device.deleted_at is not None and world.conventions.hides_deleted
    if hidden and not wanted:
        raise not_found()
    return device


def check_offered(request: web.Request, endpoint: str) -> None:
    """Let the caller pass if the organization has an endpoint.

    Raises:
        ApiError: 401 for strangers, else what the conventions say.
    """
    status = request.app[WORLD].conventions.absent.get(endpoint)
    if status is not None:
        authorize(request)
        reason = {403: "Forbidden", 404: "Not Found", 405: "Method not allowed"}
        raise refused(status, reason.get(status, "Not available"))


def origin(request: web.Request) -> str:
    """Return the address at which the caller reached the simulator."""
    return str(request.url.origin())
