from email import policy
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.rendering.compiled import CompiledFormatError, CompiledLetter, compile_letter
from mailer.rendering.letter import RenderedLetter
from mailer.rendering.slots import NAMES, SLOT, SlotError, fill
from mailer.rendering.text_layout import without_blanks_at_line_ends
from tests.rendering.letters import ISSUE, VALUES, render

HEADERS = b"From: a@example.org\r\nSubject: Uke 45\r\n"
TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))
LINES = TEXT | st.text(alphabet="a @=.\t\nFrom~é", max_size=300)
SLOTS = st.sampled_from([f"@@{name}@@" for name in sorted(NAMES)])
# What nobody fills is refused, so it is no content.
CONTENT = st.lists(LINES | SLOTS).map("".join).filter(lambda text: set(SLOT.findall(text)) <= {*NAMES, "AT"})


def letter(text: str, html: str) -> RenderedLetter:
    return RenderedLetter("Uke 45", "", html, text, "nb", ())


def parsed(message: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(message)


def contents(message: bytes) -> list[str]:
    return [part.get_content().replace("\r\n", "\n") for part in parsed(message).iter_parts()]


def unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(text=CONTENT, html=CONTENT, values=st.fixed_dictionaries(dict.fromkeys(sorted(NAMES), LINES)))
def test_a_filled_message_says_what_filling_the_slow_way_says(text: str, html: str, values: dict[str, str]):
    message = compile_letter(letter(text, html)).fill(values, HEADERS)
    slow = [without_blanks_at_line_ends(unix(content)) for content in (text, html)]
    values = {name: unix(value) for name, value in values.items()}
    assert contents(message) == [fill(slow[0], values, escape=False), fill(slow[1], values, escape=True)]


@given(text=CONTENT, values=st.fixed_dictionaries(dict.fromkeys(sorted(NAMES), LINES)))
def test_the_wire_is_ascii_in_short_lines_whatever_the_value(text: str, values: dict[str, str]):
    lines = compile_letter(letter(text, text)).fill(values, HEADERS).split(b"\r\n")
    assert all(len(line) <= 76 and line.isascii() and b"\n" not in line and b"\r" not in line for line in lines)
    assert not any(line.endswith((b" ", b"\t")) or line.startswith((b"From ", b".")) for line in lines)


@given(text=CONTENT, values=st.fixed_dictionaries(dict.fromkeys(sorted(NAMES), LINES)))
def test_what_is_the_same_for_all_can_be_filled_beforehand(text: str, values: dict[str, str]):
    compiled = compile_letter(letter(text, text))
    common = {"WEB_URL": values["WEB_URL"], "GREETING": values["GREETING"]}
    assert compiled.with_values(common).fill(values, HEADERS) == compiled.fill(values, HEADERS)
    assert not compiled.with_values(common).slots & common.keys()


@pytest.mark.parametrize("value", [".", "..", "." * 76, "." + "å" * 40, "x" * 75 + ".x" * 80, "From " + "x" * 71])
def test_a_line_that_smtp_would_change_survives(value: str):
    message = compile_letter(letter(f"{value}\n@@WEB_URL@@", "x")).fill({"WEB_URL": value}, HEADERS)
    assert all(len(line) <= 76 and not line.startswith((b".", b"From ")) for line in message.split(b"\r\n"))
    assert contents(message)[0] == f"{value}\n{value}"


def test_a_letter_kept_by_an_older_version_loses_its_dots():
    stored = b'{"format": 1, "pieces": [".a\\r\\n..b=\\r\\n", ".\\r\\n"], "gaps": [["WEB_URL", "text"]]}'
    assert CompiledLetter.from_bytes(stored).pieces == (b"=2Ea\r\n=2E.b=\r\n", b"=2E\r\n")


@pytest.mark.parametrize("value", ["x" * 76, "x" * 73 + "å", "x" * 75, ("x" * 75 + "y") * 2])
def test_a_value_that_fills_its_line_still_ends_in_a_soft_break(value: str):
    message = compile_letter(letter("@@WEB_URL@@", "x")).fill({"WEB_URL": value}, HEADERS)
    assert max(map(len, message.split(b"\r\n"))) <= 76
    assert contents(message)[0] == value


def test_what_ends_one_part_and_begins_the_other_is_no_slot():
    assert contents(compile_letter(letter("@@A", "@@A@")).fill({}, HEADERS)) == ["@@A", "@@A@"]


def test_the_message_is_text_then_html_under_the_senders_headers():
    message = parsed(compile_letter(render(), boundary="=_x").fill(VALUES, HEADERS))
    assert (message["Subject"], message["MIME-Version"]) == ("Uke 45", "1.0")
    assert (message.get_content_type(), message.get_boundary()) == ("multipart/alternative", "=_x")
    parts = [(part.get_content_type(), part.get_content_charset()) for part in message.iter_parts()]
    assert parts == [("text/plain", "utf-8"), ("text/html", "utf-8")]
    assert [part["Content-Transfer-Encoding"] for part in message.iter_parts()] == ["quoted-printable"] * 2
    assert not message.defects


def test_a_real_letter_survives_storage():
    compiled = compile_letter(render(ISSUE, "students"))
    kept = CompiledLetter.from_bytes(memoryview(compiled.to_bytes()))  # type: ignore[arg-type]  # as psycopg gives it
    assert kept == compiled
    assert kept.slots == {"UNSUBSCRIBE_URL", "WEB_URL"}
    assert contents(kept.fill(VALUES, HEADERS))[0] == fill(render(ISSUE, "students").text, VALUES, escape=False)


@pytest.mark.parametrize("stored", [b"", b"[]", b"{}", b'{"format": 2}', b"\xff", b'{"format": 1, "pieces": 3}'])
def test_other_bytes_are_told_from_a_letter(stored: bytes):
    with pytest.raises(CompiledFormatError):
        CompiledLetter.from_bytes(stored)


@pytest.mark.parametrize("boundary", ["", "plain", "=_" + "x" * 70, '=_"', "=_ x", "=_\r\n"])
def test_a_boundary_that_might_be_in_the_letter_is_refused(boundary: str):
    with pytest.raises(ValueError, match="boundary"):
        compile_letter(render(), boundary=boundary)


@pytest.mark.parametrize("headers", [b"", b"Subject: x", b"Subject: x\n", b"Subject: x\r\n\r\nBody\r\n"])
def test_headers_that_are_not_whole_lines_are_refused(headers: bytes):
    with pytest.raises(ValueError, match="CRLF"):
        compile_letter(render()).fill(VALUES, headers)


def test_a_missing_value_and_an_unknown_slot_are_errors():
    with pytest.raises(SlotError, match="@@UNSUBSCRIBE_URL@@ has no value"):
        compile_letter(render()).fill({}, HEADERS)
    with pytest.raises(SlotError, match="@@SECRET@@"):
        compile_letter(letter("@@SECRET@@", ""))
