import pytest

from mailer.sending import letterhead


@pytest.fixture
def own(tmp_path, settings, monkeypatch):
    """The organisation's own folder, looked at anew at each call."""
    folder = tmp_path / "own"
    (folder / "_partials").mkdir(parents=True)
    settings.ORGANISATION_FOLDER = str(folder)
    settings.VAR = str(tmp_path / "var")
    monkeypatch.setattr(letterhead, "LOOK_SECONDS", 1e-9)
    return folder


def test_the_organisations_own_partial_is_used(own):
    (own / "_partials" / "closing.mjml").write_text(
        "<mj-section><mj-column><mj-text>Farvel</mj-text></mj-column></mj-section>"
    )
    assert letterhead.theme_problem() == ""
    assert len(letterhead.configured_theme().folders) == 2


def test_a_broken_partial_is_told_with_file_and_line_and_the_version_before_stays_in_use(own):
    partial = own / "_partials" / "closing.mjml"
    partial.write_text("<mj-section><mj-column><mj-text>Farvel</mj-text></mj-column></mj-section>")
    good = letterhead.configured_theme().folders
    partial.write_text("<mj-section>\n<mj-column>\n<mj-text>Farvel</mj-column></mj-section>")
    problem = letterhead.theme_problem()
    assert "closing.mjml" in problem
    assert "line 3" in problem
    assert letterhead.configured_theme().folders == good


def test_without_a_version_before_ours_is_used(own):
    (own / "_partials" / "closing.mjml").write_text("{{ nothing.of.the.kind }}")
    assert "closing.mjml" in letterhead.theme_problem()
    assert len(letterhead.configured_theme().folders) == 1


def test_name_and_postal_address_of_the_settings_come_first(settings):
    settings.ORGANISATION_NAME = "Neiden menighet"
    settings.POSTAL_ADDRESS = "Kirkeveien 1, 9930 Neiden"
    sender = letterhead.configured_theme().sender
    assert (sender.name, sender.address) == ("Neiden menighet", ("Kirkeveien 1", "9930 Neiden"))
