"""The organisation's logo: one picture file that is plain to see on the header in light and in dark, or one for each."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image

from mailer.rendering.contrast_ratio import contrast_ratio
from mailer.rendering.picture_files import PictureError, PreparedPicture, prepare_picture
from mailer.rendering.toml_tables import SettingsError

WIDEST_PX = 260
# A wider logo leaves no room for the name beside it on a phone, and stands above.
_WIDEST_BESIDE_PX = 96
_TALLEST_PX = 120
_DENSITY = 2
# WCAG 2.2, 1.4.11: what must be told from its surroundings. Of a logo, at least half of what is painted.
_LEAST_RATIO = 3.0
_LEAST_SHARE = 0.5
_SAMPLE_PX = 64
_HALF_SEEN = 128


@dataclass(frozen=True, slots=True)
class LogoSettings:
    """The table [logo] of a theme. `file` and `dark` are names of files, `width` is px on the page.

    An empty `file` means no logo; an empty `alt` that the name beside it says all; no `dark` that `file` suits both.
    """

    file: str
    alt: str
    width: int
    dark: str = ""


@dataclass(frozen=True, slots=True)
class Logo:
    """What a letter shows; `width` and `height` are px on the page, the pictures up to twice that."""

    alt: str
    width: int
    height: int
    light: PreparedPicture
    dark: PreparedPicture | None = None

    @property
    def pictures(self) -> tuple[PreparedPicture, ...]:
        """What the site must serve for a letter with this logo."""
        return (self.light, self.dark) if self.dark else (self.light,)

    @property
    def beside(self) -> bool:
        """Whether it stands beside the name, and not above."""
        return self.width <= _WIDEST_BESIDE_PX


@dataclass(frozen=True, slots=True)
class Grounds:
    """The header's colours, #RRGGBB."""

    light: str
    dark: str


def load_logo(settings: LogoSettings, places: Sequence[Path], grounds: Grounds, where: str) -> Logo | None:
    """The logo, from the first of the folders `places` that has its files; None where no file is named.

    `where` begins the messages: file and table. Raises SettingsError for a file that is missing, no picture, too small,
    of another shape than its fellow, or hard to see on a ground that it has to stand on.
    """
    if not settings.file:
        return None
    light = _picture(settings.file, settings.width, places, f"{where}file: ")
    dark = _picture(settings.dark, settings.width, places, f"{where}dark: ") if settings.dark else None
    height = round(light.height * settings.width / light.width)
    if not 1 <= height <= _TALLEST_PX:
        raise SettingsError(
            f"{where}width: {settings.file} would be {height} px high; at most {_TALLEST_PX} fit a header. Give a smaller width."
        )
    if dark and round(dark.height * settings.width / dark.width) != height:
        raise SettingsError(f"{where}dark: {settings.dark} has another shape than {settings.file}; they must be alike.")
    _check_seen(light, grounds.light, "light", f"{where}file: {settings.file}")
    if dark:
        _check_seen(dark, grounds.dark, "dark", f"{where}dark: {settings.dark}")
    else:
        _check_seen(light, grounds.dark, "dark", f"{where}file: {settings.file}")
    return Logo(settings.alt, settings.width, height, light, dark)


def _picture(name: str, width: int, places: Sequence[Path], where: str) -> PreparedPicture:
    if Path(name).name != name:
        raise SettingsError(f"{where}expected the name of a file in the theme's folder, found {name!r}.")
    path = next((place / name for place in places if (place / name).is_file()), None)
    if path is None:
        raise SettingsError(f"{where}there is no {name} in {' or '.join(map(str, places))}.")
    try:
        picture = _prepared(path.read_bytes(), name, width * _DENSITY)
    except OSError as error:
        raise SettingsError(f"{where}{path} can't be read: {error.strerror}.") from error
    except PictureError as error:
        raise SettingsError(f"{where}{error}") from error
    if picture.width < width:
        raise SettingsError(
            f"{where}{name} is {picture.width} pixels wide and shown at {width}. Give one of {width * _DENSITY} pixels."
        )
    return picture


# The same file gives the same picture, and themes are loaded often.
@lru_cache(maxsize=16)
def _prepared(content: bytes, name: str, widest: int) -> PreparedPicture:
    return prepare_picture(content, name=name, widest=widest)


def _check_seen(picture: PreparedPicture, ground: str, scheme: str, what: str) -> None:
    if _share_seen(picture, ground) < _LEAST_SHARE:
        remedy = "Give a second file as logo.dark" if scheme == "dark" else "Choose other colours"
        raise SettingsError(
            f"{what} is hard to see on the header's {ground} in {scheme} mode: most of it has less contrast than "
            f"{_LEAST_RATIO:.0f} to 1. {remedy}, or fill its background with a colour of its own."
        )


@lru_cache(maxsize=32)
def _share_seen(picture: PreparedPicture, ground: str) -> float:
    painted = _painted(picture, ground)
    seen = sum(contrast_ratio(colour, ground) >= _LEAST_RATIO for colour in painted)
    return seen / len(painted) if painted else 1.0


def _painted(picture: PreparedPicture, ground: str) -> list[str]:
    """The colours, on a ground, of pixels that are more seen than seen through; none for a picture with its own ground."""
    image = Image.open(io.BytesIO(picture.content))
    if not image.has_transparency_data:
        return []
    image.thumbnail((_SAMPLE_PX, _SAMPLE_PX), Image.Resampling.NEAREST)
    sample = image.convert("RGBA")
    laid = Image.alpha_composite(Image.new("RGBA", sample.size, ground), sample).convert("RGB").tobytes()
    opacities = sample.getchannel("A").tobytes()
    return [f"#{laid[3 * i : 3 * i + 3].hex()}" for i, opacity in enumerate(opacities) if opacity >= _HALF_SEEN]
