"""Requests to resources, over real HTTP."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta, timezone
import logging
from typing import Any
from uuid import UUID

from aiohttp import web
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.podero import api
from custom_components.podero.api import (
    ChargingConfig,
    ChargingMode,
    Device,
    ElectricVehicle,
    HeatPump,
    Inverter,
    PoderoAuthenticationError,
    PoderoBadRequestError,
    PoderoClient,
    PoderoConflictError,
    PoderoError,
    PoderoNotFoundError,
    PoderoPermissionError,
    PoderoRateLimitedError,
    PoderoResponseError,
    Resolution,
    ResolutionLink,
    User,
    Wallbox,
    access,
    transport,
)

from .conftest import API, DEVICE, HOME, ORG, TOKEN, USER, Cloud, Handler, reply

USERS = f"{API}/org/{ORG}/users"
INVERTERS = f"{HOME}/inverters"
INVERTER = f"{INVERTERS}/{DEVICE}"
VEHICLE = f"{HOME}/electric-vehicles/{DEVICE}"
WALLBOX = f"{HOME}/wallboxes/{DEVICE}"
CONFIG = f"{HOME}/charging-config"
DETAIL = {"id": DEVICE, "connection_status": "ok", "actions": []}
CONFIGURATION = {"smart_charging_mode": "spot", "available_modes": []}
CUE = f"{API}/cues/7/resolve"


async def test_users(cloud: Cloud, client: PoderoClient) -> None:
    """The list and a single one."""
    cloud.on(
        "GET",
        USERS,
        reply([{"id": USER, "email": "ada@example.com", "num_inverters": 2}, {}]),
    )
    cloud.on("GET", f"{USERS}/{USER}", reply({"id": USER, "role": "user"}))
    assert await client.users() == [
        User(id=USER, email="ada@example.com", num_inverters=2)
    ]
    assert await client.user(USER) == User(id=USER, role="user")
    assert [seen.headers["Authorization"] for seen in cloud.asked("GET", USERS)] == [
        "Bearer token-1"
    ]
    assert cloud.asked("GET", USERS)[0].headers["Accept"] == "application/json"


@pytest.mark.parametrize(
    "wrap", [list, lambda found: {"items": found}, lambda found: {"results": found}]
)
async def test_devices(cloud: Cloud, client: PoderoClient, wrap: Any) -> None:
    """Lists of both kinds, bare and wrapped."""
    cloud.on(
        "GET",
        INVERTERS,
        reply(wrap([{"id": DEVICE, "solar_surplus_w": "1.5"}, {"id": None}])),
    )
    cloud.on("GET", f"{HOME}/electric-vehicles", reply(wrap([])))
    assert await client.devices(Inverter, USER) == [
        Inverter(id=DEVICE, solar_surplus_w=1.5)
    ]
    assert await client.devices(ElectricVehicle, USER) == []


async def test_device(cloud: Cloud, client: PoderoClient) -> None:
    """The detail; without an id in it, it has the one that was asked for."""
    cloud.on("GET", INVERTER, reply({"id": None, "connection_status": "ok"}))
    cloud.on("GET", VEHICLE, reply(DETAIL))
    assert (await client.device(Inverter, USER, DEVICE)).id == DEVICE
    await client.device(ElectricVehicle, USER, DEVICE, include_deleted=True)
    assert [seen.query for seen in cloud.seen[1:]] == [{}, {"include_deleted": "true"}]


@pytest.mark.parametrize("junk", ["", ".", "..", "../../x?y#z", "7", f"{USER}/x"])
async def test_ids_stay_in_their_place(
    cloud: Cloud, client: PoderoClient, junk: str
) -> None:
    """What is no id does not go out."""
    day = date(2026, 1, 1)
    for call in (
        client.user(junk),
        client.devices(Inverter, junk),
        client.device(Inverter, USER, junk),
        client.device(Inverter, junk, DEVICE),
        client.charging_config(junk),
        client.sessions(USER, junk, start=day, end=day),
        client.update(Inverter, USER, junk, "min_battery_charge", 1),
        client.boost(Wallbox, USER, junk),
    ):
        with pytest.raises(PoderoNotFoundError, match="not a UUID"):
            await call
    assert cloud.seen == []


async def test_ids_go_out_in_one_form(cloud: Cloud, client: PoderoClient) -> None:
    """However an id was typed, it is that of the one user."""
    cloud.on("GET", f"{USERS}/{USER}", reply({"id": USER.replace("-", "").upper()}))
    assert await client.user(f" {USER.replace('-', '')}") == User(id=USER)


async def test_another_than_was_asked_for_is_refused(
    cloud: Cloud, client: PoderoClient
) -> None:
    """An answer that names another id is none."""
    other = "44444444-4444-4444-8444-444444444444"
    for wrong in (other, "..", {}, 7):
        cloud.on("GET", INVERTER, reply({**DETAIL, "id": wrong}))
        with pytest.raises(PoderoResponseError, match="not what was asked for"):
            await client.device(Inverter, USER, DEVICE)
        cloud.on("GET", f"{USERS}/{USER}", reply({"id": wrong}))
        with pytest.raises(PoderoResponseError, match="not what was asked for"):
            await client.user(USER)


async def test_same_bytes_give_the_same_object(
    cloud: Cloud, client: PoderoClient
) -> None:
    """What has not changed is not read again; what has, is."""
    first, second = reply(DETAIL), reply({**DETAIL, "solar_surplus_w": 1})
    cloud.on("GET", INVERTER, first, first, second, second, first)
    found = [await client.device(Inverter, USER, DEVICE) for _ in range(5)]
    assert found[0] is found[1]
    assert found[2] is found[3]
    assert found[1] != found[2]
    assert found[4] == found[0]


async def test_what_is_kept_is_bounded(
    cloud: Cloud, client: PoderoClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The oldest makes room, and what is long is not kept."""
    monkeypatch.setattr(access, "MAX_KEPT", 2)
    ids = [f"{number:032x}" for number in range(3)]
    for each in ids:
        path = f"{INVERTERS}/{UUID(each)}"
        cloud.on("GET", path, reply({"id": each}))

    async def is_kept(device_id: str) -> bool:
        first = await client.device(Inverter, USER, device_id)
        return first is await client.device(Inverter, USER, device_id)

    assert await is_kept(ids[0])
    kept = [await client.device(Inverter, USER, each) for each in ids]
    again = [await client.device(Inverter, USER, each) for each in reversed(ids)]
    assert again[0] is kept[2]
    assert again[1] is kept[1]
    assert again[2] is not kept[0]
    monkeypatch.setattr(access, "MAX_KEPT_BYTES", 10)
    cloud.on("GET", INVERTER, reply(DETAIL))
    assert not await is_kept(DEVICE)


