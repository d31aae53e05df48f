"""Servers that can't be reached are told in sentences."""

import socket

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from mailer import checks
from tests.smtp_sink import SmtpSink


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_servers_that_run_are_no_problem(postgres_server: None, redis_server: None, smtp_sink: SmtpSink) -> None:
    assert checks.unreachable() == []


def test_an_unreachable_database_is_named_with_host_and_port(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setitem(settings.DATABASES, "default", {"NAME": "x", "HOST": "127.0.0.1", "PORT": port})
    settings.EMBEDDED = set()
    problem = checks.postgres_problem()
    assert problem is not None
    assert problem.startswith(f"DATABASE_URL: cannot reach postgres at 127.0.0.1:{port}: is it running?")


@pytest.mark.usefixtures("postgres_server")
def test_a_database_that_is_not_there_is_told_in_the_servers_words(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", "nowhere")
    settings.EMBEDDED = set()
    assert 'database "nowhere" does not exist' in (checks.postgres_problem() or "")


def test_an_unreachable_redis_is_named(settings: Settings) -> None:
    port = free_port()
    settings.REDIS_URL = f"redis://:secret@127.0.0.1:{port}/0"
    settings.EMBEDDED = set()
    problem = checks.redis_problem() or ""
    assert problem.startswith(f"REDIS_URL: cannot reach redis at 127.0.0.1:{port}: is it running?")
    assert "secret" not in problem


def test_an_unreachable_mail_server_is_named_without_the_secret(settings: Settings) -> None:
    settings.SMTP_URL = f"smtp://ann:secret@127.0.0.1:{free_port()}"
    problem = checks.relay_problem() or ""
    assert problem.startswith("SMTP_URL: The relay 127.0.0.1:")
    assert "secret" not in problem


def test_an_inbox_that_is_stopped_says_how_to_start_it(settings: Settings) -> None:
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()}"
    settings.EMBEDDED = {"inbox"}
    assert "`ukebrev up`" in (checks.relay_problem() or "")


def test_one_relay_of_several_is_enough(settings: Settings, smtp_sink: SmtpSink) -> None:
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()} {smtp_sink.url}"
    settings.EMBEDDED = set()
    assert checks.relay_problem() is None
    settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()} smtp://127.0.0.1:{free_port()}?name=second"
    assert "The relay second" in (checks.relay_problem() or "")


def test_settings_that_are_well_leave_nothing_to_say() -> None:
    assert list(checks.remarks()) == []


@pytest.mark.parametrize(
    ("given", "identity", "says"),
    [
        ({"SMTP_URL": "smtp://me:secret@mail.example.org"}, "mailer.W001", "crosses the network in the clear"),
        ({"SMTP_URL": "smtp://host?weight=none"}, "mailer.E001", "option weight"),
        ({"DKIM_DOMAIN": "example.org", "DKIM_SELECTOR": "a", "DKIM_KEY": "secret"}, "mailer.E002", "DKIM"),
        ({"VERP": True, "MAIL_BOUNCES_TO": ""}, "mailer.E003", "MAIL_BOUNCES_TO"),
    ],
)
def test_settings_that_do_not_go_together_are_told(
    settings: Settings, given: dict[str, object], identity: str, says: str
) -> None:
    for name, value in given.items():
        setattr(settings, name, value)
    (remark,) = checks.remarks()
    assert remark.id == identity
    assert says in remark.msg
    assert "secret@" not in remark.msg


@pytest.mark.parametrize(
    ("sender", "signing", "count"),
    [
        ("Uke <uke@example.org>", "example.org", 0),
        ("uke@news.example.org", "example.org", 0),
        ("uke@example.org", "other.example", 1),
    ],
)
def test_a_signature_of_another_domain_than_the_senders_is_told(
    settings: Settings, sender: str, signing: str, count: int
) -> None:
    key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    settings.MAIL_FROM, settings.DKIM_DOMAIN = sender, signing
    settings.DKIM_ED25519_SELECTOR, settings.DKIM_ED25519_KEY = "uke", key.decode()
    assert len(list(checks.remarks())) == count
