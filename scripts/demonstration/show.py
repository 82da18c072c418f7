"""The table of what Home Assistant shows."""

from typing import Any

from scripts.demonstration.household import Device

type Json = Any  # whatever a JSON answer holds

HEADINGS = ("entity", "state", "unit")
WIDEST = 48


def table(
    devices: list[Device], entities: dict[str, Json], states: dict[str, Json]
) -> str:
    """Return a table of the devices' states: name, state, unit."""
    lines: list[tuple[str, str, str]] = [HEADINGS]
    for device in devices:
        lines.append((device.name.upper(), "", ""))
        rows = []
        for unique_id, entry in entities.items():
            state = states.get(entry["entity_id"])
            if state is None or not unique_id.startswith(device.id):
                continue
            attributes = state["attributes"]
            name = attributes.get("friendly_name", entry["entity_id"])
            rows.append(
                (
                    f"  {name.removeprefix(device.name).strip()}",
                    state["state"][:WIDEST],
                    attributes.get("unit_of_measurement") or "",
                )
            )
        lines.extend(sorted(rows))
    first, second = (max(len(line[column]) for line in lines) for column in (0, 1))
    return "\n".join(
        f"{name:<{first}}  {state:>{second}}  {unit}".rstrip()
        for name, state, unit in lines
    )
