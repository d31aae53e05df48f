import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mailer.models import Campaign
from subscribers.audiences import Audience
from tests.factories import SubscriberFactory, make_issue, section
from tests.public.delivered import delivered
from tests.public.trees import page_of, path_in, xml_of

pytestmark = pytest.mark.django_db(transaction=True)
ATOM = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
def letters(redis_server, smtp_sink):
    SubscriberFactory(follows=("students",))
    SubscriberFactory()
    return [delivered(issue=make_issue(title=f"Uke {week}")) for week in (44, 45)]


def test_the_newest_letter_stands_first_each_with_its_versions(client, letters):
    page = page_of(client.get("/archive"))
    assert [link.text for link in page.xpath("//h2/a")] == ["Uke 45", "Uke 44"]
    first, other = page.xpath("//ul[@class='letters']/li[1]//a/@href")
    for address, has_businesses in ((first, True), (other, False)):
        letter = client.get(path_in(address))
        assert letter.status_code == 200
        assert ("Rekruttering" in letter.content.decode()) == has_businesses


def test_what_went_to_a_part_of_the_list_or_was_cancelled_is_not_for_everybody(client, letters):
    delivered(Audience(interests=("students",)), make_issue(title="Prøve"))
    Campaign.objects.filter(pk=letters[0].pk).update(status="cancelled")
    page = page_of(client.get("/archive"))
    assert [link.text for link in page.xpath("//h2/a")] == ["Uke 45"]


def test_the_queries_do_not_grow_with_the_letters(client, letters):
    def queries():
        with CaptureQueriesContext(connection) as made:
            client.get("/archive")
        return len(made)

    before = queries()
    delivered(issue=make_issue(title="Uke 46"))
    assert queries() == before


def test_the_feed_of_everything_and_that_of_an_interest(client, letters):
    for path, words in (("/feed", "Rekruttering"), ("/feed/students", "Studentbyen")):
        answer = client.get(path)
        assert answer["Content-Type"].startswith("application/atom+xml")
        feed = xml_of(answer)
        entries = feed.xpath("a:entry", namespaces=ATOM)
        assert len(entries) == 2
        link = entries[0].xpath("a:link/@href", namespaces=ATOM)[0]
        letter = client.get(path_in(link)).content.decode()
        assert words in letter
        assert ("Rekruttering" in letter) == (path == "/feed")
    assert client.get("/feed/nothing").status_code == 404
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "nb"


@pytest.mark.parametrize("before", ["", "x", "-1", "9" * 30, "²", "1 OR 1"])
def test_a_page_that_is_none_breaks_nothing(client, db, before):
    assert client.get("/archive", {"before": before}).status_code == 200


def test_no_letter_has_a_token_of_a_reader(client, letters):
    page = page_of(client.get("/archive"))
    letter = client.get(path_in(page.xpath("//h2/a/@href")[0])).content.decode()
    assert "/u/" in letter
    assert "/u/A" not in letter
    assert "/p/A" not in letter


def test_what_was_written_is_escaped(client, redis_server, smtp_sink):
    SubscriberFactory()
    delivered(issue=make_issue(section("<script>alert(1)</script>"), title="<b>Uke</b>"))
    for path in ("/archive", "/feed"):
        assert b"<script>" not in client.get(path).content
