"""The checks of ``scripts/demo --check``; each returns what differs.

The simulator's clock stands still meanwhile: all its answers are about the same
moment, and Home Assistant's must be once it has asked again.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path
import time as clock
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import aiohttp

from scripts.demonstration import charging, worth
from scripts.demonstration.comparison import (
    ENOUGH,
    Comparison,
    Expected,
    compare,
    expected_of_detail,
)
from scripts.demonstration.energy import check_dashboard, check_figures
from scripts.demonstration.home_assistant import TIME_ZONE, HomeAssistant
from scripts.demonstration.household import CAR, Device
from scripts.demonstration.log import complaints
from scripts.demonstration.podero import Podero

AGREE_SECONDS = 15
ZONE = ZoneInfo(TIME_ZONE)
# The car is plugged in and waits, still waits, charges, and is away; then it is boosted.
TIMES = (time(14, 52), time(20, 15), time(23, 30), time(12), time(14, 52))
PLAN = {"charging_status": "waiting_for_plan", "planned_target": 80.0}
PLAN_START = time(23)
# A poll every 10 s, and the time that it takes.
BOOST_SECONDS = 12
BOOST_BEGINS = timedelta(minutes=1)

type Step = Callable[[str], None]


@dataclass(kw_only=True)
class Checks:
    """What is checked, and what came of it.

    Attributes:
        home: What shows it.
        podero: What knows the truth.
        devices: What it is about.
        step: Says what was done.
        agreed: How many values agree.
        differences: What differs.
    """

    home: HomeAssistant
    podero: Podero
    devices: list[Device]
    step: Step
    agreed: int = 0
    differences: list[str] = field(default_factory=list)

    def note(self, words: str, agreed: int, differences: Iterable[str]) -> None:
        """Count what agrees and keep what differs."""
        self.agreed += agreed
        self.differences += differences
        self.step(words.format(agreed))

    @property
    def car(self) -> Device:
        """The first car."""
        return next(device for device in self.devices if device.kind == CAR)


async def run(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    folder: Path,
    step: Step,
) -> list[str]:
    """Run every check; return all differences, none when everything is right."""
    checks = Checks(home=home, podero=podero, devices=devices, step=step)
    now = await podero.now()
    await check_energy(checks, now)
    await check_calendars(checks, now)
    await check_states(checks, now)
    await check_later(checks, now)
    await check_boost(checks)
    step(f"{checks.agreed} values agree in all")
    return [
        *checks.differences,
        *await check_names(home, podero, step),
        *await check_log(folder, step),
    ]


async def check_energy(checks: Checks, now: datetime) -> None:
    """Compare the Energy dashboard of yesterday with what truly was."""
    agreed, differences = await check_figures(
        checks.home, checks.podero, checks.devices, now
    )
    differences += await check_dashboard(checks.home, checks.devices)
    words = "Energy dashboard: {} figures of yesterday agree with Podero's"
    checks.note(words, agreed, differences)


async def check_calendars(checks: Checks, now: datetime) -> None:
    """Compare each car's calendar with its sessions."""
    for device in checks.devices:
        if device.kind == CAR:
            agreed, differences = await charging.check_calendar(
                checks.home, checks.podero, device, now
            )
            words = f"{device.name}: {{}} sessions are in the calendar"
            checks.note(words, agreed, differences)


async def enable_everything(home: HomeAssistant) -> None:
    """Enable the entities that are disabled by default, so as to see them too."""
    entries = set()
    for entry in (await home.entities()).values():
        if entry["disabled_by"] is not None:
            await home.call(
                "config/entity_registry/update",
                entity_id=entry["entity_id"],
                disabled_by=None,
            )
            entries.add(entry["config_entry_id"])
    for entry_id in entries:
        await home.request(
            "POST", f"/api/config/config_entries/entry/{entry_id}/reload"
        )


async def refresh(checks: Checks) -> None:
    """Have Home Assistant ask for everything about the devices."""
    entities = await checks.home.entities()
    await checks.home.action(
        "homeassistant.update_entity",
        entity_id=[
            entities[f"{device.id}_{device.probe}"]["entity_id"]
            for device in checks.devices
        ],
    )


async def expect_now(checks: Checks) -> dict[Device, list[Expected]]:
    """Return what the devices must say of this moment."""
    expectations: dict[Device, list[Expected]] = {}
    for device in checks.devices:
        detail = await checks.podero.request("GET", device.path)
        expectations[device] = expected_of_detail(device.kind, detail)
        if device.kind == CAR:
            expectations[device] += await charging.expected_of_plan(
                checks.podero, device
            )
        if device.kind == "wallboxes":
            expectations[device] += charging.expected_of_wallbox(detail)
    return expectations


