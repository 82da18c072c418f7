"""People, what they own, and the one forward computation that ties it together."""

from dataclasses import dataclass, field
from functools import partial

from .battery import Battery
from .car import Car
from .car_state import CarState
from .chance import dice, uuid
from .charging import ChargingSettings
from .heat_pump import HeatPump
from .load import Load
from .planning import PolicyDay, Tariff, WeeklyPolicy
from .plans import HEAT_PUMP, WALLBOX, HeatPumpPlan, Model, WallboxPlan
from .prices import Prices
from .site import Site
from .steered_car import SteeredCar
from .sun import Panels, Place, Roof, Weather
from .times import QUARTER
from .trips import HABITS, PART_TIME, Habits
from .wallbox import Snapshot, Wallbox


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who lives there. All of them are invented."""

    first_name: str
    last_name: str
    street: str
    zip_code: str
    town: str
    country: str

    @property
    def email(self) -> str:
        """An address nobody reads."""
        return f"{self.first_name}.{self.last_name}@example.com".lower()


@dataclass(kw_only=True)
class InverterPlan:
    """An inverter to be built."""

    model: Model
    rating_w: int
    habit_w: int
    heat_w: int = 0
    azimuth: float = 0
    battery: Battery | None = None


@dataclass(kw_only=True)
class CarPlan:
    """A car to be built."""

    model: Model
    capacity_wh: int
    charge_w: int
    habits: Habits = HABITS
    tariff: Tariff = field(default_factory=Tariff)
    week: dict[str, PolicyDay | None] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Template:
    """A kind of household."""

    person: Person
    place: Place
    inverters: tuple[InverterPlan, ...] = ()
    cars: tuple[CarPlan, ...] = ()
    heat_pumps: tuple[HeatPumpPlan, ...] = ()
    wallboxes: tuple[WallboxPlan, ...] = ()


TEMPLATES = (
    Template(
        person=Person(
            first_name="Lena", last_name="Brandner", street="Lindengasse 12", zip_code="8010",
            town="Graz", country="AT",
        ),
        place=Place(latitude=47.07, longitude=15.44, zone="Europe/Vienna", price_zone="AT"),
        inverters=(
            InverterPlan(
                model=Model(manufacturer="Fronius", model="Symo GEN24 10.0 Plus", year=2023),
                rating_w=9800, habit_w=420, heat_w=550,
                battery=Battery(capacity_wh=10_240, charge_w=5000, discharge_w=5000),
            ),
        ),
        cars=(
            CarPlan(
                model=Model(manufacturer="Volkswagen", model="ID.4", year=2022),
                capacity_wh=77_000, charge_w=11_000, habits=PART_TIME,
                tariff=Tariff(day_eur_kwh=0.2, night_eur_kwh=0.09),
                week=dict.fromkeys(("sat", "sun"), PolicyDay(deadline="08:00:00")),
            ),
        ),
        heat_pumps=(HEAT_PUMP,),
        wallboxes=(WALLBOX,),
    ),
    Template(
        person=Person(
            first_name="Jonas", last_name="Wiegand", street="Am Anger 3", zip_code="04109",
            town="Leipzig", country="DE",
        ),
        place=Place(latitude=51.34, longitude=12.37, zone="Europe/Berlin", price_zone="DE_LU"),
        inverters=(
            InverterPlan(
                model=Model(manufacturer="SMA", model="Sunny Tripower 8.0", year=2020),
                rating_w=8100, habit_w=380, azimuth=25,
            ),
        ),
    ),
    Template(
        person=Person(
            first_name="Astrid", last_name="Nyberg", street="Björkvägen 7", zip_code="114 32",
            town="Stockholm", country="SE",
        ),
        place=Place(latitude=59.33, longitude=18.07, zone="Europe/Stockholm", price_zone="SE_3"),
        inverters=(
            InverterPlan(
                model=Model(manufacturer="Huawei", model="SUN2000-10KTL-M1", year=2021),
                rating_w=10_400, habit_w=450, heat_w=900, azimuth=-30,
                battery=Battery(capacity_wh=15_000, charge_w=5000, discharge_w=5000),
            ),
            InverterPlan(
                model=Model(manufacturer="SolarEdge", model="SE5K", year=None),
                rating_w=5200, habit_w=130, azimuth=60,
            ),
        ),
        cars=(
            CarPlan(
                model=Model(manufacturer="Tesla", model="Model 3", year=2021),
                capacity_wh=57_000, charge_w=7400,
            ),
            CarPlan(
                model=Model(manufacturer="Volvo", model="EX30", year=2024),
                capacity_wh=49_000, charge_w=11_000,
            ),
        ),
    ),
    Template(
        person=Person(
            first_name="Rui", last_name="Salgado", street="Rua das Oliveiras 40",
            zip_code="4050-449", town="Porto", country="PT",
        ),
        place=Place(latitude=41.15, longitude=-8.61, zone="Europe/Lisbon", price_zone="PT"),
        cars=(
            CarPlan(
                model=Model(manufacturer="Renault", model="Megane E-Tech", year=2023),
                capacity_wh=60_000, charge_w=7400,
            ),
        ),
    ),
    Template(
        person=Person(
            first_name="Mirjam", last_name="Halasz", street="Kerek utca 5", zip_code="1035",
            town="Budapest", country="HU",
        ),
        place=Place(latitude=47.54, longitude=19.04, zone="Europe/Budapest", price_zone="HU"),
    ),
)  # fmt: skip
EXTRA_INVERTER = InverterPlan(
    model=Model(manufacturer="GoodWe", model="GW6000-EH", year=2022),
    rating_w=6000,
    habit_w=300,
)
EXTRA_CAR = CarPlan(
    model=Model(manufacturer="Hyundai", model="Kona Electric", year=2021),
    capacity_wh=64_000,
    charge_w=11_000,
)


@dataclass(kw_only=True)
class _Before:
    """How things stood before the quarter computed last."""

    index: int
    cars: list[tuple[Car, tuple[CarState, int]]] = field(default_factory=list)
    sites: list[tuple[Site, tuple[float, int]]] = field(default_factory=list)
    heat_pumps: list[tuple[HeatPump, tuple[tuple[float, float], int]]] = field(
        default_factory=list
    )
    wallboxes: list[tuple[Wallbox, Snapshot]] = field(default_factory=list)


class Household:
    """One Podero user with a home, computed forward from the index ``first``."""

    def __init__(
        self, seed: int, number: int, first: int, weather: dict[str, Weather]
    ) -> None:
        """Found household ``number`` of a seed.

        Args:
            seed: The seed of everything.
            number: Counts from 0; picks the template.
            first: Index of the first quarter.
            weather: The weather by price zone, shared by all households and added to.
        """
        self.seed = seed
        self.number = number
        self.template = TEMPLATES[number % len(TEMPLATES)]
        self.place = self.template.place
        self.user_id = uuid(seed, number, "user")
        self.building_id = uuid(seed, number, "building")
        self.external_id = f"customer-{1001 + number}"
        self.first = first
        self.next = first
        zone = self.place.price_zone
        self.weather = weather.setdefault(zone, Weather(seed, zone))
        self.prices = Prices(seed, zone, self.place.zone, self.weather)
        self.sites: list[Site] = []
        self.cars: list[SteeredCar] = []
        self.heat_pumps: list[HeatPump] = []
        self.wallboxes: list[Wallbox] = []
        self.charging = ChargingSettings(mode="spot" if self.template.cars else "none")
        self._before: _Before | None = None

    @property
    def email(self) -> str:
        """The user's address."""
        name, domain = self.template.person.email.split("@")
        turn = self.number // len(TEMPLATES)
        return f"{name}{turn + 1}@{domain}" if turn else f"{name}@{domain}"

    def build_site(self, name: str, plan: InverterPlan) -> Site:
        """Add an inverter, from the next quarter on."""
        habit = plan.habit_w * dice(self.seed, name, "habit").uniform(0.9, 1.15)
        panels = Panels(rating_w=plan.rating_w, azimuth=plan.azimuth)
        site = Site(
            self.next,
            Roof(self.seed, name, self.place, panels, self.weather),
            Load(
                self.seed,
                name,
                self.place,
                self.weather,
                habit_w=int(habit),
                heat_w=plan.heat_w,
            ),
            self.prices,
            plan.battery,
        )
        self.sites.append(site)
        self._before = None
        return site

    def build_car(self, name: str, plan: CarPlan) -> SteeredCar:
        """Add a car, from the next quarter on. Its charging counts to the first inverter's home."""
        car = SteeredCar(
            seed=self.seed,
            name=name,
            place=self.place,
            prices=self.prices,
            first=self.next,
            capacity_wh=plan.capacity_wh,
            charge_w=plan.charge_w,
            mode=self.charging.mode,
            habits=plan.habits,
            tariff=plan.tariff,
            policy=WeeklyPolicy(days=dict(plan.week)),
        )
        self.cars.append(car)
        self._before = None
        return car

    def build_heat_pump(self, name: str, plan: HeatPumpPlan) -> HeatPump:
        """Add a heat pump, from the next quarter on: what heats the first inverter's home, if anything does."""
        load = self.sites[0].load if self.sites else None
        is_in_load = (
            load is not None
            and load.heat_w > 0
            and not any(each.is_in_load for each in self.heat_pumps)
        )
        if load is None or not is_in_load:
            load = Load(
                self.seed,
                name,
                self.place,
                self.weather,
                habit_w=0,
                heat_w=plan.heat_w,
            )
        heat_pump = HeatPump(
            name=name,
            zone=self.place.zone,
            weather=self.weather,
            prices=self.prices,
            load=load,
            is_in_load=is_in_load,
            first=self.next,
        )
        self.heat_pumps.append(heat_pump)
        self._before = None
        return heat_pump

    def build_wallbox(self, name: str, plan: WallboxPlan) -> Wallbox:
        """Add a wallbox, from the next quarter on, to which the household's next car is plugged in."""
        wallbox = Wallbox(
            seed=self.seed,
            name=name,
            position=len(self.wallboxes),
            place=self.place,
            prices=self.prices,
            cars=self.cars,
            charging=self.charging,
            first=self.next,
            charge_w=plan.charge_w,
        )
        self.wallboxes.append(wallbox)
        self._before = None
        return wallbox

    def advance(self, index: int) -> None:
        """Compute all quarters up to and with an index."""
        for number in range(self.next, index + 1):
            if number == index:
                self._before = _Before(
                    index=number,
                    cars=[(car, car.snapshot()) for car in self.cars],
                    sites=[(site, site.snapshot()) for site in self.sites],
                    heat_pumps=[(each, each.snapshot()) for each in self.heat_pumps],
                    wallboxes=[(each, each.snapshot()) for each in self.wallboxes],
                )
            taken = sum([car.step(number) for car in self.cars])
            heat = sum([each.step(number) for each in self.heat_pumps])
            for wallbox in self.wallboxes:
                taken += wallbox.step(
                    number, partial(self._export, number, taken, heat)
                )
            for site in self.sites:
                site.step(number, taken, heat)
                taken = heat = 0
        self.next = max(self.next, index + 1)

    def _export(self, index: int, taken: int, heat: int, visitor: int) -> int:
        """Return what the next quarter would export, negative for imports, in W."""
        if not self.sites:
            return -taken - heat - visitor
        site = self.sites[0]
        before = site.snapshot()
        site.step(index, taken + visitor, heat)
        export = site.sample(index).grid_w
        site.restore(before)
        return export

    def reconsider(self, index: int, now: int = 0) -> None:
        """Forget the quarter under way, so that what is changed now counts in it already.

        Args:
            index: The quarter.
            now: What a wallbox decided up to this time stays.
        """
        self.advance(index)
        if (
            self._before is None
            or self._before.index != index
            or self.next != index + 1
        ):
            return
        for car, state in self._before.cars:
            car.restore(state)
        for site, energy in self._before.sites:
            site.restore(energy)
        for heat_pump, temperatures in self._before.heat_pumps:
            heat_pump.restore(temperatures)
        for wallbox, snapshot in self._before.wallboxes:
            wallbox.restore(snapshot, index * QUARTER, now)
        self.next = index
        self._before = None
