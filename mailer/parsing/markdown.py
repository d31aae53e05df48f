r"""Markdown with front matter: the form for people who keep their issues in git.

    ---
    title: Uke 45
    preheader: Siden sist har det skjedd mye på kontoret.
    language: nb
    week: 2021-W45
    subjects:
      students: Bli med og bygg Studentbyen
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
Right under a heading, or below one empty line, may stand `interests: ...`, and `suggested: heading, interests, cut` for what an importer
suggested and nobody has confirmed. `## {closing}` begins the closing as well; it is written where a section has drawn lines of its own.
Where a text itself begins with such a line, an empty `interests:` before it parts the two.
`sections: none` under a `##` says that it is a part all the same.

`subjects` and `preheaders` give, by interest, what its followers read in their inbox in place of the title and the preheader.

Read as well: interests in braces (`### A section {students}`), interests by heading in the front matter
(`interests: {A section: [students]}`), a title as `# Title`, and texts whose headings begin one level higher or lower.
Comments (`<!-- ... -->`) are left out. Nothing else is: HTML is text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from mailer.parsing.front_matter import FrontMatter, split_front_matter
from mailer.parsing.issue import Block, ParsedIssue, Section, Unsure
from mailer.parsing.language import detect_language
from mailer.parsing.lines import plain_text
from mailer.parsing.looks import find_week
from mailer.parsing.messages import links_without_target, nested_deeply, unreadable, unsure
from mailer.parsing.suggest import first_words
from mailer.parsing.tokens import MarkdownBlock, split_markdown

_PART = 2
_CLOSING = "closing"
# Characters: longer lines are those of a text that an editor wrapped.
_SIGNATURE_LINE = 60


@dataclass(slots=True)
class _Piece:
    """A heading with what stands under it."""

    level: int
    heading: str
    line: int | None
    meta: dict[str, str] = field(default_factory=dict)
    braces: tuple[str, ...] = ()
    blocks: list[Block] = field(default_factory=list)

    @property
    def interests(self) -> tuple[str, ...]:
        """The interests named under the heading or in its braces."""
        return self.braces + tuple(slug.strip() for slug in self.meta.get("interests", "").split(",") if slug.strip())

    def section(self, part: str | None) -> Section:
        """The piece as a section."""
        suggested = {word.strip() for word in self.meta.get("suggested", "").split(",")}
        return Section(
            self.heading,
            tuple(self.blocks),
            part,
            self.interests,
            heading_suggested="heading" in suggested,
            interests_suggested="interests" in suggested,
            cut_suggested="cut" in suggested,
            line=self.line,
        )


def parse_markdown(text: str, name: str = "the text", *, language: str | None = None) -> ParsedIssue:
    """Read an issue from Markdown with front matter. Nothing is guessed or cut: what is written counts.

    Raises SourceError, with file and line, when the front matter can't be used.
    """
    front, body = split_front_matter(plain_text(text), name)
    split = split_markdown(body)
    title, blocks, remarks = _title(front, split.blocks)
    intro, pieces, closing = _pieces(_levelled(blocks))
    parts, sections = _sections(pieces)
    sections, more = _front_interests(sections, front)
    groups = [intro, *(section.blocks for section in sections), closing]
    remarks += [*front.remarks, *more, *(unsure("comment-dropped", each.line, each.text) for each in split.dropped)]
    every = list(chain.from_iterable(groups))
    remarks += [*links_without_target(groups), *unreadable(every), *nested_deeply(every)]
    year, week = (front.year, front.week) if (front.week or front.year or front.week_known) else find_week(title)
    return ParsedIssue(
        title,
        front.preheader,
        language or front.language or detect_language(body),
        year,
        week,
        tuple(intro),
        tuple(parts),
        tuple(sections),
        tuple(map(_as_signed, closing)),
        tuple(split.dropped),
        tuple(sorted(remarks, key=lambda each: each.line)),
        front.subjects,
        front.preheaders,
    )


def has_marks(text: str) -> bool:
    """Whether a text without front matter was written in our form all the same: it names interests under or beside headings."""
    blocks = split_markdown(text).blocks
    return any(block.meta or block.braces for block in blocks)


def _title(front: FrontMatter, blocks: list[MarkdownBlock]) -> tuple[str, list[MarkdownBlock], list[Unsure]]:
    """The title of the front matter, else a first `# Title`, else a suggestion; and the blocks below it."""
    first = blocks[0] if blocks else None
    if first and first.level == 1 and front.title in {None, first.text}:
        return first.text, blocks[1:], []
    if front.title is not None:
        return front.title, blocks, []
    title = first_words(next((block.text for block in blocks if block.text), ""))
    return title, blocks, [unsure("title-suggested", front.lines or 1, title)]


def _levelled(blocks: list[MarkdownBlock]) -> list[MarkdownBlock]:
    """The blocks with headings on the levels that we write: 2 and 3, and deeper inside of sections."""
    levels = {block.level for block in blocks if block.level}
    shift = 1 if 1 in levels else -1 if 2 not in levels and 3 in levels else 0  # noqa: PLR2004  # Markdown's levels
    return [block.on_level(min(6, block.level + shift)) if block.level else block for block in blocks]


def _pieces(blocks: list[MarkdownBlock]) -> tuple[list[Block], list[_Piece], list[Block]]:
    """The intro, what stands under each heading, and the closing."""
    pieces = [_Piece(_PART, "", None)]
    for block in blocks:
        if block.level in {_PART, _PART + 1}:
            pieces.append(_Piece(block.level, block.text, block.line, block.meta, block.braces))
        else:
            pieces[-1].blocks.append(block.block())
    closing: list[Block] = []
    marked = next(
        (index for index, piece in enumerate(pieces) if piece.braces == (_CLOSING,) and not piece.heading), None
    )
    if marked is not None:
        closing = [block for piece in pieces[marked:] for block in piece.blocks]
        del pieces[marked:]
    elif [block.kind for block in blocks].count("rule") == 1 and any(each.kind == "rule" for each in pieces[-1].blocks):
        last = pieces[-1].blocks
        place = next(index for index, each in enumerate(last) if each.kind == "rule")
        closing, pieces[-1].blocks = last[place + 1 :], last[:place]
    return pieces[0].blocks, pieces[1:], closing


def _as_signed(block: Block) -> Block:
    """A paragraph of the closing with its line breaks kept, as those of a signature are meant; but not where lines are as long as text."""
    lines = block.markdown.split("\n")
    if block.kind != "paragraph" or "`" in block.markdown or max(map(len, lines)) > _SIGNATURE_LINE:
        return block
    kept = [line if line.endswith(("\\", "  ")) else f"{line}\\" for line in lines[:-1]]
    return replace(block, markdown="\n".join([*kept, lines[-1]]))


def _sections(pieces: Sequence[_Piece]) -> tuple[list[str], list[Section]]:
    parts: list[str] = []
    sections: list[Section] = []
    part: str | None = None
    for index, piece in enumerate(pieces):
        if piece.level > _PART:
            sections.append(piece.section(part))
            continue
        below = pieces[index + 1 : index + 2]
        childless = piece.meta.get("sections", "").strip().casefold() == "none"
        part = piece.heading if piece.heading and (childless or (below and below[0].level > _PART)) else None
        if part is None:
            sections.append(piece.section(None))
            continue
        if part not in parts:
            parts.append(part)
        if piece.blocks or piece.interests:
            sections.append(replace(piece.section(part), heading=""))
    return parts, sections


def _front_interests(sections: list[Section], front: FrontMatter) -> tuple[list[Section], list[Unsure]]:
    """Give sections the interests that the front matter names by heading."""
    headings = {section.heading for section in sections}
    remarks = [unsure("unknown-heading", 1, heading) for heading in front.interests if heading not in headings]
    given = [
        replace(section, interests=front.interests[section.heading])
        if section.heading in front.interests and not section.interests
        else section
        for section in sections
    ]
    return given, remarks
