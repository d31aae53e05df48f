"""An import that is killed in the middle leaves nothing half done, and is completed when it is run again."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection

from mailer.local.paths import PACKAGE_PARENT
from subscribers.importing import running
from subscribers.importing.faults import AlreadyRunningError
from subscribers.importing.options import Options
from subscribers.importing.sheets import Named
from subscribers.models import ConsentEvent, Import, ImportRow, Subscriber
from tests.factories import make_interests
from tests.services import worker_environment

PEOPLE = 30_000
_RUN = "import django; django.setup(); from subscribers.importing import running; running.run(int(__import__('sys').argv[1]))"


@pytest.fixture
def begun(transactional_db):
    make_interests()
    rows = "".join(f"reader{number}@example.no;studenter\n" for number in range(PEOPLE))
    source = Named(io.BytesIO(f"E-post;Interesser\n{rows}".encode()), "people.csv")
    return running.begin(source, Options(), basis="They asked for the letter at the fair.").pk


def start(number):
    environment = {**worker_environment(), "DJANGO_SETTINGS_MODULE": "mailer.settings"}
    return subprocess.Popen([sys.executable, "-c", _RUN, str(number)], cwd=PACKAGE_PARENT, env=environment)


@pytest.mark.parametrize("step", ["reading", "writing"])
def test_killed_in_the_middle_and_run_again_everybody_is_there_once(begun, step):
    process = start(begun)
    end = time.monotonic() + 60
    while Import.objects.get(pk=begun).step != step or (
        step == "reading" and not Import.objects.get(pk=begun).rows_done
    ):
        assert time.monotonic() < end
        assert process.poll() is None
    if step == "reading":
        with pytest.raises(AlreadyRunningError):
            running.run(begun)
        assert running.left_lying() == []
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    wait_for_the_server_to_notice(begun)
    assert Import.objects.get(pk=begun).status == "running"
    assert (Subscriber.objects.count(), ImportRow.objects.count()) == (0, 0)
    assert running.run(begun).outcomes == {"added": PEOPLE}
    assert Subscriber.objects.count() == ConsentEvent.objects.count() == ImportRow.objects.count() == PEOPLE
    assert Import.objects.get(pk=begun).status == "done"


def wait_for_the_server_to_notice(number):
    end = time.monotonic() + 60
    while running.left_lying() != [number]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_progress_is_seen_from_outside_while_nothing_of_the_import_is(begun):
    seen = []

    def watch(step, done, total):
        apart = connection.copy()
        with apart.cursor() as cursor:
            cursor.execute(
                "SELECT status, step, rows_done, (SELECT count(*) FROM subscribers_subscriber) FROM subscribers_import"
            )
            seen.append(cursor.fetchone())
        apart.close()

    running.run(begun, watch)
    assert ("running", "reading", 10_000, 0) in seen
    assert all(people == 0 for *_, people in seen)
