"""How many people one process on one core takes in and lets go a second: gunicorn with one worker, a real PostgreSQL and Redis.

Most at once is measured with as many connections as there is work for; the time of an answer with a steady stream of requests that
does not wait for the answers, as readers don't.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

PEOPLE = 6000
CONNECTIONS = 8
STEADY_RPS = 300
STEADY_SECONDS = 10
_HOST = "127.0.0.1"


def measure() -> dict[str, float]:
    """Return the figures of the public pages. Starts and stops the servers that it needs, and leaves nothing."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        Path(place).chmod(0o711)
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            os.environ.pop(name, None)
        os.environ |= {"UKEBREV_VAR": str(Path(place) / "var"), "LOG_LEVEL": "WARNING"}
        from mailer.cli.starting import house

        with house(queue=True):
            # Each figure has requests of its own: whoever has left does no work when they leave again.
            signups, steady_signups = _signups(0, PEOPLE), _signups(PEOPLE, STEADY_RPS * STEADY_SECONDS)
            people = _subscribers(PEOPLE + STEADY_RPS * STEADY_SECONDS)
            leaving, steady_leaving = people[:PEOPLE], people[PEOPLE:]
            with _web() as port:
                return {
                    "signup_rps": round(asyncio.run(_most(port, signups, b"303")), 0),
                    "signup_p99_ms": round(asyncio.run(_steady(port, steady_signups, b"303")), 1),
                    "oneclick_rps": round(asyncio.run(_most(port, leaving, b"200")), 0),
                    "oneclick_p99_ms": round(asyncio.run(_steady(port, steady_leaving, b"200")), 1),
                }


def _signups(first: int, count: int) -> list[bytes]:
    bodies = (f"address=reader{number}%40example.com&language=nb" for number in range(first, first + count))
    return [_request("/signup", body.encode()) for body in bodies]


def _subscribers(count: int) -> list[bytes]:
    from subscribers.models import Subscriber
    from subscribers.suppression import address_hash
    from subscribers.tokens import Holder, make_token

    addresses = [f"leaver{number}@example.org" for number in range(count)]
    people = Subscriber.objects.bulk_create(
        Subscriber(address=a, address_key=a, address_hash=address_hash(a), status="active") for a in addresses
    )
    tokens = (make_token("unsubscribe", Holder(person.pk)) for person in people)
    return [_request(f"/u/{token}", b"List-Unsubscribe=One-Click") for token in tokens]


def _request(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@contextlib.contextmanager
def _web() -> Iterator[int]:
    """Run the web site in one worker on one core, and give its port."""
    with socket.create_server((_HOST, 0)) as free:
        port: int = free.getsockname()[1]
    core = min(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    command = [sys.executable, "-m", "gunicorn", "mailer.wsgi", "--bind", f"{_HOST}:{port}", "--workers", "1"]
    web = subprocess.Popen(
        [*command, "--threads", "4", "--no-control-socket", "--keep-alive", "30", "--log-level", "warning"],
        env={**os.environ, **_servers(), "DJANGO_SETTINGS_MODULE": "bench.public_settings"},
    )
    if core is not None:
        os.sched_setaffinity(web.pid, {core})
    try:
        _wait_for(port)
        yield port
    finally:
        web.terminate()
        web.wait()


def _servers() -> dict[str, str]:
    from django.conf import settings

    database = settings.DATABASES["default"]
    url = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(str(database['HOST']), safe='')}"
    keys = {"SECRET_KEY": settings.SECRET_KEY, "SUPPRESSION_KEY": settings.SUPPRESSION_KEY}
    return {**keys, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL, "MAIL_FROM": settings.MAIL_FROM}


def _wait_for(port: int, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((_HOST, port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("The web site did not start.")


class _Line:
    """One connection that asks for one thing after the other."""

    def __init__(self, port: int, wanted: bytes) -> None:
        self._port, self._wanted = port, wanted
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> None:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(_HOST, self._port)
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        if head[9:12] != self._wanted:
            raise RuntimeError(f"The answer was {head[:120]!r}: the figure would mean nothing.")
        fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
        await self._reader.readexactly(int(fields.get(b"content-length", b"0")))
        if fields.get(b"connection") == b"close":
            self._writer.close()
            self._reader = self._writer = None


async def _most(port: int, requests: Sequence[bytes], wanted: bytes) -> float:
    """Return how many requests a second are answered when some connections ask without a pause. The first tenth warms up."""
    warm_up, rest = requests[: len(requests) // 10], requests[len(requests) // 10 :]
    await _all(port, warm_up, wanted)
    began = time.perf_counter()
    await _all(port, rest, wanted)
    return len(rest) / (time.perf_counter() - began)


async def _all(port: int, requests: Sequence[bytes], wanted: bytes) -> None:
    waiting = iter(requests)

    async def work() -> None:
        line = _Line(port, wanted)
        for request in waiting:
            await line.ask(request)

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


async def _steady(port: int, requests: Sequence[bytes], wanted: bytes) -> float:
    """Return the 99th percentile, in ms, of the time from when a request was due until its answer, at STEADY_RPS."""
    free: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(64):
        free.put_nowait(_Line(port, wanted))
    taken: list[float] = []
    began = time.perf_counter()

    async def one(request: bytes, due: float) -> None:
        line = await free.get()
        await line.ask(request)
        taken.append(time.perf_counter() - due)
        free.put_nowait(line)

    tasks = []
    for number, request in enumerate(requests):
        due = began + number / STEADY_RPS
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(request, due)))
    await asyncio.gather(*tasks)
    return statistics.quantiles(taken, n=100)[98] * 1000