@pytest.mark.usefixtures("nothing_logged")
@pytest.mark.parametrize(
    ("path", "most", "name"),
    [(INVERTERS, 200, "inverters"), (USERS, 10_000, "users")],
)
async def test_long_lists(
    *,
    cloud: Cloud,
    client: PoderoClient,
    caplog: pytest.LogCaptureFixture,
    path: str,
    most: int,
    name: str,
) -> None:
    """What is beyond the limit is left out, which is logged one time."""
    items = [{"id": str(UUID(int=number))} for number in range(most + 1)]
    cloud.on("GET", path, reply(items), reply(items), reply(items[1:]))
    found: list[Any] = []
    for _ in range(3):
        found = await (
            client.users() if path == USERS else client.devices(Inverter, USER)
        )
        assert len(found) == most
    assert found[-1].id == items[-1]["id"]
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == api.__name__ and record.levelno >= logging.WARNING
    ] == [f"Podero sent more than {most} {name}; the rest is left out"]


@pytest.mark.usefixtures("nothing_logged")
async def test_a_list_of_very_many_devices(cloud: Cloud, client: PoderoClient) -> None:
    """No more of it is read than is needed."""
    items = ",".join(f'{{"id":"{number:032x}"}}' for number in range(150_000))
    cloud.on("GET", INVERTERS, reply(f"[{items}, and so on"))
    assert len(await client.devices(Inverter, USER)) == 200


async def test_large_answers(cloud: Cloud, client: PoderoClient) -> None:
    """What is large is read elsewhere, and to the same effect."""
    padding = "x" * transport.MAX_AT_ONCE
    cloud.on("GET", INVERTER, reply({**DETAIL, "comment": padding}))
    assert (await client.device(Inverter, USER, DEVICE)).id == DEVICE
    cloud.on("GET", INVERTER, reply({"id": USER, "comment": padding}))
    with pytest.raises(PoderoResponseError, match="not what was asked for"):
        await client.device(Inverter, USER, DEVICE)
    cloud.on("GET", INVERTER, reply("<h1>Maintenance</h1>"), reply(f"[{padding}"))
    for detail in ("Maintenance", None):
        with pytest.raises(PoderoResponseError, match="not JSON") as caught:
            await client.device(Inverter, USER, DEVICE)
        assert caught.value.detail == detail


