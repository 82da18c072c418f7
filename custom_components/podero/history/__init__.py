"""The past: series, sessions and savings as long-term statistics."""

from .coordinator import History, HistoryCoordinator, Imported
from .costs import Prices
from .sources import InverterSource, SavingsSource, Source, VehicleSource
from .statistics import STATISTICS, Role, async_statistic_names, statistic_id
from .store import HistoryStore

__all__ = [
    "STATISTICS",
    "History",
    "HistoryCoordinator",
    "HistoryStore",
    "Imported",
    "InverterSource",
    "Prices",
    "Role",
    "SavingsSource",
    "Source",
    "VehicleSource",
    "async_statistic_names",
    "statistic_id",
]
