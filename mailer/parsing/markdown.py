r"""Markdown with front matter: the form for people who keep their issues in git.

    ---
    title: Uke 45
    preheader: Siden sist har det skjedd mye på kontoret.
    language: nb
    week: 2021-W45
    ---

    What stands above the first heading is the intro.

    ## A section that stands in no part
    interests: students, businesses

    Its text.

    ## A part

    ### A section in that part
    interests: students

    Its text.

    ###

    A section in that part without a heading.

    ---

    What stands below the last line drawn is the closing.

A `##` with a `###` below it, before the next `##`, is a part; any other `##` is a section in no part. A text that stands between the
heading of a part and its first `###` is a section of that part without a heading. `####` and deeper are subheadings inside a section.
Right under a heading, without an empty line, may stand `interests: ...`, and `suggested: heading, interests, cut` for what an importer
suggested and nobody has confirmed. `## {closing}` begins the closing as well; it is written where a section has drawn lines of its own.
`sections: none` under a `##` says that it is a part all the same.

Read as well: interests in braces (`### A section {students}`), interests by heading in the front matter
(`interests: {A section: [students]}`), a title as `# Title`, and texts whose headings begin one level higher or lower.
Comments (`<!-- ... -->`) are left out. Nothing else is: HTML is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from markdown_it.token import Token

from mailer.parsing.blocks import links
from mailer.parsing.commonmark import commonmark, inline_text
from mailer.parsing.front_matter import FrontMatter, split_front_matter
from mailer.parsing.issue import Block, Dropped, ParsedIssue, Section, Unsure
from mailer.parsing.language import detect_language
from mailer.parsing.lines import plain_line, plain_markdown
from mailer.parsing.looks import find_week
from mailer.parsing.messages import unsure
from mailer.parsing.suggest import first_words
from mailer.parsing.tokens import MarkdownBlock, split_markdown

_META = re.compile(r"(interests|interesser|interessar|suggested|sections)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_BRACES = re.compile(r"(?:^|(?<=\s))(?<!\\)\{([^{}\\]*)\}[ \t]*#*[ \t]*$")
_PART, _SECTION = 2, 3


@dataclass(slots=True)
class _Piece:
    """A heading with what stands under it."""

    level: int
    heading: str
    line: int | None
    interests: tuple[str, ...] = ()
    suggested: frozenset[str] = frozenset()
    childless: bool = False
    blocks: list[Block] = field(default_factory=list)


def parse_markdown(text: str, name: str = "the text", *, language: str | None = None) -> ParsedIssue:
    """Read an issue from Markdown with front matter. Nothing is guessed or cut: what is written counts.

    Raises SourceError, with file and line, when the front matter can't be used.
    """
    front, body = split_front_matter(plain_markdown(text), name)
    blocks, dropped = split_markdown(body)
    title, blocks, remarks = _title(front, blocks)
    pieces, closing = _pieces(_levelled(blocks))
    intro = pieces[0].blocks
    sections, parts = _sections(pieces[1:])
    sections, more = _front_interests(sections, front)
    everything = [*intro, *(block for section in sections for block in section.blocks), *closing]
    remarks += [*front.remarks, *more, *(unsure("furniture-dropped", each.line, each.text) for each in dropped)]
    remarks += [unsure("link-without-target", link.line, link.text) for link in links(everything) if link.target is None]
    year, week = (front.year, front.week) if front.week or front.year else find_week(title)
    return ParsedIssue(
        title,
        front.preheader,
        language or front.language or detect_language(body),
        year,
        week,
        tuple(intro),
        parts,
        sections,
        tuple(closing),
        tuple(dropped),
        tuple(sorted(remarks, key=lambda each: each.line)),
    )
