"""A home battery that obeys its limits."""

from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, kw_only=True)
class Battery:
    """What a battery can do. Power is counted at its terminals."""

    capacity_wh: int
    charge_w: int
    discharge_w: int
    round_trip: float = 0.91

    def step(
        self, energy_wh: float, wanted_w: int, low_wh: float, high_wh: float
    ) -> tuple[int, float]:
        """Charge or discharge for a quarter of an hour.

        Args:
            energy_wh: What it holds.
            wanted_w: What it is asked for, positive for discharging.
            low_wh: It is not discharged below this.
            high_wh: It is not charged above this.

        Returns:
            The power it gives (positive) or takes (negative), and what it holds then.
        """
        loss = sqrt(self.round_trip)
        if wanted_w > 0:
            room = int(max(0.0, energy_wh - low_wh) * 4 * loss)
            power = min(wanted_w, self.discharge_w, room)
            return power, energy_wh - power / 4 / loss
        room = int(max(0.0, high_wh - energy_wh) * 4 / loss)
        power = min(-wanted_w, self.charge_w, room)
        return -power, energy_wh + power / 4 * loss
