"""CSS put into the elements it speaks of, which is the only CSS that every mail program obeys.

Runs after MJML, over what Markdown made: MJML has inlined its own. premailer is the one inliner we have; another
(css-inline is the likeliest) needs only `inline`.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import premailer

from mailer.rendering.slots import SLOT
from mailer.rendering.structure import WORDS, put_together, structure, words_of

_IGNORED_STYLE = '<style data-premailer="ignore"'
_TAG = re.compile(r"<([a-z][a-z0-9]*)")
_CLASSES = re.compile(r'class="([^"]*)"')
_NAMES = re.compile(r"([.#]?)([A-Za-z_][\w-]*)")
# Stands for "&#", which lxml would resolve. Nobody can type two @ in a row into a letter: see `slots`.
_ENTITY = "@@#"
_DOCTYPE = "<!DOCTYPE html>"
# As many as there are themes, for `css` is a theme's.
_RULES: dict[tuple[str, int], tuple[list[Any], list[Any]]] = {}


# Sections already inlined, each in a page of its own, and the style sheet: the variants of an issue share most.
_PAGES: dict[tuple[str, str], list[str]] = {}
# The others differ in words alone: pages inlined without them, cut where they stood.
_STRUCTURES: dict[tuple[str, str], list[str]] = {}
_MOST_PAGES = 512
_CUT = "<!--cut-->"
_SECTION_START = '<!--[if mso | IE]><table border="0"'
_AROUND = re.compile(r"<body[^>]*><div[^>]*>")
# A selector with one of these may reach from one section into the next.
_SIBLINGS = re.compile(r"[+~]")


class InliningError(RuntimeError):
    """The inliner changed what it should have let alone. The letter must not be sent."""


class Inliner(Protocol):
    """Puts `css` into the style attributes of `html` and changes nothing else."""

    def inline(self, html: str, css: str) -> str:
        """The whole document again. Raises InliningError if more than style attributes changed."""
        ...


class _Premailer(premailer.Premailer):  # type: ignore[misc]  # untyped
    """Takes a style sheet apart once, not for every letter, and looks only for what is in the letter.

    The two were nine tenths of the time: cssutils is slow, and so is an XPath over the whole letter for each selector.
    """

    def _parse_style_rules(self, css_body: str, ruleset_index: int) -> tuple[list[Any], list[Any]]:
        if (css_body, ruleset_index) not in _RULES:
            _RULES[css_body, ruleset_index] = super()._parse_style_rules(css_body, ruleset_index)
        rules, leftover = _RULES[css_body, ruleset_index]
        tags = set(_TAG.findall(self.html))
        classes = {name for names in _CLASSES.findall(self.html) for name in names.split()}
        there = [rule for rule in rules if _may_match(rule[1], tags, classes)]
        return there, list(leftover)

    def _style_to_basic_html_attributes(self, element: Any, style_content: str, force: bool = False) -> None:
        """Nothing: our templates give width, bgcolor and their kind themselves, as Outlook wants them."""


def _may_match(selector: str, tags: set[str], classes: set[str]) -> bool:
    """Whether the selector's tags and classes all occur: false only if it can't match anything."""
    needed_tags, needed_classes = _needed(selector)
    return needed_tags <= tags and needed_classes <= classes


@lru_cache(maxsize=1024)
def _needed(selector: str) -> tuple[frozenset[str], frozenset[str]]:
    """The tags and the classes that a selector names."""
    parts = _NAMES.findall(selector)
    tags, classes = ({name for mark, name in parts if mark == kind} for kind in ("", "."))
    return frozenset(tags), frozenset(classes)


class PremailerInliner:
    """Peter Bengtsson's premailer with its helpful defaults off: they break dark mode, phones and Outlook."""

    def inline(self, html: str, css: str) -> str:
        """See `Inliner`."""
        before = re.sub(r"^\s*<!doctype html>", _DOCTYPE, html, count=1, flags=re.IGNORECASE)
        cut = _cut(before, css)
        if cut is None:
            return self._whole(before, css)
        start, end = self._cached(f"{cut.shell[0]}{_CUT}{cut.shell[1]}", css)
        bare = f"{_DOCTYPE}<html><head></head>{cut.around}"
        sections = (
            self._cached(f"{bare}{_CUT}{section}{_CUT}</div></body></html>", css)[1] for section in cut.sections
        )
        return start + "".join(sections) + end

    def _cached(self, page: str, css: str) -> list[str]:
        """A page with styles put in, cut where the marks are."""
        if (page, css) not in _PAGES:
            if len(_PAGES) >= _MOST_PAGES:
                _PAGES.clear()
            _PAGES[page, css] = self._by_structure(page, css).split(_CUT)
        return _PAGES[page, css]

    def _by_structure(self, page: str, css: str) -> str:
        """A page with styles put in. No style depends on words, so they needn't be there."""
        bare = structure(page)
        if (bare, css) not in _STRUCTURES:
            if len(_STRUCTURES) >= _MOST_PAGES:
                _STRUCTURES.clear()
            _STRUCTURES[bare, css] = self._whole(bare, css).split(WORDS)
        around, words = _STRUCTURES[bare, css], words_of(page)
        # Not the same number where words were something else to a parser, such as an address.
        return put_together(around, words) if len(around) == len(words) + 1 else self._whole(page, css)

    def _whole(self, before: str, css: str) -> str:
        letter = _Premailer(
            _protected(before),
            css_text=css,
            keep_style_tags=False,
            strip_important=False,
            remove_classes=False,
            disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],
            align_floating_images=False,
            exclude_pseudoclasses=True,
            disable_validation=True,
            cssutils_logging_level=logging.CRITICAL,
            allow_network=False,
            allow_loading_external_files=False,
            disable_link_rewrites=True,
            base_url=None,
            remove_unset_properties=False,
            include_star_selectors=False,
            capitalize_float_margin=False,
            preserve_handlebar_syntax=False,
            cache_css_parsing=True,
            method="html",
        )
        # Printing prettily adds white space that shows.
        after = _unprotected(letter.transform(pretty_print=False))
        _assert_untouched(before, after)
        return after


