"""TOML files read into dataclasses, with errors that name the file, the key and what was expected there."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")

KINDS: Mapping[type, str] = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


class SettingsError(ValueError):
    """A file of settings that can't be used. The message is a whole sentence: which file, which key, what to put."""


def read(path: Path) -> dict[str, Any]:
    """The file's tables. Raises SettingsError if it isn't there or isn't TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: is not TOML: {error}.") from error


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` in place of its own, table by table."""
    both = dict(base)
    for key, value in over.items():
        both[key] = merged(both[key], value) if isinstance(value, dict) and isinstance(both.get(key), dict) else value
    return both


def build(cls: type[T], table: Mapping[str, Any], where: str, checks: Mapping[str, Callable[[Any], str]]) -> T:
    """A dataclass made from a TOML table.

    `where` names the file and the table for errors. `checks` holds, by a field's name, functions that return what was
    expected, or "" if the value will do. Raises SettingsError for a key missing, unknown or of the wrong kind.
    """
    hints = get_type_hints(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
    if unknown := sorted(set(table) - set(fields)):
        raise SettingsError(f"{where}{unknown[0]}: is not a key here. Known are: {', '.join(fields)}.")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in table:
            values[name] = _value(hints[name], table[name], f"{where}{name}")
            if expected := checks.get(name, lambda _: "")(values[name]):
                raise SettingsError(f"{where}{name}: expected {expected}, found {table[name]!r}.")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise SettingsError(f"{where}{name}: is missing; {_kind(hints[name])} is expected.")
    return cls(**values)


def _value(kind: Any, value: Any, where: str) -> Any:
    if kind == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{where}: expected a list of texts, found {value!r}.")
        return tuple(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise SettingsError(f"{where}: expected {_kind(kind)}, found {value!r}.")
    return value


def _kind(kind: Any) -> str:
    return "a list of texts" if kind == tuple[str, ...] else KINDS.get(kind, "a table")
