"""Empties the tables after a test that committed.

Django's way, TRUNCATE of every table and then all that follows a migration, takes a tenth of a second after each test.
"""

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

# Filled by migrating, and changed by no test.
_KEPT = frozenset({"django_content_type", "auth_permission"})
# Deleted rows stay in a table's file and are read past, so a long one is better made anew.
_LONG_BYTES = 1_000_000


def empty_quickly() -> None:
    """Makes tests whose database is transactional end with this instead of Django's `flush`.

    To be called when the database is as migrating left it: what migrations filled in is there for every test, in
    whatever order they run.
    """
    tables = [model for model in apps.get_models() if model._meta.db_table not in _KEPT]
    filled = {model: [*model._base_manager.all()] for model in tables}

    def empty(_: TransactionTestCase) -> None:
        _empty()
        for model, rows in filled.items():
            model._base_manager.bulk_create(rows)

    setattr(TransactionTestCase, "_fixture_teardown", empty)  # noqa: B010  # mypy: it is a method


def _empty() -> None:
    """Leaves the tables as `flush` does; like it, waits for everyone who is still writing in one of them."""
    tables = sorted({*connection.introspection.django_table_names(only_existing=True, include_views=False)} - _KEPT)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(f"SELECT {', '.join(f'pg_table_size({name!r})' for name in tables)}")
        short = max(cursor.fetchone()) < _LONG_BYTES
        if short:
            _delete_all(cursor, tables)
    if not short:
        call_command("flush", verbosity=0, interactive=False, reset_sequences=False)


def _delete_all(cursor: CursorWrapper, tables: list[str]) -> None:
    cursor.execute(f"SELECT {', '.join(f'EXISTS (SELECT FROM {name})' for name in tables)}")
    used = [name for name, holds in zip(tables, cursor.fetchone(), strict=True) if holds]
    # No trigger runs as a replica: neither those that guard history nor those that look for rows that refer to others.
    cursor.execute("SET LOCAL session_replication_role = replica")
    for name in used:
        cursor.execute(f"DELETE FROM {name}")
