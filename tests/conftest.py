"""Fixtures that start real servers, each at its first use and once a process: `make test` runs two, with servers of their own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from playwright.sync_api import Browser, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from mailer.local.paths import Var
from mailer.local.services import services
from mailer.sending.health import configured_health
from mailer.sending.pace import configured_pace
from mailer.sending.relays import configured_relays
from mailer.sending.shared import PREFIX
from tests.emptying import empty_quickly
from tests.services import celery_worker, check_var, temporary_var, use_var
from tests.smtp_sink import SmtpSink

_VAR = temporary_var()
_SINK = SmtpSink()
use_var(_VAR, _SINK.url)

# The files that take longest, first: side by side with others to the end, none is left over that one process does alone.
_LONG = (
    "chaos/test_chaos.py",
    "browser/test_looks.py",
    "promises/test_stopping_and_pausing.py",
    "rendering/test_accessible.py",
    "promises/test_servers_restart.py",
    "rendering/test_in_browser.py",
    "promises/test_exactly_one.py",
    "rendering/test_picture_files.py",
    "local/test_processes.py",
    "cli/test_issues.py",
)


def pytest_configure() -> None:
    # pytest-django sets Django up after this, and only when the settings have been read.
    assert settings.DATABASES


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Lets each process read the settings for a directory of its own: pytest-django would read them for this one's."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        turns = {str(Path(__file__).parent / name): turn for turn, name in enumerate(_LONG)}
        items.sort(key=lambda item: turns.get(str(item.path), len(turns)))


def pytest_unconfigure() -> None:
    shutil.rmtree(_VAR.root.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def local_var() -> Var:
    return _VAR


@pytest.fixture(scope="session")
def postgres_server(local_var: Var) -> Iterator[None]:
    check_var(local_var)
    with services(postgres=True, durable=False, var=local_var):
        yield


@pytest.fixture(scope="session")
def redis_server(local_var: Var) -> Iterator[None]:
    with services(redis=True, durable=False, var=local_var):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres_server: None) -> None:
    """pytest-django asks for this before it makes the test database."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        empty_quickly()


@pytest.fixture(scope="session")
def _running_sink() -> Iterator[SmtpSink]:
    with _SINK.running() as sink:
        yield sink


@pytest.fixture
def smtp_sink(_running_sink: SmtpSink, redis_server: None) -> SmtpSink:
    """The mail server that SMTP_URL names, empty and well-behaved at the start of each test, and believed to be so.

    No domain waits for what another test sent to it, or was told by it.
    """
    _running_sink.reset()
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        for key in [*server.scan_iter(f"{PREFIX}domain:*"), f"{PREFIX}slowed-domains"]:
            server.delete(key)
    configured_pace.cache_clear()
    for relay in configured_relays():
        configured_health().report_up(relay)
    return _running_sink


@pytest.fixture
def celery_worker_process(
    transactional_db: None, redis_server: None, smtp_sink: SmtpSink, local_var: Var
) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, for this test alone: a later one may want to do the work itself."""
    with celery_worker(local_var.logs / "worker.log") as worker:
        yield worker


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's chromium under playwright; tests that want it are skipped where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("No browser: install chromium (Debian: apt install chromium; macOS: brew install chromium).")
    # Playwright keeps an event loop in this thread, and Django would refuse to ask the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "yes"
    with sync_playwright() as playwright:
        # What its address bar would show is drawn for every window, seen or not, and costs more than most pages.
        spared = "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup"
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu", spared])
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A directory that every user may enter, unlike `tmp_path`, and whose path is short enough for sockets."""
    var = temporary_var()
    yield var.root.parent
    shutil.rmtree(var.root.parent, ignore_errors=True)


@pytest.fixture
def sign_up_is_open() -> None:
    """People can ask for the list: there are interests, and nobody has asked too often. For tests with a database."""
    # Models can be imported once the settings are there.
    from subscribers.limits import MemoryCounters, use
    from tests.factories import make_interests

    use(MemoryCounters())
    make_interests()
