"""Time grows with the length of a text and no faster, however it is made to hurt."""

import time
from contextlib import suppress

import pytest

from mailer.parsing.importing import parse_text
from mailer.parsing.issue import SourceError
from tests.parsing.reading import UKE_45

SIZE = 100_000
HURTFUL = [
    "a",
    "a ",
    "*",
    "a@",
    "a.",
    "[",
    "_a ",
    "- a\n",
    "1. a\n",
    "«",
    "les ",
    "ORD\n\n",
    "> a\n",
    "https://x.no ",
    "ord ord ord\n",
    "Hei du\n\n",
    "-",
    "= ",
]


def _seconds(text: str) -> float:
    start = time.process_time()
    with suppress(SourceError):
        parse_text(text)
    return time.process_time() - start


@pytest.mark.parametrize("piece", HURTFUL)
def test_ten_times_the_text_takes_about_ten_times_as_long(piece: str) -> None:
    short = _seconds(piece * (SIZE // 10 // len(piece)))
    long = _seconds(piece * (SIZE // len(piece)))
    assert long < 40 * short + 0.5


def test_a_year_of_updates_is_read_in_seconds() -> None:
    assert _seconds(UKE_45.read_text(encoding="utf-8") * 52) < 5


@pytest.mark.parametrize("gap", [" ", "\n", "\t", "&nbsp;", "<br>", " \n"])
def test_a_page_full_of_space_is_read_at_once(gap: str) -> None:
    start = time.process_time()
    parse_text(f"<p>a{gap * 20_000}b</p>", kind="html")
    assert time.process_time() - start < 3
