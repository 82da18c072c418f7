"""How a wallbox decides from what the home exports."""

from dataclasses import dataclass

from .charging import ChargingSettings
from .solar_sessions import BOOST, FULL, PRICE, SOLAR, WAITING, Decision

_VOLTS = 230
_MIN_AMPS, _MAX_AMPS = 6, 16
INTERVAL = 300
"""Seconds from one decision to the next while there is something to decide."""


def fit(surplus: float, limit: int) -> tuple[int, int, int]:
    """Return the charging power closest below a surplus, or the least there is.

    Args:
        surplus: W.
        limit: The most there may be, in W.

    Returns:
        Watts, amps and phases.
    """
    three = 3 * _VOLTS
    if surplus >= _MIN_AMPS * three:
        amps = min(_MAX_AMPS, int(surplus // three))
        return min(limit, amps * three), amps, 3
    amps = max(_MIN_AMPS, min(_MAX_AMPS, int(surplus // _VOLTS)))
    return min(limit, amps * _VOLTS), amps, 1


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What a decision is made of. W, Wh, seconds since 1970."""

    time: int
    last: Decision | None
    surplus: int
    """What would be exported without solar charging."""
    measured: int
    """The same, as the meter sees it."""
    planned: int
    """What the car takes by its plan or a boost."""
    missing_wh: float
    """What the car still takes, at the plug."""
    is_stalled: bool
    """Whether the car takes nothing, whatever it is offered."""
    is_boosting: bool
    limit: int
    eur_per_kwh: float | None


def decide(now: Situation, charging: ChargingSettings) -> tuple[Decision, float]:
    """Decide, and return the decision with its amps."""
    last = now.last
    is_on = last is not None and last.state == SOLAR
    drawn = last.power_w if last is not None and is_on else 0

    def make(
        state: str, reason: str, target: int = 0, phases: int = 1, power: int = 0
    ) -> Decision:
        return Decision(
            time=now.time, end=now.time + INTERVAL, state=state, reason=reason,
            export_w=now.measured - drawn, target_w=target, phases=phases, power_w=power,
        )  # fmt: skip

    if now.is_boosting or now.planned:
        late = charging.mode == "hems"
        reason = "deadline_near" if late else "cheap_price"
        state = PRICE
        if now.is_boosting:
            state, reason = BOOST, "boost_requested"
        amps = round(now.planned / 3 / _VOLTS, 1)
        return make(state, reason, now.planned, 3, now.planned), amps
    if now.missing_wh < 20:
        return make(FULL, "fully_charged"), 0
    target, amps, phases = fit(now.measured, now.limit)
    if is_on:
        if target - now.measured > charging.hems_max_import_before_stopping_w:
            return make(WAITING, "import_above_limit"), 0
        enough = now.measured >= target
        reason = "export_followed" if enough else "import_within_limit"
    elif now.measured >= charging.hems_min_export_to_start_w:
        reason = "export_above_start"
    else:
        return make(WAITING, "export_below_start"), 0
    power = min(target, int(now.missing_wh * 3600 / INTERVAL))
    if now.is_stalled:
        power = 0
    decision = make(SOLAR, reason, target, phases, power)
    decision.solar_w = min(power, max(0, now.surplus))
    decision.eur_per_kwh = now.eur_per_kwh
    return decision, amps