async def test_series(cloud: Cloud, client: PoderoClient) -> None:
    """Times go out as UTC; fields can be chosen."""
    cloud.on(
        "GET",
        f"{INVERTER}/data",
        reply({"metadata": {}, "data": [{"time": "2026-11-01T00:00:00Z"}]}),
    )
    start = datetime(2026, 11, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    end = start + timedelta(days=1)
    series = await client.series(USER, DEVICE, start=start, end=end)
    assert [point.time for point in series.points] == [start]
    await client.series(
        USER,
        DEVICE,
        start=start,
        end=end,
        resolution=Resolution.HOUR,
        keywords=["solar_production_w", "price"],
    )
    span = {
        "from_datetime": "2026-11-01T00:00:00Z",
        "to_datetime": "2026-11-02T00:00:00Z",
    }
    assert [seen.query for seen in cloud.asked("GET", f"{INVERTER}/data")] == [
        {**span, "resolution": "15MIN"},
        {**span, "resolution": "1HOUR", "keywords": "solar_production_w,price"},
    ]


class Sessions:
    """An endpoint of many sessions with its own idea of pages."""

    def __init__(
        self,
        count: int,
        *,
        page: int = 200,
        total: Any = "count",
        ignores_offset: bool = False,
    ) -> None:
        """Hold sessions, the latest first, each with an id of its own."""
        start = datetime(2026, 1, 1, tzinfo=UTC)
        self.items = [
            {
                "id": f"s{index:04}",
                "plug_in_time": (start + timedelta(hours=index)).isoformat(),
            }
            for index in reversed(range(count))
        ]
        self.page = page
        self.total = (
            {} if total is None else {"total": count if total == "count" else total}
        )
        self.ignores_offset = ignores_offset

    async def __call__(self, request: web.Request) -> web.Response:
        """Answer one page."""
        offset = 0 if self.ignores_offset else int(request.query["offset"])
        size = min(self.page, int(request.query["limit"]))
        return web.json_response(
            {**self.total, "items": self.items[offset : offset + size]}
        )


@pytest.mark.parametrize(
    ("server", "requests"),
    [
        (Sessions(0), 1),
        (Sessions(450), 3),
        (Sessions(400), 2),
        (Sessions(120, page=50), 3),
        (Sessions(120, page=50, total=None), 4),
        (Sessions(120, page=50, total="?"), 4),
        (Sessions(120, ignores_offset=True, total=1000), 2),
    ],
)
async def test_sessions(
    cloud: Cloud, client: PoderoClient, server: Sessions, requests: int
) -> None:
    """All pages, each session once, by plug-in time; every manner of paging comes to an end."""
    path = f"{VEHICLE}/sessions"
    cloud.on("GET", path, server)
    found = await client.sessions(
        USER, DEVICE, start=date(2026, 1, 1), end=date(2026, 1, 31)
    )
    assert [session.id for session in found] == [
        item["id"] for item in reversed(server.items)
    ]
    asked = cloud.asked("GET", path)
    assert len(asked) == requests
    assert asked[0].query == {
        "from": "2026-01-01",
        "to": "2026-01-31",
        "limit": "200",
        "offset": "0",
    }


@pytest.mark.usefixtures("nothing_logged")
@pytest.mark.parametrize(
    ("page", "requests", "count"),
    [(200, 100, 20_000), (1, 100, 100), (7000, 3, 20_000)],
)
async def test_sessions_without_end(
    *,
    cloud: Cloud,
    client: PoderoClient,
    caplog: pytest.LogCaptureFixture,
    page: int,
    requests: int,
    count: int,
) -> None:
    """A total that grows with every page comes to an end all the same, which is logged one time."""
    path = f"{VEHICLE}/sessions"

    async def more(request: web.Request) -> web.Response:
        offset = int(request.query["offset"])
        items = [{"id": f"{number}"} for number in range(offset, offset + page)]
        return web.json_response({"total": offset + 10 * page, "items": items})

    cloud.on("GET", path, more)
    day = date(2026, 1, 1)
    for _ in range(2):
        cloud.seen.clear()
        found = await client.sessions(USER, DEVICE, start=day, end=day)
        assert len(found) == count
        assert len(cloud.asked("GET", path)) == requests
    assert [
        record.getMessage()
        for record in caplog.records
        if record.name == api.__name__ and record.levelno >= logging.WARNING
    ] == ["Podero sent more than 20000 sessions; the rest is left out"]


async def test_sessions_without_times_or_ids(
    cloud: Cloud, client: PoderoClient
) -> None:
    """What has no time comes first, what has no id not at all; a bare list will do."""
    cloud.on(
        "GET",
        f"{VEHICLE}/sessions",
        reply(
            [
                {"id": "b", "plug_in_time": "2026-01-01T00:00:00Z"},
                {"id": None},
                {"id": "a"},
                {"id": "b"},
            ]
        ),
    )
    found = await client.sessions(
        USER, DEVICE, start=date(2026, 1, 1), end=date(2026, 1, 2)
    )
    assert [session.id for session in found] == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"session": None}, None),
        ({}, None),
        (None, None),
        ({"session": "none"}, None),
        ({"session": {"id": "s", "energy_charged_kwh": 3}}, ("s", 3.0)),
        ({"session": {"id": None, "energy_charged_kwh": 3}}, ("current", 3.0)),
        ({"id": "s", "plug_in_time": None, "energy_charged_kwh": 3}, ("s", 3.0)),
    ],
)
async def test_current_session(
    cloud: Cloud, client: PoderoClient, body: Any, expected: Any
) -> None:
    """The session under way, however it is wrapped, or none."""
    cloud.on("GET", f"{VEHICLE}/sessions/current", reply(body))
    found = await client.current_session(USER, DEVICE)
    assert (found and (found.id, found.energy_charged_kwh)) == expected


