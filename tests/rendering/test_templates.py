from pathlib import Path

import pytest

from mailer.rendering.templates import TEMPLATES, BrokenTemplateError, place_of
from mailer.rendering.theme import load_theme
from tests.rendering.letters import ISSUE, render, shown

NESTED = "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}"
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
        ("\n{% include 'secret.mjml' %}", r"^_partials/intro\.mjml, line 2: There is no template secret\.mjml in "),
        ("{% include '_partials/intro.mjml' %}", r"^_partials/intro\.mjml, line 1: it includes itself without end\.$"),
        ("{% include '../../../etc/passwd' %}", r"There is no template "),
        ("{{ ''.__class__.__mro__ }}", r"access to attribute '__class__' of 'str' object is unsafe\.$"),
        ("{{ contents.__init__.__globals__ }}", r"unsafe|undefined"),
        ("{% for i in range(999999999) %}{% endfor %}", r"Range too big.*[^.]\.$"),
        (f"\n{NESTED}", r"^_partials/intro\.mjml, line 2: more than 100,000 rounds of loops"),
        (
            "\n{% for i in range(9999) %}{{ 'abc' * 999 }}{% endfor %}",
            r"line 2: more than 2,000,000 characters, which no letter",
        ),
        (f"\n{{% for i in range(9999) %}}{'abc' * 999}{{% endfor %}}", r"line 2: more than 2,000,000 characters"),
        ("{{ 'x' * 10000000 }}", r"line 1: more than 2,000,000 characters, which no letter has a use for\.$"),
        ("{{ 10 ** 10 ** 10 }}", r"line 1: powers"),
        ("{{ lipsum(99999) }}", r"'lipsum' is undefined"),
        (
            "\n{{ theme.name\n<mj-section></mj-section>\n{{ theme.name }}",
            r"^_partials/intro\.mjml, line 2: \{\{ is opened and not closed; expected \}\}\.$",
        ),
        ("{% if theme.name }x", r"^_partials/intro\.mjml, line 1: \{% is opened and not closed; expected %\}\.$"),
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


def test_loops_in_overrides_know_where_they_are(tmp_path: Path):
    loop = "{% for c in 'abc' %}{{ loop.index }}{{ c }}{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}"
    assert "1a3, 2b3, 3c3" in overridden(tmp_path, "intro.mjml", section(loop))


def test_a_place_is_told_with_the_text_of_its_own_template_only():
    mjml = "<!--begin a.mjml-->outer <!--begin b.mjml-->inner<!--end b.mjml--> after<!--end a.mjml-->"
    assert place_of(mjml, 1, mjml.index("inner") + 1) == "b.mjml, about line 1 (inner)"
    assert place_of(mjml, 1, mjml.index("after") + 1) == "a.mjml, about line 1 (after)"
