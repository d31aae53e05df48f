"""The marks of our themes, drawn: `python -m gallery.marks` writes them into the themes' folders, at twice the size they are shown in."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from mailer.rendering.templates import TEMPLATES

SHOWN_PX = 52
_DENSITY = 2
# Drawn this much larger and then made smaller, so that slanting edges are smooth.
_FINER = 8
_UNIT = _DENSITY * _FINER

Box = tuple[float, float, float, float]
Points = list[tuple[float, float]]

# On the water.
_IN_THE_SUN: tuple[Box, ...] = ((18, 39, 35, 40.8), (21, 43, 32, 44.8), (23.5, 47, 29.5, 48.8))
_IN_THE_SHADE: tuple[Box, ...] = ((5, 41, 13, 42.3), (40, 43.5, 47, 44.8))


def main() -> None:
    """Write each mark as PNG."""
    for file, mark in {
        "arctic/mark.png": arctic(),
        "plain/mark.png": plain(ground="#2A4D9C", paper="#F8FAFD"),
        "plain/mark-dark.png": plain(ground="#A6C0F8", paper="#0E1A33"),
    }.items():
        _save(mark, TEMPLATES / file)


def arctic() -> Image.Image:
    """The sun coming up between two fjells behind the fjord, in the colours of the year of light."""
    image = _sky("#5F8CA3", "#F0DFB4")
    draw = ImageDraw.Draw(image)
    _disc(draw, 26.5, 31.5, 8.5, "#F2A541")
    _polygon(draw, [(0, 34), (9, 24), (14, 17), (19, 25), (27, 36), (0, 36)], "#1E3B57")
    _polygon(draw, [(14, 17), (19, 25), (16.2, 23.4), (14.2, 26), (11.8, 23.2), (9, 24)], "#F6FAFB")
    _polygon(draw, [(25, 36), (33, 24), (40.5, 10), (47, 21), (52, 27), (52, 36)], "#2B4E6C")
    _polygon(draw, [(40.5, 10), (47, 21), (43.6, 19), (41, 23), (37.6, 19.6), (34.6, 21)], "#F6FAFB")
    _box(draw, (0, 36, 52, 52), "#265672")
    for bar in _IN_THE_SUN:
        _bar(draw, bar, "#F2A541")
    for bar in _IN_THE_SHADE:
        _bar(draw, bar, "#A0BFC4")
    return _rounded(image, 10)


def plain(ground: str, paper: str) -> Image.Image:
    """A letter with its flap, one colour on another: it fits any sender."""
    image = Image.new("RGBA", (SHOWN_PX * _UNIT, SHOWN_PX * _UNIT), ground)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle(_scaled((10, 15, 42, 38)), radius=3 * _UNIT, fill=paper)
    fold = [(10.5, 17), (26, 29.5), (41.5, 17)]
    draw.line([_point(*point) for point in fold], fill=ground, width=round(2.6 * _UNIT), joint="curve")
    return _rounded(image, 10)


def _sky(top: str, bottom: str) -> Image.Image:
    size = SHOWN_PX * _UNIT
    ramp = Image.linear_gradient("L").resize((size, size))
    # All of the ramp lies above the water.
    ramp = ramp.transform((size, size), Image.Transform.AFFINE, (1, 0, 0, 0, SHOWN_PX / 36, 0), fillcolor=255)
    return Image.composite(Image.new("RGBA", (size, size), bottom), Image.new("RGBA", (size, size), top), ramp)


def _rounded(image: Image.Image, radius: float) -> Image.Image:
    corners = Image.new("L", image.size)
    ImageDraw.Draw(corners).rounded_rectangle((0, 0, *image.size), radius=radius * _UNIT, fill=255)
    image.putalpha(corners)
    side = SHOWN_PX * _DENSITY
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _save(image: Image.Image, path: Path) -> None:
    image.save(path, "PNG", optimize=True)


def _point(x: float, y: float) -> tuple[float, float]:
    return x * _UNIT, y * _UNIT


def _scaled(box: Box) -> Box:
    return box[0] * _UNIT, box[1] * _UNIT, box[2] * _UNIT, box[3] * _UNIT


def _polygon(draw: ImageDraw.ImageDraw, points: Points, colour: str) -> None:
    draw.polygon([_point(*point) for point in points], fill=colour)


def _box(draw: ImageDraw.ImageDraw, box: Box, colour: str) -> None:
    draw.rectangle(_scaled(box), fill=colour)


def _disc(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: str) -> None:
    draw.ellipse(_scaled((x - radius, y - radius, x + radius, y + radius)), fill=colour)


def _bar(draw: ImageDraw.ImageDraw, box: Box, colour: str) -> None:
    draw.rounded_rectangle(_scaled(box), radius=(box[3] - box[1]) / 2 * _UNIT, fill=colour)


if __name__ == "__main__":
    main()
