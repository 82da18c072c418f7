"""The checks of ``scripts/demo --check``; each returns what differs."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from scripts.demonstration.comparison import ENOUGH, Comparison, compare
from scripts.demonstration.home_assistant import HomeAssistant
from scripts.demonstration.household import Device
from scripts.demonstration.log import complaints
from scripts.demonstration.podero import Podero

AGREE_SECONDS = 30


async def run(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    folder: Path,
    step: Callable[[str], None],
) -> list[str]:
    """Run every check; return all differences, none when everything is right."""
    return [
        *await check_states(home, podero, devices, step),
        *await check_log(folder, step),
    ]


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


async def check_states(
    home: HomeAssistant,
    podero: Podero,
    devices: list[Device],
    step: Callable[[str], None],
) -> list[str]:
    """Compare every state of every device with what Podero says of it.

    The simulator's clock stands still meanwhile: all its answers are about the
    same moment, and Home Assistant's must be once it has asked again.
    """
    await podero.freeze()
    await enable_everything(home)
    details = {device: await podero.request("GET", device.path) for device in devices}
    for device in devices:
        entry = (await home.entities())[f"{device.id}_last_update"]
        await home.action("homeassistant.update_entity", entity_id=entry["entity_id"])

    async def look() -> dict[Device, Comparison]:
        entities, states = await home.entities(), await home.states()
        return {
            device: compare(device.kind, detail, entities, states)
            for device, detail in details.items()
        }

    results = await look()
    try:
        async with asyncio.timeout(AGREE_SECONDS):
            while any(result.differences for result in results.values()):
                await asyncio.sleep(0.5)
                results = await look()
    except TimeoutError:
        pass
    differences: list[str] = []
    for device, result in results.items():
        step(f"{device.name}: {result.agreed} live values agree with Podero's")
        differences += result.differences
        if result.agreed < (enough := ENOUGH[device.kind]):
            differences.append(f"{device.name}: {enough} values were to agree")
    return differences


async def check_log(folder: Path, step: Callable[[str], None]) -> list[str]:
    """Look for warnings and errors that name the integration."""
    found = await asyncio.to_thread(complaints, folder / "home-assistant.log")
    if not found:
        step("the log has no warning or error that names podero")
    return [f"the log has: {record}" for record in found]
