"""Time series as the API serves them, with all its possible oddities."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

from .car import Car
from .chance import dice
from .heat_pump import HeatPump
from .site import Site
from .times import QUARTER, QUARTERS_A_DAY, iso_quarter, to_date, to_day

type Row = dict[str, float | None]
"""The values of a point by field."""
type Rows = dict[int, Row]
"""Rows by the index of the quarter, in the order in which they are served."""

INVERTER_FIELDS = (
    "price", "solar_production_w", "export_power_to_grid_w", "household_consumption_w",
    "battery_charge_level_percent", "battery_charge_discharge_power_w",
    "estimated_consumption", "unoptimized_consumption",
)  # fmt: skip
VEHICLE_FIELDS = (
    "price", "battery_level", "is_charging", "is_plugged_in", "is_at_optimized_location",
    "estimated_consumption", "unoptimized_consumption",
)  # fmt: skip
HEAT_PUMP_FIELDS = (
    "price", "inlet_temp_act", "hot_water_temp", "estimated_consumption",
    "unoptimized_consumption",
)  # fmt: skip
UNITS_OF_PRICE = {"EUR/MWh": 1.0, "EUR/kWh": 0.001, "ct/kWh": 0.1}


class DistortionKind(StrEnum):
    """How a series can be spoilt."""

    MISSING = "missing"
    """Points are not there."""
    NULL = "null"
    """Points are empty."""
    PRELIMINARY = "preliminary"
    """Solar, home and battery are off by ``factor`` until corrected; the balance still holds."""
    LATE = "late"
    """What is younger than ``seconds`` is kept back."""
    SHUFFLED = "shuffled"
    DUPLICATED = "duplicated"


@dataclass(kw_only=True)
class Distortion:
    """What is wrong with a part of a series, and how long."""

    kind: DistortionKind
    device_id: str | None = None
    """None for all."""
    start: int | None = None
    end: int | None = None
    """It strikes quarters that start from ``start`` on and before ``end``."""
    until: int | None = None
    """Simulated time at which it is over."""
    probability: float = 1.0
    """Share of the quarters struck; always the same ones."""
    factor: float = 0.9
    seconds: int = 0

    def applies(self, device_id: str, now: int) -> bool:
        """Whether it is in force for a device."""
        return self.device_id in {None, device_id} and (
            self.until is None or now < self.until
        )

    def strikes(self, index: int, now: int) -> bool:
        """Whether it concerns a quarter."""
        start = index * QUARTER
        if self.kind == "late":
            return start + QUARTER > now - self.seconds
        return (
            (self.start is None or start >= self.start)
            and (self.end is None or start < self.end)
            and (
                self.probability >= 1
                or dice(self.kind, index).random() < self.probability
            )
        )

    def to_json(self) -> dict[str, object]:
        """Return the rule as it can be posted, times in seconds."""
        return asdict(self)


def of_site(site: Site, first: int, last: int, *, price_factor: float) -> Rows:
    """Return the rows of an inverter from index ``first`` up to, without, ``last``."""
    first = max(first, site.first)
    span = slice(first - site.first, max(first, last) - site.first)
    rows: Rows = {}
    columns = (site.solar, site.home, site.power, site.level, site.price)
    for index, (solar, home, power, level, price) in enumerate(
        zip(*(column[span] for column in columns), strict=True), first
    ):
        grid = solar - home + power
        rows[index] = {
            "price": round(price / 100 * price_factor, 6),
            "solar_production_w": solar,
            "export_power_to_grid_w": grid,
            "household_consumption_w": home,
            "battery_charge_level_percent": None if level < 0 else level / 10,
            "battery_charge_discharge_power_w": None if level < 0 else power,
            # Wh from the grid, as it is and without a battery
            "estimated_consumption": max(0, -grid) / 4,
            "unoptimized_consumption": max(0, home - solar) / 4,
        }
    return rows


def of_car(car: Car, first: int, last: int, *, price_factor: float) -> Rows:
    """Return the rows of a vehicle from index ``first`` up to, without, ``last``."""
    rows: Rows = {}
    for index in range(max(first, car.first), last):
        start = index * QUARTER
        row = index - car.first
        rows[index] = {
            "price": round(car.prices.at(index) / 100 * price_factor, 6),
            "battery_level": car.level[row] // 10,
            "is_charging": car.power[row] > 0,
            "is_plugged_in": car.session_at(start) is not None,
            "is_at_optimized_location": car.trips.at(start) is None,
            "estimated_consumption": car.power[row] / 4,
            "unoptimized_consumption": car.plain_power[row] / 4,
        }
    return rows


def of_heat_pump(pump: HeatPump, first: int, last: int, *, price_factor: float) -> Rows:
    """Return the rows of a heat pump from index ``first`` up to, without, ``last``."""
    rows: Rows = {}
    for index in range(max(first, pump.first), last):
        row = index - pump.first
        rows[index] = {
            "price": round(pump.prices.at(index) / 100 * price_factor, 6),
            "inlet_temp_act": pump.water_temperatures(index)[0],
            "hot_water_temp": pump.tank[row] / 100,
            "estimated_consumption": pump.power[row] / 4,
            "unoptimized_consumption": pump.plain_power[row] / 4,
        }
    return rows


def distort(rows: Rows, rules: Sequence[Distortion], device_id: str, now: int) -> Rows:
    """Apply to rows what concerns single points."""
    for rule in rules:
        if not rule.applies(device_id, now) or rule.kind in {"shuffled", "duplicated"}:
            continue
        struck = [index for index in rows if rule.strikes(index, now)]
        for index in struck:
            row = rows[index]
            if rule.kind in {"missing", "late"}:
                del rows[index]
            elif rule.kind == "null":
                rows[index] = dict.fromkeys(row)
            else:
                _scale(row, rule.factor)
    return rows


def _scale(row: Row, factor: float) -> None:
    if "solar_production_w" not in row:
        return
    grid = 0.0
    for name, sign in (
        ("solar_production_w", 1),
        ("household_consumption_w", -1),
        ("battery_charge_discharge_power_w", 1),
    ):
        if (value := row.get(name)) is not None:
            row[name] = round(value * factor)
            grid += sign * round(value * factor)
    row["export_power_to_grid_w"] = grid


def without_imports(rows: Rows) -> Rows:
    """Return the rows with a grid power that is never negative."""
    for row in rows.values():
        if (grid := row["export_power_to_grid_w"]) is not None:
            row["export_power_to_grid_w"] = max(0, grid)
    return rows


_BUCKETS: dict[str, Callable[[int], int]] = {
    "15MIN": lambda index: index,
    "1HOUR": lambda index: index - index % 4,
    "1DAY": lambda index: index - index % QUARTERS_A_DAY,
    # 1 January 1970 was a Thursday
    "1WEEK": lambda index: index - (index + 3 * QUARTERS_A_DAY) % (7 * QUARTERS_A_DAY),
    "1MONTH": lambda index: (
        to_day(to_date(index // QUARTERS_A_DAY).replace(day=1)) * QUARTERS_A_DAY
    ),
}
RESOLUTIONS = tuple(_BUCKETS)


def aggregate(rows: Rows, resolution: str) -> Rows:
    """Means (sums of Wh, any of booleans) of the rows there are in each bucket."""
    bucket = _BUCKETS[resolution]
    if resolution == "15MIN":
        return rows
    groups: dict[int, list[Row]] = {}
    for index, row in rows.items():
        groups.setdefault(bucket(index), []).append(row)
    return {start: _merge(group) for start, group in groups.items()}


def _merge(group: list[Row]) -> Row:
    merged: Row = {}
    for name in group[0]:
        values = [value for row in group if (value := row[name]) is not None]
        if not values:
            merged[name] = None
        elif isinstance(values[0], bool):
            merged[name] = any(values)
        elif name.endswith("consumption"):
            merged[name] = sum(values)
        else:
            merged[name] = sum(values) / len(values)
    return merged


def points(
    rows: Rows,
    fields: Sequence[str],
    rules: Sequence[Distortion],
    device_id: str,
    now: int,
) -> Iterator[dict[str, object]]:
    """Return the answer's points, in an order that the rules may spoil."""
    kinds = {rule.kind for rule in rules if rule.applies(device_id, now)}
    order = list(rows)
    if "duplicated" in kinds:
        order += order[:: max(1, len(order) // 20)]
    if "shuffled" in kinds:
        dice(device_id, "order", len(order)).shuffle(order)
    for index in order:
        row = rows[index]
        yield {"time": iso_quarter(index), **{name: row[name] for name in fields}}
