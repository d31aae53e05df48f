"""The drill's relay: a process of its own that takes mail by SMTP, writes down each message that it takes, and misbehaves by plan.

`python -m mailer.cli.drill.sink LOG SEED PACE TROUBLE` (see `misdeeds.Temper`) listens on a free port of this machine and prints it.
In LOG stand what it took and what it refused for good, a line each (`log.py`); the sum is made of these, so that counting is done by the
one who got the mail. While there is a file LOG.brake (`log.brake_of`), it answers nobody who has handed a message over.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import re
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mailer.cli.drill.log import brake_of, refused, taken
from mailer.cli.drill.misdeeds import AFTER, ANSWERS, FINAL, TAKEN, Fate, Misdeed, Temper, fate

_HELLO = b"250-drill.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 50000000\r\n"
_ANSWERS = {b"EHLO": _HELLO, b"QUIT": b"221 2.0.0 Bye\r\n"}
_END = b"\r\n.\r\n"
_RECIPIENT = re.compile(rb"RCPT TO:\s*<([^>]*)>", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_GARBAGE = b"\x16\x03 <html>What?</html>\r\n"
_SHUTTING_DOWN = b"421 4.3.2 Shutting down\r\n"
# So much of a content has come when the relay hangs up within it.
_WITHIN = 2000
_CHUNK = 1 << 16
# How often it looks whether the brake is still on.
_BRAKE_SECONDS = 0.05


@dataclass(eq=False, slots=True)
class Client:
    """One connection. While it is `thinking`, nothing more of it is read."""

    sock: socket.socket
    number: int
    came: bytearray = field(default_factory=bytearray)
    is_content: bool = False
    looked_to: int = 0
    thinking: bool = False
    left: bool = False
    recipient: str = ""
    misdeed: Misdeed | None = None
    seconds: float = 0.0


class Sink:
    """One loop over all connections."""

    def __init__(self, log: Path, temper: Temper) -> None:
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._brake = brake_of(log)
        self._temper = temper
        self._tries = Counter[str]()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=500)
        self.port: int = self._listening.getsockname()[1]
        self._poll = select.poll()
        self._poll.register(self._listening, select.POLLIN)
        self._clients: dict[int, Client] = {}
        self._later: list[tuple[float, int, Client, Callable[[], None]]] = []
        self._order = itertools.count()

    def serve(self) -> None:
        """Serve until killed, or until who started it is gone."""
        parent = os.getppid()
        while os.getppid() == parent:
            for number, _ in self._poll.poll(self._wait()):
                if number == self._listening.fileno():
                    self._welcome()
                elif number in self._clients:
                    self._receive(self._clients[number])
            self._answer_those_who_waited()

    def _wait(self) -> float:
        seconds = self._later[0][0] - time.monotonic() if self._later else 1.0
        if seconds <= 0 and self._brake.exists():
            seconds = _BRAKE_SECONDS
        return max(min(seconds, 1.0), 0) * 1000

    def _answer_those_who_waited(self) -> None:
        now = time.monotonic()
        if self._brake.exists():
            return
        while self._later and self._later[0][0] <= now:
            _, _, client, answer = heapq.heappop(self._later)
            client.thinking = False
            if self._clients.get(client.number) is client:
                answer()
                self._go_on(client)

    def _welcome(self) -> None:
        sock, _ = self._listening.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._clients[sock.fileno()] = Client(sock, sock.fileno())
        self._poll.register(sock, select.POLLIN)
        sock.sendall(b"220 drill.example\r\n")

    def _receive(self, client: Client) -> None:
        try:
            got = client.sock.recv(_CHUNK)
        except ConnectionError:
            got = b""
        if not got:
            self._forget(client)
        elif not client.left:
            client.came += got
            self._go_on(client)

    def _forget(self, client: Client) -> None:
        self._poll.unregister(client.sock)
        del self._clients[client.number]
        client.sock.close()

    def _say(self, client: Client, reply: bytes) -> None:
        with contextlib.suppress(ConnectionError):
            client.sock.sendall(reply)

    def _leave(self, client: Client, last_words: bytes = b"") -> None:
        """Hang up, but in a way that what was said before still reaches the other side."""
        self._say(client, last_words)
        client.left = True
        client.came.clear()
        with contextlib.suppress(OSError):
            client.sock.shutdown(socket.SHUT_WR)

    def _go_on(self, client: Client) -> None:
        going_on = True
        while going_on and not client.thinking and not client.left and client.number in self._clients:
            going_on = self._content(client) if client.is_content else self._command(client)

    def _command(self, client: Client) -> bool:
        line, end, rest = bytes(client.came).partition(b"\r\n")
        if not end:
            return False
        client.came[:] = rest
        word = line[:4].upper()
        if word == b"RCPT":
            self._recipient(client, line)
        elif word == b"DATA" and not client.recipient:
            self._say(client, b"503 5.5.1 No recipient\r\n")
        elif word == b"DATA":
            self._say(client, b"354 Go ahead\r\n")
            client.is_content, client.looked_to = True, 0
        else:
            client.recipient = "" if word in {b"MAIL", b"RSET"} else client.recipient
            self._say(client, _ANSWERS.get(word, b"250 2.0.0 Ok\r\n"))
        return True

    def _recipient(self, client: Client, line: bytes) -> None:
        found = _RECIPIENT.match(line)
        if found is None:
            self._say(client, b"501 5.1.3 Who?\r\n")
            return
        recipient = found[1].decode("utf-8", "replace")
        its: Fate = fate(self._temper, recipient)
        client.misdeed, client.seconds = its.at_try(self._tries[recipient]), its.seconds
        self._tries[recipient] += 1
        if client.misdeed is None or client.misdeed in AFTER or client.misdeed is Misdeed.HANGS_UP_WITHIN:
            client.recipient = recipient
            self._say(client, b"250 2.1.5 Ok\r\n")
        else:
            self._refuse(client, client.misdeed, recipient)

    def _refuse(self, client: Client, misdeed: Misdeed, recipient: str) -> None:
        """Say or do what comes in place of a yes."""
        if misdeed in FINAL:
            os.write(self._log, refused(recipient))
        if misdeed in ANSWERS:
            self._say(client, ANSWERS[misdeed])
        elif misdeed in {Misdeed.SHUTS_DOWN_BEFORE, Misdeed.SHUTS_DOWN_AFTER}:
            self._leave(client, _SHUTTING_DOWN)
        else:
            self._leave(client, _GARBAGE if misdeed in {Misdeed.GARBAGE_BEFORE, Misdeed.TAKEN_GARBAGE} else b"")

    def _content(self, client: Client) -> bool:
        if client.misdeed is Misdeed.HANGS_UP_WITHIN and len(client.came) > _WITHIN:
            self._forget(client)
            return False
        at = client.came.find(_END, client.looked_to)
        if at < 0:
            client.looked_to = max(len(client.came) - len(_END) + 1, 0)
            return False
        message = bytes(client.came[: at + 2])
        del client.came[: at + len(_END)]
        client.is_content = False
        self._message(client, message)
        return True

    def _message(self, client: Client, message: bytes) -> None:
        """Take a message, or not; the answer comes after a while. What is taken is taken even if nobody is there to hear of it."""
        recipient, misdeed = client.recipient, client.misdeed
        client.recipient = ""
        if misdeed is None or misdeed in TAKEN:
            found = _MESSAGE_ID.search(message)
            os.write(self._log, taken(recipient, found[1].decode() if found else "", is_answered=misdeed is None))
        client.thinking = True

        def answer() -> None:
            if misdeed is None:
                self._say(client, b"250 2.0.0 Ok: queued as %d\r\n" % next(self._order))
            else:
                self._refuse(client, misdeed, recipient)

        heapq.heappush(self._later, (time.monotonic() + client.seconds, next(self._order), client, answer))


if __name__ == "__main__":
    sink = Sink(Path(sys.argv[1]), Temper(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])))
    print(sink.port, flush=True)  # noqa: T201  # its only word
    sink.serve()
