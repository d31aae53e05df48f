"""Many records of one model into its table by PostgreSQL's COPY: no statement is put together, quoted and parsed again.

Rows go as they come, so that PostgreSQL stores one while the next is made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import connection, models

if TYPE_CHECKING:
    from collections.abc import Callable

_MODIFIER = re.compile(r"\(\d+\)")
# Letters are long: LZ4 packs them in a third of the time that PostgreSQL's own way takes. Not every build knows it.
_PACK_FAST = """
    SELECT set_config('default_toast_compression', 'lz4', true) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""


@contextmanager
def copy_in(model: type[models.Model]) -> Iterator[Callable[[models.Model], None]]:
    """Give a function that adds a record, which gets its key from the database and isn't told it.

    In a transaction, whose other statements wait until the block is left. If the block raises, or the database refuses a row,
    the transaction can only be rolled back: django.db.DatabaseError in the latter case.
    """
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]  # noqa: SLF001  # Django's documented way
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(model._meta.db_table)  # noqa: SLF001  # the same
    with connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute(_PACK_FAST)
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types([_MODIFIER.sub("", str(field.db_type(connection))) for field in fields])
            yield lambda record: copy.write_row([_value(field, record) for field in fields])


def _value(field: models.Field[Any, Any], record: models.Model) -> Any:
    value = getattr(record, field.attname)
    return field.pre_save(record, add=True) if value is None else value
