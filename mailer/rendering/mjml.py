"""MJML to HTML through mjml-python, with faults found before it, where they still have a place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from lxml import etree
from mjml import mjml2html

from mailer.rendering.mjml_grammar import faults
from mailer.rendering.structure import structure
from mailer.rendering.templates import BrokenTemplateError, ended_before, place_of, sentence, unmarked

# Not importable: pyo3 makes the class at run time. It is a BaseException, so `except Exception` lets it by.
_PANIC = "PanicException"
_CROSSED = re.compile(r"Opening and ending tag mismatch: ([\w-]+) line \d+ and ([\w-]+)")
_TAG = re.compile(r"""<!--.*?-->|<(/?)([\w:-]+)(?:"[^"]*"|'[^']*'|[^>"'])*?(/?)>""", re.DOTALL)


def to_html(mjml: str, sections: Sequence[str] = ()) -> str:
    """HTML of MJML as `templates.render` gives it. Raises BrokenTemplateError naming template, line and expectation.

    `sections` are parts of it that other letters have too; each is checked once, and the rest without them.
    """
    rest = mjml
    for section in sections:
        _check_section(section)
        rest = rest.replace(section, "", 1)
    if not _is_sound(structure(rest)):
        _check(rest)
    try:
        # Without fonts={} even a font that isn't used is linked from elsewhere.
        html: str = mjml2html(unmarked(mjml), fonts={})
    except ValueError as error:
        raise BrokenTemplateError(f"The letter's MJML can't be turned into HTML: {sentence(error)}") from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise BrokenTemplateError(f"The MJML renderer gave up on this letter: {sentence(error)}") from error
    return html


@lru_cache(maxsize=1024)
def _check_section(section: str) -> None:
    _check(f"<mjml><mj-body>{section}</mj-body></mjml>")


@lru_cache(maxsize=256)
def _is_sound(bare: str) -> bool:
    """Whether MJML has no fault, told from its elements: what they say can't be one."""
    try:
        _check(bare)
    except BrokenTemplateError:
        return False
    return True


def _check(mjml: str) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(mjml, parser)
    except etree.XMLSyntaxError as error:
        raise BrokenTemplateError(_misfit(mjml, error)) from error
    if "<!DOCTYPE" in mjml:
        raise BrokenTemplateError("The letter's MJML has a DOCTYPE; take it out, MJML writes its own.")
    for line, tag, fault in faults(root):
        # lxml tells the line and not the column; one line may hold parts of several templates.
        column = mjml.split("\n")[line - 1].find(f"<{tag}") + 1
        raise BrokenTemplateError(f"{place_of(mjml, line, column)}: {fault}")


def _misfit(mjml: str, error: etree.XMLSyntaxError) -> str:
    """What is wrong, as a sentence: at the tag that its own template leaves open, else where the parser gave up."""
    line, column = error.position
    if crossed := _CROSSED.search(str(error.msg)):
        tag, opened = _left_open(mjml) or (crossed[1], (line, column))
        if ended_before(mjml, opened, (line, column)):
            return f"{place_of(mjml, *opened)}: <{tag}> is opened and not closed; expected </{tag}>."
        return f"{place_of(mjml, line, column)}: expected </{tag}>, found </{crossed[2]}>."
    reason = str(error.msg).rsplit(", line ", 1)[0]
    return f"{place_of(mjml, line, column)}: {sentence(reason)}"


def _left_open(mjml: str) -> tuple[str, tuple[int, int]] | None:
    """The tag that is open where the first wrong end tag stands, and its line and column."""
    open_tags: list[re.Match[str]] = []
    for tag in _TAG.finditer(mjml):
        if tag[2] and not tag[1] and not tag[3]:
            open_tags.append(tag)
        elif tag[1] and open_tags and (opened := open_tags.pop())[2] != tag[2]:
            before = mjml[: opened.start()]
            return opened[2], (before.count("\n") + 1, opened.start() - before.rfind("\n"))
    return None
