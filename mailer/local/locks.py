"""Locks between the commands of one machine, by flock(2): the kernel drops them however a process ends.

That makes counting users trivial: everyone who uses a server holds a shared lock on one file, and the server's keeper
stops it when it gets the exclusive one. A process ended by `kill -9` doesn't count, and no pid is ever compared.
"""

import contextlib
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO

Opener = Callable[[Path, str], IO[str]]


class Lock:
    """A lock on a file; at most one of the three `hold` methods is called, and `close` gives it back.

    Forked children share the lock until they end or close it; started programs don't inherit it.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def hold_shared(self) -> None:
        """Waits until nobody holds it exclusively."""
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def try_shared(self) -> bool:
        """Returns whether it could be had together with others at once."""
        return self._try(fcntl.LOCK_SH)

    def try_exclusive(self) -> bool:
        """Returns whether it could be had alone at once."""
        return self._try(fcntl.LOCK_EX)

    def close(self) -> None:
        """Gives the lock back; closing and not unlocking, so that a forked child's close leaves its parent's lock."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def is_taken(path: Path) -> bool:
    """Returns whether some process holds the lock on the file exclusively."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    with os.fdopen(descriptor) as file:
        return not Lock(file).try_shared()
