"""The local inbox: an SMTP server that puts each message into a Maildir for each recipient, and sends nothing on.

`python -m mailer.local.inbox --port 2525 --directory var/inbox`
"""

import argparse
import asyncio
import hashlib
import itertools
import os
import signal
import time
import unicodedata
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from mailer.local.inbox_service import HOST, identity

_NAME_BYTES = 200  # file systems take 255; some room for what tools add
_PLAIN = "@._+-="


class Maildirs:
    """The aiosmtpd handler that writes `DIRECTORY/ADDRESS/new/...` (https://cr.yp.to/proto/maildir.html)."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._numbers = itertools.count(1)
        self._made: set[Path] = set()

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offers PIPELINING too (RFC 2920): commands that come together are answered in their order."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Delivers to every recipient before it says 250; a disk that refuses is a 452, to be tried again later."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            for recipient in dict.fromkeys(envelope.rcpt_tos):
                self.deliver(envelope.mail_from or "", recipient, content)
        except OSError as error:
            return f"452 4.3.1 Cannot write the message: {error.strerror}"
        return "250 2.0.0 Delivered"

    def deliver(self, sender: str, recipient: str, content: bytes) -> Path:
        """Writes one message with the envelope on top (RFC 5321, section 4.4) and returns its file."""
        maildir = self._maildir(recipient)
        name = f"{time.time():.6f}.{os.getpid()}_{next(self._numbers)}.inbox"
        envelope = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n"
        written = maildir / "tmp" / name
        written.write_bytes(envelope.encode() + content)
        return written.rename(maildir / "new" / name)

    def _maildir(self, recipient: str) -> Path:
        maildir = self._directory / directory_name(recipient)
        # The set spares three mkdirs a message; someone may still have emptied the inbox meanwhile.
        if maildir not in self._made or not (maildir / "tmp").is_dir():
            for part in ("tmp", "new", "cur"):
                (maildir / part).mkdir(parents=True, exist_ok=True)
            self._made.add(maildir)
        return maildir


def directory_name(address: str) -> str:
    """The name of an address's Maildir: itself in lower case, with everything that a path could mean as %XX.

    Letters of all alphabets stay. A name never starts with a full stop, so neither `..` nor a hidden directory can be
    asked for; very long ones end in a digest instead.
    """
    text = unicodedata.normalize("NFC", address).lower()
    plain = "".join(letter if letter.isalnum() or letter in _PLAIN else _percent(letter) for letter in text)
    name = f"{_percent('.')}{plain[1:]}" if plain.startswith(".") else plain or "nobody"
    encoded = name.encode()
    if len(encoded) <= _NAME_BYTES:
        return name
    return encoded[:_NAME_BYTES].decode(errors="ignore") + "-" + hashlib.sha256(encoded).hexdigest()[:12]


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode(errors="surrogateescape"))


async def serve(host: str, port: int, directory: Path) -> None:
    """Serves until SIGTERM or SIGINT; raises OSError when the port is taken."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for last in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(last, stop.set)
    handler, name = Maildirs(directory), identity(directory)

    def connection() -> SMTP:
        return SMTP(handler, hostname="localhost", ident=name, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(connection, host, port)
    await stop.wait()
    server.close()


def main() -> None:
    """Reads the arguments and serves."""
    parser = argparse.ArgumentParser(prog="python -m mailer.local.inbox", description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, required=True)
    asked = parser.parse_args()
    try:
        asyncio.run(serve(asked.host, asked.port, asked.directory))
    except OSError as error:
        parser.exit(1, f"The inbox cannot listen on {asked.host}:{asked.port}: {error.strerror}.\n")


if __name__ == "__main__":
    main()
