"""Where an organisation's own templates run: without a way into Python, and with an end to every loop.

May import Jinja2 only. What it bounds is mistakes: whoever writes these templates owns the server that they run on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from jinja2 import Template, TemplateRuntimeError, nodes
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

# A letter with everything in it takes some thousands of rounds and is a tenth as long.
MOST_ROUNDS = 100_000
MOST_CHARACTERS = 2_000_000


@dataclass(slots=True)
class _Budget:
    """What one template and those it includes have left."""

    rounds: int = MOST_ROUNDS
    characters: int = MOST_CHARACTERS

    def go_round(self) -> None:
        self.rounds -= 1
        if self.rounds < 0:
            raise TemplateRuntimeError(f"more than {MOST_ROUNDS:,} rounds of loops, which no letter has a use for")

    def write(self, characters: int) -> None:
        self.characters -= characters
        if self.characters < 0:
            raise TemplateRuntimeError(f"more than {MOST_CHARACTERS:,} characters, which no letter has a use for")


_budget: ContextVar[_Budget] = ContextVar("what a template has left")


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, which counts the rounds of all loops of a template and those it includes."""

    intercepted_binops = frozenset({"*", "**"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, finalize=_written)
        # Makes as much text as it is asked for.
        self.globals.pop("lipsum")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            counting = nodes.EnvironmentAttribute("counted", lineno=loop.lineno)
            fixed = nodes.Const(sum(len(text.data) for text in loop.find_all(nodes.TemplateData)))
            loop.iter = nodes.Call(counting, [loop.iter, fixed], [], None, None, lineno=loop.lineno)
        return template

    def counted(self, rounds: Iterable[Any], characters: int) -> Iterator[Any]:
        """What a loop goes through, one by one; each round writes `characters` besides its values.

        Raises TemplateRuntimeError where there is no end in sight.
        """
        budget = _budget.get()
        for each in rounds:
            budget.go_round()
            budget.write(characters)
            yield each

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """`left` times `right`, or to its power. Raises TemplateRuntimeError for a result that is endless."""
        if operator == "**":
            raise TemplateRuntimeError("powers (**) are nothing that a letter has a use for")
        if max(_length(left) * _count(right), _count(left) * _length(right)) > MOST_CHARACTERS:
            raise TemplateRuntimeError(f"more than {MOST_CHARACTERS:,} characters, which no letter has a use for")
        return super().call_binop(context, operator, left, right)


def render_bounded(template: Template, context: Mapping[str, Any]) -> str:
    """A template of a BoundedEnvironment filled. Raises TemplateRuntimeError where it is longer than any letter."""
    token = _budget.set(_Budget())
    try:
        return template.render(context)
    finally:
        _budget.reset(token)


def _written(value: Any) -> Any:
    """The value of an expression on its way into the text. While a template is read, there is no budget yet."""
    if (budget := _budget.get(None)) and isinstance(value, str):
        budget.write(len(value))
    return value


def _length(value: Any) -> int:
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0
