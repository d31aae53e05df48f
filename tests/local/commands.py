"""Commands that use the embedded servers, as processes of their own, and what is left of them."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import redis

from mailer.local.paths import PACKAGE_PARENT, Var
from mailer.local.postgres import DATABASE, USER, Postgres
from mailer.local.redis_server import Redis

USE_UNTIL_TOLD = """
import sys
from mailer.local.services import services
with services(durable=False, **dict.fromkeys(sys.argv[1:], True)) as running:
    print("ready", *running.started, flush=True)
    sys.stdin.read()
"""

LAUNCH = """
import sys
from mailer.cli.starting import house
with house(queue=True, inbox=True):
    from mailer.cli.demo.story import SAMPLE, SAMPLE_WEEK
    from mailer.cli.drill.people import make_people
    from mailer.models.importing import import_issue
    from mailer.sending import launch, planning
    from subscribers.audiences import Audience
    make_people(int(sys.argv[1]))
    issue, sender = import_issue(SAMPLE, week=SAMPLE_WEEK).issue, planning.sender_named("")
    order = planning.Order(issue=issue, audience=Audience(), sender=sender, by="test")
    launch.launch(launch.create_campaign(order).pk, by="test")
"""


class Command:
    """A command that uses the named servers until `leave`."""

    def __init__(self, var: Var, *names: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USE_UNTIL_TOLD, *names],
            cwd=PACKAGE_PARENT,
            env={**os.environ, "UKEBREV_VAR": str(var.root), "DATABASE_URL": "", "REDIS_URL": "", "SMTP_URL": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def started(self) -> list[str]:
        """Waits until its servers answer; returns which of them it started."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        words = self.process.stdout.readline().split()
        assert words, self.process.stderr.read()
        return words[1:]

    def leave(self) -> None:
        self.process.communicate(timeout=30)
        assert self.process.returncode == 0


@contextlib.contextmanager
def using(var: Var, *names: str) -> Iterator[Command]:
    command = Command(var, *names)
    try:
        command.started()
        yield command
        command.leave()
    finally:
        command.process.kill()
        command.process.communicate()


def ask_postgres(var: Var, question: str) -> object:
    with psycopg.connect(host=str(Postgres(var).sockets), dbname=DATABASE, user=USER, autocommit=True) as connection:
        answer = connection.execute(question.encode())
        row = answer.fetchone() if answer.description else None
        return row[0] if row else None


def redis_client(var: Var) -> "redis.Redis":
    return redis.Redis(unix_socket_path=str(Redis(var).socket), decode_responses=True)


def postmaster(var: Var) -> int:
    return int((Postgres(var).data / "postmaster.pid").read_text().split()[0])


def keeper(var: Var, name: str) -> int:
    return int((var.run / f"{name}.keeper").read_text())


def processes_of(var: Var) -> list[str]:
    """Every process that works in the directory or was told of it, but not this one."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            known = [process.cwd(), *process.cmdline(), process.environ().get("UKEBREV_VAR", "")]
            if process.pid != os.getpid() and any(_inside(part, var.root) for part in known):
                found.append(" ".join(process.cmdline()))
    return found


def _inside(part: str, root: Path) -> bool:
    return str(root) in part or str(root.resolve()) in part


def eventually(holds: Callable[[], object], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "It did not come true in time."
        time.sleep(0.05)
