import re
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mailer.public.appearance import horizon, sun_of
from mailer.sending.letterhead import configured_theme

KIRKENES = 69.73
latitudes = st.floats(min_value=-89.9, max_value=89.9)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2021, 11, 12), "half"),
        (date(2021, 6, 24), "whole"),
        (date(2021, 12, 24), "glow"),
        (date(2021, 1, 1), "glow"),
    ],
)
def test_the_sun_in_kirkenes_is_the_one_of_the_week(day, kind):
    assert sun_of(day, KIRKENES).kind == kind


def test_the_sun_of_week_45_stands_where_that_week_is_in_the_year():
    assert sun_of(date(2021, 11, 12), KIRKENES).middle == pytest.approx(85.6, abs=0.1)


@given(st.dates(), latitudes)
def test_the_sun_is_never_cut_off_at_the_edge(day, latitude):
    assert 20 / 320 * 100 <= sun_of(day, latitude).middle <= 100 - 20 / 320 * 100


@given(latitudes)
def test_the_horizon_has_no_gap_and_fills_the_width(latitude):
    cells = horizon(latitude)
    assert cells[0].left == 0
    assert cells[-1].left + cells[-1].width == pytest.approx(100)
    for cell, following in pairwise(cells):
        assert cell.left + cell.width == pytest.approx(following.left)


def test_the_sky_is_a_picture_without_script_or_style(client):
    answer = client.get("/sky.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "public" in answer["Cache-Control"]
    names = {etree.QName(element).localname for element in etree.fromstring(answer.content).iter()}
    assert names <= {"svg", "g", "rect", "circle"}


def test_a_decimal_comma_never_gets_into_the_picture(client):
    assert b"," not in client.get("/sky.svg", headers={"Accept-Language": "nb"}).content


@pytest.mark.parametrize("theme", ["arctic", "plain"])
def test_the_stylesheet_has_the_colours_and_fonts_of_the_theme(client, settings, theme):
    settings.THEME = theme
    answer = client.get("/theme.css")
    assert answer["Content-Type"] == "text/css"
    found = dict(re.findall(r"--([\w-]+): ([^;]+);", answer.content.decode().partition("@media")[0]))
    light, fonts = configured_theme().light, configured_theme().fonts
    assert (found["page"], found["button"], found["head"]) == (light.paper, light.button, light.head)
    assert (found["voice"], found["sans"]) == (fonts.voice, fonts.sans)


def test_a_theme_without_a_place_has_no_sky(client, settings, db):
    settings.THEME = "plain"
    assert client.get("/sky.svg").status_code == 404
    assert b"<img" not in client.get("/").content


def test_a_browser_that_asks_for_an_icon_gets_the_sun(client):
    answer = client.get("/favicon.ico", follow=True)
    assert answer.redirect_chain == [("/static/public/sun.svg", 302)]
    assert answer["Content-Type"] == "image/svg+xml"
