import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.test import Client
from django.urls import path
from lxml import html

from mailer import urls
from mailer.public.policy import PAGES
from subscribers.models import AddressChange, ConsentEvent, Subscriber
from subscribers.tokens import Holder, make_expiring_token, make_token
from tests.factories import SubscriberFactory
from tests.public.trees import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def failing(request):
    raise RuntimeError("on purpose")


def refusing(request):
    raise PermissionDenied


def suspecting(request):
    raise SuspiciousOperation


# The site itself, with pages more that never work.
urlpatterns = [
    *urls.urlpatterns,
    path("failing", failing),
    path("refusing", refusing),
    path("suspecting", suspecting),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def pages(client, settings):
    """One answer of each kind of page that readers see, by name."""
    settings.CSRF_FAILURE_VIEW = "mailer.public.errors.csrf_failed"
    kari = SubscriberFactory(follows=("students",))
    asked = ConsentEvent.objects.create(
        subscriber=SubscriberFactory(status="pending"),
        kind="asked",
        source="page",
        detail={"interests": ["students"], "language": "nb"},
    )
    link = f"/u/{make_token('unsubscribe', Holder(SubscriberFactory().pk))}"
    own = f"/p/{make_token('preferences', Holder(kari.pk))}"
    change = AddressChange.objects.create(subscriber=kari, address="new@example.org", address_key="new@example.org")
    confirm = f"/confirm/{make_expiring_token('confirm', asked.subscriber_id, asked.pk, seconds=60)}"
    agree = f"/agree/{make_expiring_token('agree', kari.pk, change.pk, seconds=60)}"
    move = f"/address/{make_expiring_token('address', kari.pk, change.pk, seconds=60)}"
    gone = make_token("web", Holder(2**62, 1))
    return {
        "front": client.get("/"),
        "mistyped": client.post("/", {"address": "kari@"}),
        "asked": client.get("/asked"),
        "confirm": client.get(confirm),
        "confirmed": client.post(confirm),
        "preferences": client.get(f"{own}?done=saved"),
        "other address": client.get(f"{own}/address"),
        "more": client.get(f"{own}/more/businesses"),
        "less": client.get(f"{own}/less/students"),
        "stay": client.get(f"{own}/stay"),
        "agree": client.get(agree),
        "agreed": client.post(agree),
        "move": client.get(move),
        "moved": client.post(move),
        "overtaken": client.get(agree),
        "leave": client.get(link),
        "left": client.post(f"{link}?from=page"),
        "send link": client.get("/link"),
        "link asked": client.get("/link/asked"),
        "how to leave": client.get("/u/"),
        "broken": client.get("/u/x"),
        "gone": client.get(f"/w/{gone}"),
        "archive": client.get("/archive"),
        "privacy": client.get("/privacy"),
        "accessibility": client.get("/accessibility"),
        "no such page": client.get("/nothing"),
        "not done here": client.post("/archive"),
        "forbidden": client.get("/refusing"),
        "bad request": client.get("/suspecting"),
        "wrong host": client.get("/", headers={"Host": "evil.example"}),
        "form too old": forgiving_client(enforce_csrf_checks=True).post("/failing"),
        "failed": forgiving_client().get("/failing"),
    }


def forgiving_client(**options):
    return Client(raise_request_exception=False, **options)


@pytest.fixture
def a_broken_theme(settings):
    settings.THEME = "no-such-theme"


def test_every_page_has_a_policy_that_allows_nothing_inline(pages):
    for name, answer in pages.items():
        assert answer["Content-Security-Policy"] == PAGES, name
        assert answer["X-Content-Type-Options"] == "nosniff", name
        assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
        tree = html.fromstring(answer.content)
        assert tree.xpath("//script | //style | //@style | //@*[starts-with(name(), 'on')]") == [], name


def test_every_page_has_a_title_one_heading_a_language_and_whose_it_is(pages):
    for name, answer in pages.items():
        tree = html.fromstring(answer.content)
        assert tree.xpath("count(//h1)") == 1, name
        assert tree.findtext("head/title"), name
        assert tree.findtext(".//main/h1"), name
        assert tree.get("lang") == "nb", name
        assert tree.findtext(".//header//strong") == "Sør-Varanger Utvikling", name


def test_no_page_sets_a_cookie(pages):
    assert {name: answer.cookies for name, answer in pages.items() if answer.cookies} == {}


def test_only_pages_that_are_for_everybody_are_for_search_engines(pages):
    public = {"front", "mistyped", "archive", "privacy", "accessibility"}
    for name, answer in pages.items():
        assert (b'content="noindex"' in answer.content) == (name not in public), name


def test_every_page_can_be_had_in_the_other_language_and_its_links_stay_in_it(client, pages):
    for name, answer in pages.items():
        switch = page_of(answer).xpath("//footer//a[@hreflang='en']")
        assert [link.text for link in switch] == ["English"], name
    english = page_of(client.get("/privacy?lang=en"))
    assert english.get("lang") == "en"
    assert english.xpath("//footer//a[1]/@href")[0] == "/privacy?lang=en"
    assert english.xpath("//footer//a[@hreflang='nb']/@href") == ["/privacy?lang=nb"]


@pytest.mark.parametrize("lang", ["de", "../nb", "", "nb&x"])
def test_a_language_that_we_have_not_is_passed_over(client, lang):
    assert page_of(client.get("/privacy", {"lang": lang})).get("lang") == "nb"


def test_a_browser_gets_its_own_language_where_nobody_is_known(client):
    assert "Du velger" in client.get("/").content.decode()
    assert "You choose" in client.get("/", headers={"Accept-Language": "en-GB,en"}).content.decode()
    assert "Du velger" in client.get("/", headers={"Accept-Language": "de"}).content.decode()
    assert "Accept-Language" in client.get("/")["Vary"]


def test_the_privacy_statement_is_true_for_who_was_put_on_the_list_too(client):
    for language, never, both in (
        ("nb", "og bekreftet det fra din egen innboks", "Den vi selv har satt på listen, sa ja på en annen måte"),
        ("en", "and confirmed it from your own inbox", "Who was put on the list by us had said yes in another way"),
    ):
        page = " ".join(page_of(client.get(f"/privacy?lang={language}")).text_content().split())
        assert never not in page
        assert both in page


def test_health_answers_in_plain_text(client):
    answer = client.get("/health")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db(transaction=True)
def test_health_tells_when_the_database_does_not_answer(client, monkeypatch):
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", "no_such_database")
        answer = client.get("/health")
    assert (answer.status_code, answer.content) == (503, b"The database does not answer.\n")


@pytest.mark.usefixtures("a_broken_theme")
def test_a_theme_that_cannot_be_read_still_leaves_a_page_that_says_that_something_went_wrong():
    answer = forgiving_client().get("/theme.css")
    assert answer.status_code == 500
    assert "Noe gikk galt hos oss" in answer.content.decode()


@pytest.mark.usefixtures("a_broken_theme")
def test_a_theme_that_cannot_be_read_keeps_nobody_on_the_list(client):
    kari = SubscriberFactory()
    assert client.post(f"/u/{make_token('unsubscribe', Holder(kari.pk))}").status_code == 200
    assert Subscriber.objects.get(pk=kari.pk).status == "unsubscribed"
