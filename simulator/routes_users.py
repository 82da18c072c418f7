"""The organization's users."""

from aiohttp import web

from .cues import API
from .devices import Kind
from .errors import not_found, refused
from .household import Household
from .times import DAY, iso
from .web import WORLD, answer, enter_organization, enter_user
from .world import World

routes = web.RouteTableDef()


def user_json(world: World, household: Household) -> dict[str, object]:
    """Return a user as the list and the detail show it."""
    person, place = household.template.person, household.place

    def owned(kind: Kind) -> int:
        devices = world.owned(household.user_id, kind)
        return sum(device.deleted_at is None and device.exists for device in devices)

    return {
        "id": household.user_id,
        "organization_id": world.organization_id,
        "role": "user",
        "email": household.email,
        "external_user_id": household.external_id,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "is_onboarded": True,
        "street_and_number": person.street,
        "street_add_info": None,
        "zip_code": person.zip_code,
        "town": person.town,
        "country": person.country,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "last_login": iso(world.begin),
        "joined_at": iso(world.begin - 90 * DAY),
        "num_inverters": owned(Kind.INVERTER),
        "num_heat_pumps": owned(Kind.HEAT_PUMP),
        "num_electric_vehicles": owned(Kind.VEHICLE),
        "num_wallboxes": owned(Kind.WALLBOX),
    }


@routes.get(f"{API}/org/{{org_id}}/users")
async def list_users(request: web.Request) -> web.Response:
    """All users; not for an end user's account."""
    if enter_organization(request).user_id is not None:
        raise refused(403, "You are not allowed to list users")
    world = request.app[WORLD]
    users = [user_json(world, family.household) for family in world.households]
    return answer(users + world.crowd_items("", "users", users[0] if users else None))


@routes.get(f"{API}/org/{{org_id}}/users/{{user_id}}")
async def get_user(request: web.Request) -> web.Response:
    """One user."""
    world = request.app[WORLD]
    return answer(user_json(world, world.household(enter_user(request))))


@routes.get(f"{API}/org/{{org_id}}/users/by-ext-id/{{external_id}}")
async def get_user_by_external_id(request: web.Request) -> web.Response:
    """One user, by the partner's own id."""
    grant = enter_organization(request)
    world = request.app[WORLD]
    for family in world.households:
        household = family.household
        if household.external_id == request.match_info["external_id"]:
            if grant.user_id in {None, household.user_id}:
                return answer(user_json(world, household))
    raise not_found()
