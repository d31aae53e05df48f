"""Elements in their order become an issue: title, intro, parts, sections, closing, and what was unsure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mailer.parsing.blocks import block_text
from mailer.parsing.edges import closing_start, count_subtitles, is_letterhead, is_title
from mailer.parsing.elements import Element
from mailer.parsing.headings import Heading, find_headings
from mailer.parsing.inline import to_markdown
from mailer.parsing.interests import InterestWords
from mailer.parsing.issue import Block, Dropped, ParsedIssue, Section, Unsure
from mailer.parsing.language import detect_language
from mailer.parsing.looks import find_week, introduces, is_greeting
from mailer.parsing.messages import links_without_target, nested_deeply, unreadable, unsure
from mailer.parsing.names import STEM, names_in
from mailer.parsing.stories import UNDER_HEADING, WITHOUT_HEADING, Story, common_stems, cut_stories
from mailer.parsing.suggest import first_words, suggest_heading, suggest_preheader
from mailer.parsing.units import ends_sentence
from mailer.parsing.wordlists import alternatives, anywhere, phrases

# A longer line that greets is the intro itself.
GREETING = 6
REMARK = 90


@dataclass(slots=True)
class Draft:
    """An issue in the making."""

    words: InterestWords
    common: set[str]
    names: Counter[str]
    own: frozenset[str] = frozenset()
    """The beginnings of the sender's own names."""
    sections: list[Section] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    remarks: list[Unsure] = field(default_factory=list)

    def remark(self, code: str, line: int | None, text: str = "", **words: str) -> None:
        """Note something to look at."""
        self.remarks.append(unsure(code, line, text, **words))

    def add_part(self, heading: str) -> None:
        """Open a part; one that was there before is gone on with."""
        if heading not in self.parts:
            self.parts.append(heading)

    def add_section(self, story: Story, heading: str, part: str | None, line: int | None) -> None:
        """Add a section, with what can be suggested for it."""
        text = "\n".join(element.text for element in story.elements)
        suggested = not heading and bool(story.elements)
        if suggested:
            heading = suggest_heading(story.elements, self.names, self.common, self.own)
            self.remark("heading-suggested", line, heading)
        interests = self.words.suggest(text if suggested else f"{heading}\n{text}", part)
        if interests:
            self.remark("interests-suggested", line, heading, interests=", ".join(interests))
        self.sections.append(
            Section(
                heading,
                tuple(element.block() for element in story.elements),
                part,
                interests,
                heading_suggested=suggested,
                interests_suggested=bool(interests),
                cut_suggested=story.cut,
                line=line,
            )
        )


def build_issue(
    elements: Sequence[Element],
    dropped: Sequence[Dropped],
    words: InterestWords,
    *,
    subject: str = "",
    language: str | None = None,
) -> ParsedIssue:
    """Find the order of a text.

    `subject` is a title known from elsewhere; `language` a language code, or None to tell it from the words.
    """
    remarks = [unsure("furniture-dropped", each.line, each.text) for each in dropped]
    title, dated, body = _take_title(list(elements), subject, remarks)
    subtitles = count_subtitles(body, elements[0].line if elements else 0)
    end = closing_start(body[subtitles:]) + subtitles
    decided, headings = find_headings(body[subtitles:end])
    own = _own_names([title, *(element.text for element in body[end:])])
    draft = Draft(words, common_stems(decided), _count_names(decided), own, remarks=remarks)
    first = headings[0].index if headings else len(decided)
    intro = [*body[:subtitles], *_open(draft, decided[:first], has_headings=bool(headings))]
    _fill(draft, decided, headings)
    year, week = _date([dated, *(element.text for element in body[:subtitles])])
    issue = ParsedIssue(
        title,
        suggest_preheader(intro),
        language or detect_language("\n".join(element.text for element in elements)),
        year,
        week,
        _blocks(intro),
        tuple(draft.parts),
        tuple(draft.sections),
        _blocks(body[end:]),
        tuple(dropped),
    )
    _remark_whole(draft, issue, found_headings=bool(headings))
    return replace(issue, unsure=tuple(sorted(draft.remarks, key=lambda each: each.line)))


def _date(texts: Sequence[str]) -> tuple[int | None, int | None]:
    """The year and week that the title names, or the lines right below it."""
    year: int | None = None
    week: int | None = None
    for text in texts:
        found_year, found_week = find_week(text)
        year, week = year or found_year, week or found_week
    return year, week


def _remark_whole(draft: Draft, issue: ParsedIssue, *, found_headings: bool) -> None:
    """Note what is unsure about the letter as a whole."""
    everything = [*issue.intro, *(block for section in issue.sections for block in section.blocks), *issue.closing]
    if issue.closing:
        draft.remark("closing-guessed", issue.closing[0].line, block_text(issue.closing[0]))
    if issue.preheader and issue.intro:
        draft.remark("preheader-suggested", issue.intro[0].line)
    if issue.sections and not found_headings:
        draft.remark("no-headings", issue.sections[0].line)
    if not everything and not issue.sections:
        draft.remark("empty-letter", 1)
    draft.remarks += [*unreadable(everything), *nested_deeply(everything)]
    draft.remarks += links_without_target([issue.intro, *(section.blocks for section in issue.sections), issue.closing])


def _blocks(elements: Sequence[Element]) -> tuple[Block, ...]:
    return tuple(element.block() for element in elements)


def _count_names(elements: Sequence[Element]) -> Counter[str]:
    """In how many elements each name stands."""
    return Counter(name for element in elements for name in names_in(element.text))


def _own_names(texts: Sequence[str]) -> frozenset[str]:
    """The beginnings of names in the title and the closing: who sends the letter, and where from."""
    found = (word for text in texts for name in names_in(text) for word in name.split())
    return frozenset(word.casefold()[:STEM] for word in found if len(word) >= STEM)


