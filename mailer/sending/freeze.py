"""Freeze: each letter of a campaign that differs from the others is rendered once, compiled and kept."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailer.models import Campaign, Variant
from mailer.models.translations import editions
from mailer.parsing.issue import ParsedIssue
from mailer.rendering.compiled import compile_letter
from mailer.rendering.letter import Options, Reader, RenderedLetter
from mailer.rendering.render import render_letter
from mailer.rendering.variant import key
from mailer.sending.copy_in import copy_in
from mailer.sending.letterhead import configured_theme, interest_names, letter_options
from mailer.sending.links import keep_calendar
from subscribers.audiences import Segment


@dataclass(frozen=True, slots=True)
class PlannedVariant:
    """What one segment of the audience would get: positions of the sections in the text, its language, whether it is a translation."""

    segment: Segment
    sections: tuple[int, ...]
    language: str
    translated: bool = False


def freeze(campaign: Campaign, planned: Sequence[PlannedVariant]) -> list[tuple[Segment, int]]:
    """Render each letter that differs once, keep it, and return the number of the one that each segment gets.

    Readers get the translation in their language, if the issue has one. A segment with nothing to read gets no letter.
    """
    texts = editions(campaign.issue)
    keep_calendar(texts.all())
    press = _Press(campaign, {text.language: letter_options(text) for text in texts.all()})
    numbers: dict[object, int] = {}
    assigned = []
    # Whatever rendering asks the database for was asked above: it takes nothing but letters now.
    with copy_in(Variant) as keep:
        for item in planned:
            if not item.sections:
                continue
            reader = Reader(item.segment.interests, item.segment.language)
            text = texts.for_reader(reader)
            same_letter = text.language, key(text, reader)
            if same_letter not in numbers:
                numbers[same_letter] = len(numbers) + 1
                keep(press.printed(numbers[same_letter], text, reader))
            assigned.append((item.segment, numbers[same_letter]))
    return assigned


class _Press:
    """Renders letters."""

    def __init__(self, campaign: Campaign, options: Mapping[str, Options]) -> None:
        self._campaign, self._options = campaign, options
        self._theme, self._names = configured_theme(), interest_names()

    def printed(self, number: int, text: ParsedIssue, reader: Reader) -> Variant:
        options = self._options[text.language]
        letter = render_letter(text, reader, theme=self._theme, interests=self._names, options=options)
        return _variant(self._campaign, number, reader, text, letter)


def _variant(campaign: Campaign, number: int, reader: Reader, text: ParsedIssue, letter: RenderedLetter) -> Variant:
    return Variant(
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
