from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.inliner import PremailerInliner
from mailer.rendering.structure import WORDS, put_together, structure, words_of

BITS = ["<p>", "</p>", "<!--x-->", "a", "b c", " ", "\n", "&amp;", "&", "<", ">", "\x07", "é 你", WORDS, '"']
MARKUP = st.lists(st.sampled_from(BITS)).map("".join)
TEXTS = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="<>&")), max_size=4)


@given(MARKUP)
def test_words_go_back_where_they_were(markup: str):
    bare = structure(markup)
    if WORDS not in markup:
        assert put_together(bare.split(WORDS), words_of(markup)) == markup


def test_only_words_are_taken_out():
    assert structure('<a href="x > y">Hei du</a> <b>&amp; ja</b>\n  to ord <i> </i>') == (
        f'<a href="x > y">{WORDS}</a> <b>&amp; ja</b>\n  {WORDS} <i> </i>'
    )


@given(TEXTS)
def test_inlining_without_the_words_is_inlining_with_them(texts: list[str]):
    css, inliner = "p { color:red } .a { margin:0 }", PremailerInliner()
    body = "".join(f'<p class="a">{text}</p><td>{text}</td>' for text in texts)
    page = f"<!DOCTYPE html><html><head></head><body><div>{body}</div></body></html>"
    assert inliner._by_structure(page, css) == inliner._whole(page, css)
