"""The Jinja2 environments that letters are made with, and where in which template a fault lies.

Templates of an organisation's own come first in the search path and are not trusted: with them all runs in the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"

_MARK = re.compile(r"<!--(begin|end) ([\w./-]+\.mjml)-->")


class BrokenTemplateError(ValueError):
    """A template that gives no letter. The message is a sentence: which template, about where, what was expected."""


class _MarkingLoader(FileSystemLoader):
    """Puts each MJML template between comments with its name, so that a fault in the whole leads back to it."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, filename, uptodate = super().get_source(environment, template)
        if template.endswith(".mjml"):
            source = f"<!--begin {template}-->{source}<!--end {template}-->"
        return source, filename, uptodate


@lru_cache(maxsize=16)
def _environment(folders: tuple[Path, ...], markup: bool) -> Environment:
    # Plain text has an environment of its own: escaping belongs to HTML and MJML.
    environment = Environment if folders == (TEMPLATES,) else ImmutableSandboxedEnvironment
    return environment(
        loader=_MarkingLoader([str(folder) for folder in folders]),
        autoescape=markup,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def render(name: str, folders: tuple[Path, ...], context: Mapping[str, Any]) -> str:
    """The template `name` filled with `context`; values are escaped if it is MJML. Raises BrokenTemplateError."""
    try:
        return _environment(folders, name.endswith(".mjml")).get_template(name).render(context)
    except TemplateNotFound as error:
        raise BrokenTemplateError(f"There is no template {error.name} in {' or '.join(map(str, folders))}.") from error
    except TemplateSyntaxError as error:
        raise BrokenTemplateError(f"{error.name}, line {error.lineno}: {error.message}") from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BrokenTemplateError(f"{_culprit(error, folders) or name}: {error}.") from error


def _culprit(error: Exception, folders: tuple[Path, ...]) -> str:
    """The innermost line of a template on the way to the error: Jinja2 rewrites tracebacks to name them."""
    place, step = "", error.__traceback__
    while step:
        path = Path(step.tb_frame.f_code.co_filename)
        for folder in folders:
            if path.is_relative_to(folder):
                place = f"{path.relative_to(folder)}, line {step.tb_lineno}"
        step = step.tb_next
    return place


def place_of(mjml: str, line: int, column: int = 1) -> str:
    """Which template a place in rendered MJML comes from: "_partials/header.mjml, about line 7"."""
    lines = mjml.split("\n")
    open_marks = _open_marks(mjml, line, column)
    if not open_marks:
        return f"the letter's MJML, line {line}"
    name, first = open_marks[-1]
    # Loops and conditions move lines; the text of the line is what finds it.
    shown = _MARK.sub("", lines[line - 1]).strip()[:80] if line <= len(lines) else ""
    return f"{name}, about line {line - first} ({shown})" if shown else f"{name}, about line {line - first}"


def ended_before(mjml: str, place: tuple[int, int], later: tuple[int, int]) -> bool:
    """Whether the template that a place (line and column) stands in has come to its end before a later place."""
    marks = _open_marks(mjml, *place)
    return _open_marks(mjml, *later)[: len(marks)] != marks


def _open_marks(mjml: str, line: int, column: int) -> list[tuple[str, int]]:
    """The templates that a place stands in, outermost first, each with the number of lines before it."""
    offset = sum(len(before) + 1 for before in mjml.split("\n")[: line - 1]) + max(0, column - 1)
    marks: list[tuple[str, int]] = []
    for mark in _MARK.finditer(mjml[:offset]):
        if mark[1] == "begin":
            marks.append((mark[2], mjml.count("\n", 0, mark.start())))
        elif marks:
            marks.pop()
    return marks


def unmarked(mjml: str) -> str:
    """MJML without the names of templates."""
    return _MARK.sub("", mjml)
