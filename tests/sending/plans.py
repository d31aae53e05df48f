"""How PostgreSQL would carry out a statement of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from mailer.sending.recording import _WITHOUT_COMPARING_EACH


def plan_of(statement: str, values: Mapping[str, Any]) -> str:
    """The plan where tables are too large to be read whole, which would be best for the small ones of a test."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_seqscan = off; {_WITHOUT_COMPARING_EACH}")
        cursor.execute(f"EXPLAIN {statement}", values)
        return "\n".join(line for (line,) in cursor.fetchall())
