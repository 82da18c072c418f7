"""What is said of a car's charging against what the simulator knows, minute by minute."""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from operator import contains
import os
import random

from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.podero.api import ElectricVehicle
from custom_components.podero.api.answers import build_current_session, build_object
from custom_components.podero.charging import ChargingStatus
from custom_components.podero.kinds.electric_vehicle import ELECTRIC_VEHICLE
from custom_components.podero.kinds.electric_vehicle_data import VehicleData
from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from simulator import Simulator, World
from simulator.errors import ApiError

from .common import make_entry, pass_time, set_up, state

MINUTE = timedelta(minutes=1)
# The clocks change five days later.
START = datetime(2026, 3, 24, tzinfo=UTC)
# Three households with three cars between them.
HOUSEHOLDS = 3
# By hand more seeds and days: 60 days of one seed take half a minute.
SEEDS = range(1, int(os.environ.get("PODERO_SEEDS", "1")) + 1)
DAYS = int(os.environ.get("PODERO_DAYS", "10"))

type Said = tuple[str | None, str | None, str | None]
type Trouble = Callable[[World, str, random.Random], None]


def _move_plan(world: World, car: str, dice: random.Random) -> None:
    world.move_plan(car, world.clock.now() + dice.randrange(-60, 360) * MINUTE)


def _set_policy(world: World, car: str, dice: random.Random) -> None:
    day = dice.choice(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    goal = {
        "charge_percentage": dice.randrange(30, 101),
        "charge_deadline": f"{dice.randrange(24):02}:{dice.choice((0, 30)):02}",
    }
    world.set_policy(car, **{day: goal})


def _switch_optimization(world: World, car: str, dice: random.Random) -> None:
    device, source = world.car(car)
    world.reconsider(device)
    source.settings.is_smart_optimization_active ^= True
    source.replan(world.clock.seconds())


TROUBLES: tuple[Trouble, ...] = (
    lambda world, car, dice: world.stall(car),
    *[lambda world, car, dice: world.end_stall(car)] * 2,
    lambda world, car, dice: world.miss_deadline(car),
    lambda world, car, dice: world.boost(car),
    lambda world, car, dice: world.override(car, is_pause_power_active=True),
    lambda world, car, dice: world.override(car, is_authenticated=False),
    *[lambda world, car, dice: world.restore(car)] * 6,
    *[_move_plan] * 3,
    _set_policy,
    _switch_optimization,
)


def disturb(world: World, car: str, dice: random.Random) -> bool:
    """Let something happen to a car now and then, about ten times a day; returns whether it did."""
    happens = dice.random() < 10 / 1440
    if happens:
        # Not everything can happen at any time.
        with suppress(ApiError):
            dice.choice(TROUBLES)(world, car, dice)
    return happens


def truth(world: World, car: str) -> Said:
    """Return the true status and plan of a car."""
    known = world.charging_truth(car)
    return known["status"], known["planned_start"], known["planned_end"]


def was_true(said: Said, truths: set[Said]) -> bool:
    """Return whether each thing that is said was true at some time."""
    return all(map(contains, zip(*truths, strict=True), said))


def told(moment: datetime | None) -> str | None:
    """Return a time as the simulator writes it."""
    return None if moment is None else f"{moment:%FT%TZ}"


def all_cars(world: World) -> list[str]:
    """Return the ids of all cars."""
    return [vehicle.id for family in world.households for vehicle in family.vehicles]


@dataclass(kw_only=True)
class Watched:
    """A car that is polled as often as the design says, without Home Assistant."""

    world: World
    id: str
    dice: random.Random
    polls_at: datetime = START
    data: VehicleData = field(
        default_factory=lambda: VehicleData(device=ElectricVehicle(id="car"))
    )
    truths: set[Said] = field(default_factory=set)
    disturbed: bool = False

    def poll(self, now: datetime) -> None:
        """Ask for the detail and the session under way."""
        device, car = self.world.car(self.id)
        vehicle = build_object(ElectricVehicle, self.world.detail(device, ""))
        session = car.current(self.world.clock.seconds())
        self.data = replace(
            self.data,
            device=vehicle,
            current=build_current_session(session and {"session": session.to_json()}),
        )
        # Spread, lest the polls keep in step with the quarters of an hour that plans are made of.
        self.polls_at = now + ELECTRIC_VEHICLE.interval(self.data) * self.dice.uniform(
            0.6, 1
        )
        self.truths.clear()
        self.disturbed = False

    def says(self, now: datetime) -> Said:
        """Return what is said at a time, up to which it was polled when it was time."""
        if now >= self.polls_at or self.data.needs_news(now):
            self.poll(now)
        self.data = self.data.seen_at(now)
        self.truths.add(truth(self.world, self.id))
        said = self.data.charging
        return said.status, told(said.planned_start), told(said.planned_end)


@pytest.mark.parametrize("seed", SEEDS)
def test_many_days(seed: int) -> None:
    """What is said of three cars was true at some time since their last poll, at each minute.

    Only where something happened that no poll has seen yet may an old plan end that was replaced.
    """
    world = World(seed=seed, households=HOUSEHOLDS, start=START)
    world.clock.freeze()
    world.clock.set(START)
    dice = random.Random(seed)
    cars = [Watched(world=world, id=car, dice=dice) for car in all_cars(world)]
    assert len(cars) == 3
    seen: Counter[str | None] = Counter()
    unseen = 0
    for minute in range(DAYS * 1440):
        now = START + minute * MINUTE
        world.clock.set(now)
        for car in cars:
            car.disturbed |= disturb(world, car.id, dice)
            said = car.says(now)
            if not was_true(said, car.truths):
                assert car.disturbed, (now, car.id, said, car.truths)
                unseen += 1
            seen[said[0]] += 1
    assert set(seen) == set(ChargingStatus), seen
    assert unseen < seen.total() / 10_000


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_day(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, seed: int
) -> None:
    """The same through Home Assistant, at each minute of a day drawn by seed."""
    # It would take most of the time to note where each callback came from.
    hass.loop.set_debug(False)
    dice = random.Random(seed)
    freezer.move_to(START + timedelta(days=dice.randrange(60)))
    simulator = Simulator(seed=seed, households=HOUSEHOLDS, days=3)
    simulator.conventions.absent = {"heat-pumps": 404, "wallboxes": 404}
    for family in simulator.households:
        for inverter in family.inverters:
            simulator.hide(inverter.id)
    await simulator.start()
    await set_up(hass, make_entry(simulator, *range(HOUSEHOLDS)))
    truths: dict[str, set[Said]] = {car: set() for car in all_cars(simulator)}
    seen: Counter[str | None] = Counter()
    disturbed: set[str] = set()
    for _ in range(1440):
        disturbed |= {car for car in truths if disturb(simulator, car, dice)}
        simulator.requests.clear()
        await pass_time(hass, freezer, MINUTE)
        for car, since_poll in truths.items():
            if simulator.requests.count(f"{car}$", "GET", 200):
                since_poll.clear()
                disturbed.discard(car)
            since_poll.add(truth(simulator, car))
            said = tuple(
                None if shown == STATE_UNKNOWN else shown
                for key in ("charging_status", "planned_start", "planned_end")
                for shown in [state(hass, car, key).state.replace("+00:00", "Z")]
            )
            assert was_true(said, since_poll) or car in disturbed, (
                simulator.clock.now(),
                said,
                since_poll,
            )
            seen[said[0]] += 1
    assert len(seen) > 3, seen
    await simulator.stop()
