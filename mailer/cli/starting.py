"""What a command needs before it can ask anything: the servers, Django, and tables in the database."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


class NotReadyError(Exception):
    """The service can't be used yet. The message is a sentence for people that tells what to do."""


@contextlib.contextmanager
def house(*, queue: bool = False, inbox: bool = False) -> Iterator[None]:
    """Run the embedded servers that are needed, set Django up, and bring an embedded database's tables up to date.

    A database that a setting names is never changed by the way: there, missing tables are an error that names the command.
    Raises LocalProblem, EnvironmentProblem or NotReadyError.
    """
    from mailer.local.services import services

    with services(postgres=True, redis=queue, inbox=inbox) as running:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mailer.settings")
        import django
        from django.db import connections
        from django.utils import translation

        django.setup()
        # The command line speaks English, whatever the readers do.
        translation.activate("en")
        try:
            bring_up_to_date(is_ours="postgres" in running.embedded)
            yield
        finally:
            connections.close_all()


def bring_up_to_date(*, is_ours: bool) -> None:
    """Migrate the database if it is our own to change. Raises NotReadyError if it is not, and needs it."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if not is_ours:
        raise NotReadyError("The database has not all its tables yet. Run `ukebrev migrate` once, then try again.")
    with connection.cursor() as cursor:
        # Two commands may find the tables missing at the same time; the second waits, and then finds nothing to do.
        cursor.execute("SELECT pg_advisory_lock(hashtext('ukebrev.migrate'))")
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('ukebrev.migrate'))")


def probe_relay() -> None:
    """Raise NotReadyError, with a sentence for people, if no relay would take our mail now."""
    from django.conf import settings

    from mailer.checks import relay_problem

    problem = relay_problem()
    if problem and "inbox" not in settings.EMBEDDED:
        raise NotReadyError(problem)
    if problem:
        raise NotReadyError(
            "Nobody takes mail here yet: SMTP_URL names no relay, and the local inbox is not running. Start `make run`, then try again."
        )
