"""The local inbox as a service: `python -m mailer.local.inbox` on a port that is free on this machine."""

import contextlib
import hashlib
import os
import socket
import sys
from pathlib import Path

from mailer.local.paths import PACKAGE_PARENT, Var
from mailer.local.service import Program, Service

HOST = "127.0.0.1"
_PREFERRED_PORT = 2525


class Inbox(Service):
    """An SMTP server that puts mail into Maildirs in `inbox` under the var directory."""

    name = "inbox"
    what = "Mail server"
    title = "The local inbox"

    @property
    def port(self) -> int:
        """The port of the last start, which the next one takes again if it is free."""
        return stored_port(self.var)

    def program(self) -> Program:
        """Chooses the port, notes it in `run/inbox.port`, and says how to start the server."""
        port = _free_port(self.port)
        with self.var.open(self.var.run / "inbox.port", "r+") as file:
            file.truncate(0)
            file.write(f"{port}\n")
        arguments = ["--host", HOST, "--port", str(port), "--directory", str(self.var.inbox)]
        return Program([sys.executable, "-m", "mailer.local.inbox", *arguments], PACKAGE_PARENT)

    def answers(self) -> bool:
        """Returns whether this directory's inbox, and not another program, greets on the port."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port), timeout=0.5) as connection:
            return identity(self.var.inbox).encode() in connection.recv(512)
        return False


def stored_port(var: Var) -> int:
    """The port that the inbox of this directory has, had last, or would try first."""
    try:
        return int((var.run / "inbox.port").read_text())
    except (OSError, ValueError):
        return _PREFERRED_PORT


def identity(directory: Path) -> str:
    """What an inbox calls itself in its greeting, so that one is not taken for another's."""
    return f"ukebrev-inbox-{hashlib.sha256(os.fsencode(directory.absolute())).hexdigest()[:12]}"


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    return preferred
