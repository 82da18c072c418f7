"""Everything that may happen."""

from . import clouds, homes
from .life import Event

EVENTS: dict[Event, float] = {
    clouds.bad_days: 1.5,
    clouds.outage: 1,
    clouds.long_outage: 0.06,
    clouds.slow: 2,
    clouds.too_many: 0.3,
    clouds.stale: 0.3,
    clouds.junk: 0.7,
    clouds.lost_tokens: 1,
    clouds.refused_token: 0.3,
    clouds.refused_for_long: 0.05,
    clouds.refused_past: 0.4,
    clouds.other_limits: 0.5,
    clouds.spoilt_data: 1,
    clouds.corrected_session: 0.4,
    clouds.device_away: 0.4,
    clouds.new_device: 0.05,
    clouds.action_needed: 0.4,
    clouds.household_away: 0.12,
    homes.reload: 0.6,
    homes.restart: 0.3,
    homes.crash: 0.4,
    homes.copied: 1,
    homes.locked: 0.3,
    homes.wrong_clock: 0.15,
    homes.control: 0.25,
    homes.press: 0.5,
    homes.look_closer: 0.5,
    homes.import_history: 0.6,
    homes.clear_history: 0.04,
    homes.actions: 0.7,
}
"""What happens in a life, and how often a day."""
