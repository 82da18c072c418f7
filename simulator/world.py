"""Everything the simulated cloud knows, and the handles that tests and demos pull."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .battery import Battery
from .car import Car
from .chance import dice, uuid
from .clock import Clock
from .conventions import Conventions
from .cues import Cue, Cues, Errand
from .devices import Device, Kind, to_json
from .errors import not_found
from .faults import WEB_PAGE, Fault, Faults
from .household import (
    EXTRA_CAR,
    EXTRA_INVERTER,
    CarPlan,
    Household,
    InverterPlan,
    Model,
)
from .requests import Requests
from .series import (
    UNITS_OF_PRICE,
    Distortion,
    DistortionKind,
    Rows,
    distort,
    of_car,
    of_site,
    without_imports,
)
from .site import Site
from .sun import Weather
from .times import DAY, QUARTER, iso, to_seconds
from .tokens import Tokens
from .truth import energy_of_car, energy_of_site


@dataclass(kw_only=True)
class Family:
    """A household with its devices, as tests look at it."""

    user_id: str
    household: Household
    inverters: list[Device]
    vehicles: list[Device]
    username: str


class World:
    """The cloud without its HTTP face."""

    def __init__(
        self,
        *,
        seed: int = 1,
        households: int = 1,
        days: int = 30,
        start: datetime | None = None,
    ) -> None:
        """Let some households live.

        Args:
            seed: Same seed and start, same households.
            households: How many; the kinds repeat after five.
            days: How much past they have, unless ``start`` says it.
            start: When their data begins (rounded down to a UTC day).
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
        self.organization_id = uuid(seed, "organization")
        self.devices: dict[str, Device] = {}
        self._extras = 0
        self._weather: dict[str, Weather] = {}
        self._households = [
            Household(seed, number, self.begin // QUARTER, self._weather)
            for number in range(households)
        ]
        for household in self._households:
            number = household.number
            username = f"demo{number + 1}" if number else "demo"
            self.tokens.add_account(username, username, household.user_id)
            for position, inverter in enumerate(household.template.inverters):
                self._add(household, f"{number}/inverter/{position}", inverter)
            for position, car in enumerate(household.template.cars):
                self._add(household, f"{number}/vehicle/{position}", car)

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
                username=f"demo{household.number + 1}" if household.number else "demo",
            )
            for household in self._households
        ]

    def owned(self, user_id: str, kind: Kind) -> list[Device]:
        """A user's devices of a kind, also those that are deleted or hidden."""
        return [
            device
            for device in self.devices.values()
            if device.kind is kind and device.household.user_id == user_id
        ]

    def household(self, user_id: str) -> Household:
        """A user's household.

        Raises:
            ApiError: 404, there is no such user.
        """
        for household in self._households:
            if household.user_id == user_id:
                return household
        raise not_found()

    def device(self, device_id: str) -> Device:
        """A device, whatever its state.

        Raises:
            ApiError: 404, there is no such device.
        """
        if (device := self.devices.get(device_id)) is None:
            raise not_found()
        return device

    def detail(self, device: Device, origin: str) -> dict[str, object]:
        """A device's detail answer."""
        actions = [self.cues.to_json(cue, origin) for cue in self.cues.of(device.id)]
        return to_json(device, self.clock.seconds(), actions, origin)

    # What is true

    def rows(
        self, device: Device, start: int, end: int, *, served: bool = True
    ) -> Rows:
        """The whole quarters of a device that are over and start in a span.

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
        if isinstance(device.source, Site):
            rows = of_site(device.source, first, last, price_factor=factor)
        else:
            rows = of_car(device.source, first, last, price_factor=factor)
        if not served:
            return rows
        distort(rows, self.distortions, device.id, now)
        if self.conventions.series_grid == "export_only" and isinstance(
            device.source, Site
        ):
            without_imports(rows)
        return rows

    def sessions(self, car: Car) -> list[dict[str, object]]:
        """A car's sessions that are over, by plug-in, with corrections."""
        return [
            item.to_json() | self.corrections.get(item.id, {})
            for item in car.over(self.clock.seconds())
        ]

    def energy(
        self, device_id: str, start: datetime, end: datetime, *, served: bool = False
    ) -> dict[str, object]:
        """What the statistics of a span have to come to.

        Args:
            device_id: Inverter or vehicle.
            start: First moment.
            end: Moment after the last; what lies ahead of the clock does not count.
            served: Count what the series show, distorted as it is, instead of what was.

        Returns:
            kWh (and EUR) by statistic kind; ``battery_level`` and ``price`` as mean, min and max.
        """
        device = self.device(device_id)
        first, last = to_seconds(start), to_seconds(end)
        if isinstance(device.source, Car):
            device.home.advance(self.clock.seconds() // QUARTER)
            return energy_of_car(self.sessions(device.source), first, last)
        return energy_of_site(self.rows(device, first, last, served=served))

    # Handles: faults

    def fail(
        self,
        path: str,
        *,
        method: str | None = None,
        times: int | None = None,
        after: int = 0,
        delay: float = 0,
        status: int | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        html: bool = False,
        text: str | None = None,
        cut: bool = False,
        disconnect: bool = False,
        oversized: bool = False,
        redirect: str | None = None,
        fields: Mapping[str, object] | None = None,
    ) -> Fault:
        """Let requests go wrong; :class:`Fault` says what the arguments mean.

        ``html`` answers with a web page (200 unless ``status`` says else), ``text`` with what is not JSON.
        """
        content_type = "application/json"
        if html:
            status, body, content_type = status or 200, WEB_PAGE, "text/html"
        elif text is not None:
            status, body, content_type = status or 200, text, "text/plain"
        fault = Fault(
            path=path, method=method, times=times, after=after, delay=delay, status=status, body=body,
            headers=headers or {}, cut=cut, disconnect=disconnect, oversized=oversized,
            redirect=redirect, fields=fields or {}, content_type=content_type,
        )  # fmt: skip
        return self.faults.add(fault)

    def heal(self) -> None:
        """Take all faults, overrides, distortions and corrections back."""
        self.faults.clear()
        self.distortions.clear()
        self.corrections.clear()
        for device in self.devices.values():
            device.overrides.clear()

    def distort(
        self,
        kind: str,
        *,
        device_id: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        until: datetime | None = None,
        probability: float = 1.0,
        factor: float = 0.9,
        seconds: int = 0,
    ) -> Distortion:
        """Spoil series; :class:`Distortion` says how.

        Raises:
            ValueError: There is no such kind.
        """
        rule = Distortion(
            kind=DistortionKind(kind),
            device_id=device_id,
            start=None if start is None else to_seconds(start),
            end=None if end is None else to_seconds(end),
            until=None if until is None else to_seconds(until),
            probability=probability,
            factor=factor,
            seconds=seconds,
        )
        self.distortions.append(rule)
        return rule

    def correct_session(self, session_id: str, **values: object) -> None:
        """Let a session say something else from now on."""
        self.corrections.setdefault(session_id, {}).update(values)

    # Handles: devices

    def override(self, device_id: str, **values: object) -> None:
        """Let fields of a device say what is wanted, until :meth:`restore`."""
        self.device(device_id).overrides.update(values)

    def restore(self, device_id: str) -> None:
        """Undo what was done to a device: overrides, deletion, hiding."""
        device = self.device(device_id)
        device.overrides.clear()
        device.deleted_at, device.listed, device.exists = None, True, True

    def delete(self, device_id: str) -> None:
        """Soft-delete a device."""
        self.device(device_id).deleted_at = self.clock.seconds()

    def hide(self, device_id: str) -> None:
        """Leave a device out of the lists; its detail is still there."""
        self.device(device_id).listed = False

    def remove(self, device_id: str) -> None:
        """Let a device be unknown everywhere."""
        self.device(device_id).exists = False

    def move(self, device_id: str, user_id: str) -> None:
        """Give a device to another user."""
        self.device(device_id).household = self.household(user_id)

    def change_model(
        self, device_id: str, manufacturer: str, model: str, year: int | None = None
    ) -> None:
        """Swap what a device is sold as."""
        self.device(device_id).model = Model(
            manufacturer=manufacturer, model=model, year=year
        )

    def connect_battery(self, device_id: str, capacity_kwh: float = 10) -> None:
        """Add a battery to an inverter, or exchange it.

        Raises:
            ApiError: 404, there is no such inverter.
        """
        device = self.device(device_id)
        if not isinstance(device.source, Site):
            raise not_found()
        self.reconsider(device)
        device.source.connect(
            Battery(
                capacity_wh=int(capacity_kwh * 1000), charge_w=4600, discharge_w=4600
            )
        )

    def add_inverter(self, user_id: str, *, battery_kwh: float | None = None) -> Device:
        """Let a user buy an inverter; its data begins now."""
        battery = None
        if battery_kwh is not None:
            battery = Battery(
                capacity_wh=int(battery_kwh * 1000), charge_w=4600, discharge_w=4600
            )
        return self._buy(user_id, replace(EXTRA_INVERTER, battery=battery))

    def add_vehicle(self, user_id: str) -> Device:
        """Let a user buy a car; its data begins now."""
        return self._buy(user_id, EXTRA_CAR)

    def _buy(self, user_id: str, plan: InverterPlan | CarPlan) -> Device:
        household = self.household(user_id)
        household.reconsider(self.clock.seconds() // QUARTER)
        self._extras += 1
        return self._add(household, f"{household.number}/extra/{self._extras}", plan)

    def _add(
        self, household: Household, name: str, plan: InverterPlan | CarPlan
    ) -> Device:
        source: Site | Car
        if isinstance(plan, InverterPlan):
            source = household.build_site(name, plan)
        else:
            source = household.build_car(name, plan)
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
        device.home.reconsider(self.clock.seconds() // QUARTER)

    # Handles: actions

    def add_action(
        self,
        device_id: str,
        code: str = "reauthenticate",
        *,
        message: str | None = None,
        required_parameters: Sequence[str] | None = None,
        link: str = "host",
    ) -> Cue:
        """Let a device need somebody; :class:`Cue` says what the arguments mean."""
        device = self.device(device_id)
        if required_parameters is None:
            required_parameters = (
                ["successUrl", "cancelUrl"] if code == "reauthenticate" else []
            )
        cue = Cue(
            id=uuid(
                self.seed,
                "cue",
                len(self.cues.errands),
                len(self.cues.pending),
                self.clock.now(),
            ),
            code=code,
            device_id=device.id,
            user_id=device.household.user_id,
            sent_at=self.clock.seconds(),
            message=message,
            required_parameters=tuple(required_parameters),
            link=link,
        )
        self.cues.pending[cue.id] = cue
        if code == "reauthenticate":
            device.overrides |= {
                "is_authenticated": False,
                "connection_status": "error",
            }
        return cue

    def remove_action(self, cue_id: str) -> None:
        """Let an action be done.

        Raises:
            ApiError: 404, it is not pending.
        """
        if (cue := self.cues.pending.pop(cue_id, None)) is None:
            raise not_found()
        if cue.code == "reauthenticate":
            self._reconnected(cue.device_id)

    def _reconnected(self, device_id: str) -> None:
        overrides = self.device(device_id).overrides
        overrides.pop("is_authenticated", None)
        overrides.pop("connection_status", None)

    def finish(self, errand: Errand, *, success: bool) -> None:
        """The person at the provider's page has signed in, or given up."""
        errand.over = True
        cue = self.cues.pending.get(errand.cue_id or "")
        if cue is not None:
            self.report(cue, success=success)
        elif success and errand.cue_id is None:
            self._reconnected(errand.device_id)
            if self.conventions.auth_session_clears_cue:
                for other in self.cues.of(errand.device_id):
                    if other.code == "reauthenticate":
                        self.remove_action(other.id)

    def report(self, cue: Cue, *, success: bool) -> None:
        """Take note of the outcome of an action."""
        cue.active = False
        if success:
            self.remove_action(cue.id)

    def overview(self) -> dict[str, object]:
        """What there is, for people and scripts."""
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
                }
                for family in self.households
            ],
        }
