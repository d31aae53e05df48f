"""Images: what they say to who can't see them, and what they weigh."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from markdown_it.token import Token

from mailer.checking.findings import Place, Sighting, seen
from mailer.checking.material import Material, groups, with_notes
from mailer.parsing.commonmark import inline_text
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.markdown import parse
from mailer.rendering.pictures import MEASURE_PX

# Two pixels for each one shown, in a letter of 600 px.
WIDEST_PX = 1200
_PIXELS_PER_SHOWN = 2
# What has less is shown less than half as wide as the text.
NARROWEST_PX = MEASURE_PX
HEAVIEST_BYTES = 200_000
HEAVIEST_LETTER_BYTES = 1_000_000
_WEB = {"http", "https"}
_RUNNING = {"javascript", "vbscript"}
_TAKEN_IN = re.compile(r"/i/([0-9a-f]{12,64})-(\d{1,5})x(\d{1,5})\.(\w+)$")
# Outlook for Windows shows none of them (Can I Email: image-webp, image-avif, html-svg and others).
_UNSHOWN = {"svg", "webp", "avif", "heic", "heif", "tiff", "tif", "bmp", "ico", "apng", "mp4", "pdf"}
_FILE_NAME = re.compile(
    r"[\w()-]+(?:\s?\(\d+\))?\.(?:jpe?g|png|gif|webp|svg|heic|bmp|tiff?)|(?:img|dsc|dscn|image|bilde|photo|foto|pict?)[\s_-]?\d*",
    re.IGNORECASE,
)
_SAYS_NOTHING = re.compile(
    r"(?:et |eit |an? )?(?:bilde|bilete|foto|illustrasjon|logo|image|picture|photo|graphic|icon|ikon)(?: av| of)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Image:
    """An image in the text: its words for who can't see it, its address, its place."""

    alt: str
    address: str
    place: Place | None
    line: int | None

    @property
    def extension(self) -> str:
        """The kind of file, by the end of its address."""
        return _path(self.address).rpartition("/")[2].rpartition(".")[2].lower()

    @property
    def digest(self) -> str:
        """The first digits of its content's digest, if it was taken in; else empty."""
        found = _TAKEN_IN.search(_path(self.address))
        return found[1] if found else ""

    @property
    def stored_size(self) -> tuple[int, int] | None:
        """Width and height in px, if it was taken in: they stand in its name."""
        found = _TAKEN_IN.search(_path(self.address))
        return (int(found[2]), int(found[3])) if found else None


def images_in(issue: ParsedIssue) -> list[Image]:
    """The images of an issue, in order."""
    return [
        Image(inline_text(token.children or []).strip(), str(token.attrs.get("src", "")).strip(), place, block.line)
        for place, blocks in groups(issue)
        for block in with_notes(blocks)
        if "![" in block.markdown
        # By rendering's reading, which takes any address: what it then leaves out must be told.
        for token in _images_in(parse(block.markdown))
    ]


def without_alt(material: Material) -> Iterator[Sighting]:
    """No words for who can't see it. A taken-in image without any was called decorative by who took it in."""
    for image in images_in(material.issue):
        if not image.alt and image.stored_size is None:
            yield seen("image-alt-missing", image.place, image.line, address=image.address)


def with_empty_words(material: Material) -> Iterator[Sighting]:
    """Words that are the file's name, or say only that there is an image."""
    for image in images_in(material.issue):
        if _FILE_NAME.fullmatch(image.alt) or _SAYS_NOTHING.fullmatch(image.alt):
            yield seen("image-alt-says-nothing", image.place, image.line, words=image.alt)


def not_served(material: Material) -> Iterator[Sighting]:
    """Addresses that lead nowhere from a mail: a file of the author's own machine, bytes in the text."""
    for image in images_in(material.issue):
        scheme = urlsplit_scheme(image.address)
        if image.stored_size is None and scheme not in {*_WEB, *_RUNNING}:
            yield seen("image-not-served", image.place, image.line, address=image.address)


