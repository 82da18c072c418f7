"""A client for Podero's Partner API; knows nothing of Home Assistant."""

from .actions import (
    Action,
    InformationAction,
    ReauthenticateAction,
    ResolutionLink,
    UnknownAction,
)
from .auth import AccountAuth, Auth, ClientCredentialsAuth, TokenRoute
from .client import PoderoClient
from .enums import BoostState, PriceZone, Resolution, Status
from .errors import (
    PoderoAuthenticationError,
    PoderoBadRequestError,
    PoderoConflictError,
    PoderoConnectionError,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PoderoRateLimitedError,
    PoderoResponseError,
)
from .hosts import normalize_host
from .limiter import RequestStatistics
from .models import (
    Device,
    DeviceModel,
    DeviceType,
    ElectricVehicle,
    Inverter,
    Owner,
    Series,
    SeriesPoint,
    Session,
    User,
)
from .savings import Savings, SavingsPeriod

__all__ = [
    "AccountAuth",
    "Action",
    "Auth",
    "BoostState",
    "ClientCredentialsAuth",
    "Device",
    "DeviceModel",
    "DeviceType",
    "ElectricVehicle",
    "InformationAction",
    "Inverter",
    "Owner",
    "PoderoAuthenticationError",
    "PoderoBadRequestError",
    "PoderoClient",
    "PoderoConflictError",
    "PoderoConnectionError",
    "PoderoError",
    "PoderoNotFoundError",
    "PoderoPermissionError",
    "PoderoRateLimitedError",
    "PoderoResponseError",
    "PriceZone",
    "ReauthenticateAction",
    "RequestStatistics",
    "Resolution",
    "ResolutionLink",
    "Savings",
    "SavingsPeriod",
    "Series",
    "SeriesPoint",
    "Session",
    "Status",
    "TokenRoute",
    "UnknownAction",
    "User",
    "normalize_host",
]
