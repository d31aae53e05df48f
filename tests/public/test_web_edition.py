import pytest

from mailer.models import Campaign, Variant
from subscribers.audiences import Audience
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory, make_issue, section
from tests.public.delivered import delivered, links, unsubscribe_link, web_link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(redis_server, smtp_sink):
    return [
        SubscriberFactory(address="kari.hansen@example.com", name="Kari Hansen", follows=("students",)),
        SubscriberFactory(address="jonas@example.net", name="Jonas Olsen", follows=("entrepreneurs",)),
    ]


def test_it_is_the_letter_that_the_reader_got(client, people, smtp_sink):
    delivered()
    (message,) = smtp_sink.messages_to("kari.hansen@example.com")
    page = client.get(web_link(message)).content.decode()
    assert "Studentbyen" in page
    assert "Workation" not in page
    assert "@@" not in page


def test_nothing_in_it_belongs_to_one_reader(client, people, smtp_sink):
    delivered()
    (message,) = smtp_sink.messages_to("kari.hansen@example.com")
    page = client.get(web_link(message)).content.decode()
    token = unsubscribe_link(message).rpartition("/")[2]
    for secret in (token, "kari.hansen", "example.com", "Hansen", "jonas@"):
        assert secret not in page
    only_in_the_mail = {link for link in links(message) if link not in page}
    own = {link for link in links(message) if "/p/" in link}
    assert len(own) == 3, "one's choices, and more and less of the section on students"
    assert only_in_the_mail == {unsubscribe_link(message), web_link(message), *own}


def test_its_link_for_leaving_tells_where_to_find_ones_own(client, people, smtp_sink, settings):
    delivered()
    page = client.get(web_link(smtp_sink.messages[0])).content.decode()
    assert f'href="{settings.SITE_URL}/u/"' in page
    assert "Bruk lenken i ditt eget brev" in client.get("/u/").content.decode()


def test_it_runs_no_script_frames_nothing_and_stays_out_of_search_engines(client, people, smtp_sink):
    delivered()
    answer = client.get(web_link(smtp_sink.messages[0]))
    policy = answer["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: http:;")
    assert "script-src" not in policy
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex, nofollow")
    assert answer.cookies == {}


def test_who_got_it_can_read_it_after_the_rest_was_cancelled(client, people, smtp_sink):
    campaign = delivered()
    Campaign.objects.filter(pk=campaign.pk).update(status="cancelled")
    assert client.get(web_link(smtp_sink.messages[0])).status_code == 200


def test_a_letter_that_was_taken_away_is_gone_not_broken(client, people):
    campaign = delivered()
    missing = make_token("web", Holder(Variant.objects.latest("pk").pk + 1, campaign.pk))
    answer = client.get(f"/w/{missing}")
    assert answer.status_code == 410
    assert "Brevet er ikke her lenger" in answer.content.decode()


@pytest.mark.parametrize("address", ["/w/x", "/w/x/y", f"/w/{'A' * 40}"])
def test_a_link_that_was_cut_or_forged_is_explained(client, db, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "Lenken virker ikke" in answer.content.decode()


def test_a_readers_own_token_opens_no_letter(client, people, smtp_sink):
    delivered()
    token = unsubscribe_link(smtp_sink.messages[0]).rpartition("/")[2]
    assert client.get(f"/w/{token}").status_code == 404


def test_the_front_page_leads_to_the_last_letter_in_the_browsers_language(client, people, smtp_sink):
    SubscriberFactory(language="en")
    campaign = delivered()
    for language in ("nb", "en"):
        page = client.get("/", headers={"Accept-Language": language})
        shown = page.context["letter_url"].rpartition("/")[2]
        assert shown in {
            make_token("web", Holder(variant.pk, campaign.pk))
            for variant in campaign.variants.filter(language=language)
        }


def test_the_front_page_shows_no_trial_and_no_letter_that_was_stopped(client, people):
    assert client.get("/").context["letter_url"] is None
    first = delivered()
    shown = client.get("/").context["letter_url"]
    delivered(Audience(interests=("students",)), make_issue(section("Trial"), title="Trial"))
    assert client.get("/").context["letter_url"] == shown
    Campaign.objects.filter(pk=first.pk).update(status="paused")
    assert client.get("/").context["letter_url"] is None