def unsafe_addresses(material: Material) -> Iterator[Sighting]:
    """Addresses that run something. The letter has no such image."""
    for image in images_in(material.issue):
        if urlsplit_scheme(image.address) in _RUNNING:
            yield seen("image-unsafe", image.place, image.line, address=image.address)


def foreign(material: Material) -> Iterator[Sighting]:
    """Images that other sites serve: each shows who opens the letter, when and where, and the footer says that nothing does."""
    own = _host(material.context.options.site_url)
    for image in images_in(material.issue):
        host = _host(image.address)
        if host and host != own:
            yield seen("image-foreign", image.place, image.line, host=host, address=image.address)


def too_small(material: Material) -> Iterator[Sighting]:
    """Taken-in images with so few pixels that they are shown as small as a stamp."""
    for image in images_in(material.issue):
        if image.stored_size and image.stored_size[0] < NARROWEST_PX:
            width = image.stored_size[0]
            yield seen(
                "image-small",
                image.place,
                image.line,
                words=image.alt or image.address,
                width=width,
                shown=max(1, round(width / _PIXELS_PER_SHOWN)),
                most=MEASURE_PX,
            )


def not_stored(material: Material) -> Iterator[Sighting]:
    """Addresses as those of images that were taken in, at which there is none."""
    weights = material.context.image_bytes
    if weights is None:
        return
    for image in images_in(material.issue):
        if image.stored_size and image.address not in weights and urlsplit_scheme(image.address) == "":
            yield seen("image-not-stored", image.place, image.line, address=image.address)


def unshown_formats(material: Material) -> Iterator[Sighting]:
    """Formats that Outlook for Windows shows as an empty frame."""
    for image in images_in(material.issue):
        if image.extension in _UNSHOWN:
            yield seen("image-format", image.place, image.line, address=image.address, format=image.extension.upper())


def too_wide(material: Material) -> Iterator[Sighting]:
    """More pixels than any screen shows."""
    for image in images_in(material.issue):
        if image.stored_size and image.stored_size[0] > WIDEST_PX:
            yield seen(
                "image-wide",
                image.place,
                image.line,
                words=image.alt or image.address,
                width=image.stored_size[0],
                most=WIDEST_PX,
            )


def too_heavy(material: Material) -> Iterator[Sighting]:
    """Images that take long on a phone, one by one and all together."""
    weights = material.context.image_bytes or {}
    there = images_in(material.issue)
    for image in there:
        if weights.get(image.address, 0) > HEAVIEST_BYTES:
            yield seen(
                "image-heavy",
                image.place,
                image.line,
                words=image.alt or image.address,
                size=_kilobytes(weights[image.address]),
                most=_kilobytes(HEAVIEST_BYTES),
            )
    total = sum(weights.get(address, 0) for address in {image.address for image in there})
    if total > HEAVIEST_LETTER_BYTES:
        yield seen("images-heavy", size=_kilobytes(total), most=_kilobytes(HEAVIEST_LETTER_BYTES))


def urlsplit_scheme(address: str) -> str:
    """An address's scheme in small letters; empty where there is none or the address is broken."""
    try:
        return urlsplit(address).scheme.lower()
    except ValueError:
        return ""


def _host(address: str) -> str:
    """The host that an image is fetched from; empty for what is not fetched from the web."""
    try:
        return (urlsplit(address).netloc if urlsplit_scheme(address) in _WEB else "").lower()
    except ValueError:
        return ""


def _path(address: str) -> str:
    try:
        return urlsplit(address).path
    except ValueError:
        return address


def _kilobytes(size: int) -> int:
    return round(size / 1000)


def _images_in(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "image":
            yield token
        yield from _images_in(token.children or [])


CHECKS = (
    without_alt,
    with_empty_words,
    not_served,
    unsafe_addresses,
    foreign,
    not_stored,
    unshown_formats,
    too_wide,
    too_small,
    too_heavy,
)
