from pathlib import Path

import pytest

from mailer.rendering.slots import SlotError
from mailer.rendering.template_check import check_templates, empty_templates
from mailer.rendering.template_store import adopt
from mailer.rendering.templates import TEMPLATES, BrokenTemplateError
from mailer.rendering.theme import load_theme
from mailer.rendering.toml_tables import SettingsError
from tests.rendering.letters import render, shown

ENDLESS = "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}"
PARTIALS = sorted((TEMPLATES / "_partials").glob("*.mjml"))


def override(folder: Path, file: str, source: str) -> None:
    (folder / file).parent.mkdir(parents=True, exist_ok=True)
    (folder / file).write_text(source, encoding="utf-8")


def broken(folder: Path, file: str, source: str) -> str:
    override(folder, file, source)
    with pytest.raises((BrokenTemplateError, SlotError, SettingsError)) as caught:
        check_templates(load_theme("arctic", folder))
    return str(caught.value)


@pytest.mark.parametrize("name", ["arctic", "plain"])
def test_our_own_templates_are_whole(name: str):
    check_templates(load_theme(name))


@pytest.mark.parametrize("partial", [path.name for path in PARTIALS if path.name != "bar.mjml"])
def test_a_fault_in_any_partial_is_found_and_told_with_its_file_and_line(tmp_path: Path, partial: str):
    source = (TEMPLATES / "_partials" / partial).read_text(encoding="utf-8")
    message = broken(tmp_path, f"_partials/{partial}", source.rstrip("\n") + "\n{{ nobody }}\n")
    assert message == f"_partials/{partial}, line {source.count(chr(10)) + 1}: 'nobody' is undefined."


@pytest.mark.parametrize(
    ("file", "source", "told"),
    [
        ("_partials/event.mjml", "<mj-text>\n<b>fet</mj-text>", "_partials/event.mjml, about line 2 (<b>fet</mj-text>"),
        ("_partials/person.mjml", "\n<mj-txt>x</mj-txt>", "<mj-txt> is not one of ours; known are mj-all,"),
        ("_partials/footer.mjml", "<mj-section><mj-colum /></mj-section>", "_partials/footer.mjml, about line 1"),
        (
            "_partials/note.mjml",
            "<mj-text>\n@@FIRST_NAME@@</mj-text>",
            "_partials/note.mjml, line 2: The letter has the slot @@FIRST_NAME@@, which nobody fills",
        ),
        ("arctic/subject.txt", "{{ subject", "arctic/subject.txt, line 1: {{ is opened and not closed; expected }}."),
        ("_partials/note.mjml", f"\n{ENDLESS}", "_partials/note.mjml, line 2: more than 100,000 rounds of loops"),
        ("_words/nb.toml", "weekdays = ['mandag']", "_words/nb.toml: weekdays: expected seven weekdays, Monday first"),
        ("_partials/content.css", "{{ theme.nothing }}", "_partials/content.css, line 1"),
    ],
)
def test_each_kind_of_fault_is_found(tmp_path: Path, file: str, source: str, told: str):
    assert told in broken(tmp_path, file, source)


def test_a_broken_template_leaves_the_version_before_it_in_use(tmp_path: Path):
    folder, store = tmp_path / "ours", tmp_path / "store"
    override(folder, "_words/nb.toml", 'unsubscribe = "Takk for meg"')
    good = adopt("arctic", folder, store)
    assert (good.problem, "Takk for meg" in shown(render(theme=good.theme))) == ("", True)
    override(folder, "_partials/footer.mjml", "<mj-section>")
    for _ in range(2):
        still = adopt("arctic", folder, store)
        assert "_partials/footer.mjml" in still.problem
        assert "Takk for meg" in shown(render(theme=still.theme))
    (folder / "_partials/footer.mjml").unlink()
    override(folder, "_words/nb.toml", 'unsubscribe = "Ha det"')
    assert adopt("arctic", folder, store).problem == ""
    assert "Ha det" in shown(render(theme=adopt("arctic", folder, store).theme))


def test_without_a_version_before_it_the_letter_is_ours(tmp_path: Path):
    override(tmp_path / "ours", "_partials/footer.mjml", "<mj-section>")
    adopted = adopt("plain", tmp_path / "ours", tmp_path / "store")
    assert adopted.problem
    assert adopted.theme == load_theme("plain")


def test_what_was_checked_is_not_checked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    override(tmp_path / "ours", "_words/nb.toml", 'unsubscribe = "Takk for meg"')
    first = adopt("arctic", tmp_path / "ours", tmp_path / "store")
    monkeypatch.setattr("mailer.rendering.template_store.check_templates", None)
    assert adopt("arctic", tmp_path / "ours", tmp_path / "store") == first


def test_a_template_that_puts_nothing_into_a_letter_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    override(tmp_path / "ours", "_partials/closing.mjml", "{# Later. #}\n")
    override(tmp_path / "ours", "_partials/note.mjml", "{# Ours. #}<mj-text>x</mj-text>")
    assert empty_templates(tmp_path / "ours") == ["_partials/closing.mjml"]
    assert adopt("arctic", tmp_path / "ours", tmp_path / "store").problem == ""
    assert "nothing into a letter: _partials/closing.mjml" in caplog.text
