"""A Markdown text cut into its blocks, each as Markdown that means the same wherever it stands."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it.common.utils import normalizeReference
from markdown_it.token import Token

from mailer.parsing.commonmark import commonmark, inline_text
from mailer.parsing.issue import Block, BlockKind, Dropped
from mailer.parsing.kinds import TopLevel, top_level
from mailer.parsing.lines import plain_line

# The headings that open a part or a section.
_OPENING = {"h1", "h2", "h3"}
META = re.compile(r" {0,3}(interests|interesser|interessar|suggested|sections)[ \t]*:[ \t]*(.*)", re.IGNORECASE)
_BRACES = re.compile(r"(?:^|(?<=[ \t]))\{([^{}\\]*)\}[ \t]*$")
_SLUG = re.compile(r"[\w-]+")
_COMMENT = re.compile(r"<!--(?P<text>.*?)-->", re.DOTALL)
_REFERENCE = re.compile(r"(?<![\\!\]])\[((?:[^\[\]\\]|\\.){1,300})\](?:\[((?:[^\[\]\\]|\\.){0,300})\])?(?![\[(:])")


@dataclass(frozen=True, slots=True)
class MarkdownBlock:
    """One block: its Markdown and plain words; for a heading its level (else 0), its interests in braces, its meta lines."""

    kind: BlockKind
    markdown: str
    text: str
    line: int
    level: int = 0
    braces: tuple[str, ...] = ()
    meta: dict[str, str] = field(default_factory=dict)

    def block(self) -> Block:
        """The block as it stands in a section."""
        return Block(self.kind, self.markdown, self.line)

    def on_level(self, level: int) -> MarkdownBlock:
        """A heading on another level; as a block it never stands above level 4."""
        words = self.markdown.lstrip("#").strip()
        return replace(self, level=level, markdown=f"{'#' * max(4, level)} {words}".rstrip())


@dataclass(frozen=True, slots=True)
class SplitMarkdown:
    """The blocks of a text, and its comments."""

    blocks: list[MarkdownBlock]
    dropped: list[Dropped]


def split_markdown(text: str) -> SplitMarkdown:
    r"""Cut a Markdown text (line ends "\n") into its top-level blocks."""
    lines = text.split("\n")
    metas = _take_meta(lines)
    env: dict[str, Any] = {}
    tokens = commonmark().parse("\n".join(lines), env)
    blocks: list[MarkdownBlock] = []
    dropped: list[Dropped] = []
    for each in top_level(tokens):
        block = _block(each, lines, metas, env)
        comment = _COMMENT.fullmatch(block.markdown) if block.kind == "paragraph" else None
        if comment is None and (block.markdown or block.kind != "paragraph"):
            blocks.append(block)
        elif comment and comment["text"].strip():
            dropped.append(Dropped(block.line, comment["text"].strip()))
    return SplitMarkdown(blocks, dropped)


def _take_meta(lines: list[str]) -> dict[int, dict[str, str]]:
    """Take the meta lines right under headings out of the lines; line of the heading (from 0) -> key -> value."""
    metas: dict[int, dict[str, str]] = {}
    if not any(META.match(line) for line in lines):
        return metas
    for token in commonmark().parse("\n".join(lines)):
        if token.type != "heading_open" or token.level or not token.map:
            continue
        start, end = token.map
        # People leave an empty line after a heading. Inside a section's text (level 4 and below) such a line is text.
        after = end + (end < len(lines) and not lines[end].strip())
        if token.tag in _OPENING and after < len(lines) and META.match(lines[after]):
            end = after
        while end < len(lines) and (match := META.match(lines[end])):
            key = "interests" if match[1].casefold().startswith("inter") else match[1].casefold()
            metas.setdefault(start, {})[key] = match[2].strip()
            lines[end] = ""
            end += 1
    return metas


def _block(each: TopLevel, lines: list[str], metas: dict[int, dict[str, str]], env: dict[str, Any]) -> MarkdownBlock:
    token = each.token
    if each.kind == "heading":
        return _heading(token, each.inner[0].content if each.inner else "", each.begin, metas)
    if each.kind == "rule":
        return MarkdownBlock("rule", "---", "", each.begin + 1)
    if token.type in {"fence", "code_block"}:
        return MarkdownBlock(each.kind, each.markdown or _fence(token), token.content, each.begin + 1)
    words = "\n".join(inline_text(one.children or []) for one in each.inner if one.type == "inline")
    markdown = _resolve("\n".join(_dedent(lines[each.begin : each.end])).strip("\n").rstrip(), env)
    return MarkdownBlock(each.kind, markdown, words, each.begin + 1)


def _heading(token: Token, content: str, start: int, metas: dict[int, dict[str, str]]) -> MarkdownBlock:
    level = int(token.tag[1])
    content = " ".join(content.split("\n"))
    match = _BRACES.search(content)
    braces: tuple[str, ...] = ()
    if match and all(_SLUG.fullmatch(each.strip()) for each in match[1].split(",")):
        braces = tuple(each.strip() for each in match[1].split(","))
        content = content[: match.start()].rstrip()
    text = plain_line(inline_text(commonmark().parseInline(content)[0].children or [])) if content else ""
    markdown = f"{'#' * max(4, level)} {content}".rstrip()
    return MarkdownBlock("heading", markdown, text, start + 1, level, braces, metas.get(start, {}))


def _fence(token: Token) -> str:
    """Code as a closed fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall(r"`+", token.content)), default=0)
    mark = "`" * max(3, longest + 1)
    info = token.info.strip().replace("`", "") if token.type == "fence" else ""
    content = token.content if token.content.endswith("\n") or not token.content else token.content + "\n"
    return f"{mark}{info}\n{content}{mark}"


def _dedent(lines: list[str]) -> list[str]:
    """Lines without the indent of the first."""
    indent = len(lines[0]) - len(lines[0].lstrip(" ")) if lines else 0
    return [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines]


def _resolve(markdown: str, env: dict[str, Any]) -> str:
    """Links by reference ("[words][name]") with their targets, because the block will stand without the definitions."""
    references: dict[str, dict[str, str]] = env.get("references", {})
    if not references:
        return markdown

    def replacement(match: re.Match[str]) -> str:
        found = references.get(normalizeReference(match[2] or match[1]))
        if found is None:
            return match[0]
        title = ' "{}"'.format(found["title"].replace("\\", "\\\\").replace('"', '\\"')) if found.get("title") else ""
        target = re.sub(r"[<>\\]", r"\\\g<0>", found["href"])
        return f"[{match[1]}](<{target}>{title})"

    return _REFERENCE.sub(replacement, markdown)
