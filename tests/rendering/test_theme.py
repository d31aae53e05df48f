from pathlib import Path

import pytest

from mailer.rendering.theme import TEMPLATES, Theme, load_theme
from mailer.rendering.toml_tables import SettingsError


def override(folder: Path, toml: str, theme: str = "arctic") -> Theme:
    (folder / theme).mkdir(exist_ok=True)
    (folder / theme / "theme.toml").write_text(toml, encoding="utf-8")
    return load_theme(theme, folder)


@pytest.mark.parametrize("name", ["arctic", "plain"])
def test_our_themes_are_whole(name: str):
    theme = load_theme(name)
    assert theme.sender.name
    assert theme.sender.address
    assert theme.folders == (TEMPLATES,)


def test_an_organisation_changes_only_what_differs(tmp_path: Path):
    theme = override(tmp_path, '[sender]\nname = "Kirkenes sokn"\n[colours.light]\nink = "#000001"')
    assert theme.sender.name == "Kirkenes sokn"
    assert theme.sender.address == load_theme("arctic").sender.address
    assert (theme.light.ink, theme.light.paper) == ("#000001", "#FAFBFB")
    assert theme.folders == (tmp_path, TEMPLATES)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[colours.light]\nink = "red"', r'colours\.light\.ink: expected a colour such as "#15232E", found \'red\''),
        ("[colours.dark]\nink = 3", r"colours\.dark\.ink: expected a text, found 3"),
        ("[colours.light]\nsky = '#000000'", r"colours\.light\.sky: is not a key here\. Known are: page"),
        ("[sizes.title]\nsize = 'big'", r"sizes\.title\.size: expected a whole number, found 'big'"),
        ("[sizes.title]\nweight = 450", r"sizes\.title\.weight: expected a weight of type"),
        ("[space]\nmargin = -1", r"space\.margin: expected px from 0 to 200, found -1"),
        ('[fonts]\nvoice = "Georgia; color:red"', r"fonts\.voice: expected a font stack such as"),
        ("[daylight]\nplace = 'Kirkenes'\nlatitude = 90", r"daylight\.latitude: expected degrees north"),
        ("[sender]\nname = ' '", r"sender\.name: expected something to read"),
        ("[sender]\naddress = 'Gata 1'", r"sender\.address: expected a list of texts"),
        ("[[social]]\nname = 'X'\nurl = 'javascript:x'", r"social\[0\]\.url: expected an address with https://"),
        ("social = 3", r"social: expected tables \[\[social\]\]"),
        ("colours = 3", r"colours: a table \[colours\] is expected, found 3"),
        ("[logos]\nfile = 'x'", r"logos: is not a table here"),
        ("[sender", r"is not TOML: "),
    ],
)
def test_a_mistake_is_told_with_file_key_and_expectation(tmp_path: Path, toml: str, message: str):
    with pytest.raises(SettingsError, match=r"arctic/theme\.toml: " + message):
        override(tmp_path, toml)


def test_a_theme_of_ones_own_misses_nothing(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"mine/theme\.toml: colours: a table \[colours\] is expected, found None"):
        override(tmp_path, "[sender]\nname = 'X'\naddress = ['Y']", "mine")


@pytest.mark.parametrize("name", ["../arctic", "", "Arctic"])
def test_a_theme_is_called_by_a_plain_name(name: str):
    with pytest.raises(SettingsError, match="can't be the name of a theme"):
        load_theme(name)


def test_an_unknown_theme_is_told():
    with pytest.raises(SettingsError, match="There is no theme 'baroque'"):
        load_theme("baroque")
