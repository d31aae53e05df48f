"""A real SMTP server for tests: it keeps what it takes in memory, and misbehaves for the recipients it is told to."""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal

from aiosmtpd.smtp import SMTP, Envelope, Session

# aiosmtpd tells every step of every conversation.
logging.getLogger("mail.log").setLevel(logging.ERROR)

Moment = Literal["recipient", "content", "end"]


@dataclass(frozen=True)
class Received:
    """One message as it came over the wire, with its envelope."""

    sender: str
    recipients: list[str]
    content: bytes

    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class Misbehaviour:
    """What happens at a moment; `left` counts down to nothing, None means always. An empty reply hangs up."""

    reply: str
    left: int | None
    seconds: float = 0.0


class SmtpSink:
    """Listens on a free port of this machine from the start, and answers once `running` is entered."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.messages: list[Received] = []
        self.connections = 0
        # Whether it offers PIPELINING (RFC 2920), which aiosmtpd does not do by itself.
        self.pipelines = False
        self._planned: dict[tuple[str, Moment], Misbehaviour] = {}

    def refuse(self, recipient: str, reply: str, *, at: Moment = "recipient", times: int | None = None) -> None:
        """Answers `reply` to the recipient's RCPT TO, or at the end of the message."""
        self._planned[recipient, at] = Misbehaviour(reply, times)

    def hang_up(self, recipient: str, *, at: Moment = "recipient", times: int | None = 1) -> None:
        """Closes the connection: at RCPT TO, in mid-content, or (end) when it has the whole message, unanswered."""
        self._planned[recipient, at] = Misbehaviour("", times)

    def dawdle(self, recipient: str, seconds: float) -> None:
        """Takes so long over the recipient before it says yes."""
        self._planned[recipient, "recipient"] = Misbehaviour("250 2.1.5 OK", None, seconds)

    def reset(self) -> None:
        self.messages.clear()
        self._planned.clear()
        self.connections = 0
        self.pipelines = False

    def messages_to(self, recipient: str) -> list[Received]:
        return [message for message in self.messages if recipient in message.recipients]

    def wait_for(self, count: int, seconds: float = 10.0) -> list[Received]:
        """Returns all messages once there are at least so many; fails when they don't come in time."""
        end = time.monotonic() + seconds
        while len(self.messages) < count:
            assert time.monotonic() < end, f"{len(self.messages)} of {count} messages came in {seconds} seconds"
            time.sleep(0.02)
        return self.messages

    @contextlib.contextmanager
    def running(self) -> Iterator["SmtpSink"]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="smtp-sink", daemon=True)
        thread.start()
        handler = _Handler(self)
        factory: Callable[[], SMTP] = lambda: _Server(handler, self, hostname="sink.test", loop=loop)  # noqa: E731
        starting = asyncio.run_coroutine_threadsafe(self._serve(factory), loop)
        server = starting.result(timeout=5)
        yield self
        loop.call_soon_threadsafe(server.close)
        # Connections that their clients keep open are still being waited on.
        asyncio.run_coroutine_threadsafe(_hang_up_all(), loop).result(timeout=5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)

    async def _serve(self, factory: Callable[[], SMTP]) -> asyncio.Server:
        return await asyncio.get_running_loop().create_server(factory, sock=self._socket)

    async def misbehave(self, server: SMTP, recipients: list[str], moment: Moment) -> str | None:
        """Returns the planned reply, "" after hanging up, or None when nothing is planned."""
        for recipient in recipients:
            plan = self._planned.get((recipient, moment))
            if plan is None or plan.left == 0:
                continue
            if plan.left is not None:
                plan.left -= 1
            await asyncio.sleep(plan.seconds)
            if not plan.reply:
                assert isinstance(server.transport, asyncio.Transport)
                server.transport.abort()
            return plan.reply
        return None


async def _hang_up_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class _Handler:
    def __init__(self, sink: SmtpSink) -> None:
        self._sink = sink

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]] if self._sink.pipelines else responses

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._sink.misbehave(server, [address], "recipient")
        if reply is None or reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK" if reply is None else reply or "421 4.3.0 Gone"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await self._sink.misbehave(server, envelope.rcpt_tos, "end")
        assert isinstance(envelope.content, bytes)
        if not reply:
            received = Received(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content)
            self._sink.messages.append(received)
        return "250 2.0.0 OK" if reply is None else reply or "421 4.3.0 Gone"


class _Server(SMTP):
    def __init__(self, handler: _Handler, sink: SmtpSink, *, hostname: str, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(handler, hostname=hostname, enable_SMTPUTF8=True, loop=loop)
        self._sink = sink

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._sink.connections += 1
        # asyncio forgets it where the socket does not name its protocol; replies to pipelined commands would wait 40 ms for each other.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        if ("content" in {moment for _, moment in self._sink._planned}) and self.envelope is not None:
            await self._cut_off(self.envelope.rcpt_tos)
        await super().smtp_DATA(arg)

    async def _cut_off(self, recipients: list[str]) -> None:
        planned = [self._sink._planned.get((recipient, "content")) for recipient in recipients]
        if any(plan is not None and plan.left != 0 for plan in planned):
            await self.push("354 Go on")
            assert self._reader is not None
            await self._reader.read(200)
            await self._sink.misbehave(self, recipients, "content")
