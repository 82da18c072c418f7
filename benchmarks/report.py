"""The figures as a Markdown table and as a chart."""

from collections.abc import Iterable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .figures import Figure

BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"

WIDTH, ROW, MARGIN, LABELS = 1200, 44, 24, 520
MET, MISSED, BAR, TEXT, BACK = "#2e8b57", "#c0392b", "#444444", "#222222", "#ffffff"
# A bar twice as long as what is allowed is as long as any longer one.
LONGEST = 2.0


def table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table."""
    lines = [
        "| row | what | devices | measured | result | at most | |",
        "|---|---|---:|---|---:|---:|---|",
    ]
    for each in figures:
        measured = ", ".join(
            f"{name} {value:.3g}" for name, value in each.values.items()
        )
        lines.append(
            f"| `{each.row}` | {each.title} | {each.devices or ''} "
            f"| {measured} {each.unit} | {each.result:.3g} ({each.of}) "
            f"| {each.bar:.3g} | {'met' if each.is_met else '**not met**'} |"
        )
    return "\n".join(lines)


def chart(figures: list[Figure], path: Path) -> None:
    """Draw each result as a part of what it may be."""
    height = 2 * MARGIN + 60 + ROW * len(figures)
    image = Image.new("RGB", (WIDTH, height), BACK)
    draw = ImageDraw.Draw(image)
    font, small = ImageFont.load_default(size=20), ImageFont.load_default(size=15)
    draw.text((MARGIN, MARGIN), "Results as a part of their bars", TEXT, font=font)
    scale = (WIDTH - LABELS - 2 * MARGIN - 70) / LONGEST
    limit = LABELS + scale
    for number, each in enumerate(figures):
        top = MARGIN + 50 + ROW * number
        part = each.result / each.bar
        devices = f", {each.devices} devices" if each.devices else ""
        draw.text((MARGIN, top + 8), f"{each.title}{devices}"[:66], TEXT, font=small)
        end = LABELS + scale * min(part, LONGEST)
        draw.rectangle(
            (LABELS, top + 6, end, top + ROW - 10), fill=MET if each.is_met else MISSED
        )
        draw.text((end + 8, top + 8), f"{part:.2f}", TEXT, font=small)
    draw.line((limit, MARGIN + 46, limit, height - MARGIN), fill=BAR, width=2)
    image.save(path, optimize=True)


def write(figures: list[Figure], docs: Path) -> None:
    """Put the table into docs/performance.md, and the chart beside the other pictures."""
    page = docs / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(
        f"{before}{BEGIN}\n{table(figures)}\n{END}{after}", encoding="utf-8"
    )
    chart(figures, docs / "images" / "performance.png")
