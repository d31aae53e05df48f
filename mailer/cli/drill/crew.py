"""The drill's Celery workers: started, killed with `kill -9`, started again."""

from __future__ import annotations

import contextlib
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

from mailer.cli.drill.place import Place
from mailer.cli.starting import NotReadyError
from mailer.local.paths import PACKAGE_PARENT

_START_SECONDS = 120.0
_OPEN = {psutil.CONN_ESTABLISHED, psutil.CONN_CLOSE_WAIT}


@dataclass
class Worker:
    """A Celery worker with its children."""

    name: str
    process: subprocess.Popen[bytes]
    place: Place

    @property
    def is_running(self) -> bool:
        """Whether it is there."""
        return self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        """Whether it is there and takes tasks."""
        return self.is_running and b" ready." in self.place.log(self.name).read_bytes()


class Crew:
    """So many workers, each with so many processes that send."""

    def __init__(self, place: Place, *, workers: int, processes: int, relay_port: int) -> None:
        self._place = place
        self._wanted, self._processes, self._relay_port = workers, processes, relay_port
        self._workers: list[Worker] = []
        self._started = 0

    def fill_up(self) -> None:
        """Start workers in place of those that are gone."""
        self._workers = [worker for worker in self._workers if worker.is_running]
        while len(self._workers) < self._wanted:
            self._started += 1
            self._workers.append(self._start(f"worker-{self._started}"))

    def wait_until_ready(self) -> None:
        """Wait for all. Raises NotReadyError."""
        end = time.monotonic() + _START_SECONDS
        while not all(worker.is_ready for worker in self._workers):
            gone = [worker for worker in self._workers if not worker.is_running]
            if gone or time.monotonic() > end:
                self._place.keep = True
                raise NotReadyError(
                    f"A worker of the drill did not come up; its log is {self._place.log((gone or self._workers)[0].name)}."
                )
            time.sleep(0.05)

    @property
    def ready(self) -> list[Worker]:
        """Those that take tasks now."""
        return [worker for worker in self._workers if worker.is_ready]

    def kill(self, chance: random.Random) -> int | None:
        """`kill -9` one of the workers that are ready, with all its processes, or just one of those that send.

        Return how many connections to the relay were open at that moment; None when no worker was ready to be killed.
        """
        ready = self.ready
        if not ready:
            return None
        worker = chance.choice(ready)
        whole = psutil.Process(worker.process.pid)
        processes = [whole, *whole.children(recursive=True)]
        if chance.random() < _ONE_CHILD and len(processes) > 1:
            processes = [chance.choice(processes[1:])]
        # Stopped first: so that no connection is opened between the counting and the killing.
        for signal_number in (signal.SIGSTOP, signal.SIGKILL):
            if signal_number == signal.SIGKILL:
                open_ones = sum(self._connections(process) for process in processes)
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal_number)
        if processes[0].pid == worker.process.pid:
            worker.process.wait()
        return open_ones

    def _connections(self, process: psutil.Process) -> int:
        try:
            return sum(
                bool(each.raddr) and each.raddr.port == self._relay_port and each.status in _OPEN
                for each in process.net_connections(kind="tcp")
            )
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            # It is ending already, and who isn't root may no longer look into it: its connections are closed.
            return 0

    def stop(self) -> None:
        """Let all end in order, or make them."""
        for worker in self._workers:
            worker.process.terminate()
        end = time.monotonic() + 15
        for worker in self._workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.process.wait(timeout=max(end - time.monotonic(), 0.1))
            if worker.is_running:
                for child in psutil.Process(worker.process.pid).children(recursive=True):
                    child.kill()
                worker.process.kill()
                worker.process.wait()

    def _start(self, name: str) -> Worker:
        celery = [sys.executable, "-m", "celery", "-A", "mailer.celery", "worker", "--loglevel", "INFO"]
        options = [
            f"--concurrency={self._processes}",
            f"--hostname={name}@drill",
            "--without-gossip",
            "--without-mingle",
        ]
        with self._place.log(name).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "mailer.local.mortal", *celery, *options],
                cwd=PACKAGE_PARENT,
                env=self._place.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Worker(name, process, self._place)


# So many of the kills are of one process that sends, as the kernel does it when memory is short; then Celery starts another.
_ONE_CHILD = 0.3


@contextlib.contextmanager
def crew(place: Place, *, workers: int, processes: int) -> Iterator[Crew]:
    """Run workers until the block ends. Raises NotReadyError when they don't come up."""
    from mailer.sending.relays import configured_relay

    people = Crew(place, workers=workers, processes=processes, relay_port=configured_relay().port)
    try:
        people.fill_up()
        yield people
    finally:
        people.stop()
