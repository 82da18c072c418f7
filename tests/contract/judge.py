"""What Home Assistant takes as a state, by what an entity says of itself."""

from collections.abc import Mapping
from datetime import datetime, time
import math
from typing import Any

from custom_components.podero.charging_events import ChargingEventType
from custom_components.podero.descriptions import (
    PoderoBinarySensorDescription,
    PoderoButtonDescription,
    PoderoCalendarDescription,
    PoderoEntityDescription,
    PoderoEventDescription,
    PoderoNumberDescription,
    PoderoSelectDescription,
    PoderoSensorDescription,
    PoderoSwitchDescription,
    PoderoTimeDescription,
    PoderoTrackerDescription,
)
from custom_components.podero.views import Watched
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.const import MAX_LENGTH_STATE_STATE
from homeassistant.helpers.json import json_bytes

# What the recorder keeps of the attributes of a state (MAX_STATE_ATTRS_BYTES).
MAX_ATTRIBUTES = 16384


def judge(description: PoderoEntityDescription[Any], data: Any, name: str) -> int:
    """Read all that an entity would show; returns 1 if it is there, else 0.

    Raises AssertionError for what Home Assistant would not take; `name` says what it is of.
    """
    where = f"{description.key} of payload {name}"
    # The entity is called for what it looks at through a stand-in.
    for read in description.reads:
        stand_in: Any = Watched(data, [])
        assert read(stand_in) == read(data), where
    if description.exists_fn is not None:
        exists = description.exists_fn(data)
        assert isinstance(exists, bool), where
        if not exists:
            return 0
    if description.attributes_fn is not None:
        check_attributes(description.attributes_fn(data), where)
    reset = description.last_reset_fn and description.last_reset_fn(data)
    assert reset is None or is_moment(reset), where
    value = None if description.value_fn is None else description.value_fn(data)
    if value is not None:
        where = f"{where}: {value!r:.200}"
        if isinstance(description, PoderoSelectDescription):
            options = description.options
            if description.options_fn is not None:
                options = description.options_fn(data)
            assert value in (options or ()), where
        else:
            assert _is_valid(description, data, value), where
    return 1


def check_attributes(attributes: Mapping[str, Any], where: str) -> None:
    """Check that attributes can be sent and kept, and that their texts are lines."""
    assert len(json_bytes(dict(attributes))) <= MAX_ATTRIBUTES, where
    for value in attributes.values():
        for item in value if isinstance(value, list | tuple) else (value,):
            assert not isinstance(item, str) or is_line(item), f"{where}: {item!r:.200}"
            assert not isinstance(item, float) or math.isfinite(item), where


def is_line(text: str, most: int = MAX_LENGTH_STATE_STATE) -> bool:
    """Return whether a text is one line without anything that cannot be seen."""
    return 0 < len(text) <= most and text.isprintable() and text == text.strip()


def is_number(value: object) -> bool:
    """Return whether something is a finite number that shows no minus before a zero."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and not (value == 0 and str(value).startswith("-"))


def is_moment(value: object) -> bool:
    """Return whether something is a time that every time zone can show."""
    return isinstance(value, datetime) and bool(value.tzinfo) and value.year < 2202


def _is_valid(
    description: PoderoEntityDescription[Any], data: Any, value: object
) -> bool:
    match description:
        case PoderoSensorDescription():
            return _is_valid_state(description, data, value)
        case PoderoBinarySensorDescription() | PoderoSwitchDescription():
            return isinstance(value, bool)
        case PoderoNumberDescription():
            return is_number(value)
        case PoderoTimeDescription():
            return isinstance(value, time) and value.tzinfo is None
        case PoderoTrackerDescription():
            assert isinstance(value, tuple)
            latitude, longitude = value
            return -90 <= latitude <= 90 and -180 <= longitude <= 180
        case PoderoCalendarDescription():
            return hasattr(value, "plug_in_time")
    return False


def _is_valid_state(
    description: PoderoSensorDescription[Any], data: Any, value: object
) -> bool:
    unit = description.native_unit_of_measurement
    if description.unit_fn is not None:
        unit = description.unit_fn(data)
        assert unit is None or is_line(unit, 10), unit
    match description.device_class:
        case SensorDeviceClass.TIMESTAMP:
            return is_moment(value)
        case SensorDeviceClass.ENUM:
            return value in (description.options or ())
    if unit or description.state_class or description.device_class:
        return is_number(value)
    return is_number(value) or (isinstance(value, str) and is_line(value))


def judge_events(
    description: PoderoEventDescription[Any], before: Any, data: Any, name: str
) -> Any:
    """Look for events between two polls; returns the snapshot of the second."""
    after = description.snapshot_fn(before, data)
    for event in description.events_fn(before, after):
        assert event.type in ChargingEventType, name
        assert event.type.value in (description.event_types or ()), name
        check_attributes(event.attributes, f"{event.type} of payload {name}")
    return after


def is_shown_as_state(description: PoderoEntityDescription[Any]) -> bool:
    """Return whether an entity's state is made of a value; a button has none, an event its own."""
    return not isinstance(description, PoderoButtonDescription | PoderoEventDescription)
