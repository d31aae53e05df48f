"""The account that PostgreSQL runs under: it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

NAME = "ukebrev"


def service_account(owner: int) -> pwd.struct_passwd | None:
    """Returns the account that a server for `owner`'s directory changes to, or None to stay who we are.

    Root serves another person's directory as that person. For root's own it takes the system user `ukebrev`, makes
    it when there is none, and falls back to `nobody` where that isn't possible.
    """
    if os.geteuid() != 0:
        return None
    if owner != 0:
        return pwd.getpwuid(owner)
    return _named(NAME) or _created() or pwd.getpwnam("nobody")


def reachable(path: Path, account: pwd.struct_passwd) -> bool:
    """Returns whether the account may enter every directory above `path`, and `path` itself, by owner or by mode."""
    for directory in (path, *path.parents):
        if not directory.is_dir():
            continue
        found = directory.stat()
        shift = 6 if found.st_uid == account.pw_uid else 3 if found.st_gid == account.pw_gid else 0
        if not found.st_mode >> shift & 1:
            return False
    return True


def _named(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _created() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    command = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--user-group", NAME]
    # When two commands make the account at once the second one fails, and finds it made.
    subprocess.run([*command, "--shell", "/usr/sbin/nologin"], check=False, capture_output=True)
    return _named(NAME)
