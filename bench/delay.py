"""A link that takes its time: a proxy that holds each piece for half a round trip on its way there, and for as long on its way back.

`python -m bench.delay PORT MILLISECONDS` listens on a free port of this machine, prints it, and passes everything on to PORT. The delay is
what a piece waits each way. Nothing limits the bandwidth: what is measured is waiting. Everything waits equally long, so one line of
pieces is enough for all connections, and it is in order by itself.
"""

from __future__ import annotations

import contextlib
import select
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_PIECE = 1 << 18
_MEGABYTES = 400


@dataclass(eq=False)
class _End:
    """One end of a connection; what comes in at it leaves at its `other`."""

    sock: socket.socket
    other: _End | None = None
    # What is due and not yet in the kernel's buffer. An empty piece means: hang up.
    overdue: deque[bytes] = field(default_factory=deque)


class SlowLink:
    """The loop. `delay` is in seconds, each way."""

    def __init__(self, port: int, delay: float) -> None:
        self._target, self._delay = port, delay
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port: int = self._listening.getsockname()[1]
        self._poll = select.epoll()
        self._poll.register(self._listening, select.EPOLLIN)
        self._ends: dict[int, _End] = {}
        self._under_way: deque[tuple[float, _End, bytes]] = deque()

    def serve(self) -> None:
        """Pass on until killed."""
        while True:
            # epoll counts in whole milliseconds, which are too coarse beside a delay of ten; select does not.
            select.select([self._poll.fileno()], [], [], self._until_next())
            for number, event in self._poll.poll(0):
                if number == self._listening.fileno():
                    self._connect()
                elif number in self._ends:
                    self._serve_end(self._ends[number], event)
            self._hand_over()

    def _until_next(self) -> float | None:
        return max(self._under_way[0][0] - time.monotonic(), 0.0) if self._under_way else None

    def _connect(self) -> None:
        near = _End(self._listening.accept()[0])
        far = _End(socket.create_connection(("127.0.0.1", self._target)), near)
        near.other = far
        for end in (near, far):
            end.sock.setblocking(False)  # the standard library's own signature
            end.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends[end.sock.fileno()] = end
            self._poll.register(end.sock, select.EPOLLIN)

    def _serve_end(self, end: _End, event: int) -> None:
        if event & select.EPOLLOUT:
            self._write(end)
        far = end.other
        if event & ~select.EPOLLOUT and far is not None:
            try:
                piece = end.sock.recv(_PIECE)
            except BlockingIOError:
                return
            except OSError:
                piece = b""
            due = time.monotonic() + self._delay
            self._under_way.append((due, far, piece))
            if not piece:
                self._under_way.append((due, end, piece))
                far.other = end.other = None
                self._poll.modify(end.sock, 0)

    def _hand_over(self) -> None:
        now = time.monotonic()
        while self._under_way and self._under_way[0][0] <= now:
            _, end, piece = self._under_way.popleft()
            end.overdue.append(piece)
            if len(end.overdue) == 1:
                self._write(end)

    def _write(self, end: _End) -> None:
        while end.overdue and end.sock.fileno() >= 0:
            piece = end.overdue[0]
            if not piece:
                self._hang_up(end)
                return
            try:
                sent = end.sock.send(piece)
            except BlockingIOError:
                break
            except OSError:
                self._hang_up(end)
                return
            end.overdue.popleft()
            if sent < len(piece):
                end.overdue.appendleft(piece[sent:])
        if end.sock.fileno() >= 0:
            reading = select.EPOLLIN if end.other is not None else 0
            self._poll.modify(end.sock, reading | (select.EPOLLOUT if end.overdue else 0))

    def _hang_up(self, end: _End) -> None:
        del self._ends[end.sock.fileno()]
        end.overdue.clear()
        end.sock.close()


@contextlib.contextmanager
def slow_link(port: int, *, round_trip: float) -> Iterator[int]:
    """Run a link to a port of this machine, in a process of its own; give the port to connect to. `round_trip` is in seconds."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.delay", str(port), str(round_trip * 1000 / 2)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    try:
        yield int(process.stdout.readline()) if process.stdout else 0
    finally:
        process.kill()
        process.wait()


def megabytes_per_second(round_trip: float = 0.02) -> float:
    """How much goes through the link in one direction: a comparison over it should not measure the link."""
    size = _MEGABYTES * 1_000_000
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        slow_link(listening.getsockname()[1], round_trip=round_trip) as port,
        socket.create_connection(("127.0.0.1", port)) as sending,
    ):
        taking, _ = listening.accept()
        began = time.perf_counter()
        pusher = threading.Thread(target=sending.sendall, args=(bytes(size),))
        pusher.start()
        left, room = size, bytearray(_PIECE)
        while left:
            left -= taking.recv_into(room)
        seconds = time.perf_counter() - began
        pusher.join()
        taking.close()
    return _MEGABYTES / seconds


if __name__ == "__main__":
    link = SlowLink(int(sys.argv[1]), float(sys.argv[2]) / 1000)
    print(link.port, flush=True)  # noqa: T201  # its only word
    link.serve()
