"""The year of light at a place: hours of daylight a week, and the colour of each, for the letter's horizon."""

from __future__ import annotations

import math
from datetime import date
from functools import lru_cache
from itertools import pairwise

WEEKS = 52
DAY_AND_NIGHT = 24.0
# Any year does: a week's Thursday moves by three days at most, which is a quarter of an hour in the far north.
_YEAR = 2021
# The sun is up while its upper edge is, seen through air that bends its light: 0.833 degrees.
_HORIZON = math.radians(-0.833)
_RAMP = ((0.0, "21405F"), (4.8, "44708F"), (10.0, "86AFBB"), (15.0, "CBD9D4"), (19.7, "EADFBE"), (24.0, "F5D795"))

# Below it sRGB's curve is a straight line (IEC 61966-2-1).
_STRAIGHT = 0.0031308

Oklab = tuple[float, float, float]


@lru_cache(maxsize=256)
def hours(latitude: float, week: int) -> float:
    """Hours of daylight on the Thursday of an ISO week (53 counts as 52), good to about a quarter of an hour.

    The declination is Spencer's series (1971). `latitude` is in degrees north.
    """
    day = date.fromisocalendar(_YEAR, min(week, WEEKS), 4).timetuple().tm_yday
    turn = 2 * math.pi * (day - 1) / 365
    declination = (
        0.006918
        - 0.399912 * math.cos(turn)
        + 0.070257 * math.sin(turn)
        - 0.006758 * math.cos(2 * turn)
        + 0.000907 * math.sin(2 * turn)
        - 0.002697 * math.cos(3 * turn)
        + 0.00148 * math.sin(3 * turn)
    )
    north = math.radians(latitude)
    cosine = (math.sin(_HORIZON) - math.sin(north) * math.sin(declination)) / (math.cos(north) * math.cos(declination))
    return 2 * math.degrees(math.acos(max(-1.0, min(1.0, cosine)))) / 15


@lru_cache(maxsize=16)
def year_of_light(latitude: float) -> tuple[tuple[str, int], ...]:
    """The horizon from left to right: colours with the number of weeks, neighbours of one colour put together."""
    cells: list[tuple[str, int]] = []
    for week in range(1, WEEKS + 1):
        colour = _colour(hours(latitude, week))
        if cells and cells[-1][0] == colour:
            cells[-1] = (colour, cells[-1][1] + 1)
        else:
            cells.append((colour, 1))
    return tuple(cells)


def _colour(daylight: float) -> str:
    for (low, dark), (high, light) in pairwise(_RAMP):
        if daylight <= high:
            share = (daylight - low) / (high - low)
            start, end = _to_oklab(dark), _to_oklab(light)
            return _from_oklab(tuple(a + (b - a) * share for a, b in zip(start, end, strict=True)))
    return f"#{_RAMP[-1][1]}"


def _to_oklab(colour: str) -> Oklab:
    """Björn Ottosson, "A perceptual color space for image processing" (2020), as is the way back."""
    red, green, blue = (_linear(int(colour[i : i + 2], 16) / 255) for i in (0, 2, 4))
    l = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)  # noqa: E741  # the source's names
    m = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    s = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def _from_oklab(lab: tuple[float, ...]) -> str:
    lightness, a, b = lab
    l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3  # noqa: E741  # the source's names
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
        -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
        -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    )
    return "#" + "".join(f"{_encoded(channel):02X}" for channel in channels)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _STRAIGHT * 12.92 else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> int:
    curved = 12.92 * channel if channel <= _STRAIGHT else 1.055 * channel ** (1 / 2.4) - 0.055
    return round(255 * max(0.0, min(1.0, curved)))
