"""Blocks as HTML: what stands inside the letter's text cells. Its looks are `_partials/content.css`, put in later."""

from __future__ import annotations

import re
from collections.abc import Iterable, MutableMapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

from mailer.parsing.issue import Block
from mailer.rendering.fields import cut_at_fields
from mailer.rendering.markdown import OPTIONS, REPLY_DASH, is_safe, is_speaker, parse, text_of
from mailer.rendering.pictures import picture
from mailer.rendering.slots import FieldSlot, typed, typed_address, typed_attribute
from mailer.rendering.table_columns import Column, columns, records
from mailer.rendering.writing_direction import Direction, direction_of, isolated, turned

_MOST_UNBROKEN = 28  # characters of a link: fits the narrowest phone at 17 px
_MOST_UNBROKEN_WORDS = 3
_DEEPEST_HEADING = 6
# "e-post": a hyphen after one letter is no place to break a line at.
_ONE_LETTER_FIRST = r"(?<!\w)\w-\w{1,20}(?!\w)"
# "Øst-Finnmark": nor is one inside of a short name.
_HYPHENATED_NAME = r"(?<![\w-])[A-ZÀ-ÖØ-Þ]\w{1,11}-[A-ZÀ-ÖØ-Þ]\w{1,11}(?![\w-])"

Env = MutableMapping[str, Any]
Tokens = Sequence[Token]


class HtmlWriter:
    """Writes runs of tokens, one after the other, and keeps in mind which headings are open.

    `direction` is the whole letter's: a paragraph that is written the other way says so. `fields` are slugs that make a
    slot of what an author put in double brackets.
    """

    def __init__(
        self,
        level: int,
        unbroken: str,
        site_url: str = "",
        direction: Direction = "ltr",
        fields: frozenset[str] = frozenset(),
    ) -> None:
        self._env: Env = {
            "level": level,
            "headings": [],
            "links": [],
            "unbroken": _compiled(unbroken),
            "site_url": site_url,
            "direction": direction,
            "fields": fields,
        }

    def write(self, tokens: Tokens) -> str:
        """HTML, well-formed as XML, of whole elements."""
        return str(_WRITER.render(records(tokens), OPTIONS, self._env))

    def inside(self, tokens: Tokens) -> str:
        """The HTML of words in a line, without an element around them."""
        return str(_WRITER.renderInline(tokens, OPTIONS, self._env))

    def quotation(self, tokens: Tokens) -> str:
        """The HTML of a whole quotation, without the dash that hangs beside it."""
        self._env["bare"] = True
        return self.write(tokens)


def to_html(
    blocks: Sequence[Block], level: int, unbroken: str, site_url: str = "", direction: Direction = "ltr"
) -> str:
    """HTML, well-formed as XML, of some blocks.

    `level` is that of the heading they stand under: theirs begin one below it and never skip any. What the regular
    expression `unbroken` matches is kept on one line.
    """
    writer = HtmlWriter(level, unbroken, site_url, direction)
    return "".join(writer.write(parse(block.markdown)) for block in blocks)


@lru_cache(maxsize=2048)
def inline_html(text: str, unbroken: str, direction: Direction = "ltr") -> str:
    """One line of plain text as HTML: a heading. `direction` is that of the letter."""
    return isolated(_escaped(text, _compiled(unbroken), direction), text, direction)


def unbroken_pattern(phrases: Iterable[str], dates: str) -> str:
    """A regular expression, over escaped HTML, for dates, "e-post", short names with a hyphen and what a theme names."""
    names = (re.escape(escapeHtml(phrase)) for phrase in phrases if phrase.strip())
    return "|".join([*names, dates, _ONE_LETTER_FIRST, _HYPHENATED_NAME])


@lru_cache(maxsize=64)
def _compiled(unbroken: str) -> re.Pattern[str]:
    return re.compile(unbroken)


def _escaped(text: str, unbroken: re.Pattern[str], direction: Direction) -> str:
    escaped = escapeHtml(typed(text))

    def whole(match: re.Match[str]) -> str:
        return f'<span class="whole"{_dir(turned(match[0], direction))}>{match[0]}</span>'

    return unbroken.sub(whole, escaped)


def _caption(text: str, env: Env) -> str:
    return isolated(_escaped(text, env["unbroken"], env["direction"]), text, env["direction"])


def _verbatim(text: str) -> str:
    return escapeHtml(typed(text))


def _dir(direction: Direction | None) -> str:
    return f' dir="{direction}"' if direction else ""


def _class(*names: str) -> str:
    joined = " ".join(filter(None, names))
    return f' class="{joined}"' if joined else ""


