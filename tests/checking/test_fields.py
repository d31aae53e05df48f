"""Fields in double brackets: what is found is what readers would see."""

import pytest

from mailer.checking.drawing import draw
from mailer.checking.findings import say
from mailer.checking.preflight import sightings
from mailer.parsing.issue import Block, Section
from mailer.rendering.letter import Reader
from tests.checking.material import card, codes, issue, material, of

TOWN = frozenset({"town"})
BRACKETS = "[[town|her]]"


def literal(checked):
    """Whether brackets stand in the letter that a reader gets."""
    letter = draw(checked, Reader((), "nb"))
    return BRACKETS in letter.html + letter.text + letter.subject + letter.preheader


@pytest.mark.parametrize(
    "parsed",
    [
        issue(title=f"Nytt i {BRACKETS}"),
        issue(preheader=f"Nytt i {BRACKETS}"),
        issue(sections=(Section(f"Nytt i {BRACKETS}", (Block("paragraph", "Hei.", 3),)),)),
        issue(
            parts=(f"Nytt i {BRACKETS}",),
            sections=(Section("Turen", (Block("paragraph", "Hei.", 3),), f"Nytt i {BRACKETS}"),),
        ),
        issue(f"![Havna i {BRACKETS}](/i/0123456789ab-1040x700.jpg)"),
        card("event", f"title: Fest i {BRACKETS}\nstart: 2021-11-20"),
        card("person", f"name: Kari\nrole: Leder i {BRACKETS}"),
        card("note", f"title: Obs, {BRACKETS}\ntext: Hei."),
        issue(f"Hei {BRACKETS}."),
        issue(f"- Hei {BRACKETS}."),
        issue(f"> Hei **{BRACKETS}**."),
        issue(f"| a | b |\n|---|---|\n| {BRACKETS.replace('|', chr(92) + '|')} | y |"),
        issue(sections=(Section("Turen", (Block("heading", f"### Hei {BRACKETS}", 3),)),)),
        card("note", f"title: Obs\ntext: Hei {BRACKETS}."),
        issue(f"`{BRACKETS}`"),
    ],
)
def test_a_field_is_misplaced_exactly_where_the_letter_shows_its_brackets(parsed):
    checked = of(parsed, fields=TOWN)
    meant_as_code = parsed.sections[0].blocks[:1] and "`[[" in parsed.sections[0].blocks[0].markdown
    assert ("field-misplaced" in codes(checked)) == (literal(checked) and not meant_as_code)
    assert not {"field-unknown", "field-empty"} & codes(checked)


def test_without_a_list_of_fields_only_what_everybody_has_is_known():
    assert not {"field-unknown", "field-misplaced"} & codes(material("Hei [[by]].", title="Hei [[by]]"))
    assert "field-misplaced" in codes(material("Hei.", title="Hei [[name|du]]"))


def test_it_is_told_where_and_which_fields_there_are():
    (found,) = [s for s in sightings(material("Hei [[byen]].", context={"fields": TOWN})) if s.code == "field-unknown"]
    told = say(found, "nb")
    assert told.section is not None
    assert (told.section.heading, told.what.split(" er ")[0]) == ("Turen", "«[[byen]]»")
    assert "[[name]], [[navn]], [[town]]" in told.remedy
