"""A mail server that only counts: one process, one epoll loop, nothing kept. The limit of a comparison should not be the sink.

`python -m bench.sink COUNTER` listens on a free port of this machine, prints it, and keeps the number of messages taken in the first eight
bytes of the file COUNTER.
"""

from __future__ import annotations

import contextlib
import mmap
import select
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_END = b"\r\n.\r\n"
_ROOM = 1 << 18
# What may stand behind the end of a body in one piece: the commands of the next message, since its body waits for our answer to them.
_BEHIND = 4096
_HELLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 50000000\r\n"


@dataclass
class _Client:
    sock: socket.socket
    in_data: bool = False
    # What a command or the end of a message may begin with, in the bytes before.
    rest: bytes = b""
    replies: list[bytes] = field(default_factory=list)


class Sink:
    """The loop. `taken` counts."""

    def __init__(self, counter: Path) -> None:
        counter.write_bytes(bytes(8))
        with counter.open("r+b") as file:
            self._counter = mmap.mmap(file.fileno(), 8)
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port: int = self._listening.getsockname()[1]
        self._poll = select.epoll()
        self._poll.register(self._listening, select.EPOLLIN)
        self._clients: dict[int, _Client] = {}
        self._room = bytearray(_ROOM)
        self.taken = 0

    def serve(self) -> None:
        """Serve until killed."""
        listening, room = self._listening.fileno(), self._room
        while True:
            for number, _ in self._poll.poll():
                if number == listening:
                    self._welcome()
                    continue
                client = self._clients[number]
                try:
                    got = client.sock.recv_into(room)
                except ConnectionError:
                    got = 0
                if got:
                    self._read(client, got)
                else:
                    self._forget(client)

    def _welcome(self) -> None:
        sock, _ = self._listening.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[sock.fileno()] = _Client(sock)
        self._poll.register(sock, select.EPOLLIN)
        sock.sendall(b"220 sink\r\n")

    def _forget(self, client: _Client) -> None:
        self._poll.unregister(client.sock)
        del self._clients[client.sock.fileno()]
        client.sock.close()

    def _read(self, client: _Client, got: int) -> None:
        at = 0
        while at < got:
            at = self._body(client, at, got) if client.in_data else self._commands(client, at, got)
        if client.replies:
            with contextlib.suppress(ConnectionError):
                client.sock.sendall(b"".join(client.replies))
            client.replies.clear()

    def _body(self, client: _Client, at: int, got: int) -> int:
        """Pass over a body where it lies. Return where what follows it begins."""
        room = self._room
        straddling = (client.rest + room[at : min(at + 4, got)]).find(_END)
        if straddling >= 0:
            after = at + straddling + len(_END) - len(client.rest)
        else:
            end = room.rfind(_END, max(at, got - _BEHIND), got)
            if end < 0:
                client.rest = (client.rest + room[max(at, got - 4) : got])[-4:]
                return got
            after = end + len(_END)
        client.in_data, client.rest = False, b""
        self.taken += 1
        struct.pack_into("<q", self._counter, 0, self.taken)
        client.replies.append(b"250 2.0.0 Ok: queued as %d\r\n" % self.taken)
        return after

    def _commands(self, client: _Client, at: int, got: int) -> int:
        """Answer commands up to DATA. Return where what follows them begins."""
        data, kept = client.rest + self._room[at:got], len(client.rest)
        client.rest, place = b"", 0
        while (end := data.find(b"\r\n", place)) >= 0:
            word = data[place : place + 4].upper()
            place = end + 2
            if word == b"DATA":
                client.replies.append(b"354 Go ahead\r\n")
                # An empty body ends with the dot alone: the line before it is the command's.
                client.in_data, client.rest = True, b"\r\n"
                return at + place - kept
            client.replies.append(
                _HELLO if word == b"EHLO" else b"221 Bye\r\n" if word == b"QUIT" else b"250 2.0.0 Ok\r\n"
            )
        client.rest = bytes(data[place:])
        return got


@dataclass
class RunningSink:
    """A sink in a process of its own."""

    port: int
    process: subprocess.Popen[str]
    counter: Path

    @property
    def url(self) -> str:
        """For SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def taken(self) -> int:
        """How many messages it has taken."""
        return int(struct.unpack("<q", self.counter.read_bytes())[0])


@contextlib.contextmanager
def running_sink(folder: Path) -> Iterator[RunningSink]:
    """Run a sink until the block ends."""
    counter = folder / "taken"
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.sink", str(counter)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    try:
        yield RunningSink(int(process.stdout.readline() if process.stdout else 0), process, counter)
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sink = Sink(Path(sys.argv[1]))
    print(sink.port, flush=True)  # noqa: T201  # its only word
    sink.serve()