@pytest.mark.parametrize(
    "answer",
    [reply("[1, 2"), reply("<h1>Maintenance</h1>"), reply('"text"'), reply("7")],
)
async def test_answers_of_the_wrong_shape(
    cloud: Cloud, client: PoderoClient, answer: Handler
) -> None:
    """A whole answer that is something else is an error that names the request."""
    day = datetime(2026, 1, 1, tzinfo=UTC)
    span = {"start": date(2026, 1, 1), "end": date(2026, 1, 1)}
    for path, call in (
        (USERS, client.users),
        (INVERTERS, lambda: client.devices(Inverter, USER)),
        (INVERTER, lambda: client.device(Inverter, USER, DEVICE)),
        (f"{INVERTER}/data", lambda: client.series(USER, DEVICE, start=day, end=day)),
        (
            f"{VEHICLE}/sessions",
            lambda: client.sessions(USER, DEVICE, **span),
        ),
        (f"{VEHICLE}/sessions/current", lambda: client.current_session(USER, DEVICE)),
        (f"{VEHICLE}/charge-policy", lambda: client.charge_policy(USER, DEVICE)),
        (
            f"{INVERTER}/savings",
            lambda: client.savings(Inverter, USER, DEVICE, start=day, end=day),
        ),
        (
            f"{WALLBOX}/hems-sessions",
            lambda: client.solar_sessions(USER, DEVICE, **span),
        ),
        (
            f"{WALLBOX}/hems-sessions/current",
            lambda: client.current_solar_session(USER, DEVICE),
        ),
        (
            f"{WALLBOX}/hems-sessions/7",
            lambda: client.solar_session(USER, DEVICE, 7),
        ),
        (CONFIG, lambda: client.charging_config(USER)),
    ):
        cloud.on("GET", path, answer)
        with pytest.raises(PoderoResponseError) as caught:
            await call()
        assert caught.value.request == f"GET {path}"
        assert caught.value.status == 200


async def test_lists_and_details_are_not_mixed_up(
    cloud: Cloud, client: PoderoClient
) -> None:
    """An object is no list and a list no object."""
    cloud.on("GET", INVERTERS, reply(DETAIL))
    cloud.on("GET", INVERTER, reply([DETAIL]))
    with pytest.raises(PoderoResponseError, match="not a list"):
        await client.devices(Inverter, USER)
    with pytest.raises(PoderoResponseError, match="not an object"):
        await client.device(Inverter, USER, DEVICE)


@pytest.mark.parametrize(
    ("answer", "reads"),
    [
        (reply({**DETAIL, "min_battery_charge": 30}), 0),
        (reply({"min_battery_charge": 30}), 1),
        (reply({**DETAIL, "id": USER}), 1),
        (reply([DETAIL]), 1),
        (reply(status=204), 1),
        (reply("OK"), 1),
    ],
)
async def test_update(
    cloud: Cloud, client: PoderoClient, answer: Handler, reads: int
) -> None:
    """One field goes out; the whole detail comes back, if need be by asking for it."""
    cloud.on("PUT", INVERTER, answer)
    cloud.on("GET", INVERTER, reply({**DETAIL, "min_battery_charge": 30}))
    device = await client.update(Inverter, USER, DEVICE, "min_battery_charge", 30)
    assert device.min_battery_charge == 30
    assert [seen.json for seen in cloud.asked("PUT", INVERTER)] == [
        {"min_battery_charge": 30}
    ]
    assert len(cloud.asked("GET", INVERTER)) == reads


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Inverter, "deleted_at"),
        (ElectricVehicle, "owner"),
        (ElectricVehicle, "lifecycle_state"),
        (HeatPump, "indoor_target_temperature_offset"),
        (Wallbox, "deleted_at"),
    ],
)
async def test_update_of_what_must_stay(
    cloud: Cloud, client: PoderoClient, kind: type[Device], field: str
) -> None:
    """What deletes or re-homes a device never goes out."""
    with pytest.raises(ValueError, match=field):
        await client.update(kind, USER, DEVICE, field, None)
    assert cloud.seen == []


