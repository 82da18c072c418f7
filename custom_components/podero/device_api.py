"""Access to one device at Podero."""

from dataclasses import dataclass
from typing import Any

from .api import PoderoClient


@dataclass(frozen=True, kw_only=True)
class DeviceApi:
    """Access to one device at Podero.

    Attributes:
        model: The device's class in the client.
        user_id: The user that it belongs to.
        device_id: Podero's id of it; of a household it is the user's.
    """

    client: PoderoClient
    model: type[Any]
    user_id: str
    device_id: str
