"""The one dialect of Markdown in the house: CommonMark with tables and strikethrough, and no HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Stands where a link was, when only the words beside links are wanted.
LINKED = "\ufffc"


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
    return _Exact("commonmark", {"html": False}).enable(["table", "strikethrough"])


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
