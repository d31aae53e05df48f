"""The letter's parts look as they did when somebody last looked at them and said yes."""

import json

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from gallery.kept import FONTS, MOST_DIFFERENT, PICTURES, difference, fonts_here, take


@pytest.fixture
def same_fonts(chromium: Browser):
    wanted, here = json.loads(FONTS.read_text(encoding="utf-8")), fonts_here(chromium)
    if here != wanted:
        pytest.skip(
            f"The kept pictures are set in {', '.join(wanted)}, letters here in {', '.join(here)}: "
            "install those fonts (Debian: apt install fonts-noto-core fonts-inter), or look at `python -m gallery`."
        )


@pytest.mark.usefixtures("same_fonts")
def test_every_part_looks_as_it_was_accepted(chromium: Browser):
    changed = {}
    for name, picture in take(chromium):
        with Image.open(PICTURES / name) as kept:
            if (share := difference(kept, picture)) > MOST_DIFFERENT:
                changed[name] = f"{share:.1%} of its pixels"
    assert changed == {}, "Look at `python -m gallery`; if the change is wanted: `python -m gallery --accept`."


def test_the_kept_pictures_are_small():
    assert sum(path.stat().st_size for path in PICTURES.iterdir()) < 1_500_000


def test_a_difference_is_seen_where_there_is_one():
    white, other = Image.new("RGB", (100, 100), "white"), Image.new("RGB", (100, 100), "white")
    assert difference(white, other) == 0
    ImageDraw.Draw(other).rectangle((0, 0, 9, 9), fill="black")
    assert difference(white, other) == pytest.approx(0.01)
    assert difference(white, Image.new("RGB", (100, 101), "white")) == 1.0
