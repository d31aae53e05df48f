"""The seam to the wire: hand one message to a relay, get its reply. Nothing here knows of campaigns or the database."""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from mailer.sending.relays import Relay

# RFC 5321, 4.5.3.2.6: ten minutes for the reply to the final dot, or the relay may have the message while we believe that it has not.
DATA_DONE_TIMEOUT = 600.0

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
# What Postfix, Exim, Exchange and Sendmail say after accepting; each service has words of its own, so this is the best that can be done.
_QUEUE_ID = re.compile(
    r"(?:queued as|id=|Message accepted for delivery|queued mail for delivery)[ :<]*([A-Za-z0-9.\-_]+)?", re.IGNORECASE
)


class RelayUnavailable(Exception):  # noqa: N818  # it says what is so
    """No reply that concerns a message: the relay can't be reached, refuses us, or broke off. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the relay said to `command` (RFC 5321, 4.2): code, enhanced code if any (RFC 3463), text."""

    command: str
    code: int
    text: str

    @property
    def is_positive(self) -> bool:
        """Whether the command was done (RFC 5321, 4.2.1: 2yz)."""
        return 200 <= self.code < 300  # noqa: PLR2004  # the RFC's own numbers

    @property
    def enhanced_code(self) -> str:
        """The enhanced status code, or an empty string."""
        found = _ENHANCED.search(self.text)
        return found.group(1) if found else ""

    @property
    def queue_id(self) -> str:
        """The relay's own name for the message, or an empty string when it told none that we know how to read."""
        found = _QUEUE_ID.search(self.text)
        return (found.group(1) or "") if found else ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the relay is told, as opposed to what stands in the headers (RFC 5321, 2.3.1)."""

    sender: str
    recipient: str


class Connection:
    """One connection to a relay. Opens on entering; raises RelayUnavailable when the relay can't be used at all."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        try:
            self._smtp = self._open()
        except (OSError, smtplib.SMTPException) as problem:
            raise RelayUnavailable(f"The relay {self._relay} can't be used: {_words(problem)}") from problem
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._smtp is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
            self._smtp.close()

    def _open(self) -> smtplib.SMTP:
        relay = self._relay
        smtp: smtplib.SMTP
        if relay.security == "tls":
            smtp = smtplib.SMTP_SSL(relay.host, relay.port, timeout=relay.timeout, context=ssl.create_default_context())
        else:
            smtp = smtplib.SMTP(relay.host, relay.port, timeout=relay.timeout)
        try:
            smtp.ehlo_or_helo_if_needed()
            if relay.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if relay.user:
                smtp.login(relay.user, relay.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def deliver(self, envelope: Envelope, message: bytes) -> Reply:
        """Hand over one message and return the reply that decides about it: the first that refuses, or the one after the final dot.

        Raises RelayUnavailable when the connection breaks or the relay says 421: then nothing is known about the message, and the
        connection is no longer of use.
        """
        smtp = self._smtp
        if smtp is None:
            raise RelayUnavailable("The connection is not open.")
        try:
            reply = self._transaction(smtp, envelope, message)
        except (OSError, smtplib.SMTPException) as problem:
            raise RelayUnavailable(f"The relay {self._relay} broke off: {_words(problem)}") from problem
        if reply.code == 421:  # noqa: PLR2004  # RFC 5321, 3.8: the relay closes the connection; it is no word about this message
            raise RelayUnavailable(f"The relay {self._relay} closed the connection: {reply.text}")
        return reply

    def _transaction(self, smtp: smtplib.SMTP, envelope: Envelope, message: bytes) -> Reply:
        size = [f"size={len(message)}"] if smtp.has_extn("size") else []
        reply = _reply("MAIL", *smtp.mail(envelope.sender, size))
        if reply.is_positive:
            reply = _reply("RCPT", *smtp.rcpt(envelope.recipient))
        if not reply.is_positive:
            smtp.rset()
            return reply
        if smtp.sock is not None:
            smtp.sock.settimeout(DATA_DONE_TIMEOUT)
        try:
            return _reply("DATA", *smtp.data(message))
        except smtplib.SMTPDataError as refused:
            return _reply("DATA", refused.smtp_code, refused.smtp_error)
        finally:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._relay.timeout)


def probe(relay: Relay) -> None:
    """Raise RelayUnavailable, with a sentence for people, if the relay can't be used now."""
    with Connection(relay):
        pass


def _reply(command: str, code: int, text: bytes | str) -> Reply:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return Reply(command=command, code=code, text=" ".join(words.split())[:500])


def _words(problem: Exception) -> str:
    if isinstance(problem, smtplib.SMTPResponseException):
        return _reply("", problem.smtp_code, problem.smtp_error).text or f"code {problem.smtp_code}"
    return str(problem) or type(problem).__name__
