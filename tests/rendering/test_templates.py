from pathlib import Path

import pytest

from mailer.rendering.templates import TEMPLATES, BrokenTemplateError
from mailer.rendering.theme import load_theme
from tests.rendering.letters import ISSUE, render, shown

PARTIALS = sorted((TEMPLATES / "_partials").glob("*.mjml"))


def overridden(folder: Path, partial: str, source: str) -> str:
    (folder / "_partials").mkdir(exist_ok=True)
    (folder / "_partials" / partial).write_text(source, encoding="utf-8")
    return shown(render(ISSUE, theme=load_theme("arctic", folder)))


def section(content: str) -> str:
    return f"<mj-section><mj-column><mj-text>{content}</mj-text></mj-column></mj-section>"


def test_an_organisation_overrides_one_partial_and_keeps_the_rest(tmp_path: Path):
    letter = overridden(tmp_path, "personal.mjml", section("Hilsen {{ said.sender }}"))
    assert "Hilsen Sør-Varanger Utvikling" in letter
    assert "Du får alt" not in letter
    assert "Meld deg av" in letter


@pytest.mark.parametrize("partial", PARTIALS, ids=lambda path: path.name)
def test_every_partial_can_be_replaced_by_our_own_text_of_it(tmp_path: Path, partial: Path):
    assert overridden(tmp_path, partial.name, partial.read_text(encoding="utf-8")) == shown(render())


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("{% if %}", r"_partials/intro\.mjml, line 1: Expected an expression"),
        ("\n{{ missing.x }}", r"_partials/intro\.mjml, line 2: 'missing' is undefined"),
        ("{{ theme.colour }}", r"_partials/intro\.mjml, line 1: .*has no attribute 'colour'"),
        ("{{ 1 / 0 }}", r"_partials/intro\.mjml, line 1: division by zero"),
        ("{% include 'secret.mjml' %}", r"There is no template secret\.mjml in "),
        ("{% include '../../../etc/passwd' %}", r"There is no template "),
        ("{{ ''.__class__.__mro__ }}", r"access to attribute '__class__' of 'str' object is unsafe"),
        ("{{ contents.__init__.__globals__ }}", r"unsafe|undefined"),
        ("{% for i in range(999999999) %}{% endfor %}", r"Range too big"),
        (
            "<mj-section>\n<mj-colum />\n</mj-section>",
            r"_partials/intro\.mjml, about line 2 .*<mj-colum> is not one of",
        ),
        (
            "\n<mj-section>",
            r"_partials/intro\.mjml, about line 2 .*: <mj-section> is opened and not closed; expected </mj-section>",
        ),
        ("</mj-section>", r"_partials/intro\.mjml, about line 1 .*: expected </mj-body>, found </mj-section>"),
    ],
)
def test_a_broken_override_is_told_with_file_and_line(tmp_path: Path, source: str, fault: str):
    with pytest.raises(BrokenTemplateError, match=fault):
        overridden(tmp_path, "intro.mjml", source)


def test_an_override_changes_no_letter_but_its_own(tmp_path: Path):
    with pytest.raises(BrokenTemplateError):
        overridden(tmp_path, "intro.mjml", "{{ theme.folders.append(1) }}")
    assert "Ja, ka skjer?" in shown(render())
