"""CSS put into the elements it speaks of, which is the only CSS that every mail program obeys.

Runs after MJML, over what Markdown made: MJML has inlined its own. premailer is the one inliner we have; another
(css-inline is the likeliest) needs only `inline`.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Protocol

import premailer

from mailer.rendering.slots import SLOT

_IGNORED_STYLE = '<style data-premailer="ignore"'
_TAG = re.compile(r"<([a-z][a-z0-9]*)")
_CLASSES = re.compile(r'class="([^"]*)"')
_NAMES = re.compile(r"([.#]?)([A-Za-z_][\w-]*)")
# Stands for "&#", which lxml would resolve. Nobody can type two @ in a row into a letter: see `slots`.
_ENTITY = "@@#"
_DOCTYPE = "<!DOCTYPE html>"
# As many as there are themes, for `css` is a theme's.
_RULES: dict[tuple[str, int], tuple[list[Any], list[Any]]] = {}


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
    parts = _NAMES.findall(selector)
    return all(name in (classes if mark else tags) for mark, name in parts if mark != "#")


class PremailerInliner:
    """Peter Bengtsson's premailer with its helpful defaults off: they break dark mode, phones and Outlook."""

    def inline(self, html: str, css: str) -> str:
        """See `Inliner`."""
        before = re.sub(r"^\s*<!doctype html>", _DOCTYPE, html, count=1, flags=re.IGNORECASE)
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
