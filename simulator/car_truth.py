"""What the simulation knows of a car's charging at a moment: the truth behind the API's answers."""

from .car import Car
from .times import iso


def status_of(car: Car, now: int) -> str:
    """Return why a car charges or not, from what moves it in the simulation.

    Returns:
        One of ``not_plugged_in``, ``boosting``, ``boost_requested``, ``charging``, ``fully_charged``,
        ``waiting_for_plan``, ``interrupted``, ``not_optimized`` and ``waiting``.
    """
    session = car.session_at(now)
    if session is None:
        return "not_plugged_in"
    phase = car.boost_phase(now)
    if phase in {"ongoing", "requested"}:
        return "boosting" if phase == "ongoing" else "boost_requested"
    if car.power_at(now) > 0:
        return "charging"
    if car.is_full(now):
        return "fully_charged"
    window = session.planned_at(now)
    if window is not None and now < window[0]:
        return "waiting_for_plan"
    if window is not None and now < window[1]:
        return "interrupted"
    if not car.settings.is_smart_optimization_active:
        return "not_optimized"
    return "waiting"


def truth_of(car: Car, now: int) -> dict[str, object]:
    """Return the status and what belongs to it.

    Returns:
        ``status`` (see :func:`status_of`); ``planned_start``, ``planned_end`` and ``planned_target`` of a
        window that is ahead or under way; ``deadline`` and ``target`` of the session; ``level`` in percent;
        ``power_w``; ``missing_wh`` at the plug until the target; ``stalled``. Times are the API's text.
    """
    session = car.session_at(now)
    window = None if session is None else session.planned_at(now)
    ahead = window is not None and now < window[1]
    missing = max(0.0, car.target_at(now) - car.level_at(now)) / 100 * car.capacity_wh
    return {
        "status": status_of(car, now),
        "planned_start": iso(window[0]) if ahead and window else None,
        "planned_end": iso(window[1]) if ahead and window else None,
        "planned_target": session.target_pct if ahead and session else None,
        "deadline": iso(session.deadline) if session else None,
        "target": session.target_pct if session else None,
        "level": car.level_at(now),
        "power_w": car.power_at(now),
        "missing_wh": round(missing / 0.9),
        "stalled": car.state.stalled,
    }