@pytest.mark.parametrize("answer", [reply([]), reply({"mode": "spot"}), reply("OK")])
async def test_update_of_the_charging_config(
    cloud: Cloud, client: PoderoClient, answer: Handler
) -> None:
    """One field goes out; what comes back is the whole configuration, if need be by asking for it."""
    cloud.on("PUT", CONFIG, reply({**CONFIGURATION, "smart_charging_mode": "hems"}))
    found = await client.update_charging_config(USER, "smart_charging_mode", "hems")
    assert found.mode is ChargingMode.HEMS
    assert [seen.json for seen in cloud.asked("PUT", CONFIG)] == [
        {"smart_charging_mode": "hems"}
    ]
    assert cloud.asked("GET", CONFIG) == []
    cloud.on("PUT", CONFIG, answer)
    cloud.on("GET", CONFIG, reply(CONFIGURATION))
    found = await client.update_charging_config(
        USER, "hems_min_export_to_start_w", 2500
    )
    assert found.mode is ChargingMode.SPOT
    with pytest.raises(ValueError, match="min_band_w"):
        await client.update_charging_config(USER, "min_band_w", 1)


@pytest.mark.parametrize("kind", [ElectricVehicle, Wallbox])
async def test_boost(
    cloud: Cloud, client: PoderoClient, kind: type[ElectricVehicle | Wallbox]
) -> None:
    """Started, cancelled, and refused with a reason."""
    path = f"{HOME}/{kind.PATH}/{DEVICE}/boost"
    cloud.on(
        "POST",
        path,
        reply(status=204),
        reply({"state": "ongoing", "reason": "already_charging"}, status=409),
        reply("<p>no", status=409),
    )
    cloud.on("DELETE", path, reply(status=204))
    await client.boost(kind, USER, DEVICE)
    assert cloud.seen[-1].text == ""
    await client.cancel_boost(kind, USER, DEVICE)
    assert cloud.seen[-1].method == "DELETE"
    with pytest.raises(PoderoConflictError) as caught:
        await client.boost(kind, USER, DEVICE)
    assert (caught.value.state, caught.value.reason) == ("ongoing", "already_charging")
    with pytest.raises(PoderoConflictError) as caught:
        await client.boost(kind, USER, DEVICE)
    assert (caught.value.state, caught.value.reason) == (None, None)


async def test_charging_config_and_policy(cloud: Cloud, client: PoderoClient) -> None:
    """How a household charges, and when a vehicle is to be ready."""
    cloud.on("GET", CONFIG, reply(CONFIGURATION))
    assert await client.charging_config(USER) == ChargingConfig(mode=ChargingMode.SPOT)
    cloud.on(
        "GET",
        f"{VEHICLE}/charge-policy",
        reply({"metadata": {}, "data": {"tue": {"charge_deadline": "06:00"}}}),
    )
    policy = await client.charge_policy(USER, DEVICE)
    assert [day and day.charge_deadline for day in policy.days] == [
        None, time(6), None, None, None, None, None,
    ]  # fmt: skip


async def test_savings(cloud: Cloud, client: PoderoClient) -> None:
    """What steering was worth, of every kind of device."""
    start = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    end = start + timedelta(days=31)
    period = {"period": {"start_period": "2026-01-01"}, "savings": {"total": 3}}
    for kind in (Inverter, ElectricVehicle, HeatPump):
        path = f"{HOME}/{kind.PATH}/{DEVICE}/savings"
        cloud.on("GET", path, reply({"metadata": {}, "data": [period]}))
        savings = await client.savings(
            kind, USER, DEVICE, start=start, end=end, resolution=Resolution.DAY
        )
        assert [each.total for each in savings.periods] == [3.0]
        assert cloud.seen[-1].query == {
            "from": "2025-12-31T23:00:00Z",
            "to": "2026-01-31T23:00:00Z",
            "resolution": "1DAY",
        }


