"""The checks of ``scripts/demo --check``; each returns what differs.

The simulator's clock stands still meanwhile: all its answers are about the same
moment, and Home Assistant's must be once it has asked again.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from scripts.demonstration.charging import check_calendar, expected_of_sessions
from scripts.demonstration.comparison import (
    ENOUGH,
    Comparison,
    Expected,
    compare,
    expected_of_detail,
)
from scripts.demonstration.energy import check_dashboard, check_figures
from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.household import CAR, Device
from scripts.demonstration.log import complaints
from scripts.demonstration.podero import Podero

AGREE_SECONDS = 15
LATER = timedelta(hours=5)
LATER_TIMES = 3

type Step = Callable[[str], None]


async def run(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    folder: Path,
    step: Step,
) -> list[str]:
    """Run every check; return all differences, none when everything is right."""
    now = await podero.now()
    return [
        *await check_energy(home, podero, devices, now, step),
        *await check_calendars(home, podero, devices, now, step),
        *await check_states(home, podero, devices, now, step),
        *await check_later(home, podero, devices, step),
        *await check_names(home, podero, step),
        *await check_log(folder, step),
    ]


async def check_energy(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    now: datetime,
    step: Step,
) -> list[str]:
    """Compare the Energy dashboard of yesterday with what truly was."""
    agreed, differences = await check_figures(home, podero, devices, now)
    step(f"Energy dashboard: {agreed} figures of yesterday agree with Podero's")
    return differences + await check_dashboard(home, devices)


async def check_calendars(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    now: datetime,
    step: Step,
) -> list[str]:
    """Compare each car's calendar with its sessions."""
    differences: list[str] = []
    for device in devices:
        if device.kind == CAR:
            agreed, found = await check_calendar(home, podero, device, now)
            step(f"{device.name}: {agreed} sessions are in the calendar")
            differences += found
    return differences


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


async def refresh(home: HomeAssistant, device: Device) -> None:
    """Have Home Assistant ask for everything about a device."""
    keys = ("last_update", "last_session_energy")
    entities = await home.entities()
    await home.action(
        "homeassistant.update_entity",
        entity_id=[
            entry["entity_id"]
            for key in keys
            if (entry := entities.get(f"{device.id}_{key}"))
        ],
    )


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


async def check_states(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    now: datetime,
    step: Step,
) -> list[str]:
    """Compare every state of every device with what Podero says of it."""
    await enable_everything(home)
    expectations: dict[Device, list[Expected]] = {}
    for device in devices:
        detail = await podero.request("GET", device.path)
        expectations[device] = expected_of_detail(device.kind, detail)
        if device.kind == CAR:
            expectations[device] += await expected_of_sessions(podero, device, now)
        await refresh(home, device)
    differences: list[str] = []
    for device, result in (await settle(home, expectations)).items():
        step(f"{device.name}: {result.agreed} live values agree with Podero's")
        differences += result.differences
        if result.agreed < (enough := ENOUGH[device.kind]):
            differences.append(f"{device.name}: {enough} values were to agree")
    return differences


async def check_later(
    home: HomeAssistant, podero: Podero, devices: list[Device], step: Step
) -> list[str]:
    """Compare again at other times of the day.

    A power of nought has no sign: sun, night, an empty battery and a charging
    car show what one moment may not.
    """
    differences: list[str] = []
    for _ in range(LATER_TIMES):
        await podero.advance(LATER)
        await podero.sign_in()
        expectations: dict[Device, list[Expected]] = {}
        for device in devices:
            detail = await podero.request("GET", device.path)
            expectations[device] = expected_of_detail(device.kind, detail)
            await refresh(home, device)
        results = (await settle(home, expectations)).values()
        agreed = sum(result.agreed for result in results)
        step(f"at {await podero.now():%H:%M} UTC {agreed} live values agree")
        differences += [text for result in results for text in result.differences]
    return differences


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
