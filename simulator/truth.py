"""What long-term statistics of a span have to come to."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from .series import Rows
from .solar_sessions import SolarSession


def energy_of_site(rows: Rows) -> dict[str, object]:
    """KWh by kind from an inverter's quarters, and level and price as mean, min, max.

    Import and export are the two signs of each quarter's mean grid power.
    """
    kwh: dict[str, float] = dict.fromkeys(
        (
            "solar_energy", "grid_import_energy", "grid_export_energy", "home_energy",
            "battery_charge_energy", "battery_discharge_energy",
        ),
        0.0,
    )  # fmt: skip
    values: dict[str, list[float]] = {"battery_level": [], "price": []}
    for row in rows.values():
        solar, home = row["solar_production_w"], row["household_consumption_w"]
        battery = row["battery_charge_discharge_power_w"]
        if (level := row["battery_charge_level_percent"]) is not None:
            values["battery_level"].append(level)
        if (price := row["price"]) is not None:
            values["price"].append(price)
        if solar is None or home is None:
            continue
        # Not from the grid's own value, which an export-only series cuts off
        grid = solar - home + (battery or 0)
        for kind, power in (
            ("solar_energy", solar),
            ("home_energy", home),
            ("grid_export_energy", grid),
            ("grid_import_energy", -grid),
            ("battery_discharge_energy", battery or 0),
            ("battery_charge_energy", -(battery or 0)),
        ):
            kwh[kind] += max(0, power) / 4000
    statistics = {
        name: {"mean": sum(found) / len(found), "min": min(found), "max": max(found)}
        if found
        else None
        for name, found in values.items()
    }
    return {**kwh, **statistics, "quarters": len(rows)}


def energy_of_heat_pump(rows: Rows) -> dict[str, object]:
    """KWh used, from a heat pump's quarters."""
    used = sum(row["estimated_consumption"] or 0 for row in rows.values())
    return {"consumption_energy": used / 1000, "quarters": len(rows)}


def energy_of_wallbox(
    sessions: Sequence[SolarSession], start: int, end: int
) -> dict[str, object]:
    """KWh charged by the sun between two times, and EUR that saved as far as prices are known."""
    return {
        "solar_charging_energy": sum(item.solar_kwh(start, end) for item in sessions),
        "solar_charging_savings": sum(
            item.savings_eur(start, end) for item in sessions
        ),
    }


_CAR_FIELDS = {
    "charging_energy": "energy_charged_kwh",
    "charging_cost": "actual_cost_eur",
    "charging_savings": "actual_savings_eur",
}


def energy_of_car(
    sessions: Sequence[Mapping[str, object]], start: int, end: int
) -> dict[str, object]:
    """KWh and EUR of the sessions that are over, each spread evenly over its charging time.

    That is the planned window within plug-in and end, or all of it where there is none.
    """
    totals = dict.fromkeys(_CAR_FIELDS, 0.0)
    for session in sessions:
        first, last = _charging_span(session)
        share = max(0, min(last, end) - max(first, start)) / (last - first)
        for kind, field in _CAR_FIELDS.items():
            value = session[field]
            if isinstance(value, int | float):
                totals[kind] += value * share
    return {**totals}


def _charging_span(session: Mapping[str, object]) -> tuple[int, int]:
    def read(name: str) -> int | None:
        text = session[name]
        return (
            int(datetime.fromisoformat(text).timestamp())
            if isinstance(text, str)
            else None
        )

    plug_in, end = (
        read("plug_in_time"),
        read("unplug_time") or read("inferred_session_end"),
    )
    if plug_in is None or end is None:
        msg = "a session that is over has both ends"
        raise ValueError(msg)
    begin, finish = (
        read("desired_charging_start_time"),
        read("desired_charging_end_time"),
    )
    if begin is not None and finish is not None:
        begin, finish = max(begin, plug_in), min(finish, end)
        if begin < finish:
            return begin, finish
    return plug_in, end