async def test_solar_sessions(cloud: Cloud, client: PoderoClient) -> None:
    """All pages, by the start; the current one, or none; and a single one."""
    path = f"{WALLBOX}/hems-sessions"
    items = [
        {"id": 3, "started_at": "2026-06-02T10:00:00Z"},
        {"id": 2, "started_at": "2026-06-01T10:00:00Z"},
        {"id": "x"},
        {"id": 1},
    ]
    cloud.on(
        "GET",
        path,
        reply({"total": 4, "items": items[:2]}),
        reply({"total": 4, "items": items[2:]}),
    )
    found = await client.solar_sessions(
        USER, DEVICE, start=date(2026, 6, 1), end=date(2026, 6, 2)
    )
    assert [session.id for session in found] == [1, 2, 3]
    assert [seen.query for seen in cloud.asked("GET", path)] == [
        {"from": "2026-06-01", "to": "2026-06-02", "limit": "200", "offset": "0"},
        {"from": "2026-06-01", "to": "2026-06-02", "limit": "200", "offset": "2"},
    ]
    assert await client.current_solar_session(USER, DEVICE) is None
    for body in (None, {}, {"session": None}):
        cloud.on("GET", f"{path}/current", reply(body))
        assert await client.current_solar_session(USER, DEVICE) is None
    detail = {"session": {"id": 7}, "decisions": [{"reason": "surplus"}]}
    cloud.on("GET", f"{path}/current", reply({"session": detail}))
    current = await client.current_solar_session(USER, DEVICE)
    assert current is not None
    assert current.decisions[0].reason == "surplus"
    cloud.on("GET", f"{path}/7", reply(detail))
    assert (await client.solar_session(USER, DEVICE, 7)).session.id == 7
    cloud.on("GET", f"{path}/8", reply(detail))
    with pytest.raises(PoderoResponseError, match="not what was asked for"):
        await client.solar_session(USER, DEVICE, 8)


async def test_who_goes_first(
    cloud: Cloud, client: PoderoClient, freezer: FrozenDateTimeFactory
) -> None:
    """Commands go before what is polled, and that before the past."""
    freezer.move_to("2026-11-21 12:00:00")
    gates = [asyncio.Event() for _ in range(4)]
    all_taken = asyncio.Event()

    async def wait(_: web.Request) -> web.Response:
        taken = len(cloud.asked("GET", USERS))
        if taken == len(gates):
            all_taken.set()
        await gates[taken - 1].wait()
        return web.json_response([])

    cloud.on("GET", USERS, wait)
    for path in (f"{INVERTER}/data", f"{HOME}/heat-pumps/{DEVICE}/savings"):
        cloud.on("GET", path, reply({"metadata": {}, "data": []}))
    cloud.on("GET", f"{VEHICLE}/sessions", reply([]))
    cloud.on("GET", INVERTER, reply(DETAIL))
    cloud.on("DELETE", f"{VEHICLE}/boost", reply(status=204))
    cloud.on("PUT", CONFIG, reply(CONFIGURATION))
    occupied = [asyncio.create_task(client.users()) for _ in gates]
    await all_taken.wait()
    old, new, now = date(2026, 9, 1), date(2026, 11, 1), datetime.now(UTC)
    waiting = [
        asyncio.create_task(call)
        for call in (
            client.series(USER, DEVICE, start=now, end=now),
            client.savings(HeatPump, USER, DEVICE, start=now, end=now),
            client.sessions(USER, DEVICE, start=old, end=new),
            client.sessions(USER, DEVICE, start=new, end=new),
            client.device(Inverter, USER, DEVICE),
            client.cancel_boost(ElectricVehicle, USER, DEVICE),
            client.update_charging_config(USER, "smart_charging_mode", "spot"),
        )
    ]
    before = len(cloud.seen)
    gates[0].set()
    await asyncio.gather(*waiting)
    assert [(seen.method, seen.path) for seen in cloud.seen[before:]] == [
        ("DELETE", f"{VEHICLE}/boost"),
        ("PUT", CONFIG),
        ("GET", f"{VEHICLE}/sessions"),
        ("GET", INVERTER),
        ("GET", f"{INVERTER}/data"),
        ("GET", f"{HOME}/heat-pumps/{DEVICE}/savings"),
        ("GET", f"{VEHICLE}/sessions"),
    ]
    for gate in gates:
        gate.set()
    await asyncio.gather(*occupied)


@pytest.mark.parametrize(
    "link",
    [
        f"{CUE}?secret=hush",
        "cues/7/resolve?secret=hush",
        "{url}" + f"{CUE}?secret=hush",
    ],
)
async def test_actions(cloud: Cloud, client: PoderoClient, link: str) -> None:
    """A pending action is started by its link, whichever form it has."""
    cloud.on("POST", CUE, reply({"redirect_url": "https://connect.podero.com/?x=1"}))
    parameters = {
        "successUrl": "https://ha.example/ok",
        "cancelUrl": "https://ha.example/no",
    }
    found = await client.start_action(
        ResolutionLink(url=link.format(url=cloud.url)), parameters
    )
    assert found == "https://connect.podero.com/?x=1"
    assert cloud.seen[-1].query == {"secret": "hush"}
    assert cloud.seen[-1].json == parameters


