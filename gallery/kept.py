"""The pictures that tests compare with: few, small, and only worth comparing where the fonts are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser

from gallery.partials import PLACES, specimen
from gallery.shooting import Scheme, fonts, window
from mailer.rendering.theme import load_theme

PICTURES = Path(__file__).resolve().parents[1] / "tests" / "gallery" / "pictures"
FONTS = PICTURES / "fonts.json"
# Theme, scheme, width and partial of each.
CHOSEN: tuple[tuple[str, Scheme, int, str], ...] = (
    ("arctic", "light", 375, "header"),
    ("arctic", "dark", 375, "header"),
    ("arctic", "light", 700, "horizon"),
    ("arctic", "dark", 375, "contents"),
    ("arctic", "light", 320, "event"),
    ("arctic", "dark", 375, "event"),
    ("arctic", "light", 375, "person"),
    ("arctic", "dark", 700, "note"),
    ("arctic", "light", 375, "quotation"),
    ("arctic", "dark", 375, "button"),
    ("arctic", "light", 320, "wide table"),
    ("arctic", "light", 375, "more less"),
    ("arctic", "dark", 375, "more less"),
    ("plain", "light", 320, "more less"),
    ("arctic", "light", 375, "footer"),
    ("plain", "light", 375, "header"),
    ("plain", "dark", 375, "header"),
    ("plain", "dark", 375, "closing"),
)
_COLOURS = 64
# Two renderings of the same page differ by a little at the edges of letters, palettes by a few shades.
_SHADES = 40
MOST_DIFFERENT = 0.005


def name_of(theme: str, scheme: Scheme, width: int, partial: str) -> str:
    """The file of a kept picture."""
    return f"{theme}-{partial.replace(' ', '-')}-{scheme}-{width}.png"


def take(running: Browser) -> Iterator[tuple[str, Image.Image]]:
    """Today's picture of each that is kept, by its file's name."""
    for theme, scheme, width, partial in CHOSEN:
        with window(running, scheme, width) as page:
            page.set_content(specimen(load_theme(theme)))
            taken = page.locator(PLACES[partial]).first.screenshot(animations="disabled")
            yield name_of(theme, scheme, width, partial), Image.open(BytesIO(taken)).convert("RGB")


def fonts_here(running: Browser) -> list[str]:
    """The fonts that letters are set in on this machine."""
    with window(running, "light", 375) as page:
        page.set_content(specimen(load_theme("arctic")))
        return fonts(page)


def accept(running: Browser) -> Path:
    """Keep today's pictures, and return where."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for old in PICTURES.glob("*.png"):
        old.unlink()
    for name, picture in take(running):
        picture.quantize(_COLOURS).save(PICTURES / name, optimize=True)
    FONTS.write_text(json.dumps(fonts_here(running), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return PICTURES


def difference(kept: Image.Image, taken: Image.Image) -> float:
    """The share of pixels that differ by more than a shade: 0.0 to 1.0, and 1.0 for another size."""
    if kept.size != taken.size:
        return 1.0
    shades = ImageChops.difference(kept.convert("RGB"), taken.convert("RGB")).convert("L")
    differing = sum(shades.histogram()[_SHADES:])
    return differing / (kept.size[0] * kept.size[1])
