"""The mail servers that take our mail onward, as one setting names them, each with its limits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, partial
from typing import Any, Literal
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.conf import settings

Security = Literal["none", "starttls", "tls"]
Protocol = Literal["smtp", "lmtp"]

_SCHEMES: dict[str, tuple[Protocol, Security, int]] = {
    "smtp": ("smtp", "none", 25),
    "smtp+starttls": ("smtp", "starttls", 587),
    "smtps": ("smtp", "tls", 465),
    # RFC 2033 leaves the port open but for 25, which it forbids; 24 is "any private mail system" and the custom.
    "lmtp": ("lmtp", "none", 24),
}
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,60}")
_MOST_RELAYS = 100
_ESCAPED = "signs with a meaning in addresses are written with percent signs: @ is %40, / is %2F, ? is %3F, # is %23"


class RelayError(ValueError):
    """SMTP_URL can't be understood. The message is a sentence for people, without the secret."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Where and how to hand over mail, and how much of it. `timeout` is in seconds, for each phase but the final dot.

    A relay on a Unix socket has the socket's path as `host`, and no port. `connections` is how many may be open at once from all
    workers of all machines, `per_connection` how many messages go over one before it is opened anew. `per_second` and `per_hour`
    are limits in messages, None for no limit; `warm_up` is the first day of a warm-up plan (`warm_up.py`).
    """

    host: str
    port: int
    security: Security = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 60.0
    # Whether `password` is an OAuth 2 access token, as Microsoft 365 and Google ask for.
    oauth: bool = False
    # A file that holds the token instead, read anew at each sign-in: tokens run out after an hour or so.
    token_file: str = ""
    protocol: Protocol = "smtp"
    # Empty: host and port.
    name: str = ""
    weight: int = 1
    connections: int = 8
    per_second: float | None = None
    per_hour: int | None = None
    per_connection: int = 500
    warm_up: date | None = None

    def __post_init__(self) -> None:
        if not self.name:
            object.__setattr__(self, "name", self.address)

    def __hash__(self) -> int:
        # Names are unique, and relays are looked up for each message.
        return hash(self.name)

    def __str__(self) -> str:
        return self.address if self.name == self.address else f"{self.name} ({self.address})"

    @property
    def address(self) -> str:
        """Host and port, or the path of a Unix socket."""
        if self.socket_path:
            return self.socket_path
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def limits(self) -> list[str]:
        """Its limits in words, for people."""
        words = [f"at most {self.connections} connections", f"{self.per_connection} messages over each"]
        if self.per_second is not None:
            words.append(f"{self.per_second:g} a second")
        if self.per_hour is not None:
            words.append(f"{self.per_hour} an hour")
        if self.warm_up is not None:
            words.append(f"warm-up since {self.warm_up}")
        return words

    @property
    def socket_path(self) -> str:
        """The path of the relay's Unix socket; empty for one that is reached by TCP."""
        return self.host if self.host.startswith("/") else ""


def configured_relays() -> tuple[Relay, ...]:
    """Return the relays of the settings, at least one. Raises RelayError."""
    return relays_from_text(settings.SMTP_URL)


def configured_relay() -> Relay:
    """Return the first relay of the settings. Raises RelayError."""
    return configured_relays()[0]


@lru_cache(maxsize=8)
def relays_from_text(text: str) -> tuple[Relay, ...]:
    """Read the addresses of one or more relays, with white space between them. Raises RelayError."""
    urls = text.split()
    if not 1 <= len(urls) <= _MOST_RELAYS:
        raise RelayError(f"SMTP_URL: names {len(urls)} relays; from 1 to {_MOST_RELAYS} are possible.")
    relays = tuple(
        _read(url, f"relay {number} of {len(urls)} " if len(urls) > 1 else "")
        for number, url in enumerate(urls, start=1)
    )
    seen: set[str] = set()
    for relay in relays:
        if relay.name in seen:
            raise RelayError(f"SMTP_URL: two relays are called {relay.name}; give one of them a name: ?name=second.")
        seen.add(relay.name)
    return relays


def relay_from_url(url: str) -> Relay:
    """Read one address: `smtp`, `smtp+starttls`, `smtps` or `lmtp`, then `://[user:secret@]host[:port][?option=value&...]`.

    The options are `name`, `weight`, `connections`, `per_second`, `per_hour`, `per_connection`, `warm_up` (a date), `timeout` (seconds)
    `auth=xoauth2` and `token_file` (a path). A Unix socket is `lmtp:///path`. Raises RelayError.
    """
    return _read(url, "")


