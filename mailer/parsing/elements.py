"""What a text is made of before its order is known: one list of elements, from whichever form it was written in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mailer.parsing.issue import Block, BlockKind


@dataclass(frozen=True, slots=True)
class Element:
    r"""One block of the source, with what its looks tell.

    `text` is its plain words ("\n" where the author broke a line); `mark` is how it is marked as a heading: "" for not at all,
    else a name that all headings of one look share ("caps", "bold", "number 2", "hash 3"); `apart` says that empty lines stand
    round it; `breaks_before` that a drawn line or other divider does; `gap` is how many empty
    lines stand above it.
    """

    kind: BlockKind
    text: str
    markdown: str
    line: int
    mark: str = ""
    apart: bool = True
    breaks_before: bool = False
    gap: int = 1

    def block(self) -> Block:
        """The element as a block of a section."""
        return Block(self.kind, self.markdown, self.line)

    def heading(self, text: str, mark: str) -> Element:
        """The element read as a heading."""
        return replace(self, kind="heading", text=text, mark=mark)
