"""The process that keeps one server of this machine: `python -m mailer.local.keeper NAME VAR [--not-durable]`.

It starts the server, starts it again when it falls, and stops it when no command uses it any more. It goes to the
background once it holds its lock, so the command that starts it has only to wait for the server's answer. A second
keeper for the same server ends at once.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from mailer.local.locks import Lock
from mailer.local.mortal import die_with_parent
from mailer.local.paths import Var
from mailer.local.problems import LocalProblem
from mailer.local.service import Service, last_lines
from mailer.local.services import KINDS

_LOOK_SECONDS = 0.1
# Whoever starts a server that can't run is to hear of it soon; one that has run before is needed, so it gets longer.
_GIVE_UP_SECONDS = 5.0
_GIVE_UP_AFTER_RUNNING_SECONDS = 120.0
_LOG_BYTES = 5_000_000


class Keeper:
    """Keeps `service` until no one holds the lock `users`, or until SIGTERM."""

    def __init__(self, service: Service, users: Lock) -> None:
        self._service = service
        self._users = users
        self._told_to_stop = False
        self._has_run = False
        # Since when each start has failed; None while the last start went well.
        self._failing_since: float | None = None

    def keep(self) -> None:
        """Raises LocalProblem when the server won't run."""
        signal.signal(signal.SIGTERM, self._stop_soon)
        server = self._start()
        while not self._told_to_stop and not self._users.try_exclusive():
            if server.poll() is None:
                self._look()
                time.sleep(_LOOK_SECONDS)
            else:
                self._let_it_rest()
                server = self._start()
        self._stop(server)

    def _stop_soon(self, *_: object) -> None:
        self._told_to_stop = True

    def _start(self) -> subprocess.Popen[bytes]:
        program = self._service.program()
        account = program.account
        self._failing_since = self._failing_since or time.monotonic()
        with _log(self._service) as log:
            return subprocess.Popen(
                program.arguments,
                cwd=program.directory,
                env=os.environ | program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log.fileno(),
                stderr=log.fileno(),
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=[] if account else None,
                start_new_session=True,
                # Safe: the keeper has one thread.
                preexec_fn=lambda: die_with_parent(self._service.stop_signals[0]),  # noqa: PLW1509
            )

    def _look(self) -> None:
        """Note a server that answers: however soon it falls after that, it could be started."""
        with contextlib.suppress(LocalProblem):
            if self._failing_since is not None and self._service.answers():
                self._failing_since = None
                self._has_run = True

    def _let_it_rest(self) -> None:
        patience = _GIVE_UP_AFTER_RUNNING_SECONDS if self._has_run else _GIVE_UP_SECONDS
        failing = 0.0 if self._failing_since is None else time.monotonic() - self._failing_since
        if failing > patience:
            last = last_lines(self._service.log)
            raise LocalProblem(f"{self._service.title} stops as soon as it is started; its log ends with: {last}")
        time.sleep(2 * _LOOK_SECONDS)

    def _stop(self, server: subprocess.Popen[bytes]) -> None:
        for stop in self._service.stop_signals:
            server.send_signal(stop)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=20)
                return


def main() -> None:
    """Takes the keeper's lock, goes to the background, keeps the server."""
    service = _asked_for()
    service.var.make()
    file = service.var.open(service.keeper, "r+")
    alone = Lock(file)
    if not alone.try_exclusive():
        return
    service.problem.unlink(missing_ok=True)
    users = Lock(service.var.open(service.users, "r+"))
    if os.fork():
        # The child shares the lock, so it stays held.
        os._exit(0)
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    try:
        _detached(Keeper(service, users).keep, service)
    except (LocalProblem, OSError) as problem:
        reason = problem if isinstance(problem, LocalProblem) else f"{service.title} cannot be started: {problem}."
        service.problem.write_text(f"{reason}\n", encoding="utf-8")
    finally:
        service.tidy()
    # At once, and with the locks: whoever waits for them waits until this process is gone as well.
    os._exit(0)


def _asked_for() -> Service:
    parser = argparse.ArgumentParser(prog="python -m mailer.local.keeper", description=__doc__)
    parser.add_argument("name", choices=sorted(KINDS))
    parser.add_argument("var", type=Path)
    parser.add_argument("--not-durable", action="store_true", help="for tests: data may be lost in a power cut")
    asked = parser.parse_args()
    return KINDS[asked.name](Var(asked.var), durable=not asked.not_durable)


def _detached(work: Callable[[], None], service: Service) -> None:
    # The command that started us waits until our standard output and error are closed.
    with _log(service) as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    work()


def _log(service: Service) -> IO[str]:
    with contextlib.suppress(OSError):
        if service.log.stat().st_size > _LOG_BYTES:
            service.log.replace(service.log.with_suffix(".log.1"))
    return service.var.open(service.log, "a")


if __name__ == "__main__":
    main()
