"""The pages' words in Norwegian: each one translated, and the compiled catalogue the same as the one that people edit."""

import re
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.template.base import Node, NodeList
from django.template.loader import get_template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from mailer.local.paths import PACKAGE_PARENT

TEMPLATES = PACKAGE_PARENT / "templates"
CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "nb" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\((\w+)\)s")


def said_in(nodes):
    """Every message that these nodes of a template translate."""
    for node in nodes:
        if isinstance(node, TranslateNode):
            yield node.filter_expression.var.literal
        elif isinstance(node, BlockTranslateNode):
            text, _ = node.render_token_list(node.singular)
            yield " ".join(text.split()) if node.trimmed else text
        elif isinstance(node, Node):
            for name in node.child_nodelists:
                yield from said_in(getattr(node, name, None) or NodeList())


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(CATALOGUE / "django.po"))


@pytest.fixture(scope="module")
def said():
    pages = [path.relative_to(TEMPLATES).as_posix() for path in (TEMPLATES / "public").rglob("*.html")]
    assert "public/leave.html" in pages
    return {message for page in pages for message in said_in(get_template(page).template.nodelist)}


def test_every_message_of_the_pages_is_in_norwegian_too(catalogue, said):
    assert said - {entry.msgid for entry in catalogue if entry.translated()} == set()


def test_a_translation_fills_in_the_same_values_and_has_the_same_marks(catalogue):
    for entry in catalogue:
        assert set(PLACEHOLDER.findall(entry.msgstr)) == set(PLACEHOLDER.findall(entry.msgid)), entry.msgid
        assert sorted(re.findall("<[^>]*>", entry.msgstr)) == sorted(re.findall("<[^>]*>", entry.msgid)), entry.msgid


def test_nothing_in_the_catalogue_is_fuzzy_or_put_away(catalogue):
    assert [entry.msgid for entry in catalogue if entry.fuzzy or entry.obsolete] == []


def test_the_compiled_catalogue_is_the_same_as_the_one_that_people_edit(catalogue):
    compiled = polib.mofile(str(CATALOGUE / "django.mo"))
    assert {entry.msgid: entry.msgstr for entry in compiled} == {entry.msgid: entry.msgstr for entry in catalogue}, (
        "Run: msgfmt -o locale/nb/LC_MESSAGES/django.mo locale/nb/LC_MESSAGES/django.po"
    )


def test_our_words_for_readers_never_beg_or_blame(catalogue):
    norwegian = " ".join(entry.msgstr for entry in catalogue).lower()
    assert not re.search(r"vennligst|ugyldig|!|beklager|er du sikker", norwegian)
