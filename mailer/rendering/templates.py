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

from mailer.rendering.sandbox import BoundedEnvironment, render_bounded

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "email"

_MARK = re.compile(r"<!--(begin|end) ([\w./-]+\.mjml)-->")
_DELIMITER = re.compile(r"\{\{|\{%|\{#|\}\}|%\}|#\}")
_CLOSING = {"{{": "}}", "{%": "%}", "{#": "#}"}


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
    environment = Environment if folders == (TEMPLATES,) else BoundedEnvironment
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
        template = _environment(folders, name.endswith(".mjml")).get_template(name)
        bounded = isinstance(template.environment, BoundedEnvironment)
        return render_bounded(template, context) if bounded else template.render(context)
    except TemplateNotFound as error:
        place, where = _culprit(error, folders), " or ".join(map(str, folders))
        missing = f"There is no template {error.name} in {where}."
        raise BrokenTemplateError(f"{place}: {missing}" if place else missing) from error
    except TemplateSyntaxError as error:
        raise BrokenTemplateError(_syntax_fault(error)) from error
    except RecursionError as error:
        raise BrokenTemplateError(f"{_culprit(error, folders) or name}: it includes itself without end.") from error
    except (TemplateError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise BrokenTemplateError(f"{_culprit(error, folders) or name}: {sentence(error)}") from error


def sentence(error: object) -> str:
    """What an error says, with one full stop at its end."""
    return f"{str(error).rstrip().rstrip('.')}."


def _syntax_fault(error: TemplateSyntaxError) -> str:
    """What is wrong, told where it begins: Jinja2 notices what isn't closed only where it can't read on."""
    if opened := _left_open(error.source or "", error.lineno):
        line, mark = opened
        return f"{error.name}, line {line}: {mark} is opened and not closed; expected {_CLOSING[mark]}."
    return f"{error.name}, line {error.lineno}: {sentence(error.message)}"


def _left_open(source: str, last_line: int) -> tuple[int, str] | None:
    """The line of the first delimiter that is open where the next one begins or the source ends, and it itself."""
    opened: tuple[int, str] | None = None
    for found in _DELIMITER.finditer(source):
        line, mark = source.count("\n", 0, found.start()) + 1, found[0]
        if opened is None:
            opened = (line, mark) if mark in _CLOSING else None
        elif mark == _CLOSING[opened[1]]:
            opened = None
        elif mark in _CLOSING and opened[1] != "{#":
            break
    return opened if opened and opened[0] <= last_line else None


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
    shown = _own_text(lines[line - 1], max(0, column - 1)).strip()[:80] if line <= len(lines) else ""
    return f"{name}, about line {line - first} ({shown})" if shown else f"{name}, about line {line - first}"


def _own_text(line: str, column: int) -> str:
    """What of a line belongs to the template that its `column` (0-based) stands in."""
    marks = list(_MARK.finditer(line))
    start = max((mark.end() for mark in marks if mark.end() <= column), default=0)
    end = min((mark.start() for mark in marks if mark.start() >= start and mark.end() > column), default=len(line))
    return line[start:end]


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
