"""Where the files of one machine lie: data, locks, logs, sockets.

Nothing here makes a directory except `make_private`, `Var.make` and `Var.open`, so that settings may ask for any path.
"""

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mailer.local.problems import LocalProblem

PACKAGE_PARENT = Path(__file__).resolve().parents[2]
# The name of a Unix socket has 108 bytes on Linux and 104 on macOS, the closing zero included; the longest of
# ours in a directory is "/.s.PGSQL.5432.lock" with 19.
_SOCKET_DIRECTORY_BYTES = 104 - 1 - 19
# Celery's broker address, PostgreSQL's list of directories and Redis' configuration each have quoting rules of
# their own; a path of these characters needs none of them.
_PLAIN = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True)
class Var:
    """The directory with everything that changes on this machine."""

    root: Path

    @property
    def run(self) -> Path:
        """Locks, ports and, where the path is short and plain, sockets."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log a server."""
        return self.root / "log"

    @property
    def inbox(self) -> Path:
        """The Maildirs of the local inbox."""
        return self.root / "inbox"

    @property
    def owner(self) -> int:
        """The user id that owns the directory, or ours as long as it doesn't exist."""
        try:
            return self.root.stat().st_uid
        except OSError:
            return os.geteuid()

    def sockets(self, service: str) -> Path:
        """The directory for a service's Unix socket: `run`, or a short one of its own in /tmp.

        Always /tmp where there is one, whatever TMPDIR says: two commands that start in different surroundings
        have to find the same socket. A system account, which serves root, could not write in root's `run`.
        """
        if (
            self.owner != 0
            and len(os.fsencode(self.run)) <= _SOCKET_DIRECTORY_BYTES
            and _PLAIN.fullmatch(str(self.run))
        ):
            return self.run
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        temporary = Path("/tmp")  # noqa: S108  # owner and mode are checked before it is used
        parent = temporary if temporary.is_dir() else Path(tempfile.gettempdir())
        return parent / f"ukebrev-{self.owner}-{digest}-{service}"

    def remove_sockets(self, service: str) -> None:
        """Removes a service's empty directory in /tmp, if it has one."""
        if self.sockets(service) != self.run:
            with contextlib.suppress(OSError):
                self.sockets(service).rmdir()

    def make(self) -> None:
        """Makes the directories that every service needs; raises LocalProblem when that isn't allowed."""
        try:
            for directory in (self.root, self.run, self.logs):
                if not directory.exists():
                    directory.mkdir(parents=True, exist_ok=True)
                    self._hand_over(directory)
            self.run.chmod(0o700)
        except OSError as error:
            raise LocalProblem(self._refused(error)) from error

    def open(self, path: Path, mode: str) -> IO[str]:
        """Opens a text file in one of the directories for its owner alone; raises LocalProblem when it may not be."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | (os.O_APPEND if "a" in mode else 0), 0o600)
        except OSError as error:
            raise LocalProblem(self._refused(error)) from error
        self._hand_over(path)
        return os.fdopen(descriptor, mode, encoding="utf-8")

    def _hand_over(self, path: Path) -> None:
        # What root makes in another person's directory is that person's, or their next command would fail.
        if os.geteuid() == 0 and self.owner != 0:
            os.chown(path, self.owner, self.root.stat().st_gid)

    def _refused(self, error: OSError) -> str:
        return (
            f"Cannot write in {self.root}: {error.strerror}. If it belongs to another user (often root, after sudo), "
            "run this as that user, or set UKEBREV_VAR to a directory of your own."
        )


def var() -> Var:
    """The directory UKEBREV_VAR, else `var` in a checkout, else the user's data directory."""
    named = os.environ.get("UKEBREV_VAR", "").strip()
    if named:
        return Var(Path(named).expanduser().absolute())
    if (PACKAGE_PARENT / "pyproject.toml").is_file():
        return Var(PACKAGE_PARENT / "var")
    data = os.environ.get("XDG_DATA_HOME", "").strip() or "~/.local/share"
    return Var(Path(data).expanduser() / "ukebrev")


def make_private(directory: Path, owner: int, group: int) -> None:
    """Makes a directory that only `owner` can enter, or checks the one that is there.

    /tmp is open to all: someone else could have made a directory by this name and wait for our passwords in it.

    Raises:
        LocalProblem: it is a link, belongs to someone else, or others may enter it.

    """
    try:
        with contextlib.suppress(FileExistsError):
            directory.mkdir(mode=0o700)
        check_private(directory, owner)
        if directory.lstat().st_uid != owner:
            os.chown(directory, owner, group)
    except OSError as error:
        raise LocalProblem(f"Cannot make the directory {directory} for sockets: {error.strerror}.") from error


def check_private(directory: Path, owner: int) -> None:
    """Raises LocalProblem unless the directory is absent, or a real one that only `owner` can enter (or root).

    Root's is as good: for a moment, one that root makes for another account is still root's.
    """
    try:
        found = directory.lstat()
    except OSError:
        return
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, 0} or found.st_mode & 0o077:
        raise LocalProblem(
            f"{directory} should be a directory that one of our servers made and only its owner can enter, but it "
            f"belongs to user id {found.st_uid} with mode {stat.filemode(found.st_mode)}. Remove it, or set "
            "UKEBREV_VAR to another directory."
        )
