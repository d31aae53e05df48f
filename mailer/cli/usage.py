"""Words that are no command, or that a command can't use, told in our own sentences."""

from __future__ import annotations

from typing import Any

import typer

# Typer names only the last of its faults, and which library the others come from depends on its version.
UsageError: type[Exception] = typer.BadParameter.__mro__[1]

# By pydantic's names of faults, with which Typer reads values.
_NEEDED = {
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_parsing": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "{ge} or more",
    "less_than": "less than {lt}",
    "less_than_equal": "{le} or less",
    "literal_error": "{expected}",
}


def in_words(wrong: Any) -> str:
    """Return the sentences for a UsageError; none for one that has shown the help already."""
    kind = type(wrong).__name__
    if kind == "NoArgsIsHelpError":
        return ""
    name = _name(wrong)
    if kind == "MissingParameter":
        return f"{name} is missing. {_help(wrong)}"
    said = _told_by_pydantic(wrong.__cause__)
    if said:
        return f"{name}{said}. {_help(wrong)}"
    if isinstance(wrong, typer.BadParameter):
        # A sentence of ours, which tells what to do itself.
        return f"{name}: {wrong.message}" if name else wrong.message
    said = str(wrong.format_message())
    return f"{said if said.endswith(('.', '?')) else f'{said}.'} {_help(wrong)}"


def _name(wrong: Any) -> str:
    """What the help calls the option or argument that is meant."""
    hint, parameter = getattr(wrong, "param_hint", None), getattr(wrong, "param", None)
    if hint:
        return hint if isinstance(hint, str) else " ".join(hint)
    if parameter is None:
        return ""
    return str(parameter.name).upper() if parameter.param_type_name == "argument" else str(max(parameter.opts, key=len))


def _told_by_pydantic(cause: Any) -> str:
    """What is wrong with a value, to go on with after its name; nothing for a fault that we have no words for."""
    if not hasattr(cause, "errors"):
        return ""
    first = cause.errors()[0]
    context = first.get("ctx", {})
    if first["type"] == "value_error":
        return f": {str(context['error']).rstrip('.')}"
    needed = _NEEDED.get(first["type"], "").format_map(context)
    return f" must be {needed}, not '{first['input']}'" if needed else ""


def _help(wrong: Any) -> str:
    return f"`{wrong.ctx.command_path} --help` tells how it is used." if wrong.ctx else ""
