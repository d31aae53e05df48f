"""Where a picture is and how large it is shown, read off its address: taken-in pictures carry their size in their name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mailer.rendering.markdown import IMAGE_SCHEMES, is_safe

MEASURE_PX = 520
# A stored picture has two pixels for each one shown, for sharp screens.
_DENSITY = 2
# One that would be nearly as wide as the text is as wide: a gap of some px at the edge looks like a mistake.
_NEARLY = 0.75
_TAKEN_IN = re.compile(r"/i/[0-9a-f]{12}-([1-9]\d{0,4})x([1-9]\d{0,4})\.[a-z]{3,4}")


@dataclass(frozen=True, slots=True)
class Picture:
    """`width` and `height` are px on the page; `height` is None where only the picture itself knows."""

    address: str
    width: int = MEASURE_PX
    height: int | None = None


def picture(address: str, site_url: str) -> Picture | None:
    """The picture at `address`, taken in (`/i/<digest>-<width>x<height>.<ext>`) or elsewhere; None for what is neither.

    A picture from elsewhere is given the whole measure, as nothing tells its size.
    """
    path = address.removeprefix(site_url) if site_url else address
    taken_in = _TAKEN_IN.fullmatch(path)
    if taken_in and site_url:
        stored_width, stored_height = int(taken_in[1]), int(taken_in[2])
        width = max(1, round(stored_width / _DENSITY))
        width = MEASURE_PX if width >= _NEARLY * MEASURE_PX else width
        return Picture(site_url + path, width, max(1, round(stored_height * width / stored_width)))
    return Picture(address) if is_safe(address, IMAGE_SCHEMES) else None
