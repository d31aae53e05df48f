"""Signing in to a relay (RFC 4954): PLAIN, LOGIN, and XOAUTH2 as Google and Microsoft 365 ask for it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from mailer.sending.relays import Relay
from mailer.sending.wire import RelayUnavailable, Reply, Wire

# In order of liking. LOGIN is no standard, but some servers offer nothing else.
MECHANISMS = ("XOAUTH2", "PLAIN", "LOGIN")
# RFC 6750, 2.1: what a bearer token is made of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def sign_in(wire: Wire, relay: Relay, offered: frozenset[str]) -> Reply:
    """Sign in by the best mechanism that both sides have, and return the last reply: 235 when it went well.

    A relay that offers no mechanism of ours gives code 504 in our own words. Raises RelayUnavailable when there is no token to show.
    """
    user, secret, oauth, timeout = relay.user, relay.password, relay.oauth, relay.timeout
    if relay.token_file:
        secret = _token(relay)
    mechanism = next((name for name in MECHANISMS if name in offered and (name == "XOAUTH2") == oauth), None)
    if mechanism is None:
        return Reply("AUTH", 504, f"it offers {', '.join(sorted(offered)) or 'no way to sign in'}")
    if mechanism == "LOGIN":
        return _login(wire, user, secret, timeout)
    first = f"user={user}\x01auth=Bearer {secret}\x01\x01" if oauth else f"\0{user}\0{secret}"
    wire.write(f"AUTH {mechanism} {_base64(first)}\r\n".encode())
    reply = wire.read_reply("AUTH", timeout=timeout)
    if reply.code == 334:  # noqa: PLR2004  # RFC 4954, 4: the server asks for more; for XOAUTH2 that is its error, ended by an empty line
        wire.write(b"\r\n")
        reply = wire.read_reply("AUTH", timeout=timeout)
    return reply


def _token(relay: Relay) -> str:
    """Return the token that the relay's file holds at this moment: somebody else writes a new one before it runs out."""
    try:
        token = Path(relay.token_file).read_text(encoding="ascii").strip()
    except OSError as problem:
        raise _no_token(relay, f"{problem.strerror}.") from problem
    except UnicodeDecodeError as problem:
        raise _no_token(relay, "it is no text in ASCII.") from problem
    if not _TOKEN.fullmatch(token):
        raise _no_token(relay, "it holds no token, or more than one." if token else "it is empty.")
    return token


def _no_token(relay: Relay, why: str) -> RelayUnavailable:
    return RelayUnavailable(f"The relay {relay} can't be used: there is no token for it in {relay.token_file}: {why}")


def _login(wire: Wire, user: str, secret: str, timeout: float) -> Reply:
    wire.write(b"AUTH LOGIN\r\n")
    reply = wire.read_reply("AUTH", timeout=timeout)
    for answer in (user, secret):
        if reply.code != 334:  # noqa: PLR2004  # RFC 4954, 4: go on
            return reply
        wire.write(f"{_base64(answer)}\r\n".encode())
        reply = wire.read_reply("AUTH", timeout=timeout)
    return reply


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
