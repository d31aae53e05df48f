"""What a sender thread relies on: each reply with its own message, and a connection that is either clean or closed."""

import socket
from dataclasses import replace

import pytest

from mailer.sending.relays import relay_from_url
from mailer.sending.smtp import Connection, Envelope, Whole
from mailer.sending.wire import RelayUnavailable
from tests.sending.scripted import ALL_WELL, HELLO, ScriptedServer

MESSAGE = b"Subject: hei\r\n\r\nHei\r\n"
STEPWISE = b"250-sink\r\n250 SIZE 1000000\r\n"


@pytest.fixture(params=[True, False], ids=["pipelined", "stepwise"])
def sink(smtp_sink, request):
    smtp_sink.pipelines = request.param
    return smtp_sink


def outgoing(name, message=MESSAGE):
    return Whole.of(name, Envelope("bounces@example.org", f"{name}@example.org"), message)


def tags_of(answers):
    return [tag for tag, _ in answers]


def noting(begun, *, until=100):
    def begin(tag):
        begun.append(tag)
        return len(begun) <= until

    return begin


def test_only_what_was_begun_can_have_been_accepted(sink):
    sink.refuse("b@example.org", "550 5.1.1 no such user")
    sink.hang_up("d@example.org", at="end")
    begun: list[str] = []
    answered: list[str] = []
    with Connection(relay_from_url(sink.url)) as wire, pytest.raises(RelayUnavailable) as told:
        answered.extend(tag for tag, _ in wire.deliver_all(map(outgoing, "abcde"), begin=noting(begun)))
    assert (answered, begun) == (["a", "b", "c"], ["a", "c", "d"])
    assert told.value.broke_midway
    assert not wire.is_open


