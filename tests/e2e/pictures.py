"""Pictures for the documentation: small, and replaced only when they look different."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from scripts.demonstration.home_assistant import ROOT

from .clock import LIBRARY
from .homes import FOLDER

# In the present, everything looks different every time.
PICTURES = ROOT / "docs" / "images" if LIBRARY else FOLDER / "images"
COLORS = 128
LARGEST = 200_000  # bytes

# What two runs differ by: antialiasing, and the minute that a clock shows.
FAINT = 40
FEW = 0.0006


def look_alike(one: Image.Image, other: Image.Image) -> bool:
    """Return whether a person would call two pictures the same."""
    if one.size != other.size:
        return False
    apart = ImageChops.difference(one.convert("L"), other.convert("L"))
    changed = sum(apart.histogram()[FAINT:])
    return changed <= FEW * one.width * one.height


def keep(name: str, screenshot: bytes) -> Path:
    """Store a screenshot under a name, unless the stored one looks the same."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.open(BytesIO(screenshot)).convert("RGB")
    small = picture.quantize(COLORS, dither=Image.Dither.NONE)
    if path.exists():
        with Image.open(path) as stored:
            if look_alike(small.convert("RGB"), stored.convert("RGB")):
                return path
    small.save(path, optimize=True)
    assert path.stat().st_size < LARGEST, f"{path.name} is too large"
    return path
