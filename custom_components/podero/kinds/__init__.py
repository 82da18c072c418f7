"""The kinds of devices, a file each; nothing else knows them."""

from typing import Any

from .electric_vehicle import ELECTRIC_VEHICLE
from .heat_pump import HEAT_PUMP
from .household import HOUSEHOLD
from .inverter import INVERTER
from .kind import Kind
from .wallbox import WALLBOX

# The household comes first, because the other devices are connected through it.
KINDS: tuple[Kind[Any], ...] = (
    HOUSEHOLD,
    INVERTER,
    ELECTRIC_VEHICLE,
    HEAT_PUMP,
    WALLBOX,
)
