"""The values of the organisation's own fields: from what someone typed to what is kept, and to what a letter says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils import formats, translation

from subscribers.models import CustomField
from subscribers.reasons import Coded
from subscribers.signup import one_line

# What a field's value is in JSON: texts, choices and dates (ISO 8601) are strings.
Value = str | int | float

LONGEST_TEXT = 500
# A JSON number survives every program as a double, which holds this many digits.
_MOST_DIGITS = 15
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y")
# Django's own order for English is American.
_DAY_IN_WORDS = {"nb": "j. F Y", "en": "j F Y"}


class FieldError(Coded):
    """The field or its value can't be used. The message is a sentence for people."""


def read_value(field: CustomField, text: str) -> Value:
    """Return what someone typed as the field's value, in the form that JSON keeps.

    Numbers and days may be written as in Norway (1 234,5 and 31.12.2026). Raises FieldError.
    """
    shown = one_line(text)
    if not shown:
        raise FieldError("field-nothing", field.slug)
    if field.kind == CustomField.Kind.NUMBER:
        return _number(field, shown)
    if field.kind == CustomField.Kind.DATE:
        return _day(field, shown)
    if field.kind == CustomField.Kind.CHOICE:
        return _choice(field, shown)
    if len(shown) > LONGEST_TEXT:
        raise FieldError("field-long", field.slug, len(shown), LONGEST_TEXT)
    return shown


def values_for_letter(
    values: Mapping[str, Value], *, language: str, known: Mapping[str, CustomField]
) -> dict[str, str]:
    """Return what a letter says for each field of the organisation: numbers and dates as the language writes them.

    A field without a value, or with one that its kind can't have, is the empty text, so that every slot has something to be filled with.
    """
    with translation.override(language):
        return {slug: _said(field, values.get(slug), language) for slug, field in known.items()}


def _said(field: CustomField, value: Value | None, language: str) -> str:
    if value is None:
        return ""
    if field.kind == CustomField.Kind.NUMBER:
        is_number = isinstance(value, int | float)
        return formats.number_format(value, use_l10n=True, force_grouping=True) if is_number else ""
    if field.kind == CustomField.Kind.DATE:
        try:
            day = date.fromisoformat(str(value))
            return str(formats.date_format(day, _DAY_IN_WORDS[language]))
        except ValueError:
            return ""
    return str(value)


def _number(field: CustomField, text: str) -> int | float:
    plain = text.replace(" ", "").replace("−", "-")
    # "1.234,5" has points for thousands; a point alone is a decimal point.
    plain = plain.replace(".", "").replace(",", ".") if "," in plain else plain
    try:
        number = Decimal(plain)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or len(number.as_tuple().digits) > _MOST_DIGITS or abs(number.adjusted()) > _MOST_DIGITS:
        raise FieldError("field-number", field.slug, text[:40])
    return int(number) if number == number.to_integral_value() else float(number)


def _day(field: CustomField, text: str) -> str:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007  # a day has no time zone
        except ValueError:
            continue
    raise FieldError("field-date", field.slug, text[:40])


def _choice(field: CustomField, text: str) -> str:
    for choice in field.choices:
        if choice.casefold() == text.casefold():
            return str(choice)
    raise FieldError("field-choice", field.slug, text[:40], ", ".join(field.choices))
