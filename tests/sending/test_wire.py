import contextlib
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailer.sending.wire import RelayUnavailable, Reply, Wire

LINES = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=30), min_size=1, max_size=5)


def reading(*pieces):
    here, there = socket.socketpair()
    with there:
        for piece in pieces:
            there.sendall(piece)
    return Wire(here, "relay", timeout=2)


def read(*pieces):
    wire = reading(*pieces)
    try:
        return wire.read_reply("DATA", timeout=2)
    finally:
        wire.close()


@settings(deadline=None)
@given(code=st.integers(200, 599), lines=LINES)
def test_a_reply_is_read_whatever_its_text(code, lines):
    marks = ["-"] * (len(lines) - 1) + [" "]
    reply = read("".join(f"{code}{mark}{line}\r\n" for mark, line in zip(marks, lines, strict=True)).encode())
    assert (reply.code, reply.command, len(reply.lines)) == (code, "DATA", len(lines))
    # What PostgreSQL or a terminal could not take is not there.
    assert reply.text.isprintable()
    assert len(reply.text) <= 500


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_octets_are_a_reply_or_a_sentence(octets):
    with contextlib.suppress(RelayUnavailable):
        assert 200 <= read(octets).code < 600


@pytest.mark.parametrize("raw", [b"250\r\n", b"250 \r\n", b"250 ok\n", b"250-a\r\n250 b\r\n"])
def test_spare_and_sloppy_replies_are_read(raw):
    assert read(raw).code == 250


def test_replies_are_taken_one_by_one_from_what_came_at_once():
    wire = reading(b"250 a\r\n550-b\r\n550 c\r\n354 d\r\n")
    assert [wire.read_reply("x", timeout=1).text for _ in range(3)] == ["a", "b c", "d"]
    assert wire.is_quiet
    wire.close()


def test_the_last_words_come_with_the_end():
    wire = reading(b"421 4.4.2 idle too long\r\n")
    wire.read_code("x", timeout=1)
    with pytest.raises(RelayUnavailable, match="hung up") as told:
        wire.read_code("y", timeout=1)
    assert told.value.text == "4.4.2 idle too long"
    wire.close()


@pytest.mark.parametrize(
    ("text", "enhanced", "queue_id"),
    [
        ("2.0.0 Ok: queued as 4XyZ1", "2.0.0", "4XyZ1"),
        ("OK id=1abc-0001-AB", "", "1abc-0001-AB"),
        ("2.6.0 <a@b> Queued mail for delivery", "2.6.0", ""),
        ("5.1.1 no", "5.1.1", ""),
    ],
)
def test_what_relays_say_between_the_words_is_found(text, enhanced, queue_id):
    reply = Reply("DATA", 250, text)
    assert (reply.enhanced_code, reply.queue_id) == (enhanced, queue_id)
