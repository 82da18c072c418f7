"""Draw the integration's icon and logo into custom_components/podero/brand.

A house with the sun behind its roof and a bolt in its wall, drawn for this
project. Everything is laid out on a square of 1000 units, painted much larger
than needed and scaled down, which makes the edges smooth.
"""

from dataclasses import dataclass
import math
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

BRAND = Path(__file__).parents[1] / "custom_components" / "podero" / "brand"
UNITS = 1000
SCALE = 4  # pixels painted for each unit

type Point = tuple[float, float]
type Colour = tuple[int, int, int]

SUN_CENTRE: Point = (676, 318)
SUN_RADIUS = 168
RAYS = 12
RAY_FROM, RAY_TO, RAY_WIDTH = 212, 286, 40
HALO = 34

HOUSE: tuple[Point, ...] = (
    (64, 520),
    (430, 196),
    (796, 520),
    (722, 520),
    (722, 908),
    (138, 908),
    (138, 520),
)
HOUSE_CORNER = 46
BOLT: tuple[Point, ...] = (
    (492, 434),
    (300, 690),
    (414, 690),
    (366, 866),
    (562, 606),
    (446, 606),
)
BOLT_CORNER = 12

LOGO_HEIGHT = 256
LETTERS = 640
GAP = 90


@dataclass(frozen=True, kw_only=True)
class Palette:
    """The colours for one kind of background."""

    house: Colour
    sun: Colour
    bolt: Colour
    letters: Colour


PALETTES = {
    "": Palette(
        house=(13, 110, 106),
        sun=(250, 176, 30),
        bolt=(255, 255, 255),
        letters=(18, 59, 66),
    ),
    "dark_": Palette(
        house=(47, 190, 173),
        sun=(255, 198, 74),
        bolt=(10, 41, 46),
        letters=(236, 246, 245),
    ),
}


def rounded(mask: ImageDraw.ImageDraw, points: tuple[Point, ...], by: float) -> None:
    """Fill a polygon, grown by a round pen of the given radius."""
    scaled = [(x * SCALE, y * SCALE) for x, y in points]
    mask.polygon(scaled, fill=255)
    radius = by * SCALE
    mask.line([*scaled, scaled[0]], fill=255, width=round(2 * radius))
    for x, y in scaled:
        mask.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def house(grown: float = 0) -> Image.Image:
    """Return the house's outline as a mask."""
    mask = Image.new("L", (UNITS * SCALE, UNITS * SCALE), 0)
    rounded(ImageDraw.Draw(mask), HOUSE, HOUSE_CORNER + grown)
    return mask


def bolt() -> Image.Image:
    """Return the bolt as a mask."""
    mask = Image.new("L", (UNITS * SCALE, UNITS * SCALE), 0)
    rounded(ImageDraw.Draw(mask), BOLT, BOLT_CORNER)
    return mask


def sun() -> Image.Image:
    """Return the sun and its rays, less the part behind the house, as a mask."""
    mask = Image.new("L", (UNITS * SCALE, UNITS * SCALE), 0)
    draw = ImageDraw.Draw(mask)
    x, y = SUN_CENTRE
    draw.circle((x * SCALE, y * SCALE), SUN_RADIUS * SCALE, fill=255)
    for number in range(RAYS):
        angle = math.tau * number / RAYS
        ends = [
            (x + distance * math.cos(angle), y + distance * math.sin(angle))
            for distance in (RAY_FROM, RAY_TO)
        ]
        draw.line(
            [(a * SCALE, b * SCALE) for a, b in ends],
            fill=255,
            width=RAY_WIDTH * SCALE,
        )
        for a, b in ends:
            draw.circle((a * SCALE, b * SCALE), RAY_WIDTH * SCALE / 2, fill=255)
    return ImageChops.subtract(mask, house(grown=HALO))


def trimmed(image: Image.Image) -> Image.Image:
    """Cut off what is transparent."""
    return image.crop(image.getbbox())


def drawing(palette: Palette) -> Image.Image:
    """Paint the house, the sun and the bolt, cut to the square that they fill."""
    image = Image.new("RGBA", (UNITS * SCALE, UNITS * SCALE), (0, 0, 0, 0))
    for mask, colour in (
        (sun(), palette.sun),
        (house(), palette.house),
        (bolt(), palette.bolt),
    ):
        image.paste(colour, (0, 0), mask)
    cut = trimmed(image)
    side = max(cut.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(cut, ((side - cut.width) // 2, (side - cut.height) // 2))
    return square


def logo(palette: Palette) -> Image.Image:
    """Paint the drawing with the name beside it."""
    left = trimmed(drawing(palette))
    font = ImageFont.load_default(LETTERS * SCALE)
    box = font.getbbox("Podero")
    width = left.width + GAP * SCALE + round(box[2] - box[0])
    image = Image.new("RGBA", (width + LETTERS, left.height), (0, 0, 0, 0))
    image.paste(left, (0, 0))
    # A little above the foot of the house, where letters look level with it.
    ImageDraw.Draw(image).text(
        (left.width + GAP * SCALE - box[0], left.height - 130 * SCALE),
        "Podero",
        font=font,
        fill=palette.letters,
        stroke_width=9 * SCALE,
        stroke_fill=palette.letters,
        anchor="ls",
    )
    return trimmed(image)


def save(image: Image.Image, name: str, size: tuple[int, int]) -> None:
    """Write one picture in the size asked for."""
    image.resize(size, Image.Resampling.LANCZOS).save(BRAND / name, optimize=True)


def main() -> None:
    """Draw every picture, each also at twice its size."""
    BRAND.mkdir(parents=True, exist_ok=True)
    for prefix, palette in PALETTES.items():
        icon, words = drawing(palette), logo(palette)
        for suffix, times in (("", 1), ("@2x", 2)):
            save(icon, f"{prefix}icon{suffix}.png", (256 * times, 256 * times))
            height = LOGO_HEIGHT * times
            width = round(words.width * height / words.height)
            save(words, f"{prefix}logo{suffix}.png", (width, height))


if __name__ == "__main__":
    main()
