"""Relays in processes of their own, and what time and restarts do."""

from __future__ import annotations

import base64
import contextlib
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import SMTP, AuthResult
from django.db import connections

from mailer.cli.drill.log import Received
from mailer.cli.drill.misdeeds import Temper
from mailer.cli.drill.place import running_relay
from mailer.local.paths import Var
from mailer.local.postgres import Postgres
from mailer.sending.session import _authorities
from tests.smtp_sink import SmtpSink


@dataclass(frozen=True)
class SlowRelay:
    """The drill's relay, which thinks over each message and writes down what it took, before it says so."""

    url: str
    received: Received

    def wait_for(self, count: int, seconds: float = 30.0) -> None:
        """Wait until so many messages came."""
        end = time.monotonic() + seconds
        while self.received.read() < count:
            assert time.monotonic() < end, f"{self.received.read()} of {count} came in {seconds} seconds"
            time.sleep(0.01)

    @property
    def copies(self) -> list[int]:
        """How many copies each recipient got who got any."""
        self.received.read()
        return [len(ids) for ids in self.received.message_ids.values()]


@pytest.fixture
def slow_relay(tmp_path: Path) -> Iterator[Callable[[float], SlowRelay]]:
    """Start a relay that takes so many seconds over a message in the mean, and is otherwise well-behaved."""
    with contextlib.ExitStack() as stack:

        def start(pace: float) -> SlowRelay:
            received = Received(tmp_path / "relay.txt")
            received.log.touch()
            port = stack.enter_context(running_relay(received.log, tmp_path / "relay.log", Temper(7, pace, 0.0)))
            return SlowRelay(f"smtp://127.0.0.1:{port}?name=slow", received)

        yield start


@pytest.fixture
def restart_postgres(postgres_server: None, local_var: Var) -> Callable[[], None]:
    """Shut PostgreSQL down, fast, in the middle of everything; its keeper starts it again."""

    def restart() -> None:
        server = Postgres(local_var)
        before = (server.data.resolve() / "postmaster.pid").read_text().split()[0]
        os.kill(int(before), signal.SIGINT)
        end = time.monotonic() + 30
        while not server.answers() or before in (server.data.resolve() / "postmaster.pid").read_text().split()[:1]:
            assert time.monotonic() < end, "PostgreSQL did not come back"
            time.sleep(0.05)
        connections.close_all()

    return restart


@pytest.fixture
def impatient(redis_server: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker makes room at once where it would wait for three seconds."""
    monkeypatch.setattr("mailer.sending.handover.PATIENCE_SECONDS", 0.5)


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def faulty_relay(
    smtp_sink: SmtpSink, closed_port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], tuple[str, str]]]:
    """Start a relay with a fault; give its address, and what an editor is to be told."""
    with contextlib.ExitStack() as stack:

        def start(fault: str) -> tuple[str, str]:
            match fault:
                case "no STARTTLS":
                    return smtp_sink.url.replace(
                        "smtp://", "smtp+starttls://"
                    ), "has no STARTTLS, and its settings ask for it"
                case "a wrong password":
                    port = stack.enter_context(_signing_in(closed_port))
                    return f"smtp://torill:wrong@127.0.0.1:{port}", "does not let torill in: 5.7.8"
                case "a name that does not resolve":
                    return "smtp://no-such-host.invalid?timeout=5", "its name can't be found"
                case "an answer without an end":
                    port = stack.enter_context(_endless())
                    return f"smtp://127.0.0.1:{port}", "sent an answer of more than 64 kB; it was cut off."
                case _:
                    port = stack.enter_context(_expired(tmp_path, monkeypatch))
                    return (
                        f"smtps://127.0.0.1:{port}",
                        "its certificate has expired. Whoever runs the relay must renew it.",
                    )

        yield start


class _Doorkeeper(Sink):
    """Lets in whoever shows the token of today."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802  # aiosmtpd's name and arguments
        return AuthResult(success=b"Bearer fresh\x01" in base64.b64decode(args[1]), handled=False)


@pytest.fixture
def token_relay(closed_port: int) -> Iterator[int]:
    """The port of a relay that takes one token, and refuses those that have run out."""
    controller = Controller(_Doorkeeper(), hostname="127.0.0.1", port=closed_port, auth_require_tls=False)
    controller.start()
    try:
        yield closed_port
    finally:
        controller.stop()


@contextlib.contextmanager
def _signing_in(port: int) -> Iterator[int]:
    """A server that lets nobody in."""

    def refuse(*_: object) -> AuthResult:
        return AuthResult(success=False, handled=False)

    controller = Controller(Sink(), hostname="127.0.0.1", port=port, authenticator=refuse, auth_require_tls=False)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextlib.contextmanager
def _expired(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server whose certificate this machine would trust, were it not for its date."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    _authorities.cache_clear()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)).configure_cert(context)
    try:
        with _doing(lambda raw: context.wrap_socket(raw, server_side=True)) as port:
            yield port
    finally:
        _authorities.cache_clear()


def _endless() -> contextlib.AbstractContextManager[int]:
    """A server whose greeting is a megabyte and no line."""
    return _doing(lambda raw: raw.sendall(b"220 " + b"x" * 1_000_000))


@contextlib.contextmanager
def _doing(act: Callable[[socket.socket], object]) -> Iterator[int]:
    """A server that does one thing with each connection, and closes it."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                raw, _ = listening.accept()
                with raw, contextlib.suppress(OSError):
                    act(raw)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listening.getsockname()[1])
    finally:
        listening.close()
