"""Who goes first, how many at once, and when nobody."""

import asyncio
from itertools import islice

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
from hypothesis import given, strategies as st
import pytest

from custom_components.podero.api import (
    Inverter,
    PoderoClient,
    PoderoRateLimitedError,
    ResolutionLink,
)
from custom_components.podero.api.limiter import MAX_CONCURRENT, Limiter, Priority

from .conftest import API, HOME, ORG, USER, Cloud, reply


async def turns(count: int) -> None:
    """Let everything go on that can."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_command_overtakes_polls(cloud: Cloud, client: PoderoClient) -> None:
    """What a person asked for is sent before the polls that have waited longer."""
    go_on = asyncio.Event()

    async def busy(_: web.Request) -> web.Response:
        await go_on.wait()
        return web.json_response([])

    read = f"{API}/cues/7/information/resolve"
    cloud.on("GET", f"{API}/org/{ORG}/users", busy)
    cloud.on("GET", f"{HOME}/inverters", reply([]))
    cloud.on("POST", read, reply({}))
    await client.auth.access_token()
    async with asyncio.TaskGroup() as group:
        for _ in range(MAX_CONCURRENT):
            group.create_task(client.users())
        while len(cloud.seen) <= MAX_CONCURRENT:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        for _ in range(8):
            group.create_task(client.devices(Inverter, USER))
        await turns(3)
        link = ResolutionLink(url=f"{read}?secret=s")
        group.create_task(client.read_information(link))
        await turns(3)
        cloud.seen.clear()
        go_on.set()
    assert read in {seen.path for seen in cloud.seen[:MAX_CONCURRENT]}
    assert len(cloud.seen) == 9


@given(
    asked=st.lists(
        st.tuples(st.sampled_from(Priority), st.booleans()), min_size=5, max_size=40
    )
)
def test_order(asked: list[tuple[Priority, bool]]) -> None:
    """Places go by urgency, then by arrival; whoever gives up takes no place along."""

    async def life() -> list[int]:
        limiter = Limiter()
        served: list[int] = []
        most: list[int] = []
        leave = asyncio.Event()
        under_way = 0

        async def request(number: int, priority: Priority) -> None:
            nonlocal under_way
            async with limiter.place("GET x", priority):
                under_way += 1
                most.append(under_way)
                served.append(number)
                try:
                    await leave.wait()
                finally:
                    under_way -= 1

        tasks = [
            asyncio.create_task(request(number, priority))
            for number, (priority, _) in enumerate(asked)
        ]
        await turns(3)
        assert served == list(range(MAX_CONCURRENT))
        given_up = [
            task for task, (_, gives_up) in zip(tasks, asked, strict=True) if gives_up
        ]
        for task in given_up[::2]:
            task.cancel()
        leave.set()
        # Some give up in the very turn in which they get a place.
        for task in given_up[1::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # All places are free again.
        leave.clear()
        served_before = len(served)
        more = [
            asyncio.create_task(request(-1, Priority.HISTORY))
            for _ in range(MAX_CONCURRENT + 1)
        ]
        await turns(3)
        assert len(served) == served_before + MAX_CONCURRENT
        leave.set()
        await asyncio.gather(*more)
        assert max(most) == MAX_CONCURRENT
        return served[:served_before]

    served = asyncio.run(life())
    waited = served[MAX_CONCURRENT:]
    assert waited == sorted(waited, key=lambda number: (asked[number][0], number))
    stayed = {
        number
        for number, (_, gives_up) in islice(enumerate(asked), MAX_CONCURRENT, None)
        if not gives_up
    }
    assert stayed <= set(waited)


async def test_giving_up_in_the_turn_of_the_place() -> None:
    """A place that comes to somebody who was just cancelled goes to the next."""
    limiter = Limiter()
    served: list[str] = []

    async def request(name: str) -> None:
        async with limiter.place("GET x", Priority.POLL):
            served.append(name)

    async with asyncio.TaskGroup() as group:
        async with limiter.place("GET x", Priority.POLL):
            held = [limiter.place("GET x", Priority.POLL) for _ in range(3)]
            for place in held:
                await place.__aenter__()
            first = group.create_task(request("first"))
            group.create_task(request("second"))
            await turns(2)
        # The place was just handed to the first, who has not run yet.
        first.cancel()
        await turns(3)
        assert served == ["second"]
        for place in held:
            await place.__aexit__(None, None, None)


async def test_a_pause_that_comes_meanwhile(freezer: FrozenDateTimeFactory) -> None:
    """Who waited while Podero asked for a pause is not sent; the longest pause counts."""
    limiter = Limiter()
    async with limiter.place("GET x", Priority.POLL):
        limiter.pause(60)
        limiter.pause(10)
    with pytest.raises(PoderoRateLimitedError) as caught:
        async with limiter.place("GET x", Priority.COMMAND):
            pytest.fail("sent")
    assert caught.value.retry_after == pytest.approx(60)
    freezer.tick(61)
    async with limiter.place("GET x", Priority.COMMAND):
        pass
