import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.parsing.importing import parse_source
from mailer.parsing.issue import SourceError
from mailer.parsing.source import TEXT_LIMIT, read_source, source_from_bytes
from tests.parsing.reading import TEXTS, UKE_45

TEXT = (
    "Uke 7\n\nBlåbærsyltetøy på «norsk» – helt ærlig.\n\nEn sak\n\nHer står det noe om en sak, og det er langt nok.\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_a_text_reads_the_same_in_every_encoding(encoding: str) -> None:
    assert source_from_bytes(TEXT.encode(encoding)).text.lstrip("\ufeff") == TEXT


def test_latin_1_is_read_as_windows_text() -> None:
    assert source_from_bytes("Smørbrød på Røst".encode("latin-1")).text == "Smørbrød på Røst"


def test_a_few_windows_bytes_in_utf_8_are_repaired() -> None:
    assert source_from_bytes("Første blåbær på øya ".encode() + b"\xe5r").text.endswith("år")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_ends_a_line(end: str) -> None:
    issue = parse_source(source_from_bytes(TEXT.replace("\n", end).encode()))
    assert [section.heading for section in issue.sections] == ["En sak"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b" \r\n\t\xc2\xa0\n", "empty"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff\xe0rest", "a JPEG image"),
        (b"\xd0\xcf\x11\xe0rest", "an old Office document"),
        (b"{\\rtf1 hei}", "an RTF document"),
        (bytes(range(256)) * 20, "is not text"),
        (b"PK\x03\x04broken", "damaged zip"),
    ],
)
def test_what_is_no_text_is_refused_with_its_name_and_the_reason(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=says) as error:
        source_from_bytes(data, "brev.txt")
    assert str(error.value).startswith("brev.txt")
    assert str(error.value).endswith(".")


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "stor.txt"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(SourceError, match=r"stor\.txt is 50\.0 MB; the limit is 2 MB"):
        read_source(path)


def test_bytes_at_hand_have_the_same_limit() -> None:
    with pytest.raises(SourceError, match="limit"):
        source_from_bytes(b"a" * (TEXT_LIMIT + 1))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no such file"):
        read_source(tmp_path / "finnes-ikke.txt")
    with pytest.raises(SourceError, match="is a folder"):
        read_source(tmp_path)
    with pytest.raises(SourceError, match="not a regular file"):
        read_source("/dev/zero")


def test_a_zip_that_is_no_word_document_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bilder.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hei")
    with pytest.raises(SourceError, match="a zip archive and no Word document"):
        read_source(path)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_text_or_one_clear_error(data: bytes) -> None:
    assert _error(data) is None or str(_error(data)).endswith(".")


def _error(data: bytes) -> SourceError | None:
    try:
        parse_source(source_from_bytes(data))
    except SourceError as error:
        return error
    return None


@pytest.mark.parametrize("path", [UKE_45, *TEXTS], ids=lambda path: path.stem)
def test_windows_line_ends_change_nothing(path: Path) -> None:
    data = path.read_bytes().replace(b"\r\n", b"\n")
    assert parse_source(source_from_bytes(data.replace(b"\n", b"\r\n"))) == parse_source(source_from_bytes(data))
