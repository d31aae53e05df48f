"""A picture file made fit for mail: upright, in sRGB, without what a camera wrote about its owner, JPEG or PNG.

Outlook for Windows shows neither WebP nor AVIF nor SVG (caniemail.com), so nothing but JPEG and PNG comes out.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageCms, ImageOps, ImageStat, UnidentifiedImageError

MOST_BYTES = 10_000_000
# In pixels; some 200 MB while it is read. A telephone's largest photographs have about 50 million.
MOST_PIXELS = 50_000_000
WIDEST_PX = 1040  # twice the 520 that a letter shows, for sharp screens
TALLEST_PX = 8 * WIDEST_PX
# Hexadecimal digits of the digest in an address: no two pictures of one house share so many.
DIGITS_IN_NAME = 12

_READABLE = ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP"]
_JPEG_QUALITY = 82
_PALETTE = 256
# Root mean square, of 255: below this nobody sees that a drawing has a palette (a signal-to-noise ratio of 48 dB).
_UNSEEN_ERROR = 1.0
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}
_HEIC = {b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1"}

PictureFormat = Literal["jpg", "png"]


class PictureError(ValueError):
    """The file can't be used as a picture. The message is a sentence for people: what is wrong, and what to do."""


@dataclass(frozen=True, slots=True)
class PreparedPicture:
    """A picture as readers get it. `width` and `height` are in pixels; shown, it is half as wide or fills the text."""

    content: bytes
    width: int
    height: int
    format: PictureFormat

    @property
    def digest(self) -> str:
        """What tells it from every other picture: SHA-256, in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def path(self) -> str:
        """Its address on the site, which no other picture ever has."""
        return f"/i/{self.digest[:DIGITS_IN_NAME]}-{self.width}x{self.height}.{self.format}"


def prepare_picture(content: bytes, *, name: str, widest: int = WIDEST_PX) -> PreparedPicture:
    """Return the picture in a file of at most MOST_BYTES and MOST_PIXELS, never enlarged and at most `widest` pixels wide.

    `name` is what the file is called in messages. Raises PictureError.
    """
    if len(content) > MOST_BYTES:
        raise PictureError(
            f"{name} has more than {MOST_BYTES // 1_000_000} MB. Save a smaller copy of the picture, and add that."
        )
    image = _narrowed(_read(content, name), widest)
    if image.height > TALLEST_PX:
        raise PictureError(
            f"{name} is far taller than it is wide. Cut it into pictures of which each shows one thing, and add those."
        )
    written, suffix = _encode(image)
    return PreparedPicture(written, image.width, image.height, suffix)


def _read(content: bytes, name: str) -> Image.Image:
    """The picture, upright, as grey, RGB or RGBA in sRGB."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata, which is left out anyway
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=_READABLE)
            _check(opened, name)
            opened.load()
            return _in_srgb(ImageOps.exif_transpose(opened))
    except PictureError:
        raise
    except UnidentifiedImageError:
        raise PictureError(_unreadable(content, name)) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureError(_too_large(name)) from None
    except Exception as error:  # Pillow's decoders raise whatever they stumble over
        raise PictureError(
            f"{name} is damaged, or only a part of a picture. Copy it once more, or open and save it in a picture program."
        ) from error


def _check(image: Image.Image, name: str) -> None:
    # Before anything is decoded: a file of some bytes may claim to be a picture as wide as a town.
    if image.width * image.height > MOST_PIXELS:
        raise PictureError(_too_large(name))
    # A telephone's JPEG may carry a depth map or a preview beside the photograph (MPO); those are not meant to be seen.
    if image.format not in {"JPEG", "MPO"} and getattr(image, "n_frames", 1) > 1:
        raise PictureError(
            f"{name} holds several pictures: it moves, or has pages. A letter shows one; save the one that you mean as PNG or JPEG."
        )


def _too_large(name: str) -> str:
    return f"{name} has more than {MOST_PIXELS // 1_000_000} million pixels. Save a smaller copy of the picture, and add that."


def _unreadable(content: bytes, name: str) -> str:
    if not content:
        return f"{name} is empty."
    if content[4:12] in _HEIC:
        return f"{name} is a HEIC photograph, which can't be read here. Export it as JPEG, and add that."
    if b"<svg" in content[:2000].lower():
        return (
            f"{name} is an SVG drawing, which many mail programs don't show. Export it as PNG, {WIDEST_PX} pixels wide."
        )
    return f"{name} is no picture that can be read here. JPEG, PNG, GIF, WebP, AVIF, TIFF and BMP can."


def _in_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode in _DEEP_MODES:
        image = _eight_bits(image)
    transparent = image.has_transparency_data
    if image.mode not in {"L", "RGB", "RGBA", "CMYK", "LAB"} or (transparent and image.mode != "RGBA"):
        image = image.convert("RGBA" if transparent else "L" if image.mode == "1" else "RGB")
    if profile:
        image = _by_profile(image, profile)
    if image.mode not in {"L", "RGB", "RGBA"}:
        image = image.convert("RGB")
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    return image


def _eight_bits(image: Image.Image) -> Image.Image:
    """Grey of more than 8 bits a pixel as 8; where the mode has no white of its own, the lightest pixel is white."""
    precise = image.convert("F")
    low, high = precise.getextrema()
    if image.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    scale = 255 / (high - low) if high > low else 0.0  # type: ignore[operator]  # one band: two numbers
    return precise.point(lambda value: value * scale - low * scale).convert("L")  # type: ignore[operator]  # the same


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    target = image.mode if image.mode == "RGBA" else "RGB"
    # A profile that can't be read, or is for another kind of picture, is worth less than the picture.
    with contextlib.suppress(ImageCms.PyCMSError, OSError):
        converted = ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=target
        )
        image = converted or image
    return image


def _narrowed(image: Image.Image, widest: int) -> Image.Image:
    """The picture at its width in a letter, with nothing that came along with it: place, camera, profile, comments."""
    if image.width > widest:
        height = max(1, round(image.height * widest / image.width))
        image = image.resize((widest, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
    bare = image.copy()
    bare.info = {}
    return bare


def _encode(image: Image.Image) -> tuple[bytes, PictureFormat]:
    """The picture's bytes: PNG for what is transparent or is smaller so, as drawings are; else JPEG."""
    drawing = _png(image)
    if image.mode == "RGBA":
        return drawing, "png"
    photograph = _saved(image, "JPEG", quality=_JPEG_QUALITY, progressive=True, optimize=True)
    return (drawing, "png") if len(drawing) <= len(photograph) else (photograph, "jpg")


def _png(image: Image.Image) -> bytes:
    method = Image.Quantize.FASTOCTREE if image.mode == "RGBA" else Image.Quantize.MEDIANCUT
    few = image.quantize(_PALETTE, method=method, dither=Image.Dither.NONE)
    error = ImageStat.Stat(ImageChops.difference(few.convert(image.mode), image)).rms
    return _saved(few if max(error) <= _UNSEEN_ERROR else image, "PNG", optimize=True)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()
