import pytest

from mailer.models import Image
from mailer.models.parsed import parsed_issue
from mailer.sending.letterhead import configured_theme, letter_options
from tests.factories import make_issue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("theme", ["arctic", "plain"])
def test_whoever_is_sent_a_letter_can_fetch_its_logo(client, settings, theme):
    settings.THEME = theme
    issue = parsed_issue(make_issue())
    for _ in range(2):
        options = letter_options(issue)
    logo = configured_theme().logo
    assert options.site_url == settings.SITE_URL
    assert logo
    assert Image.objects.count() == len(logo.pictures)
    for picture in logo.pictures:
        answer = client.get(picture.path)
        assert (answer.status_code, answer.content) == (200, picture.content)
        assert "immutable" in answer["Cache-Control"]
