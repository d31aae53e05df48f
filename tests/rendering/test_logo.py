"""The logo: taken from the theme's folder, plain to see on both headers, and never needed to read the letter."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html as lxml_html
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from gallery.shooting import window
from mailer.rendering.letter import Options
from mailer.rendering.logo import Logo
from mailer.rendering.template_store import adopt
from mailer.rendering.theme import Theme, load_theme
from mailer.rendering.toml_tables import SettingsError
from tests.rendering.letters import ARCTIC, PLAIN, page, plain, render, shown

SITE = Options(site_url="https://brev.example.org")


def drawn(folder: Path, name: str, colour: str, size: tuple[int, int] = (100, 50), ground: str = "") -> str:
    """A file with a disc in one colour on nothing, or on a ground of its own."""
    image = Image.new("RGBA", size, ground or (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((0, 0, size[0] - 1, size[1] - 1), fill=colour)
    image.save(folder / name)
    return name


def own(folder: Path, logo: str, theme: str = "plain") -> Theme:
    (folder / theme).mkdir(exist_ok=True)
    (folder / theme / "theme.toml").write_text(f"[logo]\n{logo}", encoding="utf-8")
    return load_theme(theme, folder)


def images(theme: Theme) -> list[lxml_html.HtmlElement]:
    found: list[lxml_html.HtmlElement] = page(render(theme=theme, options=SITE)).xpath("//img")
    return found


def test_one_file_is_shown_as_wide_as_the_theme_says_and_served_by_us(tmp_path: Path):
    theme = own(
        tmp_path, f"file = '{drawn(tmp_path, 'x.png', '#6F7F8F')}'\ndark = ''\nalt = 'Kirkenes sokn'\nwidth = 50"
    )
    (image,) = images(theme)
    assert (image.get("width"), image.get("height"), image.get("alt")) == ("50", "25", "Kirkenes sokn")
    assert re.fullmatch(r"https://brev\.example\.org/i/[0-9a-f]{12}-100x50\.png", image.get("src") or "")
    assert theme.logo
    assert (image.get("src") or "").endswith(theme.logo.light.path)


def test_what_is_far_larger_than_shown_is_made_smaller(tmp_path: Path):
    theme = own(tmp_path, f"file = '{drawn(tmp_path, 'x.png', '#6F7F8F', (1000, 500))}'\ndark = ''\nwidth = 50")
    assert theme.logo
    assert (theme.logo.light.width, theme.logo.height) == (100, 25)


def test_an_organisation_without_a_logo_says_so(tmp_path: Path):
    theme = own(tmp_path, "file = ''")
    assert theme.logo is None
    assert images(theme) == []
    assert "Navn på avsender" in shown(render(theme=theme, options=SITE))


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
def test_a_letter_of_no_site_and_one_in_plain_text_do_without(theme: Theme):
    assert page(render(theme=theme)).xpath("//img") == []
    letter = render(theme=theme, options=SITE)
    assert "/i/" not in plain(letter)
    assert "Ukebrev fra" in plain(letter)
    assert theme.sender.name in shown(letter)


@pytest.mark.parametrize(("scheme", "seen"), [("light", "for-light"), ("dark", "for-dark")])
def test_each_mode_shows_its_own_file(chromium: Browser, scheme: str, seen: str):
    letter = render(theme=PLAIN, options=SITE)
    with window(chromium, scheme, 375) as browser_page:  # type: ignore[arg-type]
        browser_page.set_content(letter.html)
        shown_classes = browser_page.locator("img:visible").evaluate_all("found => found.map(i => i.className)")
        boxes = browser_page.locator("img:visible").evaluate_all("found => found.map(i => [i.width, i.height])")
    assert (shown_classes, boxes) == ([f"logo {seen}"], [[48, 48]])


def test_outlook_for_windows_is_given_one_file_and_its_apps_both():
    html = render(theme=PLAIN, options=SITE).html
    assert len(re.findall("<img", html)) == 2
    assert re.search(r'<!--\[if !mso\]><!--><img[^>]*class="logo for-dark"[^>]*><!--<!\[endif\]-->', html)
    assert "[data-ogsc] .head .for-light { display:none !important; }" in html
    assert "[data-ogsc] .head .for-dark { display:block !important;" in html


def test_a_wide_logo_stands_above_the_name(tmp_path: Path):
    theme = own(tmp_path, f"file = '{drawn(tmp_path, 'x.png', '#6F7F8F', (400, 100))}'\ndark = ''\nwidth = 200")
    assert page(render(theme=theme, options=SITE)).xpath("//td[@class='logo']") == []
    assert len(page(render(theme=theme, options=SITE)).xpath("//div[@class='logo']/img")) == 1


NIGHT, SNOW = "#0D2132", "#FAFBFB"


@pytest.mark.parametrize(
    ("logo", "told"),
    [
        ("file = 'no.png'", r"logo\.file: there is no no\.png in .*plain or "),
        ("file = '../x.png'", r"logo\.file: expected the name of a file in the theme's folder, found '\.\./x\.png'"),
        ("file = 'x.svg'\ndark = ''", r"logo\.file: x\.svg is an SVG drawing, .* Export it as PNG"),
        ("file = 'x.txt'\ndark = ''", r"logo\.file: x\.txt is no picture"),
        ("file = 'grey.png'\ndark = ''\nwidth = 200", r"logo\.file: grey\.png is 100 pixels wide and shown at 200"),
        ("file = 'tall.png'\ndark = ''\nwidth = 50", r"logo\.width: tall\.png would be 500 px high"),
        ("file = 'grey.png'\ndark = ''\nwidth = 0", r"logo\.width: expected px from 1 to 260"),
        (
            "file = 'night.png'\ndark = ''",
            r"logo\.file: night\.png is hard to see on the header's #1A1D20 in dark mode: .*logo\.dark",
        ),
        ("file = 'snow.png'\ndark = 'snow.png'", r"logo\.file: snow\.png is hard to see .* in light mode"),
        ("file = 'night.png'\ndark = 'night.png'", r"logo\.dark: night\.png is hard to see .* in dark mode"),
        ("file = 'night.png'\ndark = 'tall.png'", r"logo\.dark: tall\.png has another shape than night\.png"),
        ("file = 'grey.png'\nalt = 3", r"logo\.alt: expected a text, found 3"),
    ],
)
def test_a_mistake_is_told(tmp_path: Path, logo: str, told: str):
    for name, colour in {"night.png": NIGHT, "snow.png": SNOW, "grey.png": "#6F7F8F"}.items():
        drawn(tmp_path, name, colour)
    drawn(tmp_path, "tall.png", "#6F7F8F", (100, 1000))
    (tmp_path / "x.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    (tmp_path / "x.txt").write_text("?", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"plain/theme\.toml: " + told):
        own(tmp_path, logo)


def test_a_ground_of_its_own_is_seen_everywhere(tmp_path: Path):
    theme = own(tmp_path, f"file = '{drawn(tmp_path, 'x.png', NIGHT, ground=SNOW)}'\ndark = ''")
    assert theme.logo


def test_two_files_may_each_suit_one_mode(tmp_path: Path):
    theme = own(tmp_path, f"file = '{drawn(tmp_path, 'a.png', NIGHT)}'\ndark = '{drawn(tmp_path, 'b.png', SNOW)}'")
    assert theme.logo
    assert len(theme.logo.pictures) == 2


def test_an_adopted_folder_brings_its_logo_and_a_new_one_is_noticed(tmp_path: Path):
    folder, store = tmp_path / "ours", tmp_path / "store"
    (folder / "plain").mkdir(parents=True)
    own(folder, f"file = '{drawn(folder, 'x.PNG', '#6F7F8F')}'\ndark = ''")
    first = adopt("plain", folder, store)
    drawn(folder, "x.PNG", "#998877")
    second = adopt("plain", folder, store)
    assert (first.problem, second.problem) == ("", "")
    assert first.theme.logo != second.theme.logo


@pytest.mark.parametrize("theme", [ARCTIC, PLAIN], ids=["arctic", "plain"])
def test_our_own_are_twice_as_sharp_and_light(theme: Theme):
    assert isinstance(theme.logo, Logo)
    for picture in theme.logo.pictures:
        assert picture.width == 2 * theme.logo.width
        assert len(picture.content) < 10_000
        assert Image.open(io.BytesIO(picture.content)).format == "PNG"
    assert replace(theme, logo=None) != theme
