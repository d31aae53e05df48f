"""`python -m gallery`: take all pictures; `python -m gallery --accept`: take anew those that the tests compare with."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser

from gallery import kept
from gallery.album import Shot, ShotGroup, write, write_index
from gallery.issues import letters
from gallery.partials import PLACES, specimen
from gallery.shooting import THEMES, NoBrowserError, Scheme, browser, window
from mailer.rendering.theme import Theme, load_theme

FOLDER = Path(__file__).resolve().parents[1] / "var" / "gallery"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 375, 700, 1200)


def main() -> int:
    """Return 0, or 1 when there is no browser."""
    parser = argparse.ArgumentParser(prog="python -m gallery", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="keep today's pictures as those that tests compare with")
    parser.add_argument("--theme", choices=THEMES, default=THEMES[0], help="whose letters to picture")
    asked, began = parser.parse_args(), time.monotonic()
    try:
        with browser() as running:
            done = kept.accept(running) if asked.accept else take_all(running, load_theme(asked.theme))
    except NoBrowserError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{done} ({time.monotonic() - began:.0f} s)\n")
    return 0


def take_all(running: Browser, theme: Theme) -> Path:
    """Picture every partial and every variant in the theme's own folder, and return the page that leads to them."""
    folder = FOLDER / theme.name
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    write(folder, [*_partials(running, theme, folder), *_variants(running, theme, folder)])
    return write_index(FOLDER)


def _partials(running: Browser, theme: Theme, folder: Path) -> Iterator[ShotGroup]:
    letter, taken = specimen(theme), dict[str, list[Shot]]()
    for scheme, width in product(SCHEMES, WIDTHS[:3]):
        with window(running, scheme, width) as page:
            page.set_content(letter)
            for name, place in PLACES.items():
                part = page.locator(place)
                if not part.count():
                    continue
                file = f"partial-{name.replace(' ', '-')}-{scheme}-{width}.jpg"
                part.first.screenshot(path=folder / file, type="jpeg", quality=80)
                taken.setdefault(name, []).append(Shot(file, scheme, width))
    for name, shots in taken.items():
        yield ShotGroup(f"Partial: {name}", tuple(shots), partials=True)


def _variants(running: Browser, theme: Theme, folder: Path) -> Iterator[ShotGroup]:
    all_letters, taken = letters(theme), dict[tuple[str, str], list[Shot]]()
    for scheme, width in product(SCHEMES, WIDTHS):
        with window(running, scheme, width) as page:
            for number, letter in enumerate(all_letters):
                page.set_content(letter.html)
                file = f"{letter.issue}-{number}-{scheme}-{width}.jpg"
                page.screenshot(path=folder / file, full_page=True, type="jpeg", quality=70)
                taken.setdefault((letter.issue, letter.reader), []).append(Shot(file, scheme, width))
    for (issue, reader), shots in taken.items():
        yield ShotGroup(f"{issue}: {reader}", tuple(shots))


if __name__ == "__main__":
    raise SystemExit(main())
