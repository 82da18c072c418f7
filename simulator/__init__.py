"""A Podero cloud that runs on your machine, for the demo, the tests and everything that goes wrong."""

from .cloud import Family
from .conventions import Conventions
from .cues import Cue
from .devices import Device, Kind
from .faults import Fault
from .requests import Request
from .series import Distortion, DistortionKind
from .server import Simulator
from .world import World

__all__ = [
    "Conventions",
    "Cue",
    "Device",
    "Distortion",
    "DistortionKind",
    "Family",
    "Fault",
    "Kind",
    "Request",
    "Simulator",
    "World",
]
