"""The past: series and sessions as long-term statistics."""

from .coordinator import History, HistoryCoordinator, Imported
from .kinds import statistic_id
from .sources import InverterSource, source_of
from .store import HistoryStore

__all__ = [
    "History",
    "HistoryCoordinator",
    "HistoryStore",
    "Imported",
    "InverterSource",
    "source_of",
    "statistic_id",
]
