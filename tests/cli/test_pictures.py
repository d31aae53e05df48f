from base64 import b64encode
from pathlib import Path

import pytest

from mailer.models.image import Image
from tests.pictures import photograph, saved


@pytest.fixture
def ship(tmp_path):
    file = tmp_path / "ship.jpg"
    file.write_bytes(saved(photograph(1200, 900), "JPEG"))
    return str(file)


def test_a_picture_without_a_section_is_answered_with_the_markdown_to_paste(ukebrev, uke_45, ship):
    answer = ukebrev("issue", "add-image", uke_45, ship, "--alt", "Skipet [ved] kaia", "--caption", "Foto: Kari")
    assert answer.code == 0
    assert answer.out.startswith(r"![Skipet \[ved\] kaia](/i/")
    assert answer.out.endswith('-1040x780.jpg "Foto: Kari")\n')
    assert "1040 × 780 pixels" in answer.err


def test_a_picture_for_a_section_is_in_its_preview_which_needs_no_site(ukebrev, uke_45, ship, tmp_path, settings):
    words = ("--section", "2027", "--decorative", "--json")
    added = ukebrev("issue", "add-image", uke_45, ship, *words).json
    assert added["markdown"] == f"![]({added['path']})"
    shown = ukebrev("issue", "show", uke_45, "--json").json["sections"][added["section"] - 1]
    assert (shown["blocks"][-1]["kind"], shown["heading"]) == ("image", "Sør-Varanger 2027")
    (preview,) = ukebrev("issue", "preview", uke_45, "-o", str(tmp_path), "--json").json
    with Path(preview["file"]).open(encoding="utf-8") as written:
        html = written.read()
    content = bytes(Image.objects.get(digest__startswith=added["path"][3:15]).content)
    assert f'src="data:image/jpeg;base64,{b64encode(content).decode()}"' in html
    assert f"{settings.SITE_URL}/i/" not in html


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "alternative text"),
        (("--alt", "x", "--decorative"), "decorative"),
        (("--alt", "x", "--section", "99"), "No section has “99”"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(ukebrev, uke_45, ship, words, says):
    answer = ukebrev("issue", "add-image", uke_45, ship, *words)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("content", [b"", b"Uke 45", b"\x89PNG\r\n\x1a\n" + bytes(50), bytes(10_000_001)])
def test_a_file_that_is_no_picture_is_named(ukebrev, uke_45, tmp_path, content):
    file = tmp_path / "ship.png"
    file.write_bytes(content)
    answer = ukebrev("issue", "add-image", uke_45, str(file), "--decorative")
    assert answer.code == 2
    assert answer.err.startswith("ship.png ")


def test_a_file_that_is_not_there_is_named(ukebrev, uke_45):
    answer = ukebrev("issue", "add-image", uke_45, "no-such.jpg", "--decorative")
    assert answer.code == 1
    assert "no-such.jpg" in answer.err