async def test_read_information(cloud: Cloud, client: PoderoClient) -> None:
    """A message is marked as read with an empty body."""
    path = f"{API}/cues/8/information/resolve"
    cloud.on("POST", path, reply({"action_id": "8"}))
    await client.read_information(
        ResolutionLink(url="/cues/8/information/resolve?secret=s")
    )
    assert [(seen.query, seen.json) for seen in cloud.asked("POST", path)] == [
        ({"secret": "s"}, {})
    ]


async def test_foreign_links_are_not_followed(
    cloud: Cloud, client: PoderoClient
) -> None:
    """Nothing goes out, not even a request for a token."""
    for url in ("https://evil.example/cues/7?secret=hush", CUE):
        with pytest.raises(PoderoResponseError, match="not sent"):
            await client.read_information(ResolutionLink(url=url))
    assert cloud.seen == []


async def test_expired_link_is_no_sign_in_problem(
    cloud: Cloud, client: PoderoClient
) -> None:
    """A link that is refused with 401 twice is expired; the token was fresh."""
    cloud.on("POST", CUE, reply({"detail": "expired hush"}, status=401))
    with pytest.raises(PoderoPermissionError, match="the link was refused") as caught:
        await client.start_action(ResolutionLink(url=f"{CUE}?secret=hush"), {})
    assert "hush" not in str(caught.value)


async def test_auth_session(cloud: Cloud, client: PoderoClient) -> None:
    """A sign-in without an action, and one that Podero has no page for."""
    path = f"{INVERTER}/auth_session"
    cloud.on(
        "POST",
        path,
        reply({"authentication_url": "https://sunny.example/login"}),
        reply({"authentication_url": None}),
    )
    urls = {
        "success_url": "https://ha.example/ok",
        "cancel_url": "https://ha.example/no",
    }
    assert (
        await client.auth_session(Inverter, USER, DEVICE, **urls)
        == "https://sunny.example/login"
    )
    assert cloud.seen[-1].json == urls
    with pytest.raises(PoderoResponseError, match="https address"):
        await client.auth_session(Inverter, USER, DEVICE, **urls)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, PoderoResponseError),
        (400, PoderoBadRequestError),
        (403, PoderoPermissionError),
        (404, PoderoNotFoundError),
        (410, PoderoNotFoundError),
        (418, PoderoResponseError),
        (422, PoderoBadRequestError),
        (429, PoderoRateLimitedError),
        (500, PoderoResponseError),
        (503, PoderoResponseError),
    ],
)
async def test_errors(
    cloud: Cloud, client: PoderoClient, status: int, kind: type[PoderoError]
) -> None:
    """Each status has its error, which says what was asked and, apart from that, what came back."""
    cloud.on(
        "GET",
        USERS,
        reply(
            {"detail": "Because."},
            status=status,
            headers={"Location": "https://evil.example"},
        ),
    )
    with pytest.raises(PoderoError) as caught:
        await client.users()
    assert type(caught.value) is kind
    assert caught.value.request == f"GET {USERS}"
    assert (caught.value.status, caught.value.detail) == (status, "Because.")
    assert str(status) in str(caught.value)
    assert "Because." not in str(caught.value)
    assert len(cloud.asked("GET", USERS)) == 1


async def test_expired_token_is_renewed_once(
    cloud: Cloud, client: PoderoClient
) -> None:
    """A 401 gets a fresh token and a second chance, also when many are hit at once."""

    async def guarded(request: web.Request) -> web.Response:
        if request.headers["Authorization"] == "Bearer token-1":
            return web.json_response({"detail": "Unauthorized"}, status=401)
        return web.json_response([])

    cloud.on("GET", USERS, guarded)
    assert await asyncio.gather(*(client.users() for _ in range(10))) == [[]] * 10
    assert len(cloud.asked("POST", TOKEN)) == 2


async def test_fresh_token_refused(cloud: Cloud, client: PoderoClient) -> None:
    """A token that is refused although it is fresh means that the sign-in is no longer good."""
    cloud.on("GET", USERS, reply({"detail": "Unauthorized"}, status=401))
    with pytest.raises(PoderoAuthenticationError) as caught:
        await client.users()
    assert caught.value.detail == "Unauthorized"
    assert caught.value.retry_after == pytest.approx(300)
    assert len(cloud.asked("GET", USERS)) == len(cloud.asked("POST", TOKEN)) == 2


