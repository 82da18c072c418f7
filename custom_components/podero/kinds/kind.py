"""What a kind of device is: the columns of the one table that knows all kinds."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any, ClassVar, Self, override

from homeassistant.const import Platform
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.util import dt as dt_util

from ..api import Device, PoderoClient, Savings
from ..descriptions import PoderoEntityDescription, PoderoSensorDescription
from ..device_api import DeviceApi
from ..history import History, SavingsReading, Source, month_start, savings_reading
from .cards import Card

POLL_INTERVAL = timedelta(minutes=5)
ACTIVE_INTERVAL = timedelta(minutes=1)

OUTDATED_AFTER = timedelta(hours=1)
STALE_AFTER = timedelta(hours=24)

NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, eq=False)
class DeviceData[DeviceT]:
    """What is known of a device: the very same object while nothing has changed.

    Attributes:
        device: The newest detail, or the entry of the list before the first detail.
        is_detail: Whether it is a detail; lists lack the actions.
    """

    device: DeviceT
    is_detail: bool = False

    @property
    def is_deleted(self) -> bool:
        """Return whether Podero says that the device is no longer there."""
        return False

    @property
    def model_info(self) -> DeviceInfo:
        """Return what the device registry shows of the device itself."""
        return DeviceInfo()

    def with_facts(self, **facts: Any) -> Self:
        """Return the same data with some facts: the very same where it has them already."""
        known = self.__dict__
        for name, fact in facts.items():
            if known[name] is not fact:
                break
        else:
            return self
        # There are several of these in each poll, and replace() takes ten times as long.
        data = object.__new__(type(self))
        object.__setattr__(data, "__dict__", known | facts)
        return data

    def seen_at(self, now: datetime) -> Self:
        """Return the same facts with what follows from them at a time."""
        return self

    def changes_at(self) -> datetime | None:
        """Return when something follows from the same facts that does not follow at the time that they were seen at."""
        return None

    def needs_news(self, now: datetime) -> bool:
        """Return whether what follows at a time is only to be shown of newer facts."""
        return False


@dataclass(frozen=True, kw_only=True, eq=False)
class SteeredData[DeviceT: Device](DeviceData[DeviceT]):
    """What is known of a device that Podero steers.

    Attributes:
        savings: The months of this year; None where Podero does not say.
        is_outdated: Whether the newest data is older than it should be.
        is_stale: Whether it is so old that it needs attention.
        saved: The savings of this month and of this year.
        summed: The parts that the sums of the month were made of.
        month_span: The beginning and the end of the month that they were made for.
    """

    TO_SUM: ClassVar[attrgetter[Any]] = attrgetter("savings", "device.price_zone")
    """Reads the facts that the sums of the month are made of."""

    savings: Savings | None = None
    is_outdated: bool | None = None
    is_stale: bool = False
    saved: SavingsReading | None = None
    summed: tuple[object, ...] | None = field(default=None, repr=False)
    month_span: tuple[datetime, datetime] = field(default=(NEVER, NEVER), repr=False)

    @property
    @override
    def is_deleted(self) -> bool:
        """Return whether Podero says that the device is no longer there."""
        return self.device.deleted_at is not None

    @property
    @override
    def model_info(self) -> DeviceInfo:
        """Return what the device registry shows of the device itself."""
        if (model := self.device.device_model) is None:
            return DeviceInfo()
        info = DeviceInfo(manufacturer=model.manufacturer, model=model.model)
        if name := " ".join(filter(None, (model.manufacturer, model.model))):
            info["name"] = name
        if model.model and model.year:
            info["model"] = f"{model.model} ({model.year})"
        return info

    @property
    def outdated_after(self) -> timedelta:
        """Return how old the newest data of this device may be."""
        return OUTDATED_AFTER

    @override
    def seen_at(self, now: datetime) -> Self:
        """Return the same facts with what follows from them at a time."""
        found = self._follows(now)
        begin, end = self.month_span
        to_sum = self.TO_SUM(self)
        # Sums take longest to calculate, and most polls do not change them.
        if to_sum != self.summed or not begin <= now < end:
            begin = month_start(now, dt_util.get_default_time_zone())
            found |= self._sums(now)
            found |= {"summed": to_sum, "month_span": (begin, next_month(now))}
        return self.with_facts(**found)

    def _follows(self, now: datetime) -> dict[str, Any]:
        """Return what follows from the facts at a time."""
        updated = self.device.current_state_last_updated_at
        age = timedelta(0) if updated is None else now - updated
        return {
            "is_outdated": None if updated is None else age > self.outdated_after,
            "is_stale": age > STALE_AFTER,
        }

    def _sums(self, now: datetime) -> dict[str, Any]:
        """Return the sums of the month that a time is in."""
        if self.savings is None:
            return {"saved": None}
        zone, price_zone = dt_util.get_default_time_zone(), self.device.price_zone
        return {
            "saved": savings_reading(
                self.savings, now, zone=zone, price_zone=price_zone
            )
        }

    @override
    def changes_at(self) -> datetime | None:
        """Return when something follows from the same facts that does not follow at the time that they were seen at."""
        moments = [] if self.saved is None else [self.month_span[1]]
        updated = self.device.current_state_last_updated_at
        if updated is not None and not self.is_stale:
            allowed = STALE_AFTER if self.is_outdated else self.outdated_after
            # Data that is exactly as old as allowed is not outdated yet.
            moments.append(updated + allowed + timedelta(seconds=1))
        return min(moments, default=None)


@dataclass(frozen=True, kw_only=True)
class Part[DataT]:
    """Something that is asked for beside a device's detail.

    Attributes:
        field: Where it goes in the device's data.
        fetch: Asks for it.
        interval: How long an answer is good for; None asks with each poll.
        wanted: Whether there is such a thing now; where not, the field is None.
        ended: Whether something happened between two polls that makes the answer old.
    """

    field: str
    fetch: Callable[[DeviceApi], Awaitable[Any]]
    interval: timedelta | None = None
    wanted: Callable[[DataT], bool] = lambda _: True
    ended: Callable[[DataT, DataT], bool] = lambda _before, _after: False


@dataclass(frozen=True, kw_only=True)
class SessionLog:
    """The charging sessions of a kind, for the action that lists them.

    Attributes:
        fetch: Asks for those of some days of UTC, both included.
        start: Reads when a session began.
        totals: Reads what is added up, by name.
    """

    fetch: Callable[[DeviceApi, date, date], Awaitable[list[Any]]]
    start: Callable[[Any], datetime | None]
    totals: Mapping[str, Callable[[Any], float | None]]


async def find_devices(
    client: PoderoClient, model: type[Any], user_id: str
) -> dict[str, Any]:
    """Fetch the list of a user's devices, by their ids."""
    return {device.id: device for device in await client.devices(model, user_id)}


