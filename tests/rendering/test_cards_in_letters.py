"""Cards and what differs by interest, as whole letters show them, in HTML and in plain text."""

from dataclasses import replace

import pytest

from mailer.parsing.issue import Section
from mailer.rendering.letter import Options
from tests.rendering.letters import ISSUE, blocks, page, plain, render

EVENT = "```event\ntitle: Webinar\nstart: 2021-11-17 12:00\nend: 2021-11-17 13:00\nplace: Teams\nlink: https://x.example/w\n```"
PERSON = "```person\nname: Jenny Å\nrole: Prosjektleder\naddress: jenny@x.example\n```"
NOTE = "```note\nRettelse\nRiktig dato er **17. november**.\n```"
CARDS = replace(
    ISSUE, sections=(*ISSUE.sections, Section("Kort", blocks(EVENT, PERSON, NOTE, EVENT))), intro=blocks(EVENT)
)
CALENDAR = Options(calendar_url=lambda section, event: f"https://x.example/c/{section}-{event}.ics")
INBOX = replace(
    ISSUE,
    preheader="For alle",
    subjects={"businesses": "Til bedriftene", "entrepreneurs": "Til gründerne", "students": ""},
    preheaders={"students": "For deg som studerer"},
)


def test_an_event_leads_to_a_calendar_only_where_there_is_one():
    links = page(render(CARDS, options=CALENDAR)).xpath("//a[contains(@href, '.ics')]")
    assert [link.get("href") for link in links] == ["https://x.example/c/6-0.ics", "https://x.example/c/6-1.ics"]
    assert [link.get("aria-label") for link in links] == ["Legg i kalenderen: Webinar"] * 2
    assert ".ics" not in render(CARDS).html + render(CARDS).text
    assert "https://x.example/c/6-1.ics" in render(CARDS, options=CALENDAR).text


def test_the_address_of_an_event_keeps_its_section_whoever_reads():
    for_one = render(CARDS, "students", options=CALENDAR)
    assert "https://x.example/c/6-0.ics" in for_one.html
    assert "https://x.example/c/6-0.ics" in for_one.text


def test_plain_text_tells_each_card_in_lines():
    text = plain(render(CARDS, options=CALENDAR))
    for card in (
        (
            "    Webinar\n    Onsdag 17. november kl. 12.00–13.00, Teams\n    https://x.example/w\n"
            "    Legg i kalenderen: https://x.example/c/6-0.ics\n"
        ),
        "    Jenny Å, Prosjektleder\n    jenny@x.example\n",
        "    Rettelse\n    Riktig dato er 17. november.\n",
    ):
        assert f"\n\n{card}\n" in text


@pytest.mark.parametrize(
    ("interests", "subject", "preheader"),
    [
        ((), "Uke 45", "For alle"),
        (("students",), "Uke 45", "For deg som studerer"),
        (("businesses",), "Til bedriftene", "For alle"),
        # The organisation's order counts, not the reader's.
        (("businesses", "entrepreneurs", "students"), "Til gründerne", "For deg som studerer"),
        (("sports",), "Uke 45", "For alle"),
    ],
)
def test_subject_and_preheader_are_those_of_the_first_interest_that_has_them(
    interests: tuple[str, ...], subject: str, preheader: str
):
    letter = render(INBOX, *interests)
    assert (letter.subject, letter.preheader) == (subject, preheader)


def test_an_interest_without_a_section_here_chooses_no_subject():
    nothing_for_founders = replace(INBOX, sections=ISSUE.sections[:5])
    assert render(nothing_for_founders, "entrepreneurs", "businesses").subject == "Til bedriftene"
