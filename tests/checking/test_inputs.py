from dataclasses import replace
from datetime import date

import pytest

from mailer.checking.inputs import sending_day
from mailer.parsing.importing import parse_file, parse_text
from mailer.rendering.letter import Reader
from tests.checking.material import issue


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2021, 11, 10), date(2021, 11, 10)),
        (date(2021, 11, 1), date(2021, 11, 1)),
        (date(2021, 11, 20), date(2021, 11, 20)),
        (date(2021, 6, 1), None),
        (date(2026, 11, 23), None),
    ],
)
def test_an_issue_is_checked_for_today_unless_it_is_of_another_time(today, expected):
    assert sending_day(issue(), today) == expected
    assert sending_day(replace(issue(), week=None), today) == today


@pytest.fixture
def stored(transactional_db):
    from mailer.models.parsed import store_issue
    from tests.factories import make_interests

    make_interests()
    parsed = replace(parse_file("tests/data/uke-45.txt"), year=2021)
    return store_issue(parsed, source="<p onclick='x()'>Uke 45</p>").issue


def test_the_list_and_the_source_are_known(stored):
    from mailer.checking.inputs import context_of
    from tests.factories import SubscriberFactory

    SubscriberFactory(language="nb")
    context = context_of(stored)
    assert context.segments == {Reader((), "nb"): 1}
    assert "onclick" in context.source
    assert list(context.earlier) == []


def test_an_issue_and_its_translation_know_of_each_other(stored):
    from mailer.checking.inputs import context_of
    from mailer.models.translations import store_translation

    text = replace(parse_text("Week 45\n\nThis is what happened.\n\nNEW OFFICE\n\nWe moved."), language="en")
    translation = store_translation(text, stored, source="Week 45").issue
    assert [each.title for each in context_of(stored).translations] == ["Week 45"]
    main = context_of(translation).translation_of
    assert main is not None
    assert main.title == stored.title


def test_the_last_four_issues_that_were_sent_are_known_newest_first(stored):
    from mailer.checking.inputs import earlier_issues
    from mailer.models import Campaign, Issue

    issues = [Issue.objects.create(slug=f"uke-{number}", title=f"Uke {number}") for number in range(38, 45)]
    for one in [*issues, issues[0], stored]:
        Campaign.objects.create(issue=one, status=Campaign.Status.SENT)
    Campaign.objects.create(issue=Issue.objects.create(slug="utkast", title="Utkast"))
    assert [one.title for one in earlier_issues(stored)] == ["Uke 38", "Uke 44", "Uke 43", "Uke 42"]


def test_the_weight_of_images_that_were_taken_in_is_known(transactional_db):
    from mailer.checking.inputs import image_weights
    from mailer.models.image import Image

    stored = Image.objects.create(digest="0123456789ab" + "0" * 52, width=1040, height=700, format="jpg", size=250_000)
    whole = issue(
        f"![Havnen]({stored.path})", f"![Havnen](https://brev.example.org{stored.path})", "![a](https://x.no/b.jpg)"
    )
    assert image_weights(whole) == {stored.path: 250_000, f"https://brev.example.org{stored.path}": 250_000}


def test_an_issue_is_checked_against_the_list(stored, capsys, settings):
    import json

    import typer

    from mailer.cli.check import check
    from mailer.models.parsed import parsed_issue
    from mailer.parsing.export import to_markdown
    from tests.factories import SubscriberFactory

    SubscriberFactory(language="nb")
    settings.ORGANISATION_NAME, settings.POSTAL_ADDRESS = "Kirkenes utvikling", "Kirkegata 1, 9900 Kirkenes"
    with pytest.raises(typer.Exit) as ended:
        check(stored.slug, as_json=True)
    assert ended.value.exit_code == 1
    answer = json.loads(capsys.readouterr().out)
    exported = to_markdown(parsed_issue(stored)).split("\n")
    lost = [exported[found["line"] - 1] for found in answer if found["code"] == "link-lost"]
    assert len(lost) == 2
    assert all("les" in line.lower() and "her" in line for line in lost), "lines are those of the export"
    assert sorted(found["code"] for found in answer) == [
        "date-relative", "headings-hidden", "html-removed", "interests-narrow", "link-lost", "link-lost",
        "preheader-suggested", "suggestions-open",
    ]  # fmt: skip
