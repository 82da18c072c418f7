"""The words that Podero uses, as far as they are known."""

from enum import StrEnum


class Status(StrEnum):
    """How well a part of the service works for a device."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    UNKNOWN = "unknown"


class BoostState(StrEnum):
    """Whether a vehicle can be, or is being, charged at once."""

    AVAILABLE = "available"
    REQUESTED = "requested"
    UNAVAILABLE = "unavailable"
    ONGOING = "ongoing"


class PriceZone(StrEnum):
    """The bidding zones of the electricity market that Podero knows."""

    AT = "AT"
    AT_HOURLY = "AT_HOURLY"
    BE = "BE"
    CH = "CH"
    EE = "EE"
    DE_LU = "DE_LU"
    HU = "HU"
    IT_CNOR = "IT_CNOR"
    IT_CSUD = "IT_CSUD"
    IT_NORD = "IT_NORD"
    IT_PUN = "IT_PUN"
    IT_SARD = "IT_SARD"
    IT_SICI = "IT_SICI"
    IT_SUD = "IT_SUD"
    PT = "PT"
    RO = "RO"
    SE_1 = "SE_1"
    SE_2 = "SE_2"
    SE_3 = "SE_3"
    SE_4 = "SE_4"
    UK = "UK"


class HeatingMode(StrEnum):
    """The mode that Podero runs a heat pump in; means nothing while smart optimization is off."""

    MIN = "min"
    LOW = "low"
    MID = "mid"
    MAX = "max"


class OptimizationLevel(StrEnum):
    """How far Podero may go with a heat pump."""

    LOW = "Low"
    MID = "Mid"
    MAX = "Max"


class WallboxMode(StrEnum):
    """What a wallbox does."""

    READY = "READY"
    PLUGGED_IN = "PLUGGED_IN"
    CHARGING = "CHARGING"
    UNAVAILABLE = "UNAVAILABLE"
    UNKNOWN = "UNKNOWN"


class WallboxConnection(StrEnum):
    """Whether a wallbox is connected to Podero."""

    ONLINE = "online"
    OFFLINE = "offline"
    NEVER_CONNECTED = "never_connected"


class ChargingMode(StrEnum):
    """What decides when a household's vehicles charge: nothing, the price, solar surplus, or both."""

    NONE = "none"
    SPOT = "spot"
    HEMS = "hems"
    HEMS_AND_SPOT = "hems_and_spot"


class Resolution(StrEnum):
    """The lengths of the periods that the past is given in."""

    QUARTER_HOUR = "15MIN"
    HOUR = "1HOUR"
    DAY = "1DAY"
    WEEK = "1WEEK"
    MONTH = "1MONTH"
