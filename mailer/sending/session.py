"""How a connection to a relay begins: the stream, TLS, the greeting, the extensions, signing in."""

from __future__ import annotations

import socket
import ssl
from functools import lru_cache

from mailer.sending.envelope import Extensions
from mailer.sending.relays import Relay
from mailer.sending.sasl import sign_in
from mailer.sending.troubles import words_of
from mailer.sending.wire import RelayUnavailable, Reply, Wire


def open_session(relay: Relay, trust: ssl.SSLContext | None = None) -> tuple[Wire, Extensions]:
    """Connect, secure the line and sign in, as the relay's settings ask. Raises RelayUnavailable.

    `trust` is whom we believe about certificates, the machine's authorities if it is None. A host that begins with / is the path of
    a Unix socket.
    """
    wire = Wire(_connect(relay), str(relay), timeout=relay.timeout)
    try:
        return wire, _begin(wire, relay, trust)
    except BaseException:
        wire.close()
        raise


def _connect(relay: Relay) -> socket.socket:
    try:
        if relay.socket_path:
            return _connect_here(relay)
        stream = socket.create_connection((relay.host, relay.port), timeout=relay.timeout)
    except (OSError, UnicodeError) as problem:
        raise RelayUnavailable(f"The relay {relay} can't be used: {words_of(problem)}") from problem
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return stream


def _connect_here(relay: Relay) -> socket.socket:
    stream = socket.socket(socket.AF_UNIX)
    try:
        stream.settimeout(relay.timeout)
        stream.connect(relay.socket_path)
    except BaseException:
        stream.close()
        raise
    return stream


def _begin(wire: Wire, relay: Relay, trust: ssl.SSLContext | None) -> Extensions:
    if relay.security == "tls":
        wire.start_tls(trust or _authorities(), relay.host)
    _expect(relay, wire.read_reply("the connection", timeout=relay.timeout))
    extensions = _say_hello(wire, relay)
    if relay.security == "starttls":
        if not extensions.has_starttls:
            raise RelayUnavailable(f"The relay {relay} has no STARTTLS, and its settings ask for it. Nothing was sent.")
        wire.write(b"STARTTLS\r\n")
        _expect(relay, wire.read_reply("STARTTLS", timeout=relay.timeout))
        wire.start_tls(trust or _authorities(), relay.host)
        # RFC 3207, 4.2: what was said before TLS is forgotten.
        extensions = _say_hello(wire, relay)
    if relay.user:
        _sign_in(wire, relay, extensions)
    if not wire.is_quiet:
        raise RelayUnavailable(f"The relay {relay} answers more than it was asked.", last_words=wire.last_reply)
    return extensions


def _say_hello(wire: Wire, relay: Relay) -> Extensions:
    hello = "LHLO" if relay.protocol == "lmtp" else "EHLO"
    reply = _ask(wire, relay, hello)
    if not reply.is_positive and hello == "EHLO":
        # RFC 5321, 3.2: a server that knows no EHLO has no extensions.
        _expect(relay, _ask(wire, relay, "HELO"))
        return Extensions({})
    _expect(relay, reply)
    words = (line.upper().partition(" ") for line in reply.lines[1:])
    return Extensions({keyword: rest for keyword, _, rest in words})


def _ask(wire: Wire, relay: Relay, command: str) -> Reply:
    wire.write(f"{command} {_own_name()}\r\n".encode("ascii", "replace"))
    return wire.read_reply(command, timeout=relay.timeout)


def _sign_in(wire: Wire, relay: Relay, extensions: Extensions) -> None:
    reply = sign_in(wire, relay, extensions.mechanisms)
    if not reply.is_positive:
        raise RelayUnavailable(
            f"The relay {relay} does not let {relay.user} in: {reply.text or reply.code}. {_what_to_look_at(relay)}",
            last_words=reply,
        )


def _what_to_look_at(relay: Relay) -> str:
    if relay.token_file:
        return f"Does whatever writes new tokens into {relay.token_file} still do so?"
    if relay.oauth:
        return "Its access token may have run out; a token_file can be kept fresh (docs/settings.md)."
    return "Look at the name and secret in its settings."


def _expect(relay: Relay, reply: Reply) -> None:
    if not reply.is_positive:
        raise RelayUnavailable(
            f"The relay {relay} can't be used: it answers {reply.code} {reply.text}", last_words=reply
        )


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    # Once a process: reading the machine's authorities takes many milliseconds.
    return ssl.create_default_context()


@lru_cache(maxsize=1)
def _own_name() -> str:
    # Once a process: a machine whose names nobody resolves takes seconds to find that out.
    return socket.getfqdn() or "localhost"
