"""The cards of the ready dashboard that kinds of devices put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Card:
    """A built-in card of the ready dashboard.

    Attributes:
        type: What a dashboard calls it.
        keys: The entities or statistics that it shows.
        is_list: Whether it shows all of them, or the first that there is.
        names_entities: Whether a list says what each of them is called.
        of_statistics: Whether it shows statistics.
        features: What a tile has below its name, by the entity's domain.
        while_on: An entity that the card is hidden without: it shows while that is on.
        while_known: Whether it is hidden while the entity has no value.
        options: Its other options, as a dashboard has them.
    """

    type: str
    keys: tuple[str, ...]
    is_list: bool = False
    names_entities: bool = False
    of_statistics: bool = False
    features: Mapping[str, str] = field(default_factory=dict)
    while_on: str | None = None
    while_known: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


# The name of the device stands above the cards.
SHORT_NAME = {"name": {"type": "entity"}}
_WIDE = {"grid_options": {"columns": "full"}}


def tile(
    *keys: str,
    wide: bool = False,
    features: Mapping[str, str] | None = None,
    while_on: str | None = None,
    while_known: bool = False,
    **options: Any,
) -> Card:
    """Return a card that shows the first of some entities that there is."""
    if wide:
        options |= _WIDE
    if features:
        options["features_position"] = "inline"
    return Card(
        type="tile",
        keys=keys,
        features=features or {},
        while_on=while_on,
        while_known=while_known,
        options=SHORT_NAME | options,
    )


def bar(key: str) -> Card:
    """Return a card that shows a part of a whole, in %."""
    return tile(key, wide=True, features={"sensor": "bar-gauge"})


def warning(key: str) -> Card:
    """Return a card that shows a problem while there is one."""
    return tile(key, wide=True, while_on=key, color="red")


def time_of_day(key: str) -> Card:
    """Return a card that shows a time of the day while there is one."""
    return tile(key, while_known=True, time_format="time")


def rows(*keys: str) -> Card:
    """Return a card that lists entities whose names are too long for half a tile."""
    return Card(
        type="entities",
        keys=keys,
        is_list=True,
        names_entities=True,
        options=_WIDE,
    )


def calendar(key: str) -> Card:
    """Return a card that lists the events of the coming days."""
    return Card(
        type="calendar",
        keys=(key,),
        is_list=True,
        options={
            "initial_view": "listWeek",
            "grid_options": {"columns": "full", "rows": 6},
        },
    )


def by_day(*keys: str) -> Card:
    """Return a card that shows statistics of the last month by the day."""
    return _bars(*keys, period="day", days=30)


def by_hour(*keys: str) -> Card:
    """Return a card that shows statistics of today and yesterday by the hour."""
    return _bars(*keys, period="hour", days=2)


def _bars(*keys: str, period: str, days: int) -> Card:
    return Card(
        type="statistics-graph",
        keys=keys,
        is_list=True,
        of_statistics=True,
        options={
            "chart_type": "bar",
            "stat_types": ["change"],
            "period": period,
            "days_to_show": days,
            **_WIDE,
        },
    )
