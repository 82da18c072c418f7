"""The clock: real, set, frozen, advanced, sped up."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from simulator import Simulator, World

from .conftest import NOON, Caller, inverter_path


def test_clock_follows_the_process() -> None:
    """Frozen time is the simulator's time, and moves with it."""
    with freeze_time("2026-02-03 04:05:06") as frozen:
        world = World(days=2)
        assert world.clock.now() == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
        assert world.begin == int(datetime(2026, 2, 1, tzinfo=UTC).timestamp())
        frozen.tick(timedelta(hours=1))
        assert world.clock.now() == datetime(2026, 2, 3, 5, 5, 6, tzinfo=UTC)
        world.clock.run(60)
        frozen.tick(timedelta(seconds=10))
        assert world.clock.now() == datetime(2026, 2, 3, 5, 15, 6, tzinfo=UTC)
        world.clock.freeze()
        frozen.tick(timedelta(seconds=10))
        assert world.clock.now() == datetime(2026, 2, 3, 5, 15, 6, tzinfo=UTC)
        world.clock.advance(4)
        assert world.clock.now() == datetime(2026, 2, 3, 5, 15, 10, tzinfo=UTC)
        world.clock.freeze(False)
        frozen.tick(timedelta(seconds=1))
        assert world.clock.now() == datetime(2026, 2, 3, 5, 16, 10, tzinfo=UTC)
        world.clock.reset()
        assert world.clock.now() == datetime.now(UTC)
        assert (world.clock.speed, world.clock.frozen) == (1, False)


def test_world_made_before_time_was_frozen() -> None:
    """Time that is frozen later counts too."""
    world = World(days=2)
    with freeze_time("2031-01-01"):
        assert abs(world.clock.now() - datetime(2031, 1, 1, tzinfo=UTC)) < timedelta(
            seconds=1
        )


async def test_clock_over_http(caller: Caller, simulator: Simulator) -> None:
    """Everything can be set from outside."""
    assert (await caller.own("GET", "clock")).body == {
        "now": NOON.isoformat(),
        "speed": 1.0,
        "frozen": True,
    }
    answer = await caller.own(
        "POST", "clock", {"now": "2026-06-01T00:00:00Z", "advance": 90}
    )
    assert answer.body["now"] == "2026-06-01T00:01:30+00:00"
    answer = await caller.own("POST", "clock", {"now": "2026-06-01T00:00:00+02:00"})
    assert answer.body["now"] == "2026-05-31T22:00:00+00:00"
    answer = await caller.own("POST", "clock", {"speed": 3600, "frozen": False})
    assert (answer.body["speed"], answer.body["frozen"]) == (3600, False)
    answer = await caller.own("POST", "clock", {"reset": True})
    assert (answer.body["speed"], answer.body["frozen"]) == (1, False)
    for junk in ({"now": "soon"}, {"speed": "fast"}, {"nonsense": 1}, {"frozen": 1}):
        (await caller.own("POST", "clock", junk)).check("validation_error", 422)


async def test_time_before_the_household(caller: Caller, simulator: Simulator) -> None:
    """There are no data before the start, but a device there is."""
    simulator.clock.set(datetime(2026, 4, 1, tzinfo=UTC))
    await caller.sign_in()
    (await caller.get(inverter_path(simulator))).check("inverter")
    series = (await caller.get(f"{inverter_path(simulator)}/data")).check(
        "inverter_data"
    )
    assert series["data"] == []


async def test_time_passes_for_the_household(
    caller: Caller, simulator: Simulator
) -> None:
    """A jump of weeks is lived through, and going back shows the same past."""
    path = f"{inverter_path(simulator)}/data"
    span = {
        "from_datetime": "2026-06-17T00:00:00Z",
        "to_datetime": "2026-06-17T11:00:00Z",
    }
    before = (await caller.get(path, **span)).check("inverter_data")["data"]
    assert len(before) == 44
    simulator.clock.advance(40 * 86_400)
    await caller.sign_in()
    assert (await caller.get(path, **span)).body["data"] == before
    late = (await caller.get(path)).body["data"]
    assert len(late) == 95
    assert late[-1]["time"] == "2026-07-27T11:00:00Z"
    simulator.clock.set(NOON)
    await caller.sign_in()
    assert (await caller.get(path)).body["data"][-1]["time"] == "2026-06-17T11:00:00Z"
