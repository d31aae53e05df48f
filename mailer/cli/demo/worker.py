"""A Celery worker of the demo's own, which ends with it."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from mailer.cli.starting import NotReadyError
from mailer.local.paths import PACKAGE_PARENT, var
from mailer.sending.workers import any_worker

_START_TRIES = 40


@contextlib.contextmanager
def worker() -> Iterator[None]:
    """Run a worker until the block ends. Raises NotReadyError when it does not come up."""
    with var().open(var().logs / "demo-worker.log", "a") as log:
        process = subprocess.Popen(
            [
                *(
                    sys.executable,
                    "-m",
                    "mailer.local.mortal",
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "mailer.celery",
                    "worker",
                ),
                *("--loglevel", "WARNING", "--concurrency", "2", "--without-gossip", "--without-mingle"),
            ],
            cwd=PACKAGE_PARENT,
            stdin=subprocess.DEVNULL,
            stdout=log.fileno(),
            stderr=log.fileno(),
            # Ctrl-C in the terminal is for the demo, which then ends the worker in its own time.
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes]) -> None:
    for _ in range(_START_TRIES):
        if process.poll() is not None:
            break
        if any_worker(timeout=0.5):
            return
    raise NotReadyError(f"The Celery worker did not come up; its log is {var().logs / 'demo-worker.log'}.")
