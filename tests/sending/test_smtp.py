import socket

import pytest

from mailer.sending.relays import Relay, relay_from_url
from mailer.sending.smtp import Connection, Envelope, RelayUnavailable, probe

KARI = Envelope("bounces@example.org", "kari@example.org")
MESSAGE = b"Subject: hei\r\n\r\n.a line that starts with a dot\r\n"


def deliver(sink, envelope=KARI):
    with Connection(relay_from_url(sink.url)) as wire:
        return wire.deliver(envelope, MESSAGE)


def test_a_message_arrives_as_it_was(smtp_sink):
    reply = deliver(smtp_sink)
    assert (reply.command, reply.code) == ("DATA", 250)
    (message,) = smtp_sink.messages
    assert message.content == MESSAGE
    assert (message.sender, message.recipients) == ("bounces@example.org", ["kari@example.org"])


@pytest.mark.parametrize(("moment", "command"), [("recipient", "RCPT"), ("end", "DATA")])
def test_a_refusal_names_the_command_that_was_refused(smtp_sink, moment, command):
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user", at=moment)
    reply = deliver(smtp_sink)
    assert (reply.command, reply.code, reply.enhanced_code) == (command, 550, "5.1.1")


def test_a_connection_goes_on_after_a_refusal(smtp_sink):
    smtp_sink.refuse("kari@example.org", "550 5.1.1 no such user")
    with Connection(relay_from_url(smtp_sink.url)) as wire:
        wire.deliver(KARI, MESSAGE)
        assert wire.deliver(Envelope("bounces@example.org", "ola@example.org"), MESSAGE).code == 250
    assert smtp_sink.connections == 1


@pytest.mark.parametrize("moment", ["recipient", "content", "end"])
def test_a_relay_that_hangs_up_says_nothing_about_the_message(smtp_sink, moment):
    smtp_sink.hang_up("kari@example.org", at=moment)
    with pytest.raises(RelayUnavailable, match="broke off"):
        deliver(smtp_sink)


def test_421_is_no_word_about_the_message(smtp_sink):
    smtp_sink.refuse("kari@example.org", "421 4.3.2 shutting down")
    with pytest.raises(RelayUnavailable, match="shutting down"):
        deliver(smtp_sink)


def test_a_relay_that_is_down_is_told_in_a_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(RelayUnavailable, match=f"127.0.0.1:{port} can't be used: .*refused"):
        probe(Relay("127.0.0.1", port, timeout=2))


def test_a_name_that_does_not_resolve_is_told_in_a_sentence():
    with pytest.raises(RelayUnavailable, match=r"no-such-host\.invalid:25 can't be used"):
        probe(Relay("no-such-host.invalid", 25, timeout=2))
