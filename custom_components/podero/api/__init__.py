"""A client for Podero's Partner API; knows nothing of Home Assistant."""

from .actions import (
    Action,
    InformationAction,
    ReauthenticateAction,
    ResolutionLink,
    UnknownAction,
)
from .auth import AccountAuth, Auth, ClientCredentialsAuth, TokenRoute
from .bounds import FIRST_YEAR, LAST_YEAR
from .charging import (
    AvailableMode,
    ChargePolicy,
    ChargingConfig,
    ChargingDevice,
    PolicyDay,
)
from .client import PoderoClient
from .devices import (
    Device,
    DeviceModel,
    DeviceType,
    ElectricVehicle,
    HeatPump,
    Inverter,
    Owner,
    Wallbox,
)
from .enums import (
    BoostState,
    ChargingMode,
    HeatingMode,
    OptimizationLevel,
    PriceZone,
    Resolution,
    Status,
    WallboxConnection,
    WallboxMode,
)
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
from .limiter import Priority, RequestStatistics
from .model import value_types
from .savings import Savings, SavingsPeriod
from .series import Series, SeriesPoint
from .sessions import Session
from .solar import SolarCommand, SolarDecision, SolarSession, SolarSessionDetail
from .users import User

__all__ = [
    "FIRST_YEAR",
    "LAST_YEAR",
    "AccountAuth",
    "Action",
    "Auth",
    "AvailableMode",
    "BoostState",
    "ChargePolicy",
    "ChargingConfig",
    "ChargingDevice",
    "ChargingMode",
    "ClientCredentialsAuth",
    "Device",
    "DeviceModel",
    "DeviceType",
    "ElectricVehicle",
    "HeatPump",
    "HeatingMode",
    "InformationAction",
    "Inverter",
    "OptimizationLevel",
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
    "PolicyDay",
    "PriceZone",
    "Priority",
    "ReauthenticateAction",
    "RequestStatistics",
    "Resolution",
    "ResolutionLink",
    "Savings",
    "SavingsPeriod",
    "Series",
    "SeriesPoint",
    "Session",
    "SolarCommand",
    "SolarDecision",
    "SolarSession",
    "SolarSessionDetail",
    "Status",
    "TokenRoute",
    "UnknownAction",
    "User",
    "Wallbox",
    "WallboxConnection",
    "WallboxMode",
    "normalize_host",
    "value_types",
]
