"""Servers that say what they are told to, and keep what they hear: for answers that no well-made server gives."""

from __future__ import annotations

import contextlib
import socket
import threading

from mailer.sending.relays import Relay

HELLO = b"250-sink\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 1000000\r\n"
ALL_WELL = b"250 ok\r\n250 ok\r\n354 go\r\n"


class ScriptedServer:
    """Takes one connection, and says one of `replies` after each piece that it hears, the first at once."""

    def __init__(self, *replies: bytes, listening: socket.socket | None = None) -> None:
        self._socket = listening or socket.create_server(("127.0.0.1", 0))
        name = self._socket.getsockname()
        host, port = (name, 0) if isinstance(name, str) else name
        self.relay = Relay(host, port, timeout=3)
        self._replies = replies
        self.heard = b""
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection, contextlib.suppress(ConnectionError):
            for reply in self._replies:
                connection.sendall(reply)
                self.heard += connection.recv(65536)

    def all_heard(self) -> bytes:
        """What it heard until it had said everything."""
        self._thread.join(timeout=3)
        return self.heard
