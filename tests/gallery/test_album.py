"""The gallery's page, opened in a browser."""

from pathlib import Path

from playwright.sync_api import Browser

from gallery.album import Shot, ShotGroup, write, write_index
from gallery.issues import sample
from gallery.partials import PLACES, specimen
from gallery.shooting import window
from tests.rendering.letters import ARCTIC, PLAIN


def test_one_width_can_be_looked_at_alone(chromium: Browser, tmp_path: Path):
    page = write(tmp_path, [ShotGroup("Uke", (Shot("a.jpg", "light", 375), Shot("b.jpg", "dark", 700)))])
    with window(chromium, "light", 700) as opened:
        opened.goto(page.as_uri())
        shown = opened.locator("figure:visible figcaption")
        assert shown.all_inner_texts() == ["light, 375 px", "dark, 700 px"]
        opened.get_by_label("700 px").check()
        assert shown.all_inner_texts() == ["dark, 700 px"]


def test_the_index_leads_to_each_theme(tmp_path: Path):
    for theme in ("plain", "arctic"):
        (tmp_path / theme).mkdir()
        write(tmp_path / theme, [])
    assert 'href="arctic/index.html"' in (index := write_index(tmp_path).read_text(encoding="utf-8"))
    assert 'href="plain/index.html"' in index


def test_a_partial_that_a_theme_has_not_is_not_pictured(chromium: Browser):
    for theme, bars in ((ARCTIC, 0), (PLAIN, 1)):
        with window(chromium, "light", 375) as opened:
            opened.set_content(specimen(theme))
            assert opened.locator(PLACES["bar"]).count() == bars


def test_the_first_issue_stands_in_its_week_with_what_was_suggested():
    issue = sample()
    assert (issue.year, issue.week) == (2021, 45)
    assert not any(section.heading_suggested or section.events_suggested for section in issue.sections)
    assert any(block.markdown.startswith("```event") for section in issue.sections for block in section.blocks)
