"""MJML to HTML through mjml-python, with faults found before it, where they still have a place."""

from __future__ import annotations

from lxml import etree
from mjml import mjml2html

from mailer.rendering.mjml_grammar import faults
from mailer.rendering.templates import BrokenTemplateError, place_of, unmarked

# Not importable: pyo3 makes the class at run time. It is a BaseException, so `except Exception` lets it by.
_PANIC = "PanicException"


def to_html(mjml: str) -> str:
    """HTML of MJML as `templates.render` gives it. Raises BrokenTemplateError naming template, line and expectation."""
    _check(mjml)
    try:
        # Without fonts={} even a font that isn't used is linked from elsewhere.
        html: str = mjml2html(unmarked(mjml), fonts={})
    except ValueError as error:
        raise BrokenTemplateError(f"The letter's MJML can't be turned into HTML: {error}.") from error
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise BrokenTemplateError(f"The MJML renderer gave up on this letter: {error}.") from error
    return html


def _check(mjml: str) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    try:
        root = etree.fromstring(mjml, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        reason = str(error.msg).rsplit(", line ", 1)[0]
        raise BrokenTemplateError(f"{place_of(mjml, line, column)}: {reason}.") from error
    if "<!DOCTYPE" in mjml:
        raise BrokenTemplateError("The letter's MJML has a DOCTYPE; take it out, MJML writes its own.")
    for line, tag, sentence in faults(root):
        # lxml tells the line and not the column; one line may hold parts of several templates.
        column = mjml.split("\n")[line - 1].find(f"<{tag}") + 1
        raise BrokenTemplateError(f"{place_of(mjml, line, column)}: {sentence}")
