"""A calendar of charging: past sessions, the current one, and the planned window."""

from datetime import UTC, datetime, timedelta
from typing import Any, override

from homeassistant.components.calendar import CalendarEntity, CalendarEvent
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.translation import async_get_translations
from homeassistant.util import dt as dt_util

from .api import FIRST_YEAR, LAST_YEAR, PoderoError, Session
from .const import DOMAIN
from .data import PoderoConfigEntry
from .descriptions import PoderoCalendarDescription
from .entity import PoderoEntity, async_add_device_entities
from .errors import command_failed
from .kinds.electric_vehicle_data import VehicleData, sessions_between

# A calendar view requests sessions that are older than those that polling keeps.
PARALLEL_UPDATES = 1

KEY = "charging_sessions"
# Sessions that began longer than this before a span are not searched for.
LONGEST_SESSION = timedelta(days=7)
EARLIEST = datetime(FIRST_YEAR, 1, 2, tzinfo=UTC)
LATEST = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: PoderoConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Set up the calendars of all electric vehicles."""
    await async_add_device_entities(
        entry, async_add_entities, Platform.CALENDAR, PoderoCalendar
    )


class PoderoCalendar(PoderoEntity, CalendarEntity):
    """The charging sessions of a car."""

    entity_description: PoderoCalendarDescription[Any]
    _texts: dict[str, str]
    _shown: CalendarEvent | None = None
    _shown_for: tuple[object, ...] = ()

    @override
    async def async_added_to_hass(self) -> None:
        """Load the words of events in Home Assistant's language."""
        await super().async_added_to_hass()
        self._texts = await async_get_translations(
            self.hass, self.hass.config.language, "entity", [DOMAIN]
        )

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the current session."""
        # Home Assistant asks four times for each state that it writes.
        now, zone = dt_util.utcnow(), dt_util.get_default_time_zone()
        shown_for = self.coordinator.data.current, _next_hour(now), zone
        if shown_for != self._shown_for:
            self._shown_for = shown_for
            self._shown = next(iter(self._present_events()), None)
        return self._shown

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the events that touch a span.

        Raises:
            HomeAssistantError: the span is older than the known sessions, and Podero
                could not be asked.
        """
        # What a person can look at goes further than what times can be reckoned with.
        start_date = min(max(start_date, EARLIEST), LATEST)
        end_date = min(max(end_date, EARLIEST), LATEST)
        try:
            sessions = await sessions_between(
                self.coordinator.api,
                self.coordinator.data,
                start_date - LONGEST_SESSION,
                end_date,
            )
        except PoderoError as err:
            raise command_failed(err) from err
        events = [
            event
            for session in sessions
            if (event := self._past_event(session)) is not None
        ]
        return [
            event
            for event in events + self._present_events()
            if event.start_datetime_local < end_date
            and event.end_datetime_local > start_date
        ]

    def _past_event(self, session: Session) -> CalendarEvent | None:
        """Return the event of a session that has ended."""
        start, end = session.plug_in_time, session.ended_at
        if start is None or end is None or end < start:
            return None
        amounts = (
            _amount(session.energy_charged_kwh, "{:.1f} kWh"),
            _amount(session.actual_cost_eur, "€{:.2f}"),
        )
        title = " · ".join(filter(None, amounts)) or self._text(
            "summary.state.completed"
        )
        return self._event(title, start, end, self._describe(session))

    def _present_events(self) -> list[CalendarEvent]:
        """Return the current session, and its planned window until that ends."""
        data: VehicleData = self.coordinator.data
        current = data.current
        if current is None or current.plug_in_time is None:
            return []
        now = dt_util.utcnow()
        start = current.plug_in_time
        planned_start = current.desired_charging_start_time
        planned_end = current.desired_charging_end_time
        # When it will be unplugged is not known: until the plan ends, or an hour longer.
        end = max(
            start,
            _next_hour(now),
            planned_end or start,
            current.charge_deadline or start,
        )
        events = [
            self._event(
                self._text("summary.state.running"), start, end, self._describe(current)
            )
        ]
        if planned_start and planned_end and planned_start < planned_end > now:
            events.append(
                self._event(
                    self._text("summary.state.planned"), planned_start, planned_end, ""
                )
            )
        return events

    def _event(
        self, title: str, start: datetime, end: datetime, description: str
    ) -> CalendarEvent:
        return CalendarEvent(
            start=dt_util.as_local(start),
            end=dt_util.as_local(end),
            summary=title,
            description=description or None,
        )

    def _describe(self, session: Session) -> str:
        """Return the known amounts of a session, one per line."""
        levels = [
            "?" if level is None else f"{level:.0f} %"
            for level in (session.initial_soc_pct, session.final_soc_pct)
        ]
        values = {
            "energy": _amount(session.energy_charged_kwh, "{:.2f} kWh"),
            "cost": _amount(session.actual_cost_eur, "{:.2f} EUR"),
            "savings": _amount(session.savings_eur, "{:.2f} EUR"),
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


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def _amount(value: float | None, form: str) -> str | None:
    return None if value is None else form.format(value)
