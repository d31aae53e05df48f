import base64
import socket
from dataclasses import replace

import pytest

from mailer.sending.relays import Relay, relay_from_url
from mailer.sending.smtp import Connection, Envelope, Whole, probe
from mailer.sending.wire import RelayUnavailable
from tests.sending.scripted import HELLO, ScriptedServer

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


def answers_to(*replies: bytes, relay=None):
    server = ScriptedServer(*replies)
    with Connection(relay(server.relay) if relay else server.relay) as wire:
        return wire.deliver(KARI, MESSAGE), server


def test_commands_travel_together_where_the_relay_pipelines():
    reply, server = answers_to(b"220 hi\r\n", HELLO, b"250 ok\r\n250 ok\r\n354 go\r\n", b"250 2.0.0 queued as 4XyZ\r\n")
    assert (reply.code, reply.queue_id) == (250, "4XyZ")
    assert b"MAIL FROM:<bounces@example.org> SIZE=" in server.heard
    assert b"\r\nRCPT TO:<kari@example.org>\r\nDATA\r\n" in server.heard
    assert b"\r\n..a line that starts with a dot\r\n.\r\n" in server.heard


def test_without_pipelining_each_command_waits_for_its_answer():
    reply, server = answers_to(
        b"220 hi\r\n", b"250 sink\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 ok\r\n"
    )
    assert reply.code == 250
    assert b"MAIL FROM:<bounces@example.org>\r\n" in server.heard


def test_a_server_that_knows_no_ehlo_is_greeted_the_old_way():
    reply, server = answers_to(
        b"220 hi\r\n", b"502 what?\r\n", b"250 sink\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 ok\r\n"
    )
    assert reply.code == 250
    assert b"HELO " in server.heard


def test_a_server_that_goes_ahead_without_a_recipient_is_given_an_empty_message():
    reply, server = answers_to(
        b"220 hi\r\n", HELLO, b"250 ok\r\n550 5.1.1 no\r\n354 go\r\n", b"554 5.5.1 no recipients\r\n"
    )
    assert (reply.command, reply.code, reply.enhanced_code) == ("RCPT", 550, "5.1.1")
    assert MESSAGE[:7] not in server.heard


def test_replies_are_matched_to_their_own_messages(smtp_sink):
    smtp_sink.refuse("reader3@example.org", "550 5.1.1 no such user")
    smtp_sink.refuse("reader5@example.org", "451 4.7.1 later", at="end")
    readers = [f"reader{number}@example.org" for number in range(10)]
    with Connection(relay_from_url(smtp_sink.url)) as wire:
        messages = (Whole.of(reader, Envelope("bounces@example.org", reader), MESSAGE) for reader in readers)
        codes = {reader: (reply.command, reply.code) for reader, reply in wire.deliver_all(messages)}
    expected = dict.fromkeys(readers, ("DATA", 250))
    expected |= {"reader3@example.org": ("RCPT", 550), "reader5@example.org": ("DATA", 451)}
    assert codes == expected
    assert smtp_sink.connections == 1
    assert len(smtp_sink.messages) == 8


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ((b"HTTP/1.1 400 Bad Request\r\n",), "no SMTP"),
        ((b"\x00\xff\xfe\r\n",), "no SMTP"),
        ((b"220 " + b"x" * 1_000_000,), "64 kB"),
        ((b"220-a\r\n" * 100_000,), "64 kB"),
        ((b"554 go away\r\n",), "554 go away"),
        ((b"220 hi\r\n", b"250 sink\r\n"), "hung up|broke off"),
    ],
)
def test_garbage_is_told_in_a_sentence(replies, says):
    with pytest.raises(RelayUnavailable, match=says):
        answers_to(*replies)


def test_starttls_that_is_asked_for_and_not_there_sends_nothing():
    def secure(relay):
        return replace(relay, security="starttls", user="me", password="secret")

    with pytest.raises(RelayUnavailable, match=r"has no STARTTLS"):
        answers_to(b"220 hi\r\n", b"250-sink\r\n250 AUTH PLAIN\r\n", b"", relay=secure)


@pytest.mark.parametrize(
    ("offered", "oauth", "heard"),
    [
        (b"AUTH PLAIN LOGIN", False, b"AUTH PLAIN AG1lAHNlY3JldA=="),
        (b"AUTH LOGIN", False, b"AUTH LOGIN\r\nbWU=\r\nc2VjcmV0\r\n"),
        (b"AUTH XOAUTH2 PLAIN", True, b"AUTH XOAUTH2 dXNlcj1tZQFhdXRoPUJlYXJlciBzZWNyZXQBAQ=="),
    ],
)
def test_signing_in_by_what_both_sides_have(offered, oauth, heard):
    turns = {b"AUTH LOGIN": (b"334 VXNlcg==\r\n", b"334 UGFzcw==\r\n")}.get(offered, ())
    server = ScriptedServer(b"220 hi\r\n", b"250-sink\r\n250 " + offered + b"\r\n", *turns, b"235 welcome\r\n")
    with Connection(replace(server.relay, user="me", password="secret", oauth=oauth)):
        pass
    assert heard in server.all_heard()


def test_the_token_of_a_file_is_the_one_that_is_there_when_we_sign_in(tmp_path):
    file = tmp_path / "token"
    for token in ("stale", "fresh"):
        file.write_text(f"{token}\n")
        server = ScriptedServer(b"220 hi\r\n", b"250-sink\r\n250 AUTH XOAUTH2\r\n", b"235 welcome\r\n")
        with Connection(replace(server.relay, user="me", oauth=True, token_file=str(file))):
            pass
        shown = base64.b64decode(server.all_heard().split(b"XOAUTH2 ")[1].split()[0])
        assert shown == f"user=me\x01auth=Bearer {token}\x01\x01".encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "No such file or directory."),
        (b"", "it is empty."),
        (b"one two", "it holds no token, or more than one."),
        (b"one\x01auth=other", "it holds no token, or more than one."),
        ("tøken".encode(), "it is no text in ASCII."),
    ],
)
def test_a_file_without_a_token_is_told_in_a_sentence(tmp_path, content, says):
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RelayUnavailable, match=rf"there is no token for it in {file}: {says}"):
        answers_to(
            b"220 hi\r\n",
            b"250-sink\r\n250 AUTH XOAUTH2\r\n",
            relay=lambda relay: replace(relay, user="me", oauth=True, token_file=str(file)),
        )


def test_a_wrong_password_is_told_without_the_password():
    with pytest.raises(RelayUnavailable, match=r"does not let me in: 5.7.8 bad credentials") as told:
        answers_to(
            b"220 hi\r\n",
            b"250-sink\r\n250 AUTH PLAIN\r\n",
            b"535 5.7.8 bad credentials\r\n",
            relay=lambda relay: replace(relay, user="me", password="s3cret"),
        )
    assert "s3cret" not in str(told.value)
