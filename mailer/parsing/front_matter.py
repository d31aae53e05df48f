"""The lines between `---` and `---` above a Markdown text: what the issue is called, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from mailer.parsing.issue import ParsedIssue, SourceError, Unsure
from mailer.parsing.lines import plain_line
from mailer.parsing.looks import find_week
from mailer.parsing.messages import unsure

_FENCE = re.compile(r"(?:---|\.\.\.)[ \t]*")
_LANGUAGES = {
    "no": "nb",
    "norsk": "nb",
    "bokmål": "nb",
    "nynorsk": "nn",
    "english": "en",
    "engelsk": "en",
    "false": "nb",
}
_WEEK = re.compile(r"(?:(\d{4})-?)?W?(\d{1,2})", re.IGNORECASE)


@dataclass(slots=True)
class FrontMatter:
    """What the front matter says. `title` is None when it says nothing of it; `lines` is how many lines it takes."""

    title: str | None = None
    preheader: str = ""
    language: str | None = None
    year: int | None = None
    week: int | None = None
    week_known: bool = False
    interests: dict[str, tuple[str, ...]] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    preheaders: dict[str, str] = field(default_factory=dict)
    remarks: list[Unsure] = field(default_factory=list)
    lines: int = 0


def has_front_matter(text: str) -> bool:
    """Whether a text begins with front matter: `---`, then a key or the closing `---`."""
    return re.match(r"\s*---[ \t]*\n(?:\s*(?:#.*)?\n)*(?:[\w-]+[ \t]*:|---[ \t]*(?:\n|$))", text) is not None


def split_front_matter(text: str, name: str) -> tuple[FrontMatter, str]:
    """The front matter, and the text with those lines made blank so that line numbers stay.

    Raises SourceError with file and line when it isn't closed, is no YAML, or holds something that can't be used.
    """
    if not has_front_matter(text):
        return FrontMatter(), text
    lines = text.split("\n")
    start = next(index for index, line in enumerate(lines) if line.strip())
    end = next((index for index in range(start + 1, len(lines)) if _FENCE.fullmatch(lines[index])), None)
    if end is None:
        raise SourceError(
            f"{name}, line {start + 1}: the front matter is not closed; write --- on a line of its own below it."
        )
    values = _load("\n".join(lines[start + 1 : end]), start + 1, name)
    front = FrontMatter(lines=end + 1)
    for key, (value, line) in values.items():
        _take(front, key, value, line, name)
    return front, "\n" * (end + 1) + "\n".join(lines[end + 1 :])


def _load(text: str, offset: int, name: str) -> dict[str, tuple[Any, int]]:
    """Key -> value and line. All values are read as text: a title may be 45, and a language "no"."""
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = offset + 1 + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or str(error)
        raise SourceError(f"{name}, line {line}: the front matter is not valid YAML: {problem}.") from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise SourceError(f"{name}, line {offset + 1}: the front matter must be lines of the form key: value.")
    return {str(key.value): (_value(value), offset + 1 + key.start_mark.line) for key, value in node.value}


def _value(node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [each.value if isinstance(each, yaml.ScalarNode) else None for each in node.value]
    return {
        str(key.value): (_value(value) if not isinstance(value, yaml.MappingNode) else None)
        for key, value in node.value
    }


def _take(front: FrontMatter, key: str, value: Any, line: int, name: str) -> None:
    if key == "interests":
        front.interests = _interests(value, line, name)
    elif key == "subjects":
        front.subjects = _by_interest(key, value, line, name)
    elif key == "preheaders":
        front.preheaders = _by_interest(key, value, line, name)
    elif key not in {"title", "preheader", "language", "week", "year"}:
        front.remarks.append(unsure("unknown-key", line, key))
    elif not isinstance(value, str):
        raise SourceError(f"{name}, line {line}: {key} must be one line of text.")
    else:
        _take_line(front, key, value.strip(), line, name)


def _take_line(front: FrontMatter, key: str, value: str, line: int, name: str) -> None:
    if key == "title":
        front.title = plain_line(value)
    elif key == "preheader":
        front.preheader = plain_line(value)
    elif key == "language":
        front.language = _LANGUAGES.get(value.casefold(), value) or None
    elif key == "year":
        front.year = _year(value, line, name)
    elif value:
        front.year, front.week = _week(value, front.year, line, name)
    else:
        front.week_known = True


def _week(value: str, year: int | None, line: int, name: str) -> tuple[int | None, int]:
    match = _WEEK.fullmatch(value.strip())
    found = (int(match[1]) if match[1] else year, int(match[2])) if match else find_week(value)
    if found[1] is None or not 1 <= found[1] <= 53:  # noqa: PLR2004  # ISO 8601
        raise SourceError(f"{name}, line {line}: week must be an ISO week such as 2021-W45, and is {value!r}.")
    return found[0], found[1]


def _year(value: str, line: int, name: str) -> int:
    if not re.fullmatch(r"\s*[0-9]{4}\s*", value):
        raise SourceError(f"{name}, line {line}: year must be four digits, and is {value!r}.")
    return int(value)


def _interests(value: Any, line: int, name: str) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict):
        raise SourceError(
            f'{name}, line {line}: interests must name headings: write "A heading": [students] on lines below it.'
        )
    return {plain_line(heading): _slugs(slugs, line, name) for heading, slugs in value.items()}


def _by_interest(key: str, value: Any, line: int, name: str) -> dict[str, str]:
    """What the followers of an interest read in place of the title or the preheader."""
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise SourceError(
            f"{name}, line {line}: {key} must name interests: write students: A subject on lines below it."
        )
    return {slug.strip(): plain_line(text) for slug, text in value.items()}


def _slugs(value: Any, line: int, name: str) -> tuple[str, ...]:
    slugs = value.split(",") if isinstance(value, str) else value
    if not isinstance(slugs, list) or not all(isinstance(slug, str) for slug in slugs):
        raise SourceError(f"{name}, line {line}: the interests of a section must be a list: [students, businesses].")
    return tuple(slug.strip() for slug in slugs if slug.strip())


def write_front_matter(issue: ParsedIssue) -> str:
    """The front matter of an issue, with its closing line."""
    values: Mapping[str, Any] = {
        "title": issue.title,
        **({"preheader": issue.preheader} if issue.preheader else {}),
        "language": issue.language,
        **_week_values(issue),
        **({"subjects": dict(issue.subjects)} if issue.subjects else {}),
        **({"preheaders": dict(issue.preheaders)} if issue.preheaders else {}),
    }
    written = yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=10**9)
    return f"---\n{written}---\n"


def _week_values(issue: ParsedIssue) -> dict[str, Any]:
    if issue.week is None:
        # An empty week says that the number in the title is none.
        week = {"week": ""} if find_week(issue.title) != (None, None) else {}
        return week if issue.year is None else {"year": issue.year}
    return {"week": f"{issue.year}-W{issue.week:02}" if issue.year is not None else f"W{issue.week:02}"}
