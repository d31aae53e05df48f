"""ISO weeks: which year a letter called "Uke 45" belongs to."""

from __future__ import annotations

import re
from datetime import date

_ISO_WEEK = re.compile(r"(\d{4})-?[Ww](\d{1,2})")
# Nobody writes weekly letters about earlier years; a smaller number is a slip of the finger.
_FIRST_YEAR = 1900


class WeekError(ValueError):
    """The text names no week. The message is a sentence for people."""


def read_week(text: str) -> tuple[int, int]:
    """Read `2021-W45` into year and week (ISO 8601). Raises WeekError."""
    found = _ISO_WEEK.fullmatch(text.strip())
    if found is None:
        raise WeekError(f"'{text}' is not a week. Write the year and the week like this: 2021-W45.")
    year, week = int(found[1]), int(found[2])
    if year < _FIRST_YEAR:
        raise WeekError(f"{year} is long gone. Write the year and the week like this: 2021-W45.")
    try:
        date.fromisocalendar(year, week, 1)
    except ValueError:
        raise WeekError(f"There is no week {week} in {year}.") from None
    return year, week


def nearest_year(week: int, today: date) -> int | None:
    """Return the year whose week of this number lies nearest to `today`, or None when no such week exists."""
    mondays = []
    for year in (today.year - 1, today.year, today.year + 1):
        try:
            mondays.append((abs((date.fromisocalendar(year, week, 4) - today).days), year))
        except ValueError:
            continue
    return min(mondays)[1] if mondays else None
