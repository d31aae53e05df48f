"""How connections begin, over real sockets and with real certificates: whatever is wrong is one sentence, and nothing was sent."""

import contextlib
import datetime as dt
import socket
import ssl
import threading
from dataclasses import replace

import pytest
import trustme

from mailer.sending.relays import Relay
from mailer.sending.smtp import Connection, Envelope, probe
from mailer.sending.wire import RelayUnavailable
from tests.sending.scripted import ALL_WELL, HELLO, ScriptedServer

KARI = Envelope("bounces@example.org", "kari@example.org")
PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def trust(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def tls_server(certificate, security):
    """A server that speaks TLS at once or after STARTTLS, and then greets; its relay."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve():
        raw, _ = listening.accept()
        with contextlib.suppress(OSError), raw:
            if security == "starttls":
                for line in (b"220 hi\r\n", b"250-sink\r\n250 STARTTLS\r\n", b"220 go\r\n"):
                    raw.sendall(line)
                    if not line.startswith(b"220 go"):
                        raw.recv(1000)
            with context.wrap_socket(raw, server_side=True) as secure:
                if security == "tls":
                    secure.sendall(b"220 hi\r\n")
                for end, line in ((b"\r\n", HELLO), (b"DATA\r\n", ALL_WELL), (b"\r\n.\r\n", b"250 ok\r\n")):
                    heard = b""
                    while not heard.endswith(end):
                        heard += secure.recv(100_000)
                    secure.sendall(line)
                secure.recv(1000)

    threading.Thread(target=serve, daemon=True).start()
    return Relay("127.0.0.1", listening.getsockname()[1], security, timeout=3)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_goes_in_tls_to_a_relay_that_is_who_it_says(authority, trust, security):
    relay = tls_server(authority.issue_cert("127.0.0.1"), security)
    with Connection(relay, trust=trust) as wire:
        assert wire._wire is not None
        assert wire._wire.is_encrypted
        assert wire.deliver(KARI, b"Subject: x\r\n\r\n" + b"x" * 60_000 + b"\r\n").code == 250


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize(
    ("certificate", "says"),
    [
        (("127.0.0.1", PAST), "its certificate has expired"),
        (("elsewhere.example.org", None), "is for another address"),
    ],
)
def test_a_certificate_that_does_not_hold_is_told_in_a_sentence(authority, trust, security, certificate, says):
    name, expires = certificate
    relay = tls_server(authority.issue_cert(name, not_after=expires), security)
    with pytest.raises(RelayUnavailable, match=rf"can't be trusted: .*{says}.*[.?]$") as told:
        Connection(relay, trust=trust).open()
    assert not told.value.broke_midway


def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(authority):
    with pytest.raises(RelayUnavailable, match="authority that this machine does not know"):
        probe(tls_server(authority.issue_cert("127.0.0.1"), "tls"))


def test_a_certificate_that_vouches_for_itself_is_refused(tmp_path):
    import subprocess

    command = "openssl req -x509 -newkey ed25519 -nodes -days 2 -subj /CN=127.0.0.1 -keyout key.pem -out cert.pem"
    try:
        subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("needs the program openssl")

    class SelfSigned:
        def configure_cert(self, context):
            context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")

    with pytest.raises(RelayUnavailable, match="self-signed: nobody vouches for it"):
        probe(tls_server(SelfSigned(), "tls"))


def test_a_relay_without_tls_on_that_port_is_told_in_a_sentence():
    relay = replace(ScriptedServer(b"220 hi\r\n", b"").relay, security="tls")
    with pytest.raises(RelayUnavailable, match="does not speak TLS there"):
        probe(relay)


def test_more_than_the_answer_to_starttls_is_not_trusted():
    server = ScriptedServer(b"220 hi\r\n", b"250-sink\r\n250 STARTTLS\r\n", b"220 go\r\n250 injected\r\n")
    with pytest.raises(RelayUnavailable, match="not safe"):
        probe(replace(server.relay, security="starttls"))


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "x" * 70 + ".example.org"])
def test_a_name_that_does_not_resolve_is_told_in_a_sentence(host):
    with pytest.raises(RelayUnavailable, match=r"can't be used: its name .+[.?]$") as told:
        probe(Relay(host, 25, timeout=2))
    assert (told.value.broke_midway, told.value.code) == (False, 0)


def test_what_the_relay_said_is_kept_when_it_wants_nothing_of_us():
    with pytest.raises(RelayUnavailable) as told:
        probe(ScriptedServer(b"554 5.7.1 you are listed\r\n").relay)
    assert (told.value.broke_midway, told.value.code, told.value.text) == (False, 554, "5.7.1 you are listed")


def test_a_relay_that_talks_out_of_turn_is_not_used():
    with pytest.raises(RelayUnavailable, match="more than it was asked"):
        probe(ScriptedServer(b"220 hi\r\n", HELLO + b"250 and more\r\n").relay)


LMTP_HELLO = b"250-here\r\n250 PIPELINING\r\n"


def test_lmtp_says_lhlo_over_a_unix_socket(tmp_path):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "lmtp"))
    listening.listen()
    server = ScriptedServer(b"220 hi\r\n", LMTP_HELLO, ALL_WELL, b"250 2.0.0 ok\r\n", listening=listening)
    with Connection(replace(server.relay, protocol="lmtp")) as wire:
        assert wire.deliver(KARI, b"Subject: x\r\n\r\n").code == 250
    assert server.all_heard().startswith(b"LHLO ")


def test_a_server_without_lhlo_is_not_greeted_another_way():
    server = ScriptedServer(b"220 hi\r\n", b"500 what?\r\n")
    with pytest.raises(RelayUnavailable, match="answers 500"):
        probe(replace(server.relay, protocol="lmtp"))


def test_lmtp_that_goes_ahead_without_a_recipient_is_out_of_step():
    server = ScriptedServer(b"220 hi\r\n", LMTP_HELLO, b"250 ok\r\n550 no\r\n354 go\r\n")
    with (
        Connection(replace(server.relay, protocol="lmtp")) as wire,
        pytest.raises(RelayUnavailable, match="out of step"),
    ):
        wire.deliver(KARI, b"Subject: x\r\n\r\n")


def test_a_unix_socket_that_is_not_there_is_told_in_a_sentence(tmp_path):
    with pytest.raises(RelayUnavailable, match="can't be used: No such file"):
        probe(Relay(str(tmp_path / "none"), 0, protocol="lmtp"))
