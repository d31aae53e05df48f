"""The real servers that tests run against: PostgreSQL, Redis, a Celery worker."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from mailer.local.paths import PACKAGE_PARENT, Var

SETTINGS = (
    *("DATABASE_URL", "REDIS_URL", "SMTP_URL", "SECRET_KEY", "SUPPRESSION_KEY", "DEBUG", "PORT", "SITE_URL"),
    *(
        "DOMAIN_LIMITS",
        "CONNECTIONS_PER_WORKER",
        "LEASE_SECONDS",
        "LEASE_GRACE_SECONDS",
        "RESUME_WITHIN_DAYS",
        "UNCERTAIN",
        "VERP",
        "CANARY_REFUSALS_PERCENT",
    ),
    *("DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY", "DKIM_ED25519_SELECTOR", "DKIM_ED25519_KEY"),
)


def temporary_var() -> Var:
    """Makes a var directory of its own, which PostgreSQL's account may enter when root runs the tests."""
    root = Path(tempfile.mkdtemp(prefix="ukebrev-test-"))
    root.chmod(0o711)
    return Var(root / "var")


def use_var(var: Var, smtp_url: str) -> None:
    """Points the settings at this directory, at this mail server, and at their defaults for the rest.

    They must not have been read yet: that is why pyproject.toml names no DJANGO_SETTINGS_MODULE, which pytest-django
    would read before any conftest.py.
    """
    for name in SETTINGS:
        os.environ.pop(name, None)
        os.environ.pop(f"{name}_FILE", None)
    os.environ |= {"UKEBREV_VAR": str(var.root), "SMTP_URL": smtp_url, "DJANGO_SETTINGS_MODULE": "mailer.settings"}


def check_var(var: Var) -> None:
    """Fails when the settings were read before `use_var`: tests must not touch the database of the checkout."""
    host = settings.DATABASES["default"]["HOST"]
    assert host == str(var.sockets("postgres")), "Take DJANGO_SETTINGS_MODULE out of pyproject.toml's pytest section."


def worker_environment() -> dict[str, str]:
    """What a process of its own needs to see the test's database, queue and mail server."""
    database = connection.settings_dict
    url = f"postgres://{database['USER']}@/{database['NAME']}?host={quote(database['HOST'], safe='')}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "SMTP_URL": settings.SMTP_URL,
        "SITE_URL": settings.SITE_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SUPPRESSION_KEY": settings.SUPPRESSION_KEY,
        "MAIL_FROM": settings.MAIL_FROM,
    }


@contextlib.contextmanager
def celery_worker(
    log: Path, *, concurrency: int = 2, environment: Mapping[str, str] | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """Runs a real worker on the test's database until the block ends; yields when it takes tasks."""
    command = [sys.executable, "-m", "celery", "-A", "mailer.celery", "worker", "--loglevel=INFO", "--without-mingle"]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [*command, f"--concurrency={concurrency}", "--without-gossip", f"--hostname=test{os.getpid()}@%h"],
            cwd=PACKAGE_PARENT,
            env={**worker_environment(), **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(worker, log)
        yield worker
    finally:
        worker.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=10)
        worker.kill()
        worker.wait()


def _wait_until_ready(worker: "subprocess.Popen[bytes]", log: Path, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while b" ready." not in log.read_bytes():
        assert worker.poll() is None, f"The worker ended:\n{log.read_text()}"
        assert time.monotonic() < end, f"The worker did not start:\n{log.read_text()}"
        time.sleep(0.05)
