"""How well two colours can be told from each other."""

from __future__ import annotations

# Below it sRGB's curve is a straight line.
_STRAIGHT = 0.04045


def contrast_ratio(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, from 1 to 21, of two colours written #RRGGBB."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2, from 0 to 1."""
    red, green, blue = (_linear(int(colour[start : start + 2], 16) / 255) for start in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _STRAIGHT else ((channel + 0.055) / 1.055) ** 2.4
