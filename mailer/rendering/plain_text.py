"""The letter as plain text, first class: 72 columns, underlined headings, links as numbered references."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from mailer.parsing.issue import ParsedIssue
from mailer.rendering import page, templates
from mailer.rendering.content_text import INDENT, TextWriter
from mailer.rendering.letter import Options
from mailer.rendering.outline import ContentsRow, Group, Outline, Story
from mailer.rendering.slots import typed, typed_line
from mailer.rendering.text_layout import (
    LOWER,
    NO_BREAK,
    hang,
    right_aligned,
    underlined,
    without_blanks_at_line_ends,
    wrap,
)
from mailer.rendering.theme import Theme
from mailer.rendering.words import language_for, load_words

_MOST_LINE_ENDS = re.compile(r"\n{4,}")


def compose(
    issue: ParsedIssue, seen: Outline, *, speech: page.Speech, context: Mapping[str, Any], options: Options
) -> str:
    """The text of a letter, from the theme's `body.txt`. Raises BrokenTemplateError."""
    said: page.Phrases = context["said"]
    theme: Theme = context["theme"]
    theirs = load_words(language_for(issue.language), theme.folders)
    unbroken = re.compile(f"{theirs.date_pattern()}|{theirs.number_pattern()}")
    writer = TextWriter(speech.words, unbroken, issue.year, options.fields)
    layout = _Layout(writer, speech, options.calendar_url)
    # Below each section the address would be longer than many of them: it is here once.
    choose = speech.words.more_or_less if options.more_less else speech.words.preferences
    text = templates.render(
        f"{theme.name}/body.txt",
        theme.folders,
        {
            **context,
            "letterhead": _letterhead(said, speech),
            "personal": layout.paragraph(f"{said.personal.lead} {said.personal.interests}"),
            "intro": writer.blocks(issue.intro),
            "contents": "\n".join(map(layout.row, seen.contents)),
            "groups": [layout.group(group) for group in seen.groups],
            "social": [(typed_line(link.name), typed(link.url)) for link in theme.social],
            "closing": writer.blocks(issue.closing),
            "footer": layout.paragraph(f"{said.why} {context['untracked']}"),
            "sender": layout.paragraph(", ".join([said.sender, *said.address])),
            "choose": choose,
            "width": max(map(len, (choose, speech.words.unsubscribe, speech.words.web))) + 2,
        },
    )
    text = without_blanks_at_line_ends(text.replace(NO_BREAK, " ")).strip()
    return _MOST_LINE_ENDS.sub("\n\n\n", text) + "\n"


def _letterhead(said: page.Phrases, speech: page.Speech) -> str:
    left = (speech.words.letter_from, said.sender, "")
    heading = said.heading
    return right_aligned(list(zip(left, (heading.title, heading.dates, heading.daylight), strict=True)))


class _Layout:
    """Lays out the parts of a letter that are not blocks."""

    def __init__(self, writer: TextWriter, speech: page.Speech, calendar_url: Callable[[int, int], str] | None) -> None:
        self._writer, self._speech, self._calendar_url = writer, speech, calendar_url

    def paragraph(self, text: str) -> str:
        return "\n".join(wrap(self._writer.whole(text)))

    def row(self, row: ContentsRow) -> str:
        words = self._speech.words
        text = self._labelled(row.heading, row.because, words.wholly_for if row.wholly else words.partly_for)
        return hang(text, f"{INDENT}- ", f"{INDENT}  ")

    def group(self, group: Group) -> str:
        stories = [self._story(story) for story in group.stories]
        if not group.heading:
            return "\n\n\n".join(stories)
        heading = underlined(self._labelled(group.heading, group.because, self._speech.words.wholly_for))
        return f"{heading}\n\n" + self._apart(group.stories, stories)

    def _apart(self, stories: Sequence[Story], texts: Sequence[str]) -> str:
        """Two empty lines before a story with a heading of its own, as before any heading; else one."""
        text = texts[0]
        for story, following in zip(stories[1:], texts[1:], strict=True):
            text += ("\n\n\n" if story.heading else "\n\n") + following
        return text

    def _story(self, story: Story) -> str:
        heading = self._labelled(story.heading, story.because, self._speech.words.wholly_for)
        calendar = partial(self._calendar_url, story.position) if self._calendar_url else None
        body = self._writer.blocks(story.blocks, calendar)
        if story.level == 2 and story.heading:  # noqa: PLR2004  # as in h2
            return f"{underlined(heading)}\n\n{body}"
        # A label alone is no heading.
        above = underlined(heading, LOWER) if story.heading else "\n".join(wrap(heading))
        return "\n\n".join(filter(None, [above, body]))

    def _labelled(self, heading: str, because: Sequence[str], shape: str) -> str:
        label = self._speech.about(shape, because)
        return self._writer.whole(" ".join(filter(None, [typed_line(heading), f"({label})" if label else ""])))
