"""What an audience asks of the organisation's own fields: `company=Kimek`, `employees>10`, `member-since=2020-01-01..2021-12-31`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from subscribers.field_values import FieldError, Value, read_value
from subscribers.models import CustomField

BETWEEN = "between"
ONE_OF = "one of"
_BY_ORDER = {"<": "<", ">": ">", "<=": "<=", ">=": ">="}
OPERATORS = ("=", *_BY_ORDER, BETWEEN, ONE_OF)

_TYPED = re.compile(r"\s*([a-z][a-z0-9-]*)\s*(<=|>=|=|<|>)\s*(.+?)\s*", re.DOTALL)
_IN_ORDER = {CustomField.Kind.NUMBER, CustomField.Kind.DATE}
_TWO = 2


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """That a field has a value: `field` is a slug, `operator` one of OPERATORS, `values` what someone typed.

    `between` has two values and holds for both ends; `one of` has any number; the others have one.
    """

    field: str
    operator: str
    values: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The form kept with an audience."""
        return {"field": self.field, "is": self.operator, "values": list(self.values)}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> FieldCondition:
        """Read the form kept with an audience."""
        return cls(str(kept["field"]), str(kept["is"]), tuple(str(value) for value in kept["values"]))

    def __str__(self) -> str:
        if self.operator == BETWEEN:
            return f"{self.field} from {' to '.join(self.values)}"
        return f"{self.field} {'=' if self.operator == ONE_OF else self.operator} {' or '.join(self.values)}"


def read_condition(text: str) -> FieldCondition:
    """Return the condition that someone typed: `=`, `<`, `>`, `<=` and `>=`, with `a..b` for between and `a|b` for one of.

    Raises FieldError.
    """
    found = _TYPED.fullmatch(text)
    if found is None:
        raise FieldError(
            f"'{text[:60]}' is no condition. Write it like company=Kimek, employees>10 or town=Vadsø|Vardø."
        )
    slug, operator, typed = found.groups()
    if operator == "=" and ".." in typed:
        return FieldCondition(slug, BETWEEN, tuple(part.strip() for part in typed.split("..", 1)))
    if operator == "=" and "|" in typed:
        return FieldCondition(slug, ONE_OF, tuple(part.strip() for part in typed.split("|") if part.strip()))
    return FieldCondition(slug, operator, (typed,))


def check_condition(condition: FieldCondition, field: CustomField) -> list[Value]:
    """Return a condition's values as the field keeps them. Raises FieldError when the condition makes no sense for the field."""
    if condition.operator not in OPERATORS:
        raise FieldError(f"'{condition.operator}' can't be asked of a field. There are: {', '.join(OPERATORS)}.")
    wanted = _TWO if condition.operator == BETWEEN else 1
    if not condition.values or (condition.operator != ONE_OF and len(condition.values) != wanted):
        raise FieldError(
            f"'{condition}' has {len(condition.values)} values, and '{condition.operator}' needs {wanted}."
        )
    if condition.operator not in {"=", ONE_OF} and field.kind not in _IN_ORDER:
        raise FieldError(f"The field '{field.slug}' is a {field.kind}: it can be asked for with = only.")
    return [read_value(field, text) for text in condition.values]


def condition_sql(condition: FieldCondition, field: CustomField, number: int) -> tuple[str, dict[str, Any]]:
    """Return a test of `s.fields` for use in a WHERE, with its values, whose names end in `number`. Raises FieldError.

    A value of another kind than the field's fails the test rather than the statement.
    """
    kept = check_condition(condition, field)
    values: dict[str, Any] = {f"field_{number}": field.slug, f"wanted_{number}": kept}
    text = f"(s.fields ->> %(field_{number})s)"
    wanted = f"%(wanted_{number})s"
    if field.kind == CustomField.Kind.NUMBER:
        test = _compared(condition.operator, f"(s.fields ->> %(field_{number})s)::numeric", f"{wanted}::numeric[]")
        return f"CASE WHEN jsonb_typeof(s.fields -> %(field_{number})s) = 'number' THEN {test} ELSE FALSE END", values
    if field.kind == CustomField.Kind.DATE:
        # Days of ISO 8601 stand in order as texts, too.
        test = _compared(condition.operator, f'{text} COLLATE "C"', f"{wanted}::text[]")
        return f"{text} ~ '^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$' AND {test}", values
    values[f"wanted_{number}"] = [str(value).lower() for value in kept]
    return f"lower({text}) = ANY({wanted}::text[])", values


def _compared(operator: str, value: str, wanted: str) -> str:
    if operator == BETWEEN:
        return f"{value} BETWEEN ({wanted})[1] AND ({wanted})[2]"
    if operator in _BY_ORDER:
        return f"{value} {_BY_ORDER[operator]} ({wanted})[1]"
    return f"{value} = ANY({wanted})"
