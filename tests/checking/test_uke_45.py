"""The first real text: its real problems, and nothing false."""

import timeit
from dataclasses import replace
from datetime import date

import pytest

from mailer.checking.material import Context
from mailer.checking.preflight import examine
from mailer.parsing.importing import parse_file
from mailer.rendering.theme import Theme
from tests.checking.material import ARCTIC, FRIDAY, INTERESTS, PLAIN

UKE_45 = replace(parse_file("tests/data/uke-45.txt"), year=2021)


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=lambda theme: theme.name)
@pytest.mark.parametrize("sends", [None, FRIDAY, date(2021, 11, 8)])
def test_shows_its_real_problems_and_nothing_false(theme: Theme, sends: date | None):
    found = examine(UKE_45, theme=theme, interests=INTERESTS, context=Context(sends=sends))
    assert [(finding.level, finding.code, finding.line) for finding in found] == [
        ("error", "link-lost", 25),
        ("error", "link-lost", 27),
        ("warning", "headings-hidden", None),
        ("warning", "interests-narrow", None),
        ("warning", "date-relative", 25),
        ("advice", "preheader-suggested", 3),
        ("advice", "suggestions-open", 5),
    ]


def test_is_told_as_the_desk_tells_it():
    lost, _, hidden, narrow, relative, *_ = examine(UKE_45, theme=ARCTIC, interests=INTERESTS)
    assert lost.what == "«Les mer her» fører ingen steder."
    assert lost.remedy == "Lim inn adressen, eller fjern setningen."
    assert relative.what == "«Om to uker» blir feil for den som leser seint."
    assert hidden.what.startswith("Disse overskriftene er forslag og står ikke i brevet: «Nordnorsk vitensenter», «")
    assert narrow.what.startswith("Disse sakene går bare til noen av leserne, etter forslag som ingen har godtatt: «")
    assert lost.section is not None
    assert (lost.section.position, lost.section.heading) == (6, "ICE Release Party")


def test_is_told_in_english_to_who_wants_that():
    lost, *_ = examine(UKE_45, theme=ARCTIC, interests=INTERESTS, context=Context(language="en"))
    assert lost.what == '"Les mer her" leads nowhere.'


def test_a_finding_has_all_that_scripts_are_promised():
    lost, *_, last = examine(UKE_45, theme=ARCTIC, interests=INTERESTS)
    assert list(lost.as_json()) == ["level", "code", "section", "line", "what", "why", "remedy"]
    assert last.as_json()["section"] is None


def test_takes_less_than_a_second():
    # The best of three: other tests share the machine.
    assert min(timeit.repeat(lambda: examine(UKE_45, theme=ARCTIC, interests=INTERESTS), number=1, repeat=3)) < 1


def test_sent_again_in_the_next_week_every_section_is_known():
    context = Context(earlier=[replace(UKE_45, title="Uke 45", week=45)])
    found = examine(replace(UKE_45, title="Uke 46", week=46), theme=ARCTIC, interests=INTERESTS, context=context)
    assert sum(finding.code == "section-sent-before" for finding in found) == len(UKE_45.sections)
