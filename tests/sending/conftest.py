"""A mail server with a certificate that nobody vouches for."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

import pytest
import trustme


@pytest.fixture
def tls_server() -> Callable[[str], int]:
    """Start a server that speaks TLS at once ("tls") or after STARTTLS ("starttls"); return its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    def serve(listening: socket.socket, security: str) -> None:
        raw, _ = listening.accept()
        with raw, contextlib.suppress(OSError):
            if security == "starttls":
                raw.sendall(b"220 hi\r\n")
                raw.recv(1000)
                raw.sendall(b"250-sink\r\n250 STARTTLS\r\n")
                raw.recv(1000)
                raw.sendall(b"220 go\r\n")
            context.wrap_socket(raw, server_side=True)

    def start(security: str) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=serve, args=(listening, security), daemon=True).start()
        return int(listening.getsockname()[1])

    return start
