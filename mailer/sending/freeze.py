"""Freeze: each letter of a campaign that differs from the others is rendered once, compiled and kept."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from mailer.models import Campaign, Variant
from mailer.models.translations import editions
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import Reader, RenderedLetter
from mailer.rendering.render import render_letter
from mailer.rendering.variant import key
from mailer.sending.letterhead import configured_theme, interest_names, letter_options
from subscribers.audiences import Segment


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """What one segment of the audience would get: positions of the sections in the text, its language, whether it is a translation."""

    segment: Segment
    sections: tuple[int, ...]
    language: str
    translated: bool = False


def freeze(campaign: Campaign, planned: Sequence[PlannedVariant]) -> list[tuple[Segment, Variant]]:
    """Render each letter that differs once, keep it, and return which segment gets which. A segment with nothing to read gets none.

    Readers get the translation in their language, if the issue has one.
    """
    texts = editions(campaign.issue)
    theme, names = configured_theme(), interest_names()
    options = {text.language: letter_options(text) for text in texts.all()}
    frozen: dict[object, Variant] = {}
    assigned = []
    for item in planned:
        if not item.sections:
            continue
        reader = Reader(item.segment.interests, item.segment.language)
        text = texts.for_reader(reader)
        same_letter = text.language, key(text, reader)
        if same_letter not in frozen:
            letter = render_letter(text, reader, theme=theme, interests=names, options=options[text.language])
            frozen[same_letter] = _keep(campaign, len(frozen) + 1, reader, text, letter)
        assigned.append((item.segment, frozen[same_letter]))
    return assigned


def _keep(campaign: Campaign, number: int, reader: Reader, text: ParsedIssue, letter: RenderedLetter) -> Variant:
    return Variant.objects.create(
        campaign=campaign,
        number=number,
        language=reader.language,
        content_language=letter.language,
        interests=list(reader.interests),
        sections=list(letter.sections),
        section_headings=[text.sections[position].heading for position in letter.sections],
        subject=letter.subject,
        html=letter.html,
        text=letter.text,
        compiled=compile_letter(letter, boundary=f"=_{secrets.token_hex(12)}").to_bytes(),
    )
