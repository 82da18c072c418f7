"""A calendar of charging: past sessions, the one under way, and the planned window ahead."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .api import ElectricVehicle, PoderoError, Session
from .const import DOMAIN
from .coordinator import PoderoConfigEntry
from .entity import PoderoEntity, PoderoEntityDescription, async_add_device_entities
from .errors import command_failed
from .sessions import Sessions, SessionsCoordinator, ended_at, savings

# A view of the calendar asks Podero for what is older than the coordinator keeps.
PARALLEL_UPDATES = 1

KEY = "charging_sessions"
# A car that is plugged in for longer than this before a span does not matter to it.
LONGEST_SESSION = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class PoderoCalendarDescription(
    PoderoEntityDescription[Sessions], CalendarEntityDescription
):
    """A calendar; its value is the session under way."""


SESSIONS = (
    PoderoCalendarDescription(key=KEY, value=lambda sessions: sessions.current),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the calendars of all electric vehicles."""
    async_add_device_entities(
        entry,
        async_add_entities,
        PoderoCalendar,
        {ElectricVehicle: SESSIONS},
        of=lambda device: device.sessions,
    )


class PoderoCalendar(PoderoEntity[Sessions], CalendarEntity):
    """The charging sessions of a car."""

    coordinator: SessionsCoordinator
    entity_description: PoderoCalendarDescription
    _texts: dict[str, str]

    @override
    async def async_added_to_hass(self) -> None:
        """Learn how events are worded in Home Assistant's language."""
        await super().async_added_to_hass()
        self._texts = await async_get_translations(
            self.hass, self.hass.config.language, "entity", [DOMAIN]
        )

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the session under way, or the window planned next."""
        return next(iter(self._events_ahead()), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events that touch a span.

        Raises:
            HomeAssistantError: the span is older than what is at hand, and Podero could not be asked.
        """
        try:
            sessions = await self.coordinator.async_sessions(
                start_date - LONGEST_SESSION, end_date
            )
        except PoderoError as err:
            raise command_failed(err) from err
        events = [
            event for session in sessions if (event := self._past(session)) is not None
        ]
        return [
            event
            for event in events + self._events_ahead()
            if event.start_datetime_local < end_date
            and event.end_datetime_local > start_date
        ]

    def _past(self, session: Session) -> CalendarEvent | None:
        """Return the event of a session that is over."""
        start, end = session.plug_in_time, ended_at(session)
        if start is None or end is None or end < start:
            return None
        return self._event("completed", start, end, self._describe(session))

    def _events_ahead(self) -> list[CalendarEvent]:
        """Return the session under way and the window planned for it."""
        current: Session | None = self.reading.value
        if current is None or current.plug_in_time is None:
            return []
        now = dt_util.utcnow()
        start = current.plug_in_time
        planned_start = current.desired_charging_start_time
        planned_end = current.desired_charging_end_time
        # Nobody knows when it will be unplugged: until the plan ends, or a while longer.
        a_while = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        end = max(
            start, a_while, planned_end or start, current.charge_deadline or start
        )
        events = [self._event("running", start, end, self._describe(current))]
        if planned_start and planned_end and now < planned_start < planned_end:
            events.append(self._event("planned", planned_start, planned_end, ""))
        return events

    def _event(
        self, kind: str, start: datetime, end: datetime, description: str
    ) -> CalendarEvent:
        return CalendarEvent(
            start=dt_util.as_local(start),
            end=dt_util.as_local(end),
            summary=self._text(f"summary.state.{kind}"),
            description=description or None,
        )

    def _describe(self, session: Session) -> str:
        """Return what a session came to, a line each, as far as it is known."""
        levels = [
            "?" if level is None else f"{level:.0f} %"
            for level in (session.initial_soc_pct, session.final_soc_pct)
        ]
        values = {
            "energy": _with_unit(session.energy_charged_kwh, "kWh"),
            "cost": _with_unit(session.actual_cost_eur, "EUR"),
            "savings": _with_unit(savings(session), "EUR"),
            "level": None if levels == ["?", "?"] else " → ".join(levels),
            "outcome": session.session_outcome,
        }
        return "\n".join(
            f"{self._text(f'{name}.name')}: {value}"
            for name, value in values.items()
            if value is not None
        )

    def _text(self, key: str) -> str:
        return self._texts[
            f"component.{DOMAIN}.entity.calendar.{KEY}.state_attributes.{key}"
        ]


def _with_unit(value: float | None, unit: str) -> str | None:
    return None if value is None else f"{value:.2f} {unit}"
