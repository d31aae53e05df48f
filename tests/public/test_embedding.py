import pytest
from typer.testing import CliRunner

from mailer.public.embedding import form_html, frame_html
from subscribers.limits import MemoryCounters, use
from subscribers.models import OwedMail
from subscribers.signup import SignupError
from tests.factories import make_interests
from tests.public.trees import page_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_server")]


@pytest.fixture(autouse=True)
def _interests():
    use(MemoryCounters())
    make_interests()


@pytest.mark.parametrize("language", ["nb", "en"])
def test_the_code_posts_what_we_take(client, settings, language):
    form = page_of(form_html((), language))
    form.fields["address"] = "kari@example.com"
    assert form.action.startswith(settings.SITE_URL)
    answer = client.post(form.action.removeprefix(settings.SITE_URL), dict(form.form_values()))
    assert answer.status_code == 303
    detail = OwedMail.objects.get().detail
    assert (detail["language"], detail["form"], detail["edition"]) == (language, "embedded", "2026-11")


def test_only_the_interests_that_were_asked_for_are_offered():
    form = page_of(form_html(("businesses",), "nb"))
    assert form.xpath("//input[@name='interests']/@value") == ["businesses"]
    with pytest.raises(SignupError, match="no interest 'cats'"):
        form_html(("cats",), "nb")


def test_it_holds_no_script_and_fetches_nothing():
    code = form_html((), "nb") + frame_html((), "nb")
    tree = page_of(f"<div>{code}</div>")
    assert tree.xpath("//script | //@src[not(contains(., '/form'))] | //link | //img") == []


def test_the_frame_shows_our_form_with_the_interests_ticked(client, settings):
    frame = page_of(frame_html(("students",), "en"))
    assert frame.get("title") == "Weekly letter from Sør-Varanger Utvikling"
    page = page_of(client.get(frame.get("src").removeprefix(settings.SITE_URL)))
    assert page.get("lang") == "en"
    assert page.xpath("//input[@checked]/@value") == ["students"]


def test_the_command_prints_code_to_copy():
    import typer

    from mailer.cli.signup_form import signup_form

    app = typer.Typer()
    app.command()(signup_form)
    assert CliRunner().invoke(app, ["--interests", "students,businesses"]).output.startswith("<form ")
    assert CliRunner().invoke(app, ["--iframe", "--language", "en"]).output.startswith("<iframe ")


def posted(client, body):
    return client.post("/signup", "address=kari@example.com&" + body, "application/x-www-form-urlencoded")


@pytest.mark.parametrize(
    ("body", "interests"),
    [
        ("", []),
        ("interests=", []),
        ("interests=&interests=", []),
        ("interests=%20", []),
        ("interests=,", []),
        ("interests=&interests=students", ["students"]),
        ("interests=students,businesses", ["students", "businesses"]),
        ("interests=%20Students%20", ["students"]),
        ("interests=students&interests=students", ["students"]),
    ],
)
def test_a_form_written_by_hand_may_name_its_interests_in_any_way_or_none(client, body, interests):
    assert posted(client, body).status_code == 303
    assert OwedMail.objects.get().detail["interests"] == interests


@pytest.mark.parametrize(
    "body",
    [
        "language=xx",
        "language=nb_NO",
        "language=",
        "words=" + "x" * 100,
        "name=" + "x" * 500,
        "name=Kari%00",
        "website=",
        "asked_about=" + "x" * 1000,
        "name=%FF%FE",
    ],
)
def test_nothing_but_the_address_can_be_filled_in_wrongly(client, body):
    assert posted(client, body).status_code == 303
    detail = OwedMail.objects.get().detail
    assert (detail["language"], len(detail["name"]) <= 200, "\0" in detail["name"]) == ("nb", True, False)


def test_an_interest_that_is_no_more_is_asked_about_with_all_that_there_are_and_the_rest_kept(client):
    answer = posted(client, "interests=cats,students&name=Kari")
    page = page_of(answer)
    assert answer.status_code == 422
    assert "Et av temaene finnes ikke lenger. Velg på nytt." in page.text_content()
    assert page.xpath("//input[@name='interests']/@value") == ["students", "entrepreneurs", "businesses"]
    assert page.xpath("//input[@name='interests'][@checked]/@value") == ["students"]
    assert page.get_element_by_id("address").get("value") == "kari@example.com"
    assert page.get_element_by_id("name").get("value") == "Kari"


def test_a_form_without_an_address_gets_our_page_that_asks_for_it(client):
    answer = client.post("/signup", {"email": "kari@example.com"})
    assert answer.status_code == 422
    assert "Skriv adressen din her" in answer.content.decode()