@pytest.mark.parametrize("hello", [HELLO, STEPWISE])
def test_a_message_that_may_not_begin_is_never_written(hello):
    steps = (ALL_WELL,) if hello is HELLO else (b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")
    server = ScriptedServer(b"220 hi\r\n", hello, *steps, b"")
    with Connection(server.relay) as wire:
        assert not list(wire.deliver_all([outgoing("a"), outgoing("b")], begin=lambda _: False))
        assert not wire.is_open
    assert b"Subject" not in server.all_heard()


def test_a_withdrawn_message_is_not_taken_and_the_ones_before_it_are(sink):
    begun: list[str] = []
    with Connection(relay_from_url(sink.url)) as wire:
        assert tags_of(wire.deliver_all(map(outgoing, "abc"), begin=noting(begun, until=1))) == ["a"]
    assert begun == ["a", "b"]
    assert [message.recipients for message in sink.wait_for(1)] == [["a@example.org"]]


def test_one_connection_serves_many_drains_of_a_queue(sink):
    sink.refuse("b@example.org", "550 5.1.1 no such user")
    with Connection(relay_from_url(sink.url)) as wire:
        for drained in ("ab", "", "b", "cb", "d"):
            assert tags_of(wire.deliver_all(map(outgoing, drained))) == list(drained)
            assert wire.is_alive()
        assert wire.delivered == 6
    assert sink.connections == 1
    assert len(sink.messages) == 3


def test_whoever_stops_listening_leaves_no_answers_behind(sink):
    with Connection(relay_from_url(sink.url)) as wire:
        answers = wire.deliver_all(map(outgoing, "ab"))
        next(answers)
        answers.close()
        # Where the commands of the second were under way, it can't be left half said.
        assert wire.is_open != sink.pipelines
        wire.open()
        assert wire.delivered == 0
        answers = wire.deliver_all([outgoing("c")])
        next(answers)
        answers.close()
        assert wire.is_alive()


def test_a_queue_that_fails_leaves_no_half_message_behind(sink):
    def broken():
        yield outgoing("a")
        raise LookupError

    with Connection(relay_from_url(sink.url)) as wire:
        with pytest.raises(LookupError):
            list(wire.deliver_all(broken()))
        # Pipelined, the first one waits for its turn when the second is asked for: it is withdrawn with the connection.
        assert wire.is_open != sink.pipelines
    assert len(sink.messages) == (0 if sink.pipelines else 1)


def test_a_refusal_costs_no_round_trip_of_its_own():
    server = ScriptedServer(
        b"220 hi\r\n", HELLO, b"250 ok\r\n550 no\r\n503 what\r\n", b"250 reset\r\n" + ALL_WELL, b"250 2.0.0 ok\r\n"
    )
    with Connection(server.relay) as wire:
        answers = [(tag, reply.code) for tag, reply in wire.deliver_all([outgoing("a"), outgoing("b")])]
    assert answers == [("a", 550), ("b", 250)]
    assert b"\r\nRSET\r\nMAIL FROM:<bounces@example.org>" in server.all_heard()


def test_a_relay_that_hung_up_meanwhile_is_noticed_without_an_error():
    server = ScriptedServer(b"220 hi\r\n", HELLO)
    wire = Connection(server.relay)
    wire.open()
    server._thread.join(0.1)
    assert wire.is_open
    assert not wire.is_alive()
    assert not wire.is_open
    wire.close()


def test_leading_dots_are_doubled(sink):
    dots = b".a\r\n..b\r\n.\r\nc"
    with Connection(relay_from_url(sink.url)) as wire:
        wire.deliver(Envelope("", "kari@example.org"), b"X: y\r\n\r\n" + dots)
        list(wire.deliver_all([Whole.of(1, Envelope("", "kari@example.org"), MESSAGE)]))
    assert [message.content for message in sink.messages] == [b"X: y\r\n\r\n" + dots + b"\r\n", MESSAGE]


def test_a_large_message_goes_over_a_small_pipe(sink):
    large = b"X: y\r\n\r\n" + b"x" * 70 * 20_000
    large = b"\r\n".join(large[at : at + 70] for at in range(0, len(large), 70)) + b"\r\n"
    with Connection(relay_from_url(sink.url)) as wire:
        assert wire._wire is not None
        wire._wire._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        assert wire.deliver(Envelope("", "kari@example.org"), large).code == 250
    assert sink.messages[0].content == large


@pytest.mark.parametrize(
    ("replies", "says", "began"),
    [
        ((b"354 go\r\n250 ok\r\n250 ok\r\n",), "out of step: it answered MAIL with 354", False),
        ((b"250 ok\r\n250 ok\r\n250 ok\r\n",), "out of step: it answered DATA with 250", False),
        ((b"550 no\r\n250 ok\r\n354 go\r\n",), "out of step: it answered DATA with 354", False),
        ((ALL_WELL, b"354 go\r\n"), "out of step: it answered DATA with 354", True),
        ((ALL_WELL, b"250-ok\r\n550 no\r\n"), "two codes at once", True),
        ((ALL_WELL, b"250 " + b"x" * 1_000_000), "64 kB", True),
        ((ALL_WELL, b"\x00\x01\r\n"), "no SMTP", True),
        ((ALL_WELL, b"421 4.3.2 bye\r\n"), "closed the connection: 4.3.2 bye", True),
        ((ALL_WELL,), "broke off", True),
    ],
)
def test_what_is_no_answer_to_a_message_ends_the_connection(replies, says, began):
    begun: list[str] = []
    server = ScriptedServer(b"220 hi\r\n", HELLO, *replies)
    with Connection(server.relay) as wire, pytest.raises(RelayUnavailable, match=says) as told:
        list(wire.deliver_all([outgoing("a")], begin=noting(begun)))
    assert bool(begun) == began
    assert told.value.broke_midway
    assert told.value.code
    assert not wire.is_open


def test_the_last_words_are_kept():
    server = ScriptedServer(b"220 hi\r\n", HELLO, ALL_WELL, b"421 4.3.2 going down\r\n")
    with Connection(server.relay) as wire, pytest.raises(RelayUnavailable) as told:
        wire.deliver(Envelope("", "kari@example.org"), MESSAGE)
    assert (told.value.code, told.value.text) == (421, "4.3.2 going down")


def test_a_relay_that_says_nothing_is_not_waited_for_longer_than_its_time_out(monkeypatch):
    monkeypatch.setattr("mailer.sending.smtp.DATA_DONE_TIMEOUT", 0.5)
    listening = socket.create_server(("127.0.0.1", 0))
    relay = replace(ScriptedServer(b"220 hi\r\n", HELLO, ALL_WELL, b"2", b"5", listening=listening).relay, timeout=0.2)
    with Connection(relay) as wire, pytest.raises(RelayUnavailable, match="did not answer in time"):
        wire.deliver(Envelope("", "kari@example.org"), MESSAGE)


def test_what_the_relay_can_not_take_is_answered_for_in_its_place(sink):
    server = ScriptedServer(
        b"220 hi\r\n", b"250-sink\r\n250-PIPELINING\r\n250 SIZE 100\r\n", ALL_WELL, b"250 ok\r\n", b""
    )
    messages = [outgoing("å"), outgoing("a", b"x" * 101), outgoing("b"), outgoing("æ")]
    with Connection(server.relay) as wire:
        answers = {tag: (reply.code, reply.enhanced_code) for tag, reply in wire.deliver_all(messages)}
        assert wire.delivered == 1
    assert answers == {"å": (550, "5.6.7"), "a": (552, "5.3.4"), "b": (250, ""), "æ": (550, "5.6.7")}
    assert list(answers) == ["å", "a", "b", "æ"]


def test_an_address_with_letters_of_ours_goes_where_the_relay_takes_it(sink):
    with Connection(relay_from_url(sink.url)) as wire:
        reply = wire.deliver(
            Envelope("bounces@example.org", "kåre@blåbær.no"), "To: kåre@blåbær.no\r\n\r\nhei\r\n".encode()
        )
    assert reply.code == 250
    assert sink.messages[0].recipients == ["kåre@xn--blbr-roah.no"]


@pytest.mark.parametrize("number", [1, 50])
def test_begin_is_asked_once_for_each_in_their_order(sink, number):
    begun: list[str] = []
    with Connection(relay_from_url(sink.url)) as wire:
        messages = (outgoing(f"r{position}") for position in range(number))
        for tag, _ in wire.deliver_all(messages, begin=noting(begun)):
            assert begun[-1] == tag
    assert len(begun) == number
