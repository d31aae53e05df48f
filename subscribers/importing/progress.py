"""How far an import is, told outside its transaction, so that others see it while nothing of the import itself can be seen yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from django.db import connection

Watch = Callable[[str, int, int], None]


def nobody(step: str, done: int, total: int) -> None:
    """Watch nothing."""


class Progress:
    """Writes the progress of one import through a connection of its own, and tells whoever watches in this process."""

    def __init__(self, import_id: int, watch: Watch) -> None:
        self._import_id = import_id
        self._watch = watch
        self._apart = connection.copy()
        self._step = ""

    def step(self, name: str) -> None:
        """Tell that the next step begins: reading, comparing, writing."""
        self._step = name
        self._write("status = 'running', step = %s", name)

    def tell(self, done: int, total: int) -> None:
        """Tell how many rows are read, and how many there are."""
        self._watch(self._step, done, total)
        self._write("rows_done = %s, rows_total = %s", done, total)

    def close(self) -> None:
        """Give the connection back."""
        self._apart.close()

    def _write(self, assignments: str, *values: str | int) -> None:
        with self._apart.cursor() as cursor:
            # The assignments are ours, a few lines above.
            cursor.execute(
                f"UPDATE subscribers_import SET {assignments} WHERE id = %s",  # noqa: S608
                [*values, self._import_id],
            )


@contextlib.contextmanager
def told(import_id: int, watch: Watch) -> Iterator[Progress]:
    """Yield the progress of an import, until the block ends."""
    progress = Progress(import_id, watch)
    try:
        yield progress
    finally:
        progress.close()
