"""One variant of an issue, rendered: the one function of this package that writes letters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from markupsafe import Markup

from mailer.parsing.issue import Block, ParsedIssue
from mailer.rendering import frame, page, plain_text, slots, templates
from mailer.rendering.content_html import inline_html, unbroken_pattern
from mailer.rendering.letter import InterestName, Options, Reader, RenderedLetter
from mailer.rendering.outline import ContentsRow, Group, Outline, Story, outline
from mailer.rendering.pieces import Manner, pieces
from mailer.rendering.section import StoryPlace, Surroundings, events_in, filled, section_mjml
from mailer.rendering.theme import Theme
from mailer.rendering.variant import chosen, in_order
from mailer.rendering.words import Words, direction, language_for, load_words, speaks

_LONGEST_WORD = 18
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")


def render_letter(
    issue: ParsedIssue,
    reader: Reader,
    *,
    theme: Theme,
    interests: Sequence[InterestName],
    options: Options = Options(),  # noqa: B008  # immutable
) -> RenderedLetter:
    """The letter that `reader` gets, with slots for what differs between readers who share it.

    `interests` are the organisation's, in its order. Raises BrokenTemplateError for a template of an organisation's own
    that gives no letter, SettingsError for its words, InliningError for a letter that would arrive damaged.
    """
    reader = in_order(reader, [interest.slug for interest in interests])
    seen = outline(issue, reader, suggested_headings=options.suggested_headings)
    language = language_for(reader.language)
    speech = page.Speech(load_words(language, theme.folders), language, interests)
    said = page.phrases(issue, reader, seen, speech, theme)
    context = {**_context(issue, reader, speech, theme, options), "said": said}
    context["subject"] = context["written_subject"] or said.heading.title
    html = _html(issue, seen, theme, context, options)
    text = plain_text.compose(issue, seen, speech=speech, context=context, options=options)
    subject = " ".join(templates.render(f"{theme.name}/subject.txt", theme.folders, context).split())
    return RenderedLetter(
        subject=slots.restore(subject),
        preheader=slots.restore(said.preheader),
        html=slots.restore_html(html),
        text=slots.restore_text(text),
        language=issue.language,
        sections=seen.sections,
    )


def _context(issue: ParsedIssue, reader: Reader, speech: page.Speech, theme: Theme, options: Options) -> dict[str, Any]:
    """What every template is given, that of the subject and those of both bodies."""
    return {
        "theme": theme,
        "words": speech.words,
        "written_subject": slots.typed_line(chosen(issue.subjects, issue, reader) or ""),
        "preferences": options.preferences,
        "untracked": "" if options.tracking else speech.words.untracked,
        "language": _tag(issue.language),
        "direction": direction(issue.language),
        # Fixed words in another language than the author's say so, for screen readers.
        "spoken": _spoken(speech.language, issue.language),
    }


def _spoken(words: str, written: str) -> str:
    """The language of the fixed words where it isn't the author's: we may have none in the author's at all."""
    return "" if speaks(written) and words == language_for(written) else words


def _tag(language: str) -> str:
    """A BCP 47 tag for HTML; what isn't one says nothing that a screen reader could use."""
    return language if _LANGUAGE_TAG.fullmatch(language) else language_for(language)