class _Writer(RendererHTML):
    """Writes each kind of token; a method's name is the token's type. `env` holds what was seen so far."""

    def text(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        content = tokens[idx].content
        if env.pop("quoting", False):
            content = REPLY_DASH.sub("", content)
        pieces = cut_at_fields(content, env["fields"])
        return "".join(
            str(piece) if isinstance(piece, FieldSlot) else _escaped(piece, env["unbroken"], env["direction"])
            for piece in pieces
        )

    def code_inline(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"<code>{_verbatim(tokens[idx].content)}</code>"

    def code_block(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"<pre>{_verbatim(tokens[idx].content)}</pre>\n"

    def fence(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return self.code_block(tokens, idx, options, env)

    def heading_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        rank, open_ranks = int(tokens[idx].tag[1:]), env["headings"]
        while open_ranks and open_ranks[-1] >= rank:
            open_ranks.pop()
        open_ranks.append(rank)
        return f"<h{self._heading_level(env)}>{self._opened(tokens[idx + 1], env)}"

    def heading_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"{self._closed(env)}</h{self._heading_level(env)}>\n"

    @staticmethod
    def _heading_level(env: Env) -> int:
        level: int = env["level"] + len(env["headings"])
        return min(_DEEPEST_HEADING, level)

    def link_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        address = str(tokens[idx].attrGet("href") or "")
        end = next(i for i in range(idx, len(tokens)) if tokens[i].type == "link_close")
        words = text_of(list(tokens[idx + 1 : end]))
        # A link without words is nothing that a screen reader could read out.
        env["links"].append(is_safe(address) and bool(words.strip()))
        if not env["links"][-1]:
            return ""
        short = len(words) <= _MOST_UNBROKEN and len(words.split()) <= _MOST_UNBROKEN_WORDS
        way = _dir(turned(words, env["direction"]))
        return f'<a{_class("whole" if short else "")} href="{typed_address(address)}"{way}>'

    def link_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return "</a>" if env["links"].pop() else ""

    def image(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        token = tokens[idx]
        alt = text_of(token.children)
        address, caption = str(token.attrGet("src") or ""), str(token.attrGet("title") or "")
        shown = picture(address, env["site_url"])
        if shown is None:
            return _escaped(f"{alt} {caption}".strip(), env["unbroken"], env["direction"])
        size = f'width="{shown.width}"' + (f' height="{shown.height}"' if shown.height else "")
        image = f'<img src="{typed_address(shown.address)}" alt="{typed_attribute(alt)}" {size} style="max-width:{shown.width}px" />'
        return image + (f'<span class="caption">{_caption(caption, env)}</span>' if caption else "")

    def paragraph_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        if tokens[idx].hidden:
            apart = "\n" if idx and tokens[idx - 1].type.endswith("_close") else ""
            return apart + self._opened(tokens[idx + 1], env)
        env["quoting"] = is_speaker(tokens, idx) or env.get("quoting", False)
        direction = direction_of(tokens[idx + 1].content) or env["direction"]
        against = "" if direction == env["direction"] else "leftwards" if direction == "rtl" else "rightwards"
        names = _class("speaker" if is_speaker(tokens, idx) else "", against)
        return f'<p{names} dir="{direction}">' if against else f"<p{names}>"

    def paragraph_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return self._closed(env) if tokens[idx].hidden else "</p>\n"

    def blockquote_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["quoting"] = True
        if env.get("bare") and tokens[idx].level == 0:
            return "<blockquote>\n"
        return (
            '<table role="presentation" class="quotation"><tbody><tr>'
            '<td class="dash" aria-hidden="true">–</td><td class="words"><blockquote>\n'
        )

    def blockquote_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        if tokens[idx].level == 0 and env.pop("bare", False):
            return "</blockquote>\n"
        return "</blockquote></td></tr></tbody></table>\n"

    def table_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["columns"] = columns(tokens[idx:])
        env["column"] = -1
        return '<table class="data">\n'

    def records(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        """A table too wide for a phone: each of its rows is a table of its own, a line for each cell behind its head."""
        heads, *rows = (
            [isolated(self.renderInline(cell, options, env), text_of(cell), env["direction"]) for cell in row]
            for row in tokens[idx].meta["rows"]
        )
        return "".join(self._record(heads, row) for row in rows or [heads])

    @staticmethod
    def _record(heads: Sequence[str], cells: Sequence[str]) -> str:
        title = f'<tr><th class="record-head" colspan="2" scope="colgroup">{cells[0]}</th></tr>' if cells[0] else ""
        lines = (
            f'<tr><th class="record" scope="row">{head}</th><td class="record">{cell}</td></tr>'
            for head, cell in zip(heads[1:], cells[1:], strict=True)
            if cell
        )
        return f'<table class="record"><tbody>{title}{"".join(lines)}</tbody></table>\n'

    def tr_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["column"] = -1
        return "<tr>"

    def th_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f'<th scope="col"{self._cell(env)}>{self._opened(tokens[idx + 1], env)}'

    def th_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"{self._closed(env)}</th>\n"

    def td_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"<td{self._cell(env)}>{self._opened(tokens[idx + 1], env)}"

    def td_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"{self._closed(env)}</td>\n"

    @staticmethod
    def _opened(inline: Token, env: Env) -> str:
        """The beginning of a span for words, in an element that isn't theirs alone, that are written the other way."""
        way = turned(text_of(inline.children), env["direction"])
        env["turned"] = bool(way)
        return f"<span{_dir(way)}>" if way else ""

    @staticmethod
    def _closed(env: Env) -> str:
        return "</span>" if env.pop("turned", False) else ""

    @staticmethod
    def _cell(env: Env) -> str:
        env["column"] += 1
        column: Column = env["columns"][env["column"]]
        edge = "end" if env["column"] == len(env["columns"]) - 1 else ""
        wrapping = "whole" if column.narrow else "words-whole" if column.keeps_words else "crowded"
        return _class("data", column.align, edge, wrapping)


_WRITER = _Writer()
