"""Tries the links of an issue: is there a page? Never at an address of our own network, and never for long."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from urllib.parse import quote, urljoin, urlsplit

from mailer.checking.addresses import IPAddress, is_public, resolve

MOST_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
# Refused for HEAD alone by servers that answer GET.
_TRY_GET = {400, 403, 404, 405, 406, 410, 429, 500, 501, 503}
_GONE = {404, 410}
_SAFE = "%/:?#[]@!$&'()*+,;=-._~"
_HEADERS = {"User-Agent": "Ukebrev link check", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of trying a link: `code` is that of the finding, empty when there is a page; `what` is a status or a reason."""

    code: str = ""
    what: str = ""

    @property
    def is_fine(self) -> bool:
        """Whether there is a page."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Manners:
    """How links are tried. Times are in seconds; `total` holds for all links together.

    `resolve` and `is_allowed` are there for tests, which have their servers on loopback.
    """

    timeout: float = 5.0
    total: float = 30.0
    workers: int = 8
    most_links: int = 200
    resolve: Callable[[str, int], list[IPAddress]] = resolve
    is_allowed: Callable[[IPAddress], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)


class _Refused(Exception):  # noqa: N818  # a state, not an error
    """The address is not one that we go to."""


def reach(links: Iterable[str], manners: Manners | None = None) -> Mapping[str, Answer]:
    """What came of trying each http or https link, once each, several at a time.

    A link that has no answer when the time is over counts as unreachable. Links beyond `most_links` are not tried.
    """
    manners = manners or Manners()
    wanted = [link for link in dict.fromkeys(links) if _scheme(link) in {"http", "https"}][: manners.most_links]
    waiting: SimpleQueue[tuple[str, Future[Answer]]] = SimpleQueue()
    futures: dict[str, Future[Answer]] = {link: Future() for link in wanted}
    for item in futures.items():
        waiting.put(item)
    deadline = time.monotonic() + manners.total
    for _ in range(min(manners.workers, len(wanted))):
        # Daemons: one that hangs in the name service, which knows no time-out, must not keep the process.
        threading.Thread(target=_work, args=(waiting, manners, deadline), daemon=True).start()
    wait(futures.values(), timeout=manners.total)
    late = Answer("link-unreachable", "time-out")
    return {link: future.result() if future.done() else late for link, future in futures.items()}


def _work(waiting: SimpleQueue[tuple[str, Future[Answer]]], manners: Manners, deadline: float) -> None:
    while time.monotonic() < deadline:
        try:
            link, future = waiting.get_nowait()
        except Empty:
            return
        try:
            future.set_result(try_link(link, manners))
        except Exception as problem:  # noqa: BLE001  # whatever a stranger's server does, the others are still tried
            future.set_result(Answer("link-unreachable", type(problem).__name__))


def try_link(link: str, manners: Manners) -> Answer:
    """What comes of one link, its redirects followed; each of them is resolved and judged anew."""
    try:
        return _follow(link, manners)
    except _Refused:
        return Answer("link-private", "")
    except socket.gaierror:
        return Answer("link-dead", "DNS")
    except TimeoutError:
        return Answer("link-unreachable", "time-out")
    except ssl.SSLError as problem:
        return Answer("link-unreachable", f"TLS: {getattr(problem, 'verify_message', '') or problem.reason or 'error'}")
    except (OSError, http.client.HTTPException, ValueError) as problem:
        return Answer("link-unreachable", getattr(problem, "strerror", "") or type(problem).__name__)


def _follow(link: str, manners: Manners) -> Answer:
    for _ in range(MOST_REDIRECTS + 1):
        status, location = _ask(link, "HEAD", manners)
        if status in _TRY_GET:
            status, location = _ask(link, "GET", manners)
        if status not in _REDIRECTS or not location:
            return _judged(status)
        link = urljoin(link, location)
        if _scheme(link) not in {"http", "https"}:
            return Answer("link-unreachable", f"{status}: {_scheme(link)}")
    return Answer("link-unreachable", f"> {MOST_REDIRECTS} × 3xx")


def _judged(status: int) -> Answer:
    if status in _GONE:
        return Answer("link-dead", str(status))
    # Some pages ask who we are, or keep machines out: a reader's browser may well get in.
    return Answer() if status < 400 or status in {401, 403, 429} else Answer("link-unreachable", str(status))  # noqa: PLR2004  # HTTP


def _ask(link: str, method: str, manners: Manners) -> tuple[int, str]:
    """The status of one request and where it redirects to."""
    parts = urlsplit(link)
    host = (parts.hostname or "").encode("idna").decode("ascii") if parts.hostname else ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _resolved(host, port, manners)
    connection = _Pinned(host, port, address, manners, is_encrypted=parts.scheme == "https")
    try:
        target = quote(parts.path or "/", safe=_SAFE) + (f"?{quote(parts.query, safe=_SAFE)}" if parts.query else "")
        connection.request(method, target, headers=_HEADERS)
        response = connection.getresponse()
        return response.status, response.getheader("Location", "") or ""
    finally:
        connection.close()


def _resolved(host: str, port: int, manners: Manners) -> IPAddress:
    """The one address that is connected to. A name with any address that we don't go to is refused altogether."""
    if not host:
        raise ValueError("no host")
    try:
        found = [ipaddress.ip_address(host)]
    except ValueError:
        found = manners.resolve(host, port)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    if not all(manners.is_allowed(address) for address in found):
        raise _Refused
    return found[0]


class _Pinned(http.client.HTTPConnection):
    """Connects to an address that was judged, whatever the name says a moment later (DNS rebinding)."""

    def __init__(self, host: str, port: int, address: IPAddress, manners: Manners, *, is_encrypted: bool) -> None:
        super().__init__(host, port, timeout=manners.timeout)
        self._address, self._tls = address, manners.tls if is_encrypted else None

    def connect(self) -> None:
        """Open the socket to the judged address; the certificate must be the name's."""
        plain = socket.create_connection((str(self._address), self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host) if self._tls else plain


def _scheme(link: str) -> str:
    try:
        return urlsplit(link).scheme.lower()
    except ValueError:
        return ""
