"""What steering a device saved.

Source: the API reference of the heat pumps' savings, which the other kinds share; keys
and spelling of `metadata.units` and the form of the periods' bounds are not documented.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
import re
from typing import Annotated, Any, Self, override

from . import values
from .bounds import MAX_SESSIONS, Money, Number, Percent, parse_datetime, parse_text
from .model import Model

_CURRENCY = re.compile(r"[A-Z]{3}")
_MONEY_KEYS = ("saving", "currency", "total", "cost", "money")
_OTHER_KEYS = ("consumption", "percent", "production", "export", "power", "count")
_NO_CURRENCIES = frozenset({"KWH", "MWH", "GWH"})


def parse_day_or_datetime(value: object) -> date | None:
    """Read a bound of a period: an aware UTC time where it has an offset, else the calendar day that it names."""
    if (found := parse_datetime(value)) is None or not isinstance(value, str):
        return None
    named = datetime.fromisoformat(value.strip().upper())
    return found if named.tzinfo else named.date()


@dataclass(frozen=True, kw_only=True)
class SavingsPeriod(Model):
    """One period, a day or longer.

    Attributes:
        start: A datetime in UTC, or a calendar day where Podero gives no offset.
        end: As `start`.
        total: What was saved, in the unit of the savings; negative where steering cost more.
        percentage: The same in %.
        consumption: The energy that it is about, in a unit that is not documented.

    """

    start: Annotated[date, parse_day_or_datetime]
    end: Annotated[date, parse_day_or_datetime] | None = None
    total: Money | None = None
    percentage: Percent | None = None
    consumption: Number | None = None

    def first_day(self, zone: tzinfo) -> date:
        """Return the calendar day in `zone` that the period begins with, whichever zone Podero cut it in.

        It is the day that most of the period's first 24 h are in.
        """
        if isinstance(self.start, datetime):
            return (self.start + timedelta(hours=12)).astimezone(zone).date()
        return self.start

    @classmethod
    @override
    def flatten(cls, raw: dict[str, Any]) -> dict[str, Any]:
        period = values.mapping(raw.get("period"))
        saved = values.mapping(raw.get("savings"))
        return {
            "start": period.get("start_period"),
            "end": period.get("end_period"),
            "total": saved.get("total"),
            "percentage": saved.get("percentage"),
            "consumption": values.mapping(raw.get("consumption")).get("total"),
        }


@dataclass(frozen=True, kw_only=True)
class Savings:
    """What steering a device was worth, by period.

    Attributes:
        unit: What Podero says that the totals are in, as it came: a currency's code, or
            something else; None where it says nothing.
        periods: As they came; those without a readable start are left out.

    """

    unit: str | None = None
    periods: tuple[SavingsPeriod, ...] = ()

    @classmethod
    def parse(cls, value: object) -> Self | None:
        """Read the answer; None when it holds neither periods nor the reason why not.

        That reason, `metadata.error`, comes with a good status: nothing was saved then.
        """
        metadata = values.mapping(values.mapping(value).get("metadata"))
        if (error := values.mapping(metadata).get("error")) is not None:
            values.LOGGER.debug("Podero has no savings: %s", parse_text(error))
        found = values.items(value)
        if found is None and not metadata:
            return None
        return cls(
            unit=_unit(metadata.get("units")),
            periods=tuple(
                period
                for item in (found or [])[:MAX_SESSIONS]
                if (period := SavingsPeriod.parse(item)) is not None
            ),
        )


def _unit(units: object) -> str | None:
    """Find the unit of the totals: a currency's code, best under a key that is about money; else what stands under such a key."""
    named = [
        (path, unit)
        for path, value in _leaves(units)
        if (unit := parse_text(value)) is not None
        and not any(word in path for word in _OTHER_KEYS)
    ]
    money = [unit for path, unit in named if any(word in path for word in _MONEY_KEYS)]
    codes = [
        unit
        for unit in (*money, *(unit for _, unit in named))
        if _CURRENCY.fullmatch(unit) and unit not in _NO_CURRENCIES
    ]
    return next(iter(codes or money), None)


def _leaves(value: object, path: str = "", depth: int = 3) -> Iterator[tuple[str, Any]]:
    """Yield what stands in nested objects, with its keys in lower case."""
    if not isinstance(value, dict):
        yield path, value
    elif depth:
        for key, item in list(value.items())[:50]:
            yield from _leaves(item, f"{path}.{key}".casefold(), depth - 1)