def _read(url: str, which: str) -> Relay:
    # Nothing of the address itself is repeated in an error: one misplaced sign makes parts of a secret look like anything.
    wrong = partial(_wrong, which)
    try:
        parts = urlsplit(url)
        given_port = parts.port
    except ValueError:
        raise wrong(f"has a port that is no number from 1 to 65535, or a secret to be escaped: {_ESCAPED}.") from None
    if parts.scheme not in _SCHEMES:
        raise wrong(f"begins with none of {', '.join(f'{scheme}://' for scheme in _SCHEMES)}.")
    protocol, security, port = _SCHEMES[parts.scheme]
    options = _options(parts.query, wrong)
    if options.get("token_file") and (not options.get("oauth") or parts.password or not parts.username):
        raise wrong("has a token_file, which goes with auth=xoauth2 and a name, and with no secret in the address.")
    return Relay(
        host=_host(parts, wrong),
        port=0 if not parts.hostname else port if given_port is None else _port(given_port, wrong),
        security=security,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        protocol=protocol,
        **options,
    )


def _wrong(which: str, what: str) -> RelayError:
    return RelayError(f"SMTP_URL: {which}{what}")


def _port(port: int, wrong: Callable[[str], RelayError]) -> int:
    if port == 0:
        raise wrong("has the port 0; one from 1 to 65535 is wanted.")
    return port


def _host(parts: SplitResult, wrong: Callable[[str], RelayError]) -> str:
    if parts.fragment or (parts.hostname and parts.path not in {"", "/"}):
        raise wrong(f"has something after the host and port that does not belong there; {_ESCAPED}.")
    if parts.hostname:
        return parts.hostname
    if parts.scheme == "lmtp" and parts.path.startswith("/") and len(parts.path) > 1 and not parts.netloc:
        return unquote(parts.path)
    raise wrong("names no host.")


def _options(query: str, wrong: Callable[[str], RelayError]) -> Mapping[str, Any]:
    read: dict[str, Any] = {}
    for option, value in parse_qsl(query, keep_blank_values=True):
        if option not in _OPTIONS:
            raise wrong(f"has an option that is none of {', '.join(_OPTIONS)}; {_ESCAPED}.")
        known = _OPTIONS[option]
        try:
            read[known.field] = known.parse(value.strip())
        except ValueError:
            raise wrong(f"has an option {option} that is not {known.expected}.") from None
    return read


@dataclass(frozen=True, slots=True)
class _Option:
    """How an option of an address becomes a field; `parse` raises ValueError for what is not as `expected`."""

    field: str
    expected: str
    parse: Callable[[str], Any]


def _whole(low: int, high: int, value: str) -> int:
    number = int(value)
    if not low <= number <= high:
        raise ValueError
    return number


def _decimal(low: float, high: float, value: str) -> float:
    number = float(value)
    if math.isnan(number) or not low <= number <= high:
        raise ValueError
    return number


def _name(value: str) -> str:
    if _NAME.fullmatch(value) is None:
        raise ValueError
    return value


def _path(value: str) -> str:
    if not value.startswith("/"):
        raise ValueError
    return value


def _is_oauth(value: str) -> bool:
    if value.lower() != "xoauth2":
        raise ValueError
    return True


def _numbers(name: str, low: int, high: int) -> _Option:
    return _Option(name, f"a whole number from {low} to {high}", partial(_whole, low, high))


_OPTIONS = {
    "name": _Option("name", "a name of at most 60 letters a-z, digits and . _ : -", _name),
    "weight": _numbers("weight", 1, 1000),
    "connections": _numbers("connections", 1, 10_000),
    "per_second": _Option("per_second", "a number of messages from 0.01 to 100000", partial(_decimal, 0.01, 100_000.0)),
    "per_hour": _numbers("per_hour", 1, 100_000_000),
    "per_connection": _numbers("per_connection", 1, 1_000_000),
    "warm_up": _Option("warm_up", "a date like 2026-11-23", date.fromisoformat),
    "timeout": _Option("timeout", "a number of seconds from 0.1 to 600", partial(_decimal, 0.1, 600.0)),
    "auth": _Option("oauth", "xoauth2", _is_oauth),
    "token_file": _Option("token_file", "a path that begins with /", _path),
}