async def fetch_device(api: DeviceApi) -> Any:
    """Fetch a device's detail."""
    return await api.client.device(api.model, api.user_id, api.device_id)


def put(name: str) -> Callable[[DeviceApi, Any], Awaitable[Any]]:
    """Return what sends a new value of one field of a device."""

    async def send(api: DeviceApi, value: Any) -> Any:
        return await api.client.update(
            api.model, api.user_id, api.device_id, name, value
        )

    return send


def next_month(now: datetime) -> datetime:
    """Return the beginning of the next month in Home Assistant's time zone."""
    start = month_start(now, dt_util.get_default_time_zone())
    return month_start(start + timedelta(days=32), dt_util.get_default_time_zone())


type Tables = Mapping[Platform, tuple[PoderoEntityDescription[Any], ...]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Kind[DataT: DeviceData[Any]]:
    """A kind of device.

    Attributes:
        key: What exceptions and texts call it.
        model: Its class in the client.
        fallback_name: Its name where Podero gives neither manufacturer nor model.
        data: Makes the device's data of an entry of the list.
        find: Asks for the list.
        fetch: Asks for the detail.
        interval: How long a detail is good for.
        boost_settled: Whether a boost that was asked for has begun, or waits for a plug.
        parts: What is asked for beside it.
        entities: What is shown, by platform.
        controls: What takes the place of a shown entity of the same key, or comes on
            top, where the household allows control.
        shared_controls: Controls that the household's own device has in its place, where
            there is one.
        history: The sensors of its imported past.
        source: Where its past comes from; makes it of the access, and of what reads
            the device's data when it is needed.
        sessions: Its charging sessions, if it has such.
        decisions: Asks why solar charging did what it did, by the session's id or, with
            None, in the current or last session.
        icon: What stands for it on the ready dashboard.
        cards: What shows it there.
        is_steered: Whether Podero steers it; else it stands for the household itself.
    """

    key: str
    model: type[Any]
    fallback_name: str
    data: Callable[..., DataT]
    find: Callable[[PoderoClient, type[Any], str], Awaitable[dict[str, Any]]] = (
        find_devices
    )
    fetch: Callable[[DeviceApi], Awaitable[Any]] = fetch_device
    interval: Callable[[DataT], timedelta] = lambda _: POLL_INTERVAL
    boost_settled: Callable[[DataT], bool] = lambda _: True
    parts: tuple[Part[DataT], ...] = ()
    icon: str
    cards: tuple[Card, ...]
    entities: Tables
    controls: Tables = field(default_factory=dict)
    shared_controls: Tables = field(default_factory=dict)
    history: tuple[PoderoSensorDescription[History], ...] = ()
    source: Callable[..., Source] | None = None
    sessions: SessionLog | None = None
    decisions: Callable[[DeviceApi, DataT, int | None], Awaitable[Any]] | None = None
    is_steered: bool = True

    def tables(self, *, allow_control: bool, has_charging_config: bool) -> Tables:
        """Return the entities of a device by platform, each setting either shown or to be changed.

        Args:
            allow_control: Whether the household allows control.
            has_charging_config: Whether the household's own device has the settings
                that its charging devices share.

        """
        controls: dict[Platform, tuple[PoderoEntityDescription[Any], ...]] = {}
        if allow_control:
            controls = dict(self.controls)
            if not has_charging_config:
                for platform, table in self.shared_controls.items():
                    controls[platform] = (*controls.get(platform, ()), *table)
        controlled = {each.key for table in controls.values() for each in table}
        return {
            platform: (
                *(
                    each
                    for each in self.entities.get(platform, ())
                    if each.key not in controlled
                ),
                *controls.get(platform, ()),
            )
            for platform in self.entities.keys() | controls.keys()
        }