async def settle(
    home: HomeAssistant, expectations: dict[Device, list[Expected]]
) -> dict[Device, Comparison]:
    """Compare states until they agree, or have had their time to."""

    async def look() -> dict[Device, Comparison]:
        entities, states = await home.entities(), await home.states()
        return {
            device: compare(device.id, expected, entities, states)
            for device, expected in expectations.items()
        }

    results = await look()
    try:
        async with asyncio.timeout(AGREE_SECONDS):
            while any(result.differences for result in results.values()):
                await asyncio.sleep(0.5)
                results = await look()
    except TimeoutError:
        pass
    return results


async def check_states(checks: Checks, now: datetime) -> None:
    """Compare every state of every device with what Podero says of it."""
    podero = checks.podero
    await enable_everything(checks.home)
    expectations = await expect_now(checks)
    for device, expected in expectations.items():
        expected += await worth.expected_savings(podero, device, now)
        expected += await worth.expected_today(podero, device, now)
        if device.kind == CAR:
            expected += await charging.expected_of_sessions(podero, device, now)
            expected += await charging.expected_of_policy(podero, device)
        if device.kind == "wallboxes":
            expected += await charging.expected_of_solar_sessions(podero, device, now)
    await refresh(checks)
    for device, result in (await settle(checks.home, expectations)).items():
        words = f"{device.name}: {{}} live values agree with Podero's"
        checks.note(words, result.agreed, result.differences)
        if result.agreed < (enough := ENOUGH[device.kind]):
            checks.differences.append(f"{device.name}: {enough} values were to agree")


async def check_later(checks: Checks, now: datetime) -> None:
    """Compare again at other times of the day.

    A power of 0 has no sign: sun, night, an empty battery and a charging car show
    what one moment may not.
    """
    for wanted in TIMES:
        now = following(now, wanted)
        await checks.podero.set_clock(now)
        await checks.podero.sign_in()
        expectations = await expect_now(checks)
        if wanted == TIMES[0]:
            check_plan(checks, expectations[checks.car], now)
        await refresh(checks)
        results = (await settle(checks.home, expectations)).values()
        checks.note(
            f"at {wanted:%H:%M} {{}} live values agree",
            sum(result.agreed for result in results),
            [text for result in results for text in result.differences],
        )


def following(now: datetime, wanted: time) -> datetime:
    """Return when it is a time of the day for the next time."""
    local = now.astimezone(ZONE)
    days = 0 if local.time() < wanted else 1
    return datetime.combine(local.date() + timedelta(days), wanted, ZONE)


def check_plan(checks: Checks, expected: list[Expected], now: datetime) -> None:
    """Look whether the simulated car waits for what the documentation says."""
    values = {each.key: each.value for each in expected}
    start = datetime.combine(now.date(), PLAN_START, ZONE)
    differences = [
        f"at {now:%H:%M} {key} was to be {wanted}, not {values[key]}"
        for key, wanted in (PLAN | {"planned_start": start}).items()
        if values[key] != wanted
    ]
    checks.note(f"at {now:%H:%M} the car waits for {start:%H:%M}", 0, differences)


async def check_boost(checks: Checks) -> None:
    """Boost the car; its status must say so before long."""
    home, car = checks.home, checks.car
    entities = await home.entities()
    await home.action(
        "button.press", entity_id=[entities[f"{car.id}_boost"]["entity_id"]]
    )
    await checks.podero.advance(BOOST_BEGINS)
    start = clock.monotonic()
    boosting = Expected(
        key="charging_status", value="boosting", unit=None, because="the boost"
    )
    result = (await settle(home, {car: [boosting]}))[car]
    seconds = clock.monotonic() - start
    differences = list(result.differences)
    if seconds > BOOST_SECONDS:
        differences.append(f"the boost showed after {seconds:.1f} s")
    words = f"{seconds:.1f} s after a boost began the car says so"
    checks.note(words, result.agreed, differences)


async def check_names(home: HomeAssistant, podero: Podero, step: Step) -> list[str]:
    """Look whether anything is answered under another name than this machine's."""
    differences: list[str] = []
    addresses = {
        "Home Assistant's first page": f"{home.url}/",
        "the ways to sign in": f"{home.url}/auth/providers",
        "the link": home.link,
        "the simulator's overview": f"{podero.url}/_simulator/",
    }
    async with aiohttp.ClientSession() as session:
        for name, address in addresses.items():
            host = f"evil.example:{urlsplit(address).port}"
            async with session.get(
                address, headers={"Host": host}, allow_redirects=False
            ) as response:
                if response.status < 400:
                    differences.append(f"{name}: {response.status} for {host}")
    if not differences:
        step(f"{len(addresses)} addresses answer to nothing but their own names")
    return differences


async def check_log(folder: Path, step: Step) -> list[str]:
    """Look for warnings and errors that name the integration."""
    found = await asyncio.to_thread(complaints, folder / "home-assistant.log")
    if not found:
        step("the log has no warning or error that names podero")
    return [f"the log has: {record}" for record in found]