def _take_title(elements: list[Element], subject: str, remarks: list[Unsure]) -> tuple[str, str, list[Element]]:
    """The title, the words that may name its week, and the elements below it."""
    if subject:
        return subject, subject, elements
    if is_letterhead(elements):
        title = elements[1].text
        return title, title, [elements[0], *elements[2:]]
    if elements and is_title(elements[0]):
        title, _, rest = elements[0].text.partition("\n")
        below = [_without_first_line(elements[0], rest)] if rest else []
        return title, title, below + elements[1:]
    text = next((each.text for each in elements if not is_greeting(each.text)), elements[0].text if elements else "")
    title = _named_letter(elements[:3]) or first_words(text)
    remarks.append(unsure("title-suggested", elements[0].line if elements else 1, title))
    return title, text.split("\n")[0][:200], elements


def _named_letter(elements: Sequence[Element]) -> str:
    """What a letter calls itself in its first words: "velkommen til ukesoppsummering fra Innovasjon Vest"."""
    found = (_LETTER.search(element.text[:400]) for element in elements if element.kind == "paragraph")
    name = next((match[0] for match in found if match), "")
    return name[:1].upper() + name[1:]


_LETTER = re.compile(
    rf"(?<!\w)[^\W\d_]*(?:{alternatives(phrases('letter'))}) (?:fra|frå|from|for|of) (?:uke |veke |week )?"
    r"[A-ZÆØÅ0-9][^.,!?\n]{1,50}(?=[.,!?\n]|$)"
)


def _without_first_line(element: Element, rest: str) -> Element:
    return Element("paragraph", rest, to_markdown(rest), element.line + 1)


def _open(draft: Draft, elements: Sequence[Element], *, has_headings: bool) -> list[Element]:
    """The intro; what stands above the first heading and is news already becomes sections in no part."""
    greetings = 0
    while greetings < len(elements) - 1 and _is_short_line(elements[greetings]):
        greetings += 1
    if greetings < len(elements) and is_greeting(elements[greetings].text) and _is_short_line(elements[greetings]):
        greetings += 1
    announced = not has_headings and greetings + 1 < len(elements) and _announces_news(elements[greetings])
    greetings += announced
    stories = list(cut_stories(elements[greetings:], draft.words, draft.common, WITHOUT_HEADING))
    intro = list(elements[:greetings])
    opens = has_headings or greetings or (stories and introduces(stories[0].elements[0].text)) or len(stories) == 1
    if stories and opens and not announced:
        intro += stories.pop(0).elements
    for story in stories:
        line = story.elements[0].line
        if story.cut:
            draft.remark("cut-suggested", line, story.elements[0].text)
        draft.add_section(story, "", None, line)
    return intro


def _announces_news(element: Element) -> bool:
    """Whether a paragraph is all that stands before the news: it ends in a colon, or is one short remark about the week."""
    if element.kind != "paragraph" or "\n" in element.text:
        return False
    return element.text.endswith(":") or (
        len(element.text) <= REMARK and anywhere("the_week").search(element.text) is not None
    )


def _is_short_line(element: Element) -> bool:
    """Whether an element can't be a story: a greeting, or a line without a sentence."""
    if element.kind != "paragraph" or len(element.text.split()) > GREETING:
        return False
    return is_greeting(element.text) or not ends_sentence(element.text)


def _fill(draft: Draft, elements: Sequence[Element], headings: Sequence[Heading]) -> None:
    """Make parts and sections of what stands under each heading."""
    part: str | None = None
    children = {heading.index for heading in _with_children(headings)}
    # Deeper headings stay inside of their section, as blocks.
    opening = [heading for heading in headings if heading.level < 3]  # noqa: PLR2004  # parts and sections
    ends = [*(heading.index for heading in opening[1:]), len(elements)]
    for heading, end in zip(opening, ends, strict=False):
        element = elements[heading.index]
        below = [_subheading(each) for each in elements[heading.index + 1 : end]]
        if heading.guessed:
            draft.remark("heading-guessed", element.line, element.text)
        if heading.level == 1:
            part = element.text if heading.index in children else None
            _fill_top(draft, element, below, is_part=part is not None)
            continue
        if heading.level_guessed and part:
            draft.remark("level-guessed", element.line, element.text, part=part)
        if not below:
            draft.remark("heading-without-text", element.line, element.text)
        draft.add_section(Story(below), element.text, part, element.line)


def _with_children(headings: Sequence[Heading]) -> list[Heading]:
    """The top headings that have sections with headings of their own below them."""
    return [above for above, below in pairwise(headings) if above.level == 1 and below.level > 1]


def _fill_top(draft: Draft, heading: Element, below: list[Element], *, is_part: bool) -> None:
    """What stands under a heading of the first level: a part's opening, one story, or several that make it a part."""
    if is_part:
        draft.add_part(heading.text)
        if below:
            draft.add_section(Story(below), "", heading.text, below[0].line)
        return
    stories = list(cut_stories(below, draft.words, draft.common, UNDER_HEADING))
    if len(stories) < 2:  # noqa: PLR2004  # one story: the heading is its own
        if not below:
            draft.remark("heading-without-text", heading.line, heading.text)
        draft.add_section(Story(below), heading.text, None, heading.line)
        return
    draft.add_part(heading.text)
    for story in stories:
        line = story.elements[0].line
        if story.cut:
            draft.remark("cut-suggested", line, story.elements[0].text)
        draft.add_section(story, "", heading.text, line)


def _subheading(element: Element) -> Element:
    """A heading of the third level as a block."""
    if element.kind != "heading":
        return element
    return Element("heading", element.text, f"#### {element.markdown.lstrip('#').strip()}", element.line)
