"""What a household sets of a car, and what a car carries from one quarter to the next."""

from dataclasses import dataclass

from .sessions import Session


@dataclass(kw_only=True)
class CarSettings:
    """What a household may set."""

    is_smart_optimization_active: bool = True
    is_charge_policy_enabled: bool = True
    minimum_charge_limit: int = 80
    charge_deadline_at: str = "06:00:00"
    minimum_solar_coverage: float = 1
    hems_min_export_to_start_w: int = 2000
    hems_max_import_before_stopping_w: int = 4000
    hems_min_production_to_start_w: int = 3000
    hems_min_production_before_stopping_w: int = 2000


@dataclass(kw_only=True, slots=True)
class CarState:
    """What carries over from one quarter to the next."""

    energy_wh: float
    need_wh: float = 0
    """Still to be charged in this session, counted at the plug."""
    plain_need_wh: float = 0
    """The same had charging begun at once."""
    boost_at: int | None = None
    """When the boost of the session under way was asked for."""
    boost_armed: bool = False
    last_boost_at: int | None = None
    last_boost_end: int | None = None
    last_boost_reason: str | None = None
    boost_late: int = 0
    """Seconds for which the boost asked for last does not show."""
    boost_in_plan: bool = False
    """Whether the car was charging already when that boost was asked for."""
    stalled: bool = False
    """Whether the car takes nothing although it should."""
    next_plan: tuple[int, int] | None = None
    """The window of the session that begins in the quarter under way."""
    session: Session | None = None

    def is_boosting(self, now: int) -> bool:
        """Return whether a boost was asked for and is not over at a time."""
        if self.session is None or not self.session.boosted:
            return False
        return self.boost_at is not None or now < (self.last_boost_end or 0)

    def is_armed(self, now: int) -> bool:
        """Return whether a boost waits for the next session at a time."""
        session = self.session
        if session is not None and now < session.plug_in and session.boosted:
            return True
        return self.boost_armed
