import pytest

from mailer.models import Image
from mailer.models.pictures import PictureWords, add_image
from tests.factories import SubscriberFactory, make_issue
from tests.pictures import drawing, photograph, saved
from tests.public.delivered import delivered

pytestmark = pytest.mark.django_db(transaction=True)

SHIP = PictureWords(alt="Skipet ved kaia")


@pytest.fixture
def ship():
    return add_image(make_issue(), saved(photograph(), "JPEG"), SHIP).image


def test_it_is_served_to_be_kept_for_ever(client, ship):
    answer = client.get(ship.path)
    assert (answer.status_code, answer.content) == (200, bytes(ship.content))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer["Content-Length"] == str(ship.size)
    assert answer.cookies == {}


def test_a_drawing_says_that_it_is_a_png(client, ship):
    logo = add_image(make_issue(title="Uke 46"), saved(drawing(), "PNG"), SHIP).image
    assert client.get(logo.path)["Content-Type"] == "image/png"


def test_head_tells_the_same_without_the_picture(client, ship):
    answer = client.head(ship.path)
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", str(ship.size))


def test_who_has_it_already_is_told_so(client, ship):
    etag = client.get(ship.path)["ETag"]
    answer = client.get(ship.path, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert "immutable" in answer["Cache-Control"]
    assert client.get(ship.path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_no_other_address_shows_it(client, ship):
    digits = ship.digest[:12]
    for name in (
        f"{digits}-400x300.png",
        f"{digits}-401x300.jpg",
        f"{digits[:11]}-400x300.jpg",
        f"{'0' * 12}-400x300.jpg",
        f"{digits.upper()}-400x300.jpg",
        f"{digits}-99999999999x300.jpg",
        "%00-1x1.jpg",
        "",
    ):
        answer = client.get(f"/i/{name}")
        assert answer.status_code == 404, name
        assert "immutable" not in answer.get("Cache-Control", "")


def test_nothing_can_be_posted_to_it(client, ship):
    assert client.post(ship.path).status_code == 405


def test_a_letter_shows_it_from_our_own_site_at_half_its_width(client, redis_server, smtp_sink, settings):
    issue = make_issue()
    image = add_image(issue, saved(photograph(), "JPEG"), SHIP, section="1").image
    SubscriberFactory()
    delivered(issue=issue)
    html = smtp_sink.messages[0].parsed().get_body(("html",)).get_content()
    assert f'src="{settings.SITE_URL}{image.path}"' in html
    assert 'width="200"' in html
    assert 'alt="Skipet ved kaia"' in html
    assert Image.objects.filter(digest=image.digest).count() == 1
