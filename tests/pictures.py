"""Picture files to test with."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def photograph(width: int = 400, height: int = 300) -> Image.Image:
    """What a camera sees: no two neighbours the same."""
    return _photograph(width, height).copy()


@cache
def _photograph(width: int, height: int) -> Image.Image:
    bands = [Image.effect_noise((width, height), 60 + 20 * band) for band in range(3)]
    return Image.merge("RGB", bands).filter(ImageFilter.GaussianBlur(2))


def drawing(width: int = 600, height: int = 300) -> Image.Image:
    """A logo on nothing."""
    image = Image.new("RGBA", (width, height))
    ImageDraw.Draw(image).ellipse((height // 5, height // 5, height, height * 4 // 5), fill=(10, 60, 120, 255))
    return image


def on_white(image: Image.Image) -> Image.Image:
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
