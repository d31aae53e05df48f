"""Weekly texts of other senders, each with an expectation that was written before the importer read it."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mailer.parsing.importing import parse_file
from mailer.parsing.json_form import to_json
from tests.parsing.reading import TEXTS

Value = dict[str, Any]


@pytest.fixture(params=TEXTS, ids=lambda path: path.stem)
def pair(request: pytest.FixtureRequest) -> tuple[Value, Value]:
    path: Path = request.param
    return tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8")), to_json(parse_file(path))


def _words(block: Value) -> str:
    return "\n".join(block["items"]) if "items" in block else block["text"]


def _begin_alike(blocks: list[Value], beginnings: list[str]) -> bool:
    return len(blocks) == len(beginnings) and all(
        _words(block).startswith(beginning) for block, beginning in zip(blocks, beginnings, strict=True)
    )


def _of_kind(issue: Value, kind: str) -> list[Value]:
    return [block for section in issue["sections"] for block in section["blocks"] if block["kind"] == kind]


def test_title_language_week_and_edges(pair: tuple[Value, Value]) -> None:
    expected, issue = pair
    for key in ("title", "language", "week", "year"):
        assert issue[key] == expected.get(key)
    assert _begin_alike(issue["intro"], expected["intro"])
    assert _begin_alike(issue["closing"], expected["closing"])
    assert [each["text"] for each in issue["dropped"]] == expected["dropped"]


def test_parts_and_sections(pair: tuple[Value, Value]) -> None:
    expected, issue = pair
    assert issue["parts"] == expected["parts"]
    found = [(s["part"], None if s["heading_suggested"] else s["heading"]) for s in issue["sections"]]
    assert found == [(s.get("part"), s.get("heading")) for s in expected["sections"]]
    for section, wanted in zip(issue["sections"], expected["sections"], strict=True):
        assert "\n".join(_words(block) for block in section["blocks"]).startswith(wanted["starts"])
        assert section["interests"] == wanted.get("interests", [])
        assert len(section["blocks"]) == wanted.get("blocks", len(section["blocks"]))


def test_links_lists_and_quotations(pair: tuple[Value, Value]) -> None:
    expected, issue = pair
    links = [link for section in issue["sections"] for link in section["links"]]
    assert [link["target"] for link in links if link["target"]] == expected["links"]
    assert [link["text"] for link in links if not link["target"]] == expected.get("lost", [])
    assert [block["items"] for block in _of_kind(issue, "list")] == expected.get("lists", [])
    assert _begin_alike(_of_kind(issue, "quotation"), expected.get("quotations", []))
