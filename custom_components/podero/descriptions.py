"""The columns of the tables in `kinds`: one description of an entity for each platform."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from functools import cached_property
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntityDescription
from homeassistant.components.button import ButtonEntityDescription
from homeassistant.components.calendar import CalendarEntityDescription
from homeassistant.components.device_tracker import TrackerEntityDescription
from homeassistant.components.event import EventEntityDescription
from homeassistant.components.number import NumberEntityDescription
from homeassistant.components.select import SelectEntityDescription
from homeassistant.components.sensor import SensorEntityDescription
from homeassistant.components.switch import SwitchEntityDescription
from homeassistant.components.time import TimeEntityDescription
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.typing import StateType

from .api import Session
from .charging_events import ChargingEvent, Snapshot
from .device_api import DeviceApi

type Command = Callable[[DeviceApi, Any], Awaitable[Any]]
"""Sends a new value to Podero, and returns the device as it is then, or None where the answer does not say."""


@dataclass(frozen=True, kw_only=True)
class PoderoEntityDescription[DataT](EntityDescription):
    """What all platforms have in common.

    Attributes:
        value_fn: Reads the entity's value from the device's data; None is unknown.
        exists_fn: Whether the device has this. The entity is created once it does, and
            is unavailable while it does not.
        attributes_fn: Reads the extra state attributes.
        last_reset_fn: Reads since when a total counts.
    """

    value_fn: Callable[[DataT], Any] | None = None
    exists_fn: Callable[[DataT], bool] | None = None
    attributes_fn: Callable[[DataT], Mapping[str, Any]] | None = None
    last_reset_fn: Callable[[DataT], datetime | None] | None = None

    @cached_property
    def reads(self) -> tuple[Callable[[DataT], Any], ...]:
        """Return all functions that read from the device's data."""
        functions = (
            self.value_fn,
            self.exists_fn,
            self.attributes_fn,
            self.last_reset_fn,
        )
        return tuple(each for each in functions if each is not None)


def only_where[DescriptionT: PoderoEntityDescription[Any]](
    exists_fn: Callable[[Any], bool], *descriptions: DescriptionT
) -> tuple[DescriptionT, ...]:
    """Return descriptions for what only some devices have, all with one condition."""
    return tuple(replace(each, exists_fn=exists_fn) for each in descriptions)


@dataclass(frozen=True, kw_only=True)
class PoderoControlDescription[DataT](PoderoEntityDescription[DataT]):
    """What all controls have in common.

    Attributes:
        set_fn: Sends a new value to Podero.
        refused_fn: The key of the exception to raise for a value before anything is
            sent, or None.
        starts_boost: Whether it starts a boost, which takes a while to show.
    """

    set_fn: Command
    refused_fn: Callable[[DataT, Any], str | None] | None = None
    starts_boost: bool = False


@dataclass(frozen=True, kw_only=True)
class PoderoSensorDescription[DataT](
    PoderoEntityDescription[DataT], SensorEntityDescription
):
    """A sensor.

    Attributes:
        unit_fn: Reads the unit where it is known only at run time.
    """

    value_fn: Callable[[DataT], StateType | datetime]
    unit_fn: Callable[[DataT], str | None] | None = None


@dataclass(frozen=True, kw_only=True)
class PoderoBinarySensorDescription[DataT](
    PoderoEntityDescription[DataT], BinarySensorEntityDescription
):
    """A binary sensor."""

    value_fn: Callable[[DataT], bool | None]


@dataclass(frozen=True, kw_only=True)
class PoderoCalendarDescription[DataT](
    PoderoEntityDescription[DataT], CalendarEntityDescription
):
    """A calendar of charging; its value is the session under way."""

    value_fn: Callable[[DataT], Session | None]


@dataclass(frozen=True, kw_only=True)
class PoderoTrackerDescription[DataT](
    PoderoEntityDescription[DataT], TrackerEntityDescription
):
    """A tracker; its value is latitude and longitude in degrees, or None."""

    value_fn: Callable[[DataT], tuple[float, float] | None]


@dataclass(frozen=True, kw_only=True)
class PoderoEventDescription[DataT](
    PoderoEntityDescription[DataT], EventEntityDescription
):
    """An event entity.

    Attributes:
        snapshot_fn: Returns what a poll saw, continuing the snapshot of the poll before;
            that is None at first, and after a poll that failed.
        events_fn: Returns what happened between two snapshots.
    """

    snapshot_fn: Callable[[Snapshot | None, DataT], Snapshot]
    events_fn: Callable[[Snapshot | None, Snapshot], tuple[ChargingEvent, ...]]


@dataclass(frozen=True, kw_only=True)
class PoderoButtonDescription[DataT](
    PoderoControlDescription[DataT], ButtonEntityDescription
):
    """A button; what it sends takes no value."""


@dataclass(frozen=True, kw_only=True)
class PoderoNumberDescription[DataT](
    PoderoControlDescription[DataT], NumberEntityDescription
):
    """A number."""

    value_fn: Callable[[DataT], float | None]


@dataclass(frozen=True, kw_only=True)
class PoderoSelectDescription[DataT](
    PoderoControlDescription[DataT], SelectEntityDescription
):
    """A choice.

    Attributes:
        options_fn: Reads the options where they depend on the device's data.
    """

    value_fn: Callable[[DataT], str | None]
    options_fn: Callable[[DataT], list[str]] | None = None

    @cached_property
    @override
    def reads(self) -> tuple[Callable[[DataT], Any], ...]:
        """Return all functions that read from the device's data."""
        return (
            *super().reads,
            *(() if self.options_fn is None else (self.options_fn,)),
        )


@dataclass(frozen=True, kw_only=True)
class PoderoSwitchDescription[DataT](
    PoderoControlDescription[DataT], SwitchEntityDescription
):
    """A switch."""

    value_fn: Callable[[DataT], bool | None]


@dataclass(frozen=True, kw_only=True)
class PoderoTimeDescription[DataT](
    PoderoControlDescription[DataT], TimeEntityDescription
):
    """A time of day."""

    value_fn: Callable[[DataT], time | None]
