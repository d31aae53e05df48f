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
from mailer.rendering.markdown import IMAGE_SCHEMES, OPTIONS, REPLY_DASH, is_safe, is_speaker, parse, sole_link, text_of
from mailer.rendering.slots import typed, typed_address, typed_attribute
from mailer.rendering.table_columns import Column, columns

MEASURE_PX = 520
_MOST_UNBROKEN = 28  # characters of a link: fits the narrowest phone at 17 px
_MOST_UNBROKEN_WORDS = 3
_MOST_COLUMNS = 3
_DEEPEST_HEADING = 6

Env = MutableMapping[str, Any]
Tokens = Sequence[Token]


@lru_cache(maxsize=2048)
def to_html(blocks: tuple[Block, ...], level: int, unbroken: str) -> str:
    """HTML, well-formed as XML, of some blocks.

    `level` is that of the heading they stand under: theirs begin one below it and never skip any. What the regular
    expression `unbroken` matches is kept on one line.
    """
    env: Env = {"level": level, "headings": [], "links": [], "buttons": 0, "unbroken": _compiled(unbroken)}
    return "".join(_WRITER.render(parse(block.markdown), OPTIONS, env) for block in blocks)


def inline_html(text: str, unbroken: str) -> str:
    """One line of plain text as HTML: a heading."""
    return _escaped(text, _compiled(unbroken))


def unbroken_pattern(phrases: Iterable[str], dates: str) -> str:
    """A regular expression, over escaped HTML, for dates and the names that a theme wants kept whole."""
    return "|".join([*(re.escape(escapeHtml(phrase)) for phrase in phrases if phrase.strip()), dates])


@lru_cache(maxsize=64)
def _compiled(unbroken: str) -> re.Pattern[str]:
    return re.compile(unbroken)


def _escaped(text: str, unbroken: re.Pattern[str]) -> str:
    escaped = escapeHtml(typed(text))
    return unbroken.sub(lambda match: f'<span class="whole">{match[0]}</span>', escaped)


def _verbatim(text: str) -> str:
    return escapeHtml(typed(text))


def _class(*names: str) -> str:
    joined = " ".join(filter(None, names))
    return f' class="{joined}"' if joined else ""


class _Writer(RendererHTML):
    """Writes each kind of token; a method's name is the token's type. `env` holds what was seen so far."""

    def text(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        content = tokens[idx].content
        if env.pop("quoting", False):
            content = REPLY_DASH.sub("", content)
        return _escaped(content, env["unbroken"])

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
        return f"<h{self._heading_level(env)}>"

    def heading_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"</h{self._heading_level(env)}>\n"

    @staticmethod
    def _heading_level(env: Env) -> int:
        level: int = env["level"] + len(env["headings"])
        return min(_DEEPEST_HEADING, level)

    def link_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        address = str(tokens[idx].attrGet("href") or "")
        env["links"].append(is_safe(address))
        if not env["links"][-1]:
            return ""
        end = next(i for i in range(idx, len(tokens)) if tokens[i].type == "link_close")
        words = text_of(list(tokens[idx + 1 : end]))
        short = len(words) <= _MOST_UNBROKEN and len(words.split()) <= _MOST_UNBROKEN_WORDS
        return f'<a{_class("whole" if short else "")} href="{typed_address(address)}">'

    def link_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return "</a>" if env["links"].pop() else ""

    def image(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        token = tokens[idx]
        alt = text_of(token.children)
        address, caption = str(token.attrGet("src") or ""), str(token.attrGet("title") or "")
        if not is_safe(address, IMAGE_SCHEMES):
            return _escaped(f"{alt} {caption}".strip(), env["unbroken"])
        image = f'<img src="{typed_address(address)}" alt="{typed_attribute(alt)}" width="{MEASURE_PX}" />'
        return image + (f'<span class="caption">{_escaped(caption, env["unbroken"])}</span>' if caption else "")

    def paragraph_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        if tokens[idx].hidden:
            return "\n" if idx and tokens[idx - 1].type.endswith("_close") else ""
        if sole_link(tokens[idx + 1]):
            second = " second" if env["buttons"] else ""
            env["buttons"] += 1
            return f'<table role="presentation" class="button"><tbody><tr><td class="button{second}">'
        env["quoting"] = is_speaker(tokens, idx) or env.get("quoting", False)
        return f"<p{_class('speaker' if is_speaker(tokens, idx) else '')}>"

    def paragraph_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        if tokens[idx].hidden:
            return ""
        return "</td></tr></tbody></table>\n" if sole_link(tokens[idx - 1]) else "</p>\n"

    def blockquote_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["quoting"] = True
        return (
            '<table role="presentation" class="quotation"><tbody><tr>'
            '<td class="dash" aria-hidden="true">–</td><td class="words"><blockquote>\n'
        )

    def blockquote_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return "</blockquote></td></tr></tbody></table>\n"

    def table_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["columns"] = columns(tokens[idx:])
        wide = len(env["columns"]) > _MOST_COLUMNS
        return ('<div class="wide">' if wide else "") + '<table class="data">\n'

    def table_close(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return "</table>" + ("</div>\n" if len(env["columns"]) > _MOST_COLUMNS else "\n")

    def tr_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        env["column"] = -1
        return "<tr>"

    def th_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f'<th scope="col"{self._cell(env)}>'

    def td_open(self, tokens: Tokens, idx: int, options: OptionsDict, env: Env) -> str:
        return f"<td{self._cell(env)}>"

    @staticmethod
    def _cell(env: Env) -> str:
        env["column"] += 1
        column: Column = env["columns"][env["column"]]
        edge = "end" if env["column"] == len(env["columns"]) - 1 else ""
        return _class("data", column.align, edge, "whole" if column.narrow else "")


_WRITER = _Writer()
