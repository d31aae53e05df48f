"""The bytes of a sheet, kept in the database in pieces, so that any worker can read it and nobody holds it whole in memory."""

from __future__ import annotations

import tempfile
from typing import BinaryIO

from django.db import connection

from subscribers.importing import limits
from subscribers.importing.faults import ImportingError, SheetError
from subscribers.models import SheetPiece

_PIECE = 1 << 20
_KEEP = "COPY subscribers_sheetpiece (of_id, number, content) FROM STDIN (FORMAT BINARY)"


def keep(file: BinaryIO, import_id: int) -> int:
    """Keep a file's bytes from where it stands. Return how many. Raises SheetError for a file that is empty or too big."""
    size = 0
    # Binary: as text each byte would be two, and twice as long on its way.
    with connection.cursor() as cursor, cursor.copy(_KEEP) as copy:
        copy.set_types(("int8", "int4", "bytea"))
        for number, content in enumerate(iter(lambda: file.read(_PIECE), b"")):
            size += len(content)
            if size > limits.MOST_BYTES:
                raise SheetError(f"The file has more than {limits.MOST_BYTES // 2**20} MB. Divide it.")
            copy.write_row((import_id, number, content))
    if not size:
        raise SheetError("The file is empty.")
    return size


def spool(import_id: int) -> BinaryIO:
    """Return the sheet as an open temporary file, for the caller to close. Raises ImportingError once retention took it."""
    numbers = list(SheetPiece.objects.filter(of_id=import_id).order_by("number").values_list("number", flat=True))
    if not numbers:
        raise ImportingError(f"The sheet of import {import_id} is not kept any more.")
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    contents = SheetPiece.objects.filter(of_id=import_id).values_list("content", flat=True)
    file.writelines(contents.get(number=number) for number in numbers)
    file.seek(0)
    return file
