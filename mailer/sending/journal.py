"""The journal: what this process has handed to a relay, on disk before it happens, so that `kill -9` forgets nothing.

One file a process, mapped into its memory: what was copied there is the kernel's, and outlives us, without a system call for each message.
It is emptied when its outcomes are committed. Its weakness: it dies with the machine; then what was handed over since the last commit is
uncertain.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import re
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from django.conf import settings

from mailer.sending.wire import Reply

# The file grows by so much. Its room is claimed from the disk before it is used: to touch mapped memory for which there is no disk would
# end the process (SIGBUS), where an error can be told.
_ROOM = 1 << 20
# What stands in the room that is not used yet.
_NOTHING = b"\0"

_RECORD = re.compile(r"(H|R) (\d+) (\d+) (\S+)(?: (\w+) (\d{3}) (.*))?")


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal tells of one try of a delivery: it was handed to a relay and, if there is a reply, what the relay said."""

    delivery_id: int
    attempt: int
    relay: str
    reply: Reply | None = None


def journal_folder() -> Path:
    """Return where the workers of this machine keep their journals."""
    return Path(settings.VAR) / "journal"


class Journal:
    """The journal of one process. A lock on the file says that the process lives. Its threads may write at the same time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.name = f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(8)}.journal"
        # Named only when it is locked: until then it would look like a dead worker's, and be removed.
        unnamed = folder / f"{self.name}.new"
        self._file = os.open(unnamed, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._mapped = self._map(_ROOM)
        self._end = 0
        self._writing = threading.Lock()
        unnamed.rename(folder / self.name)
        self._counting = threading.Lock()
        self._users = 0
        self._has_failed = False

    def write(self, lines: str) -> None:
        """Add lines of `handed` and `answered`, in one piece. Raises OSError when there is no room for all of it."""
        octets = lines.encode("utf-8", "replace").replace(_NOTHING, b"?")
        with self._writing:
            start, end = self._end, self._end + len(octets)
            if end > len(self._mapped):
                self._mapped = self._map(end + _ROOM)
            self._mapped[start:end] = octets
            self._end = end

    def _map(self, size: int) -> mmap.mmap:
        os.posix_fallocate(self._file, 0, size)
        return mmap.mmap(self._file, size)

    def _forget(self) -> None:
        with self._writing:
            self._mapped[: self._end] = _NOTHING * self._end
            self._end = 0

    def deliveries(self) -> set[int]:
        """Return the ids of the deliveries that it names."""
        return deliveries_in(self._folder, self.name)

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Write within this block. When the last one that is open ends well, all is committed and on no wire: then all is forgotten.

        When one fails, nothing is forgotten any more: what could not be committed stays for whoever takes over.
        """
        with self._counting:
            self._users += 1
        try:
            yield
        except BaseException:
            self._has_failed = True
            raise
        finally:
            with self._counting:
                self._users -= 1
                if not self._users and not self._has_failed:
                    self._forget()


def handed(delivery_id: int, attempt: int, relay: str) -> str:
    """Return the line that a message goes onto the wire, to be written before it does. `relay` is a name as `one_word` gives it."""
    return f"H {delivery_id} {attempt} {relay}\n"


def answered(delivery_id: int, attempt: int, relay: str, reply: Reply) -> str:
    """Return the line that tells what the relay said. `relay` is a name as `one_word` gives it."""
    command, code, text, _ = reply
    return f"R {delivery_id} {attempt} {relay} {command} {code} {text}\n"


def one_word(relay: str) -> str:
    """Return a relay's name as it stands in a line: it may be the path of a socket, with blanks in it."""
    return quote(relay, safe="/:[]")


def is_here(name: str) -> bool:
    """Tell whether the journal of this name was kept on this machine, and is still there."""
    return bool(name) and (journal_folder() / name).is_file()


def journals_here() -> list[str]:
    """Return the names of the journals that are kept on this machine."""
    return [file.name for file in journal_folder().glob("*.journal")]


def read_journals(folder: Path) -> dict[tuple[int, int], Told]:
    """Return what all journals of this machine tell, by delivery and attempt. A line that was cut short tells nothing.

    Where several relays were asked in one try, that one of them accepted it comes first, then that one may have it.
    """
    by_relay: dict[tuple[int, int], dict[str, Told]] = {}
    for file in folder.glob("*.journal"):
        for entry in _entries(file):
            told = by_relay.setdefault((entry.delivery_id, entry.attempt), {})
            if entry.reply is not None or entry.relay not in told:
                told[entry.relay] = entry
    return {key: max(told.values(), key=_weight) for key, told in by_relay.items()}


def _weight(told: Told) -> int:
    if told.reply is None:
        return 1
    return 2 if told.reply.is_positive else 0


def _entries(file: Path) -> Iterator[Told]:
    try:
        text = file.read_bytes().decode("utf-8", "replace")
    except FileNotFoundError:
        return
    whole, _, _ = text.rpartition("\n")
    for line in whole.split("\n"):
        found = _RECORD.fullmatch(line)
        # Nothing in the midst of a line: its writer was killed while it was copied, or while it was being forgotten.
        if found is None or "\0" in line:
            continue
        reply = Reply(found[5], int(found[6]), found[7]) if found[1] == "R" and found[5] else None
        yield Told(int(found[2]), int(found[3]), unquote(found[4]), reply)


def dead_journals(folder: Path) -> list[str]:
    """Return the names of the journals whose process is gone."""
    return [file.name for file in folder.glob("*.journal") if _is_dead(file)]


def remove_journal(folder: Path, name: str) -> None:
    """Remove a journal that has nothing more to tell."""
    (folder / name).unlink(missing_ok=True)


def deliveries_in(folder: Path, name: str) -> set[int]:
    """Return the ids of the deliveries that a journal names."""
    return {entry.delivery_id for entry in _entries(folder / name)}


def _is_dead(file: Path) -> bool:
    try:
        descriptor = os.open(file, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