@dataclass(frozen=True, slots=True)
class _Cut:
    """A letter cut between its sections: what comes before and after them, what each stands in, and they themselves."""

    shell: tuple[str, str]
    around: str
    sections: tuple[str, ...]


def _cut(html: str, css: str) -> _Cut | None:
    """The letter cut where MJML begins a section; None where sections can't be told apart or may concern each other."""
    around = _AROUND.search(html)
    start, end = html.find(_SECTION_START), html.rfind("</div></body>")
    if not around or not around.end() <= start < end or _CUT in html or _SIBLINGS.search(css):
        return None
    sections, open_divs = [html[around.end() : start], ""], 0
    for part in html[start:end].split(_SECTION_START)[1:]:
        if open_divs == 0 and sections[-1]:
            sections.append("")
        sections[-1] += _SECTION_START + part
        open_divs += part.count("<div") - part.count("</div")
    return None if open_divs else _Cut((html[: around.end()], html[end:]), around[0], tuple(sections))


def _protected(html: str) -> str:
    """`html` with every style element outside of comments, and every numeric entity, hidden from premailer."""
    pieces = _split_comments(html)
    pieces[::2] = [piece.replace("<style", _IGNORED_STYLE) for piece in pieces[::2]]
    return "".join(pieces).replace("&#", _ENTITY)


def _split_comments(html: str) -> list[str]:
    """What is outside and inside of comments, in turn; a lazy regular expression takes ten times as long."""
    pieces, end = [], 0
    while (start := html.find("<!--", end)) >= 0 and (close := html.find("-->", start + 4)) >= 0:
        pieces += [html[end:start], html[start : close + 3]]
        end = close + 3
    return [*pieces, html[end:]]


def _unprotected(html: str) -> str:
    return html.replace(_IGNORED_STYLE, "<style").replace(_ENTITY, "&#")


def _assert_untouched(before: str, after: str) -> None:
    """Raises InliningError unless comments, elements, slots, !important and the doctype came through."""
    checks = {
        "conditional comments changed": _split_comments(before)[1::2] == _split_comments(after)[1::2],
        "the number of elements changed": _elements(before) == _elements(after),
        "numeric entities changed": before.count("&#") == after.count("&#"),
        "slots changed": SLOT.findall(before) == SLOT.findall(after),
        "!important got lost": before.count("!important") <= after.count("!important"),
        "the doctype is not first": after.startswith(_DOCTYPE),
    }
    if broken := [what for what, held in checks.items() if not held]:
        raise InliningError(f"Inlining styles damaged the letter: {', '.join(broken)}.")


def _elements(html: str) -> int:
    """How many start tags there are, those in conditional comments included: text has no raw <."""
    return html.count("<") - html.count("</") - html.count("<!")
