"""An issue as Markdown with front matter: the way back from `markdown.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mailer.parsing.cutting import LIST_SEPARATOR
from mailer.parsing.front_matter import write_front_matter
from mailer.parsing.inline import escape_inside
from mailer.parsing.issue import Block, ParsedIssue, Section
from mailer.parsing.lines import plain_line, plain_text
from mailer.parsing.markdown import parse_markdown
from mailer.parsing.tokens import META, MarkdownBlock, split_markdown


def to_markdown(issue: ParsedIssue) -> str:
    """The issue as Markdown that `parse_markdown` reads back the same, but for `dropped`, `unsure` and line numbers."""
    chunks = [*_blocks(issue.intro), *_body(issue), *_closing(issue)]
    return write_front_matter(issue) + "".join(f"\n{chunk}\n" for chunk in chunks)


def with_export_lines(issue: ParsedIssue) -> ParsedIssue:
    """The issue with the lines that its sections and blocks have in its export; None where that can't be told."""
    read = parse_markdown(to_markdown(issue))
    alike = len(read.sections) == len(issue.sections)
    lines = [section.line for section in read.sections] if alike else [None] * len(issue.sections)
    inside = [section.blocks for section in read.sections] if alike else [()] * len(issue.sections)
    sections = zip(issue.sections, lines, inside, strict=True)
    return replace(
        issue,
        intro=_with_lines(issue.intro, read.intro),
        sections=tuple(
            replace(section, line=line, blocks=_with_lines(section.blocks, blocks))
            for section, line, blocks in sections
        ),
        closing=_with_lines(issue.closing, read.closing),
    )


def _with_lines(blocks: Sequence[Block], exported: Sequence[Block]) -> tuple[Block, ...]:
    lines = [block.line for block in exported] if len(exported) == len(blocks) else [None] * len(blocks)
    return tuple(replace(block, line=line) for block, line in zip(blocks, lines, strict=True))


def _body(issue: ParsedIssue) -> Iterator[str]:
    """Headings and sections in order; a part that has no sections stands where the order of parts puts it."""
    waiting = list(issue.parts)
    open_part: str | None = None
    opened: set[str] = set()
    for section in issue.sections:
        if section.part != open_part and section.part is not None:
            yield from _childless(waiting, opened, until=section.part)
            yield _heading("##", section.part)
            opened.add(section.part)
        open_part = section.part
        yield from _section(section)
    yield from _childless(waiting, opened | {section.part for section in issue.sections if section.part}, until=None)


def _childless(waiting: list[str], opened: set[str], until: str | None) -> Iterator[str]:
    """Parts without sections that stand before the next one."""
    if until is not None and until not in waiting:
        return
    while waiting:
        part = waiting.pop(0)
        if part == until:
            return
        if part not in opened:
            yield f"{_heading('##', part)}\nsections: none"


def _section(section: Section) -> Iterator[str]:
    lines = [_heading("##" if section.part is None else "###", section.heading)]
    if section.interests:
        lines.append(f"interests: {', '.join(plain_line(slug) for slug in section.interests)}")
    flags = {
        "heading": section.heading_suggested,
        "interests": section.interests_suggested,
        "cut": section.cut_suggested,
    }
    if any(flags.values()):
        lines.append(f"suggested: {', '.join(name for name, flag in flags.items() if flag)}")
    blocks = list(_blocks(section.blocks))
    if len(lines) == 1 and _reads_as_meta(blocks):
        lines.append("interests:")
    yield "\n".join(lines)
    yield from blocks


def _reads_as_meta(blocks: Sequence[str]) -> bool:
    """Whether a text begins with a line that would be taken for one about its heading; an empty such line before it parts the two."""
    return bool(blocks) and META.match(blocks[0].split("\n", 1)[0]) is not None


def _heading(mark: str, text: str) -> str:
    words = escape_inside(plain_line(text)).replace("{", "\\{")
    words = re.sub(r"(?:^|(?<=\s))(#+)$", r"\\\1", words)
    return f"{mark} {words}".rstrip(" ")


def _closing(issue: ParsedIssue) -> Iterator[str]:
    """A drawn line and the closing; its own heading where drawn lines stand elsewhere as well."""
    ruled = any(block.kind == "rule" for block in _every_block(issue))
    blocks = list(_blocks(issue.closing))
    if issue.closing or ruled:
        parting = "\ninterests:" if _reads_as_meta(blocks) else ""
        yield f"## {{closing}}{parting}" if ruled else "---"
    yield from blocks


def _every_block(issue: ParsedIssue) -> Iterator[MarkdownBlock]:
    for block in (*issue.intro, *(each for section in issue.sections for each in section.blocks), *issue.closing):
        yield from _parts_of(block)


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    previous = ""
    for block in blocks:
        for each in _parts_of(block):
            if previous == each.kind == "list":
                yield LIST_SEPARATOR
            yield each.markdown
            previous = each.kind


def _parts_of(block: Block) -> list[MarkdownBlock]:
    """A block's Markdown in the form that the parser gives it, whoever wrote it: one block each, no heading above level 4."""
    split = split_markdown(plain_text(block.markdown))
    if split.dropped:
        # What reads as a comment here was shown as words where it stood.
        split = split_markdown(re.sub(r"(?m)^( {0,3})<!--", r"\1\\<!--", plain_text(block.markdown)))
    return split.blocks
