"""CSS put into the elements it speaks of, which is the only CSS that every mail program obeys.

Runs after MJML, over what Markdown made: MJML has inlined its own. premailer is the one inliner we have; another
(css-inline is the likeliest) needs only `inline`.
"""

from __future__ import annotations

import logging
import re
from typing import Protocol

import premailer

from mailer.rendering.slots import SLOT

_STYLE = re.compile(r"<style(?=[ >])")
_IGNORED_STYLE = '<style data-premailer="ignore"'
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(r"<[a-zA-Z]")
_DOCTYPE = "<!DOCTYPE html>"


class InliningError(RuntimeError):
    """The inliner changed what it should have let alone. The letter must not be sent."""


class Inliner(Protocol):
    """Puts `css` into the style attributes of `html` and changes nothing else."""

    def inline(self, html: str, css: str) -> str:
        """The whole document again. Raises InliningError if more than style attributes changed."""
        ...


class PremailerInliner:
    """Peter Bengtsson's premailer with its helpful defaults off: they break dark mode, phones and Outlook."""

    def inline(self, html: str, css: str) -> str:
        """See `Inliner`."""
        before = re.sub(r"^\s*<!doctype html>", _DOCTYPE, html, count=1, flags=re.IGNORECASE)
        # The module's function: the class's method prints prettily, and so adds white space.
        after = premailer.transform(
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
        after = after.replace(_IGNORED_STYLE, "<style")
        _assert_untouched(before, after)
        return after


def _protected(html: str) -> str:
    """`html` with every style element outside of comments marked as none of premailer's business."""
    pieces, end = [], 0
    for comment in _COMMENT.finditer(html):
        pieces += [_STYLE.sub(_IGNORED_STYLE, html[end : comment.start()]), comment[0]]
        end = comment.end()
    return "".join([*pieces, _STYLE.sub(_IGNORED_STYLE, html[end:])])


def _assert_untouched(before: str, after: str) -> None:
    """Raises InliningError unless comments, elements, slots, !important and the doctype came through."""
    checks = {
        "conditional comments changed": _COMMENT.findall(before) == _COMMENT.findall(after),
        "the number of elements changed": len(_ELEMENT.findall(before)) == len(_ELEMENT.findall(after)),
        "slots changed": SLOT.findall(before) == SLOT.findall(after),
        "!important got lost": before.count("!important") <= after.count("!important"),
        "the doctype is not first": after.startswith(_DOCTYPE),
    }
    if broken := [what for what, held in checks.items() if not held]:
        raise InliningError(f"Inlining styles damaged the letter: {', '.join(broken)}.")
