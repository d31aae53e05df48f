"""The inbox takes mail over SMTP and keeps it in a Maildir for each recipient."""

import mailbox
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailer.local.inbox import directory_name
from mailer.local.inbox_service import Inbox
from mailer.local.paths import Var
from mailer.local.services import services


@pytest.fixture
def inbox(short_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    monkeypatch.delenv("SMTP_URL")
    var = Var(short_tmp / "var")
    with services(inbox=True, var=var):
        yield Inbox(var)


def letter(text: str = "Der, det var noe siden sist!") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "ukebrev@example.org", "Uke 45"
    message.set_content(text)
    return message


def test_each_recipient_gets_the_message_in_a_maildir(inbox: Inbox) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.send_message(letter(), "bounces@example.org", ["ann@example.org", "Bo@Example.org"])
    for name, address in (("ann@example.org", "ann@example.org"), ("bo@example.org", "Bo@Example.org")):
        (message,) = mailbox.Maildir(inbox.var.inbox / name, create=False)
        assert message["Subject"] == "Uke 45"
        assert message["Delivered-To"] == address
        assert message["Return-Path"] == "<bounces@example.org>"


def test_the_message_is_kept_byte_for_byte_under_the_envelope(inbox: Inbox) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.sendmail("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\n..\r\nl\xc3\xb8rdag \r\n")
    (file,) = (inbox.var.inbox / "b@example.org" / "new").iterdir()
    assert file.read_bytes().endswith(b"Delivered-To: b@example.org\r\nSubject: x\r\n\r\n..\r\nl\xc3\xb8rdag \r\n")


def test_it_offers_what_the_sender_wants_to_use(inbox: Inbox) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.ehlo()
        assert all(client.has_extn(extension) for extension in ("8bitmime", "size", "smtputf8", "pipelining"))


def test_commands_that_come_together_are_answered_in_order(inbox: Inbox) -> None:
    with socket.create_connection(("127.0.0.1", inbox.port)) as connection, connection.makefile("rb") as answers:
        connection.sendall(b"EHLO x\r\nMAIL FROM:<a@x.no>\r\nRCPT TO:<b@x.no>\r\nDATA\r\n")
        lines = [answers.readline()]
        while not lines[-1].startswith(b"354"):
            lines.append(answers.readline())
        connection.sendall(b"Subject: 1\r\n\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n")
        assert [answers.readline()[:3] for _ in range(4)] == [b"250", b"250", b"250", b"221"]


def test_an_address_that_looks_like_a_path_stays_in_the_inbox(inbox: Inbox) -> None:
    with smtplib.SMTP("127.0.0.1", inbox.port) as client:
        client.send_message(letter(), "a@example.org", ["../../run/x@example.org", "/etc/passwd@example.org"])
    names = {path.name for path in inbox.var.inbox.iterdir()}
    assert names == {"%2E.%2F..%2Frun%2Fx@example.org", "%2Fetc%2Fpasswd@example.org"}


def test_a_taken_port_is_no_trouble(short_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SMTP_URL")
    var = Var(short_tmp / "var")
    var.make()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (var.run / "inbox.port").write_text(f"{port}\n")
        with services(inbox=True, var=var):
            assert Inbox(var).port != port


@given(st.text(max_size=300))
def test_no_address_leaves_the_inbox(address: str) -> None:
    name = directory_name(address)
    assert name
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name.encode()) <= 255


@given(st.emails())
def test_ordinary_addresses_are_their_own_names(address: str) -> None:
    plain = set("abcdefghijklmnopqrstuvwxyz0123456789@._+-=")
    if set(address.lower()) <= plain and not address.startswith("."):
        assert directory_name(address) in {address.lower(), address.lower()[:200]} or len(address) > 200
