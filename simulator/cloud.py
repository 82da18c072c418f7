"""Everything the simulated cloud knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from .car import Car
from .chance import dice, uuid
from .charging import ChargingMode
from .clock import Clock
from .conventions import Conventions
from .cues import Cues
from .devices import Device, Kind, Source, to_json
from .errors import not_found
from .faults import Faults
from .heat_pump import HeatPump
from .household import CarPlan, Household, InverterPlan
from .memory import Memory
from .misbehaviour import Misbehaviour
from .plans import HeatPumpPlan, WallboxPlan
from .refusals import Refusal
from .requests import Requests
from .series import (
    UNITS_OF_PRICE,
    Distortion,
    Rows,
    distort,
    of_car,
    of_heat_pump,
    of_site,
    without_imports,
)
from .site import Site
from .sun import Weather
from .times import DAY, QUARTER, iso, to_seconds
from .tokens import Tokens
from .truth import energy_of_car, energy_of_heat_pump, energy_of_site, energy_of_wallbox
from .wallbox import Wallbox

type Plan = InverterPlan | CarPlan | HeatPumpPlan | WallboxPlan


@dataclass(kw_only=True)
class Family:
    """A household with its devices, as tests look at it."""

    user_id: str
    household: Household
    inverters: list[Device]
    vehicles: list[Device]
    heat_pumps: list[Device]
    wallboxes: list[Device]
    username: str


class Cloud:
    """Users, their devices, and what is true of them."""

    def __init__(
        self,
        *,
        seed: int = 1,
        households: int = 1,
        days: int = 30,
        start: datetime | None = None,
        charging_mode: ChargingMode | None = None,
    ) -> None:
        """Let some households live.

        Args:
            seed: Same seed and start, same households.
            households: How many; the kinds repeat after five.
            days: How much past they have, unless ``start`` says it.
            start: When their data begins (rounded down to a UTC day).
            charging_mode: How those with a car or wallbox charge from the beginning; by price unless set.
        """
        self.seed = seed
        self.clock = Clock()
        begin = to_seconds(start or self.clock.now() - timedelta(days=days))
        self.begin = begin - begin % DAY
        self.conventions = Conventions()
        self.tokens = Tokens(self.clock)
        self.cues = Cues(clock=self.clock)
        self.faults = Faults()
        self.requests = Requests()
        self.distortions: list[Distortion] = []
        self.corrections: dict[str, dict[str, object]] = {}
        """Fields of sessions that say something else than the model computed, by id."""
        self.charging_overrides: dict[str, dict[str, object]] = {}
        """Fields of charging configurations that say something else, by user."""
        self.organization_id = uuid(seed, "organization")
        self.devices: dict[str, Device] = {}
        self.refusals: list[Refusal] = []
        self.memory = Memory()
        self.misbehaviour: Misbehaviour | None = None
        self.crowds: dict[tuple[str, str], tuple[int, bool]] = {}
        """How many devices there are besides, and whether they are whole, by user and kind."""
        self._crowd_ids: dict[str, Device] = {}
        self._extras = 0
        self._cues = 0
        self._weather: dict[str, Weather] = {}
        self._households = [
            Household(seed, number, self.begin // QUARTER, self._weather)
            for number in range(households)
        ]
        for household in self._households:
            number = household.number
            template = household.template
            if charging_mode and (template.cars or template.wallboxes):
                household.charging.mode = charging_mode
            username = f"demo{number + 1}" if number else "demo"
            self.tokens.add_account(username, username, household.user_id)
            for position, inverter in enumerate(household.template.inverters):
                self._add(household, f"{number}/inverter/{position}", inverter)
            for position, car in enumerate(household.template.cars):
                self._add(household, f"{number}/vehicle/{position}", car)
            for position, heat_pump in enumerate(household.template.heat_pumps):
                self._add(household, f"{number}/heat-pump/{position}", heat_pump)
            for position, wallbox in enumerate(household.template.wallboxes):
                self._add(household, f"{number}/wallbox/{position}", wallbox)

    def _add(self, household: Household, name: str, plan: Plan) -> Device:
        source: Source
        match plan:
            case InverterPlan():
                source = household.build_site(name, plan)
            case CarPlan():
                source = household.build_car(name, plan)
            case HeatPumpPlan():
                source = household.build_heat_pump(name, plan)
            case WallboxPlan():
                source = household.build_wallbox(name, plan)
        born = household.next * QUARTER
        device = Device(
            id=uuid(self.seed, name, "device"),
            household=household,
            home=household,
            model=plan.model,
            source=source,
            created_at=born,
            updated_at=born,
            external_id=f"{dice(self.seed, name, 'serial').randrange(10**11):011}",
        )
        self.devices[device.id] = device
        return device

    def reconsider(self, device: Device) -> None:
        """Let what is changed now count in the quarter under way."""
        now = self.clock.seconds()
        device.home.reconsider(now // QUARTER, now)

    # Looking things up

    @property
    def households(self) -> list[Family]:
        """The households, with the devices that their users own now."""
        return [
            Family(
                user_id=household.user_id,
                household=household,
                inverters=self.owned(household.user_id, Kind.INVERTER),
                vehicles=self.owned(household.user_id, Kind.VEHICLE),
                heat_pumps=self.owned(household.user_id, Kind.HEAT_PUMP),
                wallboxes=self.owned(household.user_id, Kind.WALLBOX),
                username=f"demo{household.number + 1}" if household.number else "demo",
            )
            for household in self._households
        ]

    def owned(self, user_id: str, kind: Kind) -> list[Device]:
        """Return a user's devices of a kind, also those that are deleted or hidden."""
        return [
            device
            for device in self.devices.values()
            if device.kind is kind and user_id in device.users
        ]

    def household(self, user_id: str) -> Household:
        """Return a user's household.

        Raises:
            ApiError: 404, there is no such user.
        """
        for household in self._households:
            if household.user_id == user_id:
                return household
        raise not_found()

    def device(self, device_id: str) -> Device:
        """Return a device, whatever its state.

        Raises:
            ApiError: 404, there is no such device.
        """
        if (device := self.devices.get(device_id)) is None:
            raise not_found()
        return device

    def detail(self, device: Device, origin: str) -> dict[str, object]:
        """Return a device's detail answer."""
        actions = [self.cues.to_json(cue, origin) for cue in self.cues.of(device.id)]
        answer = to_json(device, self.clock.seconds(), origin)
        codes = {cue.code for cue in self.cues.of(device.id)}
        if not self.conventions.information_needs_action:
            needed = bool(codes - {"information"})
        else:
            needed = bool(codes)
        answer["action_needed"] = needed
        answer["has_notification"] = "information" in codes
        answer["actions"] = actions
        return answer | device.overrides

    # What is true

    def rows(
        self, device: Device, start: int, end: int, *, served: bool = True
    ) -> Rows:
        """Return the whole quarters of a device that are over and start in a span.

        Args:
            device: The device.
            start: First second.
            end: Second after the last.
            served: With all distortions and conventions, or as they truly were.
        """
        now = self.clock.seconds()
        last = min(-(-end // QUARTER), now // QUARTER)
        first = -(-start // QUARTER)
        device.home.advance(now // QUARTER)
        factor = UNITS_OF_PRICE[self.conventions.price_unit] if served else 1.0
        match device.source:
            case Site():
                rows = of_site(device.source, first, last, price_factor=factor)
            case Car():
                rows = of_car(device.source, first, last, price_factor=factor)
            case HeatPump():
                rows = of_heat_pump(device.source, first, last, price_factor=factor)
            case Wallbox():
                rows = {}
        if not served:
            return rows
        self._change_unit(rows)
        distort(rows, self.distortions, device.id, now)
        if self.conventions.series_grid == "export_only" and isinstance(
            device.source, Site
        ):
            without_imports(rows)
        return rows

    def price_unit_at(self, seconds: int) -> str:
        """Return the unit in which a series' price of a time is served."""
        change = self.conventions.price_unit_after
        if change is None or seconds < to_seconds(datetime.fromisoformat(change["at"])):
            return self.conventions.price_unit
        return change["unit"]

    def _change_unit(self, rows: Rows) -> None:
        if self.conventions.price_unit_after is None:
            return
        before = UNITS_OF_PRICE[self.conventions.price_unit]
        for index, row in rows.items():
            factor = UNITS_OF_PRICE[self.price_unit_at(index * QUARTER)] / before
            row["price"] = round((row["price"] or 0) * factor, 6)

    def sessions(self, device: Device) -> list[dict[str, object]]:
        """Return a car's sessions that are over, by plug-in, with corrections; other devices have none."""
        if not isinstance(device.source, Car):
            return []
        now = self.clock.seconds()
        device.home.advance(now // QUARTER)
        return [
            item.to_json() | self.corrections.get(item.id, {})
            for item in device.source.over(now)
        ]

    def energy(
        self, device_id: str, start: datetime, end: datetime, *, served: bool = False
    ) -> dict[str, object]:
        """Return what the statistics of a span have to come to.

        Args:
            device_id: Any device.
            start: First moment.
            end: Moment after the last; what lies ahead of the clock does not count.
            served: Count what the series show, distorted as it is, instead of what was.

        Returns:
            kWh (and EUR) by statistic kind; ``battery_level`` and ``price`` as mean, min and max.
        """
        device = self.device(device_id)
        first, last = to_seconds(start), to_seconds(end)
        if isinstance(device.source, Car):
            return energy_of_car(self.sessions(device), first, last)
        if isinstance(device.source, HeatPump):
            return energy_of_heat_pump(self.rows(device, first, last, served=served))
        if isinstance(device.source, Wallbox):
            now = self.clock.seconds()
            device.home.advance(now // QUARTER)
            return energy_of_wallbox(device.source.sessions, first, min(last, now))
        return energy_of_site(self.rows(device, first, last, served=served))

    def overview(self) -> dict[str, object]:
        """Return what there is, for people and scripts."""
        return {
            "organization_id": self.organization_id,
            "client_id": self.tokens.client_id,
            "client_secret": self.tokens.client_secret,
            "now": iso(self.clock.seconds()),
            "start": iso(self.begin),
            "households": [
                {
                    "user_id": family.user_id,
                    "external_id": family.household.external_id,
                    "name": f"{family.household.template.person.first_name} {family.household.template.person.last_name}",
                    "username": family.username,
                    "inverters": [device.id for device in family.inverters],
                    "vehicles": [device.id for device in family.vehicles],
                    "heat_pumps": [device.id for device in family.heat_pumps],
                    "wallboxes": [device.id for device in family.wallboxes],
                }
                for family in self.households
            ],
        }
