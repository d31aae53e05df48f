"""A picture file becomes a stored image and a block of a section."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import transaction

from mailer.models.image import Image
from mailer.models.issue import Issue, Section
from mailer.parsing.inline import escape_inside
from mailer.parsing.lines import plain_line
from mailer.rendering.picture_files import PreparedPicture, prepare_picture

_LONGEST_ALT = 500
_DIGITS = 4  # of a section's number


class AddImageError(ValueError):
    """The picture was not added. The message is a sentence for people; nothing was stored."""


@dataclass(frozen=True, slots=True)
class PictureWords:
    """What is said of a picture: `alt` for those who don't see it, or that it is decorative; `caption` for everyone."""

    alt: str = ""
    decorative: bool = False
    caption: str = ""


@dataclass(frozen=True, slots=True)
class AddedImage:
    """The record, the Markdown that shows it, and the section that it was put into, if it was."""

    image: Image
    markdown: str
    section: Section | None


@transaction.atomic
def add_image(
    issue: Issue, content: bytes, words: PictureWords, *, section: str = "", name: str = "The file"
) -> AddedImage:
    """Take a picture in and append it to a section of an issue.

    `content` is the file, `name` what it is called in messages. `section` is a number, counted from 1, or words of a heading; without it
    the picture is stored and put nowhere. An issue that was approved is a draft again. The same picture is stored once.
    Raises AddImageError, or PictureError for a file that can't be used.
    """
    alt, caption = _checked(words)
    issue = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
    chosen = find_section(issue, section) if section else None
    image = keep_picture(prepare_picture(content, name=name), alt)
    markdown = image_markdown(image.path, alt=alt, caption=caption)
    if chosen is not None:
        chosen.body = f"{chosen.body.rstrip()}\n\n{markdown}".lstrip()
        chosen.save(update_fields=["body"])
        issue.status = Issue.Status.DRAFT
        issue.save(update_fields=["status", "changed_at"])
    return AddedImage(image, markdown, chosen)


def image_markdown(path: str, *, alt: str, caption: str = "") -> str:
    """Return the Markdown of an image; its caption is the title."""
    title = ' "{}"'.format(re.sub(r'[\\"&<`]', r"\\\g<0>", plain_line(caption))) if plain_line(caption) else ""
    return f"![{escape_inside(plain_line(alt))}]({path}{title})"


def find_section(issue: Issue, wanted: str) -> Section:
    """Return the section with this number, counted from 1, or with these words in its heading. Raises AddImageError."""
    sections = list(issue.sections.all())
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= _DIGITS and 1 <= int(wanted) <= len(sections):
        return sections[int(wanted) - 1]
    exact = [section for section in sections if section.heading.casefold() == wanted.casefold()]
    found = exact or [section for section in sections if wanted.casefold() in section.heading.casefold()]
    if len(found) == 1:
        return found[0]
    there = "; ".join(
        f"{number}. {section.heading or '(no heading)'}" for number, section in enumerate(sections, start=1)
    )
    how_many = "No section has" if not found else f"{len(found)} sections have"
    raise AddImageError(f"{how_many} “{wanted}” in the heading. Give a number: {there or 'the issue has no sections'}.")


def _checked(words: PictureWords) -> tuple[str, str]:
    alt = plain_line(words.alt)
    if alt and words.decorative:
        raise AddImageError(
            "A decorative picture is passed over by who can't see it: give an alternative text, or say that it is decorative."
        )
    if not alt and not words.decorative:
        raise AddImageError(
            "Say in an alternative text what the picture shows, for readers who don't see it. If it only adorns, say that it is decorative."
        )
    if len(alt) > _LONGEST_ALT:
        raise AddImageError(
            f"The alternative text has {len(alt)} characters. Say it in {_LONGEST_ALT}, and write the rest into the section."
        )
    return alt, plain_line(words.caption)


def keep_picture(picture: PreparedPicture, alt: str) -> Image:
    """Return the record of a picture, once made, so that the site serves it; `alt` is what was said of it last."""
    stored, is_new = Image.objects.defer("content").get_or_create(
        digest=picture.digest,
        defaults={
            "width": picture.width,
            "height": picture.height,
            "format": picture.format,
            "content": picture.content,
            "size": len(picture.content),
            "alt": alt,
        },
    )
    if not is_new and stored.alt != alt:
        stored.alt = alt
        stored.save(update_fields=["alt"])
    return stored
