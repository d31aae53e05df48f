"""Whether a theme's texts can be read on their surfaces: in light, in dark, and inverted by mail programs that ask nobody."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator

from mailer.checking.findings import Sighting, Term, seen
from mailer.checking.material import Material
from mailer.rendering.contrast_ratio import contrast_ratio
from mailer.rendering.theme import Colours

# WCAG 2.2, 1.4.3 (AA), for text of any size.
LEAST = 4.5
PAIRS = (
    ("ink", "paper"),
    ("ink", "panel"),
    ("muted", "paper"),
    ("muted", "panel"),
    ("muted", "page"),
    ("link", "paper"),
    ("link", "panel"),
    ("link", "page"),
    ("label", "paper"),
    ("label", "panel"),
    ("on_head", "head"),
    ("on_head_2", "head"),
    ("on_button", "button"),
)


def low_contrast(material: Material) -> Iterator[Sighting]:
    """Pairs of the theme that fall short as they were drawn."""
    for look, colours in (("light", material.theme.light), ("dark", material.theme.dark)):
        yield from _short(colours, Term(f"look-{look}"), "contrast-low", inverted=False)


def low_contrast_inverted(material: Material) -> Iterator[Sighting]:
    """Pairs that fall short when light is turned to dark, as Outlook for Windows and Gmail's app on iOS do."""
    yield from _short(material.theme.light, Term("look-inverted"), "contrast-inverted", inverted=True)


def inverted_colour(colour: str) -> str:
    """The colour with its lightness turned round and its hue kept: the simplest of what mail programs do."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    return "#" + "".join(f"{round(255 * part):02X}" for part in colorsys.hls_to_rgb(hue, 1 - lightness, saturation))


def _short(colours: Colours, look: Term, code: str, *, inverted: bool) -> Iterator[Sighting]:
    for text, surface in PAIRS:
        pair = (getattr(colours, text), getattr(colours, surface))
        found = contrast_ratio(*(map(inverted_colour, pair) if inverted else pair))
        if found < LEAST:
            yield seen(code, look=look, text=text, surface=surface, ratio=found, first=pair[0], second=pair[1])


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


CHECKS = (low_contrast, low_contrast_inverted)
