"""What the benchmarks of sending stand on: servers of their own, a list of any length, a campaign, and real workers."""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mailer.models import Campaign

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
SAMPLE = ROOT / "tests" / "data" / "uke-45.txt"
_SECOND_HALF = "Ellers går tema rekruttering"


@contextlib.contextmanager
def bench_house() -> Iterator[Path]:
    """Run PostgreSQL and Redis in a folder that is gone afterwards, with settings of their own. Gives the folder."""
    with tempfile.TemporaryDirectory(prefix="ukebrev-bench-") as place:
        Path(place).chmod(0o711)
        for name in ("DATABASE_URL", "REDIS_URL", "SMTP_URL"):
            os.environ.pop(name, None)
        os.environ |= {"UKEBREV_VAR": str(Path(place) / "var"), "LOG_LEVEL": "WARNING"}
        from mailer.cli.starting import house

        with house(queue=True):
            yield Path(place)


def make_people(number: int) -> None:
    """Fill the list with so many people, in PostgreSQL itself: each follows none, some or all of the three interests."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE subscribers_subscriber CASCADE")
        cursor.execute(
            """
            INSERT INTO subscribers_subscriber (address, address_key, address_hash, name, language, status, status_changed_at,
                                                created_at, interest_ids, source, fields, flags)
            SELECT a, a, sha256(a::bytea), 'Kari Nordmann ' || n, 'nb', 'active', now(), now(), '{}', 'bench', '{}', '{}'
            FROM (SELECT n, 'reader' || n || '@' || (ARRAY['example.org', 'example.com', 'example.net'])[1 + n %% 3] AS a
                  FROM generate_series(1, %s) AS n) people
            """,
            [number],
        )
        cursor.execute(
            """
            INSERT INTO subscribers_subscription (subscriber_id, interest_id, since)
            SELECT s.id, i.id, now() FROM subscribers_subscriber s
            JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS bit FROM subscribers_interest) i ON (s.id >> i.bit::int) & 1 = 1
            """
        )
        cursor.execute("ANALYZE")


def campaign_of_uke_45() -> Campaign:
    """Return a new campaign of the sample to the whole list, not launched. Its letters have 57 to 80 kB."""
    return _campaign_of(SAMPLE)


def campaign_of_half_of_uke_45() -> Campaign:
    """Return the same of the sample's first stories, whose letters have about 45 kB, as many newsletters do."""
    half = Path(os.environ["UKEBREV_VAR"]) / "half-of-uke-45.txt"
    if not half.exists():
        text = SAMPLE.read_text(encoding="utf-8")
        half.write_text(text[: text.index(_SECOND_HALF)], encoding="utf-8")
    return _campaign_of(half)


def bytes_of_a_message(campaign: Campaign) -> int:
    """Return how many octets a message of a launched campaign has on the wire, on average over its variants."""
    from datetime import UTC, datetime

    from mailer.sending.message import Recipient, fill_mould, make_mould

    reader = Recipient(1_000_000, 1_000_000, "reader1000000@example.org", "Kari Nordmann 1000000")
    moulds = [make_mould(campaign, variant) for variant in campaign.variants.all()]
    return round(statistics.mean(fill_mould(mould, reader, now=datetime.now(UTC)).size for mould in moulds))


def _campaign_of(text: Path) -> Campaign:
    from mailer.models.importing import import_issue
    from mailer.sending import launch, planning
    from subscribers.audiences import Audience

    issue = import_issue(text, week="2021-W45").issue
    order = planning.Order(issue=issue, audience=Audience(), sender=planning.sender_named(""), by="bench", again=True)
    return launch.create_campaign(order)


@contextlib.contextmanager
def workers(folder: Path, smtp_url: str, **settings: str) -> Iterator[int]:
    """Run a Celery worker with two processes; give its process id."""
    log = folder / "worker.log"
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "mailer.celery",
        "worker",
        "--loglevel=INFO",
        f"--concurrency={WORKERS}",
    ]
    with log.open("wb") as output:
        worker = subprocess.Popen(
            [*command, "--without-gossip", "--without-mingle", "--without-heartbeat"],
            cwd=ROOT,
            env={**os.environ, **settings, "SMTP_URL": smtp_url, "LOG_LEVEL": "WARNING"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        while b" ready." not in log.read_bytes():
            if worker.poll() is not None:
                raise RuntimeError(f"The worker ended:\n{log.read_text()}")
            time.sleep(0.05)
        yield worker.pid
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait()


def seconds_until_sent(campaign: Any, *, limit: float = 600.0) -> float:
    """Wait until every outcome of a launched campaign is committed; return how long that took.

    When it ended stands in the campaign: to ask often enough to see it would take a twentieth of a processor from those who send.
    """
    from mailer.models import Campaign

    began = time.time()
    finished = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.SENT).values_list(
        "finished_at", flat=True
    )
    while (finished_at := finished.first()) is None:
        if time.time() - began > limit:
            raise RuntimeError(f"The campaign was not sent in {limit} s.")
        time.sleep(0.1)
    return finished_at.timestamp() - began
