"""What goes wrong is answered with a page of ours in the reader's language that says what happened and what to do."""

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from mailer import urls
from subscribers.limits import MemoryCounters, use
from subscribers.models import OwedMail
from tests.factories import make_interests
from tests.public.trees import page_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__), pytest.mark.usefixtures("_failing_in_our_words")]


def refusing(request):
    raise PermissionDenied


def suspecting(request):
    raise SuspiciousOperation


# A page of somebody signed in, such as there will be.
def protected(request):
    return HttpResponse("done")


urlpatterns = [
    *urls.urlpatterns,
    path("refusing", refusing),
    path("suspecting", suspecting),
    path("protected", protected),
]
handler400, handler403 = urls.handler400, urls.handler403
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture
def _failing_in_our_words(settings):
    settings.CSRF_FAILURE_VIEW = "mailer.public.errors.csrf_failed"


@pytest.fixture
def strict():
    """A browser that is held to the cookie of CSRF."""
    return Client(enforce_csrf_checks=True)


def told(answer):
    page = page_of(answer)
    assert page.findtext("head/title").startswith(page.findtext(".//h1"))
    assert page.findtext(".//header//strong") == "Sør-Varanger Utvikling"
    return answer.status_code, page.findtext(".//h1")


@pytest.mark.parametrize("language", ["nb", "en"])
def test_each_fault_has_a_page_in_both_languages(client, strict, settings, language):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    speaks = {"Accept-Language": language}
    answers = {
        400: client.get("/suspecting", headers=speaks),
        403: client.get("/refusing", headers=speaks),
        404: client.get("/nothing", headers=speaks),
        405: client.post("/archive", headers=speaks),
        413: client.post("/", "address=" + "x" * 2000, "application/x-www-form-urlencoded", headers=speaks),
        "csrf": strict.post("/protected", headers=speaks),
        "host": client.get("/", headers={**speaks, "Host": "evil.example"}),
    }
    seen = {name: told(answer) for name, answer in answers.items()}
    words = {
        "nb": ["Vi fikk ikke lest det", "Denne siden er ikke åpen for deg", "Denne siden finnes ikke", "Det går ikke an her",
               "Det var for mye på én gang", "Skjemaet ble ikke sendt", "Denne adressen er ikke vår"],
        "en": ["We could not read that", "This page is not open to you", "There is no such page", "That can’t be done here",
               "That was too much at once", "The form was not sent", "This address is not ours"],
    }  # fmt: skip
    assert seen == dict(zip(seen, zip((400, 403, 404, 405, 413, 403, 400), words[language], strict=True), strict=True))
    assert {answer["Content-Language"] for answer in answers.values()} == {language}


def test_too_many_fields_are_too_much_as_well(client):
    fields = {f"field{number}": "x" for number in range(1001)}
    assert told(client.post("/", fields))[0] == 413


def test_a_name_that_is_not_ours_is_told_and_nothing_that_was_sent_is_repeated(client, settings):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert settings.SITE_URL in answer.content.decode()
    assert b"evil" not in answer.content
    page = page_of(answer)
    assert page.xpath("//main//a/@href | //footer//a/@href | //header//a/@href | //img/@src") == [
        settings.SITE_URL,
        "/?lang=en",
    ]


@pytest.mark.parametrize("method", ["put", "delete", "patch", "options"])
def test_what_cannot_be_done_names_what_can(client, method):
    assert getattr(client, method)("/")["Allow"] == "GET, HEAD, POST"
    for path_ in ("/privacy", "/feed", "/archive", "/asked"):
        assert getattr(client, method)(path_)["Allow"] == "GET, HEAD"


def test_no_form_of_a_reader_needs_a_cookie(strict):
    use(MemoryCounters())
    make_interests()
    elsewhere = {"Origin": "https://elsewhere.example", "Referer": "https://elsewhere.example/"}
    for path_ in ("/", "/form", "/signup", "/link", "/u/x", "/u/x/undo", "/u/x/reason", "/p/x", "/p/x/address",
                  "/p/x/more/students", "/p/x/stay", "/confirm/x", "/agree/x", "/address/x"):  # fmt: skip
        assert strict.post(path_, headers=elsewhere).status_code in {404, 422}, path_
    assert strict.post("/signup", {"address": "kari@example.com"}, headers=elsewhere).status_code == 303
    assert OwedMail.objects.count() == 1
