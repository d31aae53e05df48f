import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.parsing.cards import Note, write_card
from mailer.parsing.importing import parse_text
from mailer.parsing.issue import ParsedIssue, Section
from mailer.rendering.compiled import compile_letter
from mailer.rendering.fields import cut_at_fields
from mailer.rendering.letter import Options, RenderedLetter
from mailer.rendering.slots import SLOT, FieldSlot, field_slot, fill
from mailer.rendering.text_layout import WIDTH, wrap
from tests.rendering.letters import VALUES, blocks, render, words

OPTIONS = Options(fields=frozenset({"town", "member-since", "navn"}))


def letter(*markdown: str, options: Options = OPTIONS) -> RenderedLetter:
    return render(ParsedIssue("Uke 45", sections=(Section("", blocks(*markdown)),)), options=options)


def both(rendered: RenderedLetter, **values: str) -> tuple[str, str]:
    """The words of both halves, filled; `values` by slug."""
    given_values = {
        name: values[field.slug.replace("-", "_")]
        for name in SLOT.findall(rendered.html + rendered.text)
        if (field := field_slot(name)) and field.slug.replace("-", "_") in values
    }
    filled = {**VALUES, **given_values}
    return words(fill(rendered.html, filled, escape=True)), words(fill(rendered.text, filled, escape=False))


def test_a_field_is_filled_with_a_value_or_with_what_is_meant_for_who_has_none():
    rendered = letter("Møtet i [[town|din kommune]] er torsdag.")
    for said in both(rendered, town="Vadsø"):
        assert "Møtet i Vadsø er torsdag." in said
    for said in both(rendered):
        assert "Møtet i din kommune er torsdag." in said


def test_blanks_inside_of_the_brackets_do_not_matter_and_a_gap_is_left_where_nothing_was_given():
    for said in both(letter("Hei [[ navn ]]![[navn|]]?[[ town |  her   nord ]].")):
        assert "Hei !?her nord." in said


TYPED = "[[city]] [[Town]] [town] [[town [[town|a]b]] [[]] {{ town }} {{ 7*7 }} [[town]"


def test_whatever_names_no_field_stays_as_it_was_typed():
    for said in both(letter(TYPED), town="Vadsø"):
        assert TYPED in said
    for said in both(letter("Hei [[town]]", options=Options())):
        assert "Hei [[town]]" in said


@pytest.mark.parametrize("where", ["`[[town]]`", "    [[town]]", "![[[town]]](https://example.org/a.jpg)"])
def test_code_and_descriptions_of_pictures_have_none(where: str):
    assert "FIELD" not in letter(where).html + letter(where).text


def test_headings_and_the_subject_have_none():
    issue = ParsedIssue("Uke [[town]]", sections=(Section("Nytt fra [[town]]", blocks("x")),), preheader="[[town]]")
    rendered = render(issue, options=OPTIONS)
    assert "FIELD" not in rendered.html + rendered.text + rendered.subject + rendered.preheader


def test_lists_quotations_tables_notes_links_and_buttons_have_them():
    note = write_card(Note("Rettelse", "Note [[town]].")).markdown
    rendered = letter(
        "- Liste [[town]].",
        "> -Sitat [[town]].",
        "| a | b |\n|---|---|\n| Celle [[town\\|x]]. | 1 |",
        note,
        "Les [om [[town]]](https://example.org) her.",
        "[Knapp for [[town]]](https://example.org)",
    )
    for said in both(rendered, town="Vadsø"):
        assert "[[" not in said
        assert said.count("Vadsø") == 6
    assert rendered.html.count("@@FIELD:town:") == 6


@pytest.mark.parametrize("start", ["Uke 45\n\n", "---\ntitle: Uke 45\n---\n\n"])
def test_what_is_typed_in_plain_text_or_markdown_comes_through(start: str):
    rendered = render(parse_text(f"{start}Hei [[town|du]]! Nytt av året.\n"), options=OPTIONS)
    assert f"Hei {FieldSlot('town', 'du')}! Nytt" in words(rendered.text)


def test_what_is_kept_unbroken_around_a_slot_does_not_damage_it():
    rendered = letter("e-post [[member-since|e-post 17. november]] e-post 2,5 mill.")
    assert {field.slug for name in SLOT.findall(rendered.html) if (field := field_slot(name))} == {"member-since"}
    compile_letter(rendered)


def test_lines_are_broken_by_the_width_of_what_will_stand_there():
    slot = FieldSlot("town", "din egen kommune")
    text = " ".join([f"i {slot}"] * 20)
    lines = [fill(line, {}, escape=False) for line in wrap(text)]
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) < 8


@given(value=st.text())
def test_no_value_is_code_or_spoils_a_line(value: str):
    rendered = letter("A [[town|B]] C")
    filled = compile_letter(rendered).fill({**VALUES, FieldSlot("town", "B").name: value}, b"A: b\r\n")
    assert all(len(line) <= 76 and not line.startswith(b".") for line in filled.split(b"\r\n"))
    html = fill(rendered.html, {**VALUES, FieldSlot("town", "B").name: f"<b>{value}"}, escape=True)
    assert "<b>" not in html


@given(text=st.text(st.sampled_from("[]|town -@x\n")))
def test_cutting_loses_nothing_that_was_typed(text: str):
    pieces = list(cut_at_fields(text, frozenset({"town"})))
    typed = [piece for piece in pieces if isinstance(piece, str)]
    assert len(typed) == len(pieces) // 2 + 1
    if len(pieces) == 1:
        assert typed == [text]
    position = 0
    for piece in typed:
        position = text.index(piece, position) + len(piece)


@given(slug=st.from_regex("[a-z][a-z0-9-]*", fullmatch=True), fallback=st.text(st.characters(exclude_categories=["C"])))
def test_a_slot_tells_what_it_was_made_of(slug: str, fallback: str):
    slot = FieldSlot(slug, fallback)
    assert SLOT.fullmatch(str(slot))
    assert field_slot(slot.name) == slot
    assert fill(str(slot), {}, escape=False) == fallback