def _html(issue: ParsedIssue, seen: Outline, theme: Theme, context: dict[str, Any], options: Options) -> str:
    theirs = load_words(language_for(issue.language), theme.folders)
    unbroken = unbroken_pattern(theme.unbroken, f"{theirs.date_pattern()}|{theirs.number_pattern()}")
    manner = Manner(unbroken, context["words"], issue.year, options.site_url, context["direction"], options.fields)
    common = frame.frame(
        theme,
        title=issue.title if slots.typed_line(issue.title) else theme.sender.name,
        week=issue.week,
        site_url=options.site_url,
        direction=context["direction"],
    )
    around = Surroundings(theme, manner, context["language"], context["direction"], context["spoken"], common["sun"])
    body = _Body(around, context["said"], options)
    closing, signature = page.signed(issue.closing)
    undivided = _begins_undivided(issue, seen)
    sections = list(body.sections(seen.groups, undivided=undivided))
    source = templates.render(
        f"{theme.name}/body.mjml",
        theme.folders,
        {
            **context,
            **common,
            "social": [(slots.typed_line(link.name), body.address(link.url)) for link in theme.social],
            "doors": _doors(context["words"], preferences=options.preferences),
            "speaking": around.speaking,
            "writing": around.writing,
            "intro": body.pieces(issue.intro),
            "contents": [body.row(row) for row in seen.contents],
            "undivided": undivided,
            "sections": sections,
            "closing": body.pieces(closing),
            "signature": body.pieces(signature),
        },
    )
    return frame.to_html(source, theme, manner.direction, sections)


def _doors(words: Words, *, preferences: bool) -> list[tuple[str, str]]:
    """The links at the foot, each with its address."""
    choose = [(words.preferences, "@@PREFERENCES_URL@@")] if preferences else []
    return [*choose, (words.unsubscribe, "@@UNSUBSCRIBE_URL@@"), (words.web, "@@WEB_URL@@")]


def _begins_undivided(issue: ParsedIssue, seen: Outline) -> bool:
    """Whether the first group has no divider above it: it has no heading, or nothing above to be divided from."""
    if not seen.groups:
        return False
    first = seen.groups[0]
    return not (first.heading or first.stories[0].heading) or not (issue.intro or seen.contents)


class _Body:
    """Turns what the author wrote into HTML that templates put in as it is."""

    def __init__(self, around: Surroundings, said: page.Phrases, options: Options) -> None:
        self._around, self._said, self._options = around, said, options

    def pieces(self, blocks: Sequence[Block]) -> list[dict[str, Any]]:
        """The pieces of the intro or closing."""
        return filled(pieces(tuple(blocks), 1, self._around.manner))

    def line(self, text: str) -> Markup:
        manner = self._around.manner
        return Markup(inline_html(text, manner.unbroken, manner.direction))  # noqa: S704  # escaped by content_html

    def row(self, row: ContentsRow) -> dict[str, Any]:
        label = self._said.labels[row.because]
        return {
            "anchor": f"s{row.group}",
            "heading": self.line(row.heading),
            "label": label,
            # Beside each other on the narrowest phone, neither needs to break inside a word.
            "whole_words": max(map(len, row.heading.split())) <= _LONGEST_WORD,
            "whole_label": len(label) <= _LONGEST_WORD,
        }

    def address(self, url: str) -> Markup:
        return Markup(slots.typed_address(url))  # noqa: S704  # escaped there

    def sections(self, groups: Sequence[Group], *, undivided: bool) -> Iterator[Markup]:
        """All stories as MJML."""
        for index, group in enumerate(groups):
            yield from self._group(index, group, divided=bool(index) or not undivided)

    def _group(self, index: int, group: Group, *, divided: bool) -> Iterator[Markup]:
        for story in group.stories:
            place = StoryPlace(
                anchor=f"s{index}",
                group_heading=group.heading,
                group_label=self._said.labels[group.because],
                heading=story.heading,
                label=self._said.labels[story.because],
                level=story.level,
                blocks=story.blocks,
                first=story is group.stories[0],
                last=story is group.stories[-1],
                divided=divided,
                calendar=self._calendar(story),
                more_less=self._said.more_less.get(story.position) if self._options.more_less else None,
            )
            yield section_mjml(place, self._around)

    def _calendar(self, story: Story) -> tuple[str, ...]:
        calendar_url = self._options.calendar_url
        if calendar_url is None:
            return ()
        events = events_in(story.blocks, self._around.manner)
        return tuple(calendar_url(story.position, number) for number in range(events))
