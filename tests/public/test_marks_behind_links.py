"""Mail programs and people put marks behind an address, and take them for a part of it: the link must work all the same."""

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from mailer.public.answers import without_marks
from subscribers.models import Subscriber
from subscribers.tokens import Holder, make_token
from tests.factories import SubscriberFactory, make_interests
from tests.public.trees import page_of

pytestmark = pytest.mark.django_db

MARKS = [
    ".",
    ",",
    ")",
    "]",
    ">",
    "/",
    "”",
    "»",
    "’",
    ".)",
    ">.",
    "!",
    ";",
    ":",
    "…",
    "*",
    "&gt;",
    "%20",
    "%C2%A0",
    "&#39;,",
]


@pytest.fixture
def kari():
    make_interests()
    return SubscriberFactory(follows=("students",))


@pytest.mark.parametrize("mark", MARKS)
def test_a_mark_behind_a_readers_link_is_no_part_of_it(client, kari, mark):
    own, leave = (make_token(purpose, Holder(kari.pk)) for purpose in ("preferences", "unsubscribe"))
    for path in (f"/p/{own}", f"/p/{own}/stay", f"/p/{own}/more/businesses", f"/u/{leave}", "/archive"):
        answer = client.get(path + mark, follow=True)
        assert answer.status_code == 200
        assert answer.request["PATH_INFO"] == path


def test_what_is_posted_to_it_is_posted_to_the_right_address(client, kari):
    link = f"/u/{make_token('unsubscribe', Holder(kari.pk))}"
    answer = client.post(f"{link}>", {"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer["Location"]) == (307, link)
    client.post(f"{link}>", {"List-Unsubscribe": "One-Click"}, follow=True)
    assert Subscriber.objects.get().status == "unsubscribed"


def test_the_language_that_was_chosen_and_the_secrecy_of_the_token_are_kept(client, kari):
    answer = client.get(f"/p/{make_token('preferences', Holder(kari.pk))},?lang=en")
    assert answer["Location"].endswith("?lang=en")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/nothing.", "/nothing/", "/i/", "/...", "/u/x", "/p/...", "//evil.example/."])
def test_what_leads_nowhere_without_its_marks_is_not_found(client, path):
    answer = client.get(path, follow=True)
    assert answer.status_code in {200, 404}
    assert page_of(answer).findtext(".//h1")


@given(st.text(max_size=200).map("/".__add__))
def test_it_leads_to_no_other_site_and_never_round_in_a_circle(path):
    request = RequestFactory().get("/")
    request.path = path
    answer = without_marks(request)
    if answer is not None:
        assert answer["Location"][0] == "/"
        assert answer["Location"][1:2] not in {"/", "\\"}
        request.path = answer["Location"]
        assert without_marks(request) is None
