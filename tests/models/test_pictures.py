import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.models import Image, Issue
from mailer.models.parsed import parsed_issue
from mailer.models.pictures import AddImageError, PictureWords, add_image, image_markdown
from mailer.parsing.commonmark import commonmark
from mailer.parsing.lines import plain_line
from mailer.rendering.picture_files import PictureError
from tests.factories import make_issue
from tests.pictures import drawing, photograph, saved

SHIP = PictureWords(alt="Skipet ved kaia", caption="Foto: Kari")
PATH = "/i/0123456789ab-1040x780.jpg"


@pytest.fixture
def issue(db):
    return make_issue()


@pytest.fixture(scope="module")
def ship():
    return saved(photograph(), "JPEG", quality=95)


def refusal(issue, content, words=SHIP, **wanted) -> str:
    with pytest.raises((AddImageError, PictureError)) as refused:
        add_image(issue, content, words, **wanted)
    assert not Image.objects.exists()
    return str(refused.value)


def test_it_stands_at_the_end_of_the_section_as_an_image(issue, ship):
    added = add_image(issue, ship, SHIP, section="2")
    blocks = parsed_issue(issue).sections[1].blocks
    assert [block.kind for block in blocks] == ["paragraph", "image"]
    assert blocks[-1].markdown == added.markdown == f'![Skipet ved kaia]({added.image.path} "Foto: Kari")'
    assert added.image.path == f"/i/{added.image.digest[:12]}-400x300.jpg"


@pytest.mark.parametrize("wanted", ["Studentbyen", "studentBYEN", "dentby"])
def test_a_section_is_found_by_words_of_its_heading(issue, ship, wanted):
    assert add_image(issue, ship, SHIP, section=wanted).section == issue.sections.all()[1]


def test_without_a_section_it_is_stored_and_put_nowhere(issue, ship):
    assert add_image(issue, ship, SHIP).section is None
    assert not any("/i/" in section.body for section in issue.sections.all())


def test_the_same_picture_is_stored_once_whatever_is_said_of_it(issue, ship):
    first = add_image(issue, ship, SHIP).image
    again = add_image(issue, ship, PictureWords(decorative=True), section="1")
    assert (again.image.pk, again.image.alt, Image.objects.count()) == (first.pk, "", 1)
    assert again.markdown == f"![]({first.path})"


def test_an_approved_issue_with_a_new_picture_is_a_draft_again(issue, ship):
    Issue.objects.update(status="approved")
    add_image(issue, ship, SHIP)
    assert Issue.objects.get().status == "approved"
    add_image(issue, ship, SHIP, section="1")
    assert Issue.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (PictureWords(), "alternative text"),
        (PictureWords(alt=" \u200b\n"), "alternative text"),
        (PictureWords(alt="x", decorative=True), "decorative"),
        (PictureWords(alt="x" * 501), "501 characters"),
    ],
)
def test_a_picture_needs_words_or_a_word_that_it_needs_none(issue, ship, words, says):
    assert says in refusal(issue, ship, words)


@pytest.mark.parametrize(
    ("section", "says"),
    [
        ("9", "No section has “9”"),
        ("Nordlys", "1. Vitensenter; 2. Studentbyen"),
        ("t", "4 sections have “t”"),
    ],
)
def test_a_section_that_can_not_be_told_is_answered_with_those_there_are(issue, ship, section, says):
    assert says in refusal(issue, ship, section=section)


def test_a_file_that_is_no_picture_changes_nothing(issue):
    assert refusal(issue, b"Uke 45", section="1", name="uke-45.txt").startswith("uke-45.txt is no picture")
    assert "/i/" not in issue.sections.all()[0].body


def test_a_drawing_is_kept_as_png(issue):
    image = add_image(issue, saved(drawing(), "PNG"), SHIP).image
    assert (image.format, image.size) == ("png", len(bytes(image.content)))


@given(alt=st.text(max_size=40), caption=st.text(max_size=40))
def test_whatever_is_said_of_a_picture_is_read_back_as_it_was_typed(alt, caption):
    markdown = image_markdown(PATH, alt=alt, caption=caption)
    (paragraph,) = [token for token in commonmark().parse(markdown) if token.type == "inline"]
    (image,) = paragraph.children or []
    assert (image.type, image.attrs["src"]) == ("image", PATH)
    assert image.attrs.get("title", "") == plain_line(caption)
    assert "".join(child.content for child in image.children or []) == plain_line(alt)
