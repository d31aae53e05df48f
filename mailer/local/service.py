"""A server that this machine keeps running as long as some command uses it.

A command holds a shared lock on `run/NAME.users`. A process of its own, the keeper (`keeper.py`), starts the server,
starts it again when it falls, and stops it when it is the only one left that wants the lock.
"""

import contextlib
import pwd
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from mailer.local.accounts import service_account
from mailer.local.locks import Lock, is_taken
from mailer.local.paths import PACKAGE_PARENT, Var
from mailer.local.problems import LocalProblem

# initdb takes half a second on a laptop and has been seen to take twenty on a busy machine with a slow disk.
_START_SECONDS = 90.0
_STOP_SECONDS = 45.0
# One may be lost to a keeper that was just ending; a keeper that falls each time has left its reason in the log.
_SPAWNS = 3


@dataclass(frozen=True)
class Program:
    """What a keeper starts: the arguments, where, and as whom (None: as itself)."""

    arguments: list[str]
    directory: Path
    account: pwd.struct_passwd | None = None
    environment: dict[str, str] = field(default_factory=dict)


class Service(ABC):
    """One kind of server in one var directory; `durable` is False for tests, which may lose data in a power cut.

    `name` is for files and arguments, `what` is the kind of server, and `title` begins sentences about this one.
    """

    name: str
    what: str
    title: str
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM, signal.SIGKILL)

    def __init__(self, var: Var, *, durable: bool = True) -> None:
        self.var = var
        self.durable = durable

    @abstractmethod
    def program(self) -> Program:
        """Puts everything in its place and says what to start; called in the keeper, before each start."""

    @abstractmethod
    def answers(self) -> bool:
        """Returns whether the server answers a question now; raises LocalProblem if a stranger might be answering."""

    def tidy(self) -> None:  # noqa: B027  # most have nothing to do, and needn't say so
        """Removes what a stopped server leaves outside the var directory; called in the keeper, at its end."""

    @property
    def users(self) -> Path:
        """The file that users hold shared locks on."""
        return self.var.run / f"{self.name}.users"

    @property
    def keeper(self) -> Path:
        """The file that the keeper, if there is one, holds an exclusive lock on; it holds its pid."""
        return self.var.run / f"{self.name}.keeper"

    @property
    def problem(self) -> Path:
        """The file where a keeper that gave up left its reason."""
        return self.var.run / f"{self.name}.problem"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.var.logs / f"{self.name}.log"

    def use(self) -> "Use":
        """Starts the server unless it runs, without waiting for it; raises LocalProblem if files can't be made."""
        self.var.make()
        return Use(self)


class Use:
    """One command's use of a service: it runs at least until `close`, or until this process ends."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._lock = Lock(service.var.open(service.users, "r+"))
        # Waits while a keeper stops the server: it holds the lock alone until that is done.
        self._lock.hold_shared()
        self.started = not is_taken(service.keeper)
        self._spawned = 0
        if self.started:
            self._spawn()

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Returns when the server answers.

        Raises:
            LocalProblem: the server can't be started, or doesn't answer in time.

        """
        service, end = self.service, time.monotonic() + seconds
        while not service.answers():
            if not is_taken(service.keeper) and not service.answers():
                self._spawn_again()
            if time.monotonic() > end:
                raise LocalProblem(f"{service.title} did not answer within {seconds:.0f} seconds; see {service.log}.")
            time.sleep(0.02)

    def close(self) -> None:
        """Ends this use and, if it was the last, returns when the server is gone."""
        self._lock.close()
        end = time.monotonic() + _STOP_SECONDS
        while is_taken(self.service.keeper) and time.monotonic() < end and not self._others_use():
            time.sleep(0.02)

    def _others_use(self) -> bool:
        probe = Lock(self.service.var.open(self.service.users, "r+"))
        try:
            # Nobody at all, or the keeper alone, who is stopping the server; else it is other users.
            return not probe.try_exclusive() and probe.try_shared()
        finally:
            probe.close()

    def _spawn_again(self) -> None:
        service = self.service
        if self._spawned and service.problem.exists():
            # Empty when the disk was too full even for the reason.
            reason = service.problem.read_text(encoding="utf-8").strip()
            raise LocalProblem(
                reason
                or f"{service.title} can't be started; its log {service.log} ends with: {last_lines(service.log)}"
            )
        if self._spawned >= _SPAWNS:
            raise LocalProblem(f"{service.title} cannot be started; see {service.log}.")
        self._spawn()

    def _spawn(self) -> None:
        self._spawned += 1
        service = self.service
        command = [sys.executable, "-m", "mailer.local.keeper", service.name, str(service.var.root)]
        # Another person's directory gets a keeper of that person, so that all its files are theirs.
        account = service_account(service.var.owner) if service.var.owner != 0 else None
        try:
            done = subprocess.run(
                command if service.durable else [*command, "--not-durable"],
                cwd=PACKAGE_PARENT,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                start_new_session=True,
                user=account and account.pw_uid,
                group=account and account.pw_gid,
                extra_groups=[] if account else None,
            )
        except OSError as error:
            whom = f" as {account.pw_name}, who owns {service.var.root}" if account else ""
            raise LocalProblem(f"{service.title} cannot be started{whom}: {error}.") from error
        if done.returncode:
            raise LocalProblem(f"{service.title} cannot be started: {(done.stderr.strip() or '?').splitlines()[-1]}")


def last_lines(log: Path) -> str:
    """Returns the end of a log on one line, for a sentence about what went wrong."""
    with contextlib.suppress(OSError), log.open(encoding="utf-8", errors="replace") as file:
        lines = [line.strip() for line in deque(file, maxlen=3)]
        if any(lines):
            return " / ".join(line for line in lines if line)
    return "nothing, which may mean that the disk is full"
