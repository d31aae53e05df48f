"""The journal: what this process has handed to a relay, on disk before it happens, so that `kill -9` forgets nothing.

One file a process, appended to without buffering: what was written is the kernel's, and outlives us. It is emptied when its outcomes
are committed. Its weakness: it dies with the machine; then what was handed over since the last commit is uncertain.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mailer.sending.wire import Reply

_RECORD = re.compile(r"(H|R) (\d+) (\d+)(?: (\w+) (\d{3}) (.*))?")


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal tells of one try of a delivery: it was handed over and, if there is a reply, what the relay said."""

    delivery_id: int
    attempt: int
    reply: Reply | None = None


class Journal:
    """The journal of one process. A lock on the file says that the process lives."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}.journal"
        self._file = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def handed(self, delivery_id: int, attempt: int) -> None:
        """Write down, before it happens, that a message goes onto the wire."""
        os.write(self._file, f"H {delivery_id} {attempt}\n".encode())

    def answered(self, delivery_id: int, attempt: int, reply: Reply) -> None:
        """Write down what the relay said."""
        os.write(self._file, f"R {delivery_id} {attempt} {reply.command} {reply.code} {reply.text}\n".encode())

    def settled(self) -> None:
        """Forget everything: it is committed."""
        os.ftruncate(self._file, 0)


def read_journals(folder: Path) -> dict[tuple[int, int], Told]:
    """Return what all journals of this machine tell, by delivery and attempt. A line that was cut short tells nothing."""
    told: dict[tuple[int, int], Told] = {}
    for file in folder.glob("*.journal"):
        for entry in _entries(file):
            key = (entry.delivery_id, entry.attempt)
            if entry.reply is not None or key not in told:
                told[key] = entry
    return told


def _entries(file: Path) -> Iterator[Told]:
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return
    whole, _, _ = text.rpartition("\n")
    for line in whole.split("\n"):
        found = _RECORD.fullmatch(line)
        if found is None:
            continue
        reply = Reply(found[4], int(found[5]), found[6]) if found[1] == "R" else None
        yield Told(int(found[2]), int(found[3]), reply)


def remove_dead_journals(folder: Path) -> int:
    """Remove the journals that tell nothing any more and whose process is gone. Return how many."""
    removed = 0
    for file in folder.glob("*.journal"):
        if file.stat().st_size == 0 and _is_dead(file):
            file.unlink(missing_ok=True)
            removed += 1
    return removed


def _is_dead(file: Path) -> bool:
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
