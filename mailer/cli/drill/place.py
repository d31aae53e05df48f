"""Where a drill happens: a folder, servers and settings of its own, so that it can touch neither the real list nor the real relay."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from mailer.cli.drill.log import Received, brake_of
from mailer.cli.drill.misdeeds import Temper
from mailer.local.paths import PACKAGE_PARENT
from mailer.local.problems import LocalProblem
from mailer.local.service import last_lines

# What a program needs of its surroundings. All else is left out: it could be a setting that names the real servers.
_KEPT = (
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "TZ",
)
# In seconds, the shortest that may be set: the drill's servers are away for less, and its dead workers are known to be dead at once.
LEASE_SECONDS = 10


@dataclass
class Place:
    """The folder of a drill, and what its relay received."""

    folder: Path
    received: Received
    keep: bool = False

    @property
    def environment(self) -> dict[str, str]:
        """For the processes of the drill."""
        return dict(os.environ)

    def brake(self, *, on: bool) -> None:
        """Let the relay answer nobody for now, or go on."""
        brake = brake_of(self.received.log)
        if on:
            brake.touch()
        else:
            brake.unlink(missing_ok=True)

    def log(self, name: str) -> Path:
        """Return the log of one of its processes."""
        return self.folder / f"{name}.log"


@contextlib.contextmanager
def own_place(temper: Temper) -> Iterator[Place]:
    """Run a relay, PostgreSQL and Redis in a folder that is gone afterwards, with settings of their own.

    The folder stays when the drill asks for it (`keep`). Raises LocalProblem when a server can't be started, or when this process has
    read its settings already: then it knows the real ones.
    """
    if settings.configured:
        raise LocalProblem(
            "A drill needs a process of its own, and this one has read its settings already. Nothing was done."
        )
    folder = Path(tempfile.mkdtemp(prefix="ukebrev-drill-"))
    folder.chmod(0o711)
    place = Place(folder, Received(folder / "relay.txt"))
    place.received.log.touch()
    before = dict(os.environ)
    try:
        with running_relay(place.received.log, place.log("relay"), temper) as port:
            _settle(folder, port)
            from mailer.cli.starting import house

            with house(queue=True):
                yield place
    finally:
        os.environ.clear()
        os.environ |= before
        if not place.keep:
            shutil.rmtree(folder, ignore_errors=True)


def _settle(folder: Path, port: int) -> None:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    os.environ.clear()
    os.environ |= kept | {
        "UKEBREV_VAR": str(folder / "var"),
        # What killed workers leave behind goes with the folder.
        "TMPDIR": str(folder),
        # More connections than the workers have: those of a killed one count for half a minute.
        "SMTP_URL": f"smtp://127.0.0.1:{port}?connections=500&name=drill",
        "MAIL_FROM": "drill@ukebrev.example",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "mailer.settings",
    }


@contextlib.contextmanager
def running_relay(received: Path, log: Path, temper: Temper) -> Iterator[int]:
    """Run the drill's relay until the block ends, with what it receives and its log in these files; give its port. Raises LocalProblem."""
    numbers = [str(number) for number in (temper.seed, temper.pace, temper.trouble)]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "mailer.cli.drill.sink", str(received), *numbers],
            cwd=PACKAGE_PARENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    try:
        word = process.stdout.readline() if process.stdout else ""
        if not word.strip().isdigit():
            raise LocalProblem(f"The drill's relay did not come up; its log ends with: {last_lines(log)}")
        yield int(word)
    finally:
        process.kill()
        process.communicate()
