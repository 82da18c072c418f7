"""The end customers of an organization.

Source: the API reference of the users.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, override

from .bounds import Count, Latitude, Longitude, Text, Uuid
from .model import Identified, keep_position


@dataclass(frozen=True, kw_only=True)
class User(Identified):
    """An end customer of an organization; personal."""

    organization_id: Uuid | None = None
    role: Text | None = None
    email: Text | None = None
    external_user_id: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    is_onboarded: bool | None = None
    num_inverters: Count | None = None
    num_heat_pumps: Count | None = None
    num_electric_vehicles: Count | None = None
    num_wallboxes: Count | None = None
    street_and_number: Text | None = None
    street_add_info: Text | None = None
    zip_code: Text | None = None
    town: Text | None = None
    country: Text | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    last_login: datetime | None = None
    joined_at: datetime | None = None

    @classmethod
    @override
    def complete(cls, found: dict[str, Any]) -> None:
        keep_position(found)
