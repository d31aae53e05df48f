"""The one dialect of Markdown in the house: CommonMark with tables and strikethrough, and no HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

# Stands where a link was, when only the words beside links are wanted.
LINKED = "\ufffc"
# Levels that a block may be nested; a list counts two. Rendering has the same (`rendering.markdown.DEEPEST`) and shows more as code.
DEEPEST = 40
# The last level at which a paragraph and its words still fit.
_LAST = DEEPEST - 2
# Each level takes a sign at least, or a column, in front of the words; nearly all texts need no closer look.
_MAY_BE_DEEP = re.compile(rf"(?m)^[ >*+\-\d.)]{{{_LAST - 4}}}")


class _Exact(MarkdownIt):
    """Leaves addresses as they were typed; renderers encode them."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802  # markdown-it's name
        """The address itself."""
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802  # markdown-it's name
        """The words of an autolink as typed."""
        return link


@lru_cache
def commonmark() -> MarkdownIt:
    """The parser."""
    parser = _Exact("commonmark", {"html": False, "maxNesting": DEEPEST}).enable(["table", "strikethrough"])
    parser.block.ruler.before("table", "too_deep", _too_deep)
    return parser


def is_too_deep(markdown: str) -> bool:
    """Whether lists or quotations are nested so deeply that a letter shows them as they were typed."""
    if not _MAY_BE_DEEP.search(markdown.expandtabs(4)):
        return False
    return any(token.level >= _LAST and token.type != "inline" for token in commonmark().parse(markdown))


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # markdown-it's signature
    """Take what is nested too deeply as it stands. Left to itself, markdown-it drops all text below it, the next headings too."""
    if silent or state.level < _LAST:
        return False
    line = start + 1
    # Below zero is a line that goes on with a paragraph of a quotation without its mark.
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent or state.sCount[line] < 0):
        line += 1
    state.line = line
    token = state.push("code_block", "code", 0)
    token.content = state.getLines(start, line, state.blkIndent, True)  # markdown-it takes no name here
    token.map = [start, line]
    return True


def inline_text(children: Sequence[Token], *, mask_links: bool = False) -> str:
    """The words of inline tokens without markup. With `mask_links`, each link is one U+FFFC."""
    return "".join(_words(children, mask_links=mask_links))


def _words(children: Sequence[Token], *, mask_links: bool) -> Iterator[str]:
    depth = 0
    for token in children:
        if token.type in {"link_open", "link_close"} and mask_links:
            depth += token.nesting
            if token.nesting == 1:
                yield LINKED
        elif depth:
            continue
        elif token.type == "softbreak":
            yield " "
        elif token.type == "hardbreak":
            yield "\n"
        elif token.type == "image":
            yield inline_text(token.children or [])
        else:
            yield token.content.replace(LINKED, "\ufffd") if mask_links else token.content
