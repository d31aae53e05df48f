"""The letter as a given reader will see it, by the same road as a launch."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import reduce
from itertools import chain, combinations
from operator import or_
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q

from mailer.models import Issue
from mailer.models.image import Image
from mailer.models.translations import editions
from mailer.rendering.letter import Reader, RenderedLetter
from mailer.rendering.render import render_letter
from mailer.rendering.slots import fill
from mailer.sending.letterhead import configured_theme, greet, interest_names, letter_options
from subscribers.models import Subscriber
from subscribers.signup import check_language, interests_named

# More combinations than this are nothing that a person looks through; a campaign renders only those that occur.
MOST_PREVIEWS = 256
_STAND_IN = "Kari Nordmann"


@dataclass(frozen=True, slots=True)
class Preview:
    """One reader's letter, with stand-ins for what is personal."""

    interests: tuple[str, ...]
    language: str
    content_language: str
    subject: str
    preheader: str
    html: str
    text: str
    sections: tuple[int, ...]

    @property
    def label(self) -> str:
        """The reader, in words."""
        return f"{' + '.join(self.interests) or 'everything'} ({self.language})"

    def as_json(self) -> dict[str, Any]:
        """The form for scripts."""
        return {
            "interests": list(self.interests),
            "language": self.language,
            "content_language": self.content_language,
            "subject": self.subject,
            "preheader": self.preheader,
            "sections": list(self.sections),
            "html_bytes": len(self.html.encode()),
        }


def previews(issue: Issue, *, interests: tuple[str, ...] | None, language: str = "") -> list[Preview]:
    """Return the letter for a reader with these interests, or with None one for each combination there is.

    Who reads another language than the issue's gets its translation, if there is one. Without a language, the reader's is the
    issue's, or that of those who read it if no reader has it. Raises SignupError for an unknown interest or language.
    """
    texts = editions(issue)
    theme, names = configured_theme(), interest_names()
    options = {text.language: letter_options(text) for text in texts.all()}
    spoken = check_language(language) if language else _reader_language(issue.language)
    shown = []
    for combination in _combinations() if interests is None else [_ordered(interests)]:
        reader = Reader(combination, spoken)
        text = texts.for_reader(reader)
        letter = render_letter(text, reader, theme=theme, interests=names, options=options[text.language])
        shown.append(_preview(reader, letter))
    return shown


def _preview(reader: Reader, letter: RenderedLetter) -> Preview:
    stand_ins = {
        "GREETING": greet(_STAND_IN, reader.language),
        "RECIPIENT_NAME": _STAND_IN,
        "UNSUBSCRIBE_URL": f"{settings.SITE_URL}/u/",
        "WEB_URL": f"{settings.SITE_URL}/",
        # The links under sections go on from here ("/more/students"), and lead to the same page.
        "PREFERENCES_URL": f"{settings.SITE_URL}/u/#",
    }
    return Preview(
        interests=reader.interests,
        language=reader.language,
        content_language=letter.language,
        subject=letter.subject,
        preheader=letter.preheader,
        html=fill(letter.html, stand_ins, escape=True),
        text=fill(letter.text, stand_ins, escape=False),
        sections=letter.sections,
    )


def _reader_language(language: str) -> str:
    """A text in a language that no reader has goes to those of the service's own."""
    return language if language in Subscriber.Language.values else settings.LANGUAGE_CODE


def write_preview(issue: Issue, preview: Preview, folder: Path | None = None) -> Path:
    """Write a preview's HTML into a folder (default: previews in `var/`) and return its path.

    The pictures that this site serves are put into the file, so that it shows them while no site runs.
    """
    folder = folder or Path(settings.VAR) / "previews"
    folder.mkdir(parents=True, exist_ok=True)
    reader = "-".join(preview.interests) or "everything"
    path = folder / f"{issue.slug}-{reader}-{preview.language}.html"
    path.write_text(_with_pictures(preview.html), encoding="utf-8")
    return path


def _with_pictures(html: str) -> str:
    """HTML with our own pictures inside of it (RFC 2397). An address at which there is none stays."""
    address = re.compile(re.escape(settings.SITE_URL) + r"(/i/([0-9a-f]{12})-\d{1,5}x\d{1,5}\.\w{3,4})")
    digests = {found[2] for found in address.finditer(html)}
    if not digests:
        return html
    wanted = reduce(or_, (Q(digest__startswith=digest) for digest in digests))
    stored = {image.path: _data_address(image) for image in Image.objects.filter(wanted)}
    return address.sub(lambda found: stored.get(found[1], found[0]), html)


def _data_address(image: Image) -> str:
    content = base64.b64encode(bytes(image.content)).decode("ascii")
    return f"data:{Image.MEDIA_TYPES[image.format]};base64,{content}"


def _ordered(interests: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(interest.slug for interest in interests_named(interests))


def _combinations() -> list[tuple[str, ...]]:
    slugs = [name.slug for name in interest_names()]
    every = chain.from_iterable(combinations(slugs, size) for size in range(len(slugs) + 1))
    return [combination for _, combination in zip(range(MOST_PREVIEWS), every, strict=False)]
