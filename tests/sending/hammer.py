"""A process that asks for permits as fast as it can, as a worker would, for tests of limits across processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

from mailer.local.paths import PACKAGE_PARENT


def hammer(url: str, limits: dict[str, float], relay: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Ask for so long, once told to begin, and without believing in waits.

    Returns how many messages went to each domain, and when it began and ended (on this machine's monotonic clock).
    """
    from mailer.sending.fellows import Fellows
    from mailer.sending.pace import Pace
    from mailer.sending.relays import Relay
    from mailer.sending.shared import Shared

    shared = Shared(url)
    pace, relays = Pace(shared, Fellows(shared), limits), [Relay("127.0.0.1", 25, name="main", **relay)]
    domains = ["gmail.com", "a.no", "b.no", "c.no"] * 5
    pace.acquire([], relays)
    print("ready", flush=True)  # noqa: T201  # read by `Hammers`
    sys.stdin.readline()
    begin = time.monotonic()
    went: Counter[str] = Counter()
    while time.monotonic() < begin + seconds:
        permits = pace.acquire(domains, relays)
        went.update(domain for domain, permit in zip(domains, permits, strict=True) if permit.relay)
        time.sleep(0.005)
    return {"went": went, "begin": begin, "end": time.monotonic()}


class Hammers:
    """Several of them at once, in processes of their own, which begin together."""

    def __init__(self, count: int, url: str, *, seconds: float, limits=None, **relay) -> None:
        command = [sys.executable, "-m", "tests.sending.hammer", json.dumps([url, limits or {}, relay, seconds])]
        self._running = [
            subprocess.Popen(command, cwd=PACKAGE_PARENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(count)
        ]
        for each in self._running:
            assert each.stdout is not None
            assert each.stdout.readline() == "ready\n"
        self.begin = time.monotonic()
        for each in self._running:
            assert each.stdin is not None
            each.stdin.write("go\n")
            each.stdin.flush()

    def at(self, seconds: float) -> None:
        """Wait until so many seconds after they began."""
        time.sleep(max(self.begin + seconds - time.monotonic(), 0))

    def went(self) -> Counter[str]:
        """Wait until they are done, and add up; `span` is then how many seconds they took together."""
        answers = [json.loads(each.communicate(timeout=60)[0]) for each in self._running]
        self.span: float = max(answer["end"] for answer in answers) - min(answer["begin"] for answer in answers)
        return sum((Counter(answer["went"]) for answer in answers), Counter())


if __name__ == "__main__":
    print(json.dumps(hammer(*json.loads(sys.argv[1]))))  # noqa: T201  # read by `Hammers`
