"""The processes of `ukebrev up`: the web server, a worker and the clock, under honcho, until one ends or Ctrl-C.

They need the servers of `services.py`, which the caller starts around them. All of them end when this one ends, in
order or, on Linux, by `kill -9` too.
"""

import contextlib
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import honcho.manager
from honcho.compat import ProcessManager
from honcho.manager import SIGNALS, Manager
from honcho.process import Process

from mailer.environment import Environment
from mailer.local.locks import Lock
from mailer.local.mortal import die_with_parent
from mailer.local.paths import PACKAGE_PARENT, Var, var
from mailer.local.problems import LocalProblem

_HOST = "127.0.0.1"
_KILL_SECONDS = 12


def commands(port: int, log_level: str) -> dict[str, list[str]]:
    """The arguments of each process, after the Python that runs it."""
    celery = ["celery", "--app", "mailer.celery", "--quiet"]
    return {
        "web": ["gunicorn", "mailer.wsgi", "--bind", f"{_HOST}:{port}", "--threads", "4", "--no-control-socket"],
        "worker": [*celery, "worker", "--loglevel", log_level, "--hostname", "worker@%h", "--without-mingle"],
        "beat": [*celery, "beat", "--loglevel", log_level, "--pidfile="],
    }


def up(tell: Callable[[str], None] = print) -> int:
    """Runs the processes until SIGINT, SIGTERM or the end of one of them.

    Returns:
        0 after a signal, 1 when a process ended by itself.

    Raises:
        LocalProblem: they run already in this var directory, or the port is taken.
        EnvironmentProblem: PORT or LOG_LEVEL can't be understood.

    """
    environment, place = Environment(), var()
    port = environment.integer("PORT", 8000, low=1, high=65535)
    level = environment.text("LOG_LEVEL", "INFO").upper()
    site = environment.url("SITE_URL", f"http://localhost:{port}")
    environment.check()
    alone = _alone(place)
    try:
        require_free(port)
        manager = _MortalManager()
        for name, arguments in commands(port, level).items():
            line = shlex.join([sys.executable, "-m", "mailer.local.mortal", sys.executable, "-m", *arguments])
            manager.add_process(name, f"exec {line}", env=_surroundings(), cwd=str(PACKAGE_PARENT))
        tell(f"Ukebrev is starting on {site} (listening on {_HOST}:{port}). Ctrl-C stops it.")
        manager.loop()
    finally:
        alone.close()
    stopped_by_signal = manager.returncode in {known["rc"] for known in SIGNALS.values()}
    return 0 if stopped_by_signal else 1


def require_free(port: int) -> None:
    """Raises LocalProblem when nobody may listen on this port of this machine, or somebody does."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except PermissionError as error:
            raise LocalProblem(f"Port {port} is for root only. Choose another one: PORT=8000 make run") from error
        except OSError as error:
            raise LocalProblem(
                f"Port {port} is taken by another program. Stop that one, or choose another port: "
                f"PORT={port % 65535 + 1} make run"
            ) from error


def _alone(place: Var) -> Lock:
    place.make()
    lock = Lock(place.open(place.run / "up.lock", "r+"))
    if lock.try_exclusive():
        return lock
    lock.close()
    raise LocalProblem(f"Ukebrev runs already in {place.root}. Stop it first, or set UKEBREV_VAR to another directory.")


def _surroundings() -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_SETTINGS_MODULE": "mailer.settings"}


class _MortalProcess(Process):  # type: ignore[misc]  # honcho has no types
    """Honcho's watcher of one process, which would outlive a honcho that is killed, and keep its process."""

    def run(self, events: Any = None, ignore_signals: bool = False) -> None:
        die_with_parent(signal.SIGKILL)
        super().run(events, ignore_signals)


class _ToldAlone(ProcessManager):  # type: ignore[misc]
    """Tells a process alone to stop, which then ends its children in its own time.

    Honcho would tell its whole group: a worker's children would die at once, with messages on the wire.
    """

    def terminate(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


class _MortalManager(Manager):  # type: ignore[misc]
    """Honcho, with more patience: a worker that is told to stop may need ten seconds for the messages on the wire."""

    def __init__(self) -> None:
        super().__init__()
        self._process_ctor = _MortalProcess
        self._procmgr = _ToldAlone()

    def loop(self) -> None:
        """Run the processes. Honcho kills after a number of seconds that it keeps in its module, and asks for nowhere else."""
        before, honcho.manager.KILL_WAIT = honcho.manager.KILL_WAIT, _KILL_SECONDS
        try:
            super().loop()
        finally:
            honcho.manager.KILL_WAIT = before
