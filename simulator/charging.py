"""How a household charges: its mode, its thresholds, and what is possible."""

from dataclasses import dataclass
from typing import Literal

ChargingMode = Literal["none", "spot", "hems", "hems_and_spot"]
CHARGING_MODES: tuple[ChargingMode, ...] = ("none", "spot", "hems", "hems_and_spot")
MIN_BAND_W = 1400
"""Start and stop threshold have to come to this: what the least charging power makes of an export."""


def follows_sun(mode: ChargingMode) -> bool:
    """Whether a mode charges what would be exported."""
    return mode in {"hems", "hems_and_spot"}


@dataclass(kw_only=True)
class ChargingSettings:
    """What a household may set for all its charging devices."""

    mode: ChargingMode
    hems_min_export_to_start_w: float = 2000
    hems_max_import_before_stopping_w: float = 500


def available_modes(sun: list[str], price: list[str]) -> dict[ChargingMode, list[str]]:
    """Return the modes with why they are not available, from what sun and price lack."""
    return {
        "none": [],
        "spot": price,
        "hems": sun,
        "hems_and_spot": [*sun, *price],
    }
