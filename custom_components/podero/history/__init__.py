"""The past: series, sessions and savings as long-term statistics."""

from .costs import Prices
from .importer import History, Imported, Importer
from .savings import SavingsReading, month_start, savings_reading, year_start
from .sources import InverterSource, SavingsSource, Source, VehicleSource
from .statistics import STATISTICS, Role, async_statistic_names, statistic_id
from .store import HistoryStore
from .summary import Summary

__all__ = [
    "STATISTICS",
    "History",
    "HistoryStore",
    "Imported",
    "Importer",
    "InverterSource",
    "Prices",
    "Role",
    "SavingsReading",
    "SavingsSource",
    "Source",
    "Summary",
    "VehicleSource",
    "async_statistic_names",
    "month_start",
    "savings_reading",
    "statistic_id",
    "year_start",
]
