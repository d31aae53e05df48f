import json
import subprocess
import sys
import time

from mailer.parsing.importing import parse_file, parse_text
from mailer.parsing.json_form import to_json
from tests.parsing.reading import UKE_45


def test_the_keys_are_those_that_scripts_rely_on() -> None:
    issue = to_json(parse_file(UKE_45))
    assert set(issue) == {
        "title", "preheader", "language", "week", "year", "intro", "parts", "sections", "closing", "dropped", "unsure"
    }  # fmt: skip
    section = issue["sections"][0]
    assert {"part", "heading", "heading_suggested", "interests", "interests_suggested", "blocks", "links"} <= set(
        section
    )
    assert set(issue["intro"][0]) == {"kind", "text", "markdown", "line"}
    assert set(issue["dropped"][0]) == {"line", "text"}
    assert set(issue["unsure"][0]) == {"line", "code", "what"}
    assert json.loads(json.dumps(issue)) == issue


def test_a_list_has_items_and_other_blocks_have_text_without_escapes() -> None:
    blocks = to_json(parse_text("Brev\n\nHer er * en stjerne_ og [en klamme].\n\n- 1_000 kr\n- a*b\n"))["intro"]
    assert blocks[0]["text"] == "Her er * en stjerne_ og [en klamme]."
    assert blocks[1]["items"] == ["1_000 kr", "a*b"]


def test_links_have_text_target_and_line() -> None:
    text = "Brev\n\nHer er et kort brev fra oss.\n\nEn sak\n\nSe www.blåbær.no eller les mer her.\n\n"
    text += "Nok en sak\n\nHer er det noe annet, og mer er det ikke.\n"
    assert to_json(parse_text(text))["sections"][0]["links"] == [
        {"text": "www.blåbær.no", "target": "https://www.blåbær.no", "line": 7},
        {"text": "les mer her", "target": None, "line": 7},
    ]


def test_reading_a_text_needs_neither_django_nor_a_second() -> None:
    code = (
        "import sys; from mailer.parsing.importing import parse_file; from mailer.parsing.json_form import to_json;"
        f"to_json(parse_file({str(UKE_45)!r})); print('django' in sys.modules or 'mammoth' in sys.modules or 'lxml' in sys.modules)"
    )
    start = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert time.monotonic() - start < 3  # a second on a machine that does nothing else