async def test_four_at_once(cloud: Cloud, client: PoderoClient) -> None:
    """No more than four requests are under way at any time."""
    under_way: list[int] = [0]
    most: list[int] = []

    async def busy(_: web.Request) -> web.Response:
        under_way[0] += 1
        most.append(under_way[0])
        for _turn in range(20):
            await asyncio.sleep(0)
        under_way[0] -= 1
        return web.json_response([])

    cloud.on("GET", USERS, busy)
    await asyncio.gather(*(client.users() for _ in range(16)))
    assert len(most) == 16
    assert max(most) == 4


@pytest.mark.parametrize(
    ("status", "headers", "pause"),
    [
        (429, {"Retry-After": "120"}, 120),
        (429, {}, 60),
        (429, {"Retry-After": "junk"}, 60),
        (429, {"Retry-After": "-5"}, 60),
        (429, {"Retry-After": "999999"}, 3600),
        (429, {"Retry-After": "Sat, 21 Nov 2026 12:05:00 GMT"}, 300),
        (429, {"Retry-After": "Sat, 21 Nov 2026 11:05:00 GMT"}, 60),
        (503, {"Retry-After": "30"}, 30),
    ],
)
async def test_pause(
    *,
    cloud: Cloud,
    client: PoderoClient,
    freezer: FrozenDateTimeFactory,
    status: int,
    headers: dict[str, str],
    pause: int,
) -> None:
    """While Podero wants a pause nothing goes out, and everybody hears how long it is."""
    freezer.move_to("2026-11-21 12:00:00")
    cloud.on("GET", USERS, reply(status=status, headers=headers), reply([]))
    with pytest.raises(PoderoError) as caught:
        await client.users()
    assert caught.value.retry_after == pytest.approx(pause)
    sent = len(cloud.seen)
    freezer.tick(pause - 1)
    with pytest.raises(PoderoRateLimitedError, match="pause of 1 s") as limited:
        await client.device(Inverter, USER, DEVICE)
    assert limited.value.retry_after == pytest.approx(1)
    assert limited.value.status is None
    assert len(cloud.seen) == sent
    freezer.tick(2)
    assert await client.users() == []


async def test_no_pause_for_good_answers(cloud: Cloud, client: PoderoClient) -> None:
    """A Retry-After beside a good answer or without an error status is nothing to heed."""
    cloud.on(
        "GET",
        USERS,
        reply([], headers={"Retry-After": "100"}),
        reply(status=304, headers={"Retry-After": "100"}),
        reply(status=500),
        reply([]),
    )
    assert await client.users() == []
    for _ in range(2):
        with pytest.raises(PoderoResponseError) as caught:
            await client.users()
        assert caught.value.retry_after is None
    assert await client.users() == []


async def test_those_in_the_queue_hear_of_the_pause(
    cloud: Cloud, client: PoderoClient
) -> None:
    """Who waited for a place while a 429 came is not sent any more."""
    cloud.on("GET", USERS, reply(status=429, headers={"Retry-After": "60"}))
    found = await asyncio.gather(
        *(client.users() for _ in range(20)), return_exceptions=True
    )
    assert {type(error) for error in found} == {PoderoRateLimitedError}
    assert len(cloud.asked("GET", USERS)) <= 8


async def test_busy_token_endpoint_pauses_too(
    cloud: Cloud, client: PoderoClient
) -> None:
    """A 429 of the token endpoint holds for the resources as well."""
    cloud.on("POST", TOKEN, reply(status=429, headers={"Retry-After": "90"}))
    for _ in range(2):
        with pytest.raises(PoderoRateLimitedError):
            await client.users()
    assert [seen.path for seen in cloud.seen] == [TOKEN]


async def test_statistics(
    cloud: Cloud, client: PoderoClient, freezer: FrozenDateTimeFactory
) -> None:
    """Requests and failures are counted, the last ten failures kept."""
    freezer.move_to("2026-11-21 12:00:00")
    cloud.on("GET", USERS, reply([]))
    cloud.on("GET", INVERTERS, reply({"detail": "Broken"}, status=500))
    await client.users()
    freezer.tick(3000)
    for _ in range(12):
        with pytest.raises(PoderoResponseError):
            await client.devices(Inverter, USER)
    statistics = client.statistics
    assert (statistics.requests, statistics.requests_last_hour, statistics.errors) == (
        13,
        13,
        12,
    )
    assert len(statistics.last_errors) == 10
    moment, said = statistics.last_errors[-1]
    assert moment == datetime(2026, 11, 21, 12, 50, tzinfo=UTC)
    assert said == f"GET {INVERTERS}: answered 500"
    freezer.tick(700)
    assert (statistics.requests, statistics.requests_last_hour) == (13, 12)
